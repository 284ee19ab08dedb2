import type { AuditEntry, AuditFact, AuditQuery } from "../bindings";
import type { Answers, Stage } from "./commands";
import type { FakeOrder } from "./orders";
import type { Desk } from "./people";
import type { FakeOptions } from "./world";

const TERMINAL = "front-7k2m";

/** More rows than this show nothing new. */
const MOST_ORDERS = 1_000;

type Facts = Record<string, string>;

function factsOf(after: Facts, before: Facts = {}): AuditFact[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .map((name) => ({ name, before: before[name] ?? null, after: after[name] ?? null }))
    .filter((fact) => fact.before || fact.after);
}

function entry(seq: number, kind: string, atMs: number, more: Partial<AuditEntry>): AuditEntry {
  return {
    kind,
    atMs,
    who: null,
    terminal: TERMINAL,
    orderId: null,
    orderNumber: null,
    requestId: null,
    outRefundNo: null,
    facts: [],
    ...numbered(seq),
    ...more,
  };
}

const numbered = (seq: number) => ({
  seq,
  hash: (seq * 2_654_435_761).toString(16).padStart(16, "0").repeat(4).slice(0, 64),
});

/** What was written down so far: tickets, refunds from the decision to the money, sign-ins, settings. */
export function makeLog(orders: readonly FakeOrder[], { nowMs, staff }: FakeOptions): AuditEntry[] {
  const told: AuditEntry[] = [];
  const add = (kind: string, atMs: number, more: Partial<AuditEntry> = {}) => told.push(entry(0, kind, atMs, more));
  const some = orders.slice(0, MOST_ORDERS).reverse();
  if (some.length > 0) {
    add("shop_connected", (some[0]?.summary.placedAtMs ?? nowMs) - 3_600_000, { facts: factsOf({ api: "v2" }) });
  }
  some.forEach(({ summary }, place) => {
    const about = { orderId: summary.id, orderNumber: summary.number };
    const atMs = summary.placedAtMs + 2_000;
    if (place % 25 === 3 && staff) {
      add("signed_in", atMs - 900, { who: place % 2 === 0 ? "mia" : "kim" });
    }
    if (summary.paidAtMs !== null) {
      add("print_queued", atMs, {
        ...about,
        facts: factsOf({ job: String(place), template: "merchant", printer: "usb:04b8:0202", by_hand: "false" }),
      });
      add("printed", atMs + 900, {
        ...about,
        facts: factsOf({ job: String(place), state: "confirmed", bytes: "1180" }),
      });
    }
    if (summary.refundedFen > 0) {
      const refund = { ...about, outRefundNo: `ZGR${summary.id.slice(2)}01`, who: staff ? "mia" : null };
      const amount = { amount_fen: String(summary.refundedFen) };
      add("refund_approved", atMs + 60_000, {
        ...refund,
        requestId: `rr-${summary.id}`,
        facts: factsOf({ ...amount, reason: "少送了一个可颂", version: "3" }, { state: "pending", version: "3" }),
      });
      add("refund_submitted", atMs + 60_400, {
        ...refund,
        facts: factsOf({ ...amount, payout: "submitting" }, { ...amount, payout: "ready" }),
      });
      add("refund_accepted", atMs + 61_000, {
        ...refund,
        facts: factsOf({ ...amount, payout: "processing" }, { ...amount, payout: "submitting" }),
      });
      add("refund_succeeded", atMs + 64_000, {
        ...refund,
        facts: factsOf({ ...amount, payout: "succeeded" }, { ...amount, payout: "processing" }),
      });
    }
  });
  return told.map((one, place) => ({ ...one, ...numbered(place + 1) })).reverse();
}

/** Writes a row. */
export function note(desk: Desk, kind: string, who: string | null, after: Facts, before: Facts = {}): void {
  noteAbout(desk, kind, who, {}, after, before);
}

/** The same about an order or a refund. */
export function noteAbout(
  desk: Desk,
  kind: string,
  who: string | null,
  about: Partial<AuditEntry>,
  after: Facts,
  before: Facts = {},
): void {
  const seq = (desk.log[0]?.seq ?? 0) + 1;
  desk.log.unshift(entry(seq, kind, Date.now(), { ...about, who, facts: factsOf(after, before) }));
}

function wanted(log: readonly AuditEntry[], { search, kind, who, fromMs, untilMs }: AuditQuery): AuditEntry[] {
  const typed = search.trim().toLowerCase();
  return log.filter(
    (row) =>
      (kind === null || row.kind === kind) &&
      (who === null || row.who === who) &&
      (fromMs === null || row.atMs >= fromMs) &&
      (untilMs === null || row.atMs < untilMs) &&
      (typed === "" || JSON.stringify(Object.values(row)).toLowerCase().includes(typed)),
  );
}

/** The audit log. */
export function auditCommands({ worldOf }: Stage) {
  return {
    auditPage: (shop, query, before, count) =>
      wanted(worldOf(shop).desk.log, query)
        .filter(({ seq }) => before === null || seq < before)
        .slice(0, count),
    auditVerify: (shop) => {
      const { log, broken } = worldOf(shop).desk;
      const head = log[0];
      return {
        whole: broken.length === 0,
        rows: log.length,
        right: log.length - broken.length,
        head: head === undefined ? null : { seq: head.seq, hash: head.hash },
        faults: broken.map((seq) => ({ fault: "changed", first: seq, last: seq, movedFrom: null, notedAt: null })),
        unlisted: 0,
      };
    },
    auditExport: (shop, query, format) => {
      const { desk } = worldOf(shop);
      const rows = wanted(desk.log, query).length;
      const file = `zhanggui-audit-2026-11-30.${format}`;
      note(desk, "audit_exported", desk.signedIn?.id ?? null, { rows: String(rows), format, file });
      return { rows, path: `/home/shop/${file}` };
    },
  } satisfies Partial<Answers>;
}
