import { Badge, type Tone } from "../../components";
import { VerifiedBadge } from "../../console/VerifiedBadge";
import type { OrderSummary } from "../../ipc/bindings";
import { t, wordOf } from "../../lib/texts";

const fulfilmentTones: Record<string, Tone> = {
  unpaid: "plain",
  paid: "accent",
  partially_shipped: "accent",
  shipped: "plain",
  completed: "plain",
  cancelled: "plain",
  closed: "plain",
};

/** Where the goods are. */
export function FulfilmentBadge({ order }: { order: OrderSummary }) {
  const key =
    order.kind === "pickup" && order.fulfilment === "paid"
      ? "window.orders.to_hand_out"
      : `state.fulfilment.${order.fulfilment}`;
  return <Badge tone={fulfilmentTones[order.fulfilment] ?? "plain"}>{t(key)}</Badge>;
}

/** Whether WeChat confirms the money. Where nobody says that an order is paid, only WeChat's "paid" is news. */
export function MoneyBadge({ order }: { order: OrderSummary }) {
  const claimed = order.payment !== "unpaid" && order.payment !== "failed";
  return claimed || order.verified === "verified" ? <VerifiedBadge verified={order.verified} /> : null;
}

/** What happened to the money after it came in; null while it simply is there. */
export function refundWord(order: OrderSummary): string | null {
  if (order.refunding) {
    return t("window.orders.refunding");
  }
  const back = order.payment === "refunded" || order.payment === "partially_refunded";
  return back ? wordOf("state.payment", order.payment) : null;
}

/** That word, as far as there is one. */
export function RefundBadge({ order }: { order: OrderSummary }) {
  const word = refundWord(order);
  return word === null ? null : <Badge tone={order.refunding ? "warn" : "plain"}>{word}</Badge>;
}

/** The code that a customer shows to be handed the goods. */
export function PickupCode({ code }: { code: string }) {
  return (
    <span className="tabular inline-block max-w-full truncate rounded-md border border-line bg-surface px-1.5 py-0.5 text-sm font-semibold text-ink">
      {code}
    </span>
  );
}
