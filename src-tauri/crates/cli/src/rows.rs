//! The shapes that other programs rely on (`product.md` section 6).

use adapters::gateway::payout_message_code;
use catalogue::Language;
use domain::payout::{Claim, PayoutState, Report};
use domain::{BackendPayoutState, Fen, OrderLine, PayoutError};
use engine::{DeskRow, Round};
use mirror::{MomentRow, OrderRow};
use serde_json::{Value, json};

use crate::failure::Failure;

/// An order as `orders --json` has it.
pub(crate) fn order(row: &OrderRow) -> Value {
    let order = &row.order;
    let payment = &order.payment;
    let evidence = row.evidence.as_ref();
    json!({
        "key": row.key().to_string(),
        "order_id": order.id,
        "number": order.number,
        "out_trade_no": payment.out_trade_no,
        "transaction_id": payment.transaction_id,
        "version": order.version,
        "fulfilment": order.fulfilment.as_str(),
        "payment": payment.state.as_str(),
        "method": payment.method.as_ref().map(|method| method.as_str()),
        "verified": row.verified.as_str(),
        "verified_at": row.verified_at,
        "total_fen": order.amounts.total,
        "payment_total_fen": payment.total,
        "refunded_fen": order.amounts.refunded,
        "refundable_fen": order.amounts.refundable,
        "amounts_add_up": order.amounts_add_up(),
        "kind": order.kind.as_str(),
        "placed_at": order.placed_at,
        "paid_at": payment.paid_at,
        "differences": evidence.map(|evidence| &evidence.differences),
        "wechat": evidence.and_then(|evidence| evidence.payment.as_ref()).map(|payment| json!({
            "trade_state": payment.trade_state.as_str(),
            "total_fen": payment.total,
            "transaction_id": payment.transaction_id,
            "out_trade_no": payment.out_trade_no,
            "paid_at": payment.paid_at,
        })),
        "error": evidence.and_then(|evidence| evidence.error.as_ref()),
    })
}

/// An order as `order NO --json` has it.
pub(crate) fn order_in_full(
    row: &OrderRow,
    refunds: &[DeskRow],
    timeline: &[MomentRow],
    language: Language,
) -> Value {
    let mut document = order(row);
    let members = [
        ("lines", row.order.lines.iter().map(line).collect::<Value>()),
        ("refunds", refunds.iter().map(|row| refund(row, language)).collect()),
        ("timeline", timeline.iter().map(|moment| self::moment(moment, language)).collect()),
        ("buyer", json!(row.order.buyer)),
        ("pickup", json!(row.order.pickup)),
        ("merchant_note", json!(row.order.merchant_note)),
    ];
    if let Value::Object(object) = &mut document {
        object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    }
    document
}

fn line(line: &OrderLine) -> Value {
    json!({
        "id": line.id, "sku": line.sku, "title": line.title, "spec": line.spec, "qty": line.quantity,
        "unit_price_fen": line.unit_price, "total_fen": line.total, "note": line.note,
    })
}

fn moment(moment: &MomentRow, language: Language) -> Value {
    let key = format!("timeline.{}", moment.kind);
    let text = catalogue::find(language, &key).unwrap_or(&moment.kind);
    json!({ "at": moment.at, "kind": moment.kind, "text": text, "detail": moment.detail })
}

/// A refund as `refunds --json` has it.
pub(crate) fn refund(row: &DeskRow, language: Language) -> Value {
    let request = row.request.as_ref();
    let payout = row.own_payout().map(|row| &row.payout);
    let told = request.map(|request| &request.payout);
    let order = row.order.as_ref().map(|row| &row.order);
    let amount = payout
        .map(|payout| payout.amount)
        .or_else(|| told.and_then(|told| told.amount))
        .or_else(|| request.map(|request| request.amount));
    let number =
        payout.map(|payout| &payout.out_refund_no).or_else(|| told.and_then(|told| told.refund_no.as_ref()));
    let reason = row
        .payout
        .as_ref()
        .and_then(|row| row.decision.reason.as_deref())
        .or_else(|| request.and_then(|request| request.reason_text.as_deref()));
    json!({
        "id": request.map(|request| &request.id),
        "order_id": order.map(|order| &order.id).or_else(|| request.map(|request| &request.order_id)),
        "out_trade_no": order.and_then(|order| order.payment.out_trade_no.as_ref()),
        "number": order.map(|order| &order.number),
        "out_refund_no": number,
        "round": payout.map(|payout| payout.round).or_else(|| told.map(|told| told.round)),
        "refund_id": payout
            .and_then(|payout| payout.refund_id.as_ref())
            .or_else(|| told.and_then(|told| told.refund_id.as_ref())),
        "amount_fen": amount,
        "requested_fen": request.map(|request| request.amount),
        "max_fen": request.map(|request| request.max),
        "state": request.map(|request| request.state.as_str()),
        "kind": request.map(|request| request.kind.as_str()),
        "payout": row.payout_word(),
        "reported": payout.map(|payout| payout.report == Report::Done),
        "reason": reason,
        "requested_at": request.map(|request| request.requested_at),
        "succeeded_at": payout
            .and_then(|payout| payout.succeeded_at)
            .or_else(|| told.and_then(|told| told.succeeded_at)),
        "terminal": told.and_then(|told| told.terminal.as_ref()),
        "version": request.map(|request| request.version),
        "next_at": payout.filter(|payout| !payout.state.is_final()).map(|payout| payout.next_at),
        "error": reason_of(row).map(|error| {
            let failure = explain(&error, row);
            json!({
                "code": error.code, "text": error.text,
                "message": failure.message(language), "hint": failure.hint(language),
            })
        }),
    })
}

/// Why a refund did not (yet) come to its end.
fn reason_of(row: &DeskRow) -> Option<PayoutError> {
    let told = row.request.as_ref().map(|request| &request.payout);
    match (row.own_payout(), &row.payout) {
        (Some(own), _) => own.payout.error.clone(),
        // A claim that was refused is told as long as nobody else has gone on from there.
        (None, Some(refused)) if told.is_none_or(|told| told.state == BackendPayoutState::None) => {
            refused.payout.error.clone()
        }
        (None, _) => told.and_then(|told| told.error.clone()),
    }
}

/// The failure that a refund command ends with; `None` when it succeeded or is still on its way.
pub(crate) fn refund_failure(row: &DeskRow) -> Option<Failure> {
    let failed = match &row.payout {
        Some(row) => match row.payout.state {
            PayoutState::Failed | PayoutState::Abnormal | PayoutState::Closed => true,
            PayoutState::None => matches!(row.payout.claim, Claim::Lost { .. }),
            PayoutState::Ready
            | PayoutState::Submitting
            | PayoutState::Unknown
            | PayoutState::Processing
            | PayoutState::Succeeded => false,
        },
        None => matches!(row.payout_word(), "failed" | "abnormal" | "closed"),
    };
    let unknown = PayoutError { code: "console:refused".to_owned(), text: String::new() };
    let own = row.payout.as_ref().and_then(|row| row.payout.error.clone());
    failed.then(|| explain(&own.or_else(|| reason_of(row)).unwrap_or(unknown), row))
}

fn explain(error: &PayoutError, row: &DeskRow) -> Failure {
    let refundable = row.order.as_ref().map_or(Fen::ZERO, |row| row.order.amounts.refundable);
    let parameters = vec![
        ("code", error.code.clone()),
        ("text", error.text.clone()),
        ("terminal", error.text.clone()),
        ("state", error.text.clone()),
        ("max", refundable.to_string()),
    ];
    let mut failure = Failure::new(message_code(error, row), parameters);
    failure.detail = Some(format!("{} {}", error.code, error.text).trim().to_owned());
    failure
}

/// Where the money is decides what may be said of it: as long as the end is not known, no error of a single call may
/// claim that nothing happened.
fn message_code(error: &PayoutError, row: &DeskRow) -> &'static str {
    match row.own_payout().map(|row| &row.payout) {
        Some(payout) => match payout.state {
            PayoutState::Submitting | PayoutState::Unknown | PayoutState::Processing => "refund_unknown",
            PayoutState::Ready if payout.in_doubt => "refund_unknown",
            PayoutState::None if error.code == "unauthenticated" => "backend_unauthenticated",
            PayoutState::None => "refund_claim_waiting",
            PayoutState::Ready
            | PayoutState::Succeeded
            | PayoutState::Failed
            | PayoutState::Abnormal
            | PayoutState::Closed => payout_message_code(&error.code),
        },
        None => payout_message_code(&error.code),
    }
}

/// A round as `sync --json` has it.
pub(crate) fn round(round: &Round, mismatches: &[(&str, Failure)], language: Language) -> Value {
    json!({
        "orders": round.orders,
        "refund_requests": round.refund_requests,
        "asked": round.asked,
        "verified": round.verified,
        "mismatch": round.mismatch,
        "not_paid": round.not_paid,
        "unavailable": round.unavailable,
        "lost_payments": round.lost_payments,
        "reported": round.reported,
        "mismatches": mismatches.iter().map(|(number, failure)| json!({
            "number": number, "message": failure.message(language), "hint": failure.hint(language),
        })).collect::<Vec<_>>(),
        "troubles": round.troubles.iter().map(|trouble| {
            let failure = Failure::from(trouble);
            json!({
                "code": trouble.code, "detail": trouble.detail, "text": trouble.text, "number": trouble.number,
                "message": failure.message(language), "hint": failure.hint(language),
            })
        }).collect::<Vec<_>>(),
    })
}
