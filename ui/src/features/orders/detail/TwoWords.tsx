import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Button, cx, FaultNotice, Money, Time } from "../../../components";
import type { OrderDetail } from "../../../ipc/bindings";
import { t, wordOf } from "../../../lib/texts";
import { Part } from "./parts";

type Line = { field: string; name: string; backend: ReactNode; wechat: ReactNode };

const dash = <span className="text-ink-faint">—</span>;

const code = (text: string | null) =>
  text === null ? dash : <span className="tabular text-xs break-all">{text}</span>;

export type TwoWordsProps = { detail: OrderDetail; onAsk: () => void; asking: boolean };

/** What the shop's system says and what WeChat says, side by side, with what does not agree marked. */
export function TwoWords({ detail, onAsk, asking }: TwoWordsProps) {
  const { backend, wechat, differences, verifiedAtMs, askAtMs, askFault } = detail;
  const differing = new Set(differences.map((difference) => difference.field));
  const lines: Line[] = [
    {
      field: "trade_state",
      name: t("window.orders.words.state"),
      backend: wordOf("state.payment", backend.paymentState),
      wechat: wechat ? wordOf("window.orders.trade", wechat.tradeState) : dash,
    },
    {
      field: "total_fee",
      name: t("state.field.total_fee"),
      backend: <Money fen={backend.totalFen} />,
      wechat: wechat && wechat.totalFen !== null ? <Money fen={wechat.totalFen} /> : dash,
    },
    {
      field: "out_trade_no",
      name: t("state.field.out_trade_no"),
      backend: code(backend.outTradeNo),
      wechat: code(wechat?.outTradeNo ?? null),
    },
    {
      field: "transaction_id",
      name: t("state.field.transaction_id"),
      backend: code(backend.transactionId),
      wechat: code(wechat?.transactionId ?? null),
    },
    {
      field: "mch_id",
      name: t("state.field.mch_id"),
      backend: code(backend.mchId),
      wechat: code(wechat?.mchId ?? null),
    },
    { field: "appid", name: t("state.field.appid"), backend: code(backend.appId), wechat: code(wechat?.appId ?? null) },
    {
      field: "paid_at",
      name: t("window.orders.words.paid_at"),
      backend: <Time ms={backend.paidAtMs} />,
      wechat: <Time ms={wechat?.paidAtMs ?? null} />,
    },
  ];
  return (
    <Part
      title={t("window.orders.words.title")}
      aside={
        <Button size="small" busy={asking} onClick={onAsk} aria-keyshortcuts="a">
          {t("window.orders.ask")}
        </Button>
      }
    >
      <table className="w-full table-fixed text-left">
        <thead>
          <tr className="text-xs text-ink-faint">
            <td className="w-24 pb-1" />
            <th scope="col" className="pr-2 pb-1 font-normal">
              {t("window.orders.words.backend")}
            </th>
            <th scope="col" className="pb-1 font-normal">
              {t("window.orders.words.wechat")}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ field, name, backend, wechat }) => {
            const differs = differing.has(field);
            return (
              <tr key={field} className={cx("align-top", differs && "bg-danger-soft font-semibold text-danger-text")}>
                <th
                  scope="row"
                  className={cx("py-1 pr-2 font-normal first-letter:uppercase", differs ? "pl-1" : "text-ink-faint")}
                >
                  {differs && (
                    <TriangleAlert
                      size={14}
                      className="mr-1 inline"
                      role="img"
                      aria-label={t("window.orders.words.differs")}
                    />
                  )}
                  {name}
                </th>
                <td className={cx("selectable py-1 pr-2", !differs && "text-ink")}>{backend}</td>
                <td className={cx("selectable py-1", !differs && "text-ink")}>{wechat}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {askFault && <FaultNotice fault={askFault} className="mt-2" />}
      <p className="mt-2 flex flex-wrap gap-x-4 text-xs text-ink-faint empty:hidden">
        {verifiedAtMs !== null && (
          <span>
            {t("window.orders.words.asked_at")} <Time ms={verifiedAtMs} />
          </span>
        )}
        {verifiedAtMs === null && wechat === null && <span>{t("window.orders.words.never_asked")}</span>}
        {verifiedAtMs === null && askAtMs !== null && (
          <span>
            {t("window.orders.words.ask_at")} <Time ms={askAtMs} />
          </span>
        )}
      </p>
    </Part>
  );
}
