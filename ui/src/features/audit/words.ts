import type { AuditEntry, AuditFact } from "../../ipc/bindings";
import { formatYuan } from "../../lib/money";
import { t, wordOf } from "../../lib/texts";

/** What happened, in words. */
export const kindWord = (kind: string): string => wordOf("audit.kind", kind);

/** How a particular is called. One that nobody foresaw is shown by its name in the log. */
export function factName(name: string): string {
  const place = /\.(\d+)\./.exec(name)?.[1];
  const word = wordOf("audit.fact", unplaced(name));
  return place === undefined || place === "1" ? word : `${word} ${place}`;
}

/** What stands in a list is called the same at every place. */
const unplaced = (name: string): string => name.replace(/\.\d+\./, ".");

/** Particulars whose values are words of the catalogues, and where these stand. */
const wordGroups: Record<string, string> = {
  payout: "state.payout",
  role: "state.role",
  template: "receipt.copy",
  why: "audit.value.why",
  act: "state.act",
  limit: "state.limit",
  as: "audit.value.as",
  active: "audit.value.bool",
  by_hand: "audit.value.bool",
  reprint: "audit.value.bool",
  taken: "audit.value.bool",
  alerts: "audit.value.bool",
  sound: "audit.value.bool",
  pin: "audit.value.pin",
  vault: "audit.value.vault",
  language: "audit.value.language",
  "printing.print_unverified": "audit.value.bool",
  "printing.print_missed": "audit.value.bool",
  "printing.rules.template": "receipt.copy",
  "printing.rules.when": "audit.value.when",
};

/** Amounts that do not say so by their name. */
const amounts = new Set(["rules.per_refund", "rules.per_day", "rules.per_person_a_day", "rules.second_person_above"]);

const inSeconds = new Set(["rules.pin_kept_s"]);
const people = new Set(["staff", "second"]);

/** What somebody is called by id; null for whom nobody knows. */
export type NameOf = (id: string) => string | null;

/** A particular's value as people read it. */
export function valueWord({ kind }: Pick<AuditEntry, "kind">, name: string, value: string, nameOf: NameOf): string {
  if (value === "") {
    return t("audit.value.nothing");
  }
  if ((name.endsWith("_fen") || amounts.has(name)) && /^-?\d{1,15}$/.test(value)) {
    return formatYuan(Number(value));
  }
  if (inSeconds.has(name) && /^\d{1,6}$/.test(value)) {
    return t("audit.value.seconds", { count: value });
  }
  if (people.has(name)) {
    const called = nameOf(value);
    return called === null ? value : t("audit.value.person", { name: called, id: value });
  }
  if (name === "state") {
    // The same word means one thing for a ticket and another for a refund request.
    return wordOf(/^print|reprint/.test(kind) ? "paper.state" : "state.refund", value);
  }
  const group = wordGroups[unplaced(name)];
  return group === undefined ? value : wordOf(group, value);
}

/** The particulars that say most, in the order in which a person asks for them. */
const telling = [
  "amount_fen",
  "reason",
  "second",
  "staff",
  "name",
  "role",
  "pin",
  "why",
  "error",
  "payout",
  "template",
  "printer",
  "file",
  "state",
];

/** A row in one line: what of its particulars a person asks for first. */
export function inALine(row: AuditEntry, nameOf: NameOf): string {
  const staff = row.facts.find(({ name }) => name === "staff")?.after ?? "";
  // Of whom it is told by name that is no particular of its own.
  const isSaid = ({ name, after }: AuditFact) => name === "name" && after === nameOf(staff);
  const chosen = telling.flatMap((name) =>
    row.facts.filter((fact) => fact.name === name && Boolean(fact.after) && !isSaid(fact)),
  );
  const named = chosen.length > 0 ? chosen : row.facts.filter(isChanged);
  return named
    .slice(0, 3)
    .map((fact) => short(row, fact, nameOf))
    .join(" · ");
}

function short(row: AuditEntry, fact: AuditFact, nameOf: NameOf): string {
  const word = (value: string | null) => valueWord(row, fact.name, value ?? "", nameOf);
  return telling.includes(fact.name)
    ? word(fact.after)
    : `${factName(fact.name)} ${word(fact.before)} → ${word(fact.after)}`;
}

/** Whether something is another than before. */
export const isChanged = ({ before, after }: AuditFact): boolean =>
  before !== null && after !== null && before !== after;

/** Kinds that a person looks for when something went wrong. */
const alarming = new Set([
  "act_refused",
  "sign_in_refused",
  "audit_broken",
  "refund_abnormal",
  "refund_failed",
  "refund_unknown",
  "print_failed",
]);

export const isAlarming = ({ kind }: AuditEntry): boolean => alarming.has(kind);
