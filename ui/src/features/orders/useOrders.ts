import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { OrderQuery, OrderSummary, ShopKey } from "../../ipc/bindings";
import { ordersIn, type Span, spanOf } from "./queries";

/** While somebody scrolls on and on, the rows are read at most this often. */
const PACE_MS = 60;

/** The rows of a list of any length, of which only those in sight are read. */
export function useOrders(shop: ShopKey, query: OrderQuery) {
  const [span, setSpan] = usePaced<Span>({ firstPage: 0, lastPage: 0 });
  const { data, error, isPlaceholderData, refetch } = useQuery({
    ...ordersIn(shop, query, span),
    // What was read last stays on the screen until the next is there; but never another shop's rows.
    placeholderData: (before, from) => (from?.queryKey[1] === shop ? before : undefined),
  });

  const rowAt = useCallback((index: number): OrderSummary | undefined => data?.rows[index - data.first], [data]);
  const keyAt = useCallback((index: number) => rowAt(index)?.id, [rowAt]);
  const indexOf = useCallback(
    (id: string): number | null => {
      const place = data?.rows.findIndex((row) => row.id === id) ?? -1;
      return data === undefined || place < 0 ? null : data.first + place;
    },
    [data],
  );
  const onRange = useCallback(
    (first: number, last: number) => {
      const next = spanOf(first, last);
      setSpan((now) =>
        now.firstPage <= next.firstPage && now.lastPage >= next.lastPage && now.lastPage - now.firstPage < 3
          ? now
          : next,
      );
    },
    [setSpan],
  );
  return useMemo(
    () => ({
      total: data?.total ?? 0,
      known: data !== undefined,
      fault: error,
      isPlaceholderData,
      rowAt,
      keyAt,
      indexOf,
      onRange,
      refetch,
    }),
    [data, error, isPlaceholderData, rowAt, keyAt, indexOf, onRange, refetch],
  );
}

/** A state whose first change shows at once and whose further ones come at a pace. */
function usePaced<Value>(initial: Value) {
  const [value, setValue] = useState(initial);
  const pace = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; next: ((now: Value) => Value) | null }>({
    timer: undefined,
    next: null,
  });
  useEffect(() => () => clearTimeout(pace.current.timer), []);
  const change = useCallback((next: (now: Value) => Value) => {
    const held = pace.current;
    if (held.timer !== undefined) {
      held.next = next;
      return;
    }
    setValue(next);
    const rest = () => {
      held.timer = undefined;
      if (held.next !== null) {
        const waiting = held.next;
        held.next = null;
        setValue(waiting);
        held.timer = setTimeout(rest, PACE_MS);
      }
    };
    held.timer = setTimeout(rest, PACE_MS);
  }, []);
  return [value, change] as const;
}
