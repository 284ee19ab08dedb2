import type { RefundRow } from "../bindings";
import type { Answers, Stage } from "./commands";
import { noteAbout } from "./log";
import type { FakeOrder } from "./orders";
import { admit, admitRefund } from "./people";
import { countRefunds, makeRefunds } from "./refunds";
import { fault, type World } from "./world";

/** The refund desk's commands, and what WeChat makes of an approval after a while. */
export function refundCommands({ worldOf, changed, options }: Stage) {
  const seen = (world: World, id: string, revision: number, may: (row: RefundRow) => boolean): RefundRow => {
    const row = world.refunds.find((one) => one.id === id);
    if (row === undefined) {
      throw fault("refund_request_not_found", { id });
    }
    if (row.revision !== revision) {
      throw fault("refund_stale");
    }
    if (!may(row)) {
      throw fault("refund_not_decidable", { state: row.state ?? "" });
    }
    return row;
  };
  const change = (shop: string, row: RefundRow, now: Partial<RefundRow>) => {
    Object.assign(row, now, { revision: row.revision + 1 });
    changed(["refunds", "orders"], shop);
  };
  const closed = { canApprove: false, canRefuse: false, canAgreeReturn: false, deadlineAtMs: null };
  return {
    refundDesk: (shop, group) => {
      const { refunds } = worldOf(shop);
      return {
        rows: refunds.filter((row) => row.group === group).slice(0, options.refundsListed),
        counts: countRefunds(refunds),
      };
    },
    refundApprove: (shop, id, revision, amountFen, reason, second) => {
      const row = seen(worldOf(shop), id, revision, ({ canApprove }) => canApprove);
      const amount = amountFen ?? row.requestedFen ?? row.amountFen;
      if (row.refundableFen !== null && amount > row.refundableFen) {
        throw fault("amount_exceeds_refundable", { max: String(row.refundableFen / 100) });
      }
      const { desk } = worldOf(shop);
      const by = admitRefund(desk, amount, second);
      const outRefundNo = row.outRefundNo ?? `ZGR${id.toUpperCase()}01`;
      const { orderId, orderNumber } = row;
      const told = { amount_fen: String(amount), ...(second && { second: second.id }) };
      noteAbout(desk, "refund_approved", by?.id ?? null, { orderId, orderNumber, requestId: id, outRefundNo }, told);
      changed(["audit"], shop);
      change(shop, row, {
        ...closed,
        group: "on_the_way",
        state: "processing",
        payout: "submitting",
        amountFen: amount,
        decision: { amountFen: amount, reason, actor: by?.name ?? null, atMs: Date.now() },
        outRefundNo,
        fault: null,
      });
      setTimeout(() => change(shop, row, { payout: "processing", acceptedAtMs: Date.now() }), options.payoutMs);
      setTimeout(
        () =>
          change(shop, row, {
            payout: "succeeded",
            state: "succeeded",
            group: "done",
            arrivedAtMs: Date.now(),
            reported: true,
            refundableFen: row.refundableFen === null ? null : Math.max(0, row.refundableFen - amount),
          }),
        options.payoutMs * 2,
      );
      return null;
    },
    refundRefuse: (shop, id, revision, reason) => {
      const row = seen(worldOf(shop), id, revision, ({ canRefuse }) => canRefuse);
      if (reason.trim() === "") {
        throw fault("reason_missing");
      }
      admit(worldOf(shop).desk, "refuse", "manager");
      change(shop, row, { ...closed, group: "done", state: "rejected", fault: null });
      return null;
    },
    refundAgreeReturn: (shop, id, revision) => {
      const row = seen(worldOf(shop), id, revision, ({ canAgreeReturn }) => canAgreeReturn);
      admit(worldOf(shop).desk, "agree_return", "manager");
      change(shop, row, { ...closed, group: "on_the_way", state: "waiting_return" });
      return null;
    },
    refundResume: (shop) => {
      admit(worldOf(shop).desk, "resume");
      for (const row of worldOf(shop).refunds.filter(({ payout }) => payout === "unknown")) {
        change(shop, row, { payout: "processing", acceptedAtMs: Date.now(), fault: null });
      }
      return null;
    },
  } satisfies Partial<Answers>;
}

/** A customer asks for the money of some order back. */
export function askForRefund(world: World, nowMs: number): void {
  const verified = world.orders.filter(({ summary }) => summary.verified === "verified");
  const [row] = makeRefunds(verified.slice(world.refunds.length % 20), nowMs).filter(({ key }) => key === "whole");
  if (row) {
    const key = `asked-${world.refunds.length}`;
    world.refunds.unshift({ ...row, key, id: `rr-${key}`, requestedAtMs: nowMs });
  }
}

/** The shop itself gives money back. */
export function startRefund(
  world: World,
  { summary }: FakeOrder,
  amountFen: number,
  reason: string,
  nowMs: number,
  actor: string | null = null,
): void {
  const [row] = makeRefunds(world.orders, nowMs).filter(({ key }) => key === "own");
  if (row) {
    summary.refunding = true;
    summary.revision += 1;
    world.refunds.unshift({
      ...row,
      key: `own-${world.refunds.length}`,
      orderId: summary.id,
      orderNumber: summary.number,
      goods: summary.goods,
      buyer: summary.buyer,
      payout: "submitting",
      acceptedAtMs: null,
      amountFen,
      refundableFen: summary.totalFen - amountFen,
      paidFen: summary.totalFen,
      reason,
      requestedAtMs: nowMs,
      decision: { amountFen, reason, actor, atMs: nowMs },
    });
  }
}
