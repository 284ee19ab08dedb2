import type {
  Alert,
  Fault,
  Paper,
  Printing,
  RefundRow,
  ShopKey,
  ShopSettings,
  ShopState,
  Slip,
  Status,
} from "../bindings";
import { APP_ID, type FakeOrder, MCH_ID, makeOrders, TOLD, yuan } from "./orders";
import { firstPrinting, makePapers, makeSlips } from "./paper";
import { type Desk, makeDesk } from "./people";
import { makeRefunds } from "./refunds";

const DAY = 24 * 60 * 60_000;

/** How the scripted shop is to be. */
export type FakeOptions = {
  /** Orders in the mirror; 0 is a shop on its first day, without refunds, alerts and paper too. */
  orders: number;
  seed: number;
  language: "zh-CN" | "zh-TW" | "en";
  look: "system" | "light" | "dark";
  /** Whether alerts are open from the beginning. */
  alerts: boolean;
  /** A connected shop stands beside the demo shop. */
  secondShop: ShopState | null;
  /** How many refunds a group of the desk lists at most. */
  refundsListed: number;
  /** Whether staff is defined: an owner, a manager and a clerk. */
  staff: boolean;
  /** How long a command takes, in ms. */
  delayMs: number;
  /** How long WeChat takes to accept a refund, and once more to pay it out, in ms. */
  payoutMs: number;
  /** What the clock says when the shop opens; UTC milliseconds. */
  nowMs: number;
};

/** What stands in one shop's mirror. */
export type World = {
  key: ShopKey;
  name: string;
  demo: boolean;
  state: ShopState;
  orders: FakeOrder[];
  refunds: RefundRow[];
  alerts: Alert[];
  papers: Paper[];
  slips: Slip[];
  printing: Printing;
  settings: ShopSettings;
  status: Omit<Status, "openAlerts">;
  /** Staff, rules, who is signed in, and the log. */
  desk: Desk;
};

export const fault = (code: string, parameters: Fault["parameters"] = {}, retry: Fault["retry"] = "never"): Fault => ({
  code,
  parameters,
  retry,
  reference: "7f3a91c2",
});

/** A shop with everything that a screen can show. */
export function makeWorld(key: ShopKey, name: string, state: ShopState, options: FakeOptions): World {
  const demo = key === "demo";
  const orders = makeOrders(options.orders, options.seed, options.nowMs);
  const columns = firstPrinting.widthMm === 58 ? 32 : 48;
  return {
    key,
    name,
    demo,
    state,
    orders,
    refunds: makeRefunds(orders, options.nowMs),
    alerts: options.alerts ? makeAlerts(orders, options.nowMs) : [],
    papers: makePapers(orders, options.nowMs),
    slips: makeSlips(orders, "晴川咖啡", columns),
    desk: makeDesk(orders, options),
    printing: { ...firstPrinting },
    settings: {
      shopId: demo ? "demo-coffee" : key,
      shopName: name,
      terminal: "前台收银 7K2M",
      backendUrl: demo ? "http://127.0.0.1:43117/zhanggui/v1" : "https://api.qingchuan-coffee.cn/zhanggui/v1",
      api: "v2",
      appId: APP_ID,
      mchId: MCH_ID,
      wechatUrl: demo ? "https://127.0.0.1:43118" : "https://api.mch.weixin.qq.com",
      certificate: {
        serial: "5F1D2A9C3B7E4480A6C1D92E0F37B85512AE9C04",
        notAfterMs: options.nowMs + (demo ? 400 : 12) * DAY,
        commonName: MCH_ID,
      },
      secrets: demo ? "memory" : "keychain",
      alerts: true,
      dataFolder: demo
        ? "/home/shop/.local/share/zhanggui/shops/demo"
        : `/home/shop/.local/share/zhanggui/shops/${key}`,
    },
    status: {
      backend: { state: "working", sinceMs: options.nowMs - DAY, fault: null, name: null },
      wechat: { state: "working", sinceMs: options.nowMs - DAY, fault: null, name: null },
      printer: { state: "working", sinceMs: options.nowMs - DAY, fault: null, name: "演示打印机" },
      contactAtMs: options.nowMs - 3_000,
      unsent: { reports: 0, refunds: orders.length > 0 ? 2 : 0, tickets: 0 },
      filling: false,
    },
  };
}

function makeAlerts(orders: readonly FakeOrder[], nowMs: number): Alert[] {
  const about = (
    place: number,
    alert: string,
    meaning: Alert["meaning"],
    agoMs: number,
    more: Record<string, string> = {},
  ): Alert[] => {
    const summary = orders[place]?.summary;
    if (summary === undefined) {
      return [];
    }
    return [
      {
        key: `${alert}/${summary.id}`,
        alert,
        meaning,
        urgent: meaning === "attention",
        orderId: summary.id,
        orderNumber: summary.number,
        parameters: { number: summary.number, amount: yuan(summary.totalFen), ...more },
        atMs: nowMs - agoMs,
      },
    ];
  };
  const mismatched = orders[TOLD.mismatch]?.summary.totalFen ?? 0;
  return [
    ...about(0, "new_order", "new_order", 60_000),
    ...about(TOLD.mismatch, "mismatch", "attention", 200_000, {
      expected: `${yuan(mismatched)} 元`,
      found: `${yuan(Math.max(0, mismatched - 1000))} 元`,
    }),
    ...about(TOLD.notPaid, "not_paid", "attention", 400_000),
    ...about(TOLD.refunding, "refund_requested", "refund_asked", 500_000),
  ];
}
