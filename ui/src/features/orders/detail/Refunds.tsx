import { Badge, FaultNotice, Money, Time, type Tone } from "../../../components";
import type { RefundRow } from "../../../ipc/bindings";
import { t, wordOf } from "../../../lib/texts";
import { Part } from "./parts";

const tones: Record<RefundRow["group"], Tone> = {
  to_decide: "accent",
  on_the_way: "warn",
  trouble: "danger",
  done: "plain",
};

/** What was or is paid back. "Approved" and "arrived" are two things, so both are shown. */
export function Refunds({ refunds }: { refunds: RefundRow[] }) {
  return (
    <Part title={t("window.orders.refunds")}>
      <ul className="flex flex-col gap-3">
        {refunds.map((refund) => (
          <li key={refund.key}>
            <div className="flex flex-wrap items-center gap-2">
              <Money fen={refund.amountFen} className="font-semibold" />
              {refund.state !== null && (
                <Badge tone={tones[refund.group]}>{wordOf("state.refund", refund.state)}</Badge>
              )}
              {refund.payout !== "none" && (
                <Badge tone={refund.payout === "succeeded" ? "calm" : "plain"}>
                  {wordOf("state.payout", refund.payout)}
                </Badge>
              )}
              <Time
                ms={refund.arrivedAtMs ?? refund.acceptedAtMs ?? refund.requestedAtMs}
                className="ml-auto text-xs text-ink-faint"
              />
            </div>
            {refund.reason !== null && <p className="selectable mt-0.5 break-words text-ink-soft">{refund.reason}</p>}
            {refund.outRefundNo !== null && (
              <p className="selectable mt-0.5 tabular text-xs break-all text-ink-faint">{refund.outRefundNo}</p>
            )}
            {refund.fault && <FaultNotice fault={refund.fault} className="mt-2" />}
          </li>
        ))}
      </ul>
    </Part>
  );
}
