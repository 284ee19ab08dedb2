import { describe, expect, it } from "vitest";
import { readDay, stretchOf, typedStretch } from "./days";

const at = (text: string) => Date.parse(text);

describe("days of the shop", () => {
  it("begin at midnight in China, wherever the PC thinks it is", () => {
    const lateInChina = at("2026-11-30T15:59:59.999Z");
    expect(stretchOf("today", lateInChina)).toEqual({ fromMs: at("2026-11-29T16:00:00Z"), untilMs: null });
    expect(stretchOf("today", lateInChina + 1)).toEqual({ fromMs: at("2026-11-30T16:00:00Z"), untilMs: null });
    expect(stretchOf("yesterday", lateInChina)).toEqual({
      fromMs: at("2026-11-28T16:00:00Z"),
      untilMs: at("2026-11-29T16:00:00Z"),
    });
    expect(stretchOf("week", lateInChina).fromMs).toBe(at("2026-11-23T16:00:00Z"));
    expect(stretchOf("all", lateInChina)).toEqual({ fromMs: null, untilMs: null });
  });

  it.each(["2026-6-1", "2026-06-01", "20260601", "2026/6/1", "２０２６-06-01", " 2026年6月1日 "])(
    "are read from %j",
    (typed) => {
      expect(readDay(typed)).toBe(at("2026-05-31T16:00:00Z"));
    },
  );

  it.each(["2026-06-31", "2026-13-01", "2026-00-10", "yesterday", "2026", "2026-12", "202612"])(
    "are not read from %j",
    (typed) => {
      expect(readDay(typed)).toBeUndefined();
    },
  );

  it("that are typed count to the end of the last one", () => {
    expect(typedStretch("2026-06-01", "2026-06-01")).toEqual({
      fromMs: at("2026-05-31T16:00:00Z"),
      untilMs: at("2026-06-01T16:00:00Z"),
    });
    expect(typedStretch("", "2026-06-01")).toEqual({ fromMs: null, untilMs: at("2026-06-01T16:00:00Z") });
    expect(typedStretch("2026-06-01", "2026-06-3")).not.toBeNull();
    expect(typedStretch("2026-06", "")).toBeNull();
  });
});
