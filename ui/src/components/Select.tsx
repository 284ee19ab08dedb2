import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./cx";
import { Field, type FieldProps, inputLook } from "./Field";
import { itemLook, popupLook } from "./Menu";

export type SelectOption<Value extends string> = {
  value: Value;
  label: string;
  detail?: ReactNode;
  disabled?: boolean;
};

export type SelectProps<Value extends string> = Omit<FieldProps, "children"> & {
  value: Value;
  onChange: (value: Value) => void;
  options: readonly SelectOption<Value>[];
  disabled?: boolean;
};

/** One of several, of which only the chosen one is in sight. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, labelHidden, hint, error, className, value, onChange, options, disabled } = props;
  return (
    <Field label={label} labelHidden={labelHidden} hint={hint} error={error} className={className}>
      <Base.Root
        items={options.map(({ value, label }) => ({ value, label }))}
        value={value}
        onValueChange={(next) => next !== null && onChange(next as Value)}
        disabled={disabled}
        modal={false}
      >
        <Base.Trigger className={cx(inputLook, "flex h-10 items-center justify-between gap-2 text-left")}>
          <Base.Value className="truncate" />
          <Base.Icon className="text-ink-faint">
            <ChevronsUpDown size={16} aria-hidden="true" />
          </Base.Icon>
        </Base.Trigger>
        <Base.Portal>
          <Base.Positioner sideOffset={4} collisionPadding={8} alignItemWithTrigger={false} className="z-50">
            <Base.Popup className={cx(popupLook, "min-w-(--anchor-width)")}>
              {options.map((option) => (
                <Base.Item key={option.value} value={option.value} disabled={option.disabled} className={itemLook}>
                  <span className="w-4 text-accent-text">
                    <Base.ItemIndicator>
                      <Check size={16} aria-hidden="true" />
                    </Base.ItemIndicator>
                  </span>
                  <span className="flex min-w-0 flex-1 flex-col">
                    <Base.ItemText>{option.label}</Base.ItemText>
                    {option.detail && <span className="text-xs text-ink-faint">{option.detail}</span>}
                  </span>
                </Base.Item>
              ))}
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
    </Field>
  );
}
