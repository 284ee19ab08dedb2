import { useSyncExternalStore } from "react";

/** From this width on, list and detail have room beside each other. */
const DETAIL_BESIDE_PX = 1180;

/** Whether the window is at least so wide; without a width, whether the detail stands beside the list. */
export function useWide(fromPx = DETAIL_BESIDE_PX): boolean {
  const wide = `(min-width: ${fromPx}px)`;
  return useSyncExternalStore(
    (watcher) => {
      const media = window.matchMedia(wide);
      media.addEventListener("change", watcher);
      return () => media.removeEventListener("change", watcher);
    },
    () => window.matchMedia(wide).matches,
  );
}
