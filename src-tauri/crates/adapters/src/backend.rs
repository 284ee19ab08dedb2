//! The merchant contract's client behind the engine's trait.

use async_trait::async_trait;
use domain::staff::Signature;
use domain::time::{SignedDuration, Timestamp};
use domain::{Order, OrderId, RefundRequest, RefundRequestId};
use engine::ports::{
    Approve, Capabilities, Change, Changes, OrderSource, Page, PaymentObserved, PayoutFact, PayoutReport,
    RefundOrder, Reject, SourceError, SourceErrorKind, TicketClaim,
};
use merchant_api::{
    AckKind, AckRequest, Actor, ChangesQuery, Client, Current, Cursor, Decision, Error, Feature, NewRefund,
    ObjectKind, ObservedTradeState, OrdersQuery, PayoutOutcome, Restock, Subject,
};

/// As many as the contract lets a page hold.
const PAGE: u32 = 200;

pub(crate) struct Backend {
    client: Client,
}

impl Backend {
    pub(crate) fn new(client: Client) -> Backend {
        Backend { client }
    }
}

#[async_trait]
impl OrderSource for Backend {
    fn ahead(&self) -> Option<SignedDuration> {
        self.client.measured_skew()
    }

    async fn capabilities(&self) -> Result<Capabilities, SourceError> {
        let told = self.client.capabilities().await.map_err(|error| explain(&error))?;
        let offers = |feature| told.offers(&feature);
        Ok(Capabilities {
            shop_id: told.shop.id.to_string(),
            long_poll_s: offers(Feature::LongPoll).then(|| told.longest_wait_s()),
            history: offers(Feature::History),
            print_claim: offers(Feature::PrintClaim),
            ack: offers(Feature::Ack),
            payment_observed: offers(Feature::PaymentObserved),
            partial_refund: offers(Feature::PartialRefund),
            decide_refunds: told.refund.decide,
            initiate_refunds: told.refund.decide && told.refund.initiate,
            payout: told.refund.payout,
            mchids: told.mchids().to_vec(),
        })
    }

    async fn feed_end(&self) -> Result<String, SourceError> {
        let query = ChangesQuery { cursor: Some(Cursor::now()), limit: Some(1), wait_s: 0 };
        let page = self.client.changes(&query).await.map_err(|error| explain(&error))?;
        Ok(page.next_cursor.to_string())
    }

    async fn changes(&self, cursor: Option<&str>, wait_s: u32) -> Result<Changes, SourceError> {
        let query = ChangesQuery { cursor: cursor.map(read_cursor).transpose()?, limit: Some(PAGE), wait_s };
        let page = self.client.changes(&query).await.map_err(|error| explain(&error))?;
        let items = page
            .items
            .into_iter()
            .filter_map(|item| match item {
                Ok(change) => match change.subject {
                    Subject::Order { body: Some(order), .. } => Some(Change::Order(order)),
                    Subject::Order { id, body: None } => Some(Change::OrderNamed(id.to_string())),
                    Subject::RefundRequest { body: Some(request), .. } => Some(Change::RefundRequest(request)),
                    Subject::RefundRequest { id, body: None } => Some(Change::RefundRequestNamed(id.to_string())),
                    Subject::Other { .. } => None,
                },
                Err(bad) => {
                    tracing::warn!(id = bad.id.as_deref(), reason = %bad.reason, "an entry of the feed cannot be read");
                    match (bad.kind, bad.id) {
                        (Some(ObjectKind::Order), Some(id)) => Some(Change::OrderNamed(id)),
                        (Some(ObjectKind::RefundRequest), Some(id)) => Some(Change::RefundRequestNamed(id)),
                        _ => None,
                    }
                }
            })
            .collect();
        Ok(Changes { items, next_cursor: page.next_cursor.to_string(), has_more: page.has_more })
    }

    async fn order_history(&self, page: Option<&str>) -> Result<Page<Order>, SourceError> {
        let query = OrdersQuery {
            cursor: page.map(read_cursor).transpose()?,
            limit: Some(PAGE),
            ..OrdersQuery::default()
        };
        self.client
            .orders(&query)
            .await
            .map_err(|error| explain(&error))
            .and_then(|found| listed(found, page))
    }

    async fn refund_history(&self, page: Option<&str>) -> Result<Page<RefundRequest>, SourceError> {
        let cursor = page.map(read_cursor).transpose()?;
        let found = self.client.refund_requests(cursor.as_ref(), &[]).await;
        found.map_err(|error| explain(&error)).and_then(|found| listed(found, page))
    }

    async fn order(&self, id: &OrderId) -> Result<Option<Order>, SourceError> {
        existing(self.client.order(id).await)
    }

    async fn refund_request(&self, id: &RefundRequestId) -> Result<Option<RefundRequest>, SourceError> {
        existing(self.client.refund_request(id).await)
    }

    async fn approve(&self, approve: &Approve) -> Result<RefundRequest, SourceError> {
        let decision = Decision::ApproveRefund {
            amount: approve.amount,
            refund_no: approve.refund_no.clone(),
            reason_text: approve.reason.clone(),
            restock: Restock::No,
        };
        self.decide(approve, &decision).await
    }

    async fn agree_return(&self, approve: &Approve) -> Result<RefundRequest, SourceError> {
        self.decide(approve, &Decision::AgreeReturn { amount: approve.amount }).await
    }

    async fn reject(&self, reject: &Reject) -> Result<RefundRequest, SourceError> {
        let decision = Decision::Reject { reason_text: reject.reason.clone(), reason_code: None };
        let actor = actor(reject.actor.as_ref());
        self.client
            .decide(&reject.request, reject.version, &reject.idempotency_key, &decision, actor.as_ref())
            .await
            .map_err(|error| explain(&error))
    }

    async fn refund_order(&self, refund: &RefundOrder) -> Result<RefundRequest, SourceError> {
        let new = NewRefund {
            amount: refund.amount,
            refund_no: refund.refund_no.clone(),
            lines: Vec::new(),
            reason_code: None,
            reason_text: refund.reason.clone(),
            restock: Restock::No,
        };
        let actor = actor(refund.actor.as_ref());
        self.client
            .refund_order(&refund.order, refund.version, &refund.idempotency_key, &new, actor.as_ref())
            .await
            .map_err(|error| explain(&error))
    }

    async fn report_payout(&self, report: &PayoutReport) -> Result<RefundRequest, SourceError> {
        let outcome = match &report.fact {
            PayoutFact::Processing { error } => PayoutOutcome::Processing { error: error.clone() },
            PayoutFact::Success { refund_id, succeeded_at } => {
                PayoutOutcome::Success { refund_id: refund_id.clone(), succeeded_at: *succeeded_at }
            }
            PayoutFact::Closed => PayoutOutcome::Closed,
            PayoutFact::Abnormal => PayoutOutcome::Abnormal { refund_id: None },
            PayoutFact::Failed { error } => PayoutOutcome::Failed { error: error.clone() },
        };
        let told = merchant_api::PayoutReport {
            refund_no: report.refund_no.clone(),
            amount: report.amount,
            outcome,
        };
        self.client.report_payout(&report.request, &told, None).await.map_err(|error| explain(&error))
    }

    async fn claim_ticket(&self, order: &OrderId, ticket: &str) -> Result<TicketClaim, SourceError> {
        match self.client.ack(order, &ack(AckKind::Printing, ticket, None)).await {
            Ok(ack) => {
                let claims =
                    ack.tickets.iter().find(|known| known.ticket == ticket).map_or(1, |known| known.claims);
                Ok(TicketClaim::Ours { claims })
            }
            Err(error) => match explain(&error) {
                SourceError { kind: SourceErrorKind::Conflict { order, .. }, .. } => {
                    let printing = order.is_some_and(|order| {
                        order.ack.tickets.iter().any(|known| known.ticket == ticket && !known.printed)
                    });
                    Ok(if printing { TicketClaim::ElsewhereForNow } else { TicketClaim::Elsewhere })
                }
                other => Err(other),
            },
        }
    }

    async fn ticket_printed(&self, order: &OrderId, ticket: &str, at: Timestamp) -> Result<(), SourceError> {
        let printed = ack(AckKind::Printed, ticket, Some(at));
        self.client.ack(order, &printed).await.map(|_| ()).map_err(|error| explain(&error))
    }

    async fn payment_observed(&self, observed: &PaymentObserved) -> Result<Order, SourceError> {
        let trade_state =
            if observed.refunded { ObservedTradeState::Refund } else { ObservedTradeState::Success };
        let told = merchant_api::PaymentObserved {
            transaction_id: observed.transaction_id.clone(),
            out_trade_no: observed.out_trade_no.clone(),
            total_fen: observed.total,
            trade_state,
            paid_at: observed.paid_at,
            observed_at: observed.observed_at,
            operator: None,
        };
        self.client.payment_observed(&observed.order, &told).await.map_err(|error| explain(&error))
    }
}

impl Backend {
    async fn decide(&self, approve: &Approve, decision: &Decision) -> Result<RefundRequest, SourceError> {
        let actor = actor(approve.actor.as_ref());
        self.client
            .decide(&approve.request, approve.version, &approve.idempotency_key, decision, actor.as_ref())
            .await
            .map_err(|error| explain(&error))
    }
}

fn read_cursor(text: &str) -> Result<Cursor, SourceError> {
    Cursor::new(text).map_err(|_| SourceError {
        kind: SourceErrorKind::CursorExpired,
        code: "backend_bad_answer",
        problem: "console:cursor".to_owned(),
        text: String::new(),
    })
}

fn ack(kind: AckKind, ticket: &str, at: Option<Timestamp>) -> AckRequest {
    AckRequest { kind, ticket: Some(ticket.to_owned()), at, operator: None }
}

fn actor(signed: Option<&Signature>) -> Option<Actor> {
    signed.map(|signed| Actor { id: signed.id.clone(), name: signed.name.clone() })
}

fn listed<T>(page: merchant_api::Page<T>, asked: Option<&str>) -> Result<Page<T>, SourceError> {
    let next = page.next_cursor.as_ref().map(ToString::to_string);
    if page.has_more && (next.is_none() || next.as_deref() == asked) {
        // Going on would read the same page for ever, stopping would lose the rest in silence.
        return Err(SourceError {
            kind: SourceErrorKind::Transient { retry_after_s: None },
            code: "backend_bad_answer",
            problem: "console:list_stuck".to_owned(),
            text: "has_more without a new cursor".to_owned(),
        });
    }
    let (mut items, mut unreadable) = (Vec::with_capacity(page.items.len()), Vec::new());
    for item in page.items {
        match item {
            Ok(object) => items.push(object),
            Err(bad) => {
                tracing::warn!(id = bad.id.as_deref(), reason = %bad.reason, "an object of a list cannot be read");
                unreadable.extend(bad.id);
            }
        }
    }
    Ok(Page { items, unreadable, next: next.filter(|_| page.has_more) })
}

fn existing<T>(outcome: Result<T, Error>) -> Result<Option<T>, SourceError> {
    match outcome {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(explain(&error)),
    }
}

pub(crate) fn explain(error: &Error) -> SourceError {
    let problem = error.problem();
    let text = problem
        .map(|problem| problem.detail.clone().unwrap_or_else(|| problem.title.clone()))
        .unwrap_or_default()
        .chars()
        .take(512)
        .collect();
    SourceError { kind: kind_of(error), code: message_code(error), problem: error.code().to_owned(), text }
}

fn kind_of(error: &Error) -> SourceErrorKind {
    if error.is_unauthenticated() {
        return SourceErrorKind::Unauthenticated;
    }
    if error.is_cursor_expired() {
        return SourceErrorKind::CursorExpired;
    }
    if error.is_not_found() || error.is_not_offered() {
        return SourceErrorKind::NotFound;
    }
    // Whatever leaves open whether it was executed, a 500 with a proper problem document included.
    if error.is_transient() || error.outcome() == merchant_api::Outcome::Unknown {
        return SourceErrorKind::Transient {
            retry_after_s: error.retry_after().map(|pause| pause.as_secs()),
        };
    }
    let Some(problem) = error.problem() else { return SourceErrorKind::Refused };
    let (mut request, mut order) = (None, None);
    match &problem.current {
        Some(Current::RefundRequest(current)) => request = Some(current.clone()),
        Some(Current::Order(current)) => order = Some(current.clone()),
        None => {}
    }
    match (problem.status, error.code()) {
        (403, _) => SourceErrorKind::Forbidden,
        (_, "idempotency_in_progress") => {
            SourceErrorKind::Transient { retry_after_s: error.retry_after().map(|pause| pause.as_secs()) }
        }
        (409, _) => SourceErrorKind::Conflict { request, order },
        (412, _) => SourceErrorKind::VersionConflict { request, order },
        _ => SourceErrorKind::Refused,
    }
}

/// Which text of the error catalogue tells a person about it.
fn message_code(error: &Error) -> &'static str {
    if let Error::Timeout { operation, .. } | Error::Interrupted { operation, .. } = error
        && operation.only_reads()
    {
        // "Whether it was done is not known" would frighten for nothing.
        return "backend_unreachable";
    }
    match error.code() {
        "unauthenticated" => "backend_unauthenticated",
        "forbidden" | "scope_missing" => "backend_forbidden",
        "state_conflict" => "backend_conflict",
        "version_conflict" => "backend_version_conflict",
        "amount_exceeds_refundable" => "amount_exceeds_refundable",
        "rate_limited" | "upstream_unavailable" | "internal_error" | "idempotency_in_progress" => {
            "backend_busy"
        }
        "console:unreachable" => "backend_unreachable",
        "console:timeout" | "console:interrupted" => "backend_no_answer",
        "console:tls" => "backend_tls",
        "console:plain_http" => "backend_http_not_loopback",
        other if other.starts_with("console:") => "backend_bad_answer",
        _ if error.is_unauthenticated() => "backend_unauthenticated",
        _ => "backend_refused",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;
    use std::thread;

    use domain::{Secret, TerminalId};

    use super::*;

    /// A backend that hangs up on every request.
    fn backend_that_hangs_up() -> Backend {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let _ = stream.read(&mut [0; 1024]);
            }
        });
        let client = Client::new(merchant_api::Config {
            base_url: format!("http://{address}/merchant/v1").parse().unwrap(),
            credentials: merchant_api::Credentials::Bearer(Secret::new("token".to_owned())),
            terminal: TerminalId::new("t1").unwrap(),
            extra_root_pem: None,
            accept_language: "zh-CN".to_owned(),
        });
        Backend::new(client.unwrap())
    }

    #[tokio::test]
    async fn only_a_cut_write_leaves_open_whether_it_was_done() {
        let backend = backend_that_hangs_up();
        let reading = backend.changes(None, 0).await.unwrap_err();
        assert_eq!(reading.code, "backend_unreachable");
        let reject = Reject {
            request: RefundRequestId::new("r1").unwrap(),
            version: 1,
            idempotency_key: "0123456789abcdef".to_owned(),
            reason: "已发货".to_owned(),
            actor: None,
        };
        assert_eq!(backend.reject(&reject).await.unwrap_err().code, "backend_no_answer");
    }
}
