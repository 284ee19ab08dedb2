import { MessageSquareText, Printer, PrinterCheck, PrinterX } from "lucide-react";
import { memo, type ReactNode } from "react";
import { Cell, cx, Money, Skeleton } from "../../components";
import type { OrderSummary } from "../../ipc/bindings";
import { t } from "../../lib/texts";
import { formatClock, formatDay, partsOf } from "../../lib/time";
import { FulfilmentBadge, MoneyBadge, PickupCode, RefundBadge, refundWord } from "./words";

/** In px. Two lines of text, and a target for a finger. */
export const ROW_HEIGHT = 60;

/** The same for the head and the rows: when, what, pickup code, state, amount. The code gives way in a narrow list. */
export const rowColumns =
  "grid grid-cols-[3.75rem_minmax(0,1fr)_8rem_5.5rem] items-center gap-x-3 px-3 @2xl:grid-cols-[4.5rem_minmax(0,1fr)_5rem_12.5rem_6.5rem] @2xl:px-4";

const printed: Record<OrderSummary["printed"], ReactNode> = {
  no: null,
  queued: <Printer size={14} aria-hidden="true" />,
  printed: <PrinterCheck size={14} aria-hidden="true" />,
  trouble: <PrinterX size={14} className="text-danger-text" aria-hidden="true" />,
};

export type OrderRowProps = {
  order: OrderSummary | undefined;
  selected: boolean;
  /** The number of the shop's day: a row of yesterday says so after midnight. */
  today: number;
};

/** The cells of one order. Drawn again only when the order itself changed. */
export const OrderRow = memo(function OrderRow({ order, selected, today }: OrderRowProps) {
  if (order === undefined) {
    return <PendingRow />;
  }
  const gone = order.fulfilment === "cancelled" || order.fulfilment === "closed";
  return (
    <>
      <Cell className="relative pl-3">
        {order.unseen && (
          <span className="absolute top-1.5 left-0 size-2 rounded-full bg-accent">
            <span className="sr-only">{t("window.orders.unseen")}</span>
          </span>
        )}
        <span className={cx("tabular block", order.unseen ? "font-semibold text-ink" : "text-ink-soft")}>
          {formatClock(order.placedAtMs)}
        </span>
        <span className="tabular block text-xs text-ink-faint">
          {partsOf(order.placedAtMs).dayNumber !== today && formatDay(order.placedAtMs)}
        </span>
      </Cell>
      <Cell className="min-w-0">
        <span
          className={cx(
            "block truncate",
            order.unseen || selected ? "font-semibold" : "font-medium",
            gone ? "text-ink-faint line-through" : "text-ink",
          )}
          title={order.goods}
        >
          {order.goods}
        </span>
        <span className="flex min-w-0 items-center gap-2 overflow-hidden text-xs text-ink-faint">
          {order.pickupCode !== null && (
            <span className="tabular shrink-0 font-semibold text-ink @2xl:hidden">{order.pickupCode}</span>
          )}
          {/* Where there is room for one of them only, the code is what the customer calls out. */}
          <span className={cx("tabular shrink-0", order.pickupCode !== null && "hidden @lg:block")}>
            {order.number}
          </span>
          {order.buyer !== null && (
            <span className="hidden max-w-32 min-w-10 shrink truncate @lg:block">{order.buyer}</span>
          )}
          {order.note !== null && (
            <span className="flex min-w-4 items-center gap-1 text-warn-text" title={order.note}>
              <MessageSquareText size={14} className="shrink-0" role="img" aria-label={t("window.orders.note")} />
              <span className="truncate">{order.note}</span>
            </span>
          )}
        </span>
      </Cell>
      <Cell className="hidden min-w-0 @2xl:block">
        {order.pickupCode !== null && <PickupCode code={order.pickupCode} />}
      </Cell>
      <Cell className="flex flex-col items-start gap-0.5">
        <span className="flex gap-1">
          {/* Two words have no room in a narrow list, and the one about money comes first. */}
          <span className={refundWord(order) === null ? "flex" : "hidden @2xl:flex"}>
            <FulfilmentBadge order={order} />
          </span>
          <RefundBadge order={order} />
        </span>
        <MoneyBadge order={order} />
      </Cell>
      <Cell className="flex flex-col items-end">
        <Money fen={order.totalFen} className={cx("font-semibold", gone ? "text-ink-faint" : "text-ink")} />
        <span className="flex h-4 items-center gap-1.5 text-xs text-ink-faint">
          {order.refundedFen > 0 && <Money fen={-order.refundedFen} className="text-warn-text" />}
          {order.printed !== "no" && (
            <span
              role="img"
              aria-label={t(`window.orders.printed.${order.printed}`)}
              title={t(`window.orders.printed.${order.printed}`)}
            >
              {printed[order.printed]}
            </span>
          )}
        </span>
      </Cell>
    </>
  );
});

function PendingRow() {
  return (
    <>
      <Cell className="pl-3">
        <Skeleton className="w-10" />
      </Cell>
      <Cell>
        <Skeleton className="w-2/3" />
      </Cell>
      <Cell className="hidden @2xl:block" />
      <Cell>
        <Skeleton className="w-16" />
      </Cell>
      <Cell className="flex justify-end">
        <Skeleton className="w-14" />
      </Cell>
    </>
  );
}
