import { TextField } from "../../components";
import { parseYuan, typedFen } from "../../lib/money";
import { t } from "../../lib/texts";

/** A limit as it is typed: nothing is no limit, and zero is one. */
export type TypedLimit = { fen: number | null } | "unreadable";

/** Reads a limit. */
export function readLimit(typed: string): TypedLimit {
  const amount = parseYuan(typed);
  switch (amount.kind) {
    case "empty":
      return { fen: null };
    case "fen":
      return { fen: amount.fen };
    case "not_positive":
      // Less than nothing is no limit; nothing at all is the strictest.
      return /[-－−]/.test(typed) ? "unreadable" : { fen: 0 };
    case "unreadable":
    case "too_much":
      return "unreadable";
  }
}

/** A limit for its field. */
export const typedLimit = (fen: number | null): string => (fen === null ? "" : typedFen(fen));

export type LimitFieldProps = {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  disabled?: boolean;
};

/** A field for a limit in yuan, which may be left empty. */
export function LimitField({ label, hint, value, onChange, disabled }: LimitFieldProps) {
  return (
    <TextField
      label={label}
      hint={hint}
      value={value}
      onChange={onChange}
      before="¥"
      inputMode="decimal"
      placeholder={t("window.staff.unlimited")}
      disabled={disabled}
      error={readLimit(value) === "unreadable" ? t("window.refunds.amount.unreadable") : null}
    />
  );
}
