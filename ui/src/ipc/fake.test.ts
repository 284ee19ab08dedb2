import { describe, expect, it } from "vitest";
import zhCN from "../locales/zh-CN.json";
import { makeFake } from "./fake";

const { error, state } = zhCN as unknown as {
  error: Record<string, unknown>;
  state: Record<string, Record<string, string>>;
};

describe("the scripted shop", () => {
  it("knows only states and faults that have a text", async () => {
    const { commands } = makeFake({ orders: 600 }).host;
    const { rows } = await commands.orderWindow("demo", { group: "all", search: "" }, 0, 500);
    for (const order of rows) {
      expect(state.fulfilment).toHaveProperty(order.fulfilment);
      expect(state.payment).toHaveProperty(order.payment);
      expect(state.verified).toHaveProperty(order.verified);
    }
    for (const group of ["to_decide", "on_the_way", "trouble", "done"] as const) {
      const desk = await commands.refundDesk("demo", group);
      expect(desk.rows.length).toBeGreaterThan(3);
      for (const row of desk.rows) {
        expect(state.payout).toHaveProperty(row.payout);
        if (row.fault) {
          expect(error).toHaveProperty(row.fault.code);
        }
      }
    }
  });

  it("is the same shop for the same seed", async () => {
    const first = async () =>
      (await makeFake({ nowMs: 1e12 }).host.commands.orderWindow("demo", { group: "all", search: "" }, 0, 50)).rows;
    expect(await first()).toEqual(await first());
  });

  it("refuses a refund that was seen before it changed, and sends nothing", async () => {
    const fake = makeFake({ payoutMs: 10_000 });
    const { commands } = fake.host;
    const row = (await commands.refundDesk("demo", "to_decide")).rows.find(({ key }) => key === "whole");
    fake.changeRefund("whole", { amountFen: 100 });
    await expect(
      commands.refundApprove("demo", row?.id ?? "", row?.revision ?? 0, null, null, null),
    ).rejects.toMatchObject({
      code: "refund_stale",
    });
    expect((await commands.refundDesk("demo", "to_decide")).rows.find(({ key }) => key === "whole")?.payout).toBe(
      "none",
    );
  });

  it("finds ten thousand orders by number", async () => {
    const { commands } = makeFake({ orders: 10_000 }).host;
    const all = await commands.orderWindow("demo", { group: "all", search: "" }, 9_999, 10);
    expect(all).toMatchObject({ total: 10_000 });
    expect(all.rows).toHaveLength(1);
    const [oldest] = all.rows;
    const found = await commands.orderWindow("demo", { group: "all", search: oldest?.number ?? "" }, 0, 10);
    expect(found.rows).toEqual([oldest]);
    expect(await commands.orderPosition("demo", { group: "all", search: "" }, oldest?.id ?? "")).toBe(9_999);
  });
});
