import { ChevronsUpDown, Keyboard, Plus, Store } from "lucide-react";
import { Badge, Dot, IconButton, Menu, type MenuItem, type Tone } from "../../components";
import { useAct } from "../../console/acting";
import { forgetOpened, go } from "../../console/navigation";
import { useConsole, useShopCard } from "../../console/shop";
import { forgetSigning } from "../../console/signing";
import type { ShopCard, ShopState } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";
import { AlertBell } from "../alerts/AlertBell";
import { Who } from "./Who";

const tones: Record<ShopState, Tone> = { watching: "calm", locked: "warn", failed: "danger", elsewhere: "plain" };

function State({ shop }: { shop: ShopCard }) {
  return (
    <span className="flex items-center gap-1.5">
      <Dot tone={tones[shop.state]} />
      {t(`window.frame.shop.${shop.state}`)}
    </span>
  );
}

export type TopBarProps = { onShortcuts: () => void; alertsOpen: boolean; onAlertsOpen: (open: boolean) => void };

/** Which shop is shown, and what concerns the whole window. */
export function TopBar({ onShortcuts, alertsOpen, onAlertsOpen }: TopBarProps) {
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 border-b border-line bg-surface px-3 low:h-12">
      <ShopSwitcher />
      <span className="flex-1" />
      <Who />
      <IconButton label={t("window.keys.title")} onClick={onShortcuts} aria-keyshortcuts="?">
        <Keyboard size={20} aria-hidden="true" />
      </IconButton>
      <AlertBell open={alertsOpen} onOpenChange={onAlertsOpen} />
    </header>
  );
}

function ShopSwitcher() {
  const { shops, shown } = useConsole();
  const current = useShopCard();
  const [act] = useAct();
  const show = (shop: ShopCard) => {
    if (shop.key !== shown) {
      // First: the other shop knows nothing of this one's orders.
      forgetOpened();
      forgetSigning();
      void act(t("window.frame.switch_shop"), () => api.shopShow(shop.key));
    }
  };
  const items: (MenuItem | "line")[] = [
    ...shops.map(
      (shop): MenuItem => ({
        key: shop.key,
        label: nameOf(shop),
        detail: shop.demo ? t("window.frame.demo") : <State shop={shop} />,
        icon: <Store size={18} aria-hidden="true" />,
        chosen: shop.key === shown,
        onSelect: () => show(shop),
      }),
    ),
    "line",
    {
      key: "+",
      label: t("window.frame.connect"),
      icon: <Plus size={18} aria-hidden="true" />,
      onSelect: () => go("settings", "connect"),
    },
  ];
  return (
    <Menu
      items={items}
      trigger={
        <button
          type="button"
          className="flex h-11 min-w-0 items-center gap-3 rounded-md px-2 text-left hover:bg-sunken"
        >
          <span className="sr-only">{t("window.frame.switch_shop")}</span>
          <span className="flex size-8 shrink-0 items-center justify-center rounded-md bg-accent text-accent-ink">
            <Store size={18} aria-hidden="true" />
          </span>
          <span className="flex min-w-0 flex-col">
            <span className="flex min-w-0 items-center gap-2">
              <span className="truncate text-sm font-semibold text-ink">
                {current ? nameOf(current) : t("window.frame.no_shop")}
              </span>
              {current?.demo && <Badge tone="info">{t("window.frame.demo")}</Badge>}
            </span>
            <span className="text-xs text-ink-faint">{current && <State shop={current} />}</span>
          </span>
          <ChevronsUpDown size={16} aria-hidden="true" className="shrink-0 text-ink-faint" />
        </button>
      }
    />
  );
}

/** A demo shop that could not be opened has not told its name. */
function nameOf({ name }: ShopCard): string {
  return name === "" ? t("window.frame.demo_shop") : name;
}
