import { Badge, cx, FaultNotice, Time, type Tone } from "../../../components";
import type { Moment, Paper } from "../../../ipc/bindings";
import { templateName } from "../../../lib/templates";
import { t, wordOf } from "../../../lib/texts";
import { Part } from "./parts";

/** Kinds of moments that a person should stop at. */
const grave = new Set([
  "mismatch",
  "not_paid",
  "print_failed",
  "refund_failed",
  "refund_abnormal",
  "refund_unknown",
  "refund_closed",
  "cancelled",
]);

/** Everything that happened to the order and who did it, the latest first. */
export function Timeline({ moments }: { moments: Moment[] }) {
  return (
    <Part title={t("window.orders.timeline")}>
      <ol className="flex flex-col">
        {moments.toReversed().map((moment, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two moments may agree in everything
          <li key={`${moment.atMs}/${moment.kind}/${place}`} className="relative flex gap-3 pb-3 last:pb-0">
            {place < moments.length - 1 && (
              <span aria-hidden="true" className="absolute top-4 bottom-0 left-[3px] w-px bg-line" />
            )}
            <span
              aria-hidden="true"
              className={cx(
                "mt-1.5 size-[7px] shrink-0 rounded-full",
                grave.has(moment.kind) ? "bg-danger" : "bg-line-strong",
              )}
            />
            <div className="min-w-0 flex-1">
              <p className={cx("break-words", grave.has(moment.kind) ? "font-medium text-danger-text" : "text-ink")}>
                {wordOf("timeline", moment.kind)}
              </p>
              {(moment.note !== null || moment.actor !== null) && (
                <p className="selectable text-xs break-words text-ink-faint">
                  {[moment.note, moment.actor].filter(Boolean).join(" · ")}
                </p>
              )}
            </div>
            <Time ms={moment.atMs} className="shrink-0 text-xs text-ink-faint" />
          </li>
        ))}
      </ol>
    </Part>
  );
}

const paperTones: Record<string, Tone> = {
  confirmed: "calm",
  sent: "calm",
  queued: "plain",
  sending: "plain",
  failed_before_start: "danger",
  unknown: "warn",
  elsewhere: "plain",
};

/** The tickets of the order. */
export function Papers({ papers }: { papers: Paper[] }) {
  return (
    <Part title={t("window.orders.papers")}>
      <ul className="flex flex-col gap-2">
        {papers.map((paper) => (
          <li key={paper.id}>
            <div className="flex flex-wrap items-center gap-2">
              <span className="text-ink">{templateName(paper.template)}</span>
              <Badge tone={paperTones[paper.state] ?? "plain"}>{wordOf("paper.state", paper.state)}</Badge>
              <Time ms={paper.updatedAtMs} className="ml-auto text-xs text-ink-faint" />
            </div>
            {paper.fault && <FaultNotice fault={paper.fault} className="mt-1" />}
          </li>
        ))}
      </ul>
    </Part>
  );
}
