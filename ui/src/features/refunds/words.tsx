import { Check, TriangleAlert } from "lucide-react";
import { Badge, type Tone } from "../../components";
import type { RefundRow } from "../../ipc/bindings";
import { t, wordOf } from "../../lib/texts";
import { formatShort } from "../../lib/time";

/** States of a request in which the shop has not agreed, or it no longer matters: they are said as they are. */
const undecided = new Set(["pending", "waiting_return", "returned", "rejected", "withdrawn", "closed"]);

/**
 * What was decided, which is one fact; where the money is, is another (`moneyWord`). A request whose payout runs is
 * "agreed" and no more than that, whatever word the backend has for it.
 */
export function decisionWord(row: RefundRow): string {
  if (row.state !== null && undecided.has(row.state)) {
    return wordOf("state.refund", row.state);
  }
  return t(row.id === null || row.requestedBy === "merchant" ? "window.refunds.own" : "window.refunds.agreed");
}

function decisionTone({ state }: RefundRow): Tone {
  return state === "pending" || state === "returned" ? "accent" : "plain";
}

/** Where the money is, with the time at which it got there; null while none has to move. */
export function moneyWord(row: RefundRow): string | null {
  switch (row.payout) {
    case "none":
      return null;
    case "ready":
    case "submitting":
      return t("window.refunds.money.waiting");
    case "unknown":
      return t("window.refunds.money.unknown");
    case "processing":
      return timed("window.refunds.money.accepted", row.acceptedAtMs);
    case "succeeded":
      return timed("window.refunds.money.arrived", row.arrivedAtMs);
    default:
      return wordOf("state.payout", row.payout);
  }
}

function timed(key: string, atMs: number | null): string {
  return atMs === null ? t(key) : `${t(key)} ${formatShort(atMs)}`;
}

const moneyTones: Record<string, Tone> = {
  ready: "plain",
  submitting: "plain",
  processing: "plain",
  unknown: "warn",
  succeeded: "calm",
  failed: "danger",
  abnormal: "danger",
  closed: "danger",
};

/** Both facts of a refund, each with its own word. */
export function TwoFacts({ row }: { row: RefundRow }) {
  const money = moneyWord(row);
  const tone = moneyTones[row.payout] ?? "plain";
  return (
    <>
      <Badge tone={decisionTone(row)}>{decisionWord(row)}</Badge>
      {money !== null && (
        <Badge
          tone={tone}
          className="tabular"
          icon={
            tone === "calm" ? (
              <Check size={14} aria-hidden="true" />
            ) : tone === "danger" ? (
              <TriangleAlert size={14} aria-hidden="true" />
            ) : undefined
          }
        >
          {money}
        </Badge>
      )}
    </>
  );
}
