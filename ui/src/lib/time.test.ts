import { beforeEach, describe, expect, it } from "vitest";
import { setLanguage } from "./texts";
import { formatClock, formatDate, formatDay, formatFull, formatRelative, formatShort, formatTime } from "./time";

/** 2026-11-25 00:30 in Shanghai, which is still the day before in London. */
const NOW = Date.UTC(2026, 10, 24, 16, 30);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

beforeEach(() => setLanguage("zh-CN"));

describe("an instant", () => {
  it("is shown by the shop's clock, whatever the PC is set to", () => {
    expect(formatFull(Date.UTC(2026, 10, 24, 16, 30, 7))).toBe("2026-11-25 00:30:07");
    expect(formatDate(Date.UTC(2026, 11, 31, 16))).toBe("2027-01-01");
    expect(formatClock(Date.UTC(2026, 10, 24, 1, 5))).toBe("09:05");
  });

  it("is called by its day where a day has a word", () => {
    expect(formatDay(NOW, NOW)).toBe("今天");
    expect(formatDay(NOW - 31 * MINUTE, NOW)).toBe("昨天");
    expect(formatDay(NOW - 25 * HOUR, NOW)).toBe("11-23");
    expect(formatDay(NOW + DAY, NOW)).toBe("明天");
    expect(formatDay(NOW - 400 * DAY, NOW)).toBe("2025-10-21");
    expect(formatTime(NOW - HOUR, NOW)).toBe("昨天 23:30");
  });

  it("leaves the day out where it is today's", () => {
    expect(formatShort(NOW - 5 * MINUTE, NOW)).toBe("00:25");
    expect(formatShort(NOW - HOUR, NOW)).toBe("昨天 23:30");
  });

  it("before 1970 and at the turn of a year is still right", () => {
    expect(formatFull(-1)).toBe("1970-01-01 07:59:59");
    expect(formatDay(Date.UTC(2025, 11, 31, 15, 59), Date.UTC(2025, 11, 31, 16))).toBe("昨天");
  });
});

describe("a distance in time", () => {
  it("is said as coarsely as people say it", () => {
    expect(formatRelative(NOW - 20_000, NOW)).toBe("刚刚");
    expect(formatRelative(NOW + 20_000, NOW)).toBe("刚刚");
    expect(formatRelative(NOW - 5 * MINUTE, NOW)).toBe("5 分钟前");
    expect(formatRelative(NOW + 90 * MINUTE, NOW)).toBe("1 小时后");
    expect(formatRelative(NOW - 47 * HOUR, NOW)).toBe("47 小时前");
    expect(formatRelative(NOW - 3 * DAY, NOW)).toBe("3 天前");
  });

  it("is said in the language of the window", () => {
    setLanguage("en");
    expect(formatRelative(NOW + 3 * DAY, NOW)).toBe("in 3 days");
    setLanguage("zh-TW");
    expect(formatRelative(NOW - 5 * MINUTE, NOW)).toBe("5 分鐘前");
  });
});
