import { queryOptions } from "@tanstack/react-query";
import type { Fault, ShopKey } from "../ipc/bindings";
import { asFault } from "./faults";

/** What can change. The event `changed` names these. */
export type Tag = "orders" | "refunds" | "papers" | "alerts" | "status" | "staff" | "audit" | "console";

/** A key is a tag, a shop and what else the answer depends on. */
export type ReadingKey = readonly [tag: Tag, shop: ShopKey, parameters: readonly unknown[]];

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: Fault;
  }
}

/**
 * Something read from the mirror, for `useQuery`. It is read again when the event `changed` says so and never for
 * another reason, so no writer has to remember what its write made stale.
 */
export function reading<Answer>(tag: Tag, shop: ShopKey, parameters: readonly unknown[], read: () => Promise<Answer>) {
  const queryKey: ReadingKey = [tag, shop, parameters];
  return queryOptions<Answer, Fault, Answer, ReadingKey>({
    queryKey,
    queryFn: async () => {
      try {
        return await read();
      } catch (reason) {
        throw asFault(reason);
      }
    },
  });
}
