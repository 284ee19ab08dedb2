//! The backend as one terminal reaches it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::time::Timestamp;
use domain::{Order, OrderId, RefundRequest, RefundRequestId, TerminalId};
use engine::ports::{
    Approve, Capabilities, Changes, OrderSource, Page, PaymentObserved, PayoutFact, PayoutReport,
    RefundOrder, Reject, SourceError, TicketClaim,
};

use super::{Call, Reading, World};

pub(crate) struct Till {
    pub(crate) world: Arc<World>,
    pub(crate) terminal: TerminalId,
}

#[async_trait]
impl OrderSource for Till {
    async fn capabilities(&self) -> Result<Capabilities, SourceError> {
        let answer = |state: &mut super::State, _| Ok(state.backend.capabilities.clone());
        self.world.perform(Call::Capabilities, String::new(), answer).await
    }

    async fn feed_end(&self) -> Result<String, SourceError> {
        self.world.perform(Call::FeedEnd, String::new(), |state, _| Ok(state.backend.feed_end())).await
    }

    async fn changes(&self, cursor: Option<&str>, wait_s: u32) -> Result<Changes, SourceError> {
        let mut wait = Duration::from_secs(u64::from(wait_s));
        loop {
            let about = cursor.unwrap_or_default().to_owned();
            let read = self.world.perform(Call::Changes, about, |state, _| state.backend.changes(cursor));
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
        self.world.perform(Call::OrderHistory, about, |state, _| Ok(state.backend.order_history(page))).await
    }

    async fn refund_history(&self, page: Option<&str>) -> Result<Page<RefundRequest>, SourceError> {
        let about = page.unwrap_or_default().to_owned();
        self.world
            .perform(Call::RefundHistory, about, |state, _| Ok(state.backend.refund_history(page)))
            .await
    }

    async fn order(&self, id: &OrderId) -> Result<Option<Order>, SourceError> {
        let answer = |state: &mut super::State, _| Ok(state.backend.orders.get(id).cloned());
        self.world.perform(Call::Order, id.to_string(), answer).await
    }

    async fn refund_request(&self, id: &RefundRequestId) -> Result<Option<RefundRequest>, SourceError> {
        let answer = |state: &mut super::State, _| Ok(state.backend.requests.get(id).cloned());
        self.world.perform(Call::RefundRequest, id.to_string(), answer).await
    }

    async fn approve(&self, approve: &Approve) -> Result<RefundRequest, SourceError> {
        let about = format!("{} by {}", approve.request, self.terminal);
        let claim = |state: &mut super::State, now| state.backend.approve(&self.terminal, approve, now);
        self.world.perform(Call::Approve, about, claim).await
    }

    async fn refund_order(&self, refund: &RefundOrder) -> Result<RefundRequest, SourceError> {
        let about = format!("{} by {}", refund.order, self.terminal);
        let claim = |state: &mut super::State, now| state.backend.refund_order(&self.terminal, refund, now);
        self.world.perform(Call::RefundOrder, about, claim).await
    }

    async fn agree_return(&self, approve: &Approve) -> Result<RefundRequest, SourceError> {
        let about = approve.request.to_string();
        self.world.perform(Call::AgreeReturn, about, |state, _| state.backend.agree_return(approve)).await
    }

    async fn reject(&self, reject: &Reject) -> Result<RefundRequest, SourceError> {
        let about = reject.request.to_string();
        self.world.perform(Call::Reject, about, |state, _| state.backend.reject(reject)).await
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
        let book = |state: &mut super::State, now| state.backend.report(&self.terminal, report, now);
        self.world.perform(Call::Report, about, book).await
    }

    async fn claim_ticket(&self, order: &OrderId, ticket: &str) -> Result<TicketClaim, SourceError> {
        let about = format!("{order} {ticket}");
        self.world
            .perform(Call::ClaimTicket, about, |state, now| {
                Ok(state.backend.claim_ticket(&self.terminal, order, ticket, now))
            })
            .await
    }

    async fn ticket_printed(&self, order: &OrderId, ticket: &str, _: Timestamp) -> Result<(), SourceError> {
        let about = format!("{order} {ticket}");
        self.world
            .perform(Call::TicketPrinted, about, |state, _| {
                state.backend.ticket_printed(&self.terminal, order, ticket);
                Ok(())
            })
            .await
    }

    async fn payment_observed(&self, observed: &PaymentObserved) -> Result<Order, SourceError> {
        let about = format!("{} {}", observed.order, observed.total.get());
        self.world
            .perform(Call::PaymentObserved, about, |state, _| {
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
