import { afterEach, describe, expect, it } from "vitest";
import { api, FaultError } from "./client";
import { onChanged } from "./events";
import { makeFake } from "./fake";
import { host, setHost } from "./host";

const shell = host();
afterEach(() => setHost(shell));

describe("a command", () => {
  it("goes to the host that the page stands on, with its arguments in order", async () => {
    const fake = makeFake({ orders: 3 });
    setHost(fake.host);
    const found = await api.orderWindow("demo", { group: "all", search: "" }, 0, 2);
    expect(found).toMatchObject({ first: 0, total: 3 });
    expect(fake.callsOf("orderWindow")).toEqual([["demo", { group: "all", search: "" }, 0, 2]]);
  });

  it("is rejected with the fault itself", async () => {
    const fake = makeFake();
    setHost(fake.host);
    fake.failNext("refundResume", { code: "wechat_unreachable", retry: "now", reference: "ab12" });
    const refusal = await api.refundResume("demo").catch((reason: unknown) => reason);
    expect(refusal).toBeInstanceOf(FaultError);
    expect(refusal).toMatchObject({ code: "wechat_unreachable", parameters: {}, retry: "now", reference: "ab12" });
    // Only that one call was to fail.
    await expect(api.refundResume("demo")).resolves.toBeNull();
  });

  it("is rejected as an internal fault when it fails in a way of its own", async () => {
    const fake = makeFake();
    setHost({
      ...fake.host,
      commands: { ...fake.host.commands, status: () => Promise.reject("command status not found") },
    });
    await expect(api.status("demo")).rejects.toMatchObject({ code: "internal" });
  });
});

describe("an event", () => {
  it("is heard from when one listens until one stops", async () => {
    const fake = makeFake();
    setHost(fake.host);
    const heard: string[][] = [];
    const { ready, stop } = onChanged(({ tags }) => heard.push(tags));
    fake.changed(["papers"]);
    await ready;
    fake.changed(["orders"]);
    stop();
    fake.changed(["refunds"]);
    expect(heard).toEqual([["orders"]]);
  });
});
