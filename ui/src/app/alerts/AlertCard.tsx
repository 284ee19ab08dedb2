import { Bell, CircleX, Printer, ReceiptText, TriangleAlert, Unplug } from "lucide-react";
import type { ReactNode } from "react";
import { Button, cx, Time } from "../../components";
import type { Alert, Meaning } from "../../ipc/bindings";
import { single } from "../../lib/clicks";
import { t } from "../../lib/texts";
import { openerOf } from "./opening";

const icons: Record<Meaning, ReactNode> = {
  new_order: <Bell size={18} aria-hidden="true" />,
  cancelled: <CircleX size={18} aria-hidden="true" />,
  refund_asked: <ReceiptText size={18} aria-hidden="true" />,
  printer: <Printer size={18} aria-hidden="true" />,
  contact: <Unplug size={18} aria-hidden="true" />,
  attention: <TriangleAlert size={18} aria-hidden="true" />,
};

export type AlertCardProps = {
  alert: Alert;
  /** Whether it has stood here for a moment; it is not acknowledged before. */
  settled: boolean;
  onAcknowledge: () => void;
  /** After its place was opened, e.g. to close the panel. */
  onOpened?: () => void;
};

/** One thing that happened, what to do about it, and the way there. */
export function AlertCard({ alert, settled, onAcknowledge, onOpened }: AlertCardProps) {
  const open = openerOf(alert);
  const grave = alert.urgent || alert.meaning === "attention";
  return (
    <article className="flex gap-3 p-3">
      <span className={cx("mt-0.5", grave ? "text-danger-text" : "text-accent-text")}>{icons[alert.meaning]}</span>
      <div className="min-w-0 flex-1">
        <h3 className={cx("font-semibold break-words", grave ? "text-danger-text" : "text-ink")}>
          {t(`alert.${alert.alert}.title`, alert.parameters)}
        </h3>
        <p className="mt-0.5 break-words text-ink-soft">{t(`alert.${alert.alert}.body`, alert.parameters)}</p>
        <div className="mt-2 flex flex-wrap items-center gap-2">
          {open && (
            <Button
              size="small"
              onClick={() => {
                open();
                onOpened?.();
              }}
            >
              {t("window.alerts.open")}
            </Button>
          )}
          <Button size="small" tone="quiet" disabled={!settled} onClick={single(onAcknowledge)}>
            {t("window.alerts.acknowledge")}
          </Button>
          <Time ms={alert.atMs} className="ml-auto text-xs text-ink-faint" />
        </div>
      </div>
    </article>
  );
}
