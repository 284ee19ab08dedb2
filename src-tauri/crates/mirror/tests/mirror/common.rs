//! Orders and payouts for the tests of this crate.

use domain::payout::Payout;
use domain::reconcile::Noise;
use domain::time::Timestamp;
use domain::verify::Verified;
use domain::{Fen, Order, OrderId, OutRefundNo, RefundRequestId, TerminalId};
use mirror::{AuditKind, Decision, Mirror, NewAudit, NewPayout, OrderRow, PaidFrom};
use serde_json::json;

/// An instant, seconds after a fixed one.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + seconds).unwrap()
}

/// A paid order of one bowl of soy milk.
pub(crate) fn order(id: &str, seconds: i64) -> Order {
    serde_json::from_value(json!({
        "id": id, "number": id, "version": 1, "fulfilment": "paid",
        "payment": {"state": "paid", "method": "wechat", "paid_at": at(seconds), "out_trade_no": format!("T{id}"),
            "transaction_id": format!("42{id}"), "mchid": null, "appid": null, "payer_openid": null, "total": 3780,
            "payer_total": null},
        "placed_at": at(seconds), "completed_at": null, "cancelled_at": null, "ship_before": null, "channel": null,
        "kind": "pickup",
        "amounts": {"goods": null, "freight": null, "discount": null, "discounts": [], "total": 3780, "refunded": 0,
            "refundable": 3780},
        "lines": [{"id": "1", "sku": null, "title": "现磨豆浆 Soy", "spec": "大杯", "quantity": 1, "unit_price": null,
            "total": 3780, "shipped_quantity": null, "refunded_quantity": null, "note": null}],
        "buyer": null, "receiver": null, "pickup": null, "merchant_note": null, "shipments": [],
        "refund_requests": [], "ack": {"acked_at": null, "acked_by": null, "tickets": []}, "hold": null
    }))
    .unwrap()
}

/// The order's row as first seen.
pub(crate) fn row(order: Order) -> OrderRow {
    OrderRow {
        order,
        verified: Verified::Pending,
        verified_at: None,
        evidence: None,
        ask_at: Some(at(0)),
        ask_failures: 0,
        noise: Noise::Live,
        first_seen: at(0),
        revision: 0,
    }
}

/// A payout of `fen` of order 1 for a request, under a number made from `round`.
pub(crate) fn payout(request: &str, round: u32, fen: i64) -> NewPayout {
    let number = OutRefundNo::new(format!("mr{round}-{request}")).unwrap();
    NewPayout {
        request_id: Some(RefundRequestId::new(request).unwrap()),
        order_id: OrderId::new("1").unwrap(),
        paid_from: PaidFrom {
            mch_id: "1900000109".to_owned(),
            out_trade_no: Some("T1".to_owned()),
            transaction_id: Some("421".to_owned()),
        },
        decision: Decision { version: 1, seen: String::new(), reason: None, actor: None },
        decided_at: at(0),
        idempotency_key: format!("key-{request}-{round}-0123456789"),
        payout: Payout::wanted(number, round, Fen::new(fen), Fen::new(3780), at(0)),
    }
}

/// What a member of the staff did at the counter.
pub(crate) fn audit(kind: AuditKind, who: &str) -> NewAudit {
    NewAudit::new(kind, &TerminalId::new("till-1").unwrap()).by(Some(who))
}

/// A mirror in a folder of its own.
pub(crate) fn mirror() -> (tempfile::TempDir, Mirror) {
    let folder = tempfile::tempdir().unwrap();
    let mirror = Mirror::open(&folder.path().join("mirror.db")).unwrap();
    (folder, mirror)
}
