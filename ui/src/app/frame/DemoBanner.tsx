import { Banner, Button } from "../../components";
import { useAct } from "../../console/acting";
import { go } from "../../console/navigation";
import { api } from "../../ipc/client";
import { t } from "../../lib/texts";

/** Says that nothing here is real, lets one play the customer, and offers to connect the real shop. */
export function DemoBanner() {
  const [order, ordering] = useAct();
  const [refund, asking] = useAct();
  return (
    <section aria-label={t("window.frame.demo_shop")} className="shrink-0">
      <Banner
        tone="info"
        className="low:py-1"
        actions={
          <>
            <Button
              size="small"
              busy={ordering}
              onClick={() => void order(t("window.frame.demo_order"), () => api.demoOrder())}
            >
              {t("window.frame.demo_order")}
            </Button>
            <Button
              size="small"
              busy={asking}
              onClick={() => void refund(t("window.frame.demo_refund"), () => api.demoRefundRequest())}
            >
              {t("window.frame.demo_refund")}
            </Button>
            <Button size="small" tone="primary" onClick={() => go("settings", "connect")}>
              {t("window.frame.connect")}
            </Button>
          </>
        }
      >
        <p className="truncate" title={t("window.frame.demo_banner")}>
          <span className="font-medium">{t("window.frame.demo_shop")}</span>
          <span className="max-sm:hidden">{t("window.frame.demo_banner")}</span>
        </p>
      </Banner>
    </section>
  );
}
