import { t } from "./texts";

/** Shops and WeChat live in this zone, whatever the PC is set to. It has had no summer time since 1991. */
const ZONE_OFFSET_MS = 8 * 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** An instant's parts in Asia/Shanghai. */
type Parts = {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  dayNumber: number;
};

/** UTC milliseconds to the parts of the shop's clock, by plain arithmetic: a list of orders asks for thousands. */
export function partsOf(ms: number): Parts {
  const local = new Date(ms + ZONE_OFFSET_MS);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    dayNumber: Math.floor((ms + ZONE_OFFSET_MS) / DAY_MS),
  };
}

/** The first instant of the shop's day that an instant lies in. */
export function startOfDay(ms: number): number {
  return partsOf(ms).dayNumber * DAY_MS - ZONE_OFFSET_MS;
}

const two = (value: number) => String(value).padStart(2, "0");

/** `09:05`. */
export function formatClock(ms: number): string {
  const { hour, minute } = partsOf(ms);
  return `${two(hour)}:${two(minute)}`;
}

/** `09:05:07`. */
export function formatClockSeconds(ms: number): string {
  return `${formatClock(ms)}:${two(partsOf(ms).second)}`;
}

/** 今天, 昨天, `11-03`, or `2025-11-03` in another year. */
export function formatDay(ms: number, nowMs: number = Date.now()): string {
  const { year, month, day, dayNumber } = partsOf(ms);
  const now = partsOf(nowMs);
  if (dayNumber === now.dayNumber) {
    return t("window.common.today");
  }
  if (dayNumber === now.dayNumber - 1) {
    return t("window.common.yesterday");
  }
  if (dayNumber === now.dayNumber + 1) {
    return t("window.common.tomorrow");
  }
  return year === now.year ? `${two(month)}-${two(day)}` : `${year}-${two(month)}-${two(day)}`;
}

/** Day and clock: `今天 09:05`, `11-03 18:20`. */
export function formatTime(ms: number, nowMs: number = Date.now()): string {
  return `${formatDay(ms, nowMs)} ${formatClock(ms)}`;
}

/** The clock alone where the instant is today's, else day and clock: for a row that has no room. */
export function formatShort(ms: number, nowMs: number = Date.now()): string {
  return partsOf(ms).dayNumber === partsOf(nowMs).dayNumber ? formatClock(ms) : formatTime(ms, nowMs);
}

/** The full date, for what is written down: `2026-11-25 09:05:07`. */
export function formatFull(ms: number): string {
  const { year, month, day } = partsOf(ms);
  return `${year}-${two(month)}-${two(day)} ${formatClockSeconds(ms)}`;
}

/** A date without its clock: `2026-11-25`. */
export function formatDate(ms: number): string {
  const { year, month, day } = partsOf(ms);
  return `${year}-${two(month)}-${two(day)}`;
}

/** How far away an instant is, coarsely: 刚刚, 5 分钟前, 2 小时后, 3 天前. */
export function formatRelative(ms: number, nowMs: number = Date.now()): string {
  const minutes = Math.floor(Math.abs(nowMs - ms) / 60_000);
  if (minutes < 1) {
    return t("window.common.just_now");
  }
  const when = ms > nowMs ? "in" : "ago";
  if (minutes < 60) {
    return t(`window.common.minutes_${when}`, { count: minutes });
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    return t(`window.common.hours_${when}`, { count: hours });
  }
  return t(`window.common.days_${when}`, { count: Math.floor(hours / 24) });
}
