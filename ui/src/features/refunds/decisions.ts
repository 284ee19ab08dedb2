import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { asFault } from "../../console/faults";
import { asSomebody, handOver } from "../../console/signing";
import type { Fault, RefundRow, ShopKey, SignIn } from "../../ipc/bindings";

/** Sends a decision, with a second person's PIN where one has to agree. */
type Work = (second: SignIn | null) => Promise<unknown>;

/** A decision that was sent. */
type Sent = {
  work: Work;
  /** What it does, in a sentence. */
  deed: string;
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
  decide: (work: Work, deed: string) => Promise<boolean>;
  /** Lets somebody else sign in and send the decision that was refused, which names what was seen then. */
  byAnother: () => Promise<boolean>;
  /** Takes a refusal off the screen. */
  forget: () => void;
};

/** The decision about one refund: at most one on its way for each state that a person saw. */
export function useDecision(shop: ShopKey, row: RefundRow): Decision {
  const key = `${shop}/${row.key}`;
  const client = useQueryClient();
  const decisions = decisionsOf(client);
  const held = useSyncExternalStore(decisions.watch, () => decisions.get(key));
  const send = useCallback(
    async (work: Work, deed: string, how: () => Promise<unknown>) => {
      if (isWaiting(decisions.get(key), row)) {
        return false;
      }
      decisions.put(key, { seen: row, answer: "running", work, deed });
      try {
        await how();
        decisions.put(key, { seen: row, answer: "taken", work, deed });
        return true;
      } catch (reason) {
        const fault = asFault(reason);
        if (fault.code === "refund_stale") {
          // What changed is shown beside the refusal, also where the event about it came before or never comes.
          await client.invalidateQueries({ queryKey: ["refunds", shop] }).catch(() => undefined);
        }
        decisions.put(key, { seen: row, answer: fault, work, deed });
        return false;
      }
    },
    [client, decisions, key, row, shop],
  );
  const decide = useCallback(
    (work: Work, deed: string) => send(work, deed, () => asSomebody(shop, work, deed)),
    [send, shop],
  );
  const byAnother = useCallback(async () => {
    const refused = decisions.get(key);
    if (typeof refused?.answer !== "object") {
      return false;
    }
    const { answer: why, work, deed } = refused;
    return send(work, deed, async () => {
      if (!(await handOver(shop, why, () => asSomebody(shop, work, deed), deed))) {
        throw why;
      }
    });
  }, [decisions, key, send, shop]);
  const fault = held !== undefined && typeof held.answer === "object" && isAboutNow(held, row) ? held.answer : null;
  return {
    waiting: isWaiting(held, row),
    fault,
    decide,
    byAnother,
    forget: useCallback(() => decisions.forget(key), [decisions, key]),
  };
}

/**
 * Whether a refusal still says something true of the refund: that no money moved is not, once somebody else has decided.
 * Only "it changed meanwhile" is about the change, and stays for as long as there is something to decide.
 */
function isAboutNow({ seen, answer }: Sent, row: RefundRow): boolean {
  const open = row.canApprove || row.canRefuse || row.canAgreeReturn;
  return seen.revision === row.revision || (open && typeof answer === "object" && answer.code === "refund_stale");
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
