import { ShieldAlert, ShieldCheck, X } from "lucide-react";
import { Button, IconButton } from "../../components";
import type { AuditCheck, AuditFlaw } from "../../ipc/bindings";
import { t } from "../../lib/texts";
import { formatClock } from "../../lib/time";

/** More broken rows than this nobody looks at one by one here. */
const SHOWN = 20;

export type VerifyResultProps = {
  check: AuditCheck;
  atMs: number;
  /** Opens a row. */
  onShow: (seq: number) => void;
  onClose: () => void;
};

/** What checking the log found: that every row is as it was written, or which are not. */
export function VerifyResult({ check, atMs, onShow, onClose }: VerifyResultProps) {
  const { whole, rows, right, head, faults, unlisted } = check;
  const Icon = whole ? ShieldCheck : ShieldAlert;
  const counts = { rows: rows.toLocaleString("en"), right: right.toLocaleString("en") };
  return (
    <div
      role={whole ? "status" : "alert"}
      className={`flex max-h-64 shrink-0 items-start gap-3 border-b border-line px-4 py-3 low:max-h-32 ${whole ? "bg-accent-soft text-accent-text" : "bg-danger-soft text-danger-text"}`}
    >
      <Icon size={20} aria-hidden="true" className="mt-px shrink-0" />
      <div className="thin-scroll max-h-56 min-w-0 flex-1 overflow-y-auto low:max-h-24">
        <p className="font-medium">{t(whole ? "cli.audit.whole" : "cli.audit.damaged", counts)}</p>
        {whole ? (
          head !== null && (
            <p className="selectable mt-1 text-xs text-ink-soft">
              {t("window.audit.head", { time: formatClock(atMs), row: head.seq })}
              <span className="ml-1 font-mono break-all">{head.hash}</span>
            </p>
          )
        ) : (
          <>
            <p className="mt-1 text-ink-soft">{t("error.audit_damaged.hint")}</p>
            <ul className="mt-2 flex flex-col gap-1 text-ink">
              {faults.slice(0, SHOWN).map((flaw) => (
                <Flaw key={`${flaw.fault}/${flaw.first}/${flaw.last}`} flaw={flaw} onShow={onShow} />
              ))}
            </ul>
            {faults.length + unlisted > SHOWN && (
              <p className="mt-1">{t("cli.audit.unlisted", { count: faults.length + unlisted - SHOWN })}</p>
            )}
          </>
        )}
      </div>
      <IconButton label={t("window.common.close")} size="small" onClick={onClose}>
        <X size={16} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

/** Faults whose rows stand in the log and can be looked at. */
const standing = new Set(["changed", "moved", "not_chained", "added", "replaced"]);

function Flaw({ flaw, onShow }: { flaw: AuditFlaw; onShow: (seq: number) => void }) {
  const { fault, first, last, movedFrom, notedAt } = flaw;
  const number = (seq: number | null) => String(seq ?? "");
  const words = { row: number(first), first: number(first), last: number(last), from: number(movedFrom) };
  return (
    <li className="flex flex-wrap items-center gap-x-3">
      <span className="selectable">
        {t(`audit.fault.${fault}`, words)}
        {notedAt !== null && ` ${t("cli.audit.noted", { row: notedAt })}`}
      </span>
      {first !== null && standing.has(fault) && (
        <Button size="small" onClick={() => onShow(first)}>
          {t("window.audit.show_row", { row: first })}
        </Button>
      )}
    </li>
  );
}
