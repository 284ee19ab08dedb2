import { Popover } from "@base-ui/react/popover";
import { useQuery } from "@tanstack/react-query";
import { Bell, BellOff, CheckCheck } from "lucide-react";
import { Button, CountBadge, Empty, IconButton } from "../../components";
import { useAct } from "../../console/acting";
import { useConsole, useShop } from "../../console/shop";
import { api } from "../../ipc/client";
import { single } from "../../lib/clicks";
import { t } from "../../lib/texts";
import { AlertCard } from "./AlertCard";
import { alertsOf } from "./queries";
import { useSettled } from "./useSettled";

/** The bell with the number of open alerts, and the list of them below it. The work beside it goes on. */
export function AlertBell({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const shop = useShop();
  const { preferences } = useConsole();
  const { data: alerts = [] } = useQuery(alertsOf(shop));
  const [act, busy] = useAct();
  // One that goes or comes moves those below it.
  const settled = useSettled(alerts.map(({ key }) => key).join(" "));
  const acknowledge = (keys: string[]) =>
    void act(t("window.alerts.acknowledge"), () => api.alertsAcknowledge(shop, keys));
  const label = t("window.alerts.bell", { count: String(alerts.length) });
  return (
    <Popover.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Popover.Trigger
        render={
          <IconButton label={label}>
            {preferences.sound ? <Bell size={20} aria-hidden="true" /> : <BellOff size={20} aria-hidden="true" />}
            <span className="pointer-events-none absolute -top-0.5 -right-0.5 origin-top-right scale-90">
              <CountBadge count={alerts.length} />
            </span>
          </IconButton>
        }
      />
      <Popover.Portal>
        <Popover.Positioner align="end" sideOffset={6} collisionPadding={8} className="z-40">
          <Popover.Popup className="flex max-h-(--available-height) w-96 max-w-(--available-width) flex-col rounded-lg border border-line bg-raised shadow-raised outline-none">
            <div className="flex items-center gap-2 border-b border-line py-1.5 pr-2 pl-4">
              <Popover.Title className="flex-1 text-sm font-semibold">{t("window.alerts.title")}</Popover.Title>
              {alerts.length > 0 && (
                <Button
                  size="small"
                  tone="quiet"
                  busy={busy}
                  icon={<CheckCheck size={16} aria-hidden="true" />}
                  disabled={!settled}
                  onClick={single(() => acknowledge(alerts.map((alert) => alert.key)))}
                >
                  {t("window.alerts.acknowledge_all")}
                </Button>
              )}
            </div>
            {alerts.length === 0 ? (
              <Empty title={t("window.alerts.none")}>{t("window.alerts.none_more")}</Empty>
            ) : (
              <ul className="thin-scroll min-h-0 flex-1 divide-y divide-line overflow-y-auto">
                {alerts.map((alert) => (
                  <li key={alert.key}>
                    <AlertCard
                      alert={alert}
                      settled={settled}
                      onAcknowledge={() => acknowledge([alert.key])}
                      onOpened={() => onOpenChange(false)}
                    />
                  </li>
                ))}
              </ul>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
