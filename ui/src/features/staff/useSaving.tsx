import { type FormEvent, type ReactNode, type RefObject, useRef, useState } from "react";
import { asFault } from "../../console/faults";
import { Refusal } from "../../console/Refusal";
import { useShop } from "../../console/shop";
import { asSomebody, handOver } from "../../console/signing";
import type { Fault } from "../../ipc/bindings";

/** What a form comes to: the command, and what it does in words for whoever types a PIN for it. */
export type Saving = { deed: string; work: () => Promise<unknown> };

/** A form that is being saved. */
export type SavingForm = {
  form: RefObject<HTMLFormElement | null>;
  submit: (event: FormEvent) => void;
  busy: boolean;
  fault: Fault | null;
  /** Why it was refused, and the way to let somebody else save it. */
  refusal: ReactNode;
};

/**
 * Saves a form, for which somebody may have to sign in. Whoever it is handed over to saves what stands in the form by
 * then: it is read anew, and nothing that was typed is kept beside it. `read` answers null where it is not complete.
 */
export function useSaving(read: (typed: FormData) => Saving | null, done: () => void): SavingForm {
  const shop = useShop();
  const form = useRef<HTMLFormElement>(null);
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const save = async (refused: Fault | null) => {
    const saving = running.current || form.current === null ? null : read(new FormData(form.current));
    if (saving === null) {
      return;
    }
    const { deed, work } = saving;
    running.current = true;
    setBusy(true);
    setFault(null);
    try {
      if (refused === null) {
        await asSomebody(shop, work, deed);
      } else if (!(await handOver(shop, refused, work, deed))) {
        setFault(refused);
        return;
      }
      done();
    } catch (reason) {
      setFault(asFault(reason));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return {
    form,
    busy,
    fault,
    submit: (event) => {
      event.preventDefault();
      void save(null);
    },
    refusal: fault && <Refusal shop={shop} fault={fault} onHandOver={() => void save(fault)} />,
  };
}
