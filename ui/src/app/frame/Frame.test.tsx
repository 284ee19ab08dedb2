import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Alert, Console } from "../../ipc/bindings";
import { type Fake, type FakeOptions, makeFake } from "../../ipc/fake";
import { setHost } from "../../ipc/host";
import { t } from "../../lib/texts";
import { expectAccessible } from "../../testing/accessible";
import { renderInConsole } from "../../testing/render";
import { Frame } from "./Frame";

let fake: Fake;

async function show(options: Partial<FakeOptions> = {}, change: (state: Console) => Partial<Console> = () => ({})) {
  fake = makeFake({ orders: 40, delayMs: 0, ...options });
  setHost(fake.host);
  const state = await fake.host.commands.consoleState();
  const screens = {
    orders: "屏:订单",
    refunds: "屏:退款",
    printing: "屏:打印",
    staff: "屏:员工",
    audit: "屏:日志",
    settings: "屏:设置",
  };
  const drawn = await renderInConsole(<Frame screens={screens} paper={null} />, { ...state, ...change(state) });
  await screen.findByText(t("window.status.unsent"));
  return drawn;
}

const alerts = (): Promise<Alert[]> => fake.host.commands.alerts("demo");
const titleOf = (alert: Alert | undefined) => t(`alert.${alert?.alert}.title`, alert?.parameters);
const bell = async () => screen.findByRole("button", { name: /^提醒/ });

describe("the frame", () => {
  it("goes to a screen by the rail and by two keys", async () => {
    const user = userEvent.setup();
    await show();
    expect(screen.getByText("屏:订单")).toBeTruthy();
    await user.click(within(screen.getByRole("navigation")).getByRole("button", { name: /退款/ }));
    expect(screen.getByText("屏:退款")).toBeTruthy();
    await user.keyboard("gp");
    expect(screen.getByText("屏:打印")).toBeTruthy();
    await user.keyboard("gs");
    expect(screen.getByText("屏:设置")).toBeTruthy();
    await user.keyboard("go");
    expect(screen.getByText("屏:订单")).toBeTruthy();
  });

  it("counts the refunds that wait", async () => {
    await show();
    const { counts } = await fake.host.commands.refundDesk("demo", "to_decide");
    const waiting = counts.find((one) => one.group === "to_decide")?.count ?? 0;
    expect(waiting).toBeGreaterThan(0);
    await screen.findByText(t("window.frame.refunds_waiting", { count: String(waiting) }));
  });

  it("lists every key that works, and the list is a dialog that Escape closes", async () => {
    const user = userEvent.setup();
    await show();
    await user.keyboard("?");
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText(t("window.keys.go_refunds"))).toBeTruthy();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("lets one play the customer in the demo shop, and only there", async () => {
    const user = userEvent.setup();
    const { unmount } = await show({ secondShop: "watching" });
    await user.click(screen.getByRole("button", { name: t("window.frame.demo_order") }));
    await user.click(screen.getByRole("button", { name: t("window.frame.demo_refund") }));
    await waitFor(() => expect(fake.callsOf("demoRefundRequest")).toHaveLength(1));
    expect(fake.callsOf("demoOrder")).toHaveLength(1);
    unmount();
    await show({ secondShop: "watching" }, ({ shops }) => ({ shown: shops.find((shop) => !shop.demo)?.key ?? "" }));
    expect(screen.queryByText(t("window.frame.demo_order"))).toBeNull();
  });

  it("switches the shop by its name", async () => {
    const user = userEvent.setup();
    await show({ secondShop: "watching" });
    const other = (await fake.host.commands.consoleState()).shops.find((shop) => !shop.demo);
    await user.click(screen.getByRole("button", { name: /切换店铺/ }));
    await user.click(await screen.findByRole("menuitem", { name: new RegExp(other?.name ?? "?") }));
    await waitFor(() => expect(fake.callsOf("shopShow")).toEqual([[other?.key]]));
  });

  it("asks for the passphrase of a locked shop, forgets what was typed, and lets the settings through", async () => {
    const user = userEvent.setup();
    await show({ secondShop: "locked" }, ({ shops }) => ({ shown: shops.find((shop) => !shop.demo)?.key ?? "" }));
    expect(screen.queryByText("屏:订单")).toBeNull();
    fake.failNext("shopUnlock", { code: "vault_passphrase_wrong" });
    const field = screen.getByLabelText(t("window.frame.passphrase")) as HTMLInputElement;
    expect(field.type).toBe("password");
    await user.type(field, "一二三四{Enter}");
    await screen.findByText(t("error.vault_passphrase_wrong.message"));
    expect(field.value).toBe("");
    await user.click(screen.getByRole("button", { name: t("window.frame.place.settings") }));
    expect(screen.getByText("屏:设置")).toBeTruthy();
  });

  it.each(["failed", "elsewhere"] as const)("lets one try again where a shop is %s", async (state) => {
    await show({ secondShop: state }, ({ shops }) => ({ shown: shops.find((shop) => !shop.demo)?.key ?? "" }));
    fireEvent.click(screen.getByRole("button", { name: t("window.common.retry") }));
    await waitFor(() => expect(fake.callsOf("shopOpen")).toEqual([["coffee-01"]]));
  });

  it("tries by itself to take a shop over that another program watches, also from the settings", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const { unmount } = await show({ secondShop: "elsewhere" });
      act(() => void vi.advanceTimersByTime(60_000));
      expect(fake.callsOf("shopOpen")).toEqual([["coffee-01"], ["coffee-01"]]);
      unmount();
      await show({ secondShop: "failed" });
      act(() => void vi.advanceTimersByTime(60_000));
      expect(fake.callsOf("shopOpen")).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("can be used by everybody", async () => {
    const { container } = await show({ secondShop: "watching" });
    await bell();
    await expectAccessible(container);
  });
});

describe("the status strip", () => {
  it("says in words what works and what does not, with the cure on a click", async () => {
    const user = userEvent.setup();
    fake = makeFake({ orders: 40, delayMs: 0 });
    const status = await fake.host.commands.status("demo");
    const trouble = { code: "printer_paper_out", parameters: {}, retry: "never" as const, reference: "a1b2" };
    const { host } = fake;
    setHost({
      ...host,
      commands: {
        ...host.commands,
        status: async () => ({ ...status, printer: { state: "trouble", sinceMs: 1, fault: trouble, name: "前台" } }),
      },
    });
    await renderInConsole(
      <Frame
        screens={{ orders: null, refunds: null, printing: null, staff: null, audit: null, settings: null }}
        paper={null}
      />,
    );
    await user.click(await screen.findByRole("button", { name: /打印机\s*有问题/ }));
    await screen.findByText(t("error.printer_paper_out.message"));
    expect(screen.getByText(t("error.printer_paper_out.hint"))).toBeTruthy();
    expect(screen.getByText("前台")).toBeTruthy();
    expect(screen.getByText(/a1b2/)).toBeTruthy();
  });
});

describe("alerts", () => {
  it("stand below the bell until somebody says 知道了", async () => {
    const user = userEvent.setup();
    await show();
    const [first, ...rest] = await alerts();
    await user.click(await bell());
    const panel = await screen.findByRole("dialog");
    const heading = within(panel).getByRole("heading", { name: titleOf(first) });
    const known = within(heading.closest("article") as HTMLElement).getByRole("button", {
      name: t("window.alerts.acknowledge"),
    });
    await waitFor(() => expect(known).toHaveProperty("disabled", false));
    await user.click(known);
    await waitFor(() => expect(within(panel).queryByRole("heading", { name: titleOf(first) })).toBeNull());
    const all = within(panel).getByRole("button", { name: t("window.alerts.acknowledge_all") });
    for (const button of [all, ...within(panel).getAllByRole("button", { name: t("window.alerts.acknowledge") })]) {
      expect(button).toHaveProperty("disabled", true);
    }
    await waitFor(() => expect(all).toHaveProperty("disabled", false));
    await user.click(all);
    await waitFor(() => expect(fake.callsOf("alertsAcknowledge").at(-1)?.[1]).toEqual(rest.map((alert) => alert.key)));
    await within(panel).findByText(t("window.alerts.none"));
  });

  it("stand in sight without a click where money or goods are at stake", async () => {
    const user = userEvent.setup();
    await show();
    const urgent = (await alerts()).filter((alert) => alert.urgent);
    const bar = () => screen.getByRole("region", { name: t("window.alerts.urgent") });
    const known = () => within(bar()).getByRole("button", { name: t("window.alerts.acknowledge") });
    expect(bar().textContent).toContain(titleOf(urgent[0]));
    await waitFor(() => expect(known()).toHaveProperty("disabled", false));
    // Twice, as a hand does that is used to it: the second one falls on an alert that nobody has read.
    await user.dblClick(known());
    await waitFor(() => expect(bar().textContent).toContain(titleOf(urgent[1])));
    expect(known()).toHaveProperty("disabled", true);
    fireEvent.click(known());
    await waitFor(() => expect(known()).toHaveProperty("disabled", false));
    fireEvent.click(known(), { detail: 2 });
    expect(fake.callsOf("alertsAcknowledge")).toEqual([["demo", [urgent[0]?.key]]]);
  });

  it("lead to what they are about", async () => {
    const user = userEvent.setup();
    await show();
    const asked = (await alerts()).find((alert) => alert.meaning === "refund_asked");
    await user.click(await bell());
    const panel = await screen.findByRole("dialog");
    const card = within(panel)
      .getByRole("heading", { name: titleOf(asked) })
      .closest("article") as HTMLElement;
    await user.click(within(card).getByRole("button", { name: t("window.alerts.open") }));
    expect(screen.getByText("屏:退款")).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});
