import { useQuery } from "@tanstack/react-query";
import { Check, ChevronDown, Copy, Printer, Undo2, X } from "lucide-react";
import { useEffect, useState } from "react";
import { Banner, Button, FaultNotice, IconButton, Menu, Money, Skeleton, Time } from "../../../components";
import { useAct } from "../../../console/acting";
import { copyText } from "../../../console/copy";
import { useShop } from "../../../console/shop";
import type { OrderDetail, OrderSummary, TicketTemplate } from "../../../ipc/bindings";
import { api } from "../../../ipc/client";
import { single } from "../../../lib/clicks";
import { useKeys } from "../../../lib/keys";
import { templateName, templates } from "../../../lib/templates";
import { t, wordOf } from "../../../lib/texts";
import { detailOf } from "../queries";
import { FulfilmentBadge, MoneyBadge, PickupCode, RefundBadge } from "../words";
import { Goods } from "./Goods";
import { Papers, Timeline } from "./History";
import { Fact, Facts, Part } from "./parts";
import { RefundDialog } from "./RefundDialog";
import { Refunds } from "./Refunds";
import { TwoWords } from "./TwoWords";

export type OrderDetailPaneProps = {
  id: string;
  /** The row of the list, where it is known: shown until everything else is there. */
  row: OrderSummary | undefined;
  onClose: () => void;
};

/** Everything about one order, and what can be done with it. */
export function OrderDetailPane({ id, row, onClose }: OrderDetailPaneProps) {
  const shop = useShop();
  const [ask, asking] = useAct();
  const askNow = () => void ask(t("window.orders.ask"), () => api.orderAsk(shop, id));
  // Never another order's detail in the meantime: somebody could pay back the wrong money.
  const { data: detail, error, refetch } = useQuery(detailOf(shop, id));
  const summary = detail?.summary ?? row;
  return (
    <div className="thin-scroll flex h-full min-h-0 flex-col bg-surface low:overflow-y-auto">
      <Head summary={summary} onClose={onClose} />
      {detail && <Actions detail={detail} onAsk={askNow} />}
      <div className="thin-scroll min-h-0 flex-1 overflow-y-auto low:flex-none low:overflow-visible">
        {error && (
          <div className="p-4">
            <FaultNotice fault={error} onRetry={() => void refetch()} />
          </div>
        )}
        {detail && <Body detail={detail} onAsk={askNow} asking={asking} />}
        {!detail && !error && <Waiting />}
      </div>
    </div>
  );
}

function Head({ summary, onClose }: { summary: OrderSummary | undefined; onClose: () => void }) {
  const [copied, setCopied] = useState(false);
  const number = summary?.number;
  useEffect(() => {
    if (!copied) {
      return;
    }
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <header className="flex shrink-0 items-start gap-2 px-4 pt-3 pb-2">
      <div className="min-w-0 flex-1">
        <div className="flex min-h-10 items-center gap-1">
          <h2 className="selectable tabular min-w-0 text-lg leading-6 font-semibold break-all text-ink">
            {number ?? <Skeleton className="w-40" />}
          </h2>
          {number !== undefined && (
            <IconButton
              label={copied ? t("window.frame.copied") : t("window.orders.copy_number")}
              size="small"
              onClick={() => void copyText(number).then(setCopied)}
            >
              {copied ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />}
            </IconButton>
          )}
        </div>
        {summary && (
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Money fen={summary.totalFen} className="text-xl font-semibold text-ink" />
            {summary.pickupCode !== null && <PickupCode code={summary.pickupCode} />}
            <FulfilmentBadge order={summary} />
            <RefundBadge order={summary} />
            <MoneyBadge order={summary} />
          </div>
        )}
      </div>
      <IconButton label={t("window.frame.close")} onClick={onClose} aria-keyshortcuts="Escape">
        <X size={20} aria-hidden="true" />
      </IconButton>
    </header>
  );
}

function Actions({ detail, onAsk }: { detail: OrderDetail; onAsk: () => void }) {
  const shop = useShop();
  const { id } = detail.summary;
  const [refunding, setRefunding] = useState(false);
  const [print, printing] = useAct();
  const refusal = detail.refundRefusal;
  const printAs = (template: TicketTemplate) =>
    void print(
      t("window.orders.print"),
      () => api.orderPrint(shop, id, template),
      t("window.orders.print_done", { paper: templateName(template) }),
    );
  const printUsual = () =>
    void print(
      t("window.orders.print"),
      async () => api.orderPrint(shop, id, (await api.printing(shop)).template),
      t("window.orders.print_done", { paper: t("window.orders.ticket") }),
    );
  useKeys([
    { keys: "p", text: "window.keys.print", run: printUsual },
    { keys: "r", text: "window.keys.refund", run: () => refusal === null && setRefunding(true) },
    { keys: "a", text: "window.keys.ask", run: onAsk },
  ]);
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pb-3">
      <span className="flex">
        <Button
          className="rounded-r-none"
          busy={printing}
          icon={<Printer size={16} aria-hidden="true" />}
          onClick={single(printUsual)}
          aria-keyshortcuts="p"
        >
          {t("window.orders.print")}
        </Button>
        <Menu
          align="start"
          trigger={
            <button
              type="button"
              aria-label={t("window.orders.print_as")}
              className="flex h-10 w-10 items-center justify-center rounded-r-md border border-l-0 border-line bg-raised text-ink-soft hover:bg-sunken"
            >
              <ChevronDown size={16} aria-hidden="true" />
            </button>
          }
          items={templates.map((template) => ({
            key: template,
            label: templateName(template),
            onSelect: () => printAs(template),
          }))}
        />
      </span>
      <Button
        disabled={refusal !== null}
        title={refusal ? t(`error.${refusal.code}.hint`, refusal.parameters) : undefined}
        icon={<Undo2 size={16} aria-hidden="true" />}
        onClick={() => setRefunding(true)}
        aria-keyshortcuts="r"
      >
        {t("window.orders.refund.open")}
      </Button>
      {refusal && (
        <p className="w-full text-xs text-ink-soft">{t(`error.${refusal.code}.message`, refusal.parameters)}</p>
      )}
      <RefundDialog detail={detail} open={refunding} onClose={() => setRefunding(false)} />
    </div>
  );
}

function Body({ detail, onAsk, asking }: { detail: OrderDetail; onAsk: () => void; asking: boolean }) {
  const { summary, lines, amounts, receiver, pickup, merchantNote, hold, refunds, timeline, papers } = detail;
  const people = receiver !== null && [receiver.name, receiver.phone, receiver.address].some((part) => part !== null);
  return (
    <>
      {hold !== null && <Banner tone="warn">{`${t("receipt.hold")}${t("receipt.colon")}${hold}`}</Banner>}
      {summary.note !== null && (
        <div className="mx-4 mb-3 rounded-md bg-warn-soft px-3 py-2 text-warn-text">
          <p className="text-xs">{t("receipt.buyer_note")}</p>
          <p className="selectable font-medium break-words whitespace-pre-wrap">{summary.note}</p>
        </div>
      )}
      <Goods lines={lines} amounts={amounts} />
      <TwoWords detail={detail} onAsk={onAsk} asking={asking} />
      <Part title={t("window.orders.facts")}>
        <Facts>
          {(pickup?.code ?? summary.pickupCode) !== null && (
            <Fact name={t("receipt.pickup_code")} strong>
              <span className="tabular text-base">{pickup?.code ?? summary.pickupCode}</span>
            </Fact>
          )}
          {pickup?.store && <Fact name={t("receipt.pickup_store")}>{pickup.store}</Fact>}
          {pickup?.fromMs != null && (
            <Fact name={t("receipt.pickup_from")}>
              <Time ms={pickup.fromMs} />
            </Fact>
          )}
          {pickup?.toMs != null && (
            <Fact name={t("receipt.pickup_to")}>
              <Time ms={pickup.toMs} />
            </Fact>
          )}
          <Fact name={t("receipt.kind_label")}>{wordOf("receipt.kind", summary.kind)}</Fact>
          <Fact name={t("receipt.placed_at")}>
            <Time ms={summary.placedAtMs} />
          </Fact>
          <Fact name={t("receipt.paid_at")}>
            <Time ms={summary.paidAtMs} />
          </Fact>
          {summary.method !== null && (
            <Fact name={t("receipt.method_label")}>{wordOf("state.method", summary.method)}</Fact>
          )}
          {summary.buyer !== null && <Fact name={t("receipt.buyer")}>{summary.buyer}</Fact>}
          {merchantNote !== null && <Fact name={t("receipt.merchant_note")}>{merchantNote}</Fact>}
          {people && (
            <>
              {receiver.name !== null && <Fact name={t("receipt.receiver")}>{receiver.name}</Fact>}
              {receiver.phone !== null && <Fact name={t("receipt.phone")}>{receiver.phone}</Fact>}
              {receiver.address !== null && <Fact name={t("receipt.address")}>{receiver.address}</Fact>}
            </>
          )}
        </Facts>
      </Part>
      {refunds.length > 0 && <Refunds refunds={refunds} />}
      {papers.length > 0 && <Papers papers={papers} />}
      <Timeline moments={timeline} />
    </>
  );
}

/** Grey bars, but only after a moment: mostly the detail is there before one could see them. */
function Waiting() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" aria-label={t("window.frame.loading")} className="flex flex-col gap-3 p-4">
      {late &&
        ["w-full", "w-4/5", "w-2/3", "w-3/4", "w-1/2"].map((width) => <Skeleton key={width} className={width} />)}
    </div>
  );
}
