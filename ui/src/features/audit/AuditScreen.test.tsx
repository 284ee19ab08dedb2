import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { useWhere } from "../../console/navigation";
import type { AuditEntry } from "../../ipc/bindings";
import { type Fake, makeFake } from "../../ipc/fake";
import { setHost } from "../../ipc/host";
import { t } from "../../lib/texts";
import { expectAccessible } from "../../testing/accessible";
import { renderInConsole } from "../../testing/render";
import { AuditScreen } from "./AuditScreen";
import { inALine, valueWord } from "./words";

let fake: Fake;

async function show(orders = 200) {
  fake = makeFake({ orders, delayMs: 0, staff: true });
  setHost(fake.host);
  return renderInConsole(
    <>
      <AuditScreen />
      <Place />
    </>,
  );
}

function Place() {
  const { place, orderId, refundOf } = useWhere();
  return <output>{[place, orderId, refundOf].join("/")}</output>;
}

const detail = () => within(screen.getByRole("complementary", { name: t("window.audit.detail") }));
const lastQuery = () => fake.callsOf("auditPage").at(-1)?.[1];
const approvals = () => screen.findAllByRole("row", { name: new RegExp(t("audit.kind.refund_approved")) });

async function choose(label: string, option: string) {
  const user = userEvent.setup();
  await user.click(screen.getByRole("combobox", { name: t(label) }));
  await user.click(await screen.findByRole("option", { name: option }));
}

describe("the audit log", () => {
  it("lists the newest row first, and reads on as one scrolls", async () => {
    await show();
    const grid = await screen.findByRole("grid");
    await waitFor(() => expect(Number(grid.getAttribute("aria-rowcount"))).toBeGreaterThan(200));
    const asked = fake.callsOf("auditPage");
    expect(asked[0]?.[2]).toBeNull();
    const [newest] = await fake.host.commands.auditPage("demo", asked[0]?.[1] as never, null, 1);
    const shown = (await screen.findAllByRole("row"))[1];
    expect(shown?.textContent).toContain(t(`audit.kind.${newest?.kind}`));
  });

  it("is narrowed by kind and person", async () => {
    await show();
    await choose("window.audit.kind", t("audit.kind.refund_approved"));
    await approvals();
    expect(lastQuery()).toMatchObject({ kind: "refund_approved", who: null });
    await choose("window.audit.who", "小李");
    await waitFor(() => expect(lastQuery()).toMatchObject({ kind: "refund_approved", who: "mia" }));
  });

  it("is narrowed by days and words", async () => {
    const user = userEvent.setup();
    await show();
    await choose("window.audit.days.label", t("window.audit.days.today"));
    await waitFor(() => expect(lastQuery()).toMatchObject({ fromMs: expect.any(Number), untilMs: null }));
    await user.type(screen.getByRole("searchbox"), "no such words");
    await waitFor(() => expect(lastQuery()).toMatchObject({ search: "no such words", untilMs: null }));
    await screen.findByText(t("window.audit.empty"));
  });

  it("takes days as they are typed, and none that is no day", async () => {
    const user = userEvent.setup();
    await show();
    await screen.findByRole("grid");
    await choose("window.audit.days.label", t("window.audit.days.other"));
    await user.type(screen.getByLabelText(t("window.audit.from")), "2026-06-31");
    expect(await screen.findByText(t("window.audit.no_day"))).toBeTruthy();
    expect(lastQuery()).not.toMatchObject({ fromMs: Date.parse("2026-06-30T16:00:00Z") });
    await user.type(screen.getByLabelText(t("window.audit.from")), "{Backspace}0");
    await waitFor(() => expect(lastQuery()).toMatchObject({ fromMs: Date.parse("2026-06-29T16:00:00Z") }));
  });

  it("tells how it was and how it is, by whom, and leads to the order and the refund", async () => {
    await show();
    await choose("window.audit.kind", t("audit.kind.refund_succeeded"));
    const [row] = await screen.findAllByRole("row", { name: new RegExp(t("audit.kind.refund_succeeded")) });
    fireEvent.click(row as HTMLElement);
    await detail().findByText("小李（mia）");
    expect(detail().getByText(t("state.payout.processing"))).toBeTruthy();
    expect(detail().getByText(t("state.payout.succeeded"))).toBeTruthy();
    fireEvent.click(detail().getByRole("button", { name: t("window.refunds.open_order") }));
    expect(screen.getByRole("status", { name: "" }).textContent).toMatch(/^orders\/o-\d+\/$/);
    fireEvent.click(detail().getByRole("button", { name: t("window.audit.open_refund") }));
    expect(screen.getByRole("status", { name: "" }).textContent).toMatch(/^refunds\/o-\d+\/o-\d+$/);
  });

  it("is read again when something is written down", async () => {
    await show();
    await screen.findByRole("grid");
    await fake.host.commands.staffSignIn("demo", { id: "kim", pin: "7412" });
    await screen.findByRole("row", { name: new RegExp(`${t("audit.kind.signed_in")}.*阿敏`) });
  });
});

describe("checking the log", () => {
  const verify = () => userEvent.setup().click(screen.getByRole("button", { name: t("window.audit.verify") }));

  it("says that it is whole, and what to keep elsewhere", async () => {
    await show();
    await screen.findByRole("grid");
    await verify();
    expect(await screen.findByText(/^日志完整：/)).toBeTruthy();
    expect(screen.getByText(/最新一行：第 \d+ 行/)).toBeTruthy();
  });

  it("names the row that is broken and shows it", async () => {
    await show();
    await screen.findByRole("grid");
    fake.breakRow(7);
    await verify();
    const alert = within(await screen.findByRole("alert"));
    expect(alert.getByText(t("audit.fault.changed", { row: 7 }))).toBeTruthy();
    fireEvent.click(alert.getByRole("button", { name: t("window.audit.show_row", { row: 7 }) }));
    await waitFor(() => expect(detail().getByText("7")).toBeTruthy());
  });
});

it("what is listed is exported, and nothing is said where no file was chosen", async () => {
  const user = userEvent.setup();
  await show();
  await choose("window.audit.kind", t("audit.kind.refund_approved"));
  await approvals();
  await user.click(screen.getByRole("button", { name: t("window.audit.export") }));
  await user.click(await screen.findByRole("menuitem", { name: /CSV/ }));
  await screen.findByText(/^已导出 \d+ 行到/);
  const [, query, format] = fake.callsOf("auditExport")[0] ?? [];
  expect([query, format]).toEqual([lastQuery(), "csv"]);
});

describe("a particular", () => {
  const row = (kind: string): AuditEntry => ({
    seq: 1,
    atMs: 0,
    who: null,
    terminal: "t",
    kind,
    orderId: null,
    orderNumber: null,
    requestId: null,
    outRefundNo: null,
    facts: [],
    hash: "",
  });
  const nobody = () => null;

  it.each([
    ["refund_approved", "amount_fen", "1234", "¥12.34"],
    ["staff_changed", "rules.per_day", "100", "¥1.00"],
    ["staff_changed", "rules.pin_kept_s", "300", "300 秒"],
    ["staff_changed", "role", "manager", "店长"],
    ["printed", "state", "confirmed", "已打印"],
    ["refund_approved", "state", "pending", "待处理"],
    ["setting_changed", "printing.rules.2.template", "kitchen", "后厨联"],
    ["refund_approved", "amount_fen", "1e9", "1e9"],
    ["from_tomorrow", "unheard_of", "<b>", "<b>"],
  ])("of %s: %s %s is %s", (kind, name, value, word) => {
    expect(valueWord(row(kind), name, value, nobody)).toBe(word);
  });

  it("is told in a line, what changed with before and after", () => {
    const changed = { ...row("setting_changed"), facts: [{ name: "alerts", before: "true", after: "false" }] };
    expect(inALine(changed, nobody)).toBe("桌面通知 是 → 否");
    const quiet = { ...row("setting_changed"), facts: [{ name: "sound", before: "true", after: "false" }] };
    expect(inALine(quiet, nobody)).toBe("提醒的声音 是 → 否");
    const unlocked = { ...row("shop_unlocked"), facts: [{ name: "vault", before: "locked", after: "open" }] };
    expect(inALine(unlocked, nobody)).toBe("保险箱 锁着 → 打开了");
    const printed = { ...row("test_printed"), facts: [{ name: "printer", before: null, after: "usb:04b8:0202" }] };
    expect(inALine(printed, nobody)).toBe("usb:04b8:0202");
    const approved = {
      ...row("refund_approved"),
      facts: [
        { name: "amount_fen", before: null, after: "500" },
        { name: "second", before: null, after: "boss" },
      ],
    };
    expect(inALine(approved, (id) => (id === "boss" ? "林晴川" : null))).toBe("¥5.00 · 林晴川（boss）");
  });

  it("names a member of staff once, and a name that is another one now beside it", () => {
    const fact = (name: string, after: string) => ({ name, before: null, after });
    const added = {
      ...row("staff_changed"),
      facts: [fact("name", "小李"), fact("role", "manager"), fact("staff", "mia")],
    };
    expect(inALine(added, () => "小李")).toBe("小李（mia） · 店长");
    expect(inALine(added, () => "李静")).toBe("李静（mia） · 小李 · 店长");
    expect(inALine(added, nobody)).toBe("mia · 小李 · 店长");
  });
});

it("of a decision it says how things were, and not that they became nothing", async () => {
  await show();
  await choose("window.audit.kind", t("audit.kind.refund_approved"));
  fireEvent.click((await approvals())[0] as HTMLElement);
  await detail().findByText(t("audit.value.was", { value: t("state.refund.pending") }));
  expect(detail().queryByText(t("audit.value.nothing"))).toBeNull();
});

it("the screen can be used by everybody", async () => {
  const { container } = await show();
  const [, row] = await screen.findAllByRole("row");
  fireEvent.click(row as HTMLElement);
  await detail().findByText(t("window.audit.chain"));
  await expectAccessible(container);
});
