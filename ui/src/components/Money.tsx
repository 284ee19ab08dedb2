import { formatFen } from "../lib/money";
import { cx } from "./cx";

export type MoneyProps = {
  /** Integer fen; negative for what went out. */
  fen: number;
  /** With the sign ¥ in front (default). */
  sign?: boolean;
  className?: string;
};

/** An amount whose digits stand below each other in a column. */
export function Money({ fen, sign = true, className }: MoneyProps) {
  const text = formatFen(Math.abs(fen));
  return (
    <span className={cx("tabular whitespace-nowrap", className)}>
      {fen < 0 && "−"}
      {sign && "¥"}
      {text}
    </span>
  );
}
