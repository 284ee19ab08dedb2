//! The world as one console reaches it, as long as the console lives.

use std::future::pending;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::time::{SignedDuration, Timestamp};
use domain::{Order, OrderId, RefundRequest, RefundRequestId, TerminalId};
use engine::ports::{
    Approve, Capabilities, Changes, Clock, OrderSource, Page, PaymentObserved, PayoutFact, PayoutReport,
    RefundOrder, Reject, SourceError, TicketClaim,
};
use rusqlite::Connection;

use super::faults::Failure;
use super::{Call, Fault, Learnt, Reading, State, When, World};

/// A console's end of every line. Its backend tells it by its terminal.
pub struct Till {
    /// The world.
    pub world: Arc<World>,
    /// Which console it is.
    pub terminal: TerminalId,
    /// The console's mirror.
    pub(crate) file: PathBuf,
    /// The same, as somebody else looks into it.
    pub(crate) disk: Mutex<Option<Connection>>,
    /// Whether the backend has answered this process: before that nobody knows its time.
    pub(crate) answered: AtomicBool,
    /// Whether the console's process still runs. Afterwards no call goes out and no answer comes in any more, whatever
    /// pieces of its work are still about.
    pub alive: Arc<AtomicBool>,
}

impl Till {
    /// One call of the engine: written down, met by its fault, else performed.
    pub(crate) async fn perform<T, E: Failure>(
        &self,
        call: Call,
        about: String,
        work: impl FnOnce(&mut State, Timestamp) -> Result<T, E>,
    ) -> Result<T, E> {
        let learn = |answer: &Result<T, E>| if answer.is_ok() { Learnt::Done } else { Learnt::Nothing };
        self.learn(call, about, learn, work).await
    }

    /// The same, with what the answer tells the console.
    pub(crate) async fn learn<T, E: Failure>(
        &self,
        call: Call,
        about: String,
        learn: impl FnOnce(&Result<T, E>) -> Learnt,
        work: impl FnOnce(&mut State, Timestamp) -> Result<T, E>,
    ) -> Result<T, E> {
        // A network is never as fast as a function: whoever watches may end the program before the call goes out.
        tokio::task::yield_now().await;
        self.while_alive().await;
        let world = &self.world;
        let (place, fault) = world.begin(&self.terminal, call, about);
        let outcome = match fault {
            None => work(&mut world.state(), world.time()),
            Some(Fault::Slow(pause)) => {
                tokio::time::sleep(pause).await;
                work(&mut world.state(), world.time())
            }
            Some(fault @ (Fault::Silence(When::After) | Fault::Hang(When::After))) => {
                let _ = work(&mut world.state(), world.time());
                self.fail(fault).await
            }
            Some(fault) => self.fail(fault).await,
        };
        self.while_alive().await;
        if outcome.is_ok() && call.is_the_backends() {
            self.answered.store(true, Ordering::Relaxed);
        }
        world.answered(place, learn(&outcome));
        outcome
    }

    async fn fail<T, E: Failure>(&self, fault: Fault) -> Result<T, E> {
        if let Fault::Hang(_) = fault {
            self.world.hung.notify_one();
            return pending().await;
        }
        Err(E::of(&fault))
    }

    pub(crate) async fn while_alive(&self) {
        if !self.alive.load(Ordering::Relaxed) {
            pending().await
        }
    }
}

impl Clock for Till {
    fn now(&self) -> Timestamp {
        self.world.time() + self.world.state().clock_ahead_of(&self.terminal)
    }
}

#[async_trait]
impl OrderSource for Till {
    fn ahead(&self) -> Option<SignedDuration> {
        let state = self.world.state();
        let told = self.answered.load(Ordering::Relaxed) && state.backend.tells_time;
        told.then(|| state.backend.clock_ahead - state.clock_ahead_of(&self.terminal))
    }

    async fn capabilities(&self) -> Result<Capabilities, SourceError> {
        let answer = |state: &mut State, _| Ok(state.backend.capabilities.clone());
        self.perform(Call::Capabilities, String::new(), answer).await
    }

    async fn feed_end(&self) -> Result<String, SourceError> {
        self.perform(Call::FeedEnd, String::new(), |state, _| Ok(state.backend.feed_end())).await
    }

    async fn changes(&self, cursor: Option<&str>, wait_s: u32) -> Result<Changes, SourceError> {
        let mut wait = Duration::from_secs(u64::from(wait_s));
        loop {
            let about = cursor.unwrap_or_default().to_owned();
            let read = self.perform(Call::Changes, about, |state, _| state.backend.changes(cursor));
            match read.await? {
                Reading::Now(changes) => return Ok(changes),
                Reading::Later(changes, _) if wait.is_zero() => return Ok(changes),
                Reading::Later(changes, mut length) => {
                    if tokio::time::timeout(wait, length.changed()).await.is_err() {
                        return Ok(changes);
                    }
                    wait = Duration::ZERO;
                }
            }
        }
    }

    async fn order_history(&self, page: Option<&str>) -> Result<Page<Order>, SourceError> {
        let about = page.unwrap_or_default().to_owned();
        self.perform(Call::OrderHistory, about, |state, _| Ok(state.backend.order_history(page))).await
    }

    async fn refund_history(&self, page: Option<&str>) -> Result<Page<RefundRequest>, SourceError> {
        let about = page.unwrap_or_default().to_owned();
        self.perform(Call::RefundHistory, about, |state, _| Ok(state.backend.refund_history(page))).await
    }

    async fn order(&self, id: &OrderId) -> Result<Option<Order>, SourceError> {
        let answer = |state: &mut State, _| Ok(state.backend.orders.get(id).cloned());
        self.perform(Call::Order, id.to_string(), answer).await
    }

    async fn refund_request(&self, id: &RefundRequestId) -> Result<Option<RefundRequest>, SourceError> {
        let answer = |state: &mut State, _| Ok(state.backend.requests.get(id).cloned());
        self.perform(Call::RefundRequest, id.to_string(), answer).await
    }

    async fn approve(&self, approve: &Approve) -> Result<RefundRequest, SourceError> {
        let about = format!("{} by {}", approve.request, self.terminal);
        let claim = |state: &mut State, now| state.backend.approve(&self.terminal, approve, now);
        self.perform(Call::Approve, about, claim).await
    }

    async fn refund_order(&self, refund: &RefundOrder) -> Result<RefundRequest, SourceError> {
        let about = format!("{} by {}", refund.order, self.terminal);
        let claim = |state: &mut State, now| state.backend.refund_order(&self.terminal, refund, now);
        self.perform(Call::RefundOrder, about, claim).await
    }

    async fn agree_return(&self, approve: &Approve) -> Result<RefundRequest, SourceError> {
        let about = approve.request.to_string();
        self.perform(Call::AgreeReturn, about, |state, _| state.backend.agree_return(approve)).await
    }

    async fn reject(&self, reject: &Reject) -> Result<RefundRequest, SourceError> {
        let about = reject.request.to_string();
        self.perform(Call::Reject, about, |state, _| state.backend.reject(reject)).await
    }

    async fn report_payout(&self, report: &PayoutReport) -> Result<RefundRequest, SourceError> {
        let word = match &report.fact {
            PayoutFact::Processing { .. } => "processing".to_owned(),
            PayoutFact::Success { .. } => "success".to_owned(),
            PayoutFact::Closed => "closed".to_owned(),
            PayoutFact::Abnormal => "abnormal".to_owned(),
            PayoutFact::Failed { error } => format!("failed {}", error.code),
        };
        let about = format!("{} {word}", report.request);
        self.while_alive().await;
        // When it goes out: what a slow network brings late was true then.
        self.world.state().watch_report(&self.terminal, report, self.world.time());
        let book = |state: &mut State, now| state.backend.report(&self.terminal, report, now);
        self.perform(Call::Report, about, book).await
    }

    async fn claim_ticket(&self, order: &OrderId, ticket: &str) -> Result<TicketClaim, SourceError> {
        let about = format!("{order} {ticket}");
        self.perform(Call::ClaimTicket, about, |state, now| {
            Ok(state.backend.claim_ticket(&self.terminal, order, ticket, now))
        })
        .await
    }

    async fn ticket_printed(&self, order: &OrderId, ticket: &str, _: Timestamp) -> Result<(), SourceError> {
        let about = format!("{order} {ticket}");
        self.perform(Call::TicketPrinted, about, |state, _| {
            state.backend.ticket_printed(&self.terminal, order, ticket);
            Ok(())
        })
        .await
    }

    async fn payment_observed(&self, observed: &PaymentObserved) -> Result<Order, SourceError> {
        let about = format!("{} {}", observed.order, observed.total.get());
        self.perform(Call::PaymentObserved, about, |state, _| {
            // The contract has it verified with WeChat by the backend itself; here WeChat's books say so.
            let paid = state.wechat.payments.get(observed.out_trade_no.as_str()).cloned();
            state.backend.change_order(observed.order.as_str(), |order| {
                if paid.is_some() {
                    order.fulfilment = domain::Fulfilment::Paid;
                    order.payment.state = domain::PaymentState::Paid;
                    order.payment.paid_at = Some(observed.paid_at);
                    order.payment.transaction_id = Some(observed.transaction_id.clone());
                    order.amounts.refundable = observed.total;
                }
            });
            Ok(state.backend.orders.get(&observed.order).cloned().unwrap())
        })
        .await
    }
}
