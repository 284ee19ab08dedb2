import { useQuery } from "@tanstack/react-query";
import { ClipboardList, Printer, ScrollText, Settings, Undo2, Users } from "lucide-react";
import type { ReactNode } from "react";
import { CountBadge, cx } from "../../components";
import { go, type Place, useWhere } from "../../console/navigation";
import { useShop } from "../../console/shop";
import { t } from "../../lib/texts";
import { waitingRefunds } from "./queries";

const places: readonly { place: Place; icon: ReactNode }[] = [
  { place: "orders", icon: <ClipboardList size={22} aria-hidden="true" /> },
  { place: "refunds", icon: <Undo2 size={22} aria-hidden="true" /> },
  { place: "printing", icon: <Printer size={22} aria-hidden="true" /> },
  { place: "staff", icon: <Users size={22} aria-hidden="true" /> },
  { place: "audit", icon: <ScrollText size={22} aria-hidden="true" /> },
  { place: "settings", icon: <Settings size={22} aria-hidden="true" /> },
];

/** The screens of the window. The settings stand apart, at the bottom: they are not the day's work. */
export function Rail() {
  const { place: current } = useWhere();
  const { data } = useQuery(waitingRefunds(useShop()));
  const waiting = data?.counts.find((count) => count.group === "to_decide")?.count ?? 0;
  return (
    <nav
      aria-label={t("window.frame.screens")}
      className="flex w-20 shrink-0 flex-col gap-1 border-r border-line bg-surface p-2 max-sm:w-16 max-sm:p-1 low:gap-0"
    >
      {places.map(({ place, icon }) => (
        <button
          key={place}
          type="button"
          aria-current={place === current ? "page" : undefined}
          onClick={() => go(place)}
          className={cx(
            "relative flex h-16 flex-col items-center justify-center gap-1 rounded-md text-xs transition-colors low:h-12 low:gap-0.5",
            place === current
              ? "bg-accent-soft font-semibold text-accent-text"
              : "text-ink-soft hover:bg-sunken hover:text-ink",
            place === "settings" && "mt-auto",
          )}
        >
          {icon}
          <span className="max-w-full truncate px-0.5">{t(`window.frame.place.${place}`)}</span>
          {place === "refunds" && (
            <span className="absolute top-1 left-1/2 ml-2 low:top-0">
              <CountBadge count={waiting} label={t("window.frame.refunds_waiting", { count: String(waiting) })} />
            </span>
          )}
        </button>
      ))}
    </nav>
  );
}
