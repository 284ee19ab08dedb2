import type { RefundRow } from "../../../ipc/bindings";
import { t, wordOf } from "../../../lib/texts";

/** A step of a payout. `doubt`: the answer did not come, so nobody knows whether it was taken. */
export type Step = {
  name: "agreed" | "submitted" | "accepted" | "arrived";
  state: "done" | "now" | "doubt" | "failed" | "later";
  /** What else there is to say about it. */
  word: string | null;
  /** UTC milliseconds; null where nobody wrote it down. */
  atMs: number | null;
};

type States = readonly [
  agreed: Step["state"],
  submitted: Step["state"],
  accepted: Step["state"],
  arrived: Step["state"],
];

/** Where each state of a payout stands. A state that is not here has no steps: nothing was agreed. */
const states: Record<string, States> = {
  ready: ["done", "now", "later", "later"],
  submitting: ["done", "now", "later", "later"],
  unknown: ["done", "done", "doubt", "later"],
  processing: ["done", "done", "done", "now"],
  succeeded: ["done", "done", "done", "done"],
  failed: ["done", "failed", "later", "later"],
  abnormal: ["done", "done", "done", "failed"],
  closed: ["done", "done", "done", "failed"],
};

/** The steps of a refund's money, or none while nothing was agreed. */
export function stepsOf(row: RefundRow): Step[] {
  const found = states[row.payout];
  if (found === undefined) {
    return [];
  }
  const [agreed, submitted, accepted, arrived] = found;
  const by = row.decision?.actor ?? row.terminal;
  return [
    { name: "agreed", state: agreed, word: by, atMs: row.decision?.atMs ?? null },
    { name: "submitted", state: submitted, word: submittedWord(row), atMs: null },
    {
      name: "accepted",
      state: accepted,
      word: accepted === "doubt" ? t("window.refunds.doubt") : null,
      atMs: row.acceptedAtMs,
    },
    {
      name: "arrived",
      state: arrived,
      word:
        arrived === "failed"
          ? wordOf("state.payout", row.payout)
          : arrived === "now"
            ? t("window.refunds.arriving")
            : null,
      atMs: row.arrivedAtMs,
    },
  ];
}

function submittedWord({ payout }: RefundRow): string | null {
  return payout === "ready" || payout === "submitting" || payout === "failed" ? wordOf("state.payout", payout) : null;
}
