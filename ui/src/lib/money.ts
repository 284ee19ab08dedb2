/** Fen beyond this have no exact number in JavaScript; no shop's total comes near. */
export const MOST_FEN = Number.MAX_SAFE_INTEGER;

/**
 * An amount in yuan as people read it, without a sign of currency: `1,234.50`. By whole numbers and digits only, so
 * that no fen is ever rounded.
 */
export function formatFen(fen: number): string {
  if (!Number.isSafeInteger(fen)) {
    throw new RangeError(`not a whole number of fen: ${fen}`);
  }
  const digits = String(Math.abs(fen)).padStart(3, "0");
  const yuan = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${fen < 0 ? "−" : ""}${yuan}.${digits.slice(-2)}`;
}

/** The same with the sign: `¥1,234.50`, `−¥3.00`. */
export function formatYuan(fen: number): string {
  return fen < 0 ? `−¥${formatFen(-fen)}` : `¥${formatFen(fen)}`;
}

/** An amount for a field that somebody goes on typing in: `1234.50`. */
export function typedFen(fen: number): string {
  return formatFen(fen).replaceAll(",", "");
}

/** What somebody typed into the field of an amount. */
export type TypedAmount =
  | { kind: "fen"; fen: number }
  | { kind: "empty" }
  /** No amount at all, or one with more than two decimals: refused, not guessed. */
  | { kind: "unreadable" }
  /** Nothing, or less than that. */
  | { kind: "not_positive" }
  /** More than there is to pay back. */
  | { kind: "too_much" };

/**
 * Reads yuan as typed at a counter, with the full-width digits and signs of a Chinese input method too, by its digits
 * alone: 0.1 + 0.2 never meets a floating point.
 */
export function parseYuan(typed: string, mostFen: number = MOST_FEN): TypedAmount {
  const text = typed
    .normalize("NFKC")
    .replaceAll("。", ".")
    .replace(/\s/g, "")
    .replace(/^[¥￥]/, "")
    .replace(/元$/, "");
  if (text === "") {
    return { kind: "empty" };
  }
  const parts = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d{0,2}))?$/.exec(text);
  const [, sign = "", yuan = "", decimals = ""] = parts ?? [];
  if (parts === null || (yuan === "" && decimals === "")) {
    return { kind: "unreadable" };
  }
  // Digits that are put together, not numbers that are multiplied: exact below 2^53 and told apart above.
  const fen = Number(`${yuan.replaceAll(",", "")}${decimals.padEnd(2, "0")}`);
  if (sign === "-" || fen === 0) {
    return { kind: "not_positive" };
  }
  return !Number.isSafeInteger(fen) || fen > mostFen ? { kind: "too_much" } : { kind: "fen", fen };
}
