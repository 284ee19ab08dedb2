import type { Query, QueryClient } from "@tanstack/react-query";
import type { Tag } from "../console/reading";
import type { ShopKey } from "../ipc/bindings";

/** What an event says: rows of these kinds changed in this shop. */
export type Change = { shop: ShopKey; tags: readonly Tag[] };

/**
 * What else a change is seen in: an order's row shows whether it was printed, whether money goes back and whether an
 * alert about it is open; the strip counts what is open and what is not done.
 */
const alsoSeenIn: Record<Tag, readonly Tag[]> = {
  orders: ["refunds"],
  // A decision puts off when the PIN has to be typed again, and adds to what somebody sent back today.
  refunds: ["orders", "status", "staff"],
  papers: ["orders", "status"],
  alerts: ["orders", "status"],
  status: [],
  // Who is signed in is written down there.
  staff: ["audit"],
  audit: [],
  console: [],
};

/**
 * Reads again what an event names: what is on the screen at once, everything else when it is shown next.
 *
 * A query that is being read is read once more afterwards instead of being broken off: breaking off, which is the
 * library's way, never gets to an end when changes come faster than answers.
 */
export class Refresher {
  readonly #client: QueryClient;
  readonly #running = new Set<string>();
  readonly #again = new Set<string>();

  constructor(client: QueryClient) {
    this.#client = client;
  }

  changed({ shop, tags }: Change): void {
    const stale = new Set<unknown>(tags.flatMap((tag) => [tag, ...alsoSeenIn[tag]]));
    const hit = this.#client.getQueryCache().findAll({
      predicate: ({ queryKey: [tag, ofShop] }) => stale.has(tag) && (tag === "console" || ofShop === shop),
    });
    for (const query of hit) {
      this.#refresh(query);
    }
  }

  #refresh(query: Query): void {
    const { queryHash, queryKey } = query;
    if (this.#running.has(queryHash)) {
      this.#again.add(queryHash);
      return;
    }
    this.#running.add(queryHash);
    const done = () => {
      this.#running.delete(queryHash);
      if (this.#again.delete(queryHash)) {
        this.#refresh(query);
      }
    };
    if (query.state.fetchStatus !== "idle") {
      // Somebody else began it, as whoever shows it for the first time. The library would take that answer, which may be
      // older than the change, for a new one.
      this.#again.add(queryHash);
      void Promise.allSettled([query.promise]).then(done);
      return;
    }
    void this.#client.invalidateQueries({ queryKey, exact: true }).finally(done);
  }
}
