import { beforeEach, describe, expect, it } from "vitest";
import en from "../locales/en.json";
import zhCN from "../locales/zh-CN.json";
import zhTW from "../locales/zh-TW.json";
import { setLanguage, t, wordOf } from "./texts";

type Tree = { readonly [part: string]: string | Tree };

function flat(tree: Tree, at = ""): Map<string, string> {
  const all = new Map<string, string>();
  for (const [part, below] of Object.entries(tree)) {
    const key = at === "" ? part : `${at}.${part}`;
    if (typeof below === "string") {
      all.set(key, below);
    } else {
      for (const [further, text] of flat(below, key)) {
        all.set(further, text);
      }
    }
  }
  return all;
}

const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.{ts,tsx}", "!../ipc/fake/**"], {
  query: "?raw",
  import: "default",
  eager: true,
});

beforeEach(() => setLanguage("zh-CN"));

describe("a text", () => {
  it("is looked up in the language that was chosen last", () => {
    expect(t("window.common.cancel")).toBe("取消");
    setLanguage("en");
    expect(t("window.common.cancel")).toBe("Cancel");
  });

  it("has its placeholders filled with what stands there, as it stands there", () => {
    expect(t("window.common.minutes_ago", { count: 5 })).toBe("5 分钟前");
    expect(t("error.refund_request_not_found.message", { id: "{id} $& <b>" })).toContain("{id} $& <b>");
  });

  it("keeps a placeholder that nothing fills, and a key that no catalogue has", () => {
    expect(t("window.common.minutes_ago")).toBe("{count} 分钟前");
    expect(t("window.no.such.text")).toBe("window.no.such.text");
    expect(t("window.common")).toBe("window.common");
    expect(t("constructor.name")).toBe("constructor.name");
  });
});

describe("a word from outside", () => {
  it("has its text, and is shown as it came where there is none", () => {
    expect(wordOf("state.payout", "unknown")).toBe("结果未知，正在查询");
    expect(wordOf("state.payout", "teleported")).toBe("teleported");
  });
});

describe("the three catalogues", () => {
  const [first, ...others] = [zhCN, zhTW, en].map((catalogue) => flat(catalogue)) as [
    Map<string, string>,
    ...Map<string, string>[],
  ];
  const placeholders = (text = "") => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

  it("have the same keys and the same placeholders", () => {
    for (const other of others) {
      expect([...other.keys()].sort()).toEqual([...first.keys()].sort());
      for (const [key, text] of first) {
        expect(placeholders(other.get(key)), key).toEqual(placeholders(text));
      }
    }
  });

  it("have every text that the window asks for", () => {
    const known = new Set(first.keys());
    const missing: string[] = [];
    for (const [file, source] of Object.entries(sources)) {
      for (const [, key = ""] of source.matchAll(/\bt\(\s*"([\w.]+)"/g)) {
        if (!known.has(key)) {
          missing.push(`${file}: ${key}`);
        }
      }
      // A key that is put together begins with something that the catalogue has.
      for (const [, start = ""] of source.matchAll(/\bt\(\s*`([\w.]+)\$\{/g)) {
        if (![...known].some((key) => key.startsWith(start))) {
          missing.push(`${file}: ${start}…`);
        }
      }
    }
    expect(missing).toEqual([]);
  });
});
