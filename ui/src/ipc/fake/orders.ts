import type {
  Difference,
  OrderDetail,
  OrderGroup,
  OrderLine,
  OrderQuery,
  OrderSummary,
  Paper,
  RefundRow,
} from "../bindings";
import { Chance } from "./chance";
import { addresses, buyers, type Good, goods, longBuyer, longGood, notes } from "./stock";

const MINUTE = 60_000;
export const MCH_ID = "1900000109";
export const APP_ID = "wx8888888888888888";

/** Orders that stand at the top of every list, so that each state can be found. By their place from the newest. */
export const TOLD = { mismatch: 1, unverified: 3, longTexts: 4, refunding: 5, notPaid: 7 } as const;

export type FakeOrder = { summary: OrderSummary; lines: OrderLine[] };

/** The orders of a shop, newest first. */
export function makeOrders(count: number, seed: number, nowMs: number): FakeOrder[] {
  const orders: FakeOrder[] = [];
  let placedAtMs = nowMs - 2 * MINUTE;
  for (let index = 0; index < count; index += 1) {
    const chance = new Chance(seed * 1_000_003 + count - index);
    orders.push(makeOrder(chance, index, count - index, placedAtMs));
    placedAtMs -= (1 + chance.below(11)) * MINUTE + chance.below(60_000);
  }
  return orders;
}

function makeOrder(chance: Chance, index: number, serial: number, placedAtMs: number): FakeOrder {
  const long = index === TOLD.longTexts;
  const lines = makeLines(chance, long);
  const totalFen = lines.reduce((sum, line) => sum + line.totalFen, 0);
  const kind = chance.one(["pickup", "pickup", "pickup", "same_city", "express"]);
  const state = stateOf(chance, index);
  const day = new Date(placedAtMs + 8 * 60 * MINUTE).toISOString();
  const paid = state.fulfilment !== "unpaid" && state.payment !== "unpaid";
  return {
    lines,
    summary: {
      id: `o-${String(serial).padStart(6, "0")}`,
      number: `${day.slice(5, 7)}${day.slice(8, 10)}-${String(serial).padStart(4, "0")}`,
      revision: 1000 + serial,
      placedAtMs,
      paidAtMs: paid ? placedAtMs + (10 + chance.below(50)) * 1000 : null,
      goods: lines.map((line) => (line.quantity > 1 ? `${line.title} ×${line.quantity}` : line.title)).join("、"),
      pieces: lines.reduce((sum, line) => sum + line.quantity, 0),
      totalFen,
      kind,
      pickupCode: kind === "pickup" ? `${chance.one(["A", "B", "C"])}${String(serial % 1000).padStart(3, "0")}` : null,
      buyer: long ? longBuyer : chance.one(buyers),
      note: long ? (notes[4] ?? null) : chance.percent(22) ? chance.one(notes) : null,
      unseen: index < 3 || index === TOLD.notPaid,
      method: chance.percent(96) ? "wechat" : chance.one(["balance", "offline"]),
      ...state,
      refundedFen: state.payment === "refunded" ? totalFen : state.payment === "partially_refunded" ? 500 : 0,
    },
  };
}

function makeLines(chance: Chance, long: boolean): OrderLine[] {
  const chosen: Good[] = long ? [longGood, chance.one(goods), chance.one(goods)] : [chance.one(goods)];
  while (!long && chosen.length < 4 && chance.percent(40)) {
    chosen.push(chance.one(goods));
  }
  return chosen.map((good, place) => {
    const quantity = chance.percent(25) ? 2 + chance.below(2) : 1;
    return {
      id: `l-${place + 1}`,
      title: good.title,
      spec: chance.one(good.specs),
      sku: `SKU-${String(good.priceFen).padStart(5, "0")}`,
      quantity,
      unitPriceFen: good.priceFen,
      totalFen: good.priceFen * quantity,
      refundedQuantity: null,
      note: chance.percent(6) ? "不要打包袋" : null,
    };
  });
}

type State = Pick<OrderSummary, "fulfilment" | "payment" | "verified" | "refunding" | "printed">;

function stateOf(chance: Chance, index: number): State {
  const state: State = {
    fulfilment: "paid",
    payment: "paid",
    verified: "verified",
    refunding: false,
    printed: "printed",
  };
  switch (index) {
    case TOLD.mismatch:
      return { ...state, verified: "mismatch", printed: "no" };
    case TOLD.notPaid:
      return { ...state, verified: "not_paid", printed: "no" };
    case TOLD.unverified:
      return { ...state, verified: "pending", printed: "no" };
    case TOLD.refunding:
      return { ...state, refunding: true };
    case TOLD.longTexts:
      return state;
  }
  if (index < 12) {
    return { ...state, printed: chance.one(["printed", "printed", "queued", "trouble"]) };
  }
  const die = chance.below(100);
  if (die < 5) {
    return { ...state, fulfilment: "unpaid", payment: "unpaid", verified: "pending", printed: "no" };
  }
  if (die < 9) {
    return { ...state, fulfilment: "cancelled", payment: "unpaid", verified: "pending", printed: "no" };
  }
  if (die < 12) {
    return { ...state, fulfilment: "closed", payment: "refunded" };
  }
  if (die < 15) {
    return { ...state, fulfilment: "completed", payment: "partially_refunded" };
  }
  if (die < 17) {
    return { ...state, refunding: true };
  }
  return { ...state, fulfilment: index < 60 ? chance.one(["paid", "shipped", "completed"]) : "completed" };
}

const GROUPS: Record<OrderGroup, (order: OrderSummary) => boolean> = {
  all: () => true,
  unpaid: (order) => order.fulfilment === "unpaid",
  to_fulfil: (order) => order.fulfilment === "paid" || order.fulfilment === "partially_shipped",
  refunding: (order) => order.refunding,
  attention: (order) => order.verified === "mismatch" || order.verified === "not_paid" || order.printed === "trouble",
  done: (order) => order.fulfilment === "completed" || order.fulfilment === "shipped",
  cancelled: (order) => order.fulfilment === "cancelled" || order.fulfilment === "closed",
};

/** The orders that a query finds, in the list's order. */
export function ordersFor(orders: readonly FakeOrder[], query: OrderQuery): FakeOrder[] {
  const words = query.search.trim().toLowerCase();
  return orders.filter(({ summary }) => GROUPS[query.group](summary) && (words === "" || contains(summary, words)));
}

/** Every group, in the order of the chips. */
export const orderGroups = Object.keys(GROUPS) as OrderGroup[];

function contains(order: OrderSummary, words: string): boolean {
  return [order.number, order.goods, order.buyer, order.note, order.pickupCode].some((text) =>
    text?.toLowerCase().includes(words),
  );
}

/** Everything about one order. */
export function detailOf({ summary, lines }: FakeOrder, refunds: RefundRow[], papers: Paper[]): OrderDetail {
  const serial = Number(summary.id.slice(2));
  const chance = new Chance(serial);
  const outTradeNo = `ZG${summary.number.replace("-", "")}${String(serial).padStart(6, "0")}`;
  const transactionId = `42000${chance.digits(23)}`;
  const paid = summary.payment !== "unpaid";
  const mismatch = summary.verified === "mismatch";
  const word = {
    totalFen: summary.totalFen,
    outTradeNo,
    transactionId,
    mchId: MCH_ID,
    appId: APP_ID,
    paidAtMs: summary.paidAtMs,
  };
  const wechatFen = mismatch ? summary.totalFen - 1000 : summary.totalFen;
  const differences: Difference[] = mismatch
    ? [{ field: "total_fee", expected: yuan(summary.totalFen), found: yuan(wechatFen) }]
    : [];
  const discountFen = lines.length > 2 ? 300 : 0;
  const address = summary.kind === "pickup" ? null : chance.one(addresses);
  return {
    summary,
    lines,
    amounts: {
      goodsFen: summary.totalFen + discountFen,
      freightFen: 0,
      discounts: discountFen > 0 ? [{ label: "满三件减 3 元", amountFen: discountFen }] : [],
      totalFen: summary.totalFen,
      refundedFen: summary.refundedFen,
      refundableFen: paid && summary.verified === "verified" ? summary.totalFen - summary.refundedFen : 0,
      addUp: true,
    },
    receiver: address,
    pickup:
      summary.kind === "pickup"
        ? { code: summary.pickupCode, store: "衡山路店", fromMs: summary.placedAtMs + 15 * MINUTE, toMs: null }
        : null,
    merchantNote: null,
    hold: null,
    backend: { version: 3, paymentState: summary.payment, ...word, paidAtMs: summary.paidAtMs },
    wechat:
      summary.verified === "verified" || mismatch
        ? { tradeState: "SUCCESS", ...word, totalFen: wechatFen }
        : summary.verified === "not_paid"
          ? { tradeState: "NOTPAY", ...word, transactionId: null, paidAtMs: null }
          : null,
    differences,
    verifiedAtMs: summary.verified === "verified" ? (summary.paidAtMs ?? summary.placedAtMs) + 1200 : null,
    askAtMs: summary.verified === "pending" && paid ? summary.placedAtMs + MINUTE : null,
    askFault:
      summary.verified === "pending" && paid
        ? { code: "wechat_unreachable", parameters: {}, retry: "now", reference: "" }
        : null,
    refunds,
    timeline: timelineOf(summary),
    papers,
    refundRefusal: refusalOf(summary),
  };
}

function refusalOf(order: OrderSummary) {
  const code =
    order.method !== "wechat"
      ? "payment_not_wechat"
      : order.verified === "not_paid"
        ? "payment_not_paid"
        : order.verified === "verified"
          ? null
          : "payment_unverified";
  return code === null ? null : { code, parameters: {}, retry: "never" as const, reference: "" };
}

function timelineOf(order: OrderSummary) {
  const moments: OrderDetail["timeline"] = [{ atMs: order.placedAtMs, kind: "seen", note: null, actor: null }];
  const add = (afterMs: number, kind: string, note: string | null = null, actor: string | null = null) =>
    moments.push({ atMs: (order.paidAtMs ?? order.placedAtMs) + afterMs, kind, note, actor });
  if (order.paidAtMs !== null) {
    add(0, "paid", `¥${yuan(order.totalFen)}`);
    if (order.verified === "verified" || order.verified === "mismatch" || order.verified === "not_paid") {
      add(1200, order.verified);
    }
    if (order.printed === "printed") {
      add(1900, "printed", "商家联");
      add(2600, "acked");
    }
    if (order.printed === "trouble") {
      add(1900, "print_failed", "Gprinter GP-58");
    }
  }
  if (order.fulfilment === "cancelled" || order.fulfilment === "closed") {
    add(25 * MINUTE, "cancelled");
  }
  return moments;
}

/** Whole fen as yuan, for the texts that carry an amount. */
export function yuan(fen: number): string {
  const digits = String(fen).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
