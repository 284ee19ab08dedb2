import { Field as Base } from "@base-ui/react/field";
import type { ReactNode, Ref } from "react";
import { cx } from "./cx";
import { Field, type FieldProps, inputLook } from "./Field";

export type LooseFieldProps = Omit<FieldProps, "children"> & {
  /** Under which a form's data hold what was typed. */
  name: string;
  type?: "text" | "url" | "password";
  placeholder?: string;
  inputMode?: "numeric";
  /** More than one row makes it a text area. */
  rows?: number;
  /** Stands behind the box, e.g. a button that chooses a file. */
  after?: ReactNode;
  disabled?: boolean;
  /** Only where nothing else could be meant by a key. */
  autoFocus?: boolean;
  ref?: Ref<HTMLInputElement>;
};

/**
 * A field whose value stands in the page's form and nowhere else: no state of ours, and so no tool that looks into it,
 * ever holds a key or a passphrase. The form reads it when it is sent.
 */
export function LooseField(props: LooseFieldProps) {
  const {
    label,
    hint,
    error,
    className,
    name,
    type = "text",
    placeholder,
    inputMode,
    rows,
    after,
    disabled,
    autoFocus,
    ref,
  } = props;
  const plain = {
    name,
    placeholder,
    inputMode,
    disabled,
    autoFocus,
    spellCheck: false,
    // Browsers keep "off" from being obeyed for passwords; this they obey.
    autoComplete: type === "password" ? "new-password" : "off",
    autoCapitalize: "off",
  };
  return (
    <Field label={label} hint={hint} error={error} className={className}>
      <span className="flex items-center gap-2">
        {rows && rows > 1 ? (
          <Base.Control
            {...plain}
            render={<textarea rows={rows} />}
            className={cx(inputLook, "thin-scroll resize-y py-2 font-mono text-sm")}
          />
        ) : (
          <Base.Control {...plain} ref={ref} type={type} className={cx(inputLook, "h-10 min-w-0 flex-1")} />
        )}
        {after}
      </span>
    </Field>
  );
}
