import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { OrderDetail } from "../../../ipc/bindings";
import { type Fake, makeFake } from "../../../ipc/fake";
import { setHost } from "../../../ipc/host";
import { formatFen } from "../../../lib/money";
import { t } from "../../../lib/texts";
import { expectAccessible } from "../../../testing/accessible";
import { renderInConsole } from "../../../testing/render";
import { RefundDialog } from "./RefundDialog";

let fake: Fake;
let detail: OrderDetail;
let close: ReturnType<typeof vi.fn<() => void>>;

beforeEach(async () => {
  fake = makeFake({ orders: 40, delayMs: 0 });
  setHost(fake.host);
  const { rows } = await fake.host.commands.orderWindow("demo", { group: "all", search: "" }, 0, 1);
  detail = await fake.host.commands.orderDetail("demo", rows[0]?.id ?? "");
  detail.amounts.refundableFen = 2_400;
  close = vi.fn();
});

const dialog = (of: OrderDetail = detail) => <RefundDialog open detail={of} onClose={close} />;
const submit = () => screen.getByRole("button", { name: /^退款( ¥|$)/ });
const part = async (typed: string) => {
  const user = userEvent.setup();
  await user.click(screen.getByText(t("window.orders.refund.part")));
  await user.type(screen.getByLabelText(t("window.orders.refund.amount")), typed);
};
const reason = async (preset = "made_wrong") =>
  userEvent.setup().click(screen.getByRole("button", { name: t(`window.orders.refund.preset.${preset}`) }));
const sent = () => fake.callsOf("orderRefund");

describe("a refund that the shop starts", () => {
  it("pays everything back that can be, under the revision that was seen", async () => {
    await renderInConsole(dialog());
    await reason();
    await userEvent.setup().click(submit());
    await waitFor(() => expect(close).toHaveBeenCalled());
    expect(sent()).toEqual([["demo", detail.summary.id, detail.summary.revision, 2_400, "做错了", null]]);
  });

  it.each([
    ["0.1", 10],
    ["0.29", 29],
    ["1.14", 114],
    ["19.99", 1_999],
    ["１２．３", 1_230],
    ["24", 2_400],
  ])("pays %s yuan back as %i fen", async (typed, fen) => {
    await renderInConsole(dialog());
    await part(typed);
    await reason();
    expect(submit().textContent).toContain(formatFen(fen));
    await userEvent.setup().click(submit());
    await waitFor(() => expect(sent()).toHaveLength(1));
    expect(sent()[0]?.[3]).toBe(fen);
  });

  it.each([
    ["24.01", "window.orders.refund.amount_too_much"],
    ["-1", "window.orders.refund.amount_not_positive"],
    ["0.00", "window.orders.refund.amount_not_positive"],
    ["1.234", "window.orders.refund.amount_unreadable"],
    ["十块", "window.orders.refund.amount_unreadable"],
  ])("is not sent for %s, and says why", async (typed, text) => {
    await renderInConsole(dialog());
    await part(typed);
    await reason();
    await userEvent.setup().click(submit());
    expect(screen.getByText(t(text, { max: formatFen(2_400) }))).toBeTruthy();
    expect(screen.getByLabelText(t("window.orders.refund.amount")).getAttribute("aria-invalid")).toBe("true");
    expect(sent()).toHaveLength(0);
  });

  it("wants a reason, and one that WeChat takes", async () => {
    const user = userEvent.setup();
    await renderInConsole(dialog());
    await user.click(submit());
    expect(screen.getByText(t("window.orders.refund.reason_empty"))).toBeTruthy();
    await user.type(screen.getByLabelText(t("window.orders.refund.reason")), "退".repeat(27));
    expect(screen.getByText(t("window.orders.refund.reason_long"))).toBeTruthy();
    await user.click(submit());
    expect(sent()).toHaveLength(0);
  });

  it("is sent once by two clicks", async () => {
    const user = userEvent.setup();
    await renderInConsole(dialog());
    await reason();
    const open = fake.hold("orderRefund");
    await user.dblClick(submit());
    await user.keyboard("{Enter}");
    open();
    await waitFor(() => expect(close).toHaveBeenCalled());
    expect(sent()).toHaveLength(1);
  });

  it("stays open with the refusal in words", async () => {
    await renderInConsole(dialog());
    await reason();
    fake.failNext("orderRefund", { code: "amount_exceeds_refundable", parameters: { max: "5.00" } });
    await userEvent.setup().click(submit());
    await screen.findByText(t("error.amount_exceeds_refundable.message", { max: "5.00" }));
    expect(close).not.toHaveBeenCalled();
  });

  it("asks to look again when the order changes under it", async () => {
    const user = userEvent.setup();
    const { rerender } = await renderInConsole(dialog());
    await reason();
    const newer = { ...detail, summary: { ...detail.summary, revision: detail.summary.revision + 1 } };
    rerender(dialog(newer));
    await screen.findByText(t("window.orders.refund.changed"));
    await user.click(submit());
    expect(sent()).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: t("window.orders.refund.seen") }));
    fake.failNext("orderRefund", { code: "backend_version_conflict" });
    await user.click(submit());
    await waitFor(() => expect(sent()[0]?.[2]).toBe(newer.summary.revision));
  });

  it("can be used by everybody", async () => {
    await renderInConsole(dialog());
    await part("99");
    await expectAccessible(screen.getByRole("dialog"));
  });
});
