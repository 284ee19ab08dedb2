import { useQuery } from "@tanstack/react-query";
import { useShop, useShopCard } from "../../console/shop";
import { t } from "../../lib/texts";
import { PaperPanel } from "./PaperPanel";
import { Papers } from "./Papers";
import { Printers } from "./Printers";
import { rollOf } from "./queries";
import { Rule } from "./Rule";

/** Printers, the rule, the queue; and beside them what the demo printer has printed. */
export function PrintingScreen() {
  const shop = useShop();
  const { data: slips } = useQuery(rollOf(shop));
  // A real printer's paper lies on the counter, not in the window.
  const roll = useShopCard()?.demo === true || (slips !== undefined && slips.length > 0);
  const eighty = slips?.[0]?.columns === 48;
  return (
    <div className="@container h-full min-h-0 overflow-hidden">
      <div className="thin-scroll flex h-full flex-col overflow-y-auto @3xl:flex-row @3xl:overflow-hidden">
        <section
          aria-label={t("window.printing.title")}
          className="thin-scroll @container min-w-0 bg-surface @3xl:flex-1 @3xl:overflow-y-auto"
        >
          <h1 className="sr-only">{t("window.frame.place.printing")}</h1>
          <div className="mx-auto max-w-4xl [&>section:first-child]:border-t-0">
            <Printers />
            <Rule />
            <Papers />
          </div>
        </section>
        {roll && (
          <aside
            className={`h-128 shrink-0 border-t border-line @3xl:h-auto @3xl:border-t-0 @3xl:border-l ${eighty ? "@3xl:w-108" : "@3xl:w-80"}`}
          >
            <PaperPanel />
          </aside>
        )}
      </div>
    </div>
  );
}
