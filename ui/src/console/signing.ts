import { useSyncExternalStore } from "react";
import type { Fault, ShopKey, SignIn } from "../ipc/bindings";
import { api } from "../ipc/client";
import { asFault } from "./faults";

/** Why somebody is asked for a PIN. */
export type Purpose =
  /** They want to sign in, or in place of somebody. */
  | "switch"
  /** What they wanted done needs somebody who is signed in. */
  | "needed"
  /** Whoever is signed in may not do it; somebody else does. */
  | "hand_over"
  /** A second person agrees to one refund. */
  | "second";

/** A question for a PIN, as the dialog shows it. */
export type Question = {
  purpose: Purpose;
  shop: ShopKey;
  /** The refusal that led to the question. */
  why: Fault | null;
  /** What is done once the PIN is right: whoever types it has to see what for. Null where they only sign in. */
  deed: string | null;
  /** Tries what was typed. A refusal that another try can cure leaves the question open. */
  attempt: (typed: SignIn, stay: boolean) => Promise<void>;
  /** Nobody types anything. */
  cancel: () => void;
};

let question: Question | null = null;
const watchers = new Set<() => void>();

function put(next: Question | null): void {
  question = next;
  for (const watcher of watchers) {
    watcher();
  }
}

/** The question that is open. */
export function useQuestion(): Question | null {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => question,
  );
}

/** Refusals of what was typed: the next try, or somebody else's, may be right. */
const again = new Set([
  "pin_missing",
  "pin_wrong",
  "pin_wrong_wait",
  "pin_locked",
  "staff_unknown",
  "staff_inactive",
  "refund_second_person_same",
  "refund_second_person_may_not",
  "staff_second_person_lapsed",
]);

/** Refusals that a second person's PIN may cure. */
const wantsSecond = new Set(["refund_second_person_needed", "staff_second_person_lapsed"]);

/** Refusals of somebody who is signed in, in whose place another person may do the same. */
const otherPerson = new Set(["staff_not_allowed", "refund_above_limit", "staff_inactive"]);

/** Whether somebody else could do what was refused. */
export const couldBeHandedOver = ({ code }: Fault): boolean => otherPerson.has(code);

/** Asks until `use` takes what was typed. Answers false where nobody types anything; any other refusal is thrown. */
function ask(
  about: Pick<Question, "purpose" | "shop" | "why" | "deed">,
  use: (typed: SignIn, stay: boolean) => Promise<unknown>,
): Promise<boolean> {
  // One question at a time: whatever was asked before is given up.
  question?.cancel();
  return new Promise((done, fail) => {
    // What is being tried may move money: nobody is told that nothing happened before its answer is there.
    let trying = false;
    const end = () => {
      if (question === asked) {
        put(null);
      }
    };
    const asked: Question = {
      ...about,
      attempt: async (typed, stay) => {
        trying = true;
        try {
          await use(typed, stay);
        } catch (reason) {
          trying = false;
          // Another question may have taken this one's place meanwhile; then nobody is there to type again.
          if (question === asked && again.has(asFault(reason).code)) {
            throw reason;
          }
          end();
          fail(reason);
          return;
        }
        end();
        done(true);
      },
      cancel: () => {
        if (!trying) {
          end();
          done(false);
        }
      },
    };
    put(asked);
  });
}

/** Lets somebody sign in, in place of whoever is. */
export function askWho(shop: ShopKey): Promise<boolean> {
  return ask({ purpose: "switch", shop, why: null, deed: null }, (typed) => api.staffSignIn(shop, typed));
}

/**
 * Runs a command. Where it is refused because nobody is signed in, or because a second person has to agree, that is asked
 * for and the very same command is run again: what it names as seen is what the person saw when they decided.
 */
export async function asSomebody<Answer>(
  shop: ShopKey,
  work: (second: SignIn | null) => Promise<Answer>,
  deed: string,
): Promise<Answer> {
  // What concerns several shops may need somebody at each.
  const askedAt = new Set<ShopKey>();
  for (;;) {
    let refusal: Fault;
    try {
      return await work(null);
    } catch (reason) {
      refusal = asFault(reason);
      // A shop that is being connected again need not be the one that is shown.
      const where = refusal.parameters.shop ?? shop;
      if (refusal.code === "staff_sign_in_needed" && !askedAt.has(where)) {
        askedAt.add(where);
        const signIn = (typed: SignIn) => api.staffSignIn(where, typed);
        if (!(await ask({ purpose: "needed", shop: where, why: refusal, deed }, signIn))) {
          throw reason;
        }
        continue;
      }
      if (!wantsSecond.has(refusal.code)) {
        throw reason;
      }
    }
    const answers: Answer[] = [];
    const agreed = await ask({ purpose: "second", shop, why: refusal, deed }, async (typed) => {
      answers.push(await work(typed));
    });
    if (!agreed) {
      throw refusal;
    }
    return answers[0] as Answer;
  }
}

/**
 * Lets somebody else sign in and do what was refused. Whoever came to help is signed out again afterwards unless they
 * want to stay: nobody is to go on under their name.
 */
export async function handOver(
  shop: ShopKey,
  why: Fault,
  again: () => Promise<unknown>,
  deed: string,
): Promise<boolean> {
  return ask({ purpose: "hand_over", shop, why, deed }, async (typed, stay) => {
    await api.staffSignIn(shop, typed);
    // The question stays in front of everything until it is done: nothing else is to be done under the helper's name.
    try {
      await again();
    } finally {
      if (!stay) {
        await api.staffSignOut(shop).catch(() => undefined);
      }
    }
  });
}

/** Whoever signed in last in this window, by shop: offered first the next time. */
const last = new Map<ShopKey, string>();

/** Remembers who typed a right PIN. */
export function remember(shop: ShopKey, id: string): void {
  last.set(shop, id);
}

/** Who typed a right PIN last. */
export const lastIn = (shop: ShopKey): string | undefined => last.get(shop);

/** Gives up what is asked and forgets who was there, as when another shop is shown. */
export function forgetSigning(): void {
  question?.cancel();
  last.clear();
}
