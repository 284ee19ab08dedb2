import { observeElementOffset, useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import {
  clampShift,
  findMoved,
  jumpDistance,
  nearFalseEnd,
  type Stretch,
  shiftAfterJump,
  shiftForRow,
  slotsOf,
} from "./positions";

export type StretchOptions = {
  scroller: RefObject<HTMLDivElement | null>;
  /** Rows in the list. */
  total: number;
  rowHeight: number;
  /** Rows that are drawn beyond what is seen, on each side. */
  overscan: number;
  /** The key of a row, as far as it is known. A new function means new rows. */
  keyAt: (index: number) => string | undefined;
  /** A new value means another list, which begins at its top. */
  list: string;
  /** The row that stays drawn wherever one scrolls, because it may hold the focus. */
  active: number | null;
};

export type DrawnRow = { index: number; offset: number };

type Anchor = { key: string | undefined; index: number; total: number; keyAt: StretchOptions["keyAt"] };

/**
 * Which rows are drawn and where. Rows that come in above what is seen push nothing away: the row at the top keeps its
 * place, unless the list stands at its very top.
 */
export function useStretch({ scroller, total, rowHeight, overscan, keyAt, list, active }: StretchOptions) {
  const [shift, setShift] = useState(0);
  const held = useRef({ shift: 0, top: 0, total, list, anchor: null as Anchor | null });
  const report = useRef<((offset: number, scrolling: boolean) => void) | null>(null);
  held.current.total = total;

  const stretch = useCallback((): Stretch => {
    const height = scroller.current?.clientHeight ?? 0;
    return { total: held.current.total, visible: Math.max(1, height / rowHeight) };
  }, [scroller, rowHeight]);

  const shiftTo = useCallback((next: number) => {
    held.current.shift = next;
    setShift(next);
  }, []);

  /** Writes the scroll position and draws in the same frame. */
  const scrollTo = useCallback(
    (top: number) => {
      const element = scroller.current;
      if (element === null) {
        return;
      }
      element.scrollTop = top;
      held.current.top = element.scrollTop;
      report.current?.(element.scrollTop, false);
    },
    [scroller],
  );

  /** Shows the same rows at the place of the bar that is theirs. Answers whether anything moved. */
  const settle = useCallback((): boolean => {
    const { shift: current, top } = held.current;
    const next = shiftForRow(top / rowHeight + current, stretch());
    if (next === current) {
      return false;
    }
    shiftTo(next);
    scrollTo(top + (current - next) * rowHeight);
    return true;
  }, [rowHeight, scrollTo, shiftTo, stretch]);

  const observe = useCallback(
    (instance: Virtualizer<HTMLDivElement, Element>, tell: (offset: number, scrolling: boolean) => void) => {
      report.current = tell;
      return observeElementOffset(instance, (offset, scrolling) => {
        const now = held.current;
        const far = Math.abs(offset - now.top) > jumpDistance(instance.scrollRect?.height ?? 0);
        now.top = offset;
        if (slotsOf(now.total) < now.total) {
          if (far) {
            shiftTo(shiftAfterJump(offset / rowHeight, stretch()));
          } else if ((!scrolling || nearFalseEnd(offset / rowHeight, now.shift, stretch())) && settle()) {
            return;
          }
        }
        tell(offset, scrolling);
      });
    },
    [rowHeight, settle, shiftTo, stretch],
  );

  const slots = slotsOf(total);
  const estimateSize = useCallback(() => rowHeight, [rowHeight]);
  const activeSlot = active === null ? -1 : active - shift;
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: slots,
    getScrollElement: () => scroller.current,
    estimateSize,
    overscan,
    observeElementOffset: observe,
    rangeExtractor: (range) => {
      const first = Math.max(0, range.startIndex - range.overscan);
      const last = Math.min(range.count - 1, range.endIndex + range.overscan);
      const drawn = Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place);
      if (activeSlot >= 0 && activeSlot < range.count && (activeSlot < first || activeSlot > last)) {
        drawn.push(activeSlot);
      }
      return drawn;
    },
  });

  useLayoutEffect(() => {
    const now = held.current;
    const element = scroller.current;
    if (now.list !== list) {
      now.list = list;
      now.anchor = null;
      shiftTo(0);
      scrollTo(0);
    }
    const before = now.anchor;
    const atTop = now.shift === 0 && (element === null || element.scrollTop < rowHeight / 2);
    if (before?.key !== undefined && before.keyAt !== keyAt && !atTop && keyAt(before.index) !== before.key) {
      const index = findMoved(before.key, before.index, total, keyAt);
      // Not among the rows that are known: what the list has grown by came in at its top.
      const unknown = keyAt(before.index) === undefined ? 0 : Math.max(0, total - before.total);
      const moved = index === null ? unknown : index - before.index;
      const shifted = clampShift(now.shift + moved, total);
      const rest = moved - (shifted - now.shift);
      shiftTo(shifted);
      if (element !== null) {
        scrollTo(element.scrollTop + rest * rowHeight);
      }
    }
    const top = Math.floor((element?.scrollTop ?? 0) / rowHeight) + now.shift;
    now.anchor = { key: keyAt(top), index: top, total, keyAt };
  });

  /** Scrolls no further than needed for the row to be seen. */
  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (element === null) {
        return;
      }
      let slot = index - held.current.shift;
      const near = Math.abs(slot * rowHeight - element.scrollTop) < element.clientHeight * 3;
      if (slot < 0 || slot >= slotsOf(held.current.total) || !near) {
        const { visible } = stretch();
        shiftTo(shiftForRow(index - Math.floor(visible / 2), stretch()));
        slot = index - held.current.shift;
      }
      const top = slot * rowHeight;
      if (top < element.scrollTop) {
        scrollTo(top);
      } else if (top + rowHeight > element.scrollTop + element.clientHeight) {
        scrollTo(top + rowHeight - element.clientHeight);
      }
    },
    [rowHeight, scrollTo, scroller, shiftTo, stretch],
  );

  const drawn = virtualizer
    .getVirtualItems()
    .map((item): DrawnRow => ({ index: item.index + shift, offset: item.index * rowHeight }))
    .filter((row) => row.index < total);
  const range = virtualizer.range;
  return {
    drawn,
    height: slots * rowHeight,
    /** The rows that are seen, without overscan. */
    first: (range?.startIndex ?? 0) + shift,
    last: Math.min(total, (range?.endIndex ?? 0) + shift),
    visible: stretch,
    reveal,
  };
}
