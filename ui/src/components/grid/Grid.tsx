import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
} from "react";
import { cx } from "../cx";
import { useStretch } from "./useStretch";

export type GridHandle = {
  /** Moves the focus to a row, which is scrolled into sight first. */
  focusRow: (index: number) => void;
  /** Scrolls a row into sight. */
  reveal: (index: number) => void;
};

export type GridColumn = { key: string; label: string; className?: string };

export type GridProps = {
  /** What the list is, for screen readers. */
  label: string;
  /** Rows in the list, of which only those in sight are drawn. */
  total: number;
  /** In px; all rows are equally high. */
  rowHeight: number;
  columns: readonly GridColumn[];
  /** The class that lays out the columns, the same for the head and every row. */
  columnsClassName: string;
  /** The key of a row, undefined while it is not known. A new function tells that the rows may have changed. */
  keyAt: (index: number) => string | undefined;
  /** The cells of a row, each `role="gridcell"`. */
  renderRow: (index: number) => ReactNode;
  /** A new value means another list, which begins at its top. */
  list: string;
  /** The row that has or gets the focus. */
  active: number | null;
  /** The row whose detail is open. */
  selected: number | null;
  onActive: (index: number) => void;
  onOpen: (index: number) => void;
  /** Tells which rows are in sight, so that they can be read. */
  onRange: (first: number, last: number) => void;
  rowClassName?: (index: number) => string | undefined;
  ref?: Ref<GridHandle>;
};

/** A list of any length with a head, roles of a grid, one tab stop, and rows that are drawn only while in sight. */
export function Grid(props: GridProps) {
  const { label, total, rowHeight, columns, columnsClassName, keyAt, renderRow, list, active, selected } = props;
  const { onActive, onOpen, onRange, rowClassName, ref } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRef(new Map<number, HTMLDivElement>());
  const wanted = useRef<number | null>(null);
  const holdsFocus = useRef(false);
  const { drawn, height, first, last, visible, reveal } = useStretch({
    scroller,
    total,
    rowHeight,
    overscan: 6,
    keyAt,
    list,
    active,
  });

  useEffect(() => onRange(first, last), [onRange, first, last]);

  useLayoutEffect(() => {
    if (wanted.current !== null) {
      const row = rows.current.get(wanted.current);
      if (row) {
        wanted.current = null;
        row.focus({ preventScroll: true });
      }
    } else if (holdsFocus.current && active !== null && document.activeElement === document.body) {
      // The row under the focus was drawn anew, as when it was read after it had been jumped to.
      rows.current.get(active)?.focus({ preventScroll: true });
    }
  });

  const focusRow = (index: number) => {
    wanted.current = index;
    reveal(index);
    rows.current.get(index)?.focus({ preventScroll: true });
  };
  useImperativeHandle(ref, () => ({ focusRow, reveal }));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing || total === 0) {
      return;
    }
    const at = active ?? first;
    const page = Math.max(1, Math.floor(visible().visible) - 1);
    const targets: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: total - 1,
    };
    const target = targets[event.key];
    if (target !== undefined) {
      event.preventDefault();
      const index = Math.max(0, Math.min(target, total - 1));
      onActive(index);
      focusRow(index);
    } else if (event.key === "Enter" && active !== null) {
      event.preventDefault();
      onOpen(active);
    }
  };

  const tabStop = active !== null && drawn.some((row) => row.index === active) ? active : (drawn[0]?.index ?? null);
  const seen = new Set<string>();
  return (
    <div
      role="grid"
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
      className="flex h-full min-h-0 flex-col"
    >
      <div role="rowgroup" className="shrink-0 border-b border-line low:hidden">
        <div role="row" aria-rowindex={1} className={cx("h-7 items-center text-xs text-ink-faint", columnsClassName)}>
          {columns.map((column) => (
            <span key={column.key} role="columnheader" className={column.className}>
              {column.label}
            </span>
          ))}
        </div>
      </div>
      <div
        ref={scroller}
        role="rowgroup"
        data-testid="grid-scroller"
        onKeyDown={onKeyDown}
        onFocus={() => {
          holdsFocus.current = true;
        }}
        onBlur={() => {
          holdsFocus.current = false;
        }}
        style={{ "--row-height": `${rowHeight}px` } as CSSProperties}
        className="thin-scroll grid-paper relative flex min-h-0 flex-1 flex-col overflow-y-auto overscroll-contain [overflow-anchor:none]"
      >
        <div role="presentation" className="relative w-full shrink-0" style={{ height }}>
          {drawn.map(({ index, offset }) => {
            const known = keyAt(index);
            // Two pages read one after the other may both hold a row that moved from one to the other.
            const key = known === undefined || seen.has(known) ? `#${index}` : known;
            seen.add(key);
            return (
              <div
                key={key}
                ref={(element) => {
                  if (element) {
                    rows.current.set(index, element);
                  }
                  return () => {
                    if (rows.current.get(index) === element) {
                      rows.current.delete(index);
                    }
                  };
                }}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={index === selected}
                tabIndex={index === tabStop ? 0 : -1}
                onClick={() => {
                  onActive(index);
                  onOpen(index);
                }}
                onFocus={() => index !== active && onActive(index)}
                style={{ height: rowHeight, transform: `translateY(${offset}px)` }}
                className={cx(
                  "absolute inset-x-0 top-0 contain-strict focus-visible:z-10 focus-visible:-outline-offset-2",
                  columnsClassName,
                  rowClassName?.(index),
                )}
              >
                {renderRow(index)}
              </div>
            );
          })}
        </div>
        {/* Below the last row of a short list nothing is yet to be drawn. */}
        <div role="presentation" className="flex-1 bg-surface" />
      </div>
    </div>
  );
}

/** A cell of a row. */
export function Cell({ className, children }: { className?: string; children?: ReactNode }) {
  return (
    <div role="gridcell" className={className}>
      {children}
    </div>
  );
}
