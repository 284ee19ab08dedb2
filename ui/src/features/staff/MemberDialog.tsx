import { useId, useState } from "react";
import { Banner, Button, Dialog, Radios, Switch, TextField, toast } from "../../components";
import { personWord, roleWord } from "../../console/people";
import { useShop } from "../../console/shop";
import type { Role, StaffMember } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";
import { LimitField, readLimit, typedLimit } from "./amounts";
import { NewPinFields, readNewPin } from "./NewPinDialog";
import { type Saving, useSaving } from "./useSaving";

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
  const formId = useId();
  const isFirst = roll.length === 0;
  const [name, setName] = useState(member?.name ?? "");
  const [id, setId] = useState(() => member?.id ?? freeId(roll));
  const [role, setRole] = useState<Role>(member?.role ?? (isFirst ? "owner" : "clerk"));
  const [active, setActive] = useState(member?.active ?? true);
  const [perRefund, setPerRefund] = useState(typedLimit(member?.perRefundFen ?? null));
  const [perDay, setPerDay] = useState(typedLimit(member?.perDayFen ?? null));
  const [complaint, setComplaint] = useState<string | null>(null);
  // What was seen when the dialog opened: a change of somebody else's meanwhile is refused and not overwritten.
  const [revision] = useState(member?.revision ?? 0);
  const limits = { perRefundFen: readLimit(perRefund), perDayFen: readLimit(perDay) };

  const read = (typed: FormData): Saving | null => {
    const { perRefundFen, perDayFen } = limits;
    if (perRefundFen === "unreadable" || perDayFen === "unreadable") {
      return null;
    }
    // An owner is bound by nothing.
    const own = role === "owner" ? none : { perRefundFen: perRefundFen.fen, perDayFen: perDayFen.fen };
    if (member !== null) {
      return {
        deed: t("window.staff.change_of", { name: member.name }),
        work: () => api.staffChange(shop, id, revision, { name, role, active, ...own }),
      };
    }
    const { pin, complaint } = readNewPin(typed);
    setComplaint(complaint);
    const person = personWord({ name: name.trim(), role });
    return complaint === null
      ? {
          deed: t("window.staff.deed.add", { person }),
          work: () => api.staffAdd(shop, { id: id.trim(), name, role, ...own }, pin),
        }
      : null;
  };
  const { form, submit, busy, refusal } = useSaving(read, () => {
    toast(t(member === null ? "window.staff.added" : "window.staff.changed", { name: name.trim() }));
    onClose();
  });
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
            form={formId}
            tone="primary"
            busy={busy}
            disabled={name.trim() === "" || id.trim() === "" || Object.values(limits).includes("unreadable")}
          >
            {t(member === null ? "window.staff.add" : "window.common.save")}
          </Button>
        </>
      }
    >
      <form ref={form} id={formId} autoComplete="off" onSubmit={submit} className="@container flex flex-col gap-4">
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
        {refusal}
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
