import { ExternalLink, Undo2, X } from "lucide-react";
import { Button, Fact, Facts, IconButton, Part, Time } from "../../components";
import { openOrder, openRefundOf } from "../../console/navigation";
import type { AuditEntry, AuditFact } from "../../ipc/bindings";
import { t } from "../../lib/texts";
import { factName, isChanged, kindWord, type NameOf, valueWord } from "./words";

export type AuditDetailProps = { row: AuditEntry; nameOf: NameOf; onClose: () => void };

/** A row in full, and the ways to what it is about. */
export function AuditDetail({ row, nameOf, onClose }: AuditDetailProps) {
  const { orderId, outRefundNo, requestId, who } = row;
  const called = who === null ? null : nameOf(who);
  return (
    <div className="@container flex h-full min-h-0 flex-col bg-surface">
      <header className="flex shrink-0 items-start gap-2 px-4 pt-3 pb-2">
        <div className="min-w-0 flex-1">
          <h2 className="selectable flex min-h-10 items-center text-lg leading-6 font-semibold break-words text-ink">
            {kindWord(row.kind)}
          </h2>
          <p className="text-ink-soft">
            <Time ms={row.atMs} />
          </p>
        </div>
        <IconButton label={t("window.common.close")} onClick={onClose} aria-keyshortcuts="Escape">
          <X size={20} aria-hidden="true" />
        </IconButton>
      </header>
      {orderId !== null && (
        <div className="flex shrink-0 flex-wrap gap-2 px-4 pb-3">
          <Button icon={<ExternalLink size={16} aria-hidden="true" />} onClick={() => openOrder(orderId)}>
            {t("window.refunds.open_order")}
          </Button>
          {(outRefundNo !== null || requestId !== null) && (
            <Button icon={<Undo2 size={16} aria-hidden="true" />} onClick={() => openRefundOf(orderId)}>
              {t("window.audit.open_refund")}
            </Button>
          )}
        </div>
      )}
      <div className="thin-scroll min-h-0 flex-1 overflow-y-auto">
        <Part title={t("window.audit.about")}>
          <Facts>
            <Fact name={t("window.audit.who")} strong>
              {who === null
                ? t("window.audit.nobody")
                : called === null
                  ? who
                  : t("audit.value.person", { name: called, id: who })}
            </Fact>
            <Fact name={t("window.audit.terminal")}>{row.terminal}</Fact>
            {orderId !== null && (
              <Fact name={t("receipt.number")}>
                <span className="tabular">{row.orderNumber ?? orderId}</span>
              </Fact>
            )}
            {requestId !== null && <Fact name={t("window.audit.request")}>{requestId}</Fact>}
            {outRefundNo !== null && (
              <Fact name={t("receipt.refund.out_refund_no")}>
                <span className="font-mono text-xs break-all">{outRefundNo}</span>
              </Fact>
            )}
          </Facts>
        </Part>
        {row.facts.length > 0 && (
          <Part title={t("window.audit.facts")}>
            <Facts>
              {row.facts.map((fact) => (
                <Fact key={fact.name} name={factName(fact.name)}>
                  <Value row={row} fact={fact} nameOf={nameOf} />
                </Fact>
              ))}
            </Facts>
          </Part>
        )}
        <Part title={t("window.audit.chain")}>
          <Facts>
            <Fact name={t("window.audit.seq")}>
              <span className="tabular">{row.seq}</span>
            </Fact>
            <Fact name={t("window.audit.hash")}>
              <span className="font-mono text-xs break-all">{row.hash}</span>
            </Fact>
          </Facts>
        </Part>
      </div>
    </div>
  );
}

/** How it is, and how it was where both are told. Of a decision the state before it is told and the one after is not. */
function Value({
  row,
  fact,
  nameOf,
}: Pick<AuditDetailProps, "row" | "nameOf"> & {
  fact: AuditFact;
}) {
  const { name, before, after } = fact;
  const word = (value: string | null) => valueWord(row, name, value ?? "", nameOf);
  if (isChanged(fact)) {
    return (
      <>
        <span className="text-ink-faint line-through">{word(before)}</span>
        <span aria-hidden="true"> → </span>
        <span className="font-semibold">{word(after)}</span>
      </>
    );
  }
  return after === null ? t("audit.value.was", { value: word(before) }) : word(after);
}
