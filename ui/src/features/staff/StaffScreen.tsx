import { useQuery } from "@tanstack/react-query";
import { UserRoundPlus } from "lucide-react";
import { useState } from "react";
import { Banner, Button, FaultNotice, Part, Skeleton } from "../../components";
import { hereOf, rollOf } from "../../console/people";
import { useShop } from "../../console/shop";
import { askWho } from "../../console/signing";
import type { StaffMember } from "../../ipc/bindings";
import { t } from "../../lib/texts";
import { MemberDialog } from "./MemberDialog";
import { MemberRow } from "./MemberRow";
import { NewPinDialog } from "./NewPinDialog";
import { RulesForm } from "./RulesForm";

/** What is open over the list. Whom it is about is kept by id: the list may be read anew below it. */
type Open = { what: "add" } | { what: "change" | "pin"; id: string } | null;

/** Who works in the shop, and how much each may send back. */
export function StaffScreen() {
  const shop = useShop();
  const { data: roll, error, refetch } = useQuery(rollOf(shop));
  const { data: here } = useQuery(hereOf(shop));
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const about = open !== null && open.what !== "add" ? roll?.find(({ id }) => id === open.id) : undefined;
  const nobody = roll?.length === 0;
  return (
    <section aria-label={t("window.staff.title")} className="thin-scroll @container h-full overflow-y-auto bg-surface">
      <h1 className="sr-only">{t("window.frame.place.staff")}</h1>
      <div className="mx-auto max-w-4xl pb-6 [&>section:first-of-type]:border-t-0">
        {here?.defined && here.signedIn?.role !== "owner" && <OwnerWanted shop={shop} />}
        <Part
          level={2}
          title={t("window.staff.people")}
          aside={
            roll !== undefined &&
            !nobody && (
              <Button
                size="small"
                icon={<UserRoundPlus size={14} aria-hidden="true" />}
                onClick={() => setOpen({ what: "add" })}
              >
                {t("window.staff.add")}
              </Button>
            )
          }
        >
          {roll === undefined ? (
            error ? (
              <FaultNotice fault={error} onRetry={() => void refetch()} />
            ) : (
              <Skeleton className="h-32" />
            )
          ) : nobody ? (
            <Nobody onBegin={() => setOpen({ what: "add" })} />
          ) : (
            <Roll
              roll={roll}
              me={here?.signedIn?.id}
              onChange={({ id }) => setOpen({ what: "change", id })}
              onPin={({ id }) => setOpen({ what: "pin", id })}
            />
          )}
        </Part>
        {roll !== undefined && !nobody && <RulesForm />}
      </div>
      {open?.what === "add" && roll !== undefined && <MemberDialog member={null} roll={roll} onClose={close} />}
      {open?.what === "change" && about && <MemberDialog member={about} roll={roll ?? []} onClose={close} />}
      {open?.what === "pin" && about && <NewPinDialog member={about} onClose={close} />}
    </section>
  );
}

type RollProps = {
  roll: readonly StaffMember[];
  me: string | undefined;
  onChange: (member: StaffMember) => void;
  onPin: (member: StaffMember) => void;
};

function Roll({ roll, me, onChange, onPin }: RollProps) {
  return (
    <ul className="divide-y divide-line">
      {roll.map((member) => (
        <MemberRow
          key={member.id}
          member={member}
          isMe={member.id === me}
          onChange={() => onChange(member)}
          onPin={() => onPin(member)}
        />
      ))}
    </ul>
  );
}

/** What it means that nobody is defined, and what changes when somebody is. */
function Nobody({ onBegin }: { onBegin: () => void }) {
  return (
    <div className="flex flex-col items-start gap-3 py-2">
      <p className="text-base font-medium text-ink">{t("window.staff.nobody")}</p>
      <p className="max-w-prose text-ink-soft">{t("window.staff.nobody_more")}</p>
      <ul className="max-w-prose list-disc pl-5 text-ink-soft">
        {(["pin", "roles", "limits", "audit"] as const).map((point) => (
          <li key={point}>{t(`window.staff.point.${point}`)}</li>
        ))}
      </ul>
      <Button tone="primary" icon={<UserRoundPlus size={18} aria-hidden="true" />} onClick={onBegin}>
        {t("window.staff.begin")}
      </Button>
    </div>
  );
}

function OwnerWanted({ shop }: { shop: string }) {
  return (
    <Banner
      tone="info"
      className="mx-4 mt-3 rounded-md"
      actions={
        <Button size="small" onClick={() => void askWho(shop)}>
          {t("window.sign_in.title")}
        </Button>
      }
    >
      {t("window.staff.owner_wanted")}
    </Banner>
  );
}
