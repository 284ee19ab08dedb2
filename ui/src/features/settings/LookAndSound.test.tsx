import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { type Fake, makeFake } from "../../ipc/fake";
import { setHost } from "../../ipc/host";
import { t } from "../../lib/texts";
import { renderInConsole } from "../../testing/render";
import { LookAndSound } from "./LookAndSound";

let fake: Fake;

async function show() {
  fake = makeFake({ orders: 3, delayMs: 0 });
  setHost(fake.host);
  return renderInConsole(<LookAndSound />);
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
