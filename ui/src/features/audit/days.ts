import { startOfDay } from "../../lib/time";

/** Which days of the log are wanted. */
export type Days = "all" | "today" | "yesterday" | "week" | "month" | "other";

export const daysInOrder: readonly Days[] = ["all", "today", "yesterday", "week", "month", "other"];

const DAY_MS = 24 * 60 * 60_000;

/** A stretch of time, from its first instant to the first one after it. */
export type Stretch = { fromMs: number | null; untilMs: number | null };

/** The stretch that is meant on this day. */
export function stretchOf(days: Exclude<Days, "other">, nowMs: number): Stretch {
  const today = startOfDay(nowMs);
  switch (days) {
    case "all":
      return { fromMs: null, untilMs: null };
    case "today":
      return { fromMs: today, untilMs: null };
    case "yesterday":
      return { fromMs: today - DAY_MS, untilMs: today };
    case "week":
      return { fromMs: today - 6 * DAY_MS, untilMs: null };
    case "month":
      return { fromMs: today - 29 * DAY_MS, untilMs: null };
  }
}

/** The stretch from one typed day to the end of another; null where one is no day. An empty field is no bound. */
export function typedStretch(from: string, until: string): Stretch | null {
  const first = readDay(from);
  const last = readDay(until);
  return first === undefined || last === undefined
    ? null
    : { fromMs: first, untilMs: last === null ? null : last + DAY_MS };
}

/** The first instant of a day as it is typed, `2026-11-30`; null for an empty field, undefined for no day. */
export function readDay(typed: string): number | null | undefined {
  const text = typed.normalize("NFKC").trim();
  if (text === "") {
    return null;
  }
  // Eight digits, or parts with something between them: "2026-12" is no 2nd of January.
  const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text);
  const [, year, month, day] = parts ?? [];
  if (year === undefined || month === undefined || day === undefined) {
    return undefined;
  }
  const utc = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  // The 31st of June would be the 1st of July.
  return utc.getUTCMonth() === Number(month) - 1 && utc.getUTCDate() === Number(day)
    ? startOfDay(utc.getTime())
    : undefined;
}
