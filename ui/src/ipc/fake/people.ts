import { wordOf } from "../../lib/texts";
import type { AuditEntry, Fault, Role, ShopKey, SignIn, StaffHere, StaffMember, StaffRules } from "../bindings";
import type { Answers, Stage } from "./commands";
import { makeLog, note } from "./log";
import type { FakeOrder } from "./orders";
import { type FakeOptions, fault, type World } from "./world";

type Member = StaffMember & { pin: string; wrong: number };

/** Who works in a scripted shop, and what is written down of them. */
export type Desk = {
  roll: Member[];
  rules: StaffRules;
  /** How often the rules were changed. */
  rulesRevision: number;
  signedIn: { id: string; untilMs: number } | null;
  /** Newest first. */
  log: AuditEntry[];
  /** The rows that somebody has changed behind the program's back. */
  broken: number[];
};

/** Everybody's PIN is theirs alone; the tests know them all. */
const people: readonly [id: string, name: string, role: Role, pin: string, perRefundFen: number | null][] = [
  ["boss", "林晴川", "owner", "2580", null],
  ["mia", "小李", "manager", "1357", null],
  ["kim", "阿敏", "clerk", "7412", 1_000],
];

const noRules: StaffRules = {
  perRefundFen: null,
  perDayFen: null,
  perPersonADayFen: null,
  secondPersonAboveFen: null,
  pinKeptS: 300,
};

export function makeDesk(orders: readonly FakeOrder[], options: FakeOptions): Desk {
  const roll = options.staff
    ? people.map(([id, name, role, pin, perRefundFen]) =>
        makeMember({ id, name, role, perRefundFen, perDayFen: null }, pin),
      )
    : [];
  const rules = options.staff ? { ...noRules, perRefundFen: 20_000, secondPersonAboveFen: 15_000 } : noRules;
  return { roll, rules, rulesRevision: 1, signedIn: null, log: makeLog(orders, options), broken: [] };
}

function makeMember(
  given: Pick<StaffMember, "id" | "name" | "role" | "perRefundFen" | "perDayFen">,
  pin: string,
): Member {
  return { ...given, revision: 1, active: true, refundedTodayFen: 0, lockedUntilMs: null, pin, wrong: 0 };
}

function recognise(desk: Desk, { id, pin }: SignIn): Member {
  const member = desk.roll.find((one) => one.id === id);
  if (member === undefined) {
    throw fault("staff_unknown", { id });
  }
  if (!member.active) {
    throw fault("staff_inactive", { name: member.name });
  }
  const nowMs = Date.now();
  if (member.lockedUntilMs !== null && member.lockedUntilMs > nowMs) {
    throw fault("pin_locked", { until: "23:59" });
  }
  if (member.pin !== pin) {
    member.wrong += 1;
    note(desk, "sign_in_refused", null, { staff: id, why: "pin_wrong" });
    if (member.wrong >= 3) {
      member.lockedUntilMs = nowMs + 30_000;
      throw fault("pin_wrong_wait", { until: "23:59" });
    }
    throw fault("pin_wrong", { tries: String(3 - member.wrong) });
  }
  Object.assign(member, { wrong: 0, lockedUntilMs: null });
  note(desk, "signed_in", id, {});
  return member;
}

function here(desk: Desk): Member | null {
  const { signedIn, roll } = desk;
  return signedIn === null || signedIn.untilMs <= Date.now()
    ? null
    : (roll.find(({ id }) => id === signedIn.id) ?? null);
}

/** Whoever may do this, or null where nobody is defined. */
export function admit(desk: Desk, act: string, least: Role = "clerk"): Member | null {
  if (desk.roll.length === 0) {
    return null;
  }
  const member = here(desk);
  if (member === null) {
    throw fault("staff_sign_in_needed");
  }
  if (ranks.indexOf(member.role) < ranks.indexOf(least)) {
    const words = { role: wordOf("state.role", member.role), act: wordOf("state.act", act) };
    const able = ableIn(desk, ({ id, role }) => id !== member.id && ranks.indexOf(role) >= ranks.indexOf(least));
    throw fault("staff_not_allowed", { ...words, able });
  }
  desk.signedIn = { id: member.id, untilMs: Date.now() + desk.rules.pinKeptS * 1_000 };
  return member;
}

/** The same for what concerns every shop: a refusal names the one at which somebody has to sign in. */
export function admitAt(shop: ShopKey, desk: Desk, act: string, least: Role): Member | null {
  try {
    return admit(desk, act, least);
  } catch (reason) {
    const refusal = reason as Fault;
    throw { ...refusal, parameters: { ...refusal.parameters, shop } };
  }
}

/** Who else could do something, as a refusal names them. */
const ableIn = ({ roll }: Desk, may: (member: Member) => boolean): string =>
  roll
    .filter((member) => member.active && may(member))
    .map(({ id }) => id)
    .join(",");

const ranks: readonly Role[] = ["clerk", "manager", "owner"];
const yuan = (fen: number) => (fen / 100).toFixed(2);

/** The same for money, which may need a second person. */
export function admitRefund(desk: Desk, amountFen: number, second: SignIn | null): Member | null {
  const member = admit(desk, "refund");
  if (member === null || member.role === "owner") {
    return member;
  }
  for (const [limit, mostFen] of [
    ["own_refund", member.perRefundFen],
    ["refund", desk.rules.perRefundFen],
  ] as const) {
    if (mostFen !== null && amountFen > mostFen) {
      const words = { limit: wordOf("state.limit", limit), at_most: yuan(mostFen), left: yuan(mostFen) };
      const within = (most: number | null) => most === null || amountFen <= most;
      const able = ableIn(
        desk,
        ({ id, role, perRefundFen }) =>
          id !== member.id && (role === "owner" || (within(perRefundFen) && within(desk.rules.perRefundFen))),
      );
      throw fault("refund_above_limit", { ...words, able });
    }
  }
  const above = desk.rules.secondPersonAboveFen;
  if (above !== null && amountFen > above) {
    if (second === null) {
      throw fault("refund_second_person_needed", { above: yuan(above) });
    }
    if (second.id === member.id) {
      throw fault("refund_second_person_same");
    }
    recognise(desk, second);
  }
  return member;
}

/** Staff, their rules, and who is signed in. */
export function peopleCommands({ worldOf, changed }: Stage) {
  const tell = (shop: string) => changed(["staff", "audit"], shop);
  const find = (world: World, id: string): Member => {
    const member = world.desk.roll.find((one) => one.id === id);
    if (member === undefined) {
      throw fault("staff_unknown", { id });
    }
    return member;
  };
  return {
    staffHere: (shop): StaffHere => {
      const { desk } = worldOf(shop);
      const member = here(desk);
      return {
        defined: desk.roll.length > 0,
        signedIn:
          member && desk.signedIn
            ? { id: member.id, name: member.name, role: member.role, untilMs: desk.signedIn.untilMs }
            : null,
        pinKeptS: desk.rules.pinKeptS,
        colleagues: desk.roll
          .filter(({ active }) => active)
          .map(({ id, name, role, lockedUntilMs }) => ({ id, name, role, lockedUntilMs })),
      };
    },
    staffSignIn: (shop, typed) => {
      const { desk } = worldOf(shop);
      try {
        const { id } = recognise(desk, typed);
        desk.signedIn = { id, untilMs: Date.now() + (desk.rules.pinKeptS || 120) * 1_000 };
      } finally {
        tell(shop);
      }
      return null;
    },
    staffSignOut: (shop) => {
      const { desk } = worldOf(shop);
      if (desk.signedIn !== null) {
        note(desk, "signed_out", desk.signedIn.id, {});
        desk.signedIn = null;
        tell(shop);
      }
      return null;
    },
    staffRoll: (shop) => worldOf(shop).desk.roll.map(({ pin, wrong, ...member }) => member),
    staffAdd: (shop, added, pin) => {
      const { desk } = worldOf(shop);
      const by = admit(desk, "set_staff", "owner");
      if (desk.roll.some(({ id }) => id === added.id)) {
        throw fault("staff_id_taken", { id: added.id });
      }
      if (desk.roll.length === 0 && added.role !== "owner") {
        throw fault("staff_first_is_no_owner");
      }
      checkPin(pin);
      desk.roll.push(makeMember(added, pin));
      const { name, role } = added;
      note(desk, "staff_changed", by?.id ?? null, { staff: added.id, name, role, active: "true" });
      tell(shop);
      return null;
    },
    staffChange: (shop, id, revision, change) => {
      const world = worldOf(shop);
      const by = admit(world.desk, "set_staff", "owner");
      const member = find(world, id);
      if (member.revision !== revision) {
        throw fault("staff_changed_meanwhile");
      }
      const owners = world.desk.roll.filter(({ role, active }) => role === "owner" && active);
      if (owners.length === 1 && owners[0]?.id === id && (change.role !== "owner" || !change.active)) {
        throw fault("staff_no_owner_left");
      }
      const before = { role: member.role, active: String(member.active) };
      Object.assign(member, change, { revision: revision + 1 });
      const after = { staff: id, name: change.name, role: change.role, active: String(change.active) };
      note(world.desk, "staff_changed", by?.id ?? null, after, before);
      tell(shop);
      return null;
    },
    staffPinSet: (shop, id, pin, present) => {
      const world = worldOf(shop);
      const own = here(world.desk)?.id === id;
      const by = admit(world.desk, own ? "own_pin" : "set_staff", own ? "clerk" : "owner");
      checkPin(pin);
      if (own && present === null) {
        throw fault("pin_present_missing");
      }
      if (own && present !== find(world, id).pin) {
        throw fault("pin_wrong", { tries: "2" });
      }
      Object.assign(find(world, id), { pin, wrong: 0, lockedUntilMs: null });
      note(world.desk, "staff_changed", by?.id ?? null, { staff: id, pin: "new" });
      tell(shop);
      return null;
    },
    staffRules: (shop) => {
      const { rules, rulesRevision } = worldOf(shop).desk;
      return { rules, revision: rulesRevision };
    },
    staffRulesSet: (shop, revision, rules) => {
      const { desk } = worldOf(shop);
      const by = admit(desk, "set_staff", "owner");
      if (revision !== desk.rulesRevision) {
        throw fault("staff_rules_changed_meanwhile");
      }
      desk.rulesRevision += 1;
      const named = (of: StaffRules) => ({
        "rules.per_refund": String(of.perRefundFen ?? ""),
        "rules.second_person_above": String(of.secondPersonAboveFen ?? ""),
      });
      note(desk, "staff_changed", by?.id ?? null, named(rules), named(desk.rules));
      desk.rules = rules;
      tell(shop);
      return null;
    },
  } satisfies Partial<Answers>;
}

function checkPin(pin: string): void {
  if (!/^\d{4,12}$/.test(pin)) {
    throw fault("pin_form");
  }
  if (/^(\d)\1+$/.test(pin) || "01234567890".includes(pin)) {
    throw fault("pin_weak");
  }
}
