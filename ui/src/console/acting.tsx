import { useCallback, useRef, useState } from "react";
import { toast, toastTrouble } from "../components";
import type { ShopKey } from "../ipc/bindings";
import { asFault } from "./faults";
import { Refusal } from "./Refusal";
import { useShop } from "./shop";
import { asSomebody, handOver } from "./signing";

/** `deed` is what is done, in words for whoever has to type a PIN for it. */
export type Act = (deed: string, work: () => Promise<unknown>, done?: string) => Promise<boolean>;

/**
 * Runs a command that a person asked for. One at a time: a second click while the first runs does nothing. Where somebody
 * has to sign in for it that is asked for first. A refusal is shown as a toast, success as `done` where given. Answers
 * whether it went well.
 */
export function useAct(): [act: Act, busy: boolean] {
  const shop = useShop();
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const act = useCallback<Act>(
    async (deed, work, done) => {
      if (running.current) {
        return false;
      }
      running.current = true;
      setBusy(true);
      try {
        return await tell({ shop, deed }, () => asSomebody(shop, work, deed), work, done);
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
    [shop],
  );
  return [act, busy];
}

type About = { shop: ShopKey; deed: string };

async function tell(
  { shop, deed }: About,
  begin: () => Promise<unknown>,
  work: () => Promise<unknown>,
  done?: string,
): Promise<boolean> {
  try {
    await begin();
    if (done !== undefined) {
      toast(done);
    }
    return true;
  } catch (reason) {
    const fault = asFault(reason);
    const byAnother = () => void tell({ shop, deed }, () => handOver(shop, fault, work, deed), work);
    toastTrouble(<Refusal look="quiet" shop={shop} fault={fault} onHandOver={byAnother} />);
    return false;
  }
}
