import { memo } from "react";
import { Cell, cx, Money } from "../../components";
import { VerifiedBadge } from "../../console/VerifiedBadge";
import type { RefundRow } from "../../ipc/bindings";
import { t } from "../../lib/texts";
import { formatClock, formatDay } from "../../lib/time";
import { TwoFacts } from "./words";

/** In px: as high as a row of orders. */
export const ROW_HEIGHT = 60;

/** The same for the head and the rows: when, what, both states, amount. */
export const rowColumns =
  "grid grid-cols-[3.75rem_minmax(0,1fr)_minmax(7.5rem,auto)_5.5rem] gap-x-3 px-3 @xl:grid-cols-[4rem_minmax(0,1fr)_minmax(8rem,auto)_6.5rem] @3xl:px-4";

/** Answers of WeChat's that somebody should see before deciding. */
const doubtful = new Set(["mismatch", "not_paid", "unavailable"]);

export type RefundCellsProps = {
  row: RefundRow;
  selected: boolean;
  /** The day on which it is drawn, so that yesterday's words are drawn anew. */
  today: number;
};

/** The cells of one refund. Drawn again only when the refund itself changed. */
export const RefundCells = memo(function RefundCells({ row, selected }: RefundCellsProps) {
  const facts = [row.orderNumber, row.buyer].filter((fact) => fact !== null);
  return (
    <>
      <Cell className="self-center">
        {row.requestedAtMs !== null && (
          <>
            <span className="tabular block text-ink-soft">{formatClock(row.requestedAtMs)}</span>
            <span className="tabular block text-xs text-ink-faint">{formatDay(row.requestedAtMs)}</span>
          </>
        )}
      </Cell>
      <Cell className="min-w-0 self-center">
        <span
          className={cx("block truncate text-ink", selected ? "font-semibold" : "font-medium")}
          title={row.goods ?? undefined}
        >
          {row.goods ?? t("window.refunds.order_unknown")}
        </span>
        <span className="flex min-w-0 gap-2 text-xs text-ink-faint">
          {facts.map((fact, place) => (
            <span key={fact} className={place === 0 ? "tabular shrink-0" : "max-w-28 shrink truncate"}>
              {fact}
            </span>
          ))}
          {row.reason !== null && <span className="min-w-4 flex-1 truncate">{row.reason}</span>}
        </span>
      </Cell>
      <Cell className="flex flex-col items-start justify-center gap-0.5">
        <TwoFacts row={row} />
        {row.payout === "none" && doubtful.has(row.verified ?? "") && <VerifiedBadge verified={row.verified ?? ""} />}
      </Cell>
      <Cell className="self-center text-right">
        <Money fen={row.amountFen} className="font-semibold text-ink" />
        {row.paidFen !== null && row.paidFen !== row.amountFen && (
          <span className="block truncate text-xs text-ink-faint">
            {t("window.refunds.of")} <Money fen={row.paidFen} />
          </span>
        )}
      </Cell>
    </>
  );
});
