import { infiniteQueryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { asFault } from "../../console/faults";
import { type ReadingKey, reading } from "../../console/reading";
import type { AuditEntry, AuditQuery, Fault, ShopKey } from "../../ipc/bindings";
import { api } from "../../ipc/client";

/** Rows in one answer. */
const PAGE = 200;

/** The next page is read when so many rows are left below what is seen. */
const AHEAD = 100;

/** The log, newest first, page after page: there is no position in it but the number of a row. */
const rowsOf = (shop: ShopKey, query: AuditQuery) => {
  const queryKey: ReadingKey = ["audit", shop, ["rows", query]];
  return infiniteQueryOptions<AuditEntry[], Fault, { pages: AuditEntry[][] }, ReadingKey, number | null>({
    queryKey,
    queryFn: async ({ pageParam }) => {
      try {
        return await api.auditPage(shop, query, pageParam, PAGE);
      } catch (reason) {
        throw asFault(reason);
      }
    },
    initialPageParam: null,
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.seq),
  });
};

/** One row by its number; null where there is none. */
const rowOf = (shop: ShopKey, seq: number | null) =>
  reading("audit", shop, ["row", seq], async () => {
    const [row] = seq === null ? [] : await api.auditPage(shop, everything, seq + 1, 1);
    return row?.seq === seq ? row : null;
  });

/** No filter. */
export const everything: AuditQuery = { search: "", kind: null, who: null, fromMs: null, untilMs: null };

/** The rows that are wanted, as far as somebody has scrolled. */
export function useAuditRows(query: AuditQuery, shop: ShopKey) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    rowsOf(shop, query),
  );
  const rows = useMemo(() => data?.pages.flat(), [data]);
  const known = rows?.length ?? 0;
  const onRange = useCallback(
    (_first: number, last: number) => {
      if (hasNextPage && !isFetchingNextPage && last >= known - AHEAD) {
        void fetchNextPage();
      }
    },
    [hasNextPage, isFetchingNextPage, known, fetchNextPage],
  );
  return { rows, error, refetch, onRange, more: hasNextPage };
}

/** The row that is open, in the list or not. */
export function useAuditRow(seq: number | null, rows: readonly AuditEntry[] | undefined, shop: ShopKey) {
  const found = rows?.find((row) => row.seq === seq);
  const { data } = useQuery({ ...rowOf(shop, seq), enabled: seq !== null && found === undefined });
  return found ?? data ?? null;
}
