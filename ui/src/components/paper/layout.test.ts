import { describe, expect, it } from "vitest";
import type { PaperRow, PaperSpan, Slip } from "../../ipc/bindings";
import { layOut, MARGIN_DOTS, runsOf } from "./layout";

const span = (text: string, columns: number, more: Partial<PaperSpan> = {}): PaperSpan => ({
  text,
  bold: false,
  underline: false,
  inverse: false,
  wide: 1,
  tall: 1,
  columns,
  ...more,
});

const slip = (...rows: PaperRow[]): Slip => ({ id: 1, widthDots: 384, columns: 32, rows });

describe("a slip", () => {
  it("has every character in the printer's cells: one for ASCII, two for Chinese", () => {
    expect(runsOf(span("ab拿铁 x2", 9))).toEqual([
      { text: "ab", x: 0, width: 24 },
      { text: "拿铁", x: 24, width: 48 },
      { text: " x2", x: 72, width: 36 },
    ]);
  });

  it("holds a span to its width where our count of cells is another than the printer's", () => {
    expect(runsOf(span("é", 1))).toEqual([{ text: "é", x: 0, width: 12 }]);
  });

  it("has centred and right text where the printer puts it, width factor included", () => {
    const [centred, right] = layOut(
      slip(
        { kind: "text", align: "centre", spans: [span("A1", 2, { wide: 3, tall: 3 })] },
        { kind: "text", align: "right", spans: [span("12.00", 5)] },
      ),
    ).rows;
    expect(centred).toMatchObject({ height: 72, pieces: [{ x: MARGIN_DOTS + (384 - 72) / 2, width: 72 }] });
    expect(right).toMatchObject({ pieces: [{ x: MARGIN_DOTS + 384 - 60 }] });
  });

  it("takes as much paper as the printer does", () => {
    const line: PaperRow = { kind: "text", align: "left", spans: [span("x", 1)] };
    const bare = layOut(slip()).height;
    expect(layOut(slip(line)).height - bare).toBe(30);
    expect(layOut(slip(line, { kind: "feed", lines: 3 })).height - bare).toBe(120);
    expect(layOut(slip({ kind: "text", align: "left", spans: [span("x", 1, { tall: 2 })] })).height - bare).toBe(48);
    expect(layOut(slip({ kind: "qr", align: "left", svg: "", modules: 25, sideDots: 150 })).height - bare).toBe(150);
    expect(layOut(slip({ kind: "picture", align: "left", widthDots: 80, heightDots: 33, png: "" })).height - bare).toBe(
      33,
    );
  });

  it("can be read aloud line by line", () => {
    const rows: PaperRow[] = [
      { kind: "text", align: "left", spans: [span("拿铁 ", 5), span("26.00", 5)] },
      { kind: "feed", lines: 1 },
      { kind: "text", align: "left", spans: [span("谢谢", 4)] },
    ];
    expect(layOut(slip(...rows)).text).toBe("拿铁 26.00\n谢谢");
  });
});
