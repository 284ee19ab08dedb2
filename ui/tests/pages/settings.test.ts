import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FakeOptions } from "../../src/ipc/fake";
import { faultText, goTo, openPage, sentBy, textsOf, withBrowser } from "./browser";

withBrowser();

async function openSection(section: string, shop: Partial<FakeOptions> = {}): Promise<Page> {
  const page = await openPage({ orders: 20, alerts: false, ...shop });
  await goTo(page, "settings");
  await page.getByRole("tab", { name: section, exact: true }).click();
  return page;
}

const fieldOf = (page: Page, label: string) => page.getByLabel(label, { exact: true });
const keepOf = (page: Page) => page.getByRole("button", { name: "接入", exact: true });
const check = (page: Page) => page.getByRole("button", { name: "检查", exact: true }).click();

/** Everything that is to be filled in, and right but for the token. */
async function fillIn(page: Page): Promise<void> {
  await page.getByRole("button", { name: "自己填" }).click();
  await fieldOf(page, "店名").fill("晴川咖啡");
  await fieldOf(page, "店铺编号").fill("coffee-09");
  await fieldOf(page, "店铺系统地址").fill("https://api.example/zhanggui/v1");
  await fieldOf(page, "店铺系统令牌").fill("wrong-token");
  await fieldOf(page, "商户号").fill("1900000109");
  await fieldOf(page, "小程序 AppID").fill("wx8888888888888888");
  await fieldOf(page, "API v2 密钥").fill("k".repeat(32));
  for (const file of ["证书 apiclient_cert.pem", "私钥 apiclient_key.pem"]) {
    await page.getByRole("button", { name: `选择…：${file}` }).click();
    await expect.poll(() => fieldOf(page, file).inputValue()).toMatch(/\.pem$/);
  }
}

describe("connecting a shop", () => {
  it("marks the field that is wrong, and lets nobody through before a check that found all right", async () => {
    const page = await openSection("接入店铺");
    await fillIn(page);
    expect(await keepOf(page).getAttribute("data-disabled")).not.toBeNull();
    await check(page);
    await page.locator("[data-subject=backend][data-state=wrong]").waitFor();
    await page.getByText(faultText("backend_unauthenticated")).waitFor();
    expect(await fieldOf(page, "店铺系统令牌").getAttribute("aria-invalid")).toBe("true");
    expect(await page.locator("[aria-invalid=true]").count()).toBe(1);
    expect(await page.locator("[data-state=right]").count()).toBe(3);
    expect(await keepOf(page).getAttribute("data-disabled")).not.toBeNull();

    await fieldOf(page, "店铺系统令牌").fill("right-token");
    // What was found before says nothing about what stands there now.
    await page.getByText("内容改过了，请再检查一次。").waitFor();
    expect(await page.locator("[aria-invalid=true]").count()).toBe(0);
    await check(page);
    await page.getByText("检查通过，可以接入“晴川咖啡”。").waitFor();
    await keepOf(page).click();
    await page.getByText("已接入“晴川咖啡”").waitFor();
    const [sent] = await sentBy(page, "connectionKeep");
    expect(sent).toMatchObject([
      { kind: "form", form: { shopId: "coffee-09", backendToken: "right-token" } },
      { kind: "keychain" },
    ]);
    await page.getByRole("banner").getByText("晴川咖啡", { exact: true }).waitFor();
  });

  it("keeps keys in password fields and forgets them with the form", async () => {
    const page = await openSection("接入店铺");
    await fillIn(page);
    for (const secret of ["店铺系统令牌", "API v2 密钥", "p12 密码（一般是商户号）"]) {
      expect(await fieldOf(page, secret).getAttribute("type")).toBe("password");
      expect(await fieldOf(page, secret).getAttribute("autocomplete")).toBe("new-password");
    }
    await page.getByRole("tab", { name: "关于" }).click();
    await page.getByRole("tab", { name: "接入店铺" }).click();
    await page.getByRole("button", { name: "自己填" }).click();
    expect(await fieldOf(page, "店铺系统令牌").inputValue()).toBe("");
    expect(await page.content()).not.toContain("wrong-token");
  });

  it("wants the vault's passphrase twice and the same", async () => {
    const page = await openSection("接入店铺");
    await page.getByRole("button", { name: "选择…：连接文件" }).click();
    await expect.poll(() => fieldOf(page, "连接文件").inputValue()).toMatch(/connection\.json$/);
    await check(page);
    await page.getByText(/检查通过/).waitFor();
    await page.getByRole("radio", { name: /保险箱文件/ }).click();
    await keepOf(page).click();
    await page.getByText("请输入口令").waitFor();
    await fieldOf(page, "保险箱口令").fill("open sesame");
    await fieldOf(page, "再输一次").fill("open sesam");
    await keepOf(page).click();
    await page.getByText("两次输入的不一样").waitFor();
    expect(await sentBy(page, "connectionKeep")).toEqual([]);
    await fieldOf(page, "再输一次").fill("open sesame");
    await keepOf(page).click();
    await page.getByText("已接入“晴川咖啡 · 静安店”").waitFor();
    expect((await sentBy(page, "connectionKeep"))[0]?.[1]).toEqual({ kind: "vault", passphrase: "open sesame" });
  });

  it("says what is wrong with a pasted text", async () => {
    const page = await openSection("接入店铺");
    await page.getByRole("button", { name: "粘贴内容" }).click();
    await check(page);
    await page.getByText("请粘贴连接文件的内容").waitFor();
    await fieldOf(page, "连接文件的内容").fill('{"no":"thing"}');
    await check(page);
    await page.locator("[data-subject=shop][data-state=wrong]").waitFor();
    expect(await page.locator("[data-state=unchecked]").count()).toBe(3);
  });
});

describe("the language", () => {
  it.each([
    { name: "繁體中文", lang: "zh-TW", refunds: "退款", close: /系統/ },
    { name: "English", lang: "en", refunds: "Refunds", close: /As the system/ },
  ])("changes at once to $name, and no key stands where a text should", async ({ name, lang, refunds, close }) => {
    const page = await openSection("外观与声音");
    await page.getByRole("radio", { name }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.lang)).toBe(lang);
    await page.getByText(close).first().waitFor();
    const bare: string[] = [];
    for (const screen of ["orders", "refunds", "printing", "settings"] as const) {
      await goTo(page, screen);
      await page.getByRole("navigation").getByText(refunds, { exact: true }).waitFor();
      await page.keyboard.press("j");
      await expect.poll(() => page.locator("[aria-busy=true]").count()).toBe(0);
      const shown = (await textsOf(page)).join("\n");
      bare.push(...(shown.match(/\b(window|state|error|alert|paper|receipt|timeline)\.[a-z_]+(\.[a-z_]+)+/g) ?? []));
      bare.push(...(shown.match(/\{[a-z]+\}/g) ?? []));
    }
    expect(bare).toEqual([]);
  });

  it("English leaves no Chinese but for the shop's own words", async () => {
    const page = await openPage({ orders: 0, alerts: false, language: "en" });
    const left: string[] = [];
    for (const screen of ["orders", "refunds", "printing", "settings"] as const) {
      await goTo(page, screen);
      await expect.poll(() => page.getByRole("main").textContent()).not.toBe("");
      // The demo shop's name and its printers are data, and the languages are called by their own names.
      left.push(
        ...(await textsOf(page, "main")).filter(
          (line) => /\p{Script=Han}/u.test(line) && !/晴川|演示打印机|序列号|后厨|前台|中文/.test(line),
        ),
      );
    }
    expect(left).toEqual([]);
  });
});

it("look, sound and volume are kept as chosen", async () => {
  const page = await openSection("外观与声音");
  await page.getByRole("radio", { name: "深色" }).click();
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.look)).toBe("dark");
  await page.getByRole("slider", { name: "音量" }).fill("35");
  await expect
    .poll(async () => (await sentBy(page, "preferencesSet")).at(-1)?.[0])
    .toMatchObject({ look: "dark", volume: 35 });
  await page.getByRole("switch", { name: /有事时响铃/ }).click();
  await expect
    .poll(async () => (await sentBy(page, "preferencesSet")).at(-1)?.[0])
    .toMatchObject({ sound: false, volume: 35 });
  await page.getByRole("button", { name: "新订单" }).waitFor();
  expect(await page.getByRole("button", { name: "新订单" }).isDisabled()).toBe(true);
});

it("a locked shop opens with its passphrase and says when it is the wrong one", async () => {
  const page = await openPage({ orders: 20, alerts: false, secondShop: "locked" });
  const passphrase = page.getByLabel("保险箱口令");
  await passphrase.fill("guess");
  await passphrase.press("Enter");
  await page.getByText(faultText("vault_passphrase_wrong")).waitFor();
  expect(await passphrase.inputValue()).toBe("");
  await passphrase.fill("open sesame");
  await passphrase.press("Enter");
  await page.getByRole("grid").waitFor();
});
