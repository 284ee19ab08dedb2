import { useQuery } from "@tanstack/react-query";
import { Badge, Fact, Facts, FaultNotice, Part, Skeleton, Switch } from "../../components";
import { useAct } from "../../console/acting";
import { useShop } from "../../console/shop";
import type { ShopSettings } from "../../ipc/bindings";
import { api } from "../../ipc/client";
import { t, wordOf } from "../../lib/texts";
import { formatDate } from "../../lib/time";
import { settingsOf } from "./queries";

const DAY_MS = 24 * 60 * 60_000;

/** So long before its end a certificate is worth a word. A new one takes a shop some days to get. */
const SOON_DAYS = 60;

/** The shop that is shown: what it is set up with, and whether it may make itself heard. */
export function Shop() {
  const shop = useShop();
  const { data: settings, error, refetch } = useQuery(settingsOf(shop));
  const [act, busy] = useAct();
  const switchAlerts = (on: boolean) => {
    const what = t("window.settings.shop.alerts");
    void act(t(`window.settings.deed.${on ? "on" : "off"}`, { what }), () => api.shopAlertsSet(shop, on));
  };
  if (settings === undefined) {
    return (
      <div className="p-4">{error ? <FaultNotice fault={error} onRetry={() => void refetch()} /> : <Skeleton />}</div>
    );
  }
  return (
    <>
      <Part level={2} title={t("window.settings.section.shop")}>
        <Facts>
          <Fact name={t("window.settings.shop.name")} strong>
            {settings.shopName}
          </Fact>
          <Fact name={t("window.settings.shop.id")}>{settings.shopId}</Fact>
          <Fact name={t("window.settings.shop.terminal")}>{settings.terminal}</Fact>
          <Fact name={t("window.settings.shop.backend")}>
            <span className="break-all">{settings.backendUrl}</span>
          </Fact>
        </Facts>
      </Part>
      <Part level={2} title={t("window.settings.shop.wechat")}>
        <Facts>
          <Fact name={t("state.field.mch_id")}>
            <span className="tabular">{settings.mchId}</span>
          </Fact>
          <Fact name={t("window.settings.shop.app_id")}>{settings.appId}</Fact>
          <Fact name={t("window.settings.shop.api")}>{settings.api}</Fact>
          <Fact name={t("window.settings.shop.gateway")}>
            <span className="break-all">{settings.wechatUrl}</span>
          </Fact>
          <Certificate certificate={settings.certificate} />
          <Fact name={t("window.settings.shop.secrets")}>{wordOf("window.settings.secrets", settings.secrets)}</Fact>
        </Facts>
      </Part>
      <Part level={2} title={t("window.settings.shop.notice")}>
        <Switch
          label={t("window.settings.shop.alerts")}
          hint={t("window.settings.shop.alerts_more")}
          checked={settings.alerts}
          disabled={busy}
          onChange={switchAlerts}
        />
      </Part>
    </>
  );
}

/** The merchant's certificate, without which no money goes back: whose it is, and until when. */
function Certificate({ certificate }: Pick<ShopSettings, "certificate">) {
  if (certificate === null) {
    return (
      <Fact name={t("window.settings.shop.certificate")}>
        <Badge tone="danger">{t("window.settings.shop.certificate_none")}</Badge>
        <p className="mt-1 text-xs text-ink-faint">{t("error.wechat_certificate_missing.hint")}</p>
      </Fact>
    );
  }
  const days = Math.floor((certificate.notAfterMs - Date.now()) / DAY_MS);
  return (
    <>
      <Fact name={t("window.settings.shop.certificate")}>
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="tabular">
            {t("window.settings.shop.valid_until", { date: formatDate(certificate.notAfterMs) })}
          </span>
          {days < 0 ? (
            <Badge tone="danger">{t("window.settings.shop.expired")}</Badge>
          ) : (
            days <= SOON_DAYS && <Badge tone="warn">{t("window.settings.shop.expires_soon", { count: days })}</Badge>
          )}
        </span>
        {certificate.commonName !== null && (
          <span className="block text-xs text-ink-faint">{certificate.commonName}</span>
        )}
      </Fact>
      <Fact name={t("window.settings.shop.serial")}>
        <span className="font-mono text-xs break-all">{certificate.serial}</span>
      </Fact>
    </>
  );
}
