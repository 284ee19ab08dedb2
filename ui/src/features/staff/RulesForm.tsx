import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button, FaultNotice, Part, Select, Skeleton } from "../../components";
import { useAct } from "../../console/acting";
import { useShop } from "../../console/shop";
import type { SeenRules, StaffRules } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";
import { LimitField, readLimit, typedLimit } from "./amounts";
import { rulesOf } from "./queries";

/** The shop's rules for refunds, which bind everybody but the owner. */
export function RulesForm() {
  const { data: rules, error, refetch } = useQuery(rulesOf(useShop()));
  return (
    <Part level={2} title={t("window.staff.rules")}>
      {rules !== undefined ? (
        // What is typed begins anew when the rules are changed elsewhere, as by the command line.
        <Fields key={rules.revision} seen={rules} />
      ) : error ? (
        <FaultNotice fault={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton className="h-48" />
      )}
    </Part>
  );
}

const limits = ["perRefundFen", "perDayFen", "perPersonADayFen", "secondPersonAboveFen"] as const;
type Limit = (typeof limits)[number];

/** How long a PIN may be remembered, in seconds. The engine takes any time up to twelve hours. */
const times = [0, 60, 300, 900, 1_800, 3_600, 4 * 3_600, 12 * 3_600] as const;

function Fields({ seen: { rules, revision } }: { seen: SeenRules }) {
  const shop = useShop();
  const [act, busy] = useAct();
  const [typed, setTyped] = useState<Record<Limit, string>>({
    perRefundFen: typedLimit(rules.perRefundFen),
    perDayFen: typedLimit(rules.perDayFen),
    perPersonADayFen: typedLimit(rules.perPersonADayFen),
    secondPersonAboveFen: typedLimit(rules.secondPersonAboveFen),
  });
  const [pinKeptS, setPinKeptS] = useState(rules.pinKeptS);
  const wished = wish(typed, pinKeptS);
  const changed = wished !== null && JSON.stringify(wished) !== JSON.stringify(wish(null, rules.pinKeptS, rules));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wished !== null && changed) {
      void act(
        t("window.staff.deed.rules"),
        () => api.staffRulesSet(shop, revision, wished),
        t("window.staff.rules_saved"),
      );
    }
  };
  const offered = [...new Set([...times, rules.pinKeptS])].sort((one, other) => one - other);
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p className="max-w-prose text-ink-soft">{t("window.staff.rules_more")}</p>
      <div className="grid items-start gap-4 @xl:grid-cols-2">
        {limits.map((limit) => (
          <LimitField
            key={limit}
            label={t(`window.staff.rule.${limit}`)}
            hint={t(`window.staff.rule_more.${limit}`)}
            value={typed[limit]}
            onChange={(value) => setTyped({ ...typed, [limit]: value })}
          />
        ))}
        <Select
          label={t("window.staff.rule.pinKeptS")}
          hint={t("window.staff.rule_more.pinKeptS")}
          value={String(pinKeptS)}
          onChange={(value) => setPinKeptS(Number(value))}
          options={offered.map((seconds) => ({ value: String(seconds), label: timeWord(seconds) }))}
        />
      </div>
      <div className="flex items-center gap-3">
        <Button type="submit" tone="primary" busy={busy} disabled={!changed}>
          {t("window.staff.rules_save")}
        </Button>
      </div>
    </form>
  );
}

/** The rules as they are to be; null while something typed is no amount. */
function wish(typed: Record<Limit, string> | null, pinKeptS: number, as?: StaffRules): StaffRules | null {
  const read = (limit: Limit) => (typed === null ? { fen: as?.[limit] ?? null } : readLimit(typed[limit]));
  const [perRefundFen, perDayFen, perPersonADayFen, secondPersonAboveFen] = limits.map(read).map((limit) => {
    return limit === "unreadable" || limit === undefined ? undefined : limit.fen;
  });
  if (
    perRefundFen === undefined ||
    perDayFen === undefined ||
    perPersonADayFen === undefined ||
    secondPersonAboveFen === undefined
  ) {
    return null;
  }
  return { perRefundFen, perDayFen, perPersonADayFen, secondPersonAboveFen, pinKeptS };
}

function timeWord(seconds: number): string {
  if (seconds === 0) {
    return t("window.staff.kept.never");
  }
  if (seconds % 3_600 === 0) {
    return t("window.staff.kept.hours", { count: seconds / 3_600 });
  }
  return seconds % 60 === 0
    ? t("window.staff.kept.minutes", { count: seconds / 60 })
    : t("window.staff.kept.seconds", { count: seconds });
}
