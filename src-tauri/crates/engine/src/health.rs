//! Whether the backend, WeChat and the printers can be worked with, learned from every call that is made anyway.
//!
//! Each port of the engine is wrapped: the call goes through unchanged, and its outcome says how the line is. A definite
//! refusal (too little money, no such order, a version that has moved on) is an answer like any other: the line works.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::time::{SignedDuration, Timestamp};
use domain::{Order, OrderId, OutRefundNo, RefundRequest, RefundRequestId, WechatPayment, WechatRefund};
use tokio::sync::watch;

use crate::engine::Tickets;
use crate::ports::{
    Approve, Capabilities, Changes, Clock, GatewayError, GatewayOutcome, OrderSource, Page, PaymentGateway,
    PaymentNumber, PaymentObserved, PayoutReport, PrintError, Printed, Printer, RefundOrder, Reject,
    SendRefund, SourceError, SourceErrorKind, Ticket, TicketClaim,
};
use crate::{Engine, Trouble};

/// How every line is by what its last call told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// To the shop's backend.
    pub backend: Link,
    /// To WeChat Pay.
    pub wechat: Link,
    /// To the printers: the one in trouble if there is one, else the one that printed last.
    pub printer: Link,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    /// How it is.
    pub state: LinkState,
    /// Since when it has been so.
    pub since: Option<Timestamp>,
    /// What is wrong; only in [`LinkState::Trouble`].
    pub trouble: Option<Trouble>,
    /// Which printer, as the rules name it.
    pub name: Option<String>,
}

/// How a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkState {
    /// Nothing went over it yet.
    #[default]
    Unknown,
    /// The last call had an answer.
    Working,
    /// It had none, or one that means that nothing goes on without a person.
    Trouble,
}

impl Engine {
    /// How the lines are, now and at every change. It starts unknown with every process.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.pulse.health.subscribe()
    }
}

impl Link {
    /// The line after a call. The instant stays as long as the state does; what is wrong is always the newest.
    fn after(&self, word: &Word, name: Option<&str>, now: Timestamp) -> Link {
        let (state, trouble) = match word {
            Word::Works => (LinkState::Working, None),
            Word::Trouble(trouble) => (LinkState::Trouble, Some(trouble.clone())),
            Word::Nothing => return self.clone(),
        };
        let since = self.since.filter(|_| self.state == state).or(Some(now));
        Link { state, since, trouble, name: name.map(str::to_owned) }
    }
}

/// What one call says of its line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Works,
    Trouble(Trouble),
    /// The fault is of another kind: a certificate that is not set, a printer that was never there.
    Nothing,
}

/// Whoever listens to the calls.
#[derive(Clone)]
pub(crate) struct Pulse {
    health: watch::Sender<Health>,
    clock: Arc<dyn Clock>,
    /// By target; the line that is shown is made of them.
    printers: Arc<Mutex<BTreeMap<String, Link>>>,
}

impl Pulse {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Pulse {
        Pulse { health: watch::Sender::new(Health::default()), clock, printers: Arc::default() }
    }

    pub(crate) fn source(&self, inner: Arc<dyn OrderSource>) -> Arc<dyn OrderSource> {
        Arc::new(WatchedSource { inner, pulse: self.clone() })
    }

    pub(crate) fn gateway(&self, inner: Arc<dyn PaymentGateway>) -> Arc<dyn PaymentGateway> {
        Arc::new(WatchedGateway { inner, pulse: self.clone() })
    }

    pub(crate) fn printer(&self, inner: Arc<dyn Printer>) -> Arc<dyn Printer> {
        Arc::new(WatchedPrinter { inner, pulse: self.clone() })
    }

    /// Whether the backend's last answer was one.
    pub(crate) fn backend_works(&self) -> bool {
        self.health.borrow().backend.state == LinkState::Working
    }

    /// Forgets printers that no rule names any more: nobody waits for them.
    pub(crate) fn keep_printers(&self, tickets: &Tickets) {
        self.printers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|target, _| tickets.rules.iter().any(|rule| rule.target == *target));
        self.show_printer();
    }

    fn heard(&self, line: fn(&mut Health) -> &mut Link, word: &Word) {
        let now = self.clock.now();
        self.health.send_if_modified(|health| {
            let link = line(health);
            let next = link.after(word, None, now);
            let changed = next != *link;
            *link = next;
            changed
        });
    }

    fn printed(&self, target: &str, outcome: &Result<Printed, PrintError>) {
        let now = self.clock.now();
        {
            let mut printers = self.printers.lock().unwrap_or_else(PoisonError::into_inner);
            let link = printers.entry(target.to_owned()).or_default();
            let word = word_of_print(outcome, link.state);
            *link = link.after(&word, Some(target), now);
        }
        self.show_printer();
    }

    fn show_printer(&self) {
        let shown = {
            let printers = self.printers.lock().unwrap_or_else(PoisonError::into_inner);
            let in_trouble = printers.values().find(|link| link.state == LinkState::Trouble);
            let newest = || printers.values().max_by_key(|link| link.since);
            in_trouble.or_else(newest).cloned().unwrap_or_default()
        };
        self.health.send_if_modified(|health| {
            let changed = health.printer != shown;
            health.printer = shown;
            changed
        });
    }
}

fn word_of_source<T>(outcome: &Result<T, SourceError>) -> Word {
    let Err(error) = outcome else { return Word::Works };
    match error.kind {
        SourceErrorKind::Transient { .. } | SourceErrorKind::Unauthenticated => {
            Word::Trouble(Trouble::source(error))
        }
        SourceErrorKind::Forbidden
        | SourceErrorKind::CursorExpired
        | SourceErrorKind::NotFound
        | SourceErrorKind::Conflict { .. }
        | SourceErrorKind::VersionConflict { .. }
        | SourceErrorKind::Refused => Word::Works,
    }
}

fn word_of_gateway<T>(outcome: &Result<T, GatewayError>) -> Word {
    let Err(error) = outcome else { return Word::Works };
    let trouble = || Word::Trouble(Trouble { number: None, ..Trouble::gateway(error, "") });
    match error.code {
        // Said of this call's certificate, which questions do not need, or of this program: told where it happened.
        "wechat_certificate_missing"
        | "wechat_certificate_not_accepted"
        | "wechat_certificate_other_merchant"
        | "internal" => Word::Nothing,
        // A definite refusal of everything: nothing goes on before a person has set it right.
        "wechat_key_wrong" | "wechat_configuration" => trouble(),
        _ => match error.outcome {
            GatewayOutcome::NotSent | GatewayOutcome::Unknown => trouble(),
            GatewayOutcome::Refused | GatewayOutcome::RefusedUnlessEarlier => Word::Works,
        },
    }
}

fn word_of_print(outcome: &Result<Printed, PrintError>, before: LinkState) -> Word {
    match outcome {
        Ok(_) => Word::Works,
        // A shop that has no printer is in no trouble; one whose printer is gone is.
        Err(error) if error.nothing_attached && before == LinkState::Unknown => Word::Nothing,
        Err(error) => Word::Trouble(Trouble {
            code: error.code.to_owned(),
            detail: String::new(),
            text: error.printer.clone(),
            number: None,
        }),
    }
}

struct WatchedSource {
    inner: Arc<dyn OrderSource>,
    pulse: Pulse,
}

impl WatchedSource {
    fn heard<T>(&self, outcome: Result<T, SourceError>) -> Result<T, SourceError> {
        self.pulse.heard(|health| &mut health.backend, &word_of_source(&outcome));
        outcome
    }
}

#[async_trait]
impl OrderSource for WatchedSource {
    fn ahead(&self) -> Option<SignedDuration> {
        self.inner.ahead()
    }

    async fn capabilities(&self) -> Result<Capabilities, SourceError> {
        self.heard(self.inner.capabilities().await)
    }

    async fn feed_end(&self) -> Result<String, SourceError> {
        self.heard(self.inner.feed_end().await)
    }

    async fn changes(&self, cursor: Option<&str>, wait_s: u32) -> Result<Changes, SourceError> {
        self.heard(self.inner.changes(cursor, wait_s).await)
    }

    async fn order_history(&self, page: Option<&str>) -> Result<Page<Order>, SourceError> {
        self.heard(self.inner.order_history(page).await)
    }

    async fn refund_history(&self, page: Option<&str>) -> Result<Page<RefundRequest>, SourceError> {
        self.heard(self.inner.refund_history(page).await)
    }

    async fn order(&self, id: &OrderId) -> Result<Option<Order>, SourceError> {
        self.heard(self.inner.order(id).await)
    }

    async fn refund_request(&self, id: &RefundRequestId) -> Result<Option<RefundRequest>, SourceError> {
        self.heard(self.inner.refund_request(id).await)
    }

    async fn approve(&self, approve: &Approve) -> Result<RefundRequest, SourceError> {
        self.heard(self.inner.approve(approve).await)
    }

    async fn refund_order(&self, refund: &RefundOrder) -> Result<RefundRequest, SourceError> {
        self.heard(self.inner.refund_order(refund).await)
    }

    async fn agree_return(&self, approve: &Approve) -> Result<RefundRequest, SourceError> {
        self.heard(self.inner.agree_return(approve).await)
    }

    async fn reject(&self, reject: &Reject) -> Result<RefundRequest, SourceError> {
        self.heard(self.inner.reject(reject).await)
    }

    async fn report_payout(&self, report: &PayoutReport) -> Result<RefundRequest, SourceError> {
        self.heard(self.inner.report_payout(report).await)
    }

    async fn claim_ticket(&self, order: &OrderId, ticket: &str) -> Result<TicketClaim, SourceError> {
        self.heard(self.inner.claim_ticket(order, ticket).await)
    }

    async fn ticket_printed(&self, order: &OrderId, ticket: &str, at: Timestamp) -> Result<(), SourceError> {
        self.heard(self.inner.ticket_printed(order, ticket, at).await)
    }

    async fn payment_observed(&self, observed: &PaymentObserved) -> Result<Order, SourceError> {
        self.heard(self.inner.payment_observed(observed).await)
    }
}

struct WatchedGateway {
    inner: Arc<dyn PaymentGateway>,
    pulse: Pulse,
}

impl WatchedGateway {
    fn heard<T>(&self, outcome: Result<T, GatewayError>) -> Result<T, GatewayError> {
        self.pulse.heard(|health| &mut health.wechat, &word_of_gateway(&outcome));
        outcome
    }
}

#[async_trait]
impl PaymentGateway for WatchedGateway {
    async fn query(&self, number: &PaymentNumber) -> Result<Option<WechatPayment>, GatewayError> {
        self.heard(self.inner.query(number).await)
    }

    async fn refund(&self, refund: &SendRefund) -> Result<String, GatewayError> {
        self.heard(self.inner.refund(refund).await)
    }

    async fn query_refund(&self, number: &OutRefundNo) -> Result<Option<WechatRefund>, GatewayError> {
        self.heard(self.inner.query_refund(number).await)
    }
}

struct WatchedPrinter {
    inner: Arc<dyn Printer>,
    pulse: Pulse,
}

#[async_trait]
impl Printer for WatchedPrinter {
    async fn print(&self, ticket: &Ticket) -> Result<Printed, PrintError> {
        let outcome = self.inner.print(ticket).await;
        self.pulse.printed(&ticket.target, &outcome);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gateway(outcome: GatewayOutcome, code: &'static str) -> Word {
        word_of_gateway::<()>(&Err(GatewayError {
            outcome,
            code,
            err_code: "X".to_owned(),
            text: String::new(),
        }))
    }

    #[test]
    fn a_definite_refusal_means_that_the_line_works() {
        assert_eq!(gateway(GatewayOutcome::Refused, "wechat_not_enough"), Word::Works);
        assert_eq!(gateway(GatewayOutcome::RefusedUnlessEarlier, "wechat_refused"), Word::Works);
        assert!(matches!(gateway(GatewayOutcome::Unknown, "wechat_timeout"), Word::Trouble(_)));
        assert!(matches!(gateway(GatewayOutcome::NotSent, "wechat_unreachable"), Word::Trouble(_)));
    }

    #[test]
    fn a_wrong_key_stops_everything_and_a_certificate_only_refunds() {
        assert!(matches!(gateway(GatewayOutcome::Refused, "wechat_key_wrong"), Word::Trouble(_)));
        assert_eq!(gateway(GatewayOutcome::NotSent, "wechat_certificate_missing"), Word::Nothing);
    }

    #[test]
    fn trouble_keeps_the_instant_at_which_it_began() {
        let at = |second: i64| Timestamp::from_second(1_750_000_000 + second).unwrap_or_default();
        let trouble = |code: &str| {
            Word::Trouble(Trouble {
                code: code.to_owned(),
                detail: String::new(),
                text: String::new(),
                number: None,
            })
        };
        let first = Link::default().after(&trouble("a"), None, at(1));
        let second = first.after(&trouble("b"), None, at(2));
        assert_eq!(second.since, Some(at(1)));
        assert_eq!(second.trouble.as_ref().map(|trouble| trouble.code.as_str()), Some("b"));
        let works = second.after(&Word::Works, None, at(3));
        assert_eq!((works.state, works.since, works.trouble), (LinkState::Working, Some(at(3)), None));
    }

    #[test]
    fn a_shop_without_a_printer_is_in_no_trouble_and_one_whose_printer_is_gone_is() {
        let gone = || {
            Err(PrintError {
                code: "printer_not_found",
                bytes_sent: 0,
                printer: "auto".to_owned(),
                nothing_attached: true,
            })
        };
        assert_eq!(word_of_print(&gone(), LinkState::Unknown), Word::Nothing);
        assert!(matches!(word_of_print(&gone(), LinkState::Working), Word::Trouble(_)));
    }
}
