import { useQuery } from "@tanstack/react-query";
import { ReceiptText } from "lucide-react";
import { Empty, FaultNotice, PaperRoll } from "../../components";
import { useShop } from "../../console/shop";
import { t } from "../../lib/texts";
import { rollOf } from "./queries";

/** The demo printer's paper, as it looks. Fills its parent and scrolls itself. */
export function PaperPanel() {
  const { data: slips, error, refetch } = useQuery(rollOf(useShop()));
  return (
    <section aria-label={t("window.printing.roll")} className="flex h-full min-h-0 flex-col bg-sunken">
      <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line px-4">
        <h2 className="flex-1 text-sm font-semibold text-ink">{t("window.printing.roll")}</h2>
        {slips !== undefined && slips.length > 0 && (
          <span className="tabular text-xs text-ink-faint">
            {t("window.printing.roll_count", { count: slips.length })}
          </span>
        )}
      </header>
      <section
        aria-label={t("window.printing.roll_scroll")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        tabIndex={0}
        className="thin-scroll min-h-0 flex-1 overflow-y-auto px-4 pt-3 pb-6 focus-visible:-outline-offset-2"
      >
        {slips !== undefined && slips.length > 0 && <PaperRoll slips={slips} />}
        {slips?.length === 0 && (
          <Empty icon={<ReceiptText size={32} aria-hidden="true" />} title={t("window.printing.roll_empty")}>
            {t("window.printing.roll_empty_more")}
          </Empty>
        )}
        {error && <FaultNotice fault={error} onRetry={() => void refetch()} />}
      </section>
    </section>
  );
}
