import { type FormEvent, useId, useState } from "react";
import { Banner, Button, Dialog, Radios, Switch, TextField, toast } from "../../components";
import { asFault } from "../../console/faults";
import { roleWord } from "../../console/people";
import { Refusal } from "../../console/Refusal";
import { useShop } from "../../console/shop";
import { asSomebody, handOver } from "../../console/signing";
import type { Fault, Role, StaffMember } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";
import { LimitField, readLimit, typedLimit } from "./amounts";
import { NewPinFields, readNewPin } from "./NewPinDialog";

const roles: readonly Role[] = ["clerk", "manager", "owner"];

export type MemberDialogProps = {
  /** Who is changed; null: somebody is added. */
  member: StaffMember | null;
  roll: readonly StaffMember[];
  onClose: () => void;
};

/** Adds somebody or changes them. The first one has to be the owner: nobody else could ever let anybody in. */
export function MemberDialog({ member, roll, onClose }: MemberDialogProps) {
  const shop = useShop();
  const form = useId();
  const isFirst = roll.length === 0;
  const [name, setName] = useState(member?.name ?? "");
  const [id, setId] = useState(() => member?.id ?? freeId(roll));
  const [role, setRole] = useState<Role>(member?.role ?? (isFirst ? "owner" : "clerk"));
  const [active, setActive] = useState(member?.active ?? true);
  const [perRefund, setPerRefund] = useState(typedLimit(member?.perRefundFen ?? null));
  const [perDay, setPerDay] = useState(typedLimit(member?.perDayFen ?? null));
  const [complaint, setComplaint] = useState<string | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  // What was seen when the dialog opened: a change of somebody else's meanwhile is refused and not overwritten.
  const [revision] = useState(member?.revision ?? 0);
  const limits = { perRefundFen: readLimit(perRefund), perDayFen: readLimit(perDay) };

  const save = async (typed: HTMLFormElement, refused: Fault | null) => {
    const { perRefundFen, perDayFen } = limits;
    if (busy || perRefundFen === "unreadable" || perDayFen === "unreadable") {
      return;
    }
    // An owner is bound by nothing.
    const own = role === "owner" ? none : { perRefundFen: perRefundFen.fen, perDayFen: perDayFen.fen };
    const pin = member === null ? readNewPin(typed) : null;
    if (pin !== null && pin.complaint !== null) {
      setComplaint(pin.complaint);
      return;
    }
    setComplaint(null);
    setFault(null);
    setBusy(true);
    const work =
      pin === null
        ? () => api.staffChange(shop, id, revision, { name, role, active, ...own })
        : () => api.staffAdd(shop, { id: id.trim(), name, role, ...own }, pin.pin);
    try {
      if (refused === null) {
        await asSomebody(shop, work);
      } else if (!(await handOver(shop, refused, work))) {
        setFault(refused);
        return;
      }
      toast(t(member === null ? "window.staff.added" : "window.staff.changed", { name: name.trim() }));
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
      title={member === null ? t("window.staff.add") : t("window.staff.change_of", { name: member.name })}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t("window.common.cancel")}
          </Button>
          <Button
            type="submit"
            form={form}
            tone="primary"
            busy={busy}
            disabled={name.trim() === "" || id.trim() === "" || Object.values(limits).includes("unreadable")}
          >
            {t(member === null ? "window.staff.add" : "window.common.save")}
          </Button>
        </>
      }
    >
      <form id={form} autoComplete="off" onSubmit={submit} className="@container flex flex-col gap-4">
        {isFirst && (
          <Banner tone="info" className="rounded-md">
            {t("window.staff.first")}
          </Banner>
        )}
        <div className="grid items-start gap-4 @md:grid-cols-[2fr_1fr]">
          <TextField label={t("window.staff.name")} value={name} onChange={setName} maxLength={64} autoFocus />
          <TextField
            label={t("window.staff.id")}
            value={id}
            onChange={setId}
            disabled={member !== null}
            hint={member === null ? t("window.staff.id_hint") : undefined}
          />
        </div>
        {!isFirst && (
          <div className="flex flex-col gap-1.5">
            <span className="text-sm font-medium text-ink">{t("window.staff.role")}</span>
            <Radios
              label={t("window.staff.role")}
              value={role}
              onChange={setRole}
              options={roles.map((value) => ({
                value,
                label: roleWord(value),
                detail: t(`window.staff.role_more.${value}`),
              }))}
            />
          </div>
        )}
        {role !== "owner" && (
          <div className="grid items-start gap-4 @md:grid-cols-2">
            <LimitField
              label={t("window.staff.per_refund")}
              hint={role === "clerk" ? t("window.staff.clerk_hint") : undefined}
              value={perRefund}
              onChange={setPerRefund}
            />
            <LimitField label={t("window.staff.per_day")} value={perDay} onChange={setPerDay} />
          </div>
        )}
        {member === null ? (
          <NewPinFields complaint={complaint} />
        ) : (
          <Switch
            label={t("window.staff.active")}
            hint={t("window.staff.active_more")}
            checked={active}
            onChange={setActive}
          />
        )}
        {fault && <Refusal shop={shop} fault={fault} onHandOver={again} />}
      </form>
    </Dialog>
  );
}

const none = { perRefundFen: null, perDayFen: null };

/** The lowest number that nobody has or had. */
function freeId(roll: readonly StaffMember[]): string {
  const taken = new Set(roll.map(({ id }) => id));
  let next = 1;
  while (taken.has(String(next))) {
    next += 1;
  }
  return String(next);
}
