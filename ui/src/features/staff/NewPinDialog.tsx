import { type FormEvent, useId, useState } from "react";
import { Button, Dialog, LooseField, toast } from "../../components";
import { asFault } from "../../console/faults";
import { Refusal } from "../../console/Refusal";
import { useShop } from "../../console/shop";
import { asSomebody, handOver } from "../../console/signing";
import type { Fault, StaffMember } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";

/** Reads a new PIN out of the form: it stands nowhere else. */
export function readNewPin(form: HTMLFormElement): { pin: string; complaint: string | null } {
  const typed = new FormData(form);
  const pin = String(typed.get("pin") ?? "");
  const same = pin === String(typed.get("pinAgain") ?? "");
  return { pin, complaint: pin === "" ? "window.staff.pin_empty" : same ? null : "window.staff.pin_differs" };
}

/** A new PIN, twice. What a good one is, the engine says. */
export function NewPinFields({ complaint }: { complaint: string | null }) {
  return (
    <div className="grid items-start gap-4 @md:grid-cols-2">
      <LooseField
        name="pin"
        type="password"
        inputMode="numeric"
        label={t("window.staff.pin_new")}
        hint={t("window.staff.pin_hint")}
        error={complaint === "window.staff.pin_empty" ? t(complaint) : null}
      />
      <LooseField
        name="pinAgain"
        type="password"
        inputMode="numeric"
        label={t("window.staff.pin_again")}
        error={complaint === "window.staff.pin_differs" ? t(complaint) : null}
      />
    </div>
  );
}

/** Gives somebody a new PIN. Whoever was signed in with the old one is not any more. */
export function NewPinDialog({ member, onClose }: { member: StaffMember; onClose: () => void }) {
  const shop = useShop();
  const form = useId();
  const [complaint, setComplaint] = useState<string | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async (typed: HTMLFormElement, refused: Fault | null) => {
    if (busy) {
      return;
    }
    const { pin, complaint } = readNewPin(typed);
    setComplaint(complaint);
    if (complaint !== null) {
      return;
    }
    setFault(null);
    setBusy(true);
    const work = () => api.staffPinSet(shop, member.id, pin);
    try {
      if (refused === null) {
        await asSomebody(shop, work);
      } else if (!(await handOver(shop, refused, work))) {
        setFault(refused);
        return;
      }
      toast(t("window.staff.pin_changed", { name: member.name }));
      onClose();
    } catch (reason) {
      setFault(asFault(reason));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void save(event.currentTarget, null);
  };
  const again = () => {
    const typed = document.getElementById(form);
    if (typed instanceof HTMLFormElement) {
      void save(typed, fault);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("window.staff.pin_of", { name: member.name })}
      description={t("window.staff.pin_more")}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t("window.common.cancel")}
          </Button>
          <Button type="submit" form={form} tone="primary" busy={busy}>
            {t("window.common.save")}
          </Button>
        </>
      }
    >
      <form id={form} autoComplete="off" onSubmit={submit} className="@container flex flex-col gap-4">
        <NewPinFields complaint={complaint} />
        {fault && <Refusal shop={shop} fault={fault} onHandOver={again} />}
      </form>
    </Dialog>
  );
}
