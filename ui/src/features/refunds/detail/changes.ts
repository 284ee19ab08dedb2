import type { RefundRow } from "../../../ipc/bindings";
import { formatYuan } from "../../../lib/money";
import { t } from "../../../lib/texts";
import { decisionWord, moneyWord } from "../words";

/** Something that is not as the person saw it. */
export type Change = { name: string; before: string; now: string };

/** What matters for the decision and is another than when the person looked. */
export function changesOf(before: RefundRow, now: RefundRow): Change[] {
  const none = t("window.refunds.none");
  const yuan = (fen: number | null) => (fen === null ? none : formatYuan(fen));
  const compared: [name: string, before: string, now: string][] = [
    ["decision", decisionWord(before), decisionWord(now)],
    ["money", moneyWord(before) ?? none, moneyWord(now) ?? none],
    ["requested", yuan(before.requestedFen), yuan(now.requestedFen)],
    ["amount", yuan(before.amountFen), yuan(now.amountFen)],
    ["refundable", yuan(before.refundableFen), yuan(now.refundableFen)],
    ["reason", before.reason ?? none, now.reason ?? none],
    ["terminal", before.terminal ?? none, now.terminal ?? none],
  ];
  return (
    compared
      .filter(([, was, is]) => was !== is)
      // What is asked and what would go back are one number as long as nobody chose another.
      .filter(
        ([name, , is], _, all) =>
          name !== "amount" || !all.some(([other, , same]) => other === "requested" && same === is),
      )
      .map(([name, was, is]) => ({ name: t(`window.refunds.change.${name}`), before: was, now: is }))
  );
}
