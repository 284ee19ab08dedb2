import { reading } from "../../console/reading";
import type { OrderQuery, ShopKey } from "../../ipc/bindings";
import { api } from "../../ipc/client";

/** Rows are read in pages of this many, so that scrolling to and fro finds them read already. */
export const PAGE = 100;

/** One command takes no more rows than this. */
const MOST_PAGES = 5;

/** Pages that are read together. */
export type Span = { firstPage: number; lastPage: number };

/** The pages that hold the rows from `first` to `last`, and what is near enough to be scrolled to next. */
export function spanOf(first: number, last: number): Span {
  const near = 50;
  const firstPage = Math.floor(Math.max(0, first - near) / PAGE);
  const lastPage = Math.floor((last + near) / PAGE);
  return { firstPage, lastPage: Math.min(lastPage, firstPage + MOST_PAGES - 1) };
}

/**
 * The rows of a span, read by one command: what stands side by side on the screen then comes from one moment of the
 * mirror, and an order that moves from one page to the next is neither missing nor there twice.
 */
export const ordersIn = (shop: ShopKey, query: OrderQuery, { firstPage, lastPage }: Span) => ({
  ...reading("orders", shop, ["window", query, firstPage, lastPage], () =>
    api.orderWindow(shop, query, firstPage * PAGE, (lastPage - firstPage + 1) * PAGE),
  ),
  // Long enough to scroll back; somebody who scrolls through a million orders must not collect them all.
  gcTime: 10_000,
});

/** How many orders each group has under this search. */
export const countsOf = (shop: ShopKey, search: string) =>
  reading("orders", shop, ["counts", search], () => api.orderCounts(shop, search));

/** Everything about one order. */
export const detailOf = (shop: ShopKey, id: string) =>
  reading("orders", shop, ["detail", id], () => api.orderDetail(shop, id));
