import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openPage, pull, sentBy, withBrowser } from "./browser";

withBrowser();

/** The rows that one sees now: their numbers in the list, and whether each shows an order. */
function seenRows(page: Page) {
  return page.getByTestId("grid-scroller").evaluate((scroller) => {
    const seen = scroller.getBoundingClientRect();
    const rows = [...scroller.querySelectorAll<HTMLElement>("[role=row]")]
      .map((row) => ({ row, box: row.getBoundingClientRect() }))
      .filter(({ box }) => box.bottom > seen.top + 1 && box.top < seen.bottom - 1)
      .sort((one, other) => one.box.top - other.box.top);
    return {
      indexes: rows.map(({ row }) => Number(row.getAttribute("aria-rowindex")) - 2),
      orders: rows.filter(({ row }) => /\d{4}-\d{4}/.test(row.textContent ?? "")).length,
      // Paper between the rows would be a row that is missing.
      gaps: rows.slice(1).filter(({ box }, place) => Math.abs(box.top - (rows[place]?.box.bottom ?? 0)) > 1).length,
      covers:
        rows.length > 0 &&
        (rows[0]?.box.top ?? 0) <= seen.top + 1 &&
        (rows.at(-1)?.box.bottom ?? 0) >= Math.min(seen.bottom, seen.top + scroller.scrollHeight) - 1,
    };
  });
}

/** Waits until everything in sight is an order, without a hole. */
async function expectFull(page: Page): Promise<number[]> {
  await expect
    .poll(async () => {
      const { indexes, orders, gaps, covers } = await seenRows(page);
      return { missing: indexes.length - orders, gaps, covers };
    })
    .toEqual({ missing: 0, gaps: 0, covers: true });
  return (await seenRows(page)).indexes;
}

const scrollTo = (page: Page, part: number) =>
  page.getByTestId("grid-scroller").evaluate((scroller, where) => {
    scroller.scrollTop = (scroller.scrollHeight - scroller.clientHeight) * where;
  }, part);

describe("ten thousand orders", () => {
  it("scroll to the middle and to the end without a blank row", async () => {
    const page = await openPage({ orders: 10_000 });
    expect((await expectFull(page))[0]).toBe(0);
    await scrollTo(page, 0.5);
    const middle = await expectFull(page);
    expect(Math.abs((middle[0] ?? 0) - 5_000)).toBeLessThan(20);
    await scrollTo(page, 1);
    expect((await expectFull(page)).at(-1)).toBe(9_999);
    await scrollTo(page, 0);
    expect((await expectFull(page))[0]).toBe(0);
  });

  it("never draw more rows than a screen or two", async () => {
    const page = await openPage({ orders: 10_000 });
    await scrollTo(page, 0.3);
    await expectFull(page);
    expect(await page.getByTestId("grid-scroller").locator("[role=row]").count()).toBeLessThan(60);
  });

  it("are searched while one types, and narrowed by a chip", async () => {
    const page = await openPage({ orders: 10_000 });
    await expectFull(page);
    await page.keyboard.press("/");
    await page.keyboard.type("-0042");
    await expect.poll(async () => (await seenRows(page)).indexes.length).toBe(1);
    expect(await page.getByRole("grid").textContent()).toContain("-0042");
    await page.keyboard.press("Escape");
    await expect.poll(async () => (await seenRows(page)).indexes.length).toBeGreaterThan(5);
    await page.getByRole("button", { name: /^已取消/ }).click();
    await expect.poll(async () => (await seenRows(page)).indexes[0]).toBe(0);
    const asked = (await sentBy(page, "orderWindow")).at(-1);
    expect(asked?.[1]).toEqual({ group: "cancelled", search: "" });
  });

  it("keep what one reads in its place when a new order comes in", async () => {
    const page = await openPage({ orders: 2_000 });
    await scrollTo(page, 0.5);
    await expectFull(page);
    const top = () =>
      page.getByTestId("grid-scroller").evaluate((scroller) => {
        const { top: edge } = scroller.getBoundingClientRect();
        const first = [...scroller.querySelectorAll("[role=row]")]
          .map((row) => ({ row, y: row.getBoundingClientRect().top - edge }))
          .filter(({ y }) => y >= 0)
          .sort((one, other) => one.y - other.y)[0];
        return { text: first?.row.textContent, y: Math.round(first?.y ?? -1) };
      });
    const before = await top();
    await pull(page, (fake) => fake.host.commands.demoOrder());
    await expect.poll(() => page.getByRole("grid").getAttribute("aria-rowcount")).toBe("2002");
    await expectFull(page);
    expect(await top()).toEqual(before);
  });
});

describe("an order whose money does not agree", () => {
  it("says so in its row, and marks the field that differs in its detail", async () => {
    const page = await openPage({ orders: 200, alerts: false });
    const row = page.getByRole("row", { name: /对不上/ }).first();
    await row.click();
    const detail = page.getByRole("complementary", { name: "订单详情" });
    const amount = detail.getByRole("row", { name: /金额/ });
    await amount.waitFor();
    const [backend, wechat] = await amount.getByRole("cell").allTextContents();
    expect(backend).not.toBe(wechat);
    await amount.getByRole("img", { name: "不一致" }).waitFor();
    expect(await detail.getByRole("img", { name: "不一致" }).count()).toBe(1);
  });
});

describe("a double click where the detail takes from the list's width", () => {
  const languages = ["zh-CN", "en"] as const;
  const sizes = [
    { width: 1024, height: 700 },
    { width: 1280, height: 800 },
    // The window at 200 %.
    { width: 512, height: 350 },
  ];
  const cases = languages.flatMap((language) => sizes.map((size) => ({ language, size })));
  it.each(cases)("opens one order, $language at $size.width × $size.height", async ({ language, size }) => {
    const page = await openPage({ orders: 300, alerts: false, language }, { viewport: size });
    const row = page.getByTestId("grid-scroller").getByRole("row").first();
    const box = await row.boundingBox();
    const number = /\d{4}-\d{4}/.exec((await row.textContent()) ?? "")?.[0] ?? "no number";
    const [x, y] = [(box?.x ?? 0) + 40, (box?.y ?? 0) + (box?.height ?? 0) / 2];
    // As a hand does it: the second click falls where the first did, whatever stands there by then.
    await page.mouse.click(x, y);
    await page.getByRole("complementary").getByText(number).first().waitFor();
    await page.mouse.click(x, y, { clickCount: 2 });
    await page.getByRole("complementary").getByText(number).first().waitFor();
    const opened = new Set((await sentBy(page, "orderDetail")).map(([, id]) => id));
    expect([...opened]).toHaveLength(1);
  });
});
