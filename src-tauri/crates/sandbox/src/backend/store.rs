//! What the demo shop knows: orders, refund requests and the one sequence of changes (contract R3, R6).
//!
//! Everything lies under one lock. A change and its entry in the sequence become visible together and in order, which
//! is what R6 asks for and what databases with plain sequence numbers get wrong.

use std::collections::{BTreeSet, HashMap};

use domain::{BackendPayoutState, Fen, OrderId, OutTradeNo, PaymentState, RefundRequestId, time::Timestamp};
use merchant_api::wire::{ChangeReason, ObjectKind, Order, RefundRequest, RefundSummary};
use tokio::sync::watch;

use super::idempotency::Replies;

/// The shop's records.
pub(crate) struct Store {
    orders: HashMap<String, OrderRecord>,
    by_trade: HashMap<String, OrderId>,
    newest_orders: BTreeSet<(Timestamp, String)>,
    requests: HashMap<String, RefundRequest>,
    newest_requests: BTreeSet<(Timestamp, String)>,
    /// Which request a refund number belongs to; every number ever claimed stays.
    refund_numbers: HashMap<String, RefundRequestId>,
    changes: Vec<Entry>,
    end: watch::Sender<usize>,
    order_count: u64,
    request_count: u64,
    pub(super) replies: Replies,
}

/// An order with what the contract does not show.
pub(crate) struct OrderRecord {
    pub(crate) order: Order,
    /// Its refund requests, oldest first.
    requests: Vec<RefundRequestId>,
    /// When the entry that told of the payment was written.
    pub(crate) paid_entry_at: Option<Timestamp>,
}

/// One entry of the sequence of changes; its place is its index plus one.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) kind: ObjectKind,
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) reason: ChangeReason,
    pub(super) at: Timestamp,
}

impl Store {
    pub(super) fn new() -> Store {
        Store {
            orders: HashMap::new(),
            by_trade: HashMap::new(),
            newest_orders: BTreeSet::new(),
            requests: HashMap::new(),
            newest_requests: BTreeSet::new(),
            refund_numbers: HashMap::new(),
            changes: Vec::new(),
            end: watch::Sender::new(0),
            order_count: 0,
            request_count: 0,
            replies: Replies::default(),
        }
    }

    /// The next order's number: the id, the number that people say and the `out_trade_no` in one.
    #[expect(clippy::expect_used, reason = "a letter and digits are an id by the pattern of the type")]
    pub(crate) fn next_order_id(&mut self) -> (OrderId, OutTradeNo) {
        self.order_count += 1;
        let number = format!("D{:09}", self.order_count);
        let id = OrderId::new(number.clone()).expect("a letter and digits are an id");
        (id, OutTradeNo::new(number).expect("a letter and digits are an out_trade_no"))
    }

    /// The next refund request's id.
    #[expect(clippy::expect_used, reason = "a letter and digits are an id by the pattern of the type")]
    pub(crate) fn next_request_id(&mut self) -> RefundRequestId {
        self.request_count += 1;
        RefundRequestId::new(format!("R{:08}", self.request_count)).expect("a letter and digits are an id")
    }

    pub(crate) fn order(&self, id: &str) -> Option<&Order> {
        self.orders.get(id).map(|record| &record.order)
    }

    pub(crate) fn order_record(&self, id: &str) -> Option<&OrderRecord> {
        self.orders.get(id)
    }

    pub(crate) fn order_by_trade(&self, out_trade_no: &str) -> Option<&Order> {
        self.order(self.by_trade.get(out_trade_no)?.as_str())
    }

    pub(crate) fn request(&self, id: &str) -> Option<&RefundRequest> {
        self.requests.get(id)
    }

    pub(super) fn number_owner(&self, refund_no: &str) -> Option<&RefundRequestId> {
        self.refund_numbers.get(refund_no)
    }

    /// Puts a new order in, with its first entry.
    pub(crate) fn insert_order(&mut self, mut order: Order, reason: ChangeReason, at: Timestamp) {
        let id = order.id.to_string();
        settle_amounts(&mut order, Fen::ZERO);
        if let Some(number) = &order.payment.out_trade_no {
            self.by_trade.insert(number.to_string(), order.id.clone());
        }
        self.newest_orders.insert((order.placed_at, id.clone()));
        let version = order.version;
        self.orders.insert(id.clone(), OrderRecord { order, requests: Vec::new(), paid_entry_at: None });
        self.record(ObjectKind::Order, id, version, reason, at);
    }

    /// Changes an order: a new version, and an entry of the sequence.
    pub(crate) fn change_order(
        &mut self,
        id: &str,
        reason: ChangeReason,
        at: Timestamp,
        change: impl FnOnce(&mut Order),
    ) -> Option<Order> {
        let summaries = self.summaries(id);
        let reserved = self.reserved(id);
        let record = self.orders.get_mut(id)?;
        change(&mut record.order);
        record.order.version += 1;
        record.order.refund_requests = summaries;
        settle_amounts(&mut record.order, reserved);
        if reason == ChangeReason::Paid {
            // The world's clock and not the shop's: this is what a bench measures from.
            record.paid_entry_at = Some(Timestamp::now());
        }
        let order = record.order.clone();
        self.record(ObjectKind::Order, id.to_owned(), order.version, reason, at);
        Some(order)
    }

    /// Puts a new refund request in and changes its order with it.
    pub(crate) fn insert_request(&mut self, request: RefundRequest, at: Timestamp) {
        let (id, order_id) = (request.id.to_string(), request.order_id.to_string());
        if let Some(number) = &request.payout.refund_no {
            self.refund_numbers.insert(number.to_string(), request.id.clone());
        }
        self.newest_requests.insert((request.requested_at, id.clone()));
        if let Some(record) = self.orders.get_mut(&order_id) {
            record.requests.push(request.id.clone());
        }
        let version = request.version;
        self.requests.insert(id.clone(), request);
        self.record(ObjectKind::RefundRequest, id, version, ChangeReason::Created, at);
        self.change_order(&order_id, ChangeReason::RefundRequested, at, |_| {});
    }

    /// Changes a refund request and with it its order: a new version and an entry for both.
    pub(crate) fn change_request(
        &mut self,
        id: &str,
        reason: ChangeReason,
        at: Timestamp,
        change: impl FnOnce(&mut RefundRequest),
    ) -> Option<RefundRequest> {
        self.change_request_and_order(id, reason, at, change, |_| {})
    }

    /// The same, with a change of the order as well.
    pub(crate) fn change_request_and_order(
        &mut self,
        id: &str,
        reason: ChangeReason,
        at: Timestamp,
        change: impl FnOnce(&mut RefundRequest),
        change_order: impl FnOnce(&mut Order),
    ) -> Option<RefundRequest> {
        let request = self.requests.get_mut(id)?;
        change(request);
        request.version += 1;
        let request = request.clone();
        if let Some(number) = &request.payout.refund_no {
            self.refund_numbers.insert(number.to_string(), request.id.clone());
        }
        self.record(ObjectKind::RefundRequest, id.to_owned(), request.version, reason.clone(), at);
        self.change_order(request.order_id.as_str(), reason, at, change_order);
        Some(request)
    }

    fn record(&mut self, kind: ObjectKind, id: String, version: u64, reason: ChangeReason, at: Timestamp) {
        self.changes.push(Entry { kind, id, version, reason, at });
        self.end.send_replace(self.changes.len());
    }

    /// The entries behind a place in the sequence.
    pub(super) fn entries_after(&self, place: usize) -> &[Entry] {
        self.changes.get(place..).unwrap_or_default()
    }

    /// The present end of the sequence.
    pub(super) fn end(&self) -> usize {
        self.changes.len()
    }

    /// Tells of every new end of the sequence.
    pub(super) fn watch(&self) -> watch::Receiver<usize> {
        self.end.subscribe()
    }

    /// Orders before a place in the list, newest first.
    pub(crate) fn orders_before(&self, place: Option<(Timestamp, String)>) -> impl Iterator<Item = &Order> {
        before(&self.newest_orders, place).filter_map(|id| self.order(id))
    }

    /// Refund requests before a place in the list, newest first.
    pub(super) fn requests_before(
        &self,
        place: Option<(Timestamp, String)>,
    ) -> impl Iterator<Item = &RefundRequest> {
        before(&self.newest_requests, place).filter_map(|id| self.requests.get(id))
    }

    fn requests_of(&self, order_id: &str) -> impl Iterator<Item = &RefundRequest> {
        let ids = self.orders.get(order_id).map(|record| record.requests.as_slice()).unwrap_or_default();
        ids.iter().filter_map(|id| self.requests.get(id.as_str()))
    }

    fn summaries(&self, order_id: &str) -> Vec<RefundSummary> {
        self.requests_of(order_id)
            .map(|request| RefundSummary {
                id: request.id.clone(),
                state: request.state.clone(),
                amount_fen: request.amount_fen,
                version: request.version,
            })
            .collect()
    }

    /// What payouts of the order hold that are under way or stuck (R7).
    fn reserved(&self, order_id: &str) -> Fen {
        self.requests_of(order_id).filter_map(held).sum()
    }

    /// What may still be refunded, leaving out what this request itself holds.
    pub(super) fn refundable_for(&self, order: &Order, request_id: &str) -> Fen {
        let own = self.requests.get(request_id).and_then(held).unwrap_or_default();
        [order.amounts.refundable_fen, own].into_iter().sum()
    }
}

fn held(request: &RefundRequest) -> Option<Fen> {
    match request.payout.state {
        BackendPayoutState::Processing | BackendPayoutState::Abnormal => request.payout.amount_fen,
        BackendPayoutState::None
        | BackendPayoutState::Success
        | BackendPayoutState::Closed
        | BackendPayoutState::Failed
        | BackendPayoutState::Other(_) => None,
    }
}

/// Brings `refundable_fen` and the payment's state in line with what was paid, went back and is reserved.
fn settle_amounts(order: &mut Order, reserved: Fen) {
    let paid = match order.payment.state {
        PaymentState::Paid | PaymentState::PartiallyRefunded | PaymentState::Refunded => {
            order.amounts.total_fen
        }
        PaymentState::Unpaid | PaymentState::Failed | PaymentState::Other(_) => return,
    };
    let refunded = order.amounts.refunded_fen;
    let left = paid.checked_sub(refunded).and_then(|left| left.checked_sub(reserved));
    order.amounts.refundable_fen = left.unwrap_or_default().max(Fen::ZERO);
    order.payment.state = if refunded == Fen::ZERO {
        PaymentState::Paid
    } else if refunded < paid {
        PaymentState::PartiallyRefunded
    } else {
        PaymentState::Refunded
    };
}

fn before(
    set: &BTreeSet<(Timestamp, String)>,
    place: Option<(Timestamp, String)>,
) -> impl Iterator<Item = &str> {
    let range = match place {
        None => set.range(..),
        Some(place) => set.range(..place),
    };
    range.rev().map(|(_, id)| id.as_str())
}
