import { type RefObject, useState } from "react";
import { SearchField, Select, TextField } from "../../components";
import type { AuditQuery, StaffMember } from "../../ipc/bindings";
import { t, wordsIn } from "../../lib/texts";
import { type Days, daysInOrder, stretchOf, typedStretch } from "./days";
import { kindWord } from "./words";

/** The choice of everything: no id and no kind is empty. */
const ALL = "";

export type AuditFiltersProps = {
  query: AuditQuery;
  onChange: (query: AuditQuery) => void;
  roll: readonly StaffMember[];
  search: RefObject<HTMLInputElement | null>;
};

/** Which rows are listed: a search, and by whom, what and when. */
export function AuditFilters({ query, onChange, roll, search }: AuditFiltersProps) {
  const [days, setDays] = useState<Days>("all");
  const kinds = wordsIn("audit.kind");
  return (
    <>
      <SearchField
        ref={search}
        label={t("window.audit.search")}
        clearLabel={t("window.orders.search_clear")}
        value={query.search}
        onChange={(found) => onChange({ ...query, search: found })}
        className="min-w-44 flex-[2]"
      />
      <div className="flex flex-[3] flex-wrap gap-2 two-lines:order-3 two-lines:basis-full low:order-3 low:basis-full">
        {roll.length > 0 && (
          <Select
            labelHidden
            label={t("window.audit.who")}
            className="min-w-28 flex-1"
            value={query.who ?? ALL}
            onChange={(who) => onChange({ ...query, who: who === ALL ? null : who })}
            options={[
              { value: ALL, label: t("window.audit.everybody") },
              ...roll.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        )}
        <Select
          labelHidden
          label={t("window.audit.kind")}
          className="min-w-32 flex-1"
          value={query.kind ?? ALL}
          onChange={(kind) => onChange({ ...query, kind: kind === ALL ? null : kind })}
          options={[
            { value: ALL, label: t("window.audit.every_kind") },
            ...kinds.map((kind) => ({ value: kind, label: kindWord(kind) })),
          ]}
        />
        <Select
          labelHidden
          label={t("window.audit.days.label")}
          className="min-w-32 flex-1"
          value={days}
          onChange={(next) => {
            setDays(next);
            if (next !== "other") {
              onChange({ ...query, ...stretchOf(next, Date.now()) });
            }
          }}
          options={daysInOrder.map((value) => ({ value, label: t(`window.audit.days.${value}`) }))}
        />
        {days === "other" && <OtherDays onChange={(stretch) => onChange({ ...query, ...stretch })} />}
      </div>
    </>
  );
}

/** From one day to another, both typed. */
function OtherDays({ onChange }: { onChange: (stretch: Pick<AuditQuery, "fromMs" | "untilMs">) => void }) {
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const wrong = (typed: string) =>
    typedStretch(typed, "") === null && typed.length >= 8 ? t("window.audit.no_day") : null;
  const change = (nextFrom: string, nextUntil: string) => {
    setFrom(nextFrom);
    setUntil(nextUntil);
    const stretch = typedStretch(nextFrom, nextUntil);
    if (stretch !== null) {
      onChange(stretch);
    }
  };
  const field = { labelHidden: true, className: "w-36" } as const;
  return (
    <div className="flex items-start gap-2">
      <TextField
        {...field}
        label={t("window.audit.from")}
        placeholder={t("window.audit.from_example")}
        value={from}
        onChange={(value) => change(value, until)}
        error={wrong(from)}
        autoFocus
      />
      <TextField
        {...field}
        label={t("window.audit.until")}
        placeholder={t("window.audit.until_example")}
        value={until}
        onChange={(value) => change(from, value)}
        error={wrong(until)}
      />
    </div>
  );
}
