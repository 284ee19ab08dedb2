import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { PinDialog } from "../../console/signin/PinDialog";
import type { ShopState } from "../../ipc/bindings";
import { type Fake, makeFake } from "../../ipc/fake";
import { setHost } from "../../ipc/host";
import { t } from "../../lib/texts";
import { expectAccessible } from "../../testing/accessible";
import { renderInConsole } from "../../testing/render";
import { readLimit } from "./amounts";
import { StaffScreen } from "./StaffScreen";

let fake: Fake;

async function show(staff: boolean, asOwner = false, secondShop: ShopState | null = null) {
  fake = makeFake({ orders: 20, delayMs: 0, staff, secondShop });
  setHost(fake.host);
  if (asOwner) {
    await fake.host.commands.staffSignIn("demo", { id: "boss", pin: "2580" });
  }
  return renderInConsole(
    <>
      <StaffScreen />
      <PinDialog />
    </>,
  );
}

const dialog = async () => within(await screen.findByRole("dialog"));
const person = async (name: string) => within((await screen.findByText(name)).closest("li") as HTMLElement);

describe("a shop without staff", () => {
  it("says that everybody is the owner, and begins with one", async () => {
    const user = userEvent.setup();
    await show(false);
    expect(await screen.findByText(t("window.staff.nobody"))).toBeTruthy();
    expect(screen.queryByText(t("window.staff.rules"))).toBeNull();
    await user.click(screen.getByRole("button", { name: t("window.staff.begin") }));
    const first = await dialog();
    expect(first.queryByRole("radiogroup")).toBeNull();
    await user.type(first.getByLabelText(t("window.staff.name")), "林晴川");
    await user.type(first.getByLabelText(t("window.staff.pin_new")), "2580");
    await user.type(first.getByLabelText(t("window.staff.pin_again")), "2581");
    await user.click(first.getByRole("button", { name: t("window.staff.add") }));
    expect(first.getByText(t("window.staff.pin_differs"))).toBeTruthy();
    expect(fake.callsOf("staffAdd")).toEqual([]);
    await user.clear(first.getByLabelText(t("window.staff.pin_again")));
    await user.type(first.getByLabelText(t("window.staff.pin_again")), "2580");
    await user.click(first.getByRole("button", { name: t("window.staff.add") }));
    await waitFor(() => expect(fake.callsOf("staffAdd")).toHaveLength(1));
    const owner = { id: "1", name: "林晴川", role: "owner", perRefundFen: null, perDayFen: null };
    expect(fake.callsOf("staffAdd")[0]).toEqual(["demo", owner, "2580"]);
    await person("林晴川");
    expect(screen.queryByText(t("window.staff.nobody"))).toBeNull();
  });
});

describe("the list of staff", () => {
  it("adds a clerk with limits, for which the owner signs in right there", async () => {
    const user = userEvent.setup();
    await show(true);
    await user.click(await screen.findByRole("button", { name: t("window.staff.add") }));
    const form = await dialog();
    await user.type(form.getByLabelText(t("window.staff.name")), "小王");
    await user.type(form.getByLabelText(t("window.staff.per_refund")), "５０");
    await user.type(form.getByLabelText(t("window.staff.pin_new")), "8241");
    await user.type(form.getByLabelText(t("window.staff.pin_again")), "8241");
    await user.click(form.getByRole("button", { name: t("window.staff.add") }));
    const question = within(await screen.findByRole("dialog", { name: t("window.sign_in.needed") }));
    expect(question.getByText("添加员工：小王（店员）")).toBeTruthy();
    expect(question.queryByText(/^店铺：/)).toBeNull();
    await user.click(question.getByText("林晴川"));
    await user.keyboard("2580");
    await user.click(question.getByRole("button", { name: t("window.sign_in.do") }));
    await person("小王");
    const clerk = { id: "1", name: "小王", role: "clerk", perRefundFen: 5_000, perDayFen: null };
    expect(fake.callsOf("staffAdd").at(-1)).toEqual(["demo", clerk, "8241"]);
    expect((await person("小王")).getByText(/单笔 ¥50\.00/)).toBeTruthy();
  });

  it("puts somebody out of service by the state that was seen, and keeps an owner", async () => {
    const user = userEvent.setup();
    await show(true, true);
    await user.click((await person("阿敏")).getByRole("button", { name: /^修改/ }));
    await user.click((await dialog()).getByRole("switch"));
    await user.click((await dialog()).getByRole("button", { name: t("window.common.save") }));
    await (await person("阿敏")).findByText(t("window.staff.inactive"));
    expect(fake.callsOf("staffChange")[0]?.slice(0, 3)).toEqual(["demo", "kim", 1]);
    expect((await person("阿敏")).getByRole("button", { name: /PIN/ })).toHaveProperty("disabled", true);
    await user.click((await person("林晴川")).getByRole("button", { name: /^修改/ }));
    await user.click((await dialog()).getByRole("switch"));
    await user.click((await dialog()).getByRole("button", { name: t("window.common.save") }));
    await (await dialog()).findByText(t("error.staff_no_owner_left.message"));
  });

  it("gives somebody a new PIN, and says why a bad one is not taken", async () => {
    const user = userEvent.setup();
    await show(true, true);
    await user.click((await person("小李")).getByRole("button", { name: /PIN/ }));
    const form = await dialog();
    await user.type(form.getByLabelText(t("window.staff.pin_new")), "1111");
    await user.type(form.getByLabelText(t("window.staff.pin_again")), "1111");
    const save = form.getByRole("button", { name: t("window.common.save") });
    await user.click(save);
    await form.findByText(t("error.pin_weak.message"));
    for (const field of ["pin_new", "pin_again"]) {
      await user.clear(form.getByLabelText(t(`window.staff.${field}`)));
      await user.type(form.getByLabelText(t(`window.staff.${field}`)), "9517");
    }
    await user.click(save);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(fake.callsOf("staffPinSet").at(-1)).toEqual(["demo", "mia", "9517", null]);
  });
});

it("whoever is asked for a PIN sees what for, and in which of several shops", async () => {
  const user = userEvent.setup();
  await show(true, false, "watching");
  const asked = async () => within(await screen.findByRole("dialog", { name: t("window.sign_in.needed") }));
  await user.click((await person("小李")).getByRole("button", { name: /PIN/ }));
  const form = await dialog();
  for (const field of ["pin_new", "pin_again"]) {
    await user.type(form.getByLabelText(t(`window.staff.${field}`)), "9517");
  }
  await user.click(form.getByRole("button", { name: t("window.common.save") }));
  const question = await asked();
  expect(question.getByText(t("window.staff.pin_of", { name: "小李" }))).toBeTruthy();
  expect(question.getByText(t("window.sign_in.in_shop", { shop: "晴川咖啡（演示店）" }))).toBeTruthy();
});

it("one's own PIN is changed with the present one, wherever it turns out whose it is", async () => {
  const user = userEvent.setup();
  await show(true, true);
  await user.click((await person("林晴川")).getByRole("button", { name: /PIN/ }));
  const form = await dialog();
  for (const field of ["pin_new", "pin_again"]) {
    await user.type(form.getByLabelText(t(`window.staff.${field}`)), "9517");
  }
  const save = () => user.click(form.getByRole("button", { name: t("window.common.save") }));
  await save();
  expect(form.getByText(t("window.staff.pin_present_empty"))).toBeTruthy();
  expect(fake.callsOf("staffPinSet")).toEqual([]);
  await user.type(form.getByLabelText(t("window.staff.pin_present")), "2581");
  await save();
  await form.findByText(t("error.pin_wrong.message", { tries: 2 }));
  await user.clear(form.getByLabelText(t("window.staff.pin_present")));
  await user.type(form.getByLabelText(t("window.staff.pin_present")), "2580");
  await save();
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(fake.callsOf("staffPinSet").at(-1)).toEqual(["demo", "boss", "9517", "2580"]);
});

it("whoever signs in only then is asked for the present PIN too", async () => {
  const user = userEvent.setup();
  await show(true);
  await user.click((await person("阿敏")).getByRole("button", { name: /PIN/ }));
  const form = await dialog();
  expect(form.queryByLabelText(t("window.staff.pin_present"))).toBeNull();
  for (const field of ["pin_new", "pin_again"]) {
    await user.type(form.getByLabelText(t(`window.staff.${field}`)), "9517");
  }
  await user.click(form.getByRole("button", { name: t("window.common.save") }));
  const question = within(await screen.findByRole("dialog", { name: t("window.sign_in.needed") }));
  await user.click(question.getByText("阿敏"));
  await user.keyboard("7412");
  await user.click(question.getByRole("button", { name: t("window.sign_in.do") }));
  expect(await screen.findByLabelText(t("window.staff.pin_present"))).toBeTruthy();
});

describe("the shop's rules", () => {
  it("are not saved over those of somebody else", async () => {
    const user = userEvent.setup();
    await show(true, true);
    const day = await screen.findByLabelText(t("window.staff.rule.perDayFen"));
    await user.type(day, "800");
    fake.changeRules({ perDayFen: 500 });
    await user.click(screen.getByRole("button", { name: t("window.staff.rules_save") }));
    await screen.findAllByText(t("error.staff_rules_changed_meanwhile.message"));
    const { rules } = await fake.host.commands.staffRules("demo");
    expect(rules.perDayFen).toBe(500);
  });

  it("are saved together, an empty field as no limit", async () => {
    const user = userEvent.setup();
    await show(true, true);
    const save = await screen.findByRole("button", { name: t("window.staff.rules_save") });
    expect(save).toHaveProperty("disabled", true);
    await user.clear(screen.getByLabelText(t("window.staff.rule.perRefundFen")));
    const day = screen.getByLabelText(t("window.staff.rule.perDayFen"));
    await user.type(day, "12.345");
    expect(save).toHaveProperty("disabled", true);
    await user.clear(day);
    await user.type(day, "800");
    await user.click(save);
    await waitFor(() => expect(fake.callsOf("staffRulesSet")).toHaveLength(1));
    expect(fake.callsOf("staffRulesSet")[0]?.slice(0, 2)).toEqual(["demo", 1]);
    expect(fake.callsOf("staffRulesSet")[0]?.[2]).toEqual({
      perRefundFen: null,
      perDayFen: 80_000,
      perPersonADayFen: null,
      secondPersonAboveFen: 15_000,
      pinKeptS: 300,
    });
  });

  it.each([
    ["", { fen: null }],
    ["0", { fen: 0 }],
    ["0.00", { fen: 0 }],
    ["12.3", { fen: 1_230 }],
    ["-1", "unreadable"],
    ["－0", "unreadable"],
    ["1.234", "unreadable"],
    ["many", "unreadable"],
  ])("read %j", (typed, limit) => {
    expect(readLimit(typed)).toEqual(limit);
  });
});

it("the screen can be used by everybody", async () => {
  const { container } = await show(true);
  await person("阿敏");
  await screen.findByText(t("window.staff.rules"));
  await expectAccessible(container);
});
