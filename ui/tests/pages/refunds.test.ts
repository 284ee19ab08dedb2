import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FakeOptions } from "../../src/ipc/fake";
import { faultText, goTo, openPage, pull, sentBy, withBrowser } from "./browser";

withBrowser();

async function openDesk(shop: Partial<FakeOptions> = {}): Promise<Page> {
  const page = await openPage({ orders: 200, alerts: false, ...shop });
  await goTo(page, "refunds");
  await page.getByRole("grid", { name: "退款列表" }).waitFor();
  return page;
}

const rowOf = (page: Page, words: string) => page.getByRole("row", { name: new RegExp(words) });
const detailOf = (page: Page) => page.getByRole("complementary", { name: "退款详情" });
const approveOf = (page: Page) => detailOf(page).getByRole("button", { name: /^同意退款 ¥/ });

/** What the page knows of a refund, as it was read from the scripted shop. */
const refundOf = (page: Page, key: string) =>
  page.evaluate(async (wanted) => {
    for (const group of ["to_decide", "on_the_way", "trouble", "done"] as const) {
      const desk = await window.zhangguiFake?.host.commands.refundDesk("demo", group);
      const row = desk?.rows.find((one) => one.key === wanted);
      if (row) {
        return row;
      }
    }
    return null;
  }, key);

describe("approving a refund", () => {
  it("sends one command with the refund and the state that was seen, however fast one clicks", async () => {
    const page = await openDesk();
    await rowOf(page, "点错了，想换成冰的").click();
    const seen = await refundOf(page, "whole");
    const approve = approveOf(page);
    const told = await detailOf(page).getByText(/^退 ¥/).textContent();
    expect(told).toContain(seen?.buyer);
    // Three clicks within one task of the page: nothing can be drawn in between.
    await approve.evaluate((button: HTMLElement) => {
      button.click();
      button.click();
      button.click();
    });
    await detailOf(page).getByText("已到账", { exact: true }).first().waitFor();
    expect(await sentBy(page, "refundApprove")).toEqual([["demo", seen?.id, seen?.revision, null, null, null]]);
  });

  it("leaves the button shut until the refund has changed, also for a double click of a hand", async () => {
    const page = await openDesk();
    await rowOf(page, "点错了，想换成冰的").click();
    await page.evaluate(() => {
      (window as unknown as { go: () => void }).go = window.zhangguiFake?.hold("refundApprove") ?? (() => undefined);
    });
    await approveOf(page).dblclick();
    await expect.poll(() => approveOf(page).getAttribute("aria-busy")).toBe("true");
    await page.keyboard.press("Enter");
    // Another refund and back: still on its way.
    await rowOf(page, "少送了一个可颂").first().click();
    await rowOf(page, "点错了，想换成冰的").click();
    await expect.poll(() => approveOf(page).getAttribute("aria-busy")).toBe("true");
    await page.evaluate(() => (window as unknown as { go: () => void }).go());
    await detailOf(page).getByText("已到账", { exact: true }).first().waitFor();
    expect(await sentBy(page, "refundApprove")).toHaveLength(1);
  });

  it("shows how far the money gets, step by step, and counts the tabs anew", async () => {
    const page = await openDesk({ payoutMs: 400 });
    const tab = page.getByRole("tab", { name: /^待处理/ });
    const before = Number((await tab.textContent())?.replace(/\D/g, ""));
    await rowOf(page, "点错了，想换成冰的").click();
    await approveOf(page).click();
    const steps = detailOf(page).getByRole("listitem");
    await expect.poll(() => steps.allTextContents()).toHaveLength(4);
    await detailOf(page).getByText("微信已受理").waitFor();
    await expect.poll(async () => (await steps.last().textContent()) ?? "").toMatch(/^已到账.*\d\d:\d\d$/);
    expect(Number((await tab.textContent())?.replace(/\D/g, ""))).toBe(before - 1);
  });

  it("of a part sends what was typed, and nothing while it is no amount", async () => {
    const page = await openDesk();
    await rowOf(page, "点错了，想换成冰的").click();
    const seen = await refundOf(page, "whole");
    await detailOf(page).getByRole("button", { name: "改金额" }).click();
    const amount = detailOf(page).getByRole("textbox", { name: "退款金额（元）" });
    const button = detailOf(page).getByRole("button", { name: /^同意退款/ });
    await amount.fill("９９９９");
    await detailOf(page)
      .getByText(/^最多还能退/)
      .waitFor();
    expect(await button.isDisabled()).toBe(true);
    await amount.fill("5.005");
    expect(await button.isDisabled()).toBe(true);
    await amount.fill("５．５");
    await detailOf(page).getByRole("button", { name: "同意退款 ¥5.50" }).click();
    await detailOf(page).getByText("已提交微信").waitFor();
    expect(await sentBy(page, "refundApprove")).toEqual([["demo", seen?.id, seen?.revision, 550, null, null]]);
  });

  it("of what has changed meanwhile is refused, read again, and told what is new", async () => {
    const page = await openDesk();
    await rowOf(page, "点错了，想换成冰的").click();
    await approveOf(page).waitFor();
    // The backend's change has reached the mirror; the page has not heard of it yet.
    await pull(page, (fake) => fake.changeRefund("whole", { requestedFen: 600, amountFen: 600 }, false));
    await detailOf(page)
      .getByRole("button", { name: /^同意退款 ¥/ })
      .click();
    await detailOf(page).getByRole("alert").getByText(faultText("refund_stale")).waitFor();
    const news = detailOf(page).getByRole("definition").filter({ hasText: "→" });
    expect(await news.allTextContents()).toEqual([expect.stringMatching(/^¥\d+\.00 → ¥6\.00$/)]);
    // Nothing can be decided before somebody has looked: the next click might be the second of a double click.
    expect(await detailOf(page).getByRole("button", { name: "同意退款 ¥6.00" }).isDisabled()).toBe(true);
    await detailOf(page).getByRole("button", { name: "看过了" }).click();
    await detailOf(page).getByRole("button", { name: "同意退款 ¥6.00" }).click();
    await detailOf(page).getByText("已提交微信").waitFor();
    const sent = await sentBy(page, "refundApprove");
    expect(sent).toHaveLength(2);
    expect(Number(sent[1]?.[2])).toBeGreaterThan(Number(sent[0]?.[2]));
  });

  it("that failed says why and what to do, and can be tried again", async () => {
    const page = await openDesk();
    await page.getByRole("tab", { name: /^有问题/ }).click();
    await rowOf(page, "未办成").first().click();
    await detailOf(page).getByText(faultText("wechat_not_enough")).waitFor();
    await detailOf(page).getByText(faultText("wechat_not_enough", "hint")).waitFor();
    const before = await refundOf(page, "not-enough");
    await detailOf(page)
      .getByRole("button", { name: /^再办一次 ¥/ })
      .click();
    await detailOf(page).getByText("已到账", { exact: true }).first().waitFor();
    expect((await refundOf(page, "not-enough"))?.outRefundNo).toBe(before?.outRefundNo);
  });

  it("whose outcome is not known stays calm, warns of a second refund and offers none", async () => {
    const page = await openDesk();
    await page.getByRole("tab", { name: /^退款中/ }).click();
    await rowOf(page, "结果未知").click();
    await detailOf(page).getByText("结果未知，正在查询，请不要重复退").waitFor();
    expect(await detailOf(page).getByRole("alert").count()).toBe(0);
    expect(
      await detailOf(page)
        .getByRole("button", { name: /同意|再办/ })
        .count(),
    ).toBe(0);
    await page.getByRole("button", { name: "查询全部进度" }).click();
    await detailOf(page).getByText("微信已受理").waitFor();
    expect(await sentBy(page, "refundResume")).toEqual([["demo"]]);
  });
});

describe("refusing a refund", () => {
  it("wants a reason, and sends it", async () => {
    const page = await openDesk();
    await rowOf(page, "点错了，想换成冰的").click();
    await detailOf(page).getByRole("button", { name: "拒绝", exact: true }).click();
    const reason = detailOf(page).getByRole("textbox", { name: "拒绝的原因" });
    await reason.fill("   ");
    await detailOf(page).getByRole("button", { name: "确认拒绝" }).click();
    await detailOf(page).getByText("请写明原因").waitFor();
    expect(await reason.getAttribute("aria-invalid")).toBe("true");
    expect(await sentBy(page, "refundRefuse")).toEqual([]);
    await detailOf(page).getByRole("button", { name: "已经做好了" }).click();
    await detailOf(page).getByRole("button", { name: "确认拒绝" }).click();
    await detailOf(page).getByText("已拒绝").waitFor();
    const [sent, ...more] = await sentBy(page, "refundRefuse");
    expect(sent?.[3]).toBe("已经做好了");
    expect(more).toEqual([]);
  });
});

describe("the desk by keys alone", () => {
  it("goes from another screen to a refund, to its button, and pays back", async () => {
    const page = await openPage({ orders: 200, alerts: false });
    await goTo(page, "refunds");
    await page.getByRole("grid", { name: "退款列表" }).waitFor();
    await page.keyboard.press("j");
    await approveOf(page).waitFor();
    expect(await sentBy(page, "refundApprove")).toEqual([]);
    await page.keyboard.press("y");
    await expect.poll(() => approveOf(page).evaluate((button) => button === document.activeElement)).toBe(true);
    // The focus alone sends nothing.
    expect(await sentBy(page, "refundApprove")).toEqual([]);
    await page.keyboard.press("Enter");
    await detailOf(page).getByText("已到账", { exact: true }).first().waitFor();
    expect(await sentBy(page, "refundApprove")).toHaveLength(1);
    await page.keyboard.press("j");
    await approveOf(page).waitFor();
  });

  it("opens the detail over the list in a small window, and the reason at one key", async () => {
    const page = await openPage({ orders: 200, alerts: false }, { viewport: { width: 1024, height: 700 } });
    await goTo(page, "refunds");
    await page.getByRole("grid", { name: "退款列表" }).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("n");
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("INPUT");
    await page.keyboard.press("Escape");
    await approveOf(page).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => detailOf(page).count()).toBe(0);
  });
});

it("a customer's request appears while the desk is open", async () => {
  const page = await openDesk();
  const tab = page.getByRole("tab", { name: /^待处理/ });
  const before = Number((await tab.textContent())?.replace(/\D/g, ""));
  await pull(page, (fake) => fake.host.commands.demoRefundRequest());
  await expect.poll(async () => Number((await tab.textContent())?.replace(/\D/g, ""))).toBe(before + 1);
});
