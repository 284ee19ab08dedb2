import { type FormEvent, useId, useRef, useState } from "react";
import { Banner, Button, Dialog, FaultNotice, Money, Radios, TextField, toast } from "../../../components";
import { asFault } from "../../../console/faults";
import { Refusal } from "../../../console/Refusal";
import { useShop } from "../../../console/shop";
import { asSomebody, handOver } from "../../../console/signing";
import type { Fault, OrderDetail, SignIn } from "../../../ipc/bindings";
import { api } from "../../../ipc/client";
import { formatFen, parseYuan, type TypedAmount } from "../../../lib/money";
import { isReasonTooLong } from "../../../lib/reason";
import { t } from "../../../lib/texts";

/** Reasons that a counter gives every day; each stands in the catalogue. */
const presets = ["out_of_stock", "made_wrong", "changed_mind", "paid_twice", "agreed"] as const;

export type RefundDialogProps = { detail: OrderDetail; open: boolean; onClose: () => void };

/** Asks how much goes back and why. What is typed here is a wish: what can go back is decided where the mirror stands. */
export function RefundDialog({ open, ...rest }: RefundDialogProps) {
  // Each opening begins anew, with the order as it is then.
  return open && <OpenDialog {...rest} />;
}

function amountError(amount: TypedAmount, mostFen: number): string | null {
  switch (amount.kind) {
    case "empty":
      return t("window.orders.refund.amount_empty");
    case "unreadable":
      return t("window.orders.refund.amount_unreadable");
    case "not_positive":
      return t("window.orders.refund.amount_not_positive");
    case "too_much":
      return t("window.orders.refund.amount_too_much", { max: formatFen(mostFen) });
    case "fen":
      return null;
  }
}

/** What was asked for, to be asked for again by somebody else. */
type Wish = { deed: string; work: (second: SignIn | null) => Promise<unknown> };

function OpenDialog({ detail, onClose }: Omit<RefundDialogProps, "open">) {
  const shop = useShop();
  const { id, revision, number, goods } = detail.summary;
  const form = useId();
  const mostFen = detail.amounts.refundableFen;
  const [seen, setSeen] = useState(revision);
  const [extent, setExtent] = useState<"whole" | "part">("whole");
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const [complain, setComplain] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const [refused, setRefused] = useState<Wish | null>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const presetsName = useId();

  const amount: TypedAmount = extent === "whole" ? { kind: "fen", fen: mostFen } : parseYuan(typed, mostFen);
  const wrongAmount = amountError(amount, mostFen);
  const wrongReason =
    reason.trim() === ""
      ? t("window.orders.refund.reason_empty")
      : isReasonTooLong(reason)
        ? t("window.orders.refund.reason_long")
        : null;
  const changed = seen !== revision;
  const refusal = detail.refundRefusal;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setComplain(true);
    if (amount.kind !== "fen" || wrongReason !== null || changed || refusal !== null || running.current) {
      return;
    }
    const { fen } = amount;
    const what = t("window.orders.refund.submit", { amount: formatFen(fen) });
    await send({
      deed: t("window.refunds.deed", { order: number, what }),
      work: (second) => api.orderRefund(shop, id, seen, fen, reason.trim(), second),
    });
  };
  const send = async ({ deed, work }: Wish, refused: Fault | null = null) => {
    running.current = true;
    setBusy(true);
    setFault(null);
    try {
      if (refused === null) {
        await asSomebody(shop, work, deed);
      } else if (!(await handOver(shop, refused, () => asSomebody(shop, work, deed), deed))) {
        setFault(refused);
        return;
      }
      toast(t("window.orders.refund.sent"));
      onClose();
    } catch (failed) {
      setFault(asFault(failed));
      setRefused({ deed, work });
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  /** What was refused is not what stands in the fields any more: nobody is to hand over the one for the other. */
  const edited =
    <Value,>(set: (value: Value) => void) =>
    (value: Value) => {
      setFault(null);
      set(value);
    };

  // A field is complained about once it was tried, or as soon as what stands in it cannot become right by typing on.
  const complainAmount = complain || amount.kind === "too_much" || amount.kind === "unreadable";
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("window.orders.refund.title", { number })}
      description={<span className="block truncate">{goods}</span>}
      footer={
        <>
          <p className="min-w-48 flex-1 text-xs text-ink-faint">{t("window.orders.refund.way")}</p>
          <Button tone="quiet" onClick={onClose}>
            {t("window.frame.cancel")}
          </Button>
          <Button type="submit" form={form} tone="danger" busy={busy} disabled={changed || refusal !== null}>
            {amount.kind === "fen"
              ? t("window.orders.refund.submit", { amount: formatFen(amount.fen) })
              : t("window.orders.refund.submit_none")}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
        {changed && (
          <Banner
            tone="warn"
            className="rounded-md"
            actions={
              <Button size="small" onClick={() => setSeen(revision)}>
                {t("window.orders.refund.seen")}
              </Button>
            }
          >
            {t("window.orders.refund.changed")}
          </Banner>
        )}
        <Radios
          label={t("window.orders.refund.extent")}
          value={extent}
          onChange={edited(setExtent)}
          options={[
            { value: "whole", label: t("window.orders.refund.whole"), detail: <Money fen={mostFen} /> },
            {
              value: "part",
              label: t("window.orders.refund.part"),
              detail: t("window.orders.refund.at_most", { max: formatFen(mostFen) }),
            },
          ]}
        />
        {extent === "part" && (
          <TextField
            label={t("window.orders.refund.amount")}
            value={typed}
            onChange={edited(setTyped)}
            inputMode="decimal"
            before="¥"
            autoFocus
            error={complainAmount ? wrongAmount : null}
            hint={t("window.orders.refund.amount_hint")}
          />
        )}
        <div className="flex flex-col gap-2">
          <TextField
            label={t("window.orders.refund.reason")}
            value={reason}
            onChange={edited(setReason)}
            error={complain || isReasonTooLong(reason) ? wrongReason : null}
            hint={t("window.orders.refund.reason_hint")}
          />
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would frame what belongs to the field above */}
          <div role="group" aria-labelledby={presetsName} className="flex flex-wrap gap-2">
            <span id={presetsName} className="sr-only">
              {t("window.orders.refund.presets")}
            </span>
            {presets.map((preset) => {
              const text = t(`window.orders.refund.preset.${preset}`);
              return (
                <Button key={preset} aria-pressed={reason === text} onClick={() => edited(setReason)(text)}>
                  {text}
                </Button>
              );
            })}
          </div>
        </div>
        {fault ? (
          <Refusal
            shop={shop}
            fault={fault}
            onHandOver={() => refused !== null && !running.current && void send(refused, fault)}
          />
        ) : (
          refusal && <FaultNotice fault={refusal} />
        )}
      </form>
    </Dialog>
  );
}
