//! 退款小票: what goes back, and whether it has arrived. It must not look like an order.

use domain::payout::{Payout, PayoutState};
use domain::{BackendPayoutState, Fen, Order, RefundRequest, RefundState};
use jiff::Timestamp;

use super::words::{Words, money, quantity};
use super::{
    ATTRIBUTE, ATTRIBUTE_LINES, NOTE, NOTE_LINES, Refund, TITLE, TITLE_LINES, Ticket, attribute,
    copy_and_marks, foreign_attribute, head,
};
use crate::sheet::{Sheet, Size, Weight};
use crate::text::PaperText;

pub(super) fn lay_out(sheet: &mut Sheet, ticket: &Ticket<'_>, words: Words) {
    let order = ticket.order;
    let facts = Facts::of(order, ticket.refund);
    head(sheet, ticket.shop);
    sheet.centred(&words.text("receipt.refund.title"), Size::Double, Weight::Bold, ATTRIBUTE_LINES);
    copy_and_marks(sheet, &words.text("receipt.copy.merchant"), ticket, words);
    sheet.rule();
    attribute(sheet, words, "receipt.refund.order_number", &PaperText::limited(&order.number, ATTRIBUTE));
    foreign_attribute(sheet, words, "receipt.refund.request_number", facts.request_id);
    foreign_attribute(sheet, words, "receipt.refund.out_refund_no", facts.out_refund_no);
    foreign_attribute(sheet, words, "receipt.refund.refund_id", facts.refund_id);
    if let Some(request) = ticket.refund.map(|refund| refund.request) {
        goods(sheet, order, request, words);
    }
    sheet.rule();
    sheet.pair(&words.text("receipt.refund.amount"), &money(facts.amount), Weight::Bold);
    let (outcome, arrived) = outcome(facts.state);
    sheet.own(&words.text(outcome), Weight::Bold);
    let transaction = order.payment.transaction_id.as_ref().map(|id| id.as_str());
    foreign_attribute(sheet, words, "receipt.transaction_id", transaction);
    if let Some(requested_at) = facts.requested_at {
        attribute(sheet, words, "receipt.refund.requested_at", &words.time(requested_at));
    }
    if let (Some(succeeded_at), true) = (facts.succeeded_at, arrived) {
        attribute(sheet, words, "receipt.refund.arrived_at", &words.time(succeeded_at));
    }
    let reason = PaperText::limited(facts.reason.unwrap_or_default(), NOTE);
    sheet.labelled(&words.label("receipt.refund.reason"), &reason, Weight::Regular, NOTE_LINES);
    sheet.rule();
}

/// What is known of the refund, the surest source first: this PC's own payout, the request, the order.
struct Facts<'a> {
    request_id: Option<&'a str>,
    out_refund_no: Option<&'a str>,
    refund_id: Option<&'a str>,
    amount: Fen,
    state: PayoutState,
    requested_at: Option<Timestamp>,
    succeeded_at: Option<Timestamp>,
    reason: Option<&'a str>,
}

impl<'a> Facts<'a> {
    fn of(order: &'a Order, refund: Option<Refund<'a>>) -> Facts<'a> {
        let Some(Refund { request, payout }) = refund else { return Facts::of_order(order) };
        let backend = &request.payout;
        let own_number = payout.map(|payout| &payout.out_refund_no);
        Facts {
            request_id: Some(request.id.as_str()),
            out_refund_no: own_number.or(backend.refund_no.as_ref()).map(|number| number.as_str()),
            refund_id: payout.and_then(|payout| payout.refund_id.as_deref()).or(backend.refund_id.as_deref()),
            amount: payout.map(|payout| payout.amount).or(backend.amount).unwrap_or(request.amount),
            state: state(request, payout),
            requested_at: Some(request.requested_at),
            succeeded_at: payout.and_then(|payout| payout.succeeded_at).or(backend.succeeded_at),
            reason: request.reason_text.as_deref().or(request.reason_code.as_deref()),
        }
    }

    /// All that an order alone tells: its last refund request in short, or what went back so far.
    fn of_order(order: &'a Order) -> Facts<'a> {
        let last = order.refund_requests.last();
        let arrived =
            if order.amounts.refunded.is_positive() { PayoutState::Succeeded } else { PayoutState::None };
        Facts {
            request_id: last.map(|request| request.id.as_str()),
            out_refund_no: None,
            refund_id: None,
            amount: last.map_or(order.amounts.refunded, |request| request.amount),
            state: last.map_or(arrived, |request| state_of_request(&request.state)),
            requested_at: None,
            succeeded_at: None,
            reason: None,
        }
    }
}

fn state(request: &RefundRequest, payout: Option<&Payout>) -> PayoutState {
    if let Some(payout) = payout {
        return payout.state;
    }
    match &request.payout.state {
        BackendPayoutState::None => state_of_request(&request.state),
        BackendPayoutState::Processing => PayoutState::Processing,
        BackendPayoutState::Success => PayoutState::Succeeded,
        BackendPayoutState::Closed => PayoutState::Closed,
        BackendPayoutState::Abnormal => PayoutState::Abnormal,
        BackendPayoutState::Failed => PayoutState::Failed,
        BackendPayoutState::Other(_) => PayoutState::Unknown,
    }
}

fn state_of_request(state: &RefundState) -> PayoutState {
    match state {
        RefundState::Processing => PayoutState::Processing,
        RefundState::Succeeded => PayoutState::Succeeded,
        RefundState::Failed => PayoutState::Failed,
        RefundState::Pending
        | RefundState::WaitingReturn
        | RefundState::Returned
        | RefundState::Rejected
        | RefundState::Withdrawn
        | RefundState::Closed => PayoutState::None,
        RefundState::Other(_) => PayoutState::Unknown,
    }
}

/// The words for a state, and whether the money has arrived.
fn outcome(state: PayoutState) -> (&'static str, bool) {
    match state {
        PayoutState::None | PayoutState::Ready => ("receipt.refund.not_sent", false),
        PayoutState::Submitting | PayoutState::Processing => ("receipt.refund.on_the_way", false),
        PayoutState::Unknown => ("receipt.refund.unknown", false),
        PayoutState::Succeeded => ("receipt.refund.arrived", true),
        PayoutState::Failed => ("receipt.refund.failed", false),
        PayoutState::Abnormal => ("receipt.refund.abnormal", false),
        PayoutState::Closed => ("receipt.refund.closed", false),
    }
}

fn goods(sheet: &mut Sheet, order: &Order, request: &RefundRequest, words: Words) {
    if request.lines.is_empty() {
        return;
    }
    sheet.rule();
    sheet.own(&words.text("receipt.refund.goods"), Weight::Regular);
    for (index, refunded) in request.lines.iter().enumerate() {
        let line = order.lines.iter().find(|line| line.id == refunded.order_line_id);
        let title = line.map_or(refunded.order_line_id.as_str(), |line| line.title.as_str());
        let name = PaperText::new(&format!("{}.", index + 1)).then(&PaperText::limited(title, TITLE));
        match refunded.amount {
            Some(amount) => sheet.item(&name, &quantity(refunded.quantity), &money(amount), TITLE_LINES),
            None => sheet.pair(&name, &quantity(refunded.quantity), Weight::Regular),
        }
        let spec = line.and_then(|line| line.spec.as_deref()).unwrap_or_default();
        sheet.indented(&PaperText::limited(spec, ATTRIBUTE), Weight::Regular, ATTRIBUTE_LINES);
    }
}
