import { describe, expect, it } from "vitest";
import { clampShift, findMoved, MOST_SLOTS, nearFalseEnd, shiftAfterJump, shiftForRow, slotsOf } from "./positions";

const million = { total: 1_000_000, visible: 12.4 };

describe("a list that fits", () => {
  it("shows every row in the slot of its own number", () => {
    expect(slotsOf(10_000)).toBe(10_000);
    expect(shiftAfterJump(9_000, { total: 10_000, visible: 12 })).toBe(0);
    expect(shiftForRow(9_000, { total: 10_000, visible: 12 })).toBe(0);
    expect(nearFalseEnd(0, 0, { total: 10_000, visible: 12 })).toBe(false);
  });
});

describe("a list that is too long to lay out", () => {
  it("reaches both ends of the list at both ends of the bar", () => {
    expect(shiftAfterJump(0, million)).toBe(0);
    const lastTop = MOST_SLOTS - million.visible;
    expect(shiftAfterJump(lastTop, million)).toBe(million.total - MOST_SLOTS);
  });

  it("puts a row at the same place of the bar whether it was jumped or scrolled to", () => {
    for (const top of [0, 1, 77, 5_000, 50_000.5, 99_000, MOST_SLOTS - million.visible]) {
      const shift = shiftAfterJump(top, million);
      expect(Math.abs(shiftForRow(top + shift, million) - shift)).toBeLessThanOrEqual(1);
    }
  });

  it("stays where it is once it stands where it belongs", () => {
    for (const row of [0, 3, 99_999, 123_456, 999_980]) {
      const shift = shiftForRow(row, million);
      expect(shiftForRow(row, million)).toBe(shift);
      expect(row - shift).toBeGreaterThanOrEqual(0);
      expect(row - shift).toBeLessThan(MOST_SLOTS);
    }
  });

  it("never shifts beyond the list", () => {
    for (let top = 0; top <= MOST_SLOTS; top += 997) {
      const shift = shiftAfterJump(top, million);
      expect(shift).toBeGreaterThanOrEqual(0);
      expect(shift + MOST_SLOTS).toBeLessThanOrEqual(million.total);
    }
    expect(clampShift(-5, million.total)).toBe(0);
    expect(clampShift(2_000_000, million.total)).toBe(million.total - MOST_SLOTS);
  });

  it("notices an end of the slots that is no end of the list", () => {
    expect(nearFalseEnd(10, 400, million)).toBe(true);
    expect(nearFalseEnd(10, 0, million)).toBe(false);
    expect(nearFalseEnd(MOST_SLOTS - 20, 400, million)).toBe(true);
    expect(nearFalseEnd(MOST_SLOTS - 20, million.total - MOST_SLOTS, million)).toBe(false);
  });
});

describe("a row that moved", () => {
  const keys = ["new-2", "new-1", "a", "b", "c"];

  it("is found where it stands now", () => {
    expect(findMoved("a", 0, keys.length, (index) => keys[index])).toBe(2);
    expect(findMoved("c", 4, keys.length, (index) => keys[index])).toBe(4);
  });

  it("is not made up when it is not known", () => {
    expect(findMoved("z", 0, keys.length, (index) => keys[index])).toBeNull();
  });
});
