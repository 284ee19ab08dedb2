import type { Preferences } from "../ipc/bindings";

/** Puts the look and the language on the page; styles and fonts follow from there. */
export function dress({ look, language }: Preferences): void {
  const page = document.documentElement;
  page.lang = language;
  if (look === "system") {
    delete page.dataset.look;
  } else {
    page.dataset.look = look;
  }
}
