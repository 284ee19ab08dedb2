import { CircleCheck, CircleHelp, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { Banner, cx, FaultNotice } from "../../../components";
import type { Check, Trial } from "../../../ipc/bindings";
import { t, wordOf } from "../../../lib/texts";

const marks: Record<Check["state"], ReactNode> = {
  right: <CircleCheck size={20} className="text-accent-text" aria-hidden="true" />,
  wrong: <CircleX size={20} className="text-danger-text" aria-hidden="true" />,
  unchecked: <CircleHelp size={20} className="text-ink-faint" aria-hidden="true" />,
};

/** What the check found, subject by subject. `outdated`: something was changed since. */
export function Findings({ trial, outdated }: { trial: Trial; outdated: boolean }) {
  const { checks, mayConnect, shopName } = trial;
  return (
    <div className="flex flex-col gap-3">
      <Banner tone={outdated ? "warn" : mayConnect ? "accent" : "danger"} className="rounded-md">
        <span className="font-medium">
          {outdated
            ? t("window.connect.outdated")
            : mayConnect
              ? t("window.connect.ready", { shop: shopName ?? t("window.connect.nameless") })
              : t("window.connect.not_ready")}
        </span>
      </Banner>
      <ul className={cx("divide-y divide-line rounded-md border border-line", outdated && "opacity-60")}>
        {checks.map((check) => (
          <li key={check.subject} data-subject={check.subject} data-state={check.state} className="flex gap-3 p-3">
            {marks[check.state]}
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap justify-between gap-x-3">
                <span className="font-medium text-ink">{t(`window.connect.subject.${check.subject}`)}</span>
                <span className={check.state === "wrong" ? "text-danger-text" : "text-ink-soft"}>
                  {t(`window.connect.state.${check.state}`)}
                </span>
              </p>
              {check.note !== null && (
                <p className="selectable break-words text-ink-soft">
                  {check.subject === "certificate"
                    ? t("window.settings.shop.valid_until", { date: check.note })
                    : check.note}
                </p>
              )}
              {check.fields.length > 0 && (
                <p className="text-xs text-ink-faint">
                  {t("window.connect.see_fields", {
                    fields: check.fields.map((field) => wordOf("window.connect.field", field)).join(" · "),
                  })}
                </p>
              )}
              {check.fault && (
                <FaultNotice fault={check.fault} tone={check.state === "wrong" ? "danger" : "warn"} className="mt-2" />
              )}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
