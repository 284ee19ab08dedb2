import type { ChangedTag, Fault, Opened, RefundRow, StaffRules } from "./bindings";
import { makeCommands } from "./fake/commands";
import { type FakeOptions, fault } from "./fake/world";
import { type Commands, type Events, type Host, setHost } from "./host";

export type { FakeOptions } from "./fake/world";

/** A command that the page sent. */
export type Call = { command: keyof Commands; args: unknown[] };

/** A scripted shop in memory, and the strings to pull it by. */
export type Fake = {
  host: Host;
  /** Every command so far, the first one first. */
  calls: Call[];
  /** The calls of one command. */
  callsOf: (command: keyof Commands) => unknown[][];
  /** The next call of this command is refused. */
  failNext: (command: keyof Commands, refusal: Partial<Fault> & { code: string }) => void;
  /** Every call of this command, or beginning to listen, waits until the answer is called. */
  hold: (command: keyof Commands | "listen") => () => void;
  /** Tells the page that rows changed. */
  changed: (tags: ChangedTag[], shop?: string) => void;
  /** Tells the page to go somewhere. */
  opened: (opened: Opened) => void;
  /** Lets go of files over the page. */
  drop: (...paths: string[]) => void;
  /** What another terminal, the backend or WeChat would do behind the page's back. `tell` false: the event is yet to come. */
  changeRefund: (key: string, change: Partial<RefundRow>, tell?: boolean) => void;
  /** Somebody else changes the shop's rules; the event is yet to come. */
  changeRules: (change: Partial<StaffRules>) => void;
  /** Somebody changes a row of the audit log behind the program's back. */
  breakRow: (seq: number) => void;
};

const usual: FakeOptions = {
  orders: 400,
  seed: 1,
  language: "zh-CN",
  look: "system",
  alerts: true,
  secondShop: null,
  refundsListed: 500,
  staff: false,
  delayMs: 1,
  payoutMs: 600,
  nowMs: 0,
};

/** Opens a scripted shop. */
export function makeFake(given: Partial<FakeOptions> = {}): Fake {
  const options: FakeOptions = { ...usual, nowMs: Date.now(), ...given };
  const handlers = new Map<keyof Events, Set<(payload: never) => void>>();
  const refusals = new Map<keyof Commands, Fault[]>();
  const gates = new Map<keyof Commands | "listen", Promise<void>>();
  const calls: Call[] = [];

  const emit = <Name extends keyof Events>(name: Name, payload: Events[Name]) => {
    for (const handler of handlers.get(name) ?? []) {
      (handler as (payload: Events[Name]) => void)(structuredClone(payload));
    }
  };
  const changed = (tags: ChangedTag[], shop = "demo") => {
    emit("changed", { shop, tags });
  };
  const { commands, worldOf } = makeCommands(options, changed);

  const answer = async (command: keyof Commands, args: unknown[]) => {
    calls.push({ command, args: structuredClone(args) });
    await new Promise((resolve) => setTimeout(resolve, options.delayMs));
    await gates.get(command);
    const refusal = refusals.get(command)?.shift();
    if (refusal) {
      throw refusal;
    }
    // Across the real seam everything is copied: a page that changed what it got would change nothing else.
    return structuredClone((commands[command] as (...all: unknown[]) => unknown)(...args));
  };

  const names = Object.keys(commands) as (keyof Commands)[];
  return {
    host: {
      commands: Object.fromEntries(
        names.map((name) => [name, (...args: unknown[]) => answer(name, args)]),
      ) as unknown as Commands,
      listen: (name, handler) => {
        const listening = handlers.get(name) ?? new Set();
        handlers.set(name, listening);
        let stopped = false;
        const begin = async () => {
          await gates.get("listen");
          if (!stopped) {
            listening.add(handler);
          }
        };
        return {
          ready: begin(),
          stop: () => {
            stopped = true;
            listening.delete(handler);
          },
        };
      },
    },
    calls,
    callsOf: (command) => calls.filter((call) => call.command === command).map((call) => call.args),
    failNext: (command, refusal) => {
      refusals.set(command, [...(refusals.get(command) ?? []), { ...fault(refusal.code), ...refusal }]);
    },
    hold: (command) => {
      let open: () => void = () => undefined;
      gates.set(
        command,
        new Promise((resolve) => {
          open = resolve;
        }),
      );
      return () => {
        gates.delete(command);
        open();
      };
    },
    changed,
    opened: (opened) => emit("opened", opened),
    drop: (...paths) => emit("dropped", { paths }),
    changeRules: (change) => {
      const { desk } = worldOf("demo");
      desk.rules = { ...desk.rules, ...change };
      desk.rulesRevision += 1;
    },
    breakRow: (seq) => {
      worldOf("demo").desk.broken.push(seq);
    },
    changeRefund: (key, change, tell = true) => {
      const row = worldOf("demo").refunds.find((one) => one.key === key);
      if (row) {
        Object.assign(row, change, { revision: row.revision + 1 });
        if (tell) {
          changed(["refunds", "orders"]);
        }
      }
    },
  };
}

declare global {
  interface Window {
    /** For the tests that drive the page from outside, in builds of the mode `mock` only. */
    zhangguiFake?: Fake;
  }
}

/** Puts the page on a scripted shop that the address describes, e.g. `/?orders=10000&language=en`. */
export function installFake(): void {
  const wishes = new URLSearchParams(location.search);
  const given: Record<string, unknown> = {};
  for (const [name, value] of wishes) {
    given[name] = /^\d+$/.test(value) ? Number(value) : value === "false" ? false : value;
  }
  const fake = makeFake(given as Partial<FakeOptions>);
  window.zhangguiFake = fake;
  setHost(fake.host);
}
