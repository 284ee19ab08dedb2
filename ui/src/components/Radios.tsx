import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import type { ReactNode } from "react";
import { cx } from "./cx";

export type RadioOption<Value extends string> = {
  value: Value;
  label: ReactNode;
  detail?: ReactNode;
  disabled?: boolean;
};

export type RadiosProps<Value extends string> = {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly RadioOption<Value>[];
  /** `list`: below each other, on as many lines as there are. */
  shape?: "row" | "list";
};

/** One of a few, all in sight, each with what it means. */
export function Radios<Value extends string>({ label, value, onChange, options, shape = "row" }: RadiosProps<Value>) {
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as Value)}
      className={shape === "row" ? "flex flex-wrap gap-2" : "flex flex-col gap-2"}
    >
      {options.map((option) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: the control is the radio inside
        <label
          key={option.value}
          className={cx(
            "flex min-h-11 items-center gap-3 rounded-md border px-3 py-2",
            shape === "row" && "min-w-36 flex-1",
            option.value === value ? "border-accent bg-accent-soft" : "border-line bg-surface hover:bg-sunken",
            option.disabled && "opacity-50",
          )}
        >
          <Radio.Root
            value={option.value}
            disabled={option.disabled}
            className="flex size-5 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface data-checked:border-accent data-checked:bg-accent"
          >
            <Radio.Indicator className="size-2 rounded-full bg-accent-ink" />
          </Radio.Root>
          <span className="min-w-0">
            <span className="block text-sm font-medium text-ink">{option.label}</span>
            {option.detail && <span className="block text-xs text-ink-soft">{option.detail}</span>}
          </span>
        </label>
      ))}
    </RadioGroup>
  );
}
