import { type ReactNode, useState } from "react";
import { useWide } from "../../components";
import { go, type Place, useWhere } from "../../console/navigation";
import { useShopCard } from "../../console/shop";
import { PinDialog } from "../../console/signin/PinDialog";
import { useKeys } from "../../lib/keys";
import { UrgentBar } from "../alerts/UrgentBar";
import { useAlertSounds } from "../alerts/useAlertSounds";
import { ErrorBoundary } from "../ErrorBoundary";
import { DemoBanner } from "./DemoBanner";
import { Rail } from "./Rail";
import { ShopGate } from "./ShopGate";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { StatusStrip } from "./StatusStrip";
import { TopBar } from "./TopBar";
import { useTakeOver } from "./useTakeOver";

/** From here on the demo shop's paper has room beside a list with its detail. */
const PAPER_BESIDE_PX = 1500;

export interface FrameProps {
  screens: Record<Place, ReactNode>;
  /** What the demo shop's printer prints, to be seen coming out. */
  paper: ReactNode;
}

/** What stands around every screen: the rail, the shop, what needs a hand, and the strip that is always there. */
export function Frame({ screens, paper }: FrameProps) {
  const { place } = useWhere();
  const shop = useShopCard();
  const [shortcuts, showShortcuts] = useState(false);
  const [alerts, showAlerts] = useState(false);
  const roomy = useWide(PAPER_BESIDE_PX);
  const paperBeside = shop?.demo === true && roomy && (place === "orders" || place === "refunds");
  useAlertSounds();
  useTakeOver();
  useKeys([
    { keys: "g o", text: "window.keys.go_orders", run: () => go("orders") },
    { keys: "g r", text: "window.keys.go_refunds", run: () => go("refunds") },
    { keys: "g p", text: "window.keys.go_printing", run: () => go("printing") },
    { keys: "g t", text: "window.keys.go_staff", run: () => go("staff") },
    { keys: "g a", text: "window.keys.go_audit", run: () => go("audit") },
    { keys: "g s", text: "window.keys.go_settings", run: () => go("settings") },
    { keys: "?", text: "window.keys.show", run: () => showShortcuts(true) },
  ]);
  return (
    <div className="flex h-full flex-col">
      <div className="flex min-h-0 flex-1">
        <Rail />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar onShortcuts={() => showShortcuts(true)} alertsOpen={alerts} onAlertsOpen={showAlerts} />
          {shop?.demo && <DemoBanner />}
          <div className="flex min-h-0 flex-1">
            <main className="relative flex min-w-0 flex-1 flex-col">
              <ErrorBoundary place={`${shop?.key}/${place}`}>
                {place === "settings" ? screens.settings : <ShopGate>{screens[place]}</ShopGate>}
              </ErrorBoundary>
            </main>
            {paperBeside && (
              <aside className="w-80 shrink-0 border-l border-line">
                <ErrorBoundary place={`${shop?.key}/paper`}>{paper}</ErrorBoundary>
              </aside>
            )}
          </div>
          <UrgentBar onMore={() => showAlerts(true)} />
        </div>
      </div>
      <StatusStrip />
      <PinDialog />
      <ShortcutsDialog open={shortcuts} onClose={() => showShortcuts(false)} />
    </div>
  );
}
