//! How an order becomes paid: placed at WeChat, told of by WeChat's notice, or found out by asking WeChat.
//!
//! A terminal's word is never enough: `payment-observed` only makes the shop ask the gateway itself.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::{
    Fulfilment, OrderId, OutTradeNo, PaymentMethod, PaymentState, RefundState, WechatPayment, time::Timestamp,
};
use merchant_api::wire::{ChangeReason, Order, PaymentObserved, Payout, ProblemCode, RefundRequest};
use tokio::sync::mpsc;
use wechat_pay::v2::{PaymentNumber, TradeType, UnifiedOrder, notification};

use super::problem::{self, Refused};
use super::{Backend, Call, Reply, Store, etag, payout_mode};
use crate::Error;

/// How often WeChat is asked about an observed payment before the shop gives up until the next hint.
const ATTEMPTS: u32 = 5;

/// An order that WeChat knows and that waits for the buyer.
#[derive(Debug, Clone)]
pub(crate) struct Prepaid {
    pub(crate) id: OrderId,
    pub(crate) out_trade_no: OutTradeNo,
}

impl Backend {
    /// Places a new order: into the shop's records, then at WeChat over TLS.
    pub(crate) async fn place(&self, make: impl FnOnce(&mut Store) -> Order) -> Result<Prepaid, Error> {
        let now = self.now();
        let (order, out_trade_no) = {
            let mut store = self.store();
            let order = make(&mut store);
            store.insert_order(order.clone(), ChangeReason::Created, now);
            let number = order.payment.out_trade_no.clone();
            (order, number)
        };
        let out_trade_no = out_trade_no.ok_or_else(|| Error::NoSuchOrder { number: order.id.to_string() })?;
        let title = order.lines.first().map_or("商品", |line| line.title.as_str());
        let openid = order.payment.payer_openid.clone().unwrap_or_default();
        let placed = UnifiedOrder {
            body: short_body(&self.identity.shop_name, title),
            out_trade_no: out_trade_no.clone(),
            total: order.payment.total_fen,
            client_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            notify_url: self.notify_url(),
            trade_type: TradeType::Jsapi { openid },
            detail: None,
            attach: None,
            started_at: None,
            expires_at: None,
            goods_tag: None,
        };
        self.wechat.unified_order(&placed).await.map_err(|source| Error::WechatPay { source })?;
        Ok(Prepaid { id: order.id, out_trade_no })
    }

    /// Waits until the feed tells that the order is paid; the instant at which it did.
    pub(crate) async fn paid_entry(&self, id: &OrderId, within: Duration) -> Result<Timestamp, Error> {
        let mut end = self.store().watch();
        let waiting = async {
            loop {
                end.borrow_and_update();
                let at = self.store().order_record(id.as_str()).and_then(|record| record.paid_entry_at);
                if let Some(at) = at {
                    return at;
                }
                if end.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(within, waiting)
            .await
            .map_err(|_| Error::NotInTime { number: id.to_string(), state: "paid" })
    }

    pub(super) fn payment_observed(&self, id: &str, call: &Call) -> Result<Reply, Refused> {
        let observed: PaymentObserved = call.read()?;
        let store = self.store();
        let order = store.order(id).ok_or_else(problem::not_found)?;
        if order.payment.out_trade_no.as_ref() != Some(&observed.out_trade_no) {
            let title = "商户订单号不属于该订单";
            return Err(problem::unprocessable(ProblemCode::PaymentMismatch, "out_trade_no", title));
        }
        if order.payment.state == PaymentState::Unpaid {
            // The verifier is gone only while the sandbox shuts down.
            let _ = self.observed.send(order.id.clone());
        }
        let body = serde_json::to_vec(order).unwrap_or_default();
        Ok(Reply { etag: Some(etag(order.version)), ..Reply::raw(StatusCode::ACCEPTED, body) })
    }

    /// Marks an order paid, after comparing WeChat's word with the shop's own record.
    fn book(&self, payment: &WechatPayment) -> Result<(), &'static str> {
        let now = self.now();
        let mut store = self.store();
        let order = payment
            .out_trade_no
            .as_ref()
            .and_then(|number| store.order_by_trade(number.as_str()))
            .ok_or("订单不存在")?
            .clone();
        if payment.appid != self.identity.app_id || payment.mch_id != self.identity.mch_id {
            return Err("商户号或appid不一致");
        }
        if payment.total != Some(order.payment.total_fen) {
            return Err("金额不一致");
        }
        if order.payment.state != PaymentState::Unpaid {
            return Ok(());
        }
        let cancelled = order.state != Fulfilment::Unpaid;
        let changed = store.change_order(order.id.as_str(), ChangeReason::Paid, now, |order| {
            order.payment.state = PaymentState::Paid;
            order.payment.method = Some(PaymentMethod::Wechat);
            order.payment.paid_at = payment.paid_at;
            order.payment.transaction_id = payment.transaction_id.clone();
            order.payment.payer_total_fen = payment.payer_total;
            if !cancelled {
                order.state = Fulfilment::Paid;
            }
        });
        if let (true, Some(order)) = (cancelled, changed) {
            let id = store.next_request_id();
            store.insert_request(request_for_cancelled(id, &order, now), now);
        }
        Ok(())
    }
}

/// The buyer paid an order that was cancelled: the money should go back.
fn request_for_cancelled(id: domain::RefundRequestId, order: &Order, now: Timestamp) -> RefundRequest {
    RefundRequest {
        id,
        order_id: order.id.clone(),
        version: 1,
        state: RefundState::Pending,
        kind: domain::RefundKind::RefundOnly,
        requested_by: Some("system".to_owned()),
        amount_fen: order.amounts.refundable_fen,
        max_fen: order.amounts.refundable_fen,
        reason_code: Some("paid_after_cancel".to_owned()),
        reason_text: Some("订单取消后到账".to_owned()),
        images: Vec::new(),
        lines: Vec::new(),
        requested_at: now,
        deadline_at: None,
        on_deadline: None,
        return_info: None,
        decision: None,
        payout: Payout { mode: Some(payout_mode(order)), ..Payout::default() },
    }
}

/// WeChat's notice that somebody paid.
pub(super) async fn notified(State(backend): State<Arc<Backend>>, body: Bytes) -> Response {
    let reply = match notification::payment(&body, &backend.identity.api_v2_key) {
        Ok(notice) => match backend.book(&notice.payment) {
            Ok(()) => notification::accepted(),
            Err(reason) => notification::refused(reason),
        },
        Err(error) => {
            tracing::debug!(%error, "a payment notice was not accepted");
            notification::refused("签名错误")
        }
    };
    ([("content-type", "text/xml; charset=utf-8")], reply).into_response()
}

/// Asks WeChat about each order that a terminal saw paid, for as long as the task lives.
pub(crate) async fn verify_observed(backend: Arc<Backend>, mut observed: mpsc::UnboundedReceiver<OrderId>) {
    while let Some(id) = observed.recv().await {
        let number = backend.store().order(id.as_str()).and_then(|order| order.payment.out_trade_no.clone());
        let Some(number) = number else { continue };
        for attempt in 1..=ATTEMPTS {
            match backend.wechat.query_order(&PaymentNumber::OutTradeNo(number.clone())).await {
                Ok(payment) if payment.trade_state.is_paid() => {
                    if let Err(reason) = backend.book(&payment) {
                        tracing::debug!(order = %id, reason, "an observed payment does not fit");
                    }
                    break;
                }
                Ok(_) => break,
                Err(error) => {
                    tracing::debug!(%error, order = %id, attempt, "WeChat could not be asked");
                    tokio::time::sleep(Duration::from_millis(200 * u64::from(attempt))).await;
                }
            }
        }
    }
}

/// `body` has at most 127 bytes (sheet wechat-pay-v2, section 6.1).
fn short_body(shop: &str, title: &str) -> String {
    let plain: String = format!("{shop}-{title}").chars().filter(|c| !c.is_control()).collect();
    plain[..plain.floor_char_boundary(127)].to_owned()
}
