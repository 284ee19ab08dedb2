import axe from "axe-core";
import { expect } from "vitest";

/** Fails with axe's own words when something on the page cannot be used by everybody. */
export async function expectAccessible(container: Element): Promise<void> {
  const { violations } = await axe.run(container, {
    // Colours are not drawn in jsdom; the page tests look at them in a browser. A part of a page has no landmarks.
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`,
  );
  expect(found).toEqual([]);
}
