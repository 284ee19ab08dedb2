//! The shop's backend: orders, requests and a feed, by the rules of `merchant-api.yaml` R3, R4, R6, R7 and R8.

use std::collections::{BTreeMap, BTreeSet};

use domain::staff::Signature;
use domain::time::{SignedDuration, Timestamp};
use domain::{
    BackendPayout, BackendPayoutState as Paid, Fen, Order, OrderId, OutRefundNo, PaymentState, PayoutMode,
    RefundRequest, RefundRequestId, RefundState, RefundStatus, RefundSummary, TerminalId,
};
use engine::ports::{
    Approve, Capabilities, Change, Changes, Page, PaymentNumber, PayoutFact, PayoutReport, RefundOrder,
    Reject, SendRefund, SourceError, SourceErrorKind, TicketClaim,
};
use tokio::sync::watch;

use super::Wechat;
use super::things::no_payout;

type Answer = Result<RefundRequest, SourceError>;

/// The shop's backend.
pub struct Backend {
    /// What it can do.
    pub capabilities: Capabilities,
    /// Its orders.
    pub orders: BTreeMap<OrderId, Order>,
    /// Its refund requests.
    pub requests: BTreeMap<RefundRequestId, RefundRequest>,
    /// Objects that are listed without a readable body.
    pub foul: BTreeSet<String>,
    /// Entries of a page.
    pub page: usize,
    /// How long a claim keeps other terminals away.
    pub claim: SignedDuration,
    /// It says that there is more, and has nothing.
    pub stuck: bool,
    /// Whether its answers tell the time.
    pub tells_time: bool,
    /// How far the time that they tell is ahead of everybody else's.
    pub clock_ahead: SignedDuration,
    /// Whether a conflict shows what the thing is now, as the contract asks for.
    pub shows_current: bool,
    /// What its answers decided last, by the request.
    pub decided: BTreeMap<RefundRequestId, Decided>,
    feed: Vec<Change>,
    /// Grows when the feed starts anew, which makes older cursors worthless.
    epoch: u32,
    length: watch::Sender<usize>,
    replies: BTreeMap<String, (String, RefundRequest)>,
    papers: BTreeMap<(OrderId, String), PaperClaim>,
}

/// A decision that the backend took.
#[derive(Debug, Clone)]
pub struct Decided {
    /// Whose it was.
    pub till: TerminalId,
    /// Who signed it.
    pub by: Option<Signature>,
    /// How much.
    pub amount: Fen,
    /// When it was taken.
    pub at: Timestamp,
}

/// How a read of the feed ends.
pub enum Reading {
    /// Something is there, or nobody waits.
    Now(Changes),
    /// Nothing is there; the feed's length tells when there is.
    Later(Changes, watch::Receiver<usize>),
}

struct PaperClaim {
    terminal: TerminalId,
    until: Timestamp,
    claims: u32,
    printed: bool,
}

impl Backend {
    pub(crate) fn new() -> Backend {
        Backend {
            capabilities: Capabilities {
                shop_id: "s1".to_owned(),
                long_poll_s: Some(25),
                history: true,
                print_claim: true,
                ack: true,
                payment_observed: true,
                partial_refund: true,
                decide_refunds: true,
                initiate_refunds: true,
                payout: PayoutMode::Terminal,
                mchids: Vec::new(),
            },
            orders: BTreeMap::new(),
            requests: BTreeMap::new(),
            foul: BTreeSet::new(),
            page: 200,
            claim: SignedDuration::from_secs(300),
            stuck: false,
            tells_time: true,
            clock_ahead: SignedDuration::ZERO,
            shows_current: true,
            decided: BTreeMap::new(),
            feed: Vec::new(),
            epoch: 1,
            length: watch::channel(0).0,
            replies: BTreeMap::new(),
            papers: BTreeMap::new(),
        }
    }

    /// Puts an order there as it is, without a word in the feed.
    pub fn keep_order(&mut self, order: Order) {
        self.orders.insert(order.id.clone(), order);
    }

    /// Puts an order there and tells of it.
    pub fn put_order(&mut self, order: Order) {
        let id = order.id.clone();
        self.keep_order(order);
        self.tell_order(&id);
    }

    /// Changes an order, which makes a new version.
    pub fn change_order(&mut self, id: &str, change: impl FnOnce(&mut Order)) {
        let id = OrderId::new(id).unwrap();
        let order = self.orders.get_mut(&id).unwrap();
        change(order);
        order.version += 1;
        self.tell_order(&id);
    }

    /// Changes a request, which makes a new version.
    pub fn change_request(&mut self, id: &str, change: impl FnOnce(&mut RefundRequest)) {
        let id = RefundRequestId::new(id).unwrap();
        let mut request = self.requests.get(&id).unwrap().clone();
        change(&mut request);
        request.version += 1;
        self.put_request(request);
    }

    /// Puts a request there, tells of it and of its order.
    pub fn put_request(&mut self, request: RefundRequest) {
        let order_id = request.order_id.clone();
        let change = if self.foul.contains(request.id.as_str()) {
            Change::RefundRequestNamed(request.id.to_string())
        } else {
            Change::RefundRequest(Box::new(request.clone()))
        };
        self.requests.insert(request.id.clone(), request);
        self.push(change);
        let refundable = self.refundable(&order_id);
        let of_order = self.requests.values().filter(|request| request.order_id == order_id);
        let summaries: Vec<RefundSummary> = of_order
            .map(|request| RefundSummary {
                id: request.id.clone(),
                state: request.state.clone(),
                amount: request.amount,
                version: request.version,
            })
            .collect();
        let Some(order) = self.orders.get_mut(&order_id) else { return };
        order.amounts.refundable = refundable;
        order.refund_requests = summaries;
        order.version += 1;
        self.tell_order(&order_id);
    }

    /// Says something in the feed, true or not.
    pub fn push(&mut self, change: Change) {
        self.feed.push(change);
        self.length.send_replace(self.feed.len());
    }

    /// Everything that was ever told is told once more, in the order and the versions of then.
    pub fn tell_again(&mut self) {
        let told = self.feed.clone();
        self.feed.extend(told);
        self.length.send_replace(self.feed.len());
    }

    /// The feed starts anew: every cursor is worthless.
    pub fn lose_cursors(&mut self) {
        self.epoch += 1;
        self.feed.clear();
    }

    fn tell_order(&mut self, id: &OrderId) {
        let change = if self.foul.contains(id.as_str()) {
            Change::OrderNamed(id.to_string())
        } else {
            Change::Order(Box::new(self.orders.get(id).unwrap().clone()))
        };
        self.push(change);
    }

    pub(crate) fn feed_end(&self) -> String {
        format!("{}:{}", self.epoch, self.feed.len())
    }

    pub(crate) fn changes(&self, cursor: Option<&str>) -> Result<Reading, SourceError> {
        let from = match cursor.map(|cursor| cursor.split_once(':').unwrap()) {
            None => 0,
            Some((epoch, place)) if epoch == self.epoch.to_string() => place.parse().unwrap(),
            Some(_) => return Err(refused(SourceErrorKind::CursorExpired, "cursor_expired")),
        };
        let items: Vec<Change> = self.feed.iter().skip(from).take(self.page).cloned().collect();
        let to = from + items.len();
        let changes = Changes {
            next_cursor: format!("{}:{to}", self.epoch),
            has_more: self.stuck || to < self.feed.len(),
            items,
        };
        if changes.items.is_empty() {
            let mut length = self.length.subscribe();
            length.mark_unchanged();
            Ok(Reading::Later(changes, length))
        } else {
            Ok(Reading::Now(changes))
        }
    }

    pub(crate) fn order_history(&self, page: Option<&str>) -> Page<Order> {
        let mut all: Vec<Order> = self.orders.values().cloned().collect();
        all.sort_by_key(|order| std::cmp::Reverse(order.placed_at));
        self.listed(all, page, |order| order.id.to_string())
    }

    pub(crate) fn refund_history(&self, page: Option<&str>) -> Page<RefundRequest> {
        let all = self.requests.values().rev().cloned().collect();
        self.listed(all, page, |request| request.id.to_string())
    }

    fn listed<T>(&self, all: Vec<T>, page: Option<&str>, id: impl Fn(&T) -> String) -> Page<T> {
        let from: usize = page.map_or(0, |place| place.parse().unwrap());
        let count = all.len();
        let to = count.min(from + self.page);
        let here = all.into_iter().skip(from).take(self.page);
        let (foul, items): (Vec<T>, Vec<T>) = here.partition(|one| self.foul.contains(&id(one)));
        Page { items, unreadable: foul.iter().map(id).collect(), next: (to < count).then(|| to.to_string()) }
    }

    /// What may still go back of an order: payouts under way are taken off.
    fn refundable(&self, order: &OrderId) -> Fen {
        let Some(order) = self.orders.get(order) else { return Fen::ZERO };
        let payouts = self.requests.values().filter(|request| request.order_id == order.id);
        let held =
            payouts.filter(|request| matches!(request.payout.state, Paid::Processing | Paid::Abnormal));
        let taken: Fen =
            held.filter_map(|request| request.payout.amount).chain([order.amounts.refunded]).sum();
        order.payment.total.checked_sub(taken).unwrap()
    }

    pub(crate) fn approve(&mut self, till: &TerminalId, approve: &Approve, now: Timestamp) -> Answer {
        let Some(request) = self.requests.get(&approve.request).cloned() else { return Err(missing()) };
        let (number, reason, operator) = (&approve.refund_no, &approve.reason, &approve.actor);
        let body = format!("{:?}", (&approve.request, approve.amount, number, reason, operator));
        if let Some(reply) = self.replayed(&approve.idempotency_key, &body)? {
            return Ok(reply);
        }
        let mode = request.payout.mode.unwrap_or(self.capabilities.payout);
        let round = match mode {
            PayoutMode::Terminal => next_round(&request, till, approve, now),
            PayoutMode::Backend => next_round_here(&request),
        };
        let Some(round) = round else { return Err(self.conflict(&request)) };
        if request.version != approve.version {
            return Err(self.version_conflict(&request));
        }
        let held = match request.payout.state {
            Paid::Processing | Paid::Abnormal => request.payout.amount.unwrap_or_default(),
            _ => Fen::ZERO,
        };
        let free = self.refundable(&request.order_id).checked_add(held).unwrap();
        if approve.amount > request.max || approve.amount > free {
            return Err(refused(SourceErrorKind::Refused, "amount_exceeds_refundable"));
        }
        let payout = match (mode, &approve.refund_no) {
            (PayoutMode::Terminal, Some(number)) => {
                self.claimed(till, number, approve.amount, round, now, &request.payout)
            }
            (PayoutMode::Terminal, None) => {
                return Err(refused(SourceErrorKind::Refused, "refund_no_missing"));
            }
            (PayoutMode::Backend, _) => BackendPayout {
                state: Paid::Processing,
                round,
                amount: Some(approve.amount),
                ..request.payout.clone()
            },
        };
        let request =
            RefundRequest { version: request.version + 1, state: RefundState::Processing, payout, ..request };
        let decided =
            Decided { till: till.clone(), by: approve.actor.clone(), amount: approve.amount, at: now };
        self.decided.insert(request.id.clone(), decided);
        self.replies.insert(approve.idempotency_key.clone(), (body, request.clone()));
        self.put_request(request.clone());
        Ok(request)
    }

    fn claimed(
        &self,
        till: &TerminalId,
        number: &OutRefundNo,
        amount: Fen,
        round: u32,
        now: Timestamp,
        before: &BackendPayout,
    ) -> BackendPayout {
        BackendPayout {
            state: Paid::Processing,
            round,
            refund_no: Some(number.clone()),
            amount: Some(amount),
            terminal: Some(till.clone()),
            claim_until: Some(now + self.claim),
            ..no_payout(before.mode)
        }
    }

    pub(crate) fn refund_order(&mut self, till: &TerminalId, refund: &RefundOrder, now: Timestamp) -> Answer {
        let Some(order) = self.orders.get(&refund.order).cloned() else { return Err(missing()) };
        let (number, reason, operator) = (&refund.refund_no, &refund.reason, &refund.actor);
        let body = format!("{:?}", (&refund.order, refund.amount, number, reason, operator));
        if let Some(reply) = self.replayed(&refund.idempotency_key, &body)? {
            return Ok(reply);
        }
        if order.version != refund.version {
            let order = self.shows_current.then(|| Box::new(order));
            let kind = SourceErrorKind::VersionConflict { request: None, order };
            return Err(refused(kind, "version_conflict"));
        }
        if refund.amount > self.refundable(&refund.order) {
            return Err(refused(SourceErrorKind::Refused, "amount_exceeds_refundable"));
        }
        let same_number = |one: &&RefundRequest| one.payout.refund_no == refund.refund_no;
        if refund.refund_no.is_some() && self.requests.values().any(|one| same_number(&one)) {
            return Err(refused(SourceErrorKind::Refused, "refund_no_reused"));
        }
        let id = format!("m{}", self.requests.len() + 1);
        let mut request = super::things::refund_request(&id, &order, refund.amount.get(), now);
        request.requested_by = "merchant".to_owned();
        request.state = RefundState::Processing;
        request.payout = match &refund.refund_no {
            Some(number) => self.claimed(till, number, refund.amount, 1, now, &request.payout),
            None => BackendPayout {
                state: Paid::Processing,
                round: 1,
                amount: Some(refund.amount),
                ..no_payout(None)
            },
        };
        let decided =
            Decided { till: till.clone(), by: refund.actor.clone(), amount: refund.amount, at: now };
        self.decided.insert(request.id.clone(), decided);
        self.replies.insert(refund.idempotency_key.clone(), (body, request.clone()));
        self.put_request(request.clone());
        Ok(request)
    }

    pub(crate) fn agree_return(&mut self, approve: &Approve) -> Answer {
        self.decide(&approve.request, approve.version, RefundState::WaitingReturn)
    }

    pub(crate) fn reject(&mut self, reject: &Reject) -> Answer {
        self.decide(&reject.request, reject.version, RefundState::Rejected)
    }

    fn decide(&mut self, id: &RefundRequestId, version: u64, state: RefundState) -> Answer {
        let Some(request) = self.requests.get(id).cloned() else { return Err(missing()) };
        let open =
            matches!(request.state, RefundState::Pending | RefundState::Returned | RefundState::Failed);
        if !open {
            return Err(self.conflict(&request));
        }
        if request.version != version {
            return Err(self.version_conflict(&request));
        }
        let request = RefundRequest { version: version + 1, state, ..request };
        self.put_request(request.clone());
        Ok(request)
    }

    /// It remembers no reply any more, earlier than the contract lets it.
    pub fn forget_keys(&mut self) {
        self.replies.clear();
    }

    /// Pays what it was told to pay, where it pays itself, and hears how WeChat ended it.
    pub fn pay(&mut self, wechat: &mut Wechat, now: Timestamp) {
        let ours =
            |one: &&RefundRequest| one.payout.mode.unwrap_or(self.capabilities.payout) == PayoutMode::Backend;
        let open = |one: &&RefundRequest| matches!(one.payout.state, Paid::Processing | Paid::Abnormal);
        let due: Vec<RefundRequest> = self.requests.values().filter(ours).filter(open).cloned().collect();
        for mut request in due {
            let Some(order) = self.orders.get(&request.order_id) else { continue };
            let number = OutRefundNo::new(format!("b{}-{}", request.payout.round, request.id)).unwrap();
            let amount = request.payout.amount.unwrap_or_default();
            let sent = SendRefund {
                payment: PaymentNumber::of(order).unwrap(),
                out_refund_no: number.clone(),
                total: order.payment.total,
                amount,
                reason: None,
            };
            if wechat.stands(&number, now).is_none() && wechat.refund(&sent, now).is_err() {
                continue;
            }
            let (state, payout) = match wechat.stands(&number, now) {
                Some(RefundStatus::Success) => (RefundState::Succeeded, Paid::Success),
                Some(RefundStatus::Change) => (RefundState::Failed, Paid::Abnormal),
                Some(RefundStatus::Close | RefundStatus::Fail) => (RefundState::Failed, Paid::Closed),
                Some(RefundStatus::Processing | RefundStatus::Other(_)) | None => continue,
            };
            if payout == request.payout.state {
                continue;
            }
            (request.state, request.payout.state, request.payout.refund_no) = (state, payout, Some(number));
            request.version += 1;
            if request.payout.state == Paid::Success {
                self.book(&request.order_id, amount);
            }
            self.put_request(request);
        }
    }

    fn conflict(&self, request: &RefundRequest) -> SourceError {
        refused(SourceErrorKind::Conflict { request: self.shown(request), order: None }, "state_conflict")
    }

    fn version_conflict(&self, request: &RefundRequest) -> SourceError {
        let request = self.shown(request);
        refused(SourceErrorKind::VersionConflict { request, order: None }, "version_conflict")
    }

    fn shown(&self, request: &RefundRequest) -> Option<Box<RefundRequest>> {
        self.shows_current.then(|| Box::new(request.clone()))
    }

    /// R4, step 2.
    fn replayed(&self, key: &str, body: &str) -> Result<Option<RefundRequest>, SourceError> {
        match self.replies.get(key) {
            Some((known, reply)) if known == body => Ok(Some(reply.clone())),
            Some(_) => Err(refused(SourceErrorKind::Refused, "idempotency_key_reused")),
            None => Ok(None),
        }
    }

    /// R7, table of reports.
    pub(crate) fn report(&mut self, till: &TerminalId, report: &PayoutReport, now: Timestamp) -> Answer {
        let Some(request) = self.requests.get(&report.request).cloned() else { return Err(missing()) };
        let payout = &request.payout;
        if payout.refund_no.as_ref() != Some(&report.refund_no) {
            return Err(self.conflict(&request));
        }
        if payout.amount != Some(report.amount) {
            return Err(refused(SourceErrorKind::Refused, "amount_mismatch"));
        }
        let holder = payout.terminal.as_ref() == Some(till);
        let mut next = request.clone();
        match (&payout.state, &report.fact) {
            (Paid::Success, PayoutFact::Success { .. })
            | (Paid::Closed, PayoutFact::Closed)
            | (Paid::Abnormal, PayoutFact::Abnormal)
            | (Paid::Failed, PayoutFact::Failed { .. }) => return Ok(request),
            (_, PayoutFact::Success { refund_id, succeeded_at }) => {
                next.state = RefundState::Succeeded;
                next.payout.state = Paid::Success;
                next.payout.refund_id = Some(refund_id.clone());
                next.payout.succeeded_at = Some(*succeeded_at);
            }
            (Paid::Success | Paid::Closed, _) => return Err(self.conflict(&request)),
            (_, PayoutFact::Processing { .. }) => {
                next.state = RefundState::Processing;
                next.payout.state = Paid::Processing;
                if holder {
                    next.payout.claim_until = Some(now + self.claim);
                }
            }
            (_, PayoutFact::Closed) => {
                next.state = RefundState::Failed;
                next.payout.state = Paid::Closed;
            }
            (_, PayoutFact::Abnormal) => {
                next.state = RefundState::Failed;
                next.payout.state = Paid::Abnormal;
            }
            (Paid::Processing, PayoutFact::Failed { error }) if holder => {
                next.state = RefundState::Failed;
                next.payout.state = Paid::Failed;
                next.payout.error = Some(error.clone());
            }
            (_, PayoutFact::Failed { .. }) => return Err(self.conflict(&request)),
        }
        if next == request {
            return Ok(request);
        }
        next.version += 1;
        if next.payout.state == Paid::Success {
            self.book(&next.order_id, report.amount);
        }
        self.put_request(next.clone());
        Ok(next)
    }

    fn book(&mut self, order: &OrderId, amount: Fen) {
        let Some(order) = self.orders.get_mut(order) else { return };
        order.amounts.refunded = order.amounts.refunded.checked_add(amount).unwrap();
        let all = order.amounts.refunded == order.payment.total;
        order.payment.state = if all { PaymentState::Refunded } else { PaymentState::PartiallyRefunded };
    }

    /// R8.
    pub(crate) fn claim_ticket(
        &mut self,
        till: &TerminalId,
        order: &OrderId,
        ticket: &str,
        now: Timestamp,
    ) -> TicketClaim {
        let fresh = PaperClaim { terminal: till.clone(), until: now, claims: 0, printed: false };
        let paper = self.papers.entry((order.clone(), ticket.to_owned())).or_insert(fresh);
        let ours = paper.terminal == *till;
        if paper.printed {
            return TicketClaim::Elsewhere;
        }
        if !ours && paper.until > now {
            return TicketClaim::ElsewhereForNow;
        }
        if paper.claims == 0 || !ours {
            paper.claims += 1;
        }
        paper.terminal = till.clone();
        paper.until = now + SignedDuration::from_secs(60);
        TicketClaim::Ours { claims: paper.claims }
    }

    pub(crate) fn ticket_printed(&mut self, till: &TerminalId, order: &OrderId, ticket: &str) {
        let key = (order.clone(), ticket.to_owned());
        let fresh = PaperClaim { terminal: till.clone(), until: Timestamp::MAX, claims: 1, printed: false };
        self.papers.entry(key).or_insert(fresh).printed = true;
        if let Some(mut told) = self.orders.get(order).cloned() {
            told.ack.acked_by = Some(till.to_string());
            told.version += 1;
            self.put_order(told);
        }
    }
}

/// R7, table of rounds: the round that this approval would open, or `None` where the state forbids it.
fn next_round(request: &RefundRequest, till: &TerminalId, approve: &Approve, now: Timestamp) -> Option<u32> {
    let payout = &request.payout;
    let same_number = approve.refund_no == payout.refund_no;
    let same_amount = Some(approve.amount) == payout.amount;
    match (&request.state, &payout.state) {
        (RefundState::Pending | RefundState::WaitingReturn | RefundState::Returned, Paid::None) => Some(1),
        (RefundState::Processing, Paid::Processing) => {
            let over = payout.claim_until.is_none_or(|until| until <= now);
            let other = payout.terminal.as_ref() != Some(till);
            (over && other && same_number && same_amount).then_some(payout.round)
        }
        (RefundState::Failed, Paid::Failed) => same_number.then_some(payout.round),
        (RefundState::Failed, Paid::Abnormal) => (same_number && same_amount).then_some(payout.round),
        (RefundState::Failed, Paid::Closed) => (!same_number).then_some(payout.round + 1),
        _ => None,
    }
}

/// The same where the backend pays: not while the money of the last round may still arrive.
fn next_round_here(request: &RefundRequest) -> Option<u32> {
    match (&request.state, &request.payout.state) {
        (RefundState::Pending | RefundState::WaitingReturn | RefundState::Returned, Paid::None)
        | (RefundState::Failed, Paid::Failed | Paid::Closed) => Some(request.payout.round + 1),
        _ => None,
    }
}

fn refused(kind: SourceErrorKind, problem: &str) -> SourceError {
    SourceError { kind, code: "backend_refused", problem: problem.to_owned(), text: String::new() }
}

fn missing() -> SourceError {
    refused(SourceErrorKind::NotFound, "not_found")
}
