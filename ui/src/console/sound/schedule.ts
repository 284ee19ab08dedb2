import type { Meaning } from "../../ipc/bindings";

/** The gravest first: where several alerts are due at once, one sound is enough, and it is this one's. */
export const GRAVITY: readonly Meaning[] = [
  "attention",
  "contact",
  "printer",
  "refund_asked",
  "cancelled",
  "new_order",
];

/** An alert that nobody has acknowledged sounds again after this long. */
export const REPEAT_MS = 20_000;

/** Two sounds are at least so far apart that each can be heard as itself. */
export const APART_MS = 2_000;

/** How loud the first sound of an alert is, of the volume that was chosen; each repetition is a step louder. */
const FIRST = 0.5;
const STEP = 0.15;

/** An open alert, as far as its sound goes. */
export type Sounding = { key: string; meaning: Meaning };

/** What has sounded so far. */
export type Heard = {
  /** By the alert's key: how often, and when last. */
  alerts: ReadonlyMap<string, { times: number; atMs: number }>;
  lastAtMs: number | null;
};

export const nothingHeard: Heard = { alerts: new Map(), lastAtMs: null };

export type Sound = { meaning: Meaning /** 0 to 1 */; strength: number };

export type Step = {
  play: Sound | null;
  heard: Heard;
  /** After this long there is something to decide again; null: not before the alerts change. */
  waitMs: number | null;
};

/** What sounds now, and when to ask again. Depends on nothing but its arguments. */
export function nextSound(open: readonly Sounding[], heard: Heard, nowMs: number): Step {
  const dueAt = (alert: Sounding) => {
    const before = heard.alerts.get(alert.key);
    return before === undefined ? nowMs : before.atMs + REPEAT_MS;
  };
  // Alerts that are no longer open are forgotten, so that one that comes back is new.
  const kept = new Map(
    open.flatMap(({ key }) => {
      const before = heard.alerts.get(key);
      return before === undefined ? [] : [[key, before] as const];
    }),
  );

  const due = open.filter((alert) => dueAt(alert) <= nowMs);
  const quietUntil = heard.lastAtMs === null ? nowMs : heard.lastAtMs + APART_MS;
  if (due.length > 0 && quietUntil > nowMs) {
    return { play: null, heard: { ...heard, alerts: kept }, waitMs: quietUntil - nowMs };
  }

  const meaning = GRAVITY.find((one) => due.some((alert) => alert.meaning === one)) ?? null;
  let play: Sound | null = null;
  if (meaning !== null) {
    const times = Math.max(
      ...due.filter((alert) => alert.meaning === meaning).map((alert) => kept.get(alert.key)?.times ?? 0),
    );
    play = { meaning, strength: Math.min(1, FIRST + STEP * times) };
  }
  for (const alert of due) {
    kept.set(alert.key, { times: (kept.get(alert.key)?.times ?? 0) + 1, atMs: nowMs });
  }
  const next = open.map((alert) => (kept.get(alert.key)?.atMs ?? nowMs) + REPEAT_MS);
  return {
    play,
    heard: { alerts: kept, lastAtMs: play === null ? heard.lastAtMs : nowMs },
    waitMs: next.length === 0 ? null : Math.max(0, Math.min(...next) - nowMs),
  };
}
