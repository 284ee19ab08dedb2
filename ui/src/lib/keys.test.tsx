import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { activeShortcuts, type Shortcut, useKeys } from "./keys";

function Part({ shortcuts, children }: { shortcuts: readonly Shortcut[]; children?: React.ReactNode }) {
  useKeys(shortcuts);
  return children;
}

const shortcut = (keys: string, run = vi.fn()) => ({ keys, text: `text of ${keys}`, run });

function press(key: string, target: Element = document.body, more: KeyboardEventInit = {}) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

afterEach(cleanup);

describe("a shortcut", () => {
  it("acts while its part is shown, and not after", () => {
    const down = shortcut("j");
    const { unmount } = render(<Part shortcuts={[down]} />);
    expect(press("j").defaultPrevented).toBe(true);
    unmount();
    expect(press("j").defaultPrevented).toBe(false);
    expect(down.run).toHaveBeenCalledTimes(1);
  });

  it("acts once while its key is held down, but for the keys that walk", () => {
    const down = shortcut("j");
    const print = shortcut("p");
    render(<Part shortcuts={[down, print]} />);
    for (const repeat of [false, true, true]) {
      press("j", document.body, { repeat });
      press("p", document.body, { repeat });
    }
    expect(down.run).toHaveBeenCalledTimes(3);
    expect(print.run).toHaveBeenCalledTimes(1);
  });

  it("may be two keys, one soon after the other", () => {
    const refunds = shortcut("g r");
    const refund = shortcut("r");
    render(<Part shortcuts={[refunds, refund]} />);
    press("g");
    press("r");
    expect(refunds.run).toHaveBeenCalledTimes(1);
    expect(refund.run).not.toHaveBeenCalled();
    press("r");
    expect(refund.run).toHaveBeenCalledTimes(1);
  });

  it("forgets the first of two keys when another comes in between", () => {
    const refunds = shortcut("g r");
    render(<Part shortcuts={[refunds]} />);
    press("g");
    press("x");
    press("r");
    expect(refunds.run).not.toHaveBeenCalled();
  });

  it("leaves the keys to whoever types, but for Escape", () => {
    const down = shortcut("j");
    const leave = shortcut("Escape");
    const { getByRole } = render(
      <Part shortcuts={[down, leave]}>
        <input />
      </Part>,
    );
    press("j", getByRole("textbox"));
    press("Escape", getByRole("textbox"));
    expect(down.run).not.toHaveBeenCalled();
    expect(leave.run).toHaveBeenCalledTimes(1);
  });

  it("leaves the keys to an input method that is composing", () => {
    const enter = shortcut("Enter");
    render(<Part shortcuts={[enter]} />);
    press("Enter", document.body, { isComposing: true });
    expect(enter.run).not.toHaveBeenCalled();
  });

  it("leaves the keys to a dialog, and to a part that has used them", () => {
    const down = shortcut("j");
    const { getByRole } = render(
      <Part shortcuts={[down]}>
        <div role="dialog">
          <span role="img" />
        </div>
      </Part>,
    );
    press("j", getByRole("img"));
    const used = new KeyboardEvent("keydown", { key: "j", bubbles: true, cancelable: true });
    used.preventDefault();
    document.body.dispatchEvent(used);
    press("j", document.body, { ctrlKey: true });
    expect(down.run).not.toHaveBeenCalled();
  });

  it("does not press what the focused button presses already", () => {
    const enter = shortcut("Enter");
    const { getByRole } = render(
      <Part shortcuts={[enter]}>
        <button type="button">x</button>
      </Part>,
    );
    press("Enter", getByRole("button"));
    expect(enter.run).not.toHaveBeenCalled();
  });

  it("of the part that came last goes before the same of an earlier one, and is listed once", () => {
    const outer = shortcut("Escape");
    const inner = shortcut("Escape");
    render(<Part shortcuts={[outer, shortcut("?")]} />);
    const { unmount } = render(<Part shortcuts={[inner]} />);
    press("Escape");
    expect(inner.run).toHaveBeenCalledTimes(1);
    expect(outer.run).not.toHaveBeenCalled();
    expect(activeShortcuts().map(({ keys }) => keys)).toEqual(["Escape", "?"]);
    unmount();
    press("Escape");
    expect(outer.run).toHaveBeenCalledTimes(1);
  });
});
