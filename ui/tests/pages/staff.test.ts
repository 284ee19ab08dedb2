import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FakeOptions } from "../../src/ipc/fake";
import { axeFindings, goTo, openPage, pull, sentBy, withBrowser } from "./browser";

withBrowser();

/** The page, once it knows who could sign in: before that there is no key for it. */
async function open(shop: Partial<FakeOptions> = {}): Promise<Page> {
  const page = await openPage({ orders: 200, alerts: false, staff: true, ...shop });
  await page.getByRole("button", { name: /登录的人/ }).waitFor();
  return page;
}

const dialogOf = (page: Page, name: string) => page.getByRole("dialog", { name, exact: true });
const detailOf = (page: Page) => page.getByRole("complementary", { name: "退款详情" });

async function toDecide(page: Page): Promise<void> {
  await goTo(page, "refunds");
  await page.getByRole("row", { name: /点错了，想换成冰的/ }).click();
}

const approve = (page: Page) =>
  detailOf(page)
    .getByRole("button", { name: /^同意退款 ¥/ })
    .click();

describe("signing in", () => {
  it("takes one key, a name and a PIN, and shows until when it is remembered", async () => {
    const page = await open();
    await page.keyboard.press("u");
    const question = dialogOf(page, "登录");
    await question.getByText("小李").click();
    // The focus is on the name; the digits go where they belong.
    await page.keyboard.type("1357");
    await page.keyboard.press("Enter");
    await question.waitFor({ state: "detached" });
    await page.getByRole("button", { name: /登录的人.*小李.*店长 · 记到 \d\d:\d\d/ }).waitFor();
    await page.keyboard.press("u");
    await question.getByRole("button", { name: "退出登录" }).click();
    await page.getByRole("button", { name: /登录的人.*未登录/ }).waitFor();
  });

  it("works with fingers alone", async () => {
    const page = await open();
    await page.getByRole("button", { name: /登录的人/ }).click();
    const question = dialogOf(page, "登录");
    await question.getByText("林晴川").click();
    for (const digit of ["2", "5", "8", "0"]) {
      const key = question.getByRole("button", { name: digit, exact: true });
      expect((await key.boundingBox())?.height).toBeGreaterThanOrEqual(40);
      await key.click();
    }
    await question.getByRole("button", { name: "登录", exact: true }).click();
    await page.getByRole("button", { name: /登录的人.*林晴川/ }).waitFor();
  });

  it("is forgotten by itself when its time is over", async () => {
    const page = await open();
    await pull(page, async (fake) => {
      const { commands } = fake.host;
      await commands.staffSignIn("demo", { id: "boss", pin: "2580" });
      const { rules, revision } = await commands.staffRules("demo");
      await commands.staffRulesSet("demo", revision, { ...rules, pinKeptS: 1 });
      await commands.staffSignIn("demo", { id: "mia", pin: "1357" });
    });
    await page.getByRole("button", { name: /登录的人.*小李/ }).waitFor();
    await page.getByRole("button", { name: /登录的人.*未登录/ }).waitFor();
  });

  it("leaves no PIN in the page once it was sent", async () => {
    const page = await open();
    await page.keyboard.press("u");
    await dialogOf(page, "登录").getByText("小李").click();
    await page.keyboard.type("803164297501");
    await page.keyboard.press("Enter");
    await dialogOf(page, "登录").getByRole("alert").waitFor();
    const left = await page.evaluate(() =>
      [...document.querySelectorAll("input")].some(({ value }) => value.includes("803164297501")),
    );
    expect(left || (await page.content()).includes("803164297501")).toBe(false);
  });

  it.each([
    { name: "the smallest window", width: 1024, height: 700 },
    { name: "that window at 200 %", width: 512, height: 350 },
  ])("keeps its button in sight in $name, also with a refusal", async ({ width, height }) => {
    const page = await openPage({ orders: 20, alerts: false, staff: true }, { viewport: { width, height } });
    await toDecide(page);
    await approve(page);
    const question = dialogOf(page, "登录后接着办");
    await question.getByText("小李").click();
    await page.keyboard.type("9999");
    await page.keyboard.press("Enter");
    await question.getByRole("alert").waitFor();
    const box = await question.getByRole("button", { name: "登录并办理" }).boundingBox();
    expect(box && box.y >= 0 && box.y + box.height <= height).toBe(true);
    expect(await axeFindings(page)).toEqual([]);
  });
});

describe("a refund that needs somebody", () => {
  it("goes on with the same decision once they signed in, and once only", async () => {
    const page = await open();
    await toDecide(page);
    await approve(page);
    const question = dialogOf(page, "登录后接着办");
    await question.getByText(/^订单 .*退 ¥.* 给 /).waitFor();
    await question.getByText("小李").click();
    await page.keyboard.type("1357");
    await question.getByRole("button", { name: "登录并办理" }).dblclick();
    await detailOf(page).getByText("已到账", { exact: true }).first().waitFor();
    const sent = await sentBy(page, "refundApprove");
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
  });

  it("above a clerk's limit is done by a manager who does not stay", async () => {
    const page = await open();
    await pull(page, (fake) => fake.host.commands.staffSignIn("demo", { id: "kim", pin: "7412" }));
    await toDecide(page);
    await approve(page);
    const refusal = detailOf(page).getByRole("alert");
    await refusal.getByText(/超过本人的单笔额度/).waitFor();
    await refusal.getByRole("button", { name: "换人来办" }).click();
    await dialogOf(page, "换人来办").getByText("小李").click();
    await page.keyboard.type("1357");
    await page.keyboard.press("Enter");
    await detailOf(page).getByText("已到账", { exact: true }).first().waitFor();
    expect(await sentBy(page, "refundApprove")).toHaveLength(2);
    await page.getByRole("button", { name: /登录的人.*未登录/ }).waitFor();
  });
});

describe("the audit log", () => {
  it("scrolls through thousands of rows, page after page", async () => {
    const page = await open({ orders: 1_000 });
    await goTo(page, "audit");
    const grid = page.getByRole("grid");
    await grid.waitFor();
    const count = async () => Number(await grid.getAttribute("aria-rowcount"));
    const first = await count();
    await expect
      .poll(async () => {
        await page.getByTestId("grid-scroller").evaluate((scroller) => {
          scroller.scrollTop = scroller.scrollHeight;
        });
        return count();
      })
      .toBeGreaterThan(first + 800);
    expect(await grid.getByRole("row").count()).toBeLessThan(60);
  });

  it("says which row is broken and shows it", async () => {
    const page = await open();
    await goTo(page, "audit");
    await page.getByRole("grid").waitFor();
    await pull(page, (fake) => fake.breakRow(3));
    await page.getByRole("button", { name: "检查", exact: true }).click();
    const alert = page.getByRole("main").getByRole("alert");
    await alert.getByText(/^第 3 行被改过/).waitFor();
    await alert.getByRole("button", { name: "看第 3 行" }).click();
    await page.getByRole("complementary", { name: "日志详情" }).getByText("校验值").waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });
});
