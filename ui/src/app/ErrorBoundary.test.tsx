import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { t } from "../lib/texts";
import { ErrorBoundary } from "./ErrorBoundary";

const mood = { broken: true };

function Screen() {
  if (mood.broken) {
    throw new TypeError("secret detail");
  }
  return <p>好的</p>;
}

describe("a screen that breaks", () => {
  it("says so in words, and is tried again on a click or by going elsewhere", async () => {
    // React writes what was thrown to the console as well.
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    mood.broken = true;
    const at = (place: string) => (
      <ErrorBoundary place={place}>
        <Screen />
      </ErrorBoundary>
    );
    const { rerender, container } = render(at("orders"));
    expect(screen.getByText(t("error.internal.message"))).toBeTruthy();
    expect(container.textContent).not.toContain("secret detail");
    rerender(at("refunds"));
    expect(screen.getByText(t("error.internal.message"))).toBeTruthy();
    mood.broken = false;
    await userEvent.setup().click(screen.getByRole("button", { name: t("window.frame.again") }));
    expect(screen.getByText("好的")).toBeTruthy();
  });
});
