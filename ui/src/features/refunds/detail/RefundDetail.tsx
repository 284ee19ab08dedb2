import { Check, Copy, ExternalLink, X } from "lucide-react";
import { type Ref, useEffect, useState } from "react";
import { Button, cx, Fact, Facts, FaultNotice, IconButton, Money, Part, Time } from "../../../components";
import { copyText } from "../../../console/copy";
import { openOrder } from "../../../console/navigation";
import { Refusal } from "../../../console/Refusal";
import { useShop } from "../../../console/shop";
import { VerifiedBadge } from "../../../console/VerifiedBadge";
import type { RefundRow } from "../../../ipc/bindings";
import { formatYuan } from "../../../lib/money";
import { t, wordOf } from "../../../lib/texts";
import { formatRelative } from "../../../lib/time";
import { type Decision, useDecision } from "../decisions";
import { TwoFacts } from "../words";
import { type Change, changesOf } from "./changes";
import { Decide, type DecideHandle } from "./Decide";
import { Progress } from "./Progress";

/** So little time before the shop's last moment to decide is worth a warning. */
const SOON_MS = 60 * 60_000;

export type RefundDetailProps = { row: RefundRow; onClose: () => void; decide: Ref<DecideHandle> };

/** Everything about one refund, and what can be decided about it. */
export function RefundDetail({ row, onClose, decide }: RefundDetailProps) {
  const shop = useShop();
  const decision = useDecision(shop, row);
  const look = useLook(row, decision);
  return (
    <div className="@container flex h-full min-h-0 flex-col bg-surface">
      <header className="flex shrink-0 items-start gap-2 px-4 pt-3 pb-2">
        <div className="min-w-0 flex-1">
          <h2 className="selectable flex min-h-10 items-center text-lg leading-6 font-semibold break-words text-ink">
            {row.goods ?? t("window.refunds.order_unknown")}
          </h2>
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Money fen={row.amountFen} className="text-xl font-semibold text-ink" />
            <TwoFacts row={row} />
          </div>
        </div>
        <IconButton label={t("window.common.close")} onClick={onClose} aria-keyshortcuts="Escape">
          <X size={20} aria-hidden="true" />
        </IconButton>
      </header>
      <div className="flex shrink-0 flex-col gap-3 px-4 pb-3 empty:hidden">
        {/* What goes on by itself is said calmly: a red box would make people pay back twice. */}
        {row.fault && <FaultNotice fault={row.fault} tone={row.group === "on_the_way" ? "warn" : "danger"} />}
        {decision.fault && <Refusal shop={shop} fault={decision.fault} onHandOver={() => void decision.byAnother()} />}
        {look.wanted && <News changes={look.changes} onSeen={look.onSeen} />}
        <Decide row={row} decision={decision} unseen={look.wanted} ref={decide} />
      </div>
      <div className="thin-scroll min-h-0 flex-1 overflow-y-auto">
        <Progress row={row} />
        <Request row={row} />
        <Order row={row} />
        <Buyer row={row} />
        <Numbers row={row} />
      </div>
    </div>
  );
}

/**
 * Whether the refund changed under the eyes of whoever was about to decide. Then nothing can be decided before they have
 * looked: the second click of a double click must not fall on another amount than the first.
 */
function useLook(row: RefundRow, { fault, forget }: Decision) {
  const [seen, setSeen] = useState(row);
  const changes = isOpen(row) && isOpen(seen) ? changesOf(seen, row) : [];
  if (seen !== row && changes.length === 0) {
    setSeen(row);
  }
  return {
    wanted: isOpen(row) && (changes.length > 0 || fault?.code === "refund_stale"),
    changes,
    onSeen: () => {
      setSeen(row);
      forget();
    },
  };
}

const isOpen = ({ canApprove, canRefuse, canAgreeReturn }: RefundRow) => canApprove || canRefuse || canAgreeReturn;

/** What is another than when the person looked, and the button that says that they have looked again. */
function News({ changes, onSeen }: { changes: readonly Change[]; onSeen: () => void }) {
  return (
    <div role="status" className="flex items-start gap-3 rounded-md bg-warn-soft p-3 text-warn-text">
      <div className="min-w-0 flex-1">
        <p className="font-medium">{t("window.refunds.changed")}</p>
        {changes.length === 0 ? (
          <p>{t("window.refunds.changed_elsewhere")}</p>
        ) : (
          <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
            {changes.map(({ name, before, now }) => (
              <div key={name} className="contents">
                <dt>{name}</dt>
                <dd className="selectable min-w-0 break-words">
                  <span className="line-through">{before}</span> → <span className="font-semibold">{now}</span>
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      <Button size="small" onClick={onSeen}>
        {t("window.refunds.seen")}
      </Button>
    </div>
  );
}

function Request({ row }: { row: RefundRow }) {
  const { reason, kind, requestedBy, requestedFen, requestedAtMs, decision } = row;
  return (
    <Part title={t("window.refunds.request")}>
      {reason === null ? (
        <p className="text-ink-faint">{t("window.refunds.no_reason")}</p>
      ) : (
        <p className="selectable break-words whitespace-pre-wrap text-ink">{reason}</p>
      )}
      <div className="mt-3">
        <Facts>
          {requestedFen !== null && (
            <Fact name={t("window.refunds.requested")} strong>
              <Money fen={requestedFen} />
            </Fact>
          )}
          {decision !== null && decision.amountFen !== requestedFen && (
            <Fact name={t("window.refunds.decided")} strong>
              <Money fen={decision.amountFen} />
              {decision.reason !== null && ` · ${decision.reason}`}
            </Fact>
          )}
          {kind !== null && <Fact name={t("window.refunds.kind.label")}>{wordOf("window.refunds.kind", kind)}</Fact>}
          {requestedBy !== null && (
            <Fact name={t("window.refunds.by.label")}>{wordOf("window.refunds.by", requestedBy)}</Fact>
          )}
          {requestedAtMs !== null && (
            <Fact name={t("window.refunds.requested_at")}>
              <Time ms={requestedAtMs} />
            </Fact>
          )}
          <Deadline row={row} />
        </Facts>
      </div>
    </Part>
  );
}

function Deadline({ row: { deadlineAtMs, group } }: { row: RefundRow }) {
  if (deadlineAtMs === null || group !== "to_decide") {
    return null;
  }
  const soon = deadlineAtMs - Date.now() < SOON_MS;
  return (
    <Fact name={t("window.refunds.deadline")} strong={soon}>
      <Time ms={deadlineAtMs} />
      <span className={cx("ml-2", soon ? "text-danger-text" : "text-ink-faint")}>{formatRelative(deadlineAtMs)}</span>
    </Fact>
  );
}

function Order({ row }: { row: RefundRow }) {
  const { orderId, orderNumber, paidFen, refundableFen, maxFen, requestedFen, verified, group } = row;
  const limited = group === "to_decide" && maxFen !== requestedFen && maxFen !== refundableFen;
  return (
    <Part
      title={t("window.refunds.order")}
      aside={
        <Button size="small" icon={<ExternalLink size={14} aria-hidden="true" />} onClick={() => openOrder(orderId)}>
          {t("window.refunds.open_order")}
        </Button>
      }
    >
      <Facts>
        <Fact name={t("receipt.number")}>
          <span className="tabular">{orderNumber ?? t("window.refunds.order_unknown")}</span>
        </Fact>
        {paidFen !== null && (
          <Fact name={t("receipt.paid")}>
            <Money fen={paidFen} />
          </Fact>
        )}
        {refundableFen !== null && (
          <Fact name={t("window.refunds.refundable")} strong>
            <Money fen={refundableFen} />
          </Fact>
        )}
        {maxFen !== null && limited && (
          <Fact name={t("window.refunds.most")}>
            <Money fen={maxFen} />
          </Fact>
        )}
        {verified !== null && (
          <Fact name={t("window.refunds.checked")}>
            {verified === "not_applicable" ? t("state.verified.not_applicable") : <VerifiedBadge verified={verified} />}
          </Fact>
        )}
      </Facts>
    </Part>
  );
}

function Buyer({ row: { buyer, history } }: { row: RefundRow }) {
  return (
    <Part title={t("window.refunds.buyer")}>
      <p className="selectable font-medium break-words text-ink">{buyer ?? t("window.refunds.nameless")}</p>
      {history !== null && (
        <p className="mt-1 text-ink-soft">
          {history.refunds === 0
            ? t("window.refunds.history_none", { orders: history.orders })
            : t("window.refunds.history", {
                orders: history.orders,
                refunds: history.refunds,
                amount: formatYuan(history.refundedFen),
              })}
        </p>
      )}
    </Part>
  );
}

function Numbers({ row: { outTradeNo, outRefundNo, refundId } }: { row: RefundRow }) {
  if (outTradeNo === null && outRefundNo === null && refundId === null) {
    return null;
  }
  return (
    <Part title={t("window.refunds.numbers")}>
      <Facts>
        {outTradeNo !== null && <NumberFact name={t("receipt.out_trade_no")} number={outTradeNo} />}
        {outRefundNo !== null && <NumberFact name={t("receipt.refund.out_refund_no")} number={outRefundNo} />}
        {refundId !== null && <NumberFact name={t("receipt.refund.refund_id")} number={refundId} />}
      </Facts>
    </Part>
  );
}

/** A number that one looks for at WeChat, where it has to be right to the last digit. */
function NumberFact({ name, number }: { name: string; number: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return;
    }
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Fact name={name}>
      <span className="flex items-start gap-1">
        <span className="min-w-0 flex-1 font-mono text-xs leading-5 break-all">{number}</span>
        <IconButton
          label={t(copied ? "window.frame.copied" : "window.frame.copy")}
          size="small"
          className="-my-1.5"
          onClick={() => void copyText(number).then(setCopied)}
        >
          {copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
        </IconButton>
      </span>
    </Fact>
  );
}
