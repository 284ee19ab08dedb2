import { afterEach, describe, expect, it } from "vitest";
import { dress } from "./look";

afterEach(() => {
  document.body.replaceChildren();
  delete document.documentElement.dataset.look;
});

const preferences = { language: "zh-CN", sound: false, volume: 0 } as const;

describe("another look", () => {
  it("leaves every list where it was, and the keyboard where it stood", () => {
    const list = document.createElement("div");
    const field = document.createElement("input");
    document.body.append(list, field);
    list.scrollTop = 480;
    field.focus();
    dress({ ...preferences, look: "dark" });
    expect(document.documentElement.dataset.look).toBe("dark");
    expect([document.body.hidden, list.scrollTop, document.activeElement]).toEqual([false, 480, field]);
    dress({ ...preferences, look: "system" });
    expect(document.documentElement.dataset.look).toBeUndefined();
  });
});
