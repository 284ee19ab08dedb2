import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Button, Dialog, LooseField, toast } from "../../components";
import { hereOf } from "../../console/people";
import { useShop } from "../../console/shop";
import type { StaffMember } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";
import { type Saving, useSaving } from "./useSaving";

/** Reads a new PIN out of the form: it stands nowhere else. */
export function readNewPin(typed: FormData): { pin: string; complaint: string | null } {
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

/**
 * Gives somebody a new PIN. Whoever was signed in with the old one is not any more. Their own PIN nobody changes without
 * the present one: the engine asks for it, and where it was not known before whose it is the field comes with its refusal.
 */
export function NewPinDialog({ member, onClose }: { member: StaffMember; onClose: () => void }) {
  const shop = useShop();
  const formId = useId();
  const { data: here } = useQuery(hereOf(shop));
  const [complaint, setComplaint] = useState<string | null>(null);
  const deed = t("window.staff.pin_of", { name: member.name });
  const read = (typed: FormData): Saving | null => {
    const present = typed.has("presentPin") ? String(typed.get("presentPin")) : null;
    const { pin, complaint } = readNewPin(typed);
    const found = present === "" ? "window.staff.pin_present_empty" : complaint;
    setComplaint(found);
    return found === null ? { deed, work: () => api.staffPinSet(shop, member.id, pin, present) } : null;
  };
  const { form, submit, busy, fault, refusal } = useSaving(read, () => {
    toast(t("window.staff.pin_changed", { name: member.name }));
    onClose();
  });
  const own = here?.signedIn?.id === member.id;
  return (
    <Dialog
      open
      onClose={onClose}
      title={deed}
      description={t("window.staff.pin_more")}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t("window.common.cancel")}
          </Button>
          <Button type="submit" form={formId} tone="primary" busy={busy}>
            {t("window.common.save")}
          </Button>
        </>
      }
    >
      <form ref={form} id={formId} autoComplete="off" onSubmit={submit} className="@container flex flex-col gap-4">
        {(own || fault?.code === "pin_present_missing") && (
          <LooseField
            name="presentPin"
            type="password"
            inputMode="numeric"
            label={t("window.staff.pin_present")}
            hint={t("window.staff.pin_present_hint")}
            error={complaint === "window.staff.pin_present_empty" ? t(complaint) : null}
            autoFocus
          />
        )}
        <NewPinFields complaint={complaint} />
        {refusal}
      </form>
    </Dialog>
  );
}
