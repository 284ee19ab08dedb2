/**
 * Where rows stand in a list that may be longer than a browser can lay out (WebKit ends at about 33.5 million px).
 *
 * The list has at most `MOST_SLOTS` slots of one height. Slot `s` shows row `s + shift`. While somebody scrolls by hand
 * the shift stays, so a row moves exactly as far as the finger; a jump, as by the scrollbar, chooses the shift anew so
 * that both ends of the bar are both ends of the list.
 */
export type Stretch = {
  /** Rows in the list. */
  total: number;
  /** Rows that fit into what is seen; mostly no whole number. */
  visible: number;
};

/**
 * Below the limit of every browser at any row height that we have, and few enough that the virtualiser, which keeps two
 * numbers for each, stays out of the way when the list grows.
 */
export const MOST_SLOTS = 100_000;

/** How many slots are laid out. */
export function slotsOf(total: number): number {
  return Math.min(total, MOST_SLOTS);
}

/** The shift after a jump to the slot `top`: as far down in the list as `top` is in the slots. */
export function shiftAfterJump(top: number, { total, visible }: Stretch): number {
  const slots = slotsOf(total);
  const ends = slots - visible;
  if (total === slots || ends <= 0) {
    return 0;
  }
  const row = (Math.max(0, Math.min(top, ends)) * (total - visible)) / ends;
  return clampShift(Math.round(row - top), total);
}

/** The shift under which `row` is the topmost where it belongs: as far down in the slots as it is in the list. */
export function shiftForRow(row: number, { total, visible }: Stretch): number {
  const slots = slotsOf(total);
  const last = total - visible;
  if (total === slots || last <= 0) {
    return 0;
  }
  const slot = (Math.max(0, Math.min(row, last)) * (slots - visible)) / last;
  return clampShift(Math.round(row - slot), total);
}

/** A shift under which every slot shows a row and the ends can be reached. */
export function clampShift(shift: number, total: number): number {
  return Math.max(0, Math.min(shift, total - slotsOf(total)));
}

/** Whether the topmost slot is so near to an end of the slots, and not of the list, that it must move before it sticks. */
export function nearFalseEnd(top: number, shift: number, { total, visible }: Stretch): boolean {
  const margin = visible * 4;
  const slots = slotsOf(total);
  return (top < margin && shift > 0) || (top > slots - visible - margin && shift < total - slots);
}

/** How far a jump goes at least, in px; below it somebody scrolls by hand. */
export function jumpDistance(viewportPx: number): number {
  return Math.max(viewportPx * 1.5, 600);
}

/**
 * Where the row that was seen at `index` under `key` stands now, looked for among the rows that are known. Null when it
 * is not among them.
 */
export function findMoved(
  key: string,
  index: number,
  total: number,
  keyAt: (index: number) => string | undefined,
  reach = 300,
): number | null {
  for (let distance = 0; distance <= reach; distance += 1) {
    const below = index + distance;
    if (below < total && keyAt(below) === key) {
      return below;
    }
    const above = index - distance;
    if (above >= 0 && keyAt(above) === key) {
      return above;
    }
  }
  return null;
}
