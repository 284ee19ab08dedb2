//! What was decided, checked against the contract's table of rounds (R7) and written down before anything is sent.

use domain::id::RefundSubject;
use domain::payout::{Claim, Payout, PayoutState, Report};
use domain::staff::Signature;
use domain::time::Timestamp;
use domain::verify::{Merchant, Verified};
use domain::{
    Ack, BackendPayout, BackendPayoutState, Fen, Order, OrderId, OutRefundNo, RefundRequest, RefundRequestId,
    RefundState,
};
use mirror::{
    AuditKind, Decision, LeaveOut, NewPayout, OrderRow, PaidFrom, PayoutRow, RefundByBackend, Revision,
    Sending, Tx, View,
};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::audit;
use crate::clocks::Clocks;
use crate::desk::Approval;
use crate::guards::{Guard, Guards};
use crate::payouts::is_in_flight;
use crate::people::{Admission, ShopTime};
use crate::ports::{Capabilities, PaymentNumber, Place};

/// What is known when the payout of a request is decided on.
pub(crate) struct Facts<'a> {
    /// The request as the backend tells it.
    pub request: &'a RefundRequest,
    /// Its order.
    pub order: &'a OrderRow,
    /// The newest payout that this console made for it.
    pub known: Option<&'a PayoutRow>,
    /// Every payout of the payment, over all orders that share it.
    pub of_payment: &'a [PayoutRow],
}

/// What somebody approves.
pub(crate) struct Wish<'a> {
    /// The request as the backend tells it.
    pub request: &'a RefundRequest,
    /// Its order.
    pub order: &'a OrderRow,
    /// What they want.
    pub approval: &'a Approval,
    /// Who they are.
    pub admission: &'a Admission,
    /// The guards.
    pub guards: Guards,
}

/// What was written down.
pub(crate) struct Intent {
    /// The refund's number.
    pub out_refund_no: OutRefundNo,
    /// How much.
    pub amount: Fen,
    /// Who decided; `None`: nobody is defined.
    pub actor: Option<Signature>,
}

/// What an approval comes to, by the contract's table of rounds.
pub(crate) struct Plan {
    /// The known payout, of which another terminal told the backend that WeChat closed it.
    pub closed: Option<PayoutRow>,
    /// What is to be written down.
    pub next: Next,
}

pub(crate) enum Next {
    /// Nothing: the same refund is under way already.
    UnderWay,
    /// The known payout, decided on anew.
    Again(Box<PayoutRow>),
    /// A new payout.
    New(Box<Payout>),
}

/// What an approval would come to. It writes nothing, so that it also says beforehand what may be approved.
pub(crate) fn plan(
    facts: &Facts<'_>,
    approval: &Approval,
    capabilities: &Capabilities,
    place: &Place,
    Clocks { now, told }: Clocks,
) -> Result<Plan, Error> {
    let Facts { request, order, .. } = facts;
    let mut known = facts.known.cloned();
    let claim = &request.payout;
    if let Some(row) = &known
        && row.payout.report == Report::Owed
        && row.payout.state != PayoutState::Succeeded
    {
        // The backend is still to hear how the last one ended (`shop-backends.md` B.5).
        return Err(already_running(row));
    }
    let mut closed = None;
    if let Some(row) = &mut known
        && was_closed(claim, &row.payout)
        && let Some(payout) = row.payout.closed_elsewhere()
    {
        row.payout = payout;
        closed = Some(row.clone());
    }
    let closed_here = known.as_ref().map(|row| row.payout.round);
    // A claim that was lost left nothing here: what the backend says decides, as if there were no record.
    // So does a refusal after which somebody else went on under the same number.
    let dropped = known.take_if(|row| match row.payout.state {
        PayoutState::None => matches!(row.payout.claim, Claim::Lost { .. }),
        PayoutState::Failed => claim.state != BackendPayoutState::Failed,
        PayoutState::Ready
        | PayoutState::Submitting
        | PayoutState::Unknown
        | PayoutState::Processing
        | PayoutState::Succeeded
        | PayoutState::Abnormal
        | PayoutState::Closed => false,
    });
    let usual = approval.amount.or(claim.amount.filter(|_| claim.state == BackendPayoutState::Abnormal));
    if let Some(mut row) = known.filter(|row| row.payout.state != PayoutState::Closed) {
        let payout = &row.payout;
        if payout.state == PayoutState::Succeeded {
            return Err(Error::AlreadyDone);
        }
        let amount = approval.amount.unwrap_or(match payout.state {
            PayoutState::Abnormal | PayoutState::Failed | PayoutState::Unknown | PayoutState::Ready => {
                payout.amount
            }
            PayoutState::None
            | PayoutState::Submitting
            | PayoutState::Processing
            | PayoutState::Succeeded
            | PayoutState::Closed => request.amount,
        });
        let Some(again) = payout.wanted_again(amount, now) else {
            // Under way already: a second click adds nothing, unless it means another amount.
            if payout.state == PayoutState::Abnormal || payout.awaits_approval {
                return Err(Error::AmountFixed { amount: payout.amount });
            }
            let another = approval.amount.is_some_and(|amount| amount != payout.amount);
            return if another {
                Err(already_running(&row))
            } else {
                Ok(Plan { closed, next: Next::UnderWay })
            };
        };
        if payout.awaits_approval && claim.state == BackendPayoutState::Processing {
            // The claim fixed the amount, and the backend has taken it.
            refuse_held_elsewhere(claim, place, told)?;
        } else {
            check_decidable(request)?;
            check_amount(request, amount, capabilities)?;
        }
        refuse_while_in_flight(facts.of_payment, Some(row.id))?;
        row.payout = again;
        return Ok(Plan { closed, next: Next::Again(Box::new(row)) });
    }
    let (round, number, amount, in_doubt) = match &claim.state {
        BackendPayoutState::Success => return Err(Error::AlreadyDone),
        BackendPayoutState::None => (1, None, usual.unwrap_or(request.amount), false),
        BackendPayoutState::Failed => {
            (claim.round.max(1), claim.refund_no.clone(), usual.unwrap_or(request.amount), false)
        }
        BackendPayoutState::Closed => {
            let before = closed_here.unwrap_or(0).max(claim.round.max(1));
            (before + 1, None, usual.unwrap_or(request.amount), false)
        }
        BackendPayoutState::Abnormal | BackendPayoutState::Processing => {
            if claim.state == BackendPayoutState::Processing {
                refuse_held_elsewhere(claim, place, told)?;
            }
            let fixed = claim.amount.unwrap_or(request.amount);
            if approval.amount.is_some_and(|amount| amount != fixed) {
                return Err(Error::AmountFixed { amount: fixed });
            }
            // Somebody may have sent it: WeChat is asked before this terminal sends.
            (claim.round.max(1), claim.refund_no.clone(), fixed, true)
        }
        BackendPayoutState::Other(state) => return Err(Error::NotDecidable { state: state.clone() }),
    };
    if claim.state != BackendPayoutState::Processing {
        check_decidable(request)?;
        check_amount(request, amount, capabilities)?;
    }
    refuse_while_in_flight(facts.of_payment, dropped.as_ref().map(|row| row.id))?;
    let number = number
        .unwrap_or_else(|| OutRefundNo::derive(&place.shop, &RefundSubject::Request(&request.id), round));
    let mut payout = Payout::wanted(number, round, amount, paid_total(order), now);
    payout.in_doubt = in_doubt;
    let next = match dropped {
        Some(row) => {
            let payout = Payout { submissions: row.payout.submissions, total: row.payout.total, ..payout };
            Next::Again(Box::new(PayoutRow { payout, ..row }))
        }
        None => Next::New(Box::new(payout)),
    };
    Ok(Plan { closed, next })
}

/// Writes down what was approved. `None` when the same refund is under way already.
///
/// The limits are looked at in here, with the amount that the plan came to: this transaction is the one place where no
/// other decision can come in between.
pub(crate) fn intend(
    tx: &Tx<'_>,
    wish: &Wish<'_>,
    capabilities: &Capabilities,
    place: &Place,
    (now, time): (Timestamp, ShopTime),
) -> Result<Option<Intent>, Error> {
    let Wish { request, order, approval, admission, guards } = wish;
    let known = tx.payout_of_request(&request.id)?;
    let mut of_payment = payouts_of_payment(tx, &order.order, place)?;
    if !guards.stands(Guard::OneInFlight) {
        of_payment.clear();
    }
    let facts = Facts { request, order, known: known.as_ref(), of_payment: &of_payment };
    let mut plan = plan(&facts, approval, capabilities, place, Clocks { now, told: time.at() })?;
    if !guards.stands(Guard::AskedAfterAnother)
        && let Next::New(payout) = &mut plan.next
    {
        payout.in_doubt = false;
    }
    if let Some(closed) = &plan.closed {
        tx.put_payout(closed)?;
        let before = known.as_ref().map(|row| &row.payout);
        audit::of_payout(tx, place, AuditKind::RefundClosed, before, closed, now)?;
    }
    let decision = |actor| Decision {
        version: request.version,
        seen: seen_of_request(request),
        reason: approval.reason.clone(),
        actor,
    };
    let key = uuid::Uuid::new_v4().to_string();
    match plan.next {
        Next::UnderWay => {
            admission.may(tx)?;
            Ok(None)
        }
        Next::Again(row) => {
            let (out_refund_no, amount) = (row.payout.out_refund_no.clone(), row.payout.amount);
            let actor = admission.may_refund(tx, amount, LeaveOut::Payout(row.id), time)?;
            let decision = decision(actor.clone());
            let row = PayoutRow { decision, idempotency_key: key, decided_at: time.at(), ..*row };
            tx.put_payout(&row).map_err(|error| guarded(error, &order.order))?;
            Ok(Some(Intent { out_refund_no, amount, actor }))
        }
        Next::New(payout) => {
            let (out_refund_no, amount) = (payout.out_refund_no.clone(), payout.amount);
            let actor = admission.may_refund(tx, amount, LeaveOut::Nothing, time)?;
            let decision = (decision(actor.clone()), time.at());
            let new = new_payout(Some(request.id.clone()), &order.order, place, *payout, decision, key)?;
            add(tx, &new, &order.order, now)?;
            Ok(Some(Intent { out_refund_no, amount, actor }))
        }
    }
}

/// Writes down a refund that the backend is about to pay, within the limits. Returns who decides, and whether it may have
/// been sent before.
pub(crate) fn intend_at_backend(
    tx: &Tx<'_>,
    admission: &Admission,
    key: &str,
    request_id: Option<&RefundRequestId>,
    order_id: &OrderId,
    amount: Fen,
    time: ShopTime,
) -> Result<(Option<Signature>, Sending), Error> {
    let except = LeaveOut::ByBackend { key, request: request_id };
    let actor = admission.may_refund(tx, amount, except, time)?;
    let refund = RefundByBackend {
        key: key.to_owned(),
        request_id: request_id.cloned(),
        order_id: order_id.clone(),
        amount,
        decided_by: actor.as_ref().map(|actor| actor.id.clone()),
    };
    let sending = tx.add_refund_by_backend(&refund, time.at())?;
    Ok((actor, sending))
}

/// Another terminal pays as long as its claim lasts, by the backend's clock.
fn refuse_held_elsewhere(claim: &BackendPayout, place: &Place, told: Timestamp) -> Result<(), Error> {
    let held = claim.claim_until.is_some_and(|until| until > told);
    if !held || claim.terminal.as_ref() == Some(&place.terminal) {
        return Ok(());
    }
    let terminal = claim.terminal.as_ref().map(|terminal| terminal.as_str().to_owned());
    Err(Error::HeldElsewhere { terminal: terminal.unwrap_or_default() })
}

/// Whether the backend knows that WeChat closed this number: it says so, or a later round exists.
fn was_closed(claim: &BackendPayout, payout: &Payout) -> bool {
    let same = claim.refund_no.as_ref() == Some(&payout.out_refund_no);
    (same && claim.state == BackendPayoutState::Closed) || claim.round > payout.round
}

pub(crate) fn check_decidable(request: &RefundRequest) -> Result<(), Error> {
    match &request.state {
        RefundState::Pending | RefundState::WaitingReturn | RefundState::Returned | RefundState::Failed => {
            Ok(())
        }
        RefundState::Succeeded => Err(Error::AlreadyDone),
        RefundState::Processing
        | RefundState::Rejected
        | RefundState::Withdrawn
        | RefundState::Closed
        | RefundState::Other(_) => Err(Error::NotDecidable { state: request.state.as_str().to_owned() }),
    }
}

pub(crate) fn check_amount(
    request: &RefundRequest,
    amount: Fen,
    capabilities: &Capabilities,
) -> Result<Fen, Error> {
    if !amount.is_positive() {
        return Err(Error::AmountInvalid);
    }
    if amount > request.max {
        return Err(Error::AmountAbove { max: request.max });
    }
    if amount != request.amount && !capabilities.partial_refund {
        return Err(Error::AmountFixed { amount: request.amount });
    }
    Ok(amount)
}

/// Every payout of this console that takes from the order's payment.
pub(crate) fn payouts_of_payment(
    view: &View<'_>,
    order: &Order,
    place: &Place,
) -> Result<Vec<PayoutRow>, mirror::Error> {
    match paid_from(order, &place.merchant) {
        Some(payment) => view.payouts_of_payment(&payment),
        None => Ok(Vec::new()),
    }
}

/// WeChat wants one refund of a payment at a time, over all orders that share it. The row that is decided on anew is not
/// in its own way.
pub(crate) fn refuse_while_in_flight(of_payment: &[PayoutRow], own: Option<i64>) -> Result<(), Error> {
    let mut others = of_payment.iter().filter(|row| Some(row.id) != own);
    match others.find(|row| is_in_flight(&row.payout)) {
        Some(row) => Err(already_running(row)),
        None => Ok(()),
    }
}

/// Whether this console's certificate can pay refunds of the order at all: better said before the claim.
pub(crate) fn check_payable(
    order: &OrderRow,
    capabilities: &Capabilities,
    place: &Place,
) -> Result<(), Error> {
    let ours = place.merchant.mch_id.as_str();
    if !order.order.is_wechat() || PaymentNumber::of(&order.order).is_none() {
        return Err(Error::NotWechat);
    }
    if let Some(mchid) = &order.order.payment.mchid
        && mchid.as_str() != ours
    {
        return Err(Error::OtherMerchant { found: mchid.as_str().to_owned() });
    }
    if !capabilities.mchids.is_empty() && !capabilities.mchids.iter().any(|mchid| mchid == ours) {
        return Err(Error::OtherMerchant { found: capabilities.mchids.join(", ") });
    }
    match order.verified {
        Verified::Mismatch => Err(Error::mismatch(order)),
        Verified::NotPaid => Err(Error::NotPaid),
        Verified::Verified | Verified::Pending | Verified::Unavailable | Verified::NotApplicable => Ok(()),
    }
}

/// Refuses what was decided on something that has changed since. `seen` is the revision of the desk's row: the newer one
/// of its request and its payout.
pub(crate) fn refuse_stale(
    view: &View<'_>,
    id: &RefundRequestId,
    seen: Option<Revision>,
) -> Result<(), Error> {
    let Some(seen) = seen else { return Ok(()) };
    let request = view.refund_request(id)?.map(|row| row.revision);
    let payout = view.payout_of_request(id)?.map(|row| row.revision);
    if request.max(payout) == Some(seen) { Ok(()) } else { Err(Error::Stale) }
}

/// As [`refuse_stale`], for what a person decided on an order: refuses when the row is not the `known` one any more. An
/// order's revision grows with its refunds too, so that a decision counts once.
pub(crate) fn refuse_changed_order(
    view: &View<'_>,
    known: &OrderRow,
    seen: Option<Revision>,
) -> Result<(), Error> {
    let now = view.order(&known.order.id)?.map(|row| row.revision);
    if seen.is_none() || now == Some(known.revision) { Ok(()) } else { Err(Error::Stale) }
}

pub(crate) fn already_running(row: &PayoutRow) -> Error {
    Error::AlreadyRunning { out_refund_no: row.payout.out_refund_no.as_str().to_owned() }
}

/// What mattered of a request to whoever decided on it: everything but its version.
pub(crate) fn seen_of_request(request: &RefundRequest) -> String {
    digest(&["request/1", &text_of(&RefundRequest { version: 0, ..request.clone() })])
}

/// What mattered of an order: everything but its version and who has seen or printed it.
pub(crate) fn seen_of_order(order: &Order) -> String {
    digest(&["order/1", &text_of(&Order { version: 0, ack: Ack::default(), ..order.clone() })])
}

fn text_of(value: &impl serde::Serialize) -> String {
    // Our own types always have a JSON form; without one nothing would be taken for the same.
    serde_json::to_string(value).unwrap_or_else(|_| uuid::Uuid::new_v4().to_string())
}

/// 48 hex digits that stand for the parts.
pub(crate) fn digest(parts: &[&str]) -> String {
    hex::encode(&Sha256::digest(parts.join("\n"))[..24])
}

/// The whole payment, as WeChat itself told it where it did.
pub(crate) fn paid_total(order: &OrderRow) -> Fen {
    order
        .evidence
        .as_ref()
        .and_then(|evidence| evidence.payment.as_ref())
        .and_then(|payment| payment.total)
        .unwrap_or(order.order.payment.total)
}

pub(crate) fn new_payout(
    request_id: Option<RefundRequestId>,
    order: &Order,
    place: &Place,
    payout: Payout,
    (decision, decided_at): (Decision, Timestamp),
    idempotency_key: String,
) -> Result<NewPayout, Error> {
    let paid_from = paid_from(order, &place.merchant).ok_or(Error::NotWechat)?;
    let order_id = order.id.clone();
    Ok(NewPayout { request_id, order_id, paid_from, decision, decided_at, idempotency_key, payout })
}

/// The order's payment by all its numbers; `None` when it has none at WeChat.
pub(crate) fn paid_from(order: &Order, merchant: &Merchant) -> Option<PaidFrom> {
    let payment = &order.payment;
    let (out_trade_no, transaction_id) = (payment.out_trade_no.clone(), payment.transaction_id.clone());
    (out_trade_no.is_some() || transaction_id.is_some()).then(|| PaidFrom {
        mch_id: merchant.mch_id.as_str().to_owned(),
        out_trade_no: out_trade_no.map(Into::into),
        transaction_id: transaction_id.map(Into::into),
    })
}

pub(crate) fn add(tx: &Tx<'_>, new: &NewPayout, order: &Order, now: Timestamp) -> Result<i64, Error> {
    tx.add_payout(new, now).map_err(|error| guarded(error, order))
}

/// The database refused: the refunds would exceed the payment.
fn guarded(error: mirror::Error, order: &Order) -> Error {
    match error {
        mirror::Error::Guard { .. } => Error::AmountAbove { max: order.amounts.refundable },
        other => Error::Mirror(other),
    }
}
