import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";
import { forgetOpened, go } from "../console/navigation";
import { forgetSigning } from "../console/signing";
import { setLanguage } from "../lib/texts";

// A PC that builds something else meanwhile is slow, not wrong.
configure({ asyncUtilTimeout: 5_000 });

// What jsdom has no notion of: it lays nothing out and knows no media.
Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 600 });
Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, get: () => 1000 });
HTMLElement.prototype.scrollTo = function scrollTo(this: HTMLElement, options?: ScrollToOptions | number) {
  this.scrollTop = typeof options === "object" ? (options.top ?? 0) : (options ?? 0);
} as typeof HTMLElement.prototype.scrollTo;
HTMLElement.prototype.scrollIntoView = () => undefined;

class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
window.ResizeObserver ??= Observer as unknown as typeof ResizeObserver;
window.IntersectionObserver ??= Observer as unknown as typeof IntersectionObserver;
window.matchMedia ??= (query: string) =>
  ({
    matches: query.includes("min-width"),
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;

afterEach(() => {
  cleanup();
  // What the window remembers outside of React begins anew for every test.
  go("orders");
  forgetOpened();
  forgetSigning();
  setLanguage("zh-CN");
});
