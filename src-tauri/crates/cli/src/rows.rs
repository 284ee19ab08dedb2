//! The shapes that other programs rely on (`product.md` section 6).

use adapters::fault::Fault;
use adapters::refunds;
use catalogue::Language;
use domain::OrderLine;
use domain::payout::Report;
use engine::{DeskRow, Round};
use mirror::{AuditCheck, MomentRow, OrderRow};
use serde_json::{Value, json};

use crate::commands::audit as log;

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
        "error": refunds::reason_of(row).map(|error| {
            let fault = refunds::explain(&error, row);
            json!({
                "code": error.code, "text": error.text,
                "message": fault.message(language), "hint": fault.hint(language),
            })
        }),
    })
}

/// What a check of the audit log found, as `audit verify --json` has it.
pub(crate) fn audit_check(check: &AuditCheck, language: Language) -> Value {
    json!({
        "whole": check.is_whole(),
        "rows": check.rows,
        "right": check.right,
        "head": check.head.as_ref().map(|head| json!({ "seq": head.seq, "hash": head.hash })),
        "faults": check.faults.iter().map(|fault| json!({
            "fault": fault.as_str(),
            "first": fault.rows().map(|(first, _)| first),
            "last": fault.rows().map(|(_, last)| last),
            "moved_from": fault.moved_from(),
            "noted_at": fault.noted_at(),
            "guard": fault.guard(),
            "message": log::sentence(fault, language),
        })).collect::<Vec<_>>(),
        "unlisted": check.unlisted,
    })
}

/// A round as `sync --json` has it.
pub(crate) fn round(round: &Round, mismatches: &[(&str, Fault)], language: Language) -> Value {
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
        "mismatches": mismatches.iter().map(|(number, fault)| json!({
            "number": number, "message": fault.message(language), "hint": fault.hint(language),
        })).collect::<Vec<_>>(),
        "troubles": round.troubles.iter().map(|trouble| {
            let fault = Fault::from(trouble);
            json!({
                "code": trouble.code, "detail": trouble.detail, "text": trouble.text, "number": trouble.number,
                "message": fault.message(language), "hint": fault.hint(language),
            })
        }).collect::<Vec<_>>(),
    })
}
