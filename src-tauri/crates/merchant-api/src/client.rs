use std::sync::Arc;

use domain::{Ack, Order, OrderId, RefundRequest, RefundRequestId, RefundState, Secret, TerminalId};
use jiff::SignedDuration;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::action::{Actor, Decision, NewRefund, PayoutReport};
use crate::connection::{Call, Connection};
use crate::convert::checked_capabilities;
use crate::error::{Error, Operation};
use crate::feed::{ChangePage, Page};
use crate::query::{ChangesQuery, OrdersQuery, Query};
use crate::read::{InvalidMember, read_json};
use crate::transport::Reply;
use crate::wire;
use crate::wire::{AckRequest, Capabilities, Cursor, PaymentObserved};
use crate::words::ObjectKind;

/// Where a shop's backend is, and who speaks to it.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address of the contract, `https://shop.example/merchant/v1`, with or without a slash at its end. Plain
    /// http only to this machine (R11).
    pub base_url: Url,
    /// How this terminal proves who it is.
    pub credentials: Credentials,
    /// This installation (R5).
    pub terminal: TerminalId,
    /// A root certificate to trust besides the system's, as PEM.
    pub extra_root_pem: Option<Vec<u8>>,
    /// In which language the server should word its problems: `zh-CN`, `en`.
    pub accept_language: String,
}

/// How a terminal proves who it is.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A token of this terminal.
    Bearer(Secret<String>),
    /// A shared secret that signs each request (R10).
    Hmac {
        /// Which secret.
        key_id: String,
        /// The secret.
        secret: Secret<String>,
    },
}

/// Speaks to a shop's backend. A clone shares its connections.
///
/// Each call ends by itself: 10 s to connect, 30 s more for the reply, plus the wait of a long poll. Nothing is
/// repeated by itself: the caller knows whether and when.
#[derive(Debug, Clone)]
pub struct Client {
    connection: Arc<Connection>,
}

impl Client {
    /// A client; nothing is sent yet. Fails on an address that R11 forbids, on credentials that cannot stand in a
    /// header, and where TLS cannot be set up.
    pub fn new(config: Config) -> Result<Client, Error> {
        Ok(Client { connection: Arc::new(Connection::new(config)?) })
    }

    /// What the backend can do.
    pub async fn capabilities(&self) -> Result<Capabilities, Error> {
        let reply = self.send(Call::get(Operation::GetCapabilities, &["capabilities"])).await?;
        Ok(checked_capabilities(reply.read()?)?)
    }

    /// A page of the feed. With `wait_s` an empty reply is held by a server that can.
    ///
    /// An empty page with `has_more` whose cursor has not moved is [`Error::StuckCursor`].
    pub async fn changes(&self, query: &ChangesQuery) -> Result<ChangePage, Error> {
        let call = Call {
            query: query.text(),
            wait: query.wait(),
            ..Call::get(Operation::GetChanges, &["changes"])
        };
        let page = ChangePage::read(&self.send(call).await?.text)?;
        if page.has_more && page.items.is_empty() && query.cursor.as_ref() == Some(&page.next_cursor) {
            return Err(Error::StuckCursor);
        }
        Ok(page)
    }

    /// A page of orders, newest first (feature history).
    pub async fn orders(&self, query: &OrdersQuery) -> Result<Page<Order>, Error> {
        if query.ids.len() > 100 {
            return Err(Error::Argument { what: "ids", reason: "are more than 100" });
        }
        let call = Call { query: query.text(), ..Call::get(Operation::ListOrders, &["orders"]) };
        Ok(Page::read::<wire::Order>(ObjectKind::Order, &self.send(call).await?.text)?)
    }

    /// One order.
    pub async fn order(&self, id: &OrderId) -> Result<Order, Error> {
        let reply = self.send(Call::get(Operation::GetOrder, &["orders", id.as_str()])).await?;
        reply.order(id)
    }

    /// One order, or `None` if its version is still the known one.
    pub async fn order_if_changed(&self, id: &OrderId, known_version: u64) -> Result<Option<Order>, Error> {
        let path = ["orders", id.as_str()];
        let call = Call { if_none_match: Some(known_version), ..Call::get(Operation::GetOrder, &path) };
        match self.connection.send(call).await? {
            Reply::NotModified => Ok(None),
            Reply::Json(text) => Json { text }.order(id).map(Some),
        }
    }

    /// A page of refund requests, newest first; `states` empty is any.
    pub async fn refund_requests(
        &self,
        cursor: Option<&Cursor>,
        states: &[RefundState],
    ) -> Result<Page<RefundRequest>, Error> {
        let mut query = Query::default();
        query.page(cursor, None);
        query.add("states", states.iter().map(RefundState::as_str));
        let call = Call { query: query.0, ..Call::get(Operation::ListRefundRequests, &["refund-requests"]) };
        Ok(Page::read::<wire::RefundRequest>(ObjectKind::RefundRequest, &self.send(call).await?.text)?)
    }

    /// One refund request.
    pub async fn refund_request(&self, id: &RefundRequestId) -> Result<RefundRequest, Error> {
        let path = ["refund-requests", id.as_str()];
        self.send(Call::get(Operation::GetRefundRequest, &path)).await?.refund_request(id)
    }

    /// Decides a refund request: approving claims the payout in terminal mode (R7) and pays in backend mode.
    ///
    /// `version` is the one the person saw. `idempotency_key` (16 to 64 letters, digits, `_`, `-`) was stored before
    /// the first sending; a repeat has the same key and the same arguments, the version excepted.
    pub async fn decide(
        &self,
        id: &RefundRequestId,
        version: u64,
        idempotency_key: &str,
        decision: &Decision,
        actor: Option<&Actor>,
    ) -> Result<RefundRequest, Error> {
        if let Decision::Reject { reason_text, .. } = decision {
            reason_given(reason_text)?;
        }
        let path = ["refund-requests", id.as_str(), "decision"];
        let call = Call {
            idempotency_key: Some(idempotency_key),
            if_match: Some(version),
            ..Call::post(Operation::DecideRefund, &path, json(&decision.to_wire(actor))?, actor)
        };
        self.send(call).await?.refund_request(id)
    }

    /// Starts a refund. The reply is the new refund request, in terminal mode already claimed by this terminal.
    ///
    /// `version` is the order's; version and key as in [`Client::decide`].
    pub async fn refund_order(
        &self,
        id: &OrderId,
        version: u64,
        idempotency_key: &str,
        refund: &NewRefund,
        actor: Option<&Actor>,
    ) -> Result<RefundRequest, Error> {
        reason_given(&refund.reason_text)?;
        let path = ["orders", id.as_str(), "refunds"];
        let call = Call {
            idempotency_key: Some(idempotency_key),
            if_match: Some(version),
            ..Call::post(Operation::RefundOrder, &path, json(&refund.to_wire(actor))?, actor)
        };
        let request: RefundRequest = self.send(call).await?.read::<wire::RefundRequest>()?.try_into()?;
        if request.order_id == *id { Ok(request) } else { Err(other_object("order_id")) }
    }

    /// Reports what became of a refund at WeChat. The same report again changes nothing, so that it needs no key.
    pub async fn report_payout(
        &self,
        id: &RefundRequestId,
        report: &PayoutReport,
        actor: Option<&Actor>,
    ) -> Result<RefundRequest, Error> {
        let path = ["refund-requests", id.as_str(), "payout"];
        let call = Call {
            method: reqwest::Method::PUT,
            ..Call::post(Operation::ReportPayout, &path, json(&report.to_wire(actor))?, actor)
        };
        self.send(call).await?.refund_request(id)
    }

    /// Says that this terminal has seen, accepted, is printing or has printed an order (features ack, print_claim).
    /// Of these only `printing` can meet a conflict (R8).
    pub async fn ack(&self, id: &OrderId, request: &AckRequest) -> Result<Ack, Error> {
        let path = ["orders", id.as_str(), "ack"];
        let call = Call::post(Operation::AckOrder, &path, json(request)?, request.operator.as_ref());
        Ok(self.send(call).await?.read::<wire::Ack>()?.into())
    }

    /// Hints that WeChat says paid where the backend says unpaid (feature payment_observed). The reply is the order
    /// as it is now; the change comes through the feed.
    pub async fn payment_observed(&self, id: &OrderId, observed: &PaymentObserved) -> Result<Order, Error> {
        let path = ["orders", id.as_str(), "payment-observed"];
        let call = Call::post(Operation::PaymentObserved, &path, json(observed)?, observed.operator.as_ref());
        self.send(call).await?.order(id)
    }

    /// By how much the server's clock is ahead of this PC's (negative: behind), at its last answer, if that is more
    /// than 60 s: signatures and deadlines suffer then.
    pub fn last_skew(&self) -> Option<SignedDuration> {
        self.connection.last_skew()
    }

    /// By how much the server's clock is ahead of this PC's, by its last answer that told the time, to about a second; `None`:
    /// none has.
    pub fn measured_skew(&self) -> Option<SignedDuration> {
        self.connection.measured_skew()
    }

    async fn send(&self, call: Call<'_>) -> Result<Json, Error> {
        let operation = call.operation;
        match self.connection.send(call).await? {
            Reply::Json(text) => Ok(Json { text }),
            // Nobody asked whether it was modified.
            Reply::NotModified => Err(Error::NoAnswer { operation, status: 304, retry_after: None }),
        }
    }
}

/// The JSON of a success.
struct Json {
    text: String,
}

impl Json {
    fn read<W: DeserializeOwned>(&self) -> Result<W, Error> {
        Ok(read_json(self.text.as_bytes())?)
    }

    /// The order that was asked for, and no other: a confused cache must not make one order look like another.
    fn order(&self, id: &OrderId) -> Result<Order, Error> {
        let order: Order = self.read::<wire::Order>()?.try_into()?;
        if order.id == *id { Ok(order) } else { Err(other_object("id")) }
    }

    fn refund_request(&self, id: &RefundRequestId) -> Result<RefundRequest, Error> {
        let request: RefundRequest = self.read::<wire::RefundRequest>()?.try_into()?;
        if request.id == *id { Ok(request) } else { Err(other_object("id")) }
    }
}

fn other_object(member: &str) -> Error {
    Error::Invalid(InvalidMember::new(member, "is not the one that was asked for"))
}

fn reason_given(reason_text: &str) -> Result<(), Error> {
    if reason_text.trim().is_empty() {
        return Err(Error::Argument { what: "reason_text", reason: "is empty" });
    }
    Ok(())
}

/// The body's bytes: the same for the same arguments, so that a repeat is one to the server as well (R4).
fn json<W: Serialize>(body: &W) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body)
        .map_err(|_| Error::Argument { what: "body", reason: "cannot be written as JSON" })
}
