//! The days before the sandbox began: orders placed, paid, shipped and refunded, written into the shop's records and
//! WeChat's books at once. They do not travel over sockets, so that ten thousand are there in a moment; both sides
//! agree all the same, down to the refund's numbers.

use domain::{
    BackendPayoutState, Fen, Fulfilment, OrderKind, OutRefundNo, PaymentMethod, PaymentState, RefundKind,
    RefundState,
    time::{self, SignedDuration, Timestamp},
};
use merchant_api::wire::{
    ChangeReason, DecisionRecord, Order, Payout, RefundRequest, ReturnInfo, Shipment, WeChatUpload,
};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use wechat_pay::v2::SignType;

use crate::backend::{Backend, Store, payout_mode};
use crate::gateway::{Gateway, Ledger, RefundEnd, RefundOrder, RefundRules, Trade, TradeState};
use crate::generator;
use crate::goods::REFUND_REASONS;
use crate::identity::{Stream, chance};

/// How far back the first order lies.
const DAYS: i64 = 7;

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Paid,
    Unpaid,
    Cancelled,
    Shipped,
    Completed,
    RefundPending,
    ReturnWaiting,
    Refunded,
    Rejected,
}

/// Twenty orders in a row have one of each, so that a short history is a mixed one as well.
const FATES: [Fate; 20] = {
    use Fate::*;
    [
        Paid,
        Completed,
        Paid,
        RefundPending,
        Unpaid,
        Paid,
        Completed,
        Shipped,
        Paid,
        Refunded,
        Paid,
        Completed,
        Cancelled,
        Paid,
        RefundPending,
        Completed,
        Rejected,
        Paid,
        ReturnWaiting,
        Completed,
    ]
};

/// Writes `count` orders of the last days.
pub(crate) fn write(backend: &Backend, gateway: &Gateway, seed: u64, count: u32, now: Timestamp) {
    let mut rng = chance(seed, Stream::History);
    let span = DAYS * 86_400;
    let mut ages: Vec<i64> = (0..count).map(|_| rng.random_range(60..span)).collect();
    ages.sort_unstable_by(|one, other| other.cmp(one));
    let mut store = backend.store();
    let mut ledger = gateway.ledger();
    for (age, fate) in ages.into_iter().zip(FATES.iter().cycle()) {
        let placed_at = time::plus_seconds(now, -age);
        let mut writer = Writer { backend, gateway, rng: &mut rng, store: &mut store, ledger: &mut ledger };
        writer.order(placed_at, *fate);
    }
}

struct Writer<'a, R> {
    backend: &'a Backend,
    gateway: &'a Gateway,
    rng: &'a mut R,
    store: &'a mut Store,
    ledger: &'a mut Ledger,
}

impl<R: Rng> Writer<'_, R> {
    fn order(&mut self, placed_at: Timestamp, fate: Fate) {
        let (id, out_trade_no) = self.store.next_order_id();
        let mut draft = generator::draft(self.rng);
        if matches!(fate, Fate::RefundPending | Fate::ReturnWaiting | Fate::Refunded | Fate::Rejected) {
            // So that even a short history has refunds for the console to pay.
            draft.method = PaymentMethod::Wechat;
        }
        let mut order = draft.into_order(id, out_trade_no, &self.backend.identity, placed_at);
        self.trade(&order);
        let paid_at = time::plus_seconds(placed_at, self.rng.random_range(4..50));
        match fate {
            Fate::Unpaid => self.store.insert_order(order, ChangeReason::Created, placed_at),
            Fate::Cancelled => {
                let at = time::plus_seconds(placed_at, 50);
                order.state = Fulfilment::Cancelled;
                order.cancelled_at = Some(at);
                order.version = 2;
                if let Some(number) = &order.payment.out_trade_no {
                    self.ledger.close(number.as_str());
                }
                self.store.insert_order(order, ChangeReason::Cancelled, at);
            }
            fate => {
                self.pay(&mut order, paid_at);
                self.go_on(order, paid_at, fate);
            }
        }
    }

    fn trade(&mut self, order: &Order) {
        let Some(number) = &order.payment.out_trade_no else { return };
        self.ledger.insert_trade(Trade {
            out_trade_no: number.to_string(),
            total: order.payment.total_fen,
            openid: order.payment.payer_openid.clone().unwrap_or_default(),
            trade_type: "JSAPI".to_owned(),
            attach: None,
            notify_url: self.backend.notify_url(),
            sign_type: SignType::Md5,
            fingerprint: String::new(),
            expires_at: None,
            state: TradeState::NotPaid,
            refunds: Vec::new(),
        });
    }

    fn pay(&mut self, order: &mut Order, at: Timestamp) {
        // WeChat tells times to the second.
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        order.version = 2;
        order.state = Fulfilment::Paid;
        order.payment.state = PaymentState::Paid;
        order.payment.paid_at = Some(at);
        if let Some(number) = order.payment.out_trade_no.clone() {
            let transaction_id = self.gateway.transaction_id(at);
            self.ledger.pay(number.as_str(), transaction_id.to_string(), at);
            order.payment.transaction_id = Some(transaction_id);
            order.payment.payer_total_fen = Some(order.payment.total_fen);
        }
    }

    fn go_on(&mut self, mut order: Order, paid_at: Timestamp, fate: Fate) {
        let later = time::plus_seconds(paid_at, 20);
        match fate {
            Fate::Shipped | Fate::Completed | Fate::ReturnWaiting => {
                ship(&mut order, later, self.rng.random_range(0..10_000_000));
                if fate != Fate::Shipped {
                    order.state = Fulfilment::Completed;
                    order.completed_at = Some(later);
                }
                let reason =
                    if fate == Fate::Shipped { ChangeReason::Shipped } else { ChangeReason::Completed };
                self.store.insert_order(order.clone(), reason, later);
            }
            _ => self.store.insert_order(order.clone(), ChangeReason::Paid, paid_at),
        }
        let at = time::plus_seconds(paid_at, 35);
        match fate {
            Fate::RefundPending | Fate::ReturnWaiting | Fate::Refunded | Fate::Rejected => {
                self.request(&order, fate, at);
            }
            _ => {}
        }
    }

    fn request(&mut self, order: &Order, fate: Fate, at: Timestamp) {
        let (code, text) = REFUND_REASONS.choose(self.rng).copied().unwrap_or(("other", "其他"));
        let total = order.amounts.total_fen;
        let whole = self.rng.random_bool(0.5);
        let amount = if whole { total } else { Fen::new((total.get() / 2).max(1)) };
        let mut request = RefundRequest {
            id: self.store.next_request_id(),
            order_id: order.id.clone(),
            version: 1,
            state: RefundState::Pending,
            kind: if fate == Fate::ReturnWaiting { RefundKind::ReturnRefund } else { RefundKind::RefundOnly },
            requested_by: Some("buyer".to_owned()),
            amount_fen: amount,
            max_fen: total,
            reason_code: Some(code.to_owned()),
            reason_text: Some(text.to_owned()),
            images: Vec::new(),
            lines: Vec::new(),
            requested_at: at,
            deadline_at: Some(time::plus_seconds(at, 48 * 3_600)),
            on_deadline: Some("escalate".to_owned()),
            return_info: None,
            decision: None,
            payout: Payout { mode: Some(payout_mode(order)), ..Payout::default() },
        };
        let mut refunded = Fen::ZERO;
        match fate {
            Fate::ReturnWaiting => {
                request.state = RefundState::WaitingReturn;
                request.return_info =
                    Some(ReturnInfo { required: true, carrier: None, tracking_no: None, received_at: None });
                request.decision = Some(decided(("approve", Some("agree_return")), Some(amount), at));
            }
            Fate::Rejected => {
                request.state = RefundState::Rejected;
                request.decision = Some(decided(("reject", None), None, at));
            }
            Fate::Refunded => {
                if let Some(payout) = self.refund(order, &request, at) {
                    request.state = RefundState::Succeeded;
                    request.decision = Some(decided(("approve", Some("refund")), Some(amount), at));
                    request.payout = payout;
                    refunded = amount;
                }
            }
            _ => {}
        }
        if request.decision.is_some() {
            request.version = 2;
        }
        self.store.insert_request(request, at);
        if refunded != Fen::ZERO {
            let id = order.id.as_str();
            self.store
                .change_order(id, ChangeReason::Refunded, at, |order| order.amounts.refunded_fen = refunded);
        }
    }

    /// A refund that WeChat paid, as the console would have asked for it.
    fn refund(&mut self, order: &Order, request: &RefundRequest, at: Timestamp) -> Option<Payout> {
        let subject = domain::id::RefundSubject::Request(&request.id);
        let refund_no = OutRefundNo::derive(&self.backend.identity.shop_id, &subject, 1);
        let asked = RefundOrder {
            transaction_id: None,
            out_trade_no: order.payment.out_trade_no.as_ref().map(ToString::to_string),
            out_refund_no: refund_no.to_string(),
            total: order.payment.total_fen,
            amount: request.amount_fen,
            notify_url: None,
        };
        let rules = RefundRules { one_minute: false, end: RefundEnd::Success };
        let refund_id = self.gateway.refund_id(at);
        self.ledger.refund(&asked, rules, at, || refund_id.clone()).ok()?;
        let succeeded_at = time::plus_seconds(at, 2);
        self.ledger.settle(succeeded_at, SignedDuration::from_secs(1));
        Some(Payout {
            mode: request.payout.mode,
            state: BackendPayoutState::Success,
            round: 1,
            refund_no: Some(refund_no),
            amount_fen: Some(request.amount_fen),
            refund_id: Some(refund_id),
            terminal: None,
            claimed_at: Some(at),
            claim_until: None,
            succeeded_at: Some(succeeded_at),
            error: None,
        })
    }
}

fn ship(order: &mut Order, at: Timestamp, parcel: u32) {
    let express = order.kind == OrderKind::Express;
    order.version += 1;
    order.state = Fulfilment::Shipped;
    for line in &mut order.lines {
        line.shipped_qty = Some(line.qty);
    }
    order.shipments.push(Shipment {
        id: "P1".to_owned(),
        kind: order.kind.clone(),
        carrier: express.then(|| "SF".to_owned()),
        carrier_name: express.then(|| "顺丰速运".to_owned()),
        tracking_no: express.then(|| format!("SF100000{parcel:07}")),
        lines: Vec::new(),
        shipped_at: Some(at),
        wechat: Some(WeChatUpload {
            state: "uploaded".to_owned(),
            errcode: None,
            errmsg: None,
            uploaded_at: Some(at),
        }),
    });
}

fn decided((decision, step): (&str, Option<&str>), amount: Option<Fen>, at: Timestamp) -> DecisionRecord {
    DecisionRecord {
        decision: decision.to_owned(),
        step: step.map(str::to_owned),
        amount_fen: amount,
        reason_code: None,
        reason_text: (decision == "reject").then(|| "已开始制作，无法退款".to_owned()),
        at,
        by: Some("backend".to_owned()),
        terminal: None,
        operator: None,
    }
}
