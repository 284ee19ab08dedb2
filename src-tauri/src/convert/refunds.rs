use adapters::refunds::why_unfinished;
use catalogue::Language;
use engine::{RefundCase, RefundDesk, RefundGroup};

use super::{counted, goods_in_a_line};
use crate::dto;
use crate::error::Fault;

/// One group of the desk.
pub(crate) fn refund_desk(desk: &RefundDesk, language: Language) -> dto::RefundDesk {
    dto::RefundDesk {
        rows: desk.cases.iter().map(|case| refund(case, language)).collect(),
        counts: desk
            .counts
            .iter()
            .map(|(group, count)| dto::RefundCount { group: (*group).into(), count: counted(*count) })
            .collect(),
    }
}

/// A refund.
pub(crate) fn refund(case: &RefundCase, language: Language) -> dto::RefundRow {
    let row = &case.row;
    let request = row.request.as_ref();
    let told = request.map(|request| &request.payout);
    let own = row.own_payout();
    let payout = own.map(|own| &own.payout);
    let order = row.order.as_ref().map(|row| &row.order);
    let order_id = order
        .map(|order| order.id.to_string())
        .or_else(|| request.map(|request| request.order_id.to_string()))
        .or_else(|| own.map(|own| own.order_id.to_string()))
        .unwrap_or_default();
    let amount = payout
        .map(|payout| payout.amount)
        .or_else(|| told.and_then(|told| told.amount))
        .or_else(|| request.map(|request| request.amount))
        .unwrap_or_default();
    dto::RefundRow {
        key: case.key().to_owned(),
        id: request.map(|request| request.id.to_string()),
        revision: case.revision.into(),
        group: case.group.into(),
        order_number: order.map(|order| order.number.clone()),
        out_trade_no: order.and_then(|order| order.payment.out_trade_no.as_ref()).map(ToString::to_string),
        order_id,
        out_refund_no: row.out_refund_no().map(ToString::to_string),
        refund_id: payout
            .and_then(|payout| payout.refund_id.clone())
            .or_else(|| told.and_then(|told| told.refund_id.clone())),
        kind: request.map(|request| request.kind.as_str().to_owned()),
        state: request.map(|request| request.state.as_str().to_owned()),
        payout: row.payout_word().to_owned(),
        requested_fen: request.map(|request| request.amount.into()),
        max_fen: request.map(|request| request.max.into()),
        amount_fen: amount.into(),
        refundable_fen: order.map(|order| order.amounts.refundable.into()),
        paid_fen: order.map(|order| order.payment.total.into()),
        requested_by: request.map(|request| request.requested_by.clone()),
        reason: request
            .and_then(|request| request.reason_text.clone())
            .or_else(|| own.and_then(|own| own.decision.reason.clone())),
        buyer: order.and_then(|order| order.buyer.as_ref()).and_then(|buyer| buyer.display_name.clone()),
        goods: order.map(|order| goods_in_a_line(&order.lines)),
        verified: row.order.as_ref().map(|row| row.verified.as_str().to_owned()),
        requested_at_ms: request.map(|request| request.requested_at.into()),
        deadline_at_ms: request.and_then(|request| request.deadline_at).map(Into::into),
        accepted_at_ms: row.accepted_at().map(Into::into),
        arrived_at_ms: row.arrived_at().map(Into::into),
        next_at_ms: row.next_at().map(Into::into),
        decision: own.map(|own| dto::RefundDecision {
            amount_fen: own.payout.amount.into(),
            reason: own.decision.reason.clone(),
            actor: own.decision.actor.as_ref().map(|actor| actor.called().to_owned()),
            at_ms: own.created_at.into(),
        }),
        reported: payout.map(|payout| payout.report == domain::payout::Report::Done),
        terminal: told.and_then(|told| told.terminal.as_ref()).map(ToString::to_string),
        fault: why_unfinished(row).map(|fault| Fault::stored(&fault, language)),
        history: case.history.as_ref().map(|history| dto::BuyerHistory {
            orders: counted(history.orders),
            refunds: counted(history.refunds),
            refunded_fen: history.refunded.into(),
        }),
        can_approve: case.choices.approve.is_ok(),
        can_refuse: case.choices.refuse.is_ok(),
        can_agree_return: case.choices.agree_return.is_ok(),
    }
}

impl From<RefundGroup> for dto::RefundGroup {
    fn from(group: RefundGroup) -> dto::RefundGroup {
        match group {
            RefundGroup::ToDecide => dto::RefundGroup::ToDecide,
            RefundGroup::OnTheWay => dto::RefundGroup::OnTheWay,
            RefundGroup::Trouble => dto::RefundGroup::Trouble,
            RefundGroup::Done => dto::RefundGroup::Done,
        }
    }
}

impl From<dto::RefundGroup> for RefundGroup {
    fn from(group: dto::RefundGroup) -> RefundGroup {
        match group {
            dto::RefundGroup::ToDecide => RefundGroup::ToDecide,
            dto::RefundGroup::OnTheWay => RefundGroup::OnTheWay,
            dto::RefundGroup::Trouble => RefundGroup::Trouble,
            dto::RefundGroup::Done => RefundGroup::Done,
        }
    }
}
