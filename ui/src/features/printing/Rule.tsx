import { useQuery } from "@tanstack/react-query";
import { Minus, Plus } from "lucide-react";
import { FaultNotice, IconButton, Part, Radios, Select, Skeleton, Switch } from "../../components";
import { useAct } from "../../console/acting";
import { useShop } from "../../console/shop";
import type { FoundPrinter, Printing } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";
import { printersOf, printingOf } from "./queries";

const templates = ["merchant", "customer", "kitchen"] as const;
const MOST_COPIES = 10;

/** Which ticket comes out where when an order is paid. What is chosen counts at once. */
export function Rule() {
  const shop = useShop();
  const { data: printing, error, refetch } = useQuery(printingOf(shop));
  const { data: printers } = useQuery(printersOf(shop));
  const [act, busy] = useAct();
  return (
    <Part level={2} title={t("window.printing.rule")}>
      {printing !== undefined ? (
        <Choices
          printing={printing}
          printers={printers ?? []}
          busy={busy}
          onChange={(change) =>
            void act(t("window.printing.deed"), () => api.printingSet(shop, { ...printing, ...change }))
          }
        />
      ) : error ? (
        <FaultNotice fault={error} onRetry={() => void refetch()} />
      ) : (
        <Skeleton className="h-32" />
      )}
    </Part>
  );
}

type ChoicesProps = {
  printing: Printing;
  printers: readonly FoundPrinter[];
  busy: boolean;
  onChange: (change: Partial<Printing>) => void;
};

function Choices({ printing, printers, busy, onChange }: ChoicesProps) {
  const { target, widthMm, template, copies, printUnverified, printMissed } = printing;
  const found = printers.map((printer) => ({ value: printer.target, label: printer.name }));
  const options = [{ value: "auto", label: t("window.printing.auto") }, ...found];
  if (!options.some(({ value }) => value === target)) {
    // A printer that is chosen and not there now, as when it is switched off, stays chosen.
    options.push({ value: target, label: t("window.printing.absent", { printer: target }) });
  }
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-4 @lg:grid-cols-2">
        <Select
          label={t("window.printing.printer")}
          value={target}
          options={options}
          onChange={(next) => onChange({ target: next })}
          hint={target === "auto" ? t("window.printing.auto_more") : undefined}
        />
        <Select
          label={t("window.printing.template")}
          value={template}
          options={templates.map((value) => ({ value, label: t(`receipt.copy.${value}`) }))}
          onChange={(next) => onChange({ template: next })}
        />
      </div>
      <div className="grid gap-4 @lg:grid-cols-[3fr_2fr]">
        <div className="flex flex-col gap-1.5">
          <span className="text-sm font-medium text-ink">{t("window.printing.width")}</span>
          <Radios
            label={t("window.printing.width")}
            value={String(widthMm)}
            options={["58", "80"].map((value) => ({ value, label: t("window.printing.mm", { width: value }) }))}
            onChange={(next) => onChange({ widthMm: Number(next) })}
          />
        </div>
        <Copies copies={copies} busy={busy} onChange={(next) => onChange({ copies: next })} />
      </div>
      <div>
        <Switch
          label={t("window.printing.unverified")}
          hint={t("window.printing.unverified_more")}
          checked={printUnverified}
          onChange={(next) => onChange({ printUnverified: next })}
        />
        <Switch
          label={t("window.printing.missed")}
          hint={t("window.printing.missed_more")}
          checked={printMissed}
          onChange={(next) => onChange({ printMissed: next })}
        />
      </div>
    </div>
  );
}

function Copies({ copies, busy, onChange }: { copies: number; busy: boolean; onChange: (copies: number) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in a column of fields
    <div role="group" aria-label={t("window.printing.copies")} className="flex flex-col gap-1.5">
      <span className="text-sm font-medium text-ink">{t("window.printing.copies")}</span>
      <div className="flex h-11 items-center gap-1">
        <IconButton
          tone="plain"
          label={t("window.printing.fewer")}
          disabled={busy || copies <= 1}
          onClick={() => onChange(copies - 1)}
        >
          <Minus size={16} aria-hidden="true" />
        </IconButton>
        <output className="tabular w-12 text-center text-base font-semibold text-ink">{copies}</output>
        <IconButton
          tone="plain"
          label={t("window.printing.more")}
          disabled={busy || copies >= MOST_COPIES}
          onClick={() => onChange(copies + 1)}
        >
          <Plus size={16} aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  );
}
