import { describe, expect, it } from "vitest";
import { isEmpty, readSource } from "./form";

function typed(values: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) {
    data.set(name, value);
  }
  return data;
}

describe("what somebody typed to connect a shop", () => {
  it("is read field by field, and what is not there is empty", () => {
    const source = readSource("form", typed({ shopId: " coffee ", api: "v3", p12Password: " pass ", other: "x" }));
    expect(source).toMatchObject({
      kind: "form",
      form: { shopId: "coffee", api: "v3", p12Password: " pass ", backendToken: "", signType: "HMAC-SHA256" },
    });
    expect(Object.keys(source.kind === "form" ? source.form : {})).toHaveLength(19);
  });

  it("keeps the connection's JSON to the letter", () => {
    expect(readSource("json", typed({ json: ' {"shop":{}}\n' }))).toEqual({ kind: "json", text: ' {"shop":{}}\n' });
  });

  it("is nothing to check while no file is chosen and no text is pasted", () => {
    expect(isEmpty(readSource("file", typed({})))).toBe(true);
    expect(isEmpty(readSource("json", typed({ json: "  " })))).toBe(true);
    expect(isEmpty(readSource("file", typed({ path: "/a.json" })))).toBe(false);
    expect(isEmpty(readSource("form", typed({})))).toBe(false);
  });
});
