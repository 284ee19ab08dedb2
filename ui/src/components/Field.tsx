import { Field as Base } from "@base-ui/react/field";
import type { InputHTMLAttributes, ReactNode, Ref } from "react";
import { cx } from "./cx";

export const inputLook =
  "w-full rounded-md border border-line-strong bg-surface px-3 text-ink data-invalid:border-danger disabled:opacity-60";

export type FieldProps = {
  label: ReactNode;
  /** Only for screen readers: what the field is can be seen from what stands in it. */
  labelHidden?: boolean;
  /** What to write, in grey below. */
  hint?: ReactNode;
  /** What is wrong, in red below; it also marks the control as invalid. */
  error?: ReactNode;
  children: ReactNode;
  className?: string;
};

/** A label, a control, a hint and an error that belong together, for people and for screen readers. */
export function Field({ label, labelHidden, hint, error, children, className }: FieldProps) {
  return (
    <Base.Root invalid={Boolean(error)} className={cx("flex flex-col gap-1.5", className)}>
      <Base.Label className={labelHidden ? "sr-only" : "text-sm font-medium text-ink"}>{label}</Base.Label>
      {children}
      {hint && <Base.Description className="text-xs text-ink-faint">{hint}</Base.Description>}
      {error && (
        <Base.Error match className="text-xs text-danger-text">
          {error}
        </Base.Error>
      )}
    </Base.Root>
  );
}

export type TextFieldProps = Omit<FieldProps, "children"> & {
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "password" | "url" | "search";
  placeholder?: string;
  inputMode?: InputHTMLAttributes<HTMLInputElement>["inputMode"];
  /** Stands in front inside the box, e.g. ¥. */
  before?: ReactNode;
  /** Stands behind inside the box, e.g. a button. */
  after?: ReactNode;
  /** More than one row makes it a text area. */
  rows?: number;
  disabled?: boolean;
  required?: boolean;
  autoFocus?: boolean;
  maxLength?: number;
  name?: string;
  mono?: boolean;
  ref?: Ref<HTMLInputElement>;
  className?: string;
};

/** One line of text, or several with `rows`. */
export function TextField(props: TextFieldProps) {
  const { label, labelHidden, hint, error, className, value, onChange, before, after, rows, mono, ref, ...input } =
    props;
  const look = cx(inputLook, mono && "font-mono text-sm");
  return (
    <Field label={label} labelHidden={labelHidden} hint={hint} error={error} className={className}>
      <span className="relative flex items-center">
        {before && <span className="pointer-events-none absolute left-3 text-ink-faint">{before}</span>}
        {rows && rows > 1 ? (
          <Base.Control
            {...input}
            value={value}
            onValueChange={onChange}
            spellCheck={false}
            autoComplete="off"
            render={<textarea rows={rows} />}
            className={cx(look, "thin-scroll resize-y py-2")}
          />
        ) : (
          <Base.Control
            {...input}
            ref={ref}
            value={value}
            onValueChange={onChange}
            spellCheck={false}
            autoComplete="off"
            className={cx(look, "h-10", Boolean(before) && "pl-8", Boolean(after) && "pr-11")}
          />
        )}
        {after && <span className="absolute right-0.5 flex items-center">{after}</span>}
      </span>
    </Field>
  );
}
