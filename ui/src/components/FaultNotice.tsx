import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Fault } from "../ipc/bindings";
import { t } from "../lib/texts";
import { Button } from "./Button";
import { cx } from "./cx";

export type FaultNoticeProps = {
  fault: Fault;
  /** Offers to try again; shown only where that makes sense. */
  onRetry?: () => void;
  /** `warn` is for what goes on by itself or may wait: red would make people do something. */
  tone?: "danger" | "warn";
  /** `quiet` has no box, for popovers and cards that are one already. */
  look?: "box" | "quiet";
  className?: string;
  /** What else helps. */
  children?: ReactNode;
};

/** What went wrong, what to do next, and the number under which it stands in the log. */
export function FaultNotice({ fault, onRetry, tone = "danger", look = "box", className, children }: FaultNoticeProps) {
  return (
    <div
      role={tone === "danger" ? "alert" : "status"}
      className={cx(
        "flex items-start gap-3 text-sm",
        look === "box" && "rounded-md p-3",
        look === "box" && (tone === "danger" ? "bg-danger-soft" : "bg-warn-soft"),
        className,
      )}
    >
      <CircleAlert
        size={18}
        aria-hidden="true"
        className={cx("mt-px shrink-0", tone === "danger" ? "text-danger-text" : "text-warn-text")}
      />
      <div className="min-w-0 flex-1">
        <p className="font-medium text-ink">{t(`error.${fault.code}.message`, fault.parameters)}</p>
        <p className="mt-1 text-ink-soft">{t(`error.${fault.code}.hint`, fault.parameters)}</p>
        {fault.reference !== "" && (
          <p className="selectable mt-1 font-mono text-xs break-all text-ink-faint">
            {t("window.frame.reference")} {fault.reference}
          </p>
        )}
        {onRetry && fault.retry === "now" && (
          <Button size="small" className="mt-2" onClick={onRetry}>
            {t("window.frame.again")}
          </Button>
        )}
        {children}
      </div>
    </div>
  );
}
