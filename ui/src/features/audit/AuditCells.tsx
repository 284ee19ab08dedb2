import { memo } from "react";
import { Cell, cx } from "../../components";
import type { AuditEntry } from "../../ipc/bindings";
import { t } from "../../lib/texts";
import { formatClockSeconds, formatDay } from "../../lib/time";
import { inALine, isAlarming, kindWord, type NameOf } from "./words";

/** In px: as high as a row of orders. */
export const ROW_HEIGHT = 56;

/** The same for the head and the rows: when, what, about what, who. */
export const rowColumns =
  "grid grid-cols-[4.5rem_minmax(0,1fr)_minmax(0,7rem)] gap-x-3 px-3 @2xl:grid-cols-[4.5rem_minmax(0,1fr)_minmax(0,9rem)_minmax(0,8rem)] @3xl:px-4";

export type AuditCellsProps = {
  row: AuditEntry;
  selected: boolean;
  nameOf: NameOf;
  /** The day on which it is drawn, so that yesterday's words are drawn anew. */
  today: number;
};

/** The cells of one row. Rows never change, so that each is drawn once. */
export const AuditCells = memo(function AuditCells({ row, selected, nameOf }: AuditCellsProps) {
  const { atMs, who, terminal, orderNumber, orderId, outRefundNo } = row;
  const about = orderNumber ?? orderId;
  return (
    <>
      <Cell className="self-center">
        <span className="tabular block text-ink-soft">{formatClockSeconds(atMs)}</span>
        <span className="tabular block text-xs text-ink-faint">{formatDay(atMs)}</span>
      </Cell>
      <Cell className="min-w-0 self-center">
        <span
          className={cx(
            "block truncate",
            selected ? "font-semibold" : "font-medium",
            isAlarming(row) ? "text-danger-text" : "text-ink",
          )}
        >
          {kindWord(row.kind)}
        </span>
        <span className="block truncate text-xs text-ink-faint">{inALine(row, nameOf)}</span>
      </Cell>
      <Cell className="hidden min-w-0 self-center @2xl:block">
        <span className="tabular block truncate text-ink-soft">{about}</span>
        {outRefundNo !== null && (
          <span className="block truncate font-mono text-xs text-ink-faint" title={outRefundNo}>
            {outRefundNo}
          </span>
        )}
      </Cell>
      <Cell className="min-w-0 self-center text-right">
        <span className={cx("block truncate", who === null ? "text-ink-faint" : "text-ink")}>
          {who === null ? t("window.audit.nobody") : (nameOf(who) ?? who)}
        </span>
        <span className="block truncate text-xs text-ink-faint" title={terminal}>
          {terminal}
        </span>
      </Cell>
    </>
  );
});
