import { Check, X } from "lucide-react";
import { cx, Part, Spinner, Time } from "../../../components";
import type { RefundRow } from "../../../ipc/bindings";
import { t } from "../../../lib/texts";
import { formatClockSeconds } from "../../../lib/time";
import { type Step, stepsOf } from "./steps";

/** How far the money has got: four steps, each with its time. */
export function Progress({ row }: { row: RefundRow }) {
  const steps = stepsOf(row);
  if (steps.length === 0) {
    return null;
  }
  return (
    <Part title={t("window.refunds.progress")}>
      <ol className="flex flex-col">
        {steps.map((step, place) => (
          <li
            key={step.name}
            aria-current={step.state === "now" || step.state === "doubt" ? "step" : undefined}
            className="relative flex gap-3 pb-4 last:pb-0"
          >
            {place < steps.length - 1 && (
              <span
                aria-hidden="true"
                className={cx(
                  "absolute top-5 bottom-0 left-[9.5px] w-px",
                  step.state === "done" ? "bg-accent" : "bg-line-strong",
                )}
              />
            )}
            <Mark state={step.state} />
            <span className="min-w-0 flex-1">
              <span
                className={cx(
                  "block",
                  step.state === "later" && "text-ink-faint",
                  step.state === "done" && "text-ink",
                  step.state === "now" && "font-semibold text-ink",
                  step.state === "doubt" && "font-semibold text-warn-text",
                  step.state === "failed" && "font-semibold text-danger-text",
                )}
              >
                {t(`window.refunds.step.${step.name}.${step.state === "done" ? "done" : "todo"}`)}
              </span>
              {step.word !== null && (
                <span
                  className={cx(
                    "block text-xs",
                    step.state === "doubt"
                      ? "text-warn-text"
                      : step.state === "failed"
                        ? "text-danger-text"
                        : "text-ink-faint",
                  )}
                >
                  {step.word}
                </span>
              )}
            </span>
            {step.atMs !== null && <Time ms={step.atMs} className="shrink-0 text-xs text-ink-faint" />}
          </li>
        ))}
      </ol>
      {row.nextAtMs !== null && row.group === "on_the_way" && (
        <p className="tabular mt-3 text-xs text-ink-faint">
          {t("window.refunds.next", { time: formatClockSeconds(row.nextAtMs) })}
        </p>
      )}
      {row.payout === "succeeded" && row.reported === false && (
        <p className="mt-3 text-xs text-warn-text">{t("window.refunds.unreported")}</p>
      )}
    </Part>
  );
}

const looks: Record<Step["state"], string> = {
  done: "border-accent bg-accent text-accent-ink",
  now: "border-accent bg-surface text-accent-text",
  doubt: "border-warn bg-warn-soft text-warn-text",
  failed: "border-danger bg-danger text-danger-ink",
  later: "border-line-strong bg-surface",
};

function Mark({ state }: { state: Step["state"] }) {
  return (
    <span
      aria-hidden="true"
      className={cx("flex size-5 shrink-0 items-center justify-center rounded-full border text-xs", looks[state])}
    >
      {state === "done" && <Check size={12} strokeWidth={3} />}
      {state === "now" && <Spinner size={12} />}
      {state === "doubt" && "?"}
      {state === "failed" && <X size={12} strokeWidth={3} />}
    </span>
  );
}
