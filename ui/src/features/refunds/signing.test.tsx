import { screen, waitFor, within } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { PinDialog } from "../../console/signin/PinDialog";
import type { SignIn, StaffRules } from "../../ipc/bindings";
import { type Fake, makeFake } from "../../ipc/fake";
import { setHost } from "../../ipc/host";
import { t } from "../../lib/texts";
import { expectAccessible } from "../../testing/accessible";
import { renderInConsole } from "../../testing/render";
import { RefundsScreen } from "./RefundsScreen";

let fake: Fake;
let user: UserEvent;

const boss = { id: "boss", pin: "2580" };
const mia = { id: "mia", pin: "1357" };
const kim = { id: "kim", pin: "7412" };

/** The refund desk, with a refund of some 24 yuan open. */
async function show(who: SignIn | null = null, rules: Partial<StaffRules> = {}) {
  fake = makeFake({ orders: 60, delayMs: 0, payoutMs: 20, staff: true });
  setHost(fake.host);
  user = userEvent.setup();
  const { commands } = fake.host;
  if (Object.keys(rules).length > 0) {
    await commands.staffSignIn("demo", boss);
    const seen = await commands.staffRules("demo");
    await commands.staffRulesSet("demo", seen.revision, { ...seen.rules, ...rules });
    await commands.staffSignOut("demo");
  }
  if (who !== null) {
    await commands.staffSignIn("demo", who);
  }
  fake.calls.length = 0;
  await renderInConsole(
    <>
      <RefundsScreen />
      <PinDialog />
    </>,
  );
  const [row] = await screen.findAllByRole("row", { name: /点错了，想换成冰的/ });
  await user.click(row as HTMLElement);
}

const detail = () => within(screen.getByRole("complementary", { name: "退款详情" }));
const approve = async () => user.click(await detail().findByRole("button", { name: /^同意退款 ¥/ }));
const dialog = async () => within(await screen.findByRole("dialog"));
const pinField = async () => (await dialog()).getByLabelText(/PIN/, { selector: "input" }) as HTMLInputElement;
const sent = () => fake.callsOf("refundApprove");

async function sign(name: string, pin: string, button: string) {
  await user.click((await dialog()).getByText(name));
  await user.type(await pinField(), pin);
  await user.click((await dialog()).getByRole("button", { name: t(button) }));
}

describe("a decision for which nobody is signed in", () => {
  it("asks for a PIN and goes on with the very same decision", async () => {
    await show();
    await approve();
    expect((await dialog()).getByText(/退 ¥.* 给 /)).toBeTruthy();
    await sign("小李", "1357", "window.sign_in.do");
    await detail().findByText("微信已受理");
    expect(sent()).toHaveLength(2);
    expect(sent()[1]).toEqual(sent()[0]);
    expect(fake.callsOf("staffSignIn")).toEqual([["demo", mia]]);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("stays with a wrong PIN in words, empties the field, and is not sent", async () => {
    await show();
    await approve();
    await sign("小李", "9999", "window.sign_in.do");
    expect((await (await dialog()).findByRole("alert")).textContent).toContain(
      t("error.pin_wrong.message", { tries: 2 }),
    );
    expect((await pinField()).value).toBe("");
    expect(sent()).toHaveLength(1);
    await sign("小李", "1357", "window.sign_in.do");
    await detail().findByText("微信已受理");
  });

  it("is not made when nobody types anything, and says so", async () => {
    await show();
    await approve();
    await dialog();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect((await detail().findByRole("alert")).textContent).toContain(t("error.staff_sign_in_needed.message"));
    expect(sent()).toHaveLength(1);
  });

  it("is refused as stale where the refund changed while the PIN was typed", async () => {
    await show();
    await approve();
    await dialog();
    fake.changeRefund("whole", { requestedFen: 600, amountFen: 600 }, false);
    await sign("小李", "1357", "window.sign_in.do");
    expect((await detail().findByRole("alert")).textContent).toContain(t("error.refund_stale.message"));
    expect(sent()[1]).toEqual(sent()[0]);
  });

  it("takes the PIN from keys for fingers, and from digits that are typed on a name", async () => {
    await show();
    await approve();
    const asked = await dialog();
    await user.click(asked.getByText("小李"));
    for (const digit of ["1", "9"]) {
      await user.click(asked.getByRole("button", { name: digit }));
    }
    await user.click(asked.getByRole("button", { name: t("window.sign_in.erase") }));
    asked.getByRole("radio", { name: /小李/ }).focus();
    await user.keyboard("357");
    await user.click(asked.getByRole("button", { name: t("window.sign_in.do") }));
    await detail().findByText("微信已受理");
  });
});

describe("a refund above the amount of one person", () => {
  it("asks for a second PIN and sends it with the same decision", async () => {
    await show(mia, { secondPersonAboveFen: 1_000 });
    await approve();
    const asked = await dialog();
    expect(asked.queryByText("小李")).toBeNull();
    expect(asked.getByText(t("error.refund_second_person_needed.message", { above: "10.00" }))).toBeTruthy();
    await sign("林晴川", "2580", "window.sign_in.agree");
    await detail().findByText("微信已受理");
    expect(sent()).toHaveLength(2);
    expect(sent()[1]?.slice(0, 5)).toEqual(sent()[0]?.slice(0, 5));
    expect([sent()[0]?.[5], sent()[1]?.[5]]).toEqual([null, boss]);
    expect(fake.callsOf("staffSignIn")).toEqual([]);
  });
});

it("a question is not given up while what it was asked for is on its way", async () => {
  await show(mia, { secondPersonAboveFen: 1_000 });
  await approve();
  await dialog();
  const letGo = fake.hold("refundApprove");
  await sign("林晴川", "2580", "window.sign_in.agree");
  await user.keyboard("{Escape}");
  expect(await screen.findByRole("dialog")).toBeTruthy();
  letGo();
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await detail().findByText("微信已受理");
  expect(detail().queryByRole("alert")).toBeNull();
});

describe("a refund above somebody's limit", () => {
  it("is refused with the limit, done by who may, and leaves nobody signed in", async () => {
    await show(kim);
    await approve();
    const notice = within(await detail().findByRole("alert"));
    expect(notice.getByText(/超过本人的单笔额度 10\.00 元/)).toBeTruthy();
    await notice.findByText("可以请：林晴川（老板）、小李（店长）");
    await user.click(notice.getByRole("button", { name: t("window.sign_in.hand_over") }));
    expect((await dialog()).queryByText("阿敏")).toBeNull();
    await sign("小李", "1357", "window.sign_in.do");
    // The question stays in front of everything until it is done.
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await detail().findByText("微信已受理");
    expect(sent()).toHaveLength(2);
    expect(sent()[1]).toEqual(sent()[0]);
    await waitFor(() => expect(fake.callsOf("staffSignOut")).toHaveLength(1));
  });

  it("names nobody whose limits do not allow it either", async () => {
    await show(kim, { perRefundFen: 2_000 });
    await approve();
    const notice = within(await detail().findByRole("alert"));
    expect(await notice.findByText("可以请：林晴川（老板）")).toBeTruthy();
  });

  it("keeps who came to help signed in where they want to stay", async () => {
    await show(kim);
    await approve();
    await user.click(await detail().findByRole("button", { name: t("window.sign_in.hand_over") }));
    await user.click((await dialog()).getByRole("switch"));
    await sign("小李", "1357", "window.sign_in.do");
    // The question stays in front of everything until it is done.
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await detail().findByText("微信已受理");
    expect(fake.callsOf("staffSignOut")).toEqual([]);
  });
});

it("the question can be used by everybody", async () => {
  await show();
  await approve();
  await dialog();
  await expectAccessible(screen.getByRole("dialog"));
});
