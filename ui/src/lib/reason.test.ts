import { expect, it } from "vitest";
import { isReasonTooLong } from "./reason";

it("a reason may be 80 bytes long, which is 26 Chinese characters, without the space around it", () => {
  expect(isReasonTooLong("x".repeat(80))).toBe(false);
  expect(isReasonTooLong("x".repeat(81))).toBe(true);
  expect(isReasonTooLong(`  ${"退".repeat(26)}  `)).toBe(false);
  expect(isReasonTooLong("退".repeat(27))).toBe(true);
});
