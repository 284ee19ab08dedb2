//! The days before the sandbox began: orders placed, paid, shipped and refunded, written into the shop's records and
//! WeChat's books at once. They do not travel over sockets, so that ten thousand are there in a moment; both sides
//! agree all the same, down to the refund's numbers.

use std::ops::Range;

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
use crate::generator::{self, Draft};
use crate::goods::REFUND_REASONS;
use crate::identity::{Stream, chance};

/// How far back the first order lies.
const DAYS: i64 = 7;

/// "The last hours", in seconds.
const RECENT_S: i64 = 3 * 3_600;

/// How long a paid order waits for its buyer at most, in seconds.
const WAITS_S: i64 = 20 * 3_600;

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

/// Counted from the newest, which order has a name and a note that fit on no line: near the top of every list.
const LONG_ORDER: u32 = 3;

/// Writes `count` orders of the last days.
pub(crate) fn write(backend: &Backend, gateway: &Gateway, seed: u64, count: u32, now: Timestamp) {
    let mut rng = chance(seed, Stream::History);
    let mut store = backend.store();
    let mut ledger = gateway.ledger();
    let fates = FATES.iter().cycle();
    for ((placed_at, fate), left) in times(seed, count, now).into_iter().zip(fates).zip((0..count).rev()) {
        let mut writer =
            Writer { backend, gateway, now, rng: &mut rng, store: &mut store, ledger: &mut ledger };
        let draft = if left == LONG_ORDER { writer.long_draft() } else { generator::draft(writer.rng) };
        writer.order(draft, placed_at, *fate);
    }
}

/// When the orders were placed, the oldest first: in the café's hours, most of them before work and in the afternoon,
/// and some in the last hours, whatever the hour is, so that today is never empty.
///
/// They have a stream of chance of their own: how many draws it takes depends on the clock, and what was bought may not.
fn times(seed: u64, count: u32, now: Timestamp) -> Vec<Timestamp> {
    let mut rng = chance(seed, Stream::Times);
    let mut times: Vec<Timestamp> = (0..count)
        .map(|_| {
            if rng.random_bool(0.15) {
                return time::plus_seconds(now, -rng.random_range(60..RECENT_S));
            }
            loop {
                let at = time::plus_seconds(now, -rng.random_range(60..DAYS * 86_400));
                let custom = match at.to_zoned_datetime(time::beijing()).hour() {
                    8..=10 | 14..=16 => 1.0,
                    7..=21 => 0.5,
                    _ => 0.0,
                };
                if rng.random_bool(custom) {
                    return at;
                }
            }
        })
        .collect();
    times.sort_unstable();
    times
}

struct Writer<'a, R> {
    backend: &'a Backend,
    gateway: &'a Gateway,
    now: Timestamp,
    rng: &'a mut R,
    store: &'a mut Store,
    ledger: &'a mut Ledger,
}

impl<R: Rng> Writer<'_, R> {
    fn order(&mut self, mut draft: Draft, placed_at: Timestamp, fate: Fate) {
        let (id, out_trade_no) = self.store.next_order_id();
        if matches!(fate, Fate::RefundPending | Fate::ReturnWaiting | Fate::Refunded | Fate::Rejected) {
            // So that even a short history has refunds for the console to pay.
            draft.method = PaymentMethod::Wechat;
        }
        let mut order = draft.into_order(id, out_trade_no, &self.backend.identity, placed_at);
        self.trade(&order);
        let paid_at = self.after(placed_at, 4..50);
        match fate {
            Fate::Unpaid => self.store.insert_order(order, ChangeReason::Created, placed_at),
            Fate::Cancelled => {
                let at = self.after(placed_at, 60..1_800);
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
        let later = self.after(paid_at, 240..2_400);
        // Drawn for every order, needed or not: what comes next may not depend on the hour.
        let parcel = self.rng.random_range(0..10_000_000);
        let handed_over = match fate {
            // What was bought on a day before was fetched or brought.
            Fate::Paid => self.now.as_second() - paid_at.as_second() > WAITS_S,
            // Most people complain about what they have.
            Fate::Shipped | Fate::Completed | Fate::ReturnWaiting | Fate::Refunded | Fate::Rejected => true,
            Fate::RefundPending | Fate::Unpaid | Fate::Cancelled => false,
        };
        if handed_over {
            ship(&mut order, later, parcel);
            if fate != Fate::Shipped {
                order.state = Fulfilment::Completed;
                order.completed_at = Some(later);
            }
            let reason = if fate == Fate::Shipped { ChangeReason::Shipped } else { ChangeReason::Completed };
            self.store.insert_order(order.clone(), reason, later);
        } else {
            self.store.insert_order(order.clone(), ChangeReason::Paid, paid_at);
        }
        let soon = self.after(later, 60..7_200);
        // What still waits for an answer was asked within the day: the desk has two of them.
        let lately = time::plus_seconds(self.now, -self.rng.random_range(300..72_000));
        match fate {
            Fate::RefundPending | Fate::ReturnWaiting => self.request(&order, fate, soon.max(lately)),
            Fate::Refunded | Fate::Rejected => self.request(&order, fate, soon),
            _ => {}
        }
    }

    /// Some seconds later, and not in the future.
    fn after(&mut self, at: Timestamp, seconds: Range<i64>) -> Timestamp {
        let most = (self.now.as_second() - at.as_second()) / 2;
        time::plus_seconds(at, self.rng.random_range(seconds).min(most))
    }

    /// What the office upstairs orders, brought there.
    fn long_draft(&mut self) -> Draft {
        loop {
            let mut draft = generator::draft(self.rng);
            if draft.kind == OrderKind::SameCity {
                draft.lengthen();
                draft.method = PaymentMethod::Wechat;
                return draft;
            }
        }
    }

    fn request(&mut self, order: &Order, fate: Fate, at: Timestamp) {
        let (code, text) = REFUND_REASONS.choose(self.rng).copied().unwrap_or(("other", "其他"));
        let total = order.amounts.total_fen;
        let whole = self.rng.random_bool(0.5);
        // One thing of several, or else all of it.
        let first = order.lines.first().map(|line| line.total_fen).filter(|fen| *fen < total);
        let amount = if whole { total } else { first.unwrap_or(total) };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_came_in_the_cafes_hours_and_some_of_them_lately() {
        // In the middle of the night, in Beijing.
        let now: Timestamp = "2026-06-01T19:00:00Z".parse().unwrap();
        let times = times(1, 500, now);
        assert!(times.is_sorted() && times.len() == 500);
        let age_s = |at: &Timestamp| now.as_second() - at.as_second();
        assert!(times.iter().all(|at| (60..=DAYS * 86_400).contains(&age_s(at))));
        let (lately, before): (Vec<_>, Vec<_>) = times.iter().partition(|at| age_s(at) < RECENT_S);
        assert!((30..150).contains(&lately.len()), "{}", lately.len());
        let hour = |at: &&Timestamp| at.to_zoned_datetime(time::beijing()).hour();
        assert!(before.iter().all(|at| (7..22).contains(&hour(at))));
    }
}
