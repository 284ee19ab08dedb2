import { createRequire } from "node:module";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import type { Fake, FakeOptions } from "../../src/ipc/fake";
import zhCN from "../../src/locales/zh-CN.json" with { type: "json" };

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Where a Chromium stands; nothing is downloaded. */
const executablePath = process.env.ZHANGGUI_CHROMIUM ?? "/usr/bin/chromium";

let browser: Browser;
let complaints: string[] = [];

/** Opens the browser once per file, and fails every test in whose page something went wrong. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
    });
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const context of browser.contexts()) {
      await context.close();
    }
    const found = complaints;
    complaints = [];
    expect(found, "errors in the page").toEqual([]);
  });
}

/** The page on a scripted shop. */
export async function openPage(shop: Partial<FakeOptions> = {}, context: BrowserContextOptions = {}): Promise<Page> {
  const opened = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "zh-CN", ...context });
  const page = await opened.newPage();
  // Chromium reports what the policy refused here too.
  page.on("console", (message) => {
    // The window has no tab that an icon could stand on; a browser asks for one all the same.
    const iconMissing = message.location().url.endsWith("/favicon.ico");
    if ((message.type() === "error" || message.type() === "warning") && !iconMissing) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  const wishes = new URLSearchParams(Object.entries(shop).map(([name, value]) => [name, String(value)]));
  await page.goto(`${inject("pageUrl")}?${wishes}`);
  await page.getByRole("navigation").waitFor();
  return page;
}

/** What the window says in Chinese when something fails. */
export function faultText(code: string, part: "message" | "hint" = "message"): string {
  return (zhCN.error as Record<string, { message: string; hint: string }>)[code]?.[part] ?? code;
}

/** The screens, by their letter after `g`. */
export const screens = { orders: "o", refunds: "r", printing: "p", staff: "t", audit: "a", settings: "s" } as const;

/** Goes to a screen by keys alone. */
export async function goTo(page: Page, screen: keyof typeof screens): Promise<void> {
  await page.keyboard.press("g");
  await page.keyboard.press(screens[screen]);
}

/** Lets the test pull the scripted shop's strings. What is given must not use anything from around it. */
export function pull<Answer>(page: Page, strings: (fake: Fake) => Answer): Promise<Answer> {
  return page.evaluate(`(${strings})(window.zhangguiFake)`) as Promise<Answer>;
}

/** What the page sent so far under this name. */
export function sentBy(page: Page, command: string): Promise<unknown[][]> {
  return page.evaluate(
    (name) => window.zhangguiFake?.calls.filter((call) => call.command === name).map((call) => call.args) ?? [],
    command,
  );
}

/** Everything that a part of the page says, to the eye or to a screen reader, text by text. */
export function textsOf(page: Page, part = "body"): Promise<string[]> {
  return page.locator(part).evaluate((root) => {
    const texts: string[] = [];
    for (const one of root.querySelectorAll("[aria-label],[title],[placeholder]")) {
      texts.push(...["aria-label", "title", "placeholder"].map((name) => one.getAttribute(name) ?? ""));
    }
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      texts.push(walker.currentNode.nodeValue ?? "");
    }
    return texts.filter((text) => text.trim() !== "");
  });
}

/** Asks axe; answers what it found, in its own words. */
export async function axeFindings(page: Page): Promise<string[]> {
  // Colours in the middle of a transition are nobody's.
  await page.evaluate(async () => {
    await Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
        .map(({ finished }) => finished),
    );
  });
  await page.evaluate(await axeSource());
  return page.evaluate(async () => {
    const axe = (window as unknown as { axe: typeof import("axe-core") }).axe;
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help} — ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`,
    );
  });
}

let axeText: string | undefined;

async function axeSource(): Promise<string> {
  if (axeText === undefined) {
    const { readFile } = await import("node:fs/promises");
    axeText = await readFile(axeFile, "utf8");
  }
  return axeText;
}
