import type { ReactNode } from "react";
import { useWide } from "./useWide";

/** From this width on, a list and a detail have room beside each other. */
const BESIDE_PX = 960;

/** From this width on, the detail's place is kept also while nothing is chosen. */
const KEPT_PX = 1180;

/** The detail of what was chosen in a list: beside it where there is room, over it where there is not. */
export function Beside({ label, open, children }: { label: string; open: boolean; children: ReactNode }) {
  const beside = useWide(BESIDE_PX);
  const kept = useWide(KEPT_PX);
  if (!open && !kept) {
    return null;
  }
  return (
    <aside
      aria-label={label}
      className={
        beside
          ? "w-[clamp(27rem,36vw,38rem)] shrink-0 border-l border-line bg-surface"
          : "absolute inset-y-0 right-0 z-20 w-[min(36rem,100%)] border-l border-line bg-surface shadow-sheet"
      }
    >
      {children}
    </aside>
  );
}

/** Whether the detail shows each row that one walks to: over the list it would be in the way. */
export function useFollows(open: boolean): boolean {
  const beside = useWide(BESIDE_PX);
  const kept = useWide(KEPT_PX);
  return kept || (beside && open);
}
