import type { PaperRow, PaperSpan, Slip } from "../../ipc/bindings";

/** A cell of the printer's font A is 12 dots wide and 24 high; a Chinese character takes two cells. */
export const CELL_DOTS = 12;
export const GLYPH_DOTS = 24;

/** From one line of text to the next. A line with taller characters is as high as they are. */
export const LINE_DOTS = 30;

/** White paper at both sides that no printer reaches. */
export const MARGIN_DOTS = 34;

/** Blank paper above and below what is printed, without the tear. */
const END_DOTS = 26;

/** Characters of one width beside each other, which a browser may draw in one go. All numbers are dots. */
export type Run = { text: string; x: number; width: number };

export type Placed =
  | { kind: "text"; y: number; height: number; pieces: Piece[] }
  | { kind: "qr"; x: number; y: number; svg: string; scale: number }
  | { kind: "picture"; x: number; y: number; width: number; height: number; png: string };

/** A span where it stands on the paper. */
export type Piece = { span: PaperSpan; x: number; width: number; runs: Run[] };

export type Sheet = { width: number; height: number; rows: Placed[]; text: string };

/** Where everything of a slip stands on its paper, in dots from the upper left corner. */
export function layOut(slip: Slip): Sheet {
  const rows: Placed[] = [];
  const lines: string[] = [];
  let y = END_DOTS;
  const start = (row: Exclude<PaperRow, { kind: "feed" }>, width: number) => {
    const free = Math.max(0, slip.widthDots - width);
    return MARGIN_DOTS + (row.align === "left" ? 0 : row.align === "right" ? free : Math.floor(free / 2));
  };
  for (const row of slip.rows) {
    switch (row.kind) {
      case "feed":
        y += row.lines * LINE_DOTS;
        break;
      case "text": {
        const height = Math.max(LINE_DOTS, ...row.spans.map(({ tall }) => tall * GLYPH_DOTS));
        const width = row.spans.reduce((sum, span) => sum + widthOf(span), 0);
        let x = start(row, width);
        const pieces = row.spans.map((span): Piece => {
          const piece = { span, x, width: widthOf(span), runs: runsOf(span) };
          x += piece.width;
          return piece;
        });
        rows.push({ kind: "text", y, height, pieces });
        lines.push(row.spans.map(({ text }) => text).join(""));
        y += height;
        break;
      }
      case "qr": {
        const scale = row.sideDots / Math.max(1, row.modules);
        rows.push({ kind: "qr", x: start(row, row.sideDots), y, svg: row.svg, scale });
        y += row.sideDots;
        break;
      }
      case "picture":
        rows.push({
          kind: "picture",
          x: start(row, row.widthDots),
          y,
          width: row.widthDots,
          height: row.heightDots,
          png: row.png,
        });
        y += row.heightDots;
        break;
    }
  }
  return { width: slip.widthDots + 2 * MARGIN_DOTS, height: y + END_DOTS, rows, text: lines.join("\n") };
}

function widthOf({ columns, wide }: PaperSpan): number {
  return columns * CELL_DOTS * wide;
}

/**
 * A span cut where the width of its characters changes, so that each piece can be held to the printer's cells whatever
 * font the PC has. Before the width factor; where the cells do not add up, the span stays whole.
 */
export function runsOf({ text, columns }: PaperSpan): Run[] {
  const whole = [{ text, x: 0, width: columns * CELL_DOTS }];
  const runs: (Run & { cells: number })[] = [];
  let cell = 0;
  for (const character of text) {
    const cells = cellsOf(character);
    const last = runs.at(-1);
    if (last !== undefined && last.cells === cells) {
      last.text += character;
      last.width += cells * CELL_DOTS;
    } else {
      runs.push({ text: character, x: cell * CELL_DOTS, width: cells * CELL_DOTS, cells });
    }
    cell += cells;
  }
  return cell === columns ? runs.map(({ text: part, x, width }) => ({ text: part, x, width })) : whole;
}

/** Two for whatever is not ASCII: the printer's double-byte font holds it. */
function cellsOf(character: string): number {
  return (character.codePointAt(0) ?? 0) > 0x7e ? 2 : 1;
}
