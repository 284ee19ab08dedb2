import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axeFindings, goTo, openPage, pull, screens, sentBy, withBrowser } from "./browser";

withBrowser();

type Screen = keyof typeof screens;
const all = Object.keys(screens) as Screen[];

/** Opens what a screen has to open. */
async function openAll(page: Page, screen: Screen): Promise<void> {
  await goTo(page, screen);
  if (screen === "orders" || screen === "refunds" || screen === "audit") {
    await page.getByRole("grid").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("complementary").getByRole("heading").nth(1).waitFor();
  } else {
    await page.getByRole("main").getByRole("heading").first().waitFor();
  }
}

it("the pages are tested under the policy that the window ships with", async () => {
  const page = await openPage({ orders: 1, alerts: false });
  const policy = (await page.request.get(page.url())).headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("style-src 'self'");
  expect(policy).not.toContain("unsafe");
});

describe("every screen", () => {
  describe.each(["light", "dark"] as const)("in a %s window", (look) => {
    it.each(all)("can be used by everybody: %s", async (screen) => {
      const page = await openPage({ orders: 60, look, staff: true }, { viewport: { width: 1440, height: 900 } });
      await openAll(page, screen);
      expect(await axeFindings(page)).toEqual([]);
    });
  });

  it.each(all)("can be used on the first day of a shop: %s", async (screen) => {
    const page = await openPage({ orders: 0, alerts: false });
    await goTo(page, screen);
    await expect.poll(() => page.getByRole("main").textContent()).not.toBe("");
    expect(await axeFindings(page)).toEqual([]);
  });

  it.each([
    { name: "the smallest window", width: 1024, height: 700 },
    { name: "that window at 200 %", width: 512, height: 350 },
  ])("fits into $name without scrolling sideways", async ({ width, height }) => {
    const page = await openPage({ orders: 60, staff: true }, { viewport: { width, height } });
    for (const screen of all) {
      await goTo(page, screen);
      await page.getByRole("main").waitFor();
      await expect.poll(() => page.getByRole("main").textContent()).not.toBe("");
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll("main, main *, header, nav")]
          .filter(
            (one) =>
              one.scrollWidth > one.clientWidth + 1 &&
              /auto|scroll/.test(getComputedStyle(one).overflowX) &&
              !one.closest("[role=tablist],[role=group],[role=toolbar]"),
          )
          .map((one) => one.outerHTML.slice(0, 120)),
      );
      expect(wide, screen).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  });
});

describe.each(["zh-CN", "zh-TW", "en"] as const)("the lists in %s", (language) => {
  it.each([
    { name: "the smallest window", width: 1024, height: 700 },
    { name: "a large one", width: 1600, height: 1000 },
  ])("cut no state and no amount in $name, with a detail open and without", async ({ width, height }) => {
    const page = await openPage({ orders: 400, language, alerts: false }, { viewport: { width, height } });
    for (const screen of ["orders", "refunds", "audit"] as const) {
      await goTo(page, screen);
      await page.getByRole("grid").waitFor();
      expect(await cutCells(page), screen).toEqual([]);
      await openAll(page, screen);
      expect(await cutCells(page), `${screen} beside a detail`).toEqual([]);
    }
  });
});

/** Cells out of which something sticks, or whose text is shortened though it is no name that may be. */
function cutCells(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("[role=grid] [role=gridcell]")].flatMap((cell) => {
      const edge = cell.getBoundingClientRect().right + 1;
      return [...cell.querySelectorAll("*")]
        .filter((one) => one.checkVisibility() && !one.closest(".truncate,.sr-only"))
        .filter((one) => one.getBoundingClientRect().right > edge)
        .map((one) => `${one.textContent}: ${Math.round(one.getBoundingClientRect().right - edge)} px out`);
    }),
  );
}

describe("the sections of the settings", () => {
  it.each(["店铺", "接入店铺", "外观与声音", "关于"])("can be used by everybody: %s", async (section) => {
    const page = await openPage({ orders: 20, alerts: false });
    await goTo(page, "settings");
    await page.getByRole("tab", { name: section, exact: true }).click();
    if (section === "接入店铺") {
      await page.getByRole("button", { name: "自己填" }).click();
      await page.getByRole("button", { name: "检查", exact: true }).click();
      await page.locator("[data-state=wrong]").waitFor();
    }
    expect(await axeFindings(page)).toEqual([]);
  });
});

describe("the demo printer's paper", () => {
  it("grows at its top when a page is printed, and says what stands on it", async () => {
    const page = await openPage({ orders: 30, alerts: false });
    await goTo(page, "printing");
    const slips = page.getByRole("region", { name: "打出来的小票" }).getByRole("img");
    await slips.first().waitFor();
    const before = await slips.count();
    await page.getByRole("button", { name: "在 演示打印机 上打测试页" }).click();
    await expect.poll(() => slips.count()).toBe(before + 1);
    expect(await slips.first().getAttribute("aria-label")).toContain("打印测试页");
    expect(await sentBy(page, "printTest")).toEqual([["demo", "file:paper.bin", 58]]);
  });

  it("holds every run of text to the printer's cells", async () => {
    const page = await openPage({ orders: 30, alerts: false });
    await goTo(page, "printing");
    await page.getByRole("region", { name: "打出来的小票" }).getByRole("img").first().waitFor();
    // What is measured is the drawn box, not the length that was asked for.
    const off = await page.evaluate(() =>
      [...document.querySelectorAll<SVGTextElement>("svg text")]
        .map((text) => text.getBBox().width - text.textLength.baseVal.value)
        .filter((difference) => Math.abs(difference) > 1),
    );
    expect(await page.locator("svg text").count()).toBeGreaterThan(50);
    expect(off).toEqual([]);
  });

  it("prints a ticket again at one click", async () => {
    const page = await openPage({ orders: 30, alerts: false });
    await goTo(page, "printing");
    await page
      .getByRole("button", { name: /^重打订单/ })
      .first()
      .dblclick();
    await page.getByText("小票已交给打印机").first().waitFor();
    expect(await sentBy(page, "paperAgain")).toHaveLength(1);
  });

  it("a rule that is changed is sent whole, and at once", async () => {
    const page = await openPage({ orders: 30, alerts: false });
    await goTo(page, "printing");
    await page.getByRole("radio", { name: "80 毫米" }).click();
    await expect.poll(() => sentBy(page, "printingSet")).toHaveLength(1);
    await page.getByRole("button", { name: "多一份" }).click();
    await expect
      .poll(async () => (await sentBy(page, "printingSet")).at(-1)?.[1])
      .toEqual({
        target: "auto",
        widthMm: 80,
        template: "merchant",
        copies: 2,
        printUnverified: false,
        printMissed: true,
      });
  });
});

it("a click on a notification goes to what it was about", async () => {
  const page = await openPage({ orders: 300, alerts: false });
  await goTo(page, "settings");
  await pull(page, (fake) => fake.opened({ shop: "demo", orderId: "o-000100", place: "orders" }));
  await page
    .getByRole("complementary", { name: "订单详情" })
    .getByText(/-0100$/)
    .first()
    .waitFor();
  await pull(page, (fake) => fake.opened({ shop: "demo", orderId: null, place: "refunds" }));
  await page.getByRole("grid", { name: "退款列表" }).waitFor();
});
