import { QueryObserver } from "@tanstack/react-query";
import { afterEach, describe, expect, it } from "vitest";
import { reading, type Tag } from "../console/reading";
import { Refresher } from "./changes";
import { makeQueryClient } from "./query-client";

const client = makeQueryClient();
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) {
    stop();
  }
  client.clear();
});

/** Something on the screen that counts how often it is read, and answers only when told to. */
function watched(tag: Tag, shop: string) {
  const answers: (() => void)[] = [];
  const source = { reads: 0, answer: () => answers.shift()?.() };
  const query = reading(tag, shop, ["x"], async () => {
    source.reads += 1;
    const read = source.reads;
    await new Promise<void>((done) => answers.push(done));
    return read;
  });
  const observer = new QueryObserver(client, query);
  stops.push(observer.subscribe(() => undefined));
  return { source, observer };
}

const settled = () => new Promise((done) => setTimeout(done, 5));

describe("a change", () => {
  it("is read by what shows such rows of that shop, and by nothing else", async () => {
    const orders = watched("orders", "demo");
    const others = watched("orders", "real");
    const console_ = watched("console", "");
    for (const { source } of [orders, others, console_]) {
      source.answer();
    }
    await settled();
    const refresher = new Refresher(client);
    refresher.changed({ shop: "demo", tags: ["papers"] });
    expect([orders.source.reads, others.source.reads, console_.source.reads]).toEqual([2, 1, 1]);
    refresher.changed({ shop: "demo", tags: ["console"] });
    expect(console_.source.reads).toBe(2);
  });

  it("during a read leads to one more read, however many changes there were", async () => {
    const { source, observer } = watched("orders", "demo");
    source.answer();
    await settled();
    const refresher = new Refresher(client);
    for (let event = 0; event < 10; event += 1) {
      refresher.changed({ shop: "demo", tags: ["orders"] });
    }
    expect(source.reads).toBe(2);
    source.answer();
    await settled();
    // The first answer is shown although there is a newer change already: a busy shop must not stand still.
    expect(observer.getCurrentResult().data).toBe(2);
    expect(source.reads).toBe(3);
    source.answer();
    await settled();
    expect(observer.getCurrentResult().data).toBe(3);
    expect(source.reads).toBe(3);
  });

  it("during the very first read leads to one more read", async () => {
    const { source, observer } = watched("console", "");
    new Refresher(client).changed({ shop: "demo", tags: ["console"] });
    expect(source.reads).toBe(1);
    source.answer();
    await settled();
    expect(source.reads).toBe(2);
    source.answer();
    await settled();
    expect(observer.getCurrentResult().data).toBe(2);
    expect(source.reads).toBe(2);
  });

  it("of what is not shown is read when it is shown again", async () => {
    const { source } = watched("orders", "demo");
    source.answer();
    await settled();
    for (const stop of stops.splice(0)) {
      stop();
    }
    new Refresher(client).changed({ shop: "demo", tags: ["orders"] });
    await settled();
    expect(source.reads).toBe(1);
    expect(client.getQueryCache().getAll()[0]?.isStale()).toBe(true);
  });
});
