import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { asFault } from "../../console/faults";
import type { Fault, RefundRow, ShopKey } from "../../ipc/bindings";

/** A decision that was sent. */
type Sent = {
  /** The refund as the person saw it when deciding. */
  seen: RefundRow;
  /** How it went: on its way, taken, or why it was refused. */
  answer: "running" | "taken" | Fault;
};

/** The decisions of one window, by refund. */
class Decisions {
  readonly #sent = new Map<string, Sent>();
  readonly #watchers = new Set<() => void>();

  forget(key: string): void {
    this.#sent.delete(key);
    this.#tell();
  }

  get(key: string): Sent | undefined {
    return this.#sent.get(key);
  }

  put(key: string, next: Sent): void {
    this.#sent.set(key, next);
    this.#tell();
  }

  #tell(): void {
    for (const watcher of this.#watchers) {
      watcher();
    }
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };
}

// With the window's rows and not in a component: whoever goes to another refund or screen and comes back finds the button
// still disabled.
const ofWindow = new WeakMap<QueryClient, Decisions>();

function decisionsOf(client: QueryClient): Decisions {
  const known = ofWindow.get(client) ?? new Decisions();
  ofWindow.set(client, known);
  return known;
}

export type Decision = {
  /** It was sent and the refund has not changed yet: nothing else may be sent. */
  waiting: boolean;
  fault: Fault | null;
  /** Sends a decision once, however often it is called before the refund has changed. */
  decide: (work: () => Promise<unknown>) => Promise<boolean>;
  /** Takes a refusal off the screen. */
  forget: () => void;
};

/** The decision about one refund: at most one on its way for each state that a person saw. */
export function useDecision(shop: ShopKey, row: RefundRow): Decision {
  const key = `${shop}/${row.key}`;
  const client = useQueryClient();
  const decisions = decisionsOf(client);
  const held = useSyncExternalStore(decisions.watch, () => decisions.get(key));
  const decide = useCallback(
    async (work: () => Promise<unknown>) => {
      if (isWaiting(decisions.get(key), row)) {
        return false;
      }
      decisions.put(key, { seen: row, answer: "running" });
      try {
        await work();
        decisions.put(key, { seen: row, answer: "taken" });
        return true;
      } catch (reason) {
        const fault = asFault(reason);
        if (fault.code === "refund_stale") {
          // What changed is shown beside the refusal, also where the event about it came before or never comes.
          await client.invalidateQueries({ queryKey: ["refunds", shop] }).catch(() => undefined);
        }
        decisions.put(key, { seen: row, answer: fault });
        return false;
      }
    },
    [client, decisions, key, row, shop],
  );
  const fault = typeof held?.answer === "object" ? held.answer : null;
  return {
    waiting: isWaiting(held, row),
    fault,
    decide,
    forget: useCallback(() => decisions.forget(key), [decisions, key]),
  };
}

function isWaiting(held: Sent | undefined, row: RefundRow): boolean {
  switch (held?.answer) {
    case "running":
      return true;
    case "taken":
      return held.seen.revision === row.revision;
    default:
      return false;
  }
}
