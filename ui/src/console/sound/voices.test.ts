import { describe, expect, it } from "vitest";
import { GRAVITY } from "./schedule";
import { voices } from "./voices";

describe("the sounds", () => {
  it("are one figure for each meaning, no two alike", () => {
    const figures = GRAVITY.map((meaning) => JSON.stringify(voices[meaning]));
    expect(new Set(figures).size).toBe(Object.keys(voices).length);
  });

  it("are short, and over before the next may begin", () => {
    for (const meaning of GRAVITY) {
      const end = Math.max(...voices[meaning].map((tone) => tone.at + tone.length));
      expect(end).toBeLessThan(1.5);
    }
  });
});
