import type { Fault, RefundCount, RefundGroup, RefundRow } from "../bindings";
import { Chance } from "./chance";
import { type FakeOrder, yuan } from "./orders";
import { longReason, refundReasons } from "./stock";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const refundGroups: readonly RefundGroup[] = ["to_decide", "on_the_way", "trouble", "done"];

const fault = (code: string, retry: Fault["retry"], parameters: Fault["parameters"] = {}): Fault => ({
  code,
  parameters,
  retry,
  reference: "",
});

/** Refunds in every state that there is, newest first. Their keys say what they are. */
export function makeRefunds(orders: readonly FakeOrder[], nowMs: number): RefundRow[] {
  if (orders.length === 0) {
    return [];
  }
  const verified = orders.filter(({ summary }) => summary.verified === "verified" && summary.method === "wechat");
  const chance = new Chance(7);
  let next = 0;
  const begin = (key: string, agoMs: number, given: Partial<RefundRow> = {}): RefundRow => {
    const order = (verified[(next * 3) % verified.length] ?? orders[0]) as FakeOrder;
    next += 1;
    return rowOf(key, order, chance, nowMs - agoMs, given);
  };
  const decided = (row: RefundRow, group: RefundGroup, given: Partial<RefundRow>): RefundRow => ({
    ...row,
    group,
    state: "processing",
    decision: {
      amountFen: row.amountFen,
      reason: null,
      actor: "店长",
      atMs: (row.requestedAtMs ?? nowMs) + 2 * MINUTE,
    },
    outRefundNo: `ZGR${row.key.replace(/\W/g, "").slice(0, 12).toUpperCase()}01`,
    deadlineAtMs: null,
    canApprove: false,
    canRefuse: false,
    reported: false,
    ...given,
  });
  const onTheWay = (key: string, agoMs: number, given: Partial<RefundRow>) =>
    decided(begin(key, agoMs), "on_the_way", given);
  const trouble = (key: string, agoMs: number, payout: string, why: Fault, given: Partial<RefundRow> = {}) => {
    const again = why.retry === "now";
    return decided(begin(key, agoMs), "trouble", { payout, state: "failed", fault: why, canApprove: again, ...given });
  };
  const mismatched = orders.find(({ summary }) => summary.verified === "mismatch");

  const rows: RefundRow[] = [
    begin("whole", 3 * MINUTE, { reason: "点错了，想换成冰的", deadlineAtMs: nowMs + 40 * MINUTE }),
    begin("part", 9 * MINUTE, { reason: "少送了一个可颂", requestedFen: 1200, amountFen: 1200 }),
    begin("return", 25 * MINUTE, { kind: "return_refund", reason: longReason, canAgreeReturn: true }),
    begin("bare", 31 * MINUTE, {
      reason: null,
      buyer: null,
      goods: null,
      orderNumber: null,
      history: null,
      refundableFen: null,
      paidFen: null,
      verified: null,
      deadlineAtMs: null,
    }),
    begin("returned", 2 * HOUR, { kind: "return_refund", state: "returned", reason: "不合口味，没有拆封" }),
    begin("frequent", 3 * HOUR, { reason: "咖啡洒了一半", history: { orders: 23, refunds: 9, refundedFen: 31_450 } }),
  ];
  if (mismatched) {
    rows.push(
      rowOf("mismatch", mismatched, chance, nowMs - 4 * HOUR, {
        canApprove: false,
        refundableFen: 0,
        fault: fault("payment_mismatch", "never", {
          expected: yuan(mismatched.summary.totalFen),
          found: yuan(mismatched.summary.totalFen - 1000),
        }),
      }),
    );
  }
  rows.push(
    onTheWay("processing", 12 * MINUTE, {
      payout: "processing",
      acceptedAtMs: nowMs - 9 * MINUTE,
      refundId: `5030${chance.digits(24)}`,
      nextAtMs: nowMs + 3 * MINUTE,
    }),
    onTheWay("unknown", 18 * MINUTE, {
      payout: "unknown",
      fault: fault("refund_unknown", "never"),
      nextAtMs: nowMs + 20_000,
    }),
    onTheWay("submitting", 20 * MINUTE, { payout: "submitting" }),
    onTheWay("waiting", 22 * MINUTE, { payout: "ready", fault: fault("refund_claim_waiting", "never") }),
    onTheWay("own", 26 * MINUTE, {
      id: null,
      state: null,
      kind: null,
      requestedBy: "merchant",
      payout: "processing",
      acceptedAtMs: nowMs - 22 * MINUTE,
      reason: "今天原料用完了",
    }),
    onTheWay("other-pc", 28 * MINUTE, {
      payout: "processing",
      terminal: "二楼收银台",
      acceptedAtMs: nowMs - 25 * MINUTE,
      decision: null,
    }),
    onTheWay("waiting-return", 5 * HOUR, {
      payout: "none",
      state: "waiting_return",
      kind: "return_refund",
      outRefundNo: null,
    }),
    trouble("not-enough", 40 * MINUTE, "failed", fault("wechat_not_enough", "now")),
    trouble("abnormal", 26 * HOUR, "abnormal", fault("wechat_refund_abnormal", "never"), {
      acceptedAtMs: nowMs - 25 * HOUR,
    }),
    trouble("closed", 27 * HOUR, "closed", fault("wechat_refund_closed", "now"), { acceptedAtMs: nowMs - 26.5 * HOUR }),
    trouble("certificate", 28 * HOUR, "failed", fault("wechat_certificate_not_accepted", "now")),
    trouble("overdue", 50 * HOUR, "failed", fault("wechat_trade_overdue", "never")),
  );
  const done = (key: string, agoMs: number, given: Partial<RefundRow> = {}) =>
    decided(begin(key, agoMs), "done", {
      payout: "succeeded",
      state: "succeeded",
      reported: true,
      acceptedAtMs: nowMs - agoMs + 3 * MINUTE,
      arrivedAtMs: nowMs - agoMs + 5 * MINUTE,
      refundId: `5030${chance.digits(24)}`,
      ...given,
    });
  rows.push(
    done("arrived", 50 * MINUTE),
    done("rejected", 70 * MINUTE, {
      state: "rejected",
      payout: "none",
      decision: null,
      acceptedAtMs: null,
      arrivedAtMs: null,
      refundId: null,
      outRefundNo: null,
    }),
    done("withdrawn", 80 * MINUTE, {
      state: "withdrawn",
      payout: "none",
      decision: null,
      acceptedAtMs: null,
      arrivedAtMs: null,
      refundId: null,
      outRefundNo: null,
    }),
    done("unreported", 90 * MINUTE, { reported: false }),
    ...Array.from({ length: 30 }, (_, place) => done(`old-${place + 1}`, (place + 3) * 3 * HOUR)),
  );
  return rows.sort((one, other) => (other.requestedAtMs ?? 0) - (one.requestedAtMs ?? 0));
}

function rowOf(
  key: string,
  { summary }: FakeOrder,
  chance: Chance,
  requestedAtMs: number,
  given: Partial<RefundRow>,
): RefundRow {
  const refunds = chance.below(3);
  const amountFen = given.requestedFen ?? summary.totalFen;
  return {
    key,
    id: `rr-${key}`,
    revision: 500 + key.length,
    group: "to_decide",
    orderId: summary.id,
    orderNumber: summary.number,
    outTradeNo: `ZG${summary.number.replace("-", "")}`,
    outRefundNo: null,
    refundId: null,
    kind: "refund_only",
    state: "pending",
    payout: "none",
    requestedFen: amountFen,
    maxFen: summary.totalFen,
    amountFen,
    refundableFen: summary.totalFen,
    paidFen: summary.totalFen,
    requestedBy: "buyer",
    reason: chance.one(refundReasons),
    buyer: summary.buyer,
    goods: summary.goods,
    verified: summary.verified,
    requestedAtMs,
    deadlineAtMs: requestedAtMs + 48 * HOUR,
    acceptedAtMs: null,
    arrivedAtMs: null,
    nextAtMs: null,
    decision: null,
    reported: null,
    terminal: null,
    fault: null,
    history: { orders: 2 + chance.below(20), refunds, refundedFen: refunds * 1800 },
    canApprove: true,
    canRefuse: true,
    canAgreeReturn: false,
    ...given,
  };
}

/** How many refunds each group holds. */
export function countRefunds(rows: readonly RefundRow[]): RefundCount[] {
  return refundGroups.map((group) => ({ group, count: rows.filter((row) => row.group === group).length }));
}
