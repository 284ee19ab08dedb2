import type { Preferences } from "../ipc/bindings";

/** Puts the look and the language on the page; styles and fonts follow from there. */
export function dress({ look, language }: Preferences): void {
  const page = document.documentElement;
  const before = page.dataset.look;
  page.lang = language;
  if (look === "system") {
    delete page.dataset.look;
  } else {
    page.dataset.look = look;
  }
  if (page.dataset.look !== before) {
    styleAnew();
  }
}

/** Follows the system from light to dark and back, for as long as nobody calls the answer. */
export function followSystem(): () => void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", styleAnew);
  return () => dark.removeEventListener("change", styleAnew);
}

/**
 * WebKit (2.48 and before) keeps the old value of a colour that a custom property gives, on some elements of a page whose
 * property has changed: dark letters on dark paper. It finds every colour anew only for what was not drawn before, so the
 * page is taken away and put back before anything is painted. What that would lose, the place in each list and the
 * focus, is put back too.
 */
function styleAnew(): void {
  const { body, activeElement } = document;
  const scrolled = [...body.querySelectorAll("*")]
    .filter(({ scrollTop, scrollLeft }) => scrollTop !== 0 || scrollLeft !== 0)
    .map((one) => ({ one, top: one.scrollTop, left: one.scrollLeft }));
  body.hidden = true;
  // Asking for a size makes the engine work out all styles now.
  body.getBoundingClientRect();
  body.hidden = false;
  for (const { one, top, left } of scrolled) {
    one.scrollTop = top;
    one.scrollLeft = left;
  }
  if (activeElement instanceof HTMLElement && activeElement !== document.activeElement) {
    activeElement.focus({ preventScroll: true });
  }
}
