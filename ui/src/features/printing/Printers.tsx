import { useQuery } from "@tanstack/react-query";
import { Cable, MonitorDown, Printer, ReceiptText, RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import { Badge, Button, FaultNotice, Part } from "../../components";
import { useAct } from "../../console/acting";
import { useShop } from "../../console/shop";
import type { FoundPrinter, Printing } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { single } from "../../lib/clicks";
import { t } from "../../lib/texts";
import { printersOf, printingOf } from "./queries";

const icons: Record<FoundPrinter["kind"], ReactNode> = {
  usb: <Printer size={20} aria-hidden="true" />,
  spool: <MonitorDown size={20} aria-hidden="true" />,
  device: <Cable size={20} aria-hidden="true" />,
  demo: <ReceiptText size={20} aria-hidden="true" />,
};

/** The printers that are attached, each with a test page. */
export function Printers() {
  const shop = useShop();
  const { data: printers, error, isFetching, refetch } = useQuery(printersOf(shop));
  const { data: printing } = useQuery(printingOf(shop));
  return (
    <Part
      level={2}
      title={t("window.printing.printers")}
      aside={
        <Button
          size="small"
          busy={isFetching}
          icon={<RefreshCw size={14} aria-hidden="true" />}
          onClick={() => void refetch()}
        >
          {t("window.printing.search")}
        </Button>
      }
    >
      {error && <FaultNotice fault={error} onRetry={() => void refetch()} />}
      <ul className="divide-y divide-line">
        {printers?.map((printer) => (
          <Found key={printer.target} printer={printer} printing={printing} />
        ))}
      </ul>
      {printers?.length === 0 && (
        <p className="text-ink-soft">
          {t("window.printing.no_printers")}
          <span className="block text-xs text-ink-faint">{t("window.printing.no_printers_more")}</span>
        </p>
      )}
    </Part>
  );
}

function Found({ printer, printing }: { printer: FoundPrinter; printing: Printing | undefined }) {
  const shop = useShop();
  const [act, busy] = useAct();
  const { target, name, kind, detail } = printer;
  const widthMm = printing?.widthMm ?? 58;
  const deed = t("window.printing.test_of", { printer: name });
  const test = () =>
    void act(deed, () => api.printTest(shop, target, widthMm), t("window.printing.test_sent", { printer: name }));
  return (
    <li className="flex min-h-14 items-center gap-3 py-2">
      <span className="text-ink-faint">{icons[kind]}</span>
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-center gap-2">
          <span className="truncate font-medium text-ink">{name}</span>
          {printing?.target === target && <Badge tone="accent">{t("window.printing.in_use")}</Badge>}
        </p>
        <p className="truncate text-xs text-ink-faint">
          {t(`window.printing.kind.${kind}`)}
          {detail !== null && ` · ${detail}`}
        </p>
      </div>
      <Button busy={busy} aria-label={deed} onClick={single(test)}>
        {t("window.printing.test")}
      </Button>
    </li>
  );
}
