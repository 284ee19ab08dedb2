import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { PinDialog } from "../../console/signin/PinDialog";
import { type Fake, type FakeOptions, makeFake } from "../../ipc/fake";
import { setHost } from "../../ipc/host";
import { t } from "../../lib/texts";
import { renderInConsole } from "../../testing/render";
import { LookAndSound } from "./LookAndSound";

const everything = { search: "", kind: null, who: null, fromMs: null, untilMs: null };

let fake: Fake;

async function show(given: Partial<FakeOptions> = {}) {
  fake = makeFake({ orders: 3, delayMs: 0, ...given });
  setHost(fake.host);
  return renderInConsole(
    <>
      <LookAndSound />
      <PinDialog />
    </>,
  );
}

const dark = () => screen.getByRole("radio", { name: t("window.settings.look.dark") });
const sound = () => screen.getByRole("switch");
const stored = async () => (await fake.host.commands.consoleState()).preferences;

it("what is changed while another change is on its way is sent after it, and neither undoes the other", async () => {
  await show();
  const letGo = fake.hold("preferencesSet");
  fireEvent.click(dark());
  fireEvent.click(sound());
  expect(sound().getAttribute("aria-checked")).toBe("false");
  expect(fake.callsOf("preferencesSet")).toHaveLength(1);
  letGo();
  await waitFor(() => expect(fake.callsOf("preferencesSet")).toHaveLength(2));
  await waitFor(async () => expect(await stored()).toMatchObject({ look: "dark", sound: false }));
});

it("what is refused goes back to what it was, and says why", async () => {
  await show();
  fake.failNext("preferencesSet", { code: "settings_unreadable", parameters: { path: "/data" } });
  fireEvent.click(sound());
  expect(sound().getAttribute("aria-checked")).toBe("false");
  await screen.findAllByText(t("error.settings_unreadable.message", { path: "/data" }));
  expect(sound().getAttribute("aria-checked")).toBe("true");
});

const question = async () => within(await screen.findByRole("dialog", { name: t("window.sign_in.needed") }));

it("alerts are silenced by a manager alone, at each of the shops", async () => {
  const user = userEvent.setup();
  await show({ staff: true, secondShop: "watching" });
  fireEvent.click(sound());
  for (const shop of ["晴川咖啡（演示店）", "晴川咖啡 · 衡山路店"]) {
    await screen.findByText(t("window.sign_in.in_shop", { shop }));
    const asked = await question();
    expect(asked.getByText(t("window.settings.deed.off", { what: t("window.settings.sound.on") }))).toBeTruthy();
    await user.click(asked.getByText("小李"));
    await user.keyboard("1357");
    await user.click(asked.getByRole("button", { name: t("window.sign_in.do") }));
  }
  await waitFor(async () => expect(await stored()).toMatchObject({ sound: false }));
  const [row] = await fake.host.commands.auditPage("coffee-01", everything, null, 1);
  expect(row).toMatchObject({ kind: "setting_changed", who: "mia" });
});

it("a clerk who turns the sound down is refused, and may hand it over", async () => {
  const user = userEvent.setup();
  await show({ staff: true });
  await fake.host.commands.staffSignIn("demo", { id: "kim", pin: "7412" });
  fireEvent.click(sound());
  await screen.findAllByText("可以请：林晴川（老板）、小李（店长）");
  expect(await stored()).toMatchObject({ sound: true });
  await waitFor(() => expect(sound().getAttribute("aria-checked")).toBe("true"));
  await user.click(screen.getAllByRole("button", { name: t("window.sign_in.hand_over") })[0] as HTMLElement);
  const asked = within(await screen.findByRole("dialog", { name: t("window.sign_in.hand_over") }));
  await user.click(asked.getByText("小李"));
  await user.keyboard("1357");
  await user.click(asked.getByRole("button", { name: t("window.sign_in.do") }));
  await waitFor(async () => expect(await stored()).toMatchObject({ sound: false }));
});

it("how the window looks is everybody's own affair", async () => {
  await show({ staff: true });
  fireEvent.click(dark());
  await waitFor(async () => expect(await stored()).toMatchObject({ look: "dark" }));
  expect(screen.queryByRole("dialog")).toBeNull();
});
