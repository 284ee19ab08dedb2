//! The demo shop's backend: the contract of `merchant-api.yaml` over plain HTTP on loopback.
//!
//! A call is checked in the order of R4: sign-in and shape, then the object, then a known `Idempotency-Key`, then
//! state, version and business rules. Each operation does the last four under the store's one lock.

mod ack;
mod auth;
mod feed;
mod idempotency;
mod orders;
mod payments;
mod payout;
mod problem;
mod refunds;
mod shipments;
mod store;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{
    OrderId, TerminalId,
    time::{self, Timestamp},
};
use merchant_api::wire::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use wechat_pay::v2::Client;

use self::auth::Gatekeeper;
pub(crate) use self::payments::verify_observed;
use self::problem::Refused;
pub(crate) use self::refunds::payout_mode;
pub(crate) use self::store::Store;
use crate::faults::{BackendFaults, FaultBoard};
use crate::identity::Identity;
use crate::serve::HangUp;

/// Where the contract's paths begin.
pub(crate) const BASE_PATH: &str = "/merchant/v1";
/// Where WeChat's payment notices go.
pub(crate) const NOTIFY_PATH: &str = "/wechat/notify/payment";
/// R11.
const MAX_REQUEST_BYTES: usize = 256 * 1024;
/// Seconds for which a payout claim keeps other terminals away.
const CLAIM_S: i64 = 300;

/// The demo shop.
pub(crate) struct Backend {
    pub(crate) identity: Arc<Identity>,
    pub(crate) faults: Arc<FaultBoard>,
    pub(crate) wechat: Client,
    address: SocketAddr,
    store: Mutex<Store>,
    gatekeeper: Gatekeeper,
    /// Distinguishes this run's cursors from those of any other.
    epoch: String,
    /// Seconds by which the shop's clock is ahead, for tests of claims that run out.
    clock_ahead_s: AtomicI64,
    observed: mpsc::UnboundedSender<OrderId>,
    request_ids: AtomicU64,
}

/// One call of the contract, checked for sign-in and shape.
pub(crate) struct Call {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
    terminal: TerminalId,
    now: Timestamp,
}

/// What a call is answered with when it is not refused.
#[derive(Debug, Clone)]
struct Reply {
    status: StatusCode,
    etag: Option<String>,
    body: Vec<u8>,
    replayed: bool,
}

/// What the paths and methods mean.
enum Operation {
    Capabilities,
    Changes,
    Orders,
    Order(String),
    RefundOrder(String),
    Ship(String),
    CorrectShipment(String, String),
    Ack(String),
    PaymentObserved(String),
    Note(String),
    RefundRequests,
    RefundRequest(String),
    Decision(String),
    Payout(String),
    Carriers,
}

impl Operation {
    fn of(method: &str, path: &str) -> Result<Operation, Refused> {
        use Operation::{
            Ack, Capabilities, Carriers, Changes, CorrectShipment, Decision, Note, Order, Orders,
            PaymentObserved, Payout, RefundOrder, RefundRequest, RefundRequests, Ship,
        };
        let segments: Vec<String> = path.split('/').skip(1).map(decode).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let id = |id: &str| id.to_owned();
        let (wanted, operation) = match segments.as_slice() {
            ["capabilities"] => ("GET", Capabilities),
            ["changes"] => ("GET", Changes),
            ["carriers"] => ("GET", Carriers),
            ["orders"] => ("GET", Orders),
            ["orders", order] => ("GET", Order(id(order))),
            ["orders", order, "refunds"] => ("POST", RefundOrder(id(order))),
            ["orders", order, "shipments"] => ("POST", Ship(id(order))),
            ["orders", order, "shipments", parcel] => ("PUT", CorrectShipment(id(order), id(parcel))),
            ["orders", order, "ack"] => ("POST", Ack(id(order))),
            ["orders", order, "payment-observed"] => ("POST", PaymentObserved(id(order))),
            ["orders", order, "note"] => ("PUT", Note(id(order))),
            ["refund-requests"] => ("GET", RefundRequests),
            ["refund-requests", request] => ("GET", RefundRequest(id(request))),
            ["refund-requests", request, "decision"] => ("POST", Decision(id(request))),
            ["refund-requests", request, "payout"] => ("PUT", Payout(id(request))),
            _ => return Err(problem::not_found()),
        };
        if method == wanted { Ok(operation) } else { Err(problem::method_not_allowed()) }
    }

    /// The word that a fault names it by.
    fn name(&self) -> &'static str {
        match self {
            Operation::Capabilities => "capabilities",
            Operation::Changes => "changes",
            Operation::Orders => "orders",
            Operation::Order(_) => "order",
            Operation::RefundOrder(_) => "refund_order",
            Operation::Ship(_) | Operation::CorrectShipment(..) => "shipments",
            Operation::Ack(_) => "ack",
            Operation::PaymentObserved(_) => "payment_observed",
            Operation::Note(_) => "note",
            Operation::RefundRequests => "refund_requests",
            Operation::RefundRequest(_) => "refund_request",
            Operation::Decision(_) => "decision",
            Operation::Payout(_) => "payout",
            Operation::Carriers => "carriers",
        }
    }
}

impl Backend {
    pub(crate) fn new(
        identity: Arc<Identity>,
        faults: Arc<FaultBoard>,
        wechat: Client,
        address: SocketAddr,
        observed: mpsc::UnboundedSender<OrderId>,
    ) -> Backend {
        Backend {
            identity,
            faults,
            wechat,
            address,
            store: Mutex::new(Store::new()),
            gatekeeper: Gatekeeper::default(),
            epoch: uuid::Uuid::new_v4().simple().to_string()[..8].to_owned(),
            clock_ahead_s: AtomicI64::new(0),
            observed,
            request_ids: AtomicU64::new(0),
        }
    }

    pub(crate) fn router(self: Arc<Backend>) -> Router {
        Router::new()
            .route(NOTIFY_PATH, axum::routing::post(payments::notified))
            .fallback(contract)
            .with_state(self)
    }

    /// The base address of the contract.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}{BASE_PATH}", self.address)
    }

    pub(crate) fn notify_url(&self) -> String {
        format!("http://{}{NOTIFY_PATH}", self.address)
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        // Every change of the store is complete before anything in it can panic.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The shop's own clock.
    pub(crate) fn now(&self) -> Timestamp {
        time::plus_seconds(Timestamp::now(), self.clock_ahead_s.load(Ordering::Relaxed))
    }

    /// Puts the shop's clock ahead of the world's.
    pub(crate) fn set_clock_ahead(&self, seconds: i64) {
        self.clock_ahead_s.store(seconds, Ordering::Relaxed);
    }

    /// Refuses whoever does not have the shop's credentials.
    pub(crate) fn sign_in(
        &self,
        headers: &HeaderMap,
        method: &str,
        path_and_query: &str,
        body: &[u8],
    ) -> Result<(), Refused> {
        self.gatekeeper.check(&self.identity, headers, method, path_and_query, body)
    }

    fn take_fault(&self, look: impl FnOnce(&mut BackendFaults) -> bool) -> bool {
        self.faults.backend(look)
    }

    fn refusing_fault(&self, name: &str) -> Option<Refused> {
        self.faults.backend(|faults| {
            if faults.unauthorized.take(name) {
                Some(problem::unauthenticated())
            } else if faults.rate_limited.take(name) {
                Some(problem::rate_limited())
            } else if faults.unavailable.take(name) {
                Some(problem::unavailable())
            } else {
                None
            }
        })
    }

    async fn perform(&self, operation: &Operation, call: &Call) -> Result<Reply, Refused> {
        match operation {
            Operation::Capabilities => Ok(Reply::ok(&self.capabilities())),
            Operation::Carriers => Ok(shipments::carriers(call)),
            Operation::Changes => self.changes(call).await,
            Operation::Orders => self.orders(call),
            Operation::Order(id) => self.order(id, call),
            Operation::RefundOrder(id) => self.refund_order(id, call),
            Operation::Ship(id) => self.ship(id, call),
            Operation::CorrectShipment(id, parcel) => self.correct_shipment(id, parcel, call),
            Operation::Ack(id) => self.ack(id, call),
            Operation::PaymentObserved(id) => self.payment_observed(id, call),
            Operation::Note(id) => self.note(id, call),
            Operation::RefundRequests => self.refund_requests(call),
            Operation::RefundRequest(id) => self.refund_request(id, call),
            Operation::Decision(id) => self.decide(id, call),
            Operation::Payout(id) => self.report_payout(id, call),
        }
    }
}

impl Reply {
    fn ok(body: &impl Serialize) -> Reply {
        Reply::raw(StatusCode::OK, serde_json::to_vec(body).unwrap_or_default())
    }

    fn raw(status: StatusCode, body: Vec<u8>) -> Reply {
        Reply { status, etag: None, body, replayed: false }
    }

    /// An object with its version as ETag (R3).
    fn versioned(body: &impl Serialize, version: u64) -> Reply {
        Reply { etag: Some(etag(version)), ..Reply::ok(body) }
    }

    fn not_modified(etag: String) -> Reply {
        Reply { etag: Some(etag), ..Reply::raw(StatusCode::NOT_MODIFIED, Vec::new()) }
    }
}

impl Call {
    /// The body as one of the contract's shapes.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let text = error.to_string();
            let field =
                text.split('`').nth(1).filter(|_| text.starts_with("missing field")).unwrap_or("body");
            problem::invalid(field, text.clone())
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        auth::text(&self.headers, name)
    }

    /// `Idempotency-Key`, which has to be there.
    fn idempotency_key(&self) -> Result<&str, Refused> {
        let wrong = || problem::invalid("Idempotency-Key", "16 至 64 个字母、数字、_ 或 -");
        let key = self.header("idempotency-key").ok_or_else(wrong)?;
        let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if plain && (16..=64).contains(&key.len()) { Ok(key) } else { Err(wrong()) }
    }

    /// The version in `If-Match`, which has to be there.
    fn if_match(&self) -> Result<u64, Refused> {
        let version = self.header("if-match").and_then(|value| value.strip_prefix("\"v")?.strip_suffix('"'));
        version
            .filter(|digits| digits.len() <= 16 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| problem::invalid("If-Match", "须为 \"v<版本>\""))
    }

    /// Whether the caller has this ETag already; compared weakly.
    fn has(&self, etag: &str) -> bool {
        let seen = self.header("if-none-match").unwrap_or_default();
        seen.split(',').any(|one| {
            let one = one.trim();
            one.strip_prefix("W/").unwrap_or(one) == etag
        })
    }

    /// A query parameter, decoded.
    fn parameter(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    }

    /// A whole number among the query parameters.
    fn number(
        &self,
        name: &'static str,
        range: std::ops::RangeInclusive<u64>,
        default: u64,
    ) -> Result<u64, Refused> {
        match self.parameter(name) {
            None => Ok(default),
            Some(text) => {
                text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
                    problem::invalid(name, format!("须为 {} 至 {}", range.start(), range.end()))
                })
            }
        }
    }

    /// How many items a page may have.
    fn limit(&self) -> Result<usize, Refused> {
        self.number("limit", 1..=200, 100).map(|limit| usize::try_from(limit).unwrap_or(200))
    }
}

fn etag(version: u64) -> String {
    format!("\"v{version}\"")
}

async fn contract(State(backend): State<Arc<Backend>>, request: Request<Body>) -> Response {
    let mut response = answer(&backend, request).await;
    let id = backend.request_ids.fetch_add(1, Ordering::Relaxed);
    if let Ok(value) = HeaderValue::from_str(&format!("{}-{id}", backend.epoch)) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

async fn answer(backend: &Backend, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_REQUEST_BYTES).await else {
        return refusal(&problem::too_large());
    };
    let path = parts.uri.path();
    let method = parts.method.as_str();
    let operation = match path.strip_prefix(BASE_PATH) {
        Some(path) => Operation::of(method, path),
        None => Err(problem::not_found()),
    };
    let name = operation.as_ref().map_or("", Operation::name);
    let slow = backend.faults.backend(|faults| faults.slow_ms.take(name));
    if slow > 0 {
        tokio::time::sleep(Duration::from_millis(slow)).await;
    }
    if let Some(fault) = backend.refusing_fault(name) {
        return refusal(&fault);
    }
    let path_and_query = parts.uri.path_and_query().map_or(path, |whole| whole.as_str());
    if let Err(problem) = backend.sign_in(&parts.headers, method, path_and_query, &body) {
        return refusal(&problem);
    }
    let result = async {
        let terminal = auth::terminal(&parts.headers)?;
        let operation = operation?;
        check_media_type(&parts.headers, &body)?;
        let call = Call {
            method: method.to_owned(),
            path: path.to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.clone(),
            body: body.to_vec(),
            terminal,
            now: backend.now(),
        };
        backend.perform(&operation, &call).await
    };
    match result.await {
        Ok(reply)
            if method != "GET" && backend.take_fault(|it| it.drop_connection_after_commit.take(name)) =>
        {
            tracing::debug!(status = %reply.status, "a reply was dropped on purpose");
            HangUp::Close.into_response()
        }
        Ok(mut reply) => {
            if backend.take_fault(|faults| faults.malformed_json.take(name)) {
                let half = reply.body.len() / 2;
                reply.body.truncate(half);
            }
            reply.into_response()
        }
        Err(problem) => refusal(&problem),
    }
}

fn check_media_type(headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
    let json = |kind: &str| kind.trim_start().to_ascii_lowercase().starts_with("application/json");
    match headers.get(CONTENT_TYPE).map(HeaderValue::to_str) {
        Some(Ok(kind)) if !body.is_empty() && !json(kind) => Err(problem::unsupported_media_type()),
        _ => Ok(()),
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(value) = self.etag.and_then(|etag| HeaderValue::from_str(&etag).ok()) {
            headers.insert(ETAG, value);
        }
        if self.replayed {
            let name = HeaderName::from_static("idempotency-replayed");
            headers.insert(name, HeaderValue::from_static("true"));
        }
        response
    }
}

/// A problem document as a response.
pub(crate) fn refusal(problem: &Problem) -> Response {
    let mut response = Response::new(Body::from(serde_json::to_vec(problem).unwrap_or_default()));
    *response.status_mut() =
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if problem.retryable == Some(true) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// A path segment without its percent-encoding.
fn decode(segment: &str) -> String {
    // `+` is an ordinary character in a path, where the decoder for forms reads it as a blank.
    let plain = segment.replace('+', "%2B");
    let pair = format!("={plain}");
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}
