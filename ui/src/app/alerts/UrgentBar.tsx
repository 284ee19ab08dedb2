import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { Button } from "../../components";
import { useAct } from "../../console/acting";
import { useShop } from "../../console/shop";
import { api } from "../../ipc/client";
import { single } from "../../lib/clicks";
import { t } from "../../lib/texts";
import { openerOf } from "./opening";
import { alertsOf } from "./queries";
import { useSettled } from "./useSettled";

/**
 * The newest urgent alert, in a strip of its own until somebody acknowledges it. It takes its place from the bottom of
 * the screen above it, so it covers nothing and no row moves away under the hand.
 */
export function UrgentBar({ onMore }: { onMore: () => void }) {
  const shop = useShop();
  const { data: alerts = [] } = useQuery(alertsOf(shop));
  const [act] = useAct();
  const urgent = alerts.filter((alert) => alert.urgent);
  const [alert] = urgent;
  const settled = useSettled(alert?.key ?? "");
  if (alert === undefined) {
    return null;
  }
  const open = openerOf(alert);
  const acknowledge = () => void act(t("window.alerts.acknowledge"), () => api.alertsAcknowledge(shop, [alert.key]));
  const rest = urgent.length - 1;
  return (
    <section
      key={alert.key}
      aria-label={t("window.alerts.urgent")}
      className="flex shrink-0 items-center gap-3 border-t border-danger bg-danger-soft py-1.5 pr-3 pl-4 low:py-0.5"
    >
      <TriangleAlert size={20} aria-hidden="true" className="shrink-0 text-danger-text" />
      <p role="alert" className="line-clamp-2 min-w-0 flex-1 low:line-clamp-1">
        <span className="mr-2 font-semibold text-danger-text">{t(`alert.${alert.alert}.title`, alert.parameters)}</span>
        <span className="text-ink">{t(`alert.${alert.alert}.body`, alert.parameters)}</span>
      </p>
      {rest > 0 && (
        <Button tone="quiet" className="max-sm:hidden" onClick={onMore}>
          {t("window.alerts.more", { count: String(rest) })}
        </Button>
      )}
      {open && <Button onClick={open}>{t("window.alerts.open")}</Button>}
      <Button disabled={!settled} onClick={single(acknowledge)}>
        {t("window.alerts.acknowledge")}
      </Button>
    </section>
  );
}
