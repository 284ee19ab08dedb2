//! Orders, requests and amounts for the scenes.

use domain::time::{SignedDuration, Timestamp};
use domain::{
    Ack, AppId, BackendPayout, BackendPayoutState, Fen, MchId, Order, OrderId, PayoutMode, RefundKind,
    RefundRequest, RefundRequestId, RefundState, TradeState, WechatPayment,
};
use engine::TicketRule;
use engine::ports::Place;
use serde_json::json;

/// An amount.
pub fn fen(fen: i64) -> Fen {
    Fen::new(fen)
}

/// A duration.
pub fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// An order's id.
pub fn order_id(id: &str) -> OrderId {
    OrderId::new(id).unwrap()
}

/// A refund request's id.
pub fn request_id(id: &str) -> RefundRequestId {
    RefundRequestId::new(id).unwrap()
}

/// What a person approves who changes nothing.
pub fn whole() -> engine::Approval {
    engine::Approval::default()
}

/// One ticket per paid order.
pub fn rule(template: &str, target: &str, copies: u32) -> TicketRule {
    TicketRule { template: template.to_owned(), target: target.to_owned(), width_mm: 80, copies }
}

/// An order of soy milk that the backend calls paid.
pub fn paid_order(id: &str, total: i64, at: Timestamp) -> Order {
    serde_json::from_value(json!({
        "id": id, "number": format!("N{id}"), "version": 1, "fulfilment": "paid",
        "payment": {"state": "paid", "method": "wechat", "paid_at": at, "out_trade_no": format!("T{id}"),
            "transaction_id": format!("42{id}"), "mchid": null, "appid": null, "payer_openid": null, "total": total,
            "payer_total": null},
        "placed_at": at, "completed_at": null, "cancelled_at": null, "ship_before": null, "channel": null,
        "kind": "pickup",
        "amounts": {"goods": null, "freight": null, "discount": null, "discounts": [], "total": total, "refunded": 0,
            "refundable": total},
        "lines": [{"id": "1", "sku": null, "title": "豆浆", "spec": null, "quantity": 1, "unit_price": null,
            "total": total, "shipped_quantity": null, "refunded_quantity": null, "note": null}],
        "buyer": null, "receiver": null, "pickup": null, "merchant_note": null, "shipments": [],
        "refund_requests": [], "ack": Ack::default(), "hold": null
    }))
    .unwrap()
}

/// The same, not paid yet.
pub fn unpaid_order(id: &str, total: i64, at: Timestamp) -> Order {
    let mut order = paid_order(id, total, at);
    order.fulfilment = domain::Fulfilment::Unpaid;
    order.payment.state = domain::PaymentState::Unpaid;
    order.payment.paid_at = None;
    order.payment.transaction_id = None;
    order.amounts.refundable = Fen::ZERO;
    order
}

/// A buyer's wish for money back.
pub fn refund_request(id: &str, order: &Order, amount: i64, at: Timestamp) -> RefundRequest {
    RefundRequest {
        id: request_id(id),
        order_id: order.id.clone(),
        version: 1,
        state: RefundState::Pending,
        kind: RefundKind::RefundOnly,
        requested_by: "buyer".to_owned(),
        amount: Fen::new(amount),
        max: order.payment.total,
        reason_code: None,
        reason_text: None,
        lines: Vec::new(),
        requested_at: at,
        deadline_at: None,
        payout: no_payout(None),
    }
}

pub(crate) fn no_payout(mode: Option<PayoutMode>) -> BackendPayout {
    BackendPayout {
        mode,
        state: BackendPayoutState::None,
        round: 0,
        refund_no: None,
        amount: None,
        refund_id: None,
        terminal: None,
        claim_until: None,
        succeeded_at: None,
        error: None,
    }
}

/// What WeChat has of an order that was paid.
pub(crate) fn payment_of(order: &Order, at: Timestamp) -> WechatPayment {
    let place = place("till-1");
    WechatPayment {
        trade_state: TradeState::Success,
        trade_state_desc: None,
        appid: place.merchant.app_id,
        mch_id: place.merchant.mch_id,
        out_trade_no: order.payment.out_trade_no.clone(),
        transaction_id: Some(domain::TransactionId::new(format!("42{}", order.id)).unwrap()),
        total: Some(order.payment.total),
        payer_total: None,
        paid_at: Some(at),
        openid: None,
    }
}

pub(crate) fn place(terminal: &str) -> Place {
    Place {
        shop: domain::ShopId::new("s1").unwrap(),
        terminal: domain::TerminalId::new(terminal).unwrap(),
        merchant: domain::verify::Merchant {
            app_id: AppId::new("wx8888888888888888").unwrap(),
            mch_id: MchId::new("1900000109").unwrap(),
        },
    }
}
