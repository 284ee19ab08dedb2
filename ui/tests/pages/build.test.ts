import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ui = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";
const files = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "zhanggui-build-"));
  await build({ root: ui, logLevel: "warn", build: { outDir: folder, emptyOutDir: true } });
  for (const name of await readdir(folder, { recursive: true })) {
    if (/\.(js|css|html)$/.test(name)) {
      files.set(name, await readFile(path.join(folder, name), "utf8"));
    }
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe("the page as it ships", () => {
  it("holds nothing of the scripted shop", () => {
    expect(files.size).toBeGreaterThan(3);
    for (const [name, text] of files) {
      expect(text.includes("zhangguiFake") || text.includes("晴川咖啡（演示店）"), name).toBe(false);
    }
  });

  it("has scripts and styles in files of their own, as the policy wants, and loads nothing from elsewhere", () => {
    const page = files.get("index.html") ?? "";
    for (const [, attributes = "", inside = ""] of page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)) {
      expect(attributes).toMatch(/src="\/assets\//);
      expect(inside).toBe("");
    }
    expect(page).not.toMatch(/<style|style=|onload=|https?:/);
  });
});
