import { useCallback, useRef, useState } from "react";
import { FaultNotice, toast, toastTrouble } from "../components";
import { asFault } from "./faults";

export type Act = (work: () => Promise<unknown>, done?: string) => Promise<boolean>;

/**
 * Runs a command that a person asked for. One at a time: a second click while the first runs does nothing. A refusal is
 * shown as a toast, success as `done` where given. Answers whether it went well.
 */
export function useAct(): [act: Act, busy: boolean] {
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const act = useCallback<Act>(async (work, done) => {
    if (running.current) {
      return false;
    }
    running.current = true;
    setBusy(true);
    try {
      await work();
      if (done !== undefined) {
        toast(done);
      }
      return true;
    } catch (reason) {
      toastTrouble(<FaultNotice look="quiet" fault={asFault(reason)} />);
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  return [act, busy];
}
