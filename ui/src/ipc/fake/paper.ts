import type { Align, FoundPrinter, Paper, PaperRow, PaperSpan, Printing, Slip } from "../bindings";
import { Chance } from "./chance";
import { type FakeOrder, yuan } from "./orders";

const MINUTE = 60_000;

export const demoPrinter: FoundPrinter = { target: "file:paper.bin", name: "演示打印机", kind: "demo", detail: null };

export const realPrinters: FoundPrinter[] = [
  { target: "usb:0fe6:811e", name: "Gprinter GP-58MBIII", kind: "usb", detail: "0fe6:811e · 序列号 8A2C01" },
  { target: "spool:Kitchen", name: "Kitchen", kind: "spool", detail: "后厨 EPSON TM-T82III" },
  { target: "dev:/dev/usb/lp1", name: "/dev/usb/lp1", kind: "device", detail: null },
];

export const firstPrinting: Printing = {
  target: "auto",
  widthMm: 58,
  template: "merchant",
  copies: 1,
  printUnverified: false,
  printMissed: true,
};

/** Paper jobs in every state, newest first. */
export function makePapers(orders: readonly FakeOrder[], nowMs: number): Paper[] {
  const states: readonly [state: string, code: string | null][] = [
    ["queued", null],
    ["sending", null],
    ["confirmed", null],
    ["sent", null],
    ["failed_before_start", "printer_paper_out"],
    ["unknown", "printer_timeout"],
    ["elsewhere", null],
  ];
  return orders.slice(0, 40).map(({ summary }, place) => {
    const [state, code] = states[place] ?? ["confirmed", null];
    return {
      id: 900 - place,
      orderId: summary.id,
      orderNumber: summary.number,
      template: place % 5 === 2 ? "kitchen" : place % 5 === 4 ? "refund" : "merchant",
      target: demoPrinter.target,
      copy: 1,
      state,
      fault: code === null ? null : { code, parameters: {}, retry: "now", reference: "" },
      createdAtMs: nowMs - (place + 1) * 4 * MINUTE,
      updatedAtMs: nowMs - (place + 1) * 4 * MINUTE + 2_000,
      attempts: code === null ? 1 : 2,
    };
  });
}

/** What the demo printer has printed, newest slip first. */
export function makeSlips(orders: readonly FakeOrder[], shopName: string, columns: number): Slip[] {
  return orders
    .filter(({ summary }) => summary.printed === "printed")
    .slice(0, 8)
    .map((order, place) => slipOf(order, 100 - place, shopName, columns));
}

/** The shop's copy of an order, laid out as the program does. */
export function slipOf({ summary, lines }: FakeOrder, id: number, shopName: string, columns: number): Slip {
  const rows: PaperRow[] = [centred(shopName, { bold: true, tall: 2, wide: 2 })];
  if (summary.pickupCode !== null) {
    rows.push(centred("取货码"), centred(summary.pickupCode, { bold: true, wide: 3, tall: 3 }));
  }
  rows.push(
    centred(" 商家联 ", { inverse: true }),
    rule(columns),
    left(`订单号：${summary.number}`),
    left(`下单时间：${clock(summary.placedAtMs)}`),
    ...(summary.buyer === null ? [] : wrapped(`顾客：${summary.buyer}`, columns)),
    rule(columns),
    spread("商品", "数量    金额", columns),
  );
  for (const [place, line] of lines.entries()) {
    const name = wrapped(`${place + 1}.${line.title}`, columns - 14);
    const sums = `x${line.quantity}${yuan(line.totalFen).padStart(9)}`;
    const [first, ...rest] = name;
    rows.push(spread(first?.kind === "text" ? (first.spans[0]?.text ?? "") : "", sums, columns), ...rest);
    if (line.spec !== null) {
      rows.push(...wrapped(`  ${line.spec}`, columns));
    }
  }
  rows.push(
    rule(columns),
    spread("实付", yuan(summary.totalFen), columns, { bold: true, tall: 2 }),
    left("支付方式：微信支付"),
  );
  if (summary.note !== null) {
    rows.push(...wrapped(`顾客备注：${summary.note}`, columns, { bold: true }));
  }
  rows.push(
    rule(columns),
    { kind: "qr", align: "centre", ...codeOf(id), sideDots: 160 },
    centred("谢谢惠顾，欢迎再次光临", { underline: true }),
    { kind: "feed", lines: 3 },
  );
  return { id, widthDots: columns * 12, columns, rows };
}

/** The page that shows whether a printer is set up well. */
export function testSlip(id: number, columns: number): Slip {
  const rows: PaperRow[] = [
    centred("打印测试页", { bold: true, wide: 2, tall: 2 }),
    rule(columns),
    left("最长的不换行的一行，就是每行列数："),
    left("1234567890".repeat(5).slice(0, columns)),
    left(`现在设置：每行 ${columns} 列`),
    left("加粗文字", { bold: true }),
    left("放大文字", { wide: 2, tall: 2 }),
    centred("居中文字"),
    { kind: "text", align: "right", spans: [span("靠右文字", { inverse: true })] },
    { kind: "feed", lines: 3 },
  ];
  return { id, widthDots: columns * 12, columns, rows };
}

type Look = Partial<Pick<PaperSpan, "bold" | "underline" | "inverse" | "wide" | "tall">>;

function span(text: string, look: Look = {}): PaperSpan {
  return { text, bold: false, underline: false, inverse: false, wide: 1, tall: 1, ...look, columns: cells(text) };
}

const row = (align: Align, text: string, look?: Look): PaperRow => ({ kind: "text", align, spans: [span(text, look)] });
const left = (text: string, look?: Look) => row("left", text, look);
const centred = (text: string, look?: Look) => row("centre", text, look);
const rule = (columns: number) => left("-".repeat(columns));

function spread(start: string, end: string, columns: number, look?: Look): PaperRow {
  return left(start + " ".repeat(Math.max(1, columns - cells(start) - cells(end))) + end, look);
}

function wrapped(text: string, columns: number, look?: Look): PaperRow[] {
  const lines: string[] = [];
  let line = "";
  for (const character of text) {
    if (cells(line + character) > columns) {
      lines.push(line);
      line = "";
    }
    line += character;
  }
  return [...lines, line].map((one) => left(one, look));
}

/** How many cells a text takes: two for whatever is not ASCII, as in a printer with a double-byte font. */
function cells(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) > 0x7e ? 2 : 1), 0);
}

function clock(ms: number): string {
  return new Date(ms + 8 * 60 * MINUTE).toISOString().slice(0, 16).replace("T", " ");
}

/** Something that looks like a QR code: its three corners and chance in between. */
function codeOf(seed: number): { svg: string; modules: number; sideDots: number } {
  const modules = 25;
  const chance = new Chance(seed);
  const corner = (x: number, y: number) => {
    const inside = (cx: number, cy: number) => {
      const ring = Math.max(Math.abs(x - cx), Math.abs(y - cy));
      return ring === 3 || ring <= 1 ? 1 : ring === 2 || ring === 4 ? 0 : null;
    };
    return inside(3, 3) ?? inside(modules - 4, 3) ?? inside(3, modules - 4);
  };
  let svg = "";
  for (let y = 0; y < modules; y += 1) {
    for (let x = 0; x < modules; x += 1) {
      if (corner(x, y) ?? chance.below(2)) {
        svg += `M${x} ${y}h1v1h-1z`;
      }
    }
  }
  return { svg, modules, sideDots: modules * 6 };
}
