import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { openOrder } from "../../console/navigation";
import { type Fake, makeFake } from "../../ipc/fake";
import { setHost } from "../../ipc/host";
import { t } from "../../lib/texts";
import { expectAccessible } from "../../testing/accessible";
import { renderInConsole } from "../../testing/render";
import { ROW_HEIGHT } from "./OrderRow";
import { OrdersScreen } from "./OrdersScreen";

let fake: Fake;

async function show(orders = 400) {
  fake = makeFake({ orders, delayMs: 0 });
  setHost(fake.host);
  const drawn = await renderInConsole(<OrdersScreen />);
  await waitFor(() => expect(fake.callsOf("orderWindow").length).toBeGreaterThan(0));
  return drawn;
}

const scroller = () => screen.getByTestId("grid-scroller");
const row = (place: number) => scroller().querySelector<HTMLElement>(`[aria-rowindex="${place + 2}"]`);
const drawnRow = async (place: number) =>
  waitFor(() => {
    const found = row(place);
    expect(found?.textContent).toContain("¥");
    return found as HTMLElement;
  });
const numberIn = (element: HTMLElement | null) => /\d{4}-\d{4,}/.exec(element?.textContent ?? "")?.[0];

function scrollTo(place: number) {
  scroller().scrollTop = place * ROW_HEIGHT;
  fireEvent.scroll(scroller());
}

describe("the list of orders", () => {
  it("reads and draws only what is in sight, however long it is", async () => {
    await show(10_000);
    await drawnRow(0);
    expect(screen.getByRole("grid")).toHaveProperty("ariaRowCount", "10001");
    expect(within(scroller()).getAllByRole("row").length).toBeLessThan(40);
    for (const [, , , count] of fake.callsOf("orderWindow")) {
      expect(count).toBeLessThanOrEqual(500);
    }
  });

  it("stands in every row after a jump, first as a placeholder, then as the order", async () => {
    await show(10_000);
    await drawnRow(0);
    const open = fake.hold("orderWindow");
    scrollTo(5_000);
    expect(row(5_000)?.textContent).not.toContain("¥");
    open();
    await drawnRow(5_000);
    await drawnRow(5_009);
  });

  it("shows a new order at the top at once", async () => {
    await show();
    const before = numberIn(await drawnRow(0));
    await fake.host.commands.demoOrder();
    await waitFor(() => expect(numberIn(row(1))).toBe(before));
    expect(scroller().scrollTop).toBe(0);
  });

  it("leaves the rows where they are when a new order comes in above them", async () => {
    await show();
    await drawnRow(0);
    scrollTo(200);
    const seen = numberIn(await drawnRow(200));
    await fake.host.commands.demoOrder();
    await waitFor(() => expect(numberIn(row(201))).toBe(seen));
    expect(scroller().scrollTop).toBe(201 * ROW_HEIGHT);
  });

  it("is searched as one types, and emptied by Escape", async () => {
    const user = userEvent.setup();
    await show();
    const target = numberIn(await drawnRow(3)) as string;
    await user.keyboard("/");
    expect(document.activeElement).toBe(screen.getByRole("searchbox"));
    await user.keyboard(target);
    await waitFor(() => expect(numberIn(row(0))).toBe(target));
    expect(row(1)).toBeNull();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(row(1)).not.toBeNull());
  });

  it("says what to do when nothing is found", async () => {
    const user = userEvent.setup();
    await show();
    await user.type(screen.getByRole("searchbox"), "没有这个");
    await screen.findByText(t("window.orders.none_found", { search: "没有这个" }));
    await user.click(screen.getByRole("button", { name: t("window.orders.show_all") }));
    expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("");
    await drawnRow(0);
  });

  it("says that it is fine to have no orders yet", async () => {
    await show(0);
    await screen.findByText(t("window.orders.none"));
  });

  it("says what is wrong when it cannot be read, and tries again", async () => {
    const user = userEvent.setup();
    fake = makeFake({ orders: 5, delayMs: 0 });
    setHost(fake.host);
    fake.failNext("orderWindow", { code: "database_unreadable", retry: "now" });
    await renderInConsole(<OrdersScreen />);
    await screen.findByText(t("error.database_unreadable.message"));
    await user.click(screen.getByRole("button", { name: t("window.frame.again") }));
    await drawnRow(0);
  });

  it("can be used by everybody", async () => {
    const { container } = await show();
    await drawnRow(0);
    await expectAccessible(container);
  });
});

describe("the keyboard", () => {
  it("walks with j and k, and the detail follows", async () => {
    const user = userEvent.setup();
    await show();
    const first = numberIn(await drawnRow(0));
    const second = numberIn(await drawnRow(1));
    await user.keyboard("j");
    await screen.findByRole("heading", { name: first });
    await user.keyboard("j");
    await screen.findByRole("heading", { name: second });
    expect(document.activeElement).toBe(row(1));
    await user.keyboard("k");
    await screen.findByRole("heading", { name: first });
    expect(row(0)?.getAttribute("aria-selected")).toBe("true");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("heading", { name: first })).toBeNull());
  });

  it("has one tab stop in the list, which the arrows, Home and End move", async () => {
    const user = userEvent.setup();
    await show(10_000);
    (await drawnRow(0)).focus();
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(document.activeElement).toBe(row(2));
    expect(scroller().querySelectorAll('[tabindex="0"]')).toHaveLength(1);
    await user.keyboard("{End}");
    await drawnRow(9_999);
    expect(document.activeElement).toBe(row(9_999));
    await user.keyboard("{Home}");
    await waitFor(() => expect(document.activeElement).toBe(row(0)));
  });

  it("follows the order, not its place, when one comes in above", async () => {
    const user = userEvent.setup();
    await show();
    await drawnRow(0);
    await user.keyboard("jj");
    const focused = numberIn(row(1));
    await fake.host.commands.demoOrder();
    await waitFor(() => expect(numberIn(row(2))).toBe(focused));
    await waitFor(() => expect(document.activeElement).toBe(row(2)));
    await user.keyboard("j");
    expect(document.activeElement).toBe(row(3));
  });

  it("types into the search instead of walking", async () => {
    const user = userEvent.setup();
    await show();
    await drawnRow(0);
    await user.type(screen.getByRole("searchbox"), "jjk");
    expect(screen.getByRole("searchbox")).toHaveProperty("value", "jjk");
    expect(screen.queryByRole("heading", { level: 2 })).toBeNull();
  });

  it("leaves Enter to the input method while it composes", async () => {
    await show();
    await drawnRow(0);
    const search = screen.getByRole("searchbox");
    search.focus();
    fireEvent.keyDown(search, { key: "Enter", isComposing: true });
    expect(document.activeElement).toBe(search);
    fireEvent.keyDown(search, { key: "Enter" });
    expect(document.activeElement).toBe(row(0));
  });

  it("prints the shop's usual ticket with p and asks WeChat with a", async () => {
    const user = userEvent.setup();
    await show();
    await drawnRow(0);
    await user.keyboard("j");
    await screen.findByRole("button", { name: t("window.orders.print") });
    await user.keyboard("p");
    const { template } = await fake.host.commands.printing("demo");
    await waitFor(() => expect(fake.callsOf("orderPrint").at(-1)?.[2]).toBe(template));
    await user.keyboard("a");
    await waitFor(() => expect(fake.callsOf("orderAsk")).toHaveLength(1));
  });
});

describe("the detail of an order", () => {
  it("never shows another order while it is being read", async () => {
    const user = userEvent.setup();
    await show();
    await user.click(await drawnRow(0));
    await screen.findByText(t("window.orders.timeline"));
    const open = fake.hold("orderDetail");
    await user.click(await drawnRow(1));
    await screen.findByRole("heading", { name: numberIn(row(1)) });
    expect(screen.queryByRole("button", { name: t("window.orders.refund.open") })).toBeNull();
    expect(screen.queryByText(t("window.orders.timeline"))).toBeNull();
    open();
    await screen.findByText(t("window.orders.timeline"));
  });

  it("marks what the shop's system and WeChat do not agree on, and says why nothing can be refunded", async () => {
    const user = userEvent.setup();
    await show();
    await user.click(await drawnRow(1));
    const differing = await screen.findByLabelText(t("window.orders.words.differs"));
    expect(differing.closest("tr")?.textContent).toContain(t("state.field.total_fee"));
    const refund = screen.getByRole("button", { name: t("window.orders.refund.open") });
    expect(refund.getAttribute("aria-disabled")).toBe("true");
    expect(screen.getByText(t("error.payment_unverified.message"))).toBeTruthy();
    await user.keyboard("r");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("is scrolled to when an order far down is opened from elsewhere", async () => {
    await show(10_000);
    await drawnRow(0);
    act(() => openOrder("o-001000"));
    await drawnRow(9_000);
    expect(row(9_000)?.getAttribute("aria-selected")).toBe("true");
  });

  it("counts as seen once somebody has looked, and not when it was passed on the way", async () => {
    const user = userEvent.setup();
    await show();
    const passed = (await fake.host.commands.orderWindow("demo", { group: "all", search: "" }, 0, 2)).rows;
    await drawnRow(0);
    await user.keyboard("jj");
    await waitFor(() => expect(fake.callsOf("orderSeen")).toEqual([["demo", passed[1]?.id]]), { timeout: 2_000 });
  });

  it("can be used by everybody", async () => {
    const user = userEvent.setup();
    const { container } = await show();
    await user.click(await drawnRow(5));
    await screen.findByText(t("window.orders.timeline"));
    await expectAccessible(container);
  });
});
