import { useQuery } from "@tanstack/react-query";
import { Badge, Button, FaultNotice, Part, Skeleton, Time, type Tone } from "../../components";
import { useAct } from "../../console/acting";
import { openOrder } from "../../console/navigation";
import { useShop } from "../../console/shop";
import type { FoundPrinter, Paper } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { single } from "../../lib/clicks";
import { templateName } from "../../lib/templates";
import { t, wordOf } from "../../lib/texts";
import { papersOf, printersOf } from "./queries";

const tones: Record<string, Tone> = {
  queued: "plain",
  sending: "info",
  sent: "calm",
  confirmed: "calm",
  failed_before_start: "danger",
  unknown: "warn",
  elsewhere: "plain",
};

/** What is to be printed and what was, the newest first. */
export function Papers() {
  const shop = useShop();
  const { data: papers, error, refetch } = useQuery(papersOf(shop));
  const { data: printers } = useQuery(printersOf(shop));
  return (
    <Part level={2} title={t("window.printing.papers")}>
      {papers !== undefined && papers.length > 0 && (
        <ul className="divide-y divide-line">
          {papers.map((paper) => (
            <Job key={paper.id} paper={paper} printers={printers ?? []} />
          ))}
        </ul>
      )}
      {papers?.length === 0 && <p className="text-ink-soft">{t("window.printing.no_papers")}</p>}
      {papers === undefined && (error ? <FaultNotice fault={error} onRetry={() => void refetch()} /> : <Skeleton />)}
    </Part>
  );
}

function Job({ paper, printers }: { paper: Paper; printers: readonly FoundPrinter[] }) {
  const shop = useShop();
  const [act, busy] = useAct();
  const { id, orderId, orderNumber, template, target, copy, state, fault, updatedAtMs, attempts } = paper;
  const printer = printers.find((one) => one.target === target)?.name ?? target;
  const deed = t("window.printing.again_of", { number: orderNumber ?? orderId });
  const again = () => void act(deed, () => api.paperAgain(shop, id), t("window.printing.again_sent"));
  const about = [
    templateName(template),
    copy > 1 ? t("window.printing.copy", { number: copy }) : null,
    printer,
    attempts > 1 ? t("window.printing.attempts", { count: attempts }) : null,
  ];
  return (
    <li className="py-2">
      <div className="flex min-h-10 items-center gap-3">
        <Time ms={updatedAtMs} className="w-20 shrink-0 text-xs text-ink-faint" />
        <div className="min-w-0 flex-1">
          <button
            type="button"
            onClick={() => openOrder(orderId)}
            className="tabular max-w-full truncate rounded-sm text-left font-medium text-ink underline decoration-line-strong underline-offset-4 hover:decoration-current"
          >
            {orderNumber ?? orderId}
          </button>
          <p className="truncate text-xs text-ink-faint">{about.filter((fact) => fact !== null).join(" · ")}</p>
        </div>
        <Badge tone={tones[state] ?? "plain"}>{wordOf("paper.state", state)}</Badge>
        <Button size="small" busy={busy} aria-label={deed} onClick={single(again)}>
          {t("window.printing.again")}
        </Button>
      </div>
      {fault && <FaultNotice fault={fault} className="mt-1" />}
    </li>
  );
}
