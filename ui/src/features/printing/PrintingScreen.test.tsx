import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { type Fake, makeFake } from "../../ipc/fake";
import { setHost } from "../../ipc/host";
import { t } from "../../lib/texts";
import { expectAccessible } from "../../testing/accessible";
import { renderInConsole } from "../../testing/render";
import { PrintingScreen } from "./PrintingScreen";

let fake: Fake;

async function show(orders = 8) {
  fake = makeFake({ orders, delayMs: 0 });
  setHost(fake.host);
  const drawn = await renderInConsole(<PrintingScreen />);
  await screen.findByText("演示打印机", { selector: "span" });
  return drawn;
}

it("every state of a ticket has a word, and what went wrong its cure", async () => {
  await show();
  for (const word of ["等待打印", "正在打印", "已打印", "没有打印", "不知道有没有打完", "由另一台电脑打印"]) {
    expect((await screen.findAllByText(word)).length).toBeGreaterThan(0);
  }
  expect(screen.getByText(t("error.printer_paper_out.message"))).toBeTruthy();
});

it("every ticket is called by its name in the language", async () => {
  await show();
  for (const name of ["商家联", "后厨联", t("window.orders.refund_ticket")]) {
    expect((await screen.findAllByText(new RegExp(`^${name}`))).length).toBeGreaterThan(0);
  }
  expect(screen.queryByText(/refund|kitchen|merchant/)).toBeNull();
});

it("a chosen printer that is not attached now stays chosen, and is said to be away", async () => {
  await show();
  await fake.host.commands.printingSet("demo", {
    target: "usb:04b8:0e15",
    widthMm: 80,
    template: "kitchen",
    copies: 2,
    printUnverified: true,
    printMissed: false,
  });
  await screen.findByText("usb:04b8:0e15（现在没有接上）");
});

it("a rule that is refused stays as it was", async () => {
  await show();
  fake.failNext("printingSet", { code: "settings_unreadable", parameters: { path: "/data" } });
  const unverified = await screen.findByRole("switch", { name: /收款还没核实也打印/ });
  fireEvent.click(unverified);
  await screen.findAllByText(t("error.settings_unreadable.message", { path: "/data" }));
  await waitFor(() => expect(unverified.getAttribute("aria-checked")).toBe("false"));
});

it("the roll shows the newest slip first", async () => {
  await show();
  const roll = within(await screen.findByRole("region", { name: "打出来的小票" }));
  const before = (await roll.findAllByRole("img")).length;
  fireEvent.click(screen.getByRole("button", { name: "在 演示打印机 上打测试页" }));
  await waitFor(() => expect(roll.getAllByRole("img")).toHaveLength(before + 1));
  expect(roll.getAllByRole("img")[0]?.getAttribute("aria-label")).toMatch(/^打印测试页/);
});

it("a double click prints once", async () => {
  await show();
  const [again] = await screen.findAllByRole("button", { name: /重打/ });
  const test = screen.getByRole("button", { name: "在 演示打印机 上打测试页" });
  for (const button of [again as HTMLElement, test]) {
    fireEvent.click(button, { detail: 1 });
    await waitFor(() => expect(button).toHaveProperty("ariaBusy", null));
    fireEvent.click(button, { detail: 2 });
  }
  await waitFor(() => expect(fake.callsOf("printTest")).toHaveLength(1));
  expect(fake.callsOf("paperAgain")).toHaveLength(1);
});

it("printing can be used by everybody", async () => {
  const { container } = await show();
  await expectAccessible(container);
});
