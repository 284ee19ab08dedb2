import { act, render, screen, waitFor } from "@testing-library/react";
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
