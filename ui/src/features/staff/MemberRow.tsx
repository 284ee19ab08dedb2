import { KeyRound, Pencil } from "lucide-react";
import { Badge, Button, cx, Money } from "../../components";
import { roleWord } from "../../console/people";
import type { StaffMember } from "../../ipc/bindings";
import { formatYuan } from "../../lib/money";
import { listOf, t } from "../../lib/texts";
import { formatShort } from "../../lib/time";

export type MemberRowProps = { member: StaffMember; isMe: boolean; onChange: () => void; onPin: () => void };

/** Somebody: who they are, what they may send back, and what they have today. */
export function MemberRow({ member, isMe, onChange, onPin }: MemberRowProps) {
  const { id, name, role, active, refundedTodayFen, lockedUntilMs } = member;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className={cx("min-w-56 flex-1", !active && "text-ink-faint")}>
        <p className="flex flex-wrap items-center gap-2">
          <span className={cx("selectable font-medium break-all", active ? "text-ink" : "line-through")}>{name}</span>
          <Badge tone={role === "owner" ? "accent" : "plain"}>{roleWord(role)}</Badge>
          {isMe && <Badge tone="info">{t("window.staff.me")}</Badge>}
          {!active && <Badge>{t("window.staff.inactive")}</Badge>}
          {active && lockedUntilMs !== null && (
            <Badge tone="warn">{t("window.sign_in.locked", { time: formatShort(lockedUntilMs) })}</Badge>
          )}
        </p>
        <p className="mt-0.5 text-xs text-ink-faint">
          <span className="selectable">{t("window.staff.id_is", { id })}</span>
          {active && <span className="ml-3">{limitsWord(member)}</span>}
        </p>
      </div>
      <p className="min-w-24 text-right">
        <span className="block text-xs text-ink-faint">{t("window.staff.today")}</span>
        <Money fen={refundedTodayFen} className="text-ink" />
      </p>
      <div className="flex gap-2">
        <Button
          icon={<KeyRound size={16} aria-hidden="true" />}
          onClick={onPin}
          disabled={!active}
          aria-label={t("window.staff.pin_of", { name })}
        >
          {t("window.staff.pin")}
        </Button>
        <Button
          icon={<Pencil size={16} aria-hidden="true" />}
          onClick={onChange}
          aria-label={t("window.staff.change_of", { name })}
        >
          {t("window.staff.change")}
        </Button>
      </div>
    </li>
  );
}

/** What of their own bounds somebody, in a few words. The shop's rules come on top and stand below the list. */
function limitsWord({ role, perRefundFen, perDayFen }: StaffMember): string {
  if (role === "owner") {
    return t("window.staff.limits_owner");
  }
  if (perRefundFen === null && perDayFen === null) {
    return t(`window.staff.limits_none.${role}`);
  }
  const words = [];
  if (perRefundFen !== null) {
    words.push(t("window.staff.limit_refund", { amount: formatYuan(perRefundFen) }));
  }
  if (perDayFen !== null) {
    words.push(t("window.staff.limit_day", { amount: formatYuan(perDayFen) }));
  }
  return listOf(words);
}
