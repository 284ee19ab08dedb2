import { type FormEvent, type ReactNode, type Ref, useImperativeHandle, useRef, useState } from "react";
import { Button, TextField } from "../../../components";
import { useShop } from "../../../console/shop";
import type { RefundRow, SignIn } from "../../../ipc/bindings";
import { api } from "../../../ipc/client";
import { formatYuan, parseYuan, typedFen } from "../../../lib/money";
import { isReasonTooLong } from "../../../lib/reason";
import { t } from "../../../lib/texts";
import type { Decision } from "../decisions";
import { Refuse } from "./Refuse";

export type DecideHandle = {
  /** Moves the focus to the button that pays back; it does not press it. */
  toApprove: () => void;
  /** Opens the field for the reason of a refusal. */
  toRefuse: () => void;
  /** Closes what was opened; false when nothing was. */
  back: () => boolean;
};

export type DecideProps = {
  row: RefundRow;
  decision: Decision;
  /** The refund changed and the person has not said that they saw how. */
  unseen: boolean;
  ref: Ref<DecideHandle>;
};

/**
 * What can be decided about a refund. The amount stands on the button: one click, no second question. What is sent names
 * the refund and the state that was seen; the amount too, unless it is what was asked for and nothing was begun.
 */
export function Decide({ row, decision, unseen, ref }: DecideProps) {
  const [open, setOpen] = useState<"amount" | "refuse" | null>(null);
  const approve = useRef<HTMLButtonElement>(null);
  const shop = useShop();
  const { id, revision, canApprove, canRefuse, canAgreeReturn } = row;
  const fixed = isAmountFixed(row);
  const shut = decision.waiting || unseen;

  useImperativeHandle(
    ref,
    () => ({
      toApprove: () => approve.current?.focus(),
      toRefuse: () => canRefuse && !shut && setOpen("refuse"),
      back: () => {
        setOpen(null);
        return open !== null;
      },
    }),
    [canRefuse, shut, open],
  );

  if (id === null || !(canApprove || canRefuse || canAgreeReturn)) {
    return null;
  }
  const send = (what: string, work: (second: SignIn | null) => Promise<unknown>) => {
    const deed = row.orderNumber === null ? what : t("window.refunds.deed", { order: row.orderNumber, what });
    void decision.decide(work, deed).then((taken) => taken && setOpen(null));
  };
  if (open === "refuse") {
    return (
      <Refuse
        waiting={decision.waiting}
        shut={unseen}
        onRefuse={(reason) => send(t("window.refunds.refuse"), () => api.refundRefuse(shop, id, revision, reason))}
        onBack={() => setOpen(null)}
      />
    );
  }
  const others = (
    <>
      {canApprove && !fixed && (
        <Button disabled={shut} onClick={() => setOpen("amount")}>
          {t("window.refunds.other_amount")}
        </Button>
      )}
      {canAgreeReturn && (
        <Button
          disabled={shut}
          onClick={() => send(t("window.refunds.agree_return"), () => api.refundAgreeReturn(shop, id, revision))}
          title={t("window.refunds.agree_return_more")}
        >
          {t("window.refunds.agree_return")}
        </Button>
      )}
      {canRefuse && (
        <Button disabled={shut} onClick={() => setOpen("refuse")} aria-keyshortcuts="n">
          {t("window.refunds.refuse")}
        </Button>
      )}
    </>
  );
  return canApprove ? (
    <Approve
      key={open}
      row={row}
      waiting={decision.waiting}
      shut={unseen}
      part={open === "amount" && !fixed}
      button={approve}
      onApprove={(amountFen, reason) =>
        send(wayOf(row, amountFen ?? askedFenOf(row)), (second) =>
          api.refundApprove(shop, id, revision, amountFen, reason, second),
        )
      }
      onBack={() => setOpen(null)}
    >
      {others}
    </Approve>
  ) : (
    <div className="flex flex-wrap gap-2">{others}</div>
  );
}

/** Whether the amount can no longer be chosen: somebody decided it, here or at another terminal, whose decision is unknown. */
function isAmountFixed({ decision, payout }: RefundRow): boolean {
  return decision !== null || payout === "processing" || payout === "abnormal";
}

/** What goes back unless another amount is typed. */
const askedFenOf = (row: RefundRow): number =>
  isAmountFixed(row) ? row.amountFen : (row.requestedFen ?? row.amountFen);

type ApproveProps = {
  row: RefundRow;
  waiting: boolean;
  shut: boolean;
  /** Whether another amount than the whole is being typed. */
  part: boolean;
  button: Ref<HTMLButtonElement>;
  onApprove: (amountFen: number | null, reason: string | null) => void;
  onBack: () => void;
  /** What else can be decided, while no other amount is being typed. */
  children: ReactNode;
};

/** The button that pays back, and the amount that it pays. */
function Approve({ row, waiting, shut, part, button, onApprove, onBack, children }: ApproveProps) {
  const askedFen = askedFenOf(row);
  const mostFen = Math.min(row.maxFen ?? askedFen, row.refundableFen ?? Number.MAX_SAFE_INTEGER);
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const amount = part ? parseYuan(typed, mostFen) : ({ kind: "fen", fen: askedFen } as const);
  // Nothing is wrong yet while somebody has only begun to type.
  const wrong =
    amount.kind === "fen" || amount.kind === "empty"
      ? null
      : t(`window.refunds.amount.${amount.kind}`, { max: formatYuan(mostFen) });
  // What was typed into a field that is gone is not sent.
  const remark = part ? reason.trim() : "";
  const tooLong = isReasonTooLong(remark);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (amount.kind === "fen" && !tooLong && !waiting && !shut) {
      // Once a payout was begun, "what was asked for" may be another amount than the button shows.
      const whole = amount.fen === row.requestedFen && row.payout === "none";
      onApprove(whole ? null : amount.fen, remark === "" ? null : remark);
    }
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      {part && (
        <div className="grid gap-3 @md:grid-cols-2">
          <TextField
            label={t("window.refunds.amount.label")}
            value={typed}
            onChange={setTyped}
            placeholder={typedFen(askedFen)}
            before="¥"
            inputMode="decimal"
            autoFocus
            error={wrong}
            hint={t("window.refunds.amount.hint", { max: formatYuan(mostFen) })}
          />
          <TextField
            label={t("window.refunds.remark")}
            value={reason}
            onChange={setReason}
            error={tooLong ? t("window.orders.refund.reason_long") : null}
            hint={t("window.refunds.remark_hint")}
          />
        </div>
      )}
      {amount.kind === "fen" && <p className="font-medium break-words text-ink">{wayOf(row, amount.fen)}</p>}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          ref={button}
          type="submit"
          tone="primary"
          className="min-w-44"
          busy={waiting}
          disabled={amount.kind !== "fen" || tooLong || shut}
          aria-keyshortcuts="y"
        >
          {amount.kind === "fen"
            ? t(row.decision === null ? "window.refunds.approve" : "window.refunds.approve_again", {
                amount: formatYuan(amount.fen),
              })
            : t("window.refunds.approve_none")}
        </Button>
        {part ? (
          <Button tone="quiet" onClick={onBack}>
            {t("window.common.cancel")}
          </Button>
        ) : (
          children
        )}
      </div>
    </form>
  );
}

/** What the click does, in one sentence. */
function wayOf(row: RefundRow, amountFen: number): string {
  const amount = formatYuan(amountFen);
  return row.buyer === null
    ? t("window.refunds.way_nameless", { amount })
    : t("window.refunds.way", { amount, buyer: row.buyer });
}
