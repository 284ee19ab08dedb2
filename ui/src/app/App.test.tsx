import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { type Fake, type FakeOptions, makeFake } from "../ipc/fake";
import { setHost } from "../ipc/host";
import { setLanguage, t } from "../lib/texts";
import { App } from "./App";
import { makeQueryClient } from "./query-client";

let fake: Fake;

function show(options: Partial<FakeOptions> = {}) {
  fake = makeFake({ orders: 40, delayMs: 0, ...options });
  setHost(fake.host);
  return render(<App client={makeQueryClient()} />);
}

describe("the page", () => {
  it("opens on the orders of the shop that was shown last", async () => {
    show();
    await screen.findByRole("grid");
    expect(document.documentElement.lang).toBe("zh-CN");
    expect(document.querySelectorAll("style")).toHaveLength(0);
  });

  it("changes language and look at once when the preferences change", async () => {
    show();
    await screen.findByRole("grid");
    const { preferences } = await fake.host.commands.consoleState();
    await act(() => fake.host.commands.preferencesSet({ ...preferences, language: "en", look: "dark" }));
    await screen.findByRole("button", { name: "Settings" });
    expect(document.documentElement.lang).toBe("en");
    expect(document.documentElement.dataset.look).toBe("dark");
    setLanguage("zh-CN");
  });

  it("goes where a notification points", async () => {
    show();
    await screen.findByRole("grid");
    const { rows } = await fake.host.commands.orderWindow("demo", { group: "all", search: "" }, 8, 1);
    act(() => fake.opened({ shop: "demo", orderId: rows[0]?.id ?? "", place: "orders" }));
    await screen.findByRole("heading", { name: rows[0]?.number });
    act(() => fake.opened({ shop: "demo", orderId: null, place: "refunds" }));
    await waitFor(() => expect(screen.queryByRole("heading", { name: rows[0]?.number })).toBeNull());
  });

  it("looks for what was clicked in its own shop only, and not before that is shown", async () => {
    show({ secondShop: "watching" });
    await screen.findByRole("grid");
    const { rows } = await fake.host.commands.orderWindow("coffee-01", { group: "all", search: "" }, 3, 1);
    const id = rows[0]?.id ?? "";
    act(() => fake.opened({ shop: "coffee-01", orderId: id, place: "orders" }));
    await screen.findByRole("heading", { name: rows[0]?.number });
    expect(fake.callsOf("orderDetail")).toEqual([["coffee-01", id]]);
  });

  it("opens the refund that a notification is about, on whatever tab it stands", async () => {
    // So many that no order has two refunds among the first.
    show({ orders: 400 });
    await screen.findByRole("grid");
    const { rows } = await fake.host.commands.refundDesk("demo", "trouble");
    const [row] = rows.filter(({ key }) => key === "abnormal");
    act(() => fake.opened({ shop: "demo", orderId: row?.orderId ?? "", place: "refunds" }));
    const detail = await screen.findByRole("complementary", { name: t("window.refunds.detail") });
    await within(detail).findByText(row?.outRefundNo ?? "?");
  });

  it("opens the order where the desk has no refund of it", async () => {
    show();
    await screen.findByRole("grid");
    const { rows } = await fake.host.commands.orderWindow("demo", { group: "all", search: "" }, 0, 40);
    const refunds = await Promise.all(
      (["to_decide", "on_the_way", "trouble", "done"] as const).map((group) =>
        fake.host.commands.refundDesk("demo", group),
      ),
    );
    const refunded = new Set(refunds.flatMap((desk) => desk.rows).map(({ orderId }) => orderId));
    const row = rows.find(({ id }) => !refunded.has(id));
    act(() => fake.opened({ shop: "demo", orderId: row?.id ?? "", place: "refunds" }));
    await screen.findByRole("heading", { name: row?.number });
  });

  it("reads nothing before it listens: a change in between would never be seen", async () => {
    fake = makeFake({ orders: 3, delayMs: 0 });
    setHost(fake.host);
    const listen = fake.hold("listen");
    render(<App client={makeQueryClient()} />);
    const { preferences } = await fake.host.commands.consoleState();
    await act(() => fake.host.commands.preferencesSet({ ...preferences, language: "en" }));
    expect(fake.callsOf("consoleState")).toHaveLength(1);
    listen();
    await screen.findByRole("button", { name: "Settings" });
    setLanguage("zh-CN");
  });

  it("asks nothing of a shop before there is one", async () => {
    fake = makeFake({ orders: 3, delayMs: 0 });
    const { commands } = fake.host;
    const state = await commands.consoleState();
    const answers = [{ ...state, shops: [] }];
    const consoleState = async () => answers.shift() ?? (await commands.consoleState());
    setHost({ ...fake.host, commands: { ...commands, consoleState } });
    render(<App client={makeQueryClient()} />);
    await waitFor(() => expect(answers).toEqual([]));
    expect(fake.calls.filter(({ command }) => command !== "consoleState")).toEqual([]);
    await act(async () => fake.changed(["console"]));
    await screen.findByRole("grid");
  });

  it("says so when it cannot listen, and does not pretend to be up to date", async () => {
    fake = makeFake({ orders: 3, delayMs: 0 });
    const ready = Promise.reject(new Error("not allowed"));
    setHost({ ...fake.host, listen: () => ({ ready, stop: () => undefined }) });
    render(<App client={makeQueryClient()} />);
    await screen.findByText(t("error.internal.message"));
    expect(fake.calls).toEqual([]);
  });

  it("says what is wrong when not even the console answers, and tries again", async () => {
    fake = makeFake({ orders: 3, delayMs: 0 });
    setHost(fake.host);
    fake.failNext("consoleState", { code: "database_newer", retry: "now" });
    render(<App client={makeQueryClient()} />);
    await screen.findByText(t("error.database_newer.message"));
    await userEvent.setup().click(screen.getByRole("button", { name: t("window.frame.again") }));
    await screen.findByRole("grid");
  });
});
