use adapters::fault::Fault as Reason;
use catalogue::Language;
use engine::OrderInFull;
use mirror::{GroupCounts, ListedOrder, OrderGroup, OrderRow, PrintState};

use super::{counted, goods_in_a_line, paper, refunds};
use crate::dto;
use crate::error::Fault;

/// A stretch of the list.
pub(crate) fn order_window(window: &mirror::OrderWindow, first: u32) -> dto::OrderWindow {
    dto::OrderWindow { first, total: counted(window.total), rows: window.rows.iter().map(summary).collect() }
}

/// How many orders each group holds.
pub(crate) fn order_counts(counts: &GroupCounts) -> Vec<dto::GroupCount> {
    counts
        .iter()
        .map(|(group, count)| dto::GroupCount { group: (*group).into(), count: counted(*count) })
        .collect()
}

/// An order in full.
pub(crate) fn order_detail(full: &OrderInFull, language: Language) -> dto::OrderDetail {
    let row = &full.listed.row;
    let order = &row.order;
    let evidence = row.evidence.as_ref();
    let fault = |code: &String| Fault::stored(&Reason::new(code, Vec::new()), language);
    dto::OrderDetail {
        summary: summary(&full.listed),
        lines: order.lines.iter().map(line).collect(),
        amounts: amounts(order),
        receiver: order.receiver.as_ref().map(receiver),
        pickup: order.pickup.as_ref().map(pickup),
        merchant_note: order.merchant_note.clone(),
        hold: order.hold.as_ref().map(|hold| hold.reason.clone()),
        backend: dto::BackendWord {
            version: order.version.into(),
            payment_state: order.payment.state.as_str().to_owned(),
            total_fen: order.payment.total.into(),
            out_trade_no: text(order.payment.out_trade_no.as_ref()),
            transaction_id: text(order.payment.transaction_id.as_ref()),
            mch_id: text(order.payment.mchid.as_ref()),
            app_id: text(order.payment.appid.as_ref()),
            paid_at_ms: order.payment.paid_at.map(Into::into),
        },
        wechat: evidence.and_then(|evidence| evidence.payment.as_ref()).map(wechat_word),
        differences: evidence
            .map(|evidence| evidence.differences.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|one| dto::Difference {
                field: one.field.clone(),
                expected: one.expected.clone(),
                found: one.found.clone(),
            })
            .collect(),
        verified_at_ms: row.verified_at.map(Into::into),
        ask_at_ms: row.ask_at.map(Into::into),
        ask_fault: evidence.and_then(|evidence| evidence.error.as_ref()).map(fault),
        refunds: full.refunds.iter().map(|case| refunds::refund(case, language)).collect(),
        timeline: full.timeline.iter().map(|moment| self::moment(moment, language)).collect(),
        papers: full.papers.iter().map(|job| paper(job, language)).collect(),
        refund_refusal: full
            .refund_refusal
            .as_ref()
            .map(|refusal| Fault::stored(&Reason::from(refusal), language)),
    }
}

/// A row of the list.
fn summary(listed: &ListedOrder) -> dto::OrderSummary {
    let OrderRow { order, verified, revision, .. } = &listed.row;
    let buyer = order.buyer.as_ref();
    dto::OrderSummary {
        id: order.id.to_string(),
        number: order.number.clone(),
        revision: (*revision).into(),
        placed_at_ms: order.placed_at.into(),
        paid_at_ms: order.payment.paid_at.map(Into::into),
        goods: goods_in_a_line(&order.lines),
        pieces: order.lines.iter().map(|line| line.quantity).sum(),
        total_fen: order.amounts.total.into(),
        refunded_fen: order.amounts.refunded.into(),
        fulfilment: order.fulfilment.as_str().to_owned(),
        payment: order.payment.state.as_str().to_owned(),
        method: order.payment.method.as_ref().map(|method| method.as_str().to_owned()),
        verified: verified.as_str().to_owned(),
        kind: order.kind.as_str().to_owned(),
        pickup_code: order.pickup.as_ref().and_then(|pickup| pickup.code.clone()),
        buyer: buyer
            .and_then(|buyer| buyer.display_name.clone())
            .or_else(|| order.receiver.as_ref().and_then(|receiver| receiver.name.clone())),
        note: buyer.and_then(|buyer| buyer.note.clone()),
        unseen: listed.has_open_alert,
        refunding: listed.refunding,
        printed: match listed.printed {
            PrintState::No => dto::PrintState::No,
            PrintState::Queued => dto::PrintState::Queued,
            PrintState::Printed => dto::PrintState::Printed,
            PrintState::Trouble => dto::PrintState::Trouble,
        },
    }
}

fn line(line: &domain::OrderLine) -> dto::OrderLine {
    dto::OrderLine {
        id: line.id.clone(),
        title: line.title.clone(),
        spec: line.spec.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity,
        unit_price_fen: line.unit_price.map(Into::into),
        total_fen: line.total.into(),
        refunded_quantity: line.refunded_quantity,
        note: line.note.clone(),
    }
}

fn amounts(order: &domain::Order) -> dto::Amounts {
    let amounts = &order.amounts;
    dto::Amounts {
        goods_fen: amounts.goods.map(Into::into),
        freight_fen: amounts.freight.map(Into::into),
        discounts: amounts
            .discounts
            .iter()
            .map(|discount| dto::Discount {
                label: discount.label.clone(),
                amount_fen: discount.amount.into(),
            })
            .collect(),
        total_fen: amounts.total.into(),
        refunded_fen: amounts.refunded.into(),
        refundable_fen: amounts.refundable.into(),
        add_up: order.amounts_add_up(),
    }
}

fn receiver(receiver: &domain::Receiver) -> dto::Receiver {
    let parts = [&receiver.province, &receiver.city, &receiver.district, &receiver.detail];
    let address: String = parts.into_iter().flatten().map(String::as_str).collect();
    dto::Receiver {
        name: receiver.name.clone(),
        phone: receiver.phone.clone(),
        address: (!address.is_empty()).then_some(address),
    }
}

fn pickup(pickup: &domain::Pickup) -> dto::Pickup {
    dto::Pickup {
        code: pickup.code.clone(),
        store: pickup.store.clone(),
        from_ms: pickup.time_from.map(Into::into),
        to_ms: pickup.time_to.map(Into::into),
    }
}

fn wechat_word(payment: &domain::WechatPayment) -> dto::WechatWord {
    dto::WechatWord {
        trade_state: payment.trade_state.as_str().to_owned(),
        total_fen: payment.total.map(Into::into),
        out_trade_no: text(payment.out_trade_no.as_ref()),
        transaction_id: text(payment.transaction_id.as_ref()),
        mch_id: Some(payment.mch_id.to_string()),
        app_id: Some(payment.appid.to_string()),
        paid_at_ms: payment.paid_at.map(Into::into),
    }
}

/// A moment with the one particular that a person wants beside it.
fn moment(moment: &mirror::MomentRow, language: Language) -> dto::Moment {
    let detail = |name: &str| moment.detail.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let template = detail("template")
        .and_then(|word| catalogue::find(language, &format!("receipt.copy.{word}")).map(str::to_owned));
    let note = detail("reason")
        .or_else(|| detail("amount").map(|yuan| format!("¥{yuan}")))
        .or(template)
        .or_else(|| detail("trade_state"));
    dto::Moment { at_ms: moment.at.into(), kind: moment.kind.clone(), note, actor: detail("actor") }
}

fn text<T: ToString>(value: Option<&T>) -> Option<String> {
    value.map(ToString::to_string)
}

impl From<dto::OrderQuery> for mirror::OrderQuery {
    fn from(query: dto::OrderQuery) -> mirror::OrderQuery {
        mirror::OrderQuery { group: query.group.into(), search: query.search }
    }
}

impl From<dto::OrderGroup> for OrderGroup {
    fn from(group: dto::OrderGroup) -> OrderGroup {
        match group {
            dto::OrderGroup::All => OrderGroup::All,
            dto::OrderGroup::Unpaid => OrderGroup::Unpaid,
            dto::OrderGroup::ToFulfil => OrderGroup::ToFulfil,
            dto::OrderGroup::Refunding => OrderGroup::Refunding,
            dto::OrderGroup::Attention => OrderGroup::Attention,
            dto::OrderGroup::Done => OrderGroup::Done,
            dto::OrderGroup::Cancelled => OrderGroup::Cancelled,
        }
    }
}

impl From<OrderGroup> for dto::OrderGroup {
    fn from(group: OrderGroup) -> dto::OrderGroup {
        match group {
            OrderGroup::All => dto::OrderGroup::All,
            OrderGroup::Unpaid => dto::OrderGroup::Unpaid,
            OrderGroup::ToFulfil => dto::OrderGroup::ToFulfil,
            OrderGroup::Refunding => dto::OrderGroup::Refunding,
            OrderGroup::Attention => dto::OrderGroup::Attention,
            OrderGroup::Done => dto::OrderGroup::Done,
            OrderGroup::Cancelled => dto::OrderGroup::Cancelled,
        }
    }
}
