import { beforeAll, describe, expect, it } from "vitest";
import type { RefundRow } from "../../../ipc/bindings";
import { makeFake } from "../../../ipc/fake";
import { decisionWord, moneyWord } from "../words";
import { changesOf } from "./changes";
import { stepsOf } from "./steps";

const rows = new Map<string, RefundRow>();
const rowOf = (key: string) => rows.get(key) as RefundRow;

beforeAll(async () => {
  const { commands } = makeFake().host;
  for (const group of ["to_decide", "on_the_way", "trouble", "done"] as const) {
    for (const row of (await commands.refundDesk("demo", group)).rows) {
      rows.set(row.key, row);
    }
  }
});

describe("the words of a refund", () => {
  it("keep what was decided apart from where the money is", () => {
    expect([decisionWord(rowOf("whole")), moneyWord(rowOf("whole"))]).toEqual(["待处理", null]);
    expect([decisionWord(rowOf("submitting")), moneyWord(rowOf("submitting"))]).toEqual(["已同意", "等微信"]);
    expect(moneyWord(rowOf("processing"))).toMatch(/^已受理 .*\d\d:\d\d$/);
    expect(moneyWord(rowOf("unknown"))).toBe("结果未知");
    expect([decisionWord(rowOf("arrived")), moneyWord(rowOf("arrived"))]).toEqual([
      "已同意",
      expect.stringMatching(/^已到账 .*\d\d:\d\d$/),
    ]);
    expect([decisionWord(rowOf("rejected")), moneyWord(rowOf("rejected"))]).toEqual(["已拒绝", null]);
    expect(decisionWord(rowOf("own"))).toBe("店里发起");
  });

  it("show a state that the window does not know as it came", () => {
    expect(moneyWord({ ...rowOf("processing"), payout: "teleported" })).toBe("teleported");
    expect(stepsOf({ ...rowOf("processing"), payout: "teleported" })).toEqual([]);
  });
});

describe("the steps of a payout", () => {
  const statesOf = (key: string) => stepsOf(rowOf(key)).map(({ state }) => state);

  it("are none while nothing was agreed", () => {
    expect(statesOf("whole")).toEqual([]);
    expect(statesOf("waiting-return")).toEqual([]);
  });

  it("never call a step done that is not known to be", () => {
    expect(statesOf("waiting")).toEqual(["done", "now", "later", "later"]);
    expect(statesOf("unknown")).toEqual(["done", "done", "doubt", "later"]);
    expect(statesOf("processing")).toEqual(["done", "done", "done", "now"]);
    expect(statesOf("arrived")).toEqual(["done", "done", "done", "done"]);
    expect(statesOf("not-enough")).toEqual(["done", "failed", "later", "later"]);
    expect(statesOf("abnormal")).toEqual(["done", "done", "done", "failed"]);
  });

  it("carry the times that somebody wrote down", () => {
    const row = rowOf("arrived");
    const [agreed, submitted, accepted, arrived] = stepsOf(row);
    expect(agreed?.atMs).toBe(row.decision?.atMs);
    expect(submitted?.atMs).toBeNull();
    expect(accepted?.atMs).toBe(row.acceptedAtMs);
    expect(arrived?.atMs).toBe(row.arrivedAtMs);
  });
});

describe("what changed since somebody looked", () => {
  it("is named with what it was and what it is", () => {
    const before = rowOf("whole");
    expect(changesOf(before, before)).toEqual([]);
    expect(
      changesOf({ ...before, requestedFen: 2400, amountFen: 2400 }, { ...before, requestedFen: 600, amountFen: 600 }),
    ).toEqual([{ name: "申请金额", before: "¥24.00", now: "¥6.00" }]);
    expect(changesOf(before, { ...before, state: "withdrawn" })).toEqual([
      { name: "决定", before: "待处理", now: "顾客已撤回" },
    ]);
    expect(changesOf(before, { ...before, terminal: "二楼收银台" })).toEqual([
      { name: "办理的电脑", before: "无", now: "二楼收银台" },
    ]);
  });
});
