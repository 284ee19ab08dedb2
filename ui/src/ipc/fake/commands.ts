import type { ChangedTag, Console, FoundPrinter, Paper, Preferences, ShopKey, TicketTemplate } from "../bindings";
import type { Commands } from "../host";
import { connectCommands } from "./connect";
import { auditCommands, note } from "./log";
import { detailOf, type FakeOrder, makeOrders, orderGroups, ordersFor } from "./orders";
import { demoPrinter, realPrinters, slipOf, testSlip } from "./paper";
import { admit, admitAt, admitRefund, peopleCommands } from "./people";
import { askForRefund, refundCommands, startRefund } from "./refunding";
import { type FakeOptions, fault, makeWorld, type World } from "./world";

/** What a command answers, without the waiting. A refusal is thrown. */
export type Answers = {
  [Name in keyof Commands]: (...args: Parameters<Commands[Name]>) => Awaited<ReturnType<Commands[Name]>>;
};

/** What the commands work on. */
export type Stage = {
  options: FakeOptions;
  worlds: Map<ShopKey, World>;
  console: Console;
  changed: (tags: ChangedTag[], shop?: ShopKey) => void;
  worldOf: (shop: ShopKey) => World;
};

/** Every command of the window, on scripted shops. */
export function makeCommands(options: FakeOptions, changed: Stage["changed"]) {
  const worlds = new Map<ShopKey, World>([["demo", makeWorld("demo", "晴川咖啡（演示店）", "watching", options)]]);
  if (options.secondShop !== null) {
    worlds.set(
      "coffee-01",
      makeWorld("coffee-01", "晴川咖啡 · 衡山路店", options.secondShop, {
        ...options,
        seed: options.seed + 1,
        alerts: false,
      }),
    );
  }
  const preferences: Preferences = { language: options.language, look: options.look, sound: true, volume: 70 };
  const stage: Stage = {
    options,
    worlds,
    changed,
    console: {
      version: "0.1.0",
      shops: [],
      shown: options.secondShop === "locked" ? "coffee-01" : "demo",
      preferences,
    },
    worldOf: (shop) => {
      const world = worlds.get(shop);
      if (world === undefined) {
        throw fault("shop_not_connected");
      }
      return world;
    },
  };
  const commands: Answers = {
    ...consoleCommands(stage),
    ...orderCommands(stage),
    ...refundCommands(stage),
    ...alertCommands(stage),
    ...printingCommands(stage),
    ...connectCommands(stage),
    ...peopleCommands(stage),
    ...auditCommands(stage),
  };
  return { commands, worldOf: stage.worldOf };
}

function consoleCommands({ options, worlds, console, changed, worldOf }: Stage) {
  return {
    consoleState: () => ({
      ...console,
      shops: [...worlds.values()].map(({ key, name, demo, state }) => ({
        key,
        name,
        demo,
        state,
        fault: state === "failed" ? fault("database_unreadable") : null,
      })),
    }),
    preferencesSet: (preferences) => {
      const heard = ({ sound, volume }: Preferences) => ({ sound: String(sound), volume: String(volume) });
      const [before, after] = [heard(console.preferences), heard(preferences)];
      if (before.sound !== after.sound || before.volume !== after.volume) {
        for (const [shop, { desk }] of worlds) {
          const by = admitAt(shop, desk, "set_alerts", "manager");
          note(desk, "setting_changed", by?.id ?? null, after, before);
        }
      }
      console.preferences = preferences;
      changed(["console"]);
      return null;
    },
    quit: () => null,
    shopShow: (shop) => {
      console.shown = worldOf(shop).key;
      changed(["console"]);
      return null;
    },
    shopOpen: (shop) => {
      worldOf(shop).state = "watching";
      changed(["console"]);
      return null;
    },
    shopUnlock: (shop, passphrase) => {
      if (passphrase !== "open sesame") {
        throw fault("vault_passphrase_wrong");
      }
      const world = worldOf(shop);
      world.state = "watching";
      note(world.desk, "shop_unlocked", world.desk.signedIn?.id ?? null, { vault: "open" }, { vault: "locked" });
      changed(["console"]);
      return null;
    },
    demoOrder: () => {
      const world = worldOf("demo");
      const [order] = makeOrders(1, options.seed + world.orders.length, Date.now()) as [FakeOrder];
      const serial = world.orders.length + 1;
      const summary = order.summary;
      Object.assign(summary, {
        id: `o-${String(serial).padStart(6, "0")}`,
        number: `${summary.number.slice(0, 4)}-${String(serial).padStart(4, "0")}`,
        unseen: true,
        verified: "verified",
      });
      world.orders.unshift(order);
      world.slips.unshift(slipOf(order, (world.slips[0]?.id ?? 0) + 1, "晴川咖啡", columnsOf(world)));
      changed(["orders", "papers", "status"]);
      return null;
    },
    demoRefundRequest: () => {
      askForRefund(worldOf("demo"), Date.now());
      changed(["refunds", "orders"]);
      return null;
    },
    status: (shop) => {
      const world = worldOf(shop);
      return { ...world.status, openAlerts: world.alerts.length };
    },
  } satisfies Partial<Answers>;
}

function orderCommands({ worldOf, changed, options }: Stage) {
  const find = (shop: ShopKey, id: string) => {
    const order = worldOf(shop).orders.find(({ summary }) => summary.id === id);
    if (order === undefined) {
      throw fault("order_not_found", { number: id });
    }
    return order;
  };
  return {
    orderWindow: (shop, query, first, count) => {
      const found = ordersFor(worldOf(shop).orders, query);
      return { first, total: found.length, rows: found.slice(first, first + count).map(({ summary }) => summary) };
    },
    orderPosition: (shop, query, id) => {
      const place = ordersFor(worldOf(shop).orders, query).findIndex(({ summary }) => summary.id === id);
      return place < 0 ? null : place;
    },
    orderCounts: (shop, search) =>
      orderGroups.map((group) => ({ group, count: ordersFor(worldOf(shop).orders, { group, search }).length })),
    orderDetail: (shop, id) => {
      const { refunds, papers } = worldOf(shop);
      const of = <Row extends { orderId: string }>(rows: Row[]) => rows.filter((row) => row.orderId === id);
      return detailOf(find(shop, id), of(refunds), of(papers));
    },
    orderSeen: (shop, id) => {
      const world = worldOf(shop);
      const left = world.alerts.filter((alert) => alert.orderId !== id || alert.meaning === "attention");
      const { summary } = find(shop, id);
      const unseen = left.some(({ orderId }) => orderId === id);
      if (left.length !== world.alerts.length || summary.unseen !== unseen) {
        world.alerts = left;
        summary.unseen = unseen;
        changed(["alerts", "orders", "status"], shop);
      }
      return null;
    },
    orderAsk: (shop, id) => {
      const { summary } = find(shop, id);
      if (summary.verified === "pending" && summary.paidAtMs !== null) {
        setTimeout(() => {
          summary.verified = "verified";
          summary.revision += 1;
          changed(["orders"], shop);
        }, options.payoutMs);
      }
      return null;
    },
    orderPrint: (shop, id, template) => {
      print(worldOf(shop), find(shop, id), template, () => changed(["papers", "orders"], shop));
      return null;
    },
    orderRefund: (shop, id, revision, amountFen, reason, second) => {
      const order = find(shop, id);
      const by = admitRefund(worldOf(shop).desk, amountFen, second);
      if (order.summary.revision !== revision) {
        throw fault("refund_stale");
      }
      startRefund(worldOf(shop), order, amountFen, reason, Date.now(), by?.name ?? null);
      changed(["refunds", "orders"], shop);
      return null;
    },
  } satisfies Partial<Answers>;
}

function alertCommands({ worldOf, changed }: Stage) {
  return {
    alerts: (shop) => worldOf(shop).alerts,
    alertsAcknowledge: (shop, keys) => {
      const world = worldOf(shop);
      const gone = world.alerts.filter(({ key }) => keys.includes(key));
      world.alerts = world.alerts.filter(({ key }) => !keys.includes(key));
      for (const { summary } of world.orders) {
        if (gone.some(({ orderId }) => orderId === summary.id)) {
          summary.unseen = false;
        }
      }
      changed(["alerts", "orders", "status"], shop);
      return null;
    },
  } satisfies Partial<Answers>;
}

function printingCommands({ worldOf, changed }: Stage) {
  const printersOf = (world: World): FoundPrinter[] => (world.demo ? [demoPrinter, ...realPrinters] : realPrinters);
  return {
    printers: (shop) => printersOf(worldOf(shop)),
    printing: (shop) => worldOf(shop).printing,
    printingSet: (shop, printing) => {
      const world = worldOf(shop);
      admit(world.desk, "set_printing", "manager");
      world.printing = printing;
      changed(["papers"], shop);
      return null;
    },
    printTest: (shop, target, widthMm) => {
      const world = worldOf(shop);
      const error: Record<string, string> = target.startsWith("dev:") ? { error: "printer_permission" } : {};
      const who = world.desk.signedIn?.id ?? null;
      note(world.desk, "test_printed", who, { printer: target, width_mm: String(widthMm), ...error });
      if (target.startsWith("dev:")) {
        throw fault("printer_permission");
      }
      if (target === demoPrinter.target) {
        world.slips.unshift(testSlip((world.slips[0]?.id ?? 0) + 1, widthMm === 58 ? 32 : 48));
        changed(["papers"], shop);
      }
      return null;
    },
    papers: (shop) => worldOf(shop).papers.slice(0, 200),
    paperAgain: (shop, id) => {
      const world = worldOf(shop);
      const job = world.papers.find((paper) => paper.id === id);
      const order = world.orders.find(({ summary }) => summary.id === job?.orderId);
      if (job === undefined || order === undefined) {
        throw fault("order_not_found", { number: String(id) });
      }
      print(world, order, job.template as TicketTemplate, () => changed(["papers", "orders"], shop));
      return null;
    },
    paperRoll: (shop, count) => worldOf(shop).slips.slice(0, count),
  } satisfies Partial<Answers>;
}

const columnsOf = (world: World) => (world.printing.widthMm === 58 ? 32 : 48);

function print(world: World, order: FakeOrder, template: TicketTemplate, tell: () => void): void {
  const nowMs = Date.now();
  const job: Paper = {
    id: Math.max(0, ...world.papers.map(({ id }) => id)) + 1,
    orderId: order.summary.id,
    orderNumber: order.summary.number,
    template,
    target: demoPrinter.target,
    copy: 1,
    state: "sending",
    fault: null,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    attempts: 1,
  };
  world.papers.unshift(job);
  tell();
  setTimeout(() => {
    Object.assign(job, { state: "confirmed", updatedAtMs: Date.now() });
    order.summary.printed = "printed";
    world.slips.unshift(slipOf(order, (world.slips[0]?.id ?? 0) + 1, "晴川咖啡", columnsOf(world)));
    tell();
  }, 150);
}
