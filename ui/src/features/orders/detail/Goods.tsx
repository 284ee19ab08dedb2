import { Banner, Money } from "../../../components";
import type { Amounts, OrderLine } from "../../../ipc/bindings";
import { t } from "../../../lib/texts";
import { Part } from "./parts";

/** The lines of the order and what they add up to. */
export function Goods({ lines, amounts }: { lines: OrderLine[]; amounts: Amounts }) {
  const { goodsFen, freightFen, discounts, totalFen, refundedFen, refundableFen, addUp } = amounts;
  return (
    <Part title={t("window.orders.goods")}>
      <ul className="flex flex-col gap-2">
        {lines.map((line) => (
          <li key={line.id} className="grid grid-cols-[minmax(0,1fr)_auto_5.5rem] gap-x-3">
            <span className="selectable min-w-0 break-words">
              <span className="font-medium text-ink">{line.title}</span>
              {line.spec !== null && <span className="block text-xs text-ink-faint">{line.spec}</span>}
              {line.note !== null && <span className="block text-xs text-warn-text">{line.note}</span>}
              {line.refundedQuantity !== null && line.refundedQuantity > 0 && (
                <span className="block text-xs text-warn-text">
                  {t("receipt.line_refunded", { count: String(line.refundedQuantity) })}
                </span>
              )}
            </span>
            <span className="tabular text-ink-soft">×{line.quantity}</span>
            <span className="flex flex-col items-end">
              <Money fen={line.totalFen} className="text-ink" />
              {line.unitPriceFen !== null && line.quantity > 1 && (
                <span className="text-xs text-ink-faint">
                  {t("window.orders.each")} <Money fen={line.unitPriceFen} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      <dl className="mt-3 flex flex-col gap-1 border-t border-line pt-2">
        {goodsFen !== null && goodsFen !== totalFen && <Sum name={t("window.orders.goods_total")} fen={goodsFen} />}
        {freightFen !== null && freightFen > 0 && <Sum name={t("window.orders.freight")} fen={freightFen} />}
        {discounts.map((discount) => (
          <Sum key={discount.label} name={discount.label} fen={-Math.abs(discount.amountFen)} />
        ))}
        <Sum name={t("window.orders.paid")} fen={totalFen} strong />
        {refundedFen > 0 && (
          <>
            <Sum name={t("window.orders.refunded")} fen={-refundedFen} />
            <Sum name={t("window.orders.refundable")} fen={refundableFen} />
          </>
        )}
      </dl>
      {!addUp && (
        <Banner tone="danger" className="mt-2 rounded-md">
          {t("window.orders.sums_differ")}
        </Banner>
      )}
    </Part>
  );
}

function Sum({ name, fen, strong }: { name: string; fen: number; strong?: boolean }) {
  return (
    <div
      className={
        strong
          ? "flex items-baseline justify-between gap-4 font-semibold text-ink"
          : "flex items-baseline justify-between gap-4 text-ink-soft"
      }
    >
      <dt className="min-w-0 break-words">{name}</dt>
      <dd>
        <Money fen={fen} />
      </dd>
    </div>
  );
}
