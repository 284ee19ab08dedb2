import { memo } from "react";
import type { Slip } from "../../ipc/bindings";
import { GLYPH_DOTS, layOut, type Piece, type Placed } from "./layout";

/** A printer's font: Chinese characters exactly twice as wide as others, on every system that we run on. */
const FONT = '"Noto Sans Mono CJK SC", "Sarasa Mono SC", NSimSun, SimSun, MingLiU, monospace';

/** Paper stays white and print stays black, in a dark window too. */
const PAPER = "#fcfbf8";
const INK = "#1c1b1a";

/** How large a dot is drawn, in px: 58 mm of paper come to a column that stands well beside a list. */
const DOT_PX = 0.62;

/** Where the letters stand in their cell, in dots from its top. */
const BASELINE = 21;

/** The teeth that a torn edge has. */
const TOOTH = 8;

/** Slips as they came out of the printer, the newest on top. */
export function PaperRoll({ slips }: { slips: readonly Slip[] }) {
  return (
    <ol className="flex flex-col items-center gap-4">
      {slips.map((slip) => (
        <li key={slip.id} className="max-w-full transition duration-300 starting:-translate-y-4 starting:opacity-0">
          <PaperSlip slip={slip} />
        </li>
      ))}
    </ol>
  );
}

/** One slip. A roll is read again whole when a slip comes out; those that did not change are not drawn again. */
const PaperSlip = memo(
  function PaperSlip({ slip }: { slip: Slip }) {
    const { width, height, rows, text } = layOut(slip);
    return (
      <svg
        role="img"
        aria-label={text}
        data-columns={slip.columns}
        viewBox={`0 0 ${width} ${height + TOOTH}`}
        width={Math.round(width * DOT_PX)}
        className="h-auto max-w-full drop-shadow-md"
        fontFamily={FONT}
        fontSize={GLYPH_DOTS}
      >
        <path d={outline(width, height)} fill={PAPER} />
        {rows.map((row, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what is printed never changes its place
          <Row key={place} row={row} />
        ))}
      </svg>
    );
  },
  (before, now) =>
    before.slip.id === now.slip.id &&
    before.slip.columns === now.slip.columns &&
    before.slip.rows.length === now.slip.rows.length,
);

/** Cut straight at its head, torn at its foot. */
function outline(width: number, height: number): string {
  const teeth = Math.max(1, Math.round(width / (TOOTH * 2)));
  const half = width / teeth / 2;
  return `M0 0H${width}V${height}${`l${-half} ${TOOTH}l${-half} ${-TOOTH}`.repeat(teeth)}z`;
}

function Row({ row }: { row: Placed }) {
  switch (row.kind) {
    case "qr":
      return (
        <path
          transform={`translate(${row.x} ${row.y}) scale(${row.scale})`}
          d={row.svg}
          fill={INK}
          shapeRendering="crispEdges"
        />
      );
    case "picture":
      return (
        <image
          x={row.x}
          y={row.y}
          width={row.width}
          height={row.height}
          href={row.png}
          className="[image-rendering:pixelated]"
        />
      );
    case "text":
      return row.pieces.map((piece) => (
        <Text
          key={piece.x}
          piece={piece}
          foot={row.y + Math.max(...row.pieces.map(({ span }) => span.tall)) * GLYPH_DOTS}
        />
      ));
  }
}

/** Characters of one look. `foot` is where the lower edge of their cells is, which a line has in common. */
function Text({ piece: { span, x, width, runs }, foot }: { piece: Piece; foot: number }) {
  const top = foot - span.tall * GLYPH_DOTS;
  return (
    <g fill={span.inverse ? PAPER : INK}>
      {span.inverse && <rect x={x} y={top} width={width} height={foot - top} fill={INK} />}
      <g transform={`translate(${x} ${top}) scale(${span.wide} ${span.tall})`} fontWeight={span.bold ? 700 : 400}>
        {runs.map((run) => (
          <text
            key={run.x}
            x={run.x}
            y={BASELINE}
            textLength={run.width}
            lengthAdjust="spacingAndGlyphs"
            xmlSpace="preserve"
            className="whitespace-pre"
          >
            {run.text}
          </text>
        ))}
      </g>
      {span.underline && <rect x={x} y={foot - 1} width={width} height={2} />}
    </g>
  );
}
