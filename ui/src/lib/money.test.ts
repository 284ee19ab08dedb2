import { describe, expect, it } from "vitest";
import { formatFen, formatYuan, MOST_FEN, parseYuan, typedFen } from "./money";

const fen = (typed: string, most?: number) => {
  const amount = parseYuan(typed, most);
  return amount.kind === "fen" ? amount.fen : amount.kind;
};

describe("an amount as it is read", () => {
  it("has two decimals and groups of three digits", () => {
    expect(formatFen(0)).toBe("0.00");
    expect(formatFen(5)).toBe("0.05");
    expect(formatFen(123_450)).toBe("1,234.50");
    expect(formatFen(100_000_000)).toBe("1,000,000.00");
    expect(formatYuan(123_450)).toBe("¥1,234.50");
    expect(typedFen(123_450)).toBe("1234.50");
  });

  it("says what went out with a minus in front of the sign", () => {
    expect(formatFen(-300)).toBe("−3.00");
    expect(formatYuan(-300)).toBe("−¥3.00");
  });

  it("keeps the last fen of the largest number", () => {
    expect(formatFen(MOST_FEN)).toBe("90,071,992,547,409.91");
  });

  it("is never made of something that is no whole number of fen", () => {
    for (const wrong of [0.5, Number.NaN, Number.POSITIVE_INFINITY, MOST_FEN + 1]) {
      expect(() => formatFen(wrong)).toThrow(RangeError);
    }
  });
});

describe("an amount as typed", () => {
  it("is read to the fen", () => {
    expect(fen("12")).toBe(1200);
    expect(fen("12.3")).toBe(1230);
    expect(fen("12.34")).toBe(1234);
    expect(fen("12.")).toBe(1200);
    expect(fen(".5")).toBe(50);
    expect(fen("0.01")).toBe(1);
    expect(fen("007")).toBe(700);
  });

  it("comes back as what was shown, for every fen", () => {
    for (let all = 1; all <= 30_000; all += 7) {
      expect(fen(typedFen(all))).toBe(all);
      expect(fen(formatYuan(all))).toBe(all);
    }
    expect(fen("90071992547409.91")).toBe(MOST_FEN);
  });

  it("never meets a floating point", () => {
    // Times 100 as floating point these are 28.999999999999996, 113.99999999999999 and 1998.9999999999998.
    expect(fen("0.29")).toBe(29);
    expect(fen("1.14")).toBe(114);
    expect(fen("19.99")).toBe(1999);
    expect(fen("90071992547409.90")).toBe(MOST_FEN - 1);
  });

  it("may be full-width, as an input method leaves it", () => {
    expect(fen("１２．３４")).toBe(1234);
    expect(fen("１２。５")).toBe(1250);
    expect(fen("￥８")).toBe(800);
    expect(fen("¥8")).toBe(800);
    expect(fen("8 元")).toBe(800);
    expect(fen("　8元　")).toBe(800);
    expect(fen("1,000.00")).toBe(100_000);
    expect(fen("１，０００")).toBe(100_000);
  });

  it("is refused when it is nothing, or less than that", () => {
    expect(fen("")).toBe("empty");
    expect(fen(" 　")).toBe("empty");
    expect(fen("¥")).toBe("empty");
    expect(fen("0")).toBe("not_positive");
    expect(fen("0.00")).toBe("not_positive");
    expect(fen("-5")).toBe("not_positive");
    expect(fen("－５")).toBe("not_positive");
  });

  it("is refused when it is more than can be paid back", () => {
    expect(fen("10.00", 1000)).toBe(1000);
    expect(fen("10.01", 1000)).toBe("too_much");
    expect(fen("99999999999999999999", 1000)).toBe("too_much");
    expect(fen("90071992547409.92")).toBe("too_much");
  });

  it("is refused, not guessed, when it is no amount", () => {
    for (const typed of [
      "abc",
      "1.234",
      "1.2.3",
      "1e3",
      "0x10",
      ".",
      "-",
      "--1",
      "12元5",
      "Infinity",
      "1,2",
      "1,00",
      "１２元元",
    ]) {
      expect(fen(typed), typed).toBe("unreadable");
    }
  });
});
