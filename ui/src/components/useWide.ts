import { useSyncExternalStore } from "react";

/** Whether the window is at least so wide. */
export function useWide(fromPx: number): boolean {
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
