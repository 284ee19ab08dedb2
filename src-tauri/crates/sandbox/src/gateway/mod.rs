//! WeChat Pay's gateway, API v2, over TLS (sheet wechat-pay-v2).
//!
//! A call goes through the same gates as at WeChat, in this order: the client certificate where the path needs one,
//! the method, the size, the XML, the merchant number, the signature, the mini program, the fields. Only then is
//! anything done; [`answer`] signs what came of it, or spoils it if a fault says so.

mod answer;
mod ledger;
mod notify;
mod orders;
mod query;
mod refunds;
pub(crate) mod tls;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, State};
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use domain::{
    Fen, OutTradeNo, TransactionId,
    time::{self, SignedDuration, Timestamp},
};
use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use tokio::sync::{Notify, mpsc};
use wechat_pay::v2::{Fields, SignType, sign, xml};

use self::answer::{Answer, Outcome};
pub(crate) use self::ledger::{Ledger, RefundEnd, RefundOrder, RefundRules, Trade, TradeState};
pub(crate) use self::notify::{Courier, Notice};
use self::tls::PeerCertificate;
use crate::Error;
use crate::books::Books;
use crate::faults::FaultBoard;
use crate::identity::{Identity, Stream, chance};

/// Requests beyond this are refused; the longest documented one has some 8 000 characters.
const MAX_REQUEST_BYTES: usize = 256 * 1024;

/// The gateway: WeChat's books and the rules for changing them.
pub(crate) struct Gateway {
    identity: Arc<Identity>,
    faults: Arc<FaultBoard>,
    ledger: Mutex<Ledger>,
    rng: Mutex<ChaCha12Rng>,
    notices: mpsc::UnboundedSender<Notice>,
    refund_accepted: Notify,
}

/// An operation of API v2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    UnifiedOrder,
    OrderQuery,
    CloseOrder,
    Refund,
    RefundQuery,
}

impl Endpoint {
    fn of(path: &str) -> Option<Endpoint> {
        Some(match path {
            "/pay/unifiedorder" => Endpoint::UnifiedOrder,
            "/pay/orderquery" => Endpoint::OrderQuery,
            "/pay/closeorder" => Endpoint::CloseOrder,
            "/secapi/pay/refund" => Endpoint::Refund,
            "/pay/refundquery" => Endpoint::RefundQuery,
            _ => return None,
        })
    }

    /// The word that a fault names it by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Endpoint::UnifiedOrder => "unifiedorder",
            Endpoint::OrderQuery => "orderquery",
            Endpoint::CloseOrder => "closeorder",
            Endpoint::Refund => "refund",
            Endpoint::RefundQuery => "refundquery",
        }
    }

    fn needs_certificate(self) -> bool {
        self == Endpoint::Refund
    }
}

/// A payment that a buyer made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMade {
    /// WeChat's number.
    pub transaction_id: TransactionId,
    /// When.
    pub paid_at: Timestamp,
    /// Whether the shop is told of it.
    pub notified: Notification,
}

/// Whether the shop is told of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notification {
    /// As always, until the shop answers SUCCESS.
    Sent,
    /// Never: the notification is lost.
    Lost,
}

impl Gateway {
    pub(crate) fn new(
        identity: Arc<Identity>,
        faults: Arc<FaultBoard>,
        seed: u64,
        notices: mpsc::UnboundedSender<Notice>,
    ) -> Gateway {
        Gateway {
            identity,
            faults,
            ledger: Mutex::default(),
            rng: Mutex::new(chance(seed, Stream::Gateway)),
            notices,
            refund_accepted: Notify::new(),
        }
    }

    pub(crate) fn router(self: Arc<Gateway>) -> Router {
        Router::new().fallback(handle).with_state(self)
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // Every change of the ledger is complete before anything in it can panic.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn books(&self) -> Books {
        self.ledger().books()
    }

    /// A buyer pays a prepaid order.
    pub(crate) fn pay(
        &self,
        out_trade_no: &OutTradeNo,
        notification: Notification,
    ) -> Result<PaymentMade, Error> {
        let now = Timestamp::now();
        let transaction_id = self.transaction_id(now);
        let number = out_trade_no.as_str();
        let notice = {
            let mut ledger = self.ledger();
            let Some(trade) = ledger.trade(number) else {
                return Err(Error::NoSuchOrder { number: number.to_owned() });
            };
            if trade.state != TradeState::NotPaid || trade.expires_at.is_some_and(|end| end <= now) {
                let state = trade.trade_state().to_owned();
                return Err(Error::WrongState { number: number.to_owned(), state });
            }
            ledger
                .pay(number, transaction_id.to_string(), now)
                .map(|trade| self.payment_notice(trade, &transaction_id, now))
        };
        let dropped = self.faults.gateway(|faults| faults.drop_payment_notification.take("pay"));
        let notified = if dropped { Notification::Lost } else { notification };
        if let (Some(notice), Notification::Sent) = (notice, notified) {
            // The courier is gone only while the sandbox shuts down, when nobody waits for notices.
            let _ = self.notices.send(notice);
        }
        Ok(PaymentMade { transaction_id, paid_at: now, notified })
    }

    /// A number as WeChat makes them: a prefix, the day in Beijing and ten digits.
    pub(crate) fn transaction_id(&self, now: Timestamp) -> TransactionId {
        let text = format!("4200002{}{}", &time::to_compact(now)[..8], self.digits(13));
        self.valid(text)
    }

    pub(crate) fn refund_id(&self, now: Timestamp) -> String {
        format!("503008{}{}", &time::to_compact(now)[..8], self.digits(15))
    }

    #[expect(clippy::expect_used, reason = "28 digits are a transaction id by the pattern of the type")]
    fn valid(&self, text: String) -> TransactionId {
        TransactionId::new(text).expect("28 digits are a transaction id")
    }

    fn digits(&self, count: usize) -> String {
        let mut rng = self.rng();
        (0..count).map(|_| char::from(b'0' + rng.random_range(0..10u8))).collect()
    }

    fn hex(&self, count: usize) -> String {
        let mut rng = self.rng();
        (0..count).map(|_| char::from(b"0123456789abcdef"[usize::from(rng.random_range(0..16u8))])).collect()
    }

    fn rng(&self) -> MutexGuard<'_, ChaCha12Rng> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refund_stays(&self) -> SignedDuration {
        let ms = self.faults.gateway(|faults| faults.refund_stays_processing_ms);
        SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
    }

    /// Ends the refunds that are due and tells the shop.
    fn settle_refunds(&self) {
        let ended = self.ledger().settle(Timestamp::now(), self.refund_stays());
        for refund in &ended {
            if let Some(notice) = self.refund_notice(refund) {
                let _ = self.notices.send(notice);
            }
        }
    }

    /// Ends refunds as their time comes, for as long as the task lives.
    pub(crate) async fn run_treasury(self: Arc<Gateway>) {
        loop {
            // Registered before looking, so that a refund accepted in between wakes it all the same.
            let accepted = self.refund_accepted.notified();
            let changed = self.faults.changed();
            let due = self.ledger().next_due(self.refund_stays());
            let wait = due.map_or(Duration::from_secs(3_600), |due| {
                let left = time::since(due, Timestamp::now());
                Duration::try_from(left).unwrap_or(Duration::ZERO)
            });
            tokio::select! {
                () = accepted => {}
                () = changed => {}
                () = tokio::time::sleep(wait) => self.settle_refunds(),
            }
        }
    }

    fn call(&self, endpoint: Endpoint, peer: &PeerCertificate, body: &[u8]) -> Answer {
        let request = match self.admit(endpoint, peer, body) {
            Ok(request) => request,
            Err(Gate::Said(text)) => return Answer::Said(text),
            Err(Gate::Refused(request, refusal)) => {
                return self.dress(endpoint, &request, Outcome::Refused(refusal));
            }
        };
        let name = endpoint.name();
        let outcome = if self.faults.gateway(|faults| faults.frequency_limited.take(name)) {
            Outcome::refused("FREQUENCY_LIMITED", "频率限制，请稍后重试")
        } else {
            match endpoint {
                Endpoint::UnifiedOrder => self.unified_order(&request.fields, request.sign_type),
                Endpoint::OrderQuery => self.order_query(&request.fields),
                Endpoint::CloseOrder => self.close_order(&request.fields),
                Endpoint::Refund => self.refund(&request.fields),
                Endpoint::RefundQuery => self.refund_query(&request.fields),
            }
        };
        self.dress(endpoint, &request, outcome)
    }

    /// The gates that are the same for every call.
    fn admit(&self, endpoint: Endpoint, peer: &PeerCertificate, body: &[u8]) -> Result<Admitted, Gate> {
        let said = |text: &str| Gate::Said(text.to_owned());
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(said("POST_DATA_EMPTY"));
        }
        let fields = xml::read(body).map_err(|error| match error {
            xml::XmlError::Encoding => said("NOT_UTF8"),
            error => {
                tracing::debug!(reason = error.reason(), "a request was not read");
                said("XML_FORMAT_ERROR")
            }
        })?;
        let mch_id = fields.text("mch_id").ok_or_else(|| said("缺少参数mch_id"))?;
        if mch_id != self.identity.mch_id.as_str() {
            return Err(said("MCHID_NOT_EXIST"));
        }
        let sign_type =
            sign::verify_request(&fields, &self.identity.api_v2_key).map_err(|_| said("签名错误"))?;
        if let (true, PeerCertificate::Merchant(name)) = (endpoint.needs_certificate(), peer)
            && name != mch_id
        {
            return Err(said("certificate not match"));
        }
        let request = Admitted { fields, sign_type };
        match self.check_common(&request.fields) {
            Ok(()) => Ok(request),
            Err(refusal) => Err(Gate::Refused(request, refusal)),
        }
    }

    fn check_common(&self, fields: &Fields) -> Result<(), ledger::Refusal> {
        let app_id = required(fields, "appid", 32)?;
        if app_id != self.identity.app_id.as_str() {
            return Err(ledger::Refusal::new("APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配"));
        }
        required(fields, "nonce_str", 32).map(|_| ())
    }
}

/// A call that passed the gates.
struct Admitted {
    fields: Fields,
    sign_type: SignType,
}

/// Where a call was stopped.
enum Gate {
    /// `return_code=FAIL` with this text, unsigned.
    Said(String),
    /// A signed refusal.
    Refused(Admitted, ledger::Refusal),
}

async fn handle(
    State(gateway): State<Arc<Gateway>>,
    Extension(peer): Extension<PeerCertificate>,
    request: Request<Body>,
) -> Response {
    let Some(endpoint) = Endpoint::of(request.uri().path()) else {
        return answer::page(StatusCode::NOT_FOUND, "404 Not Found", "");
    };
    if endpoint.needs_certificate() {
        match peer {
            PeerCertificate::Missing => return answer::page_400("No required SSL certificate was sent"),
            PeerCertificate::NotAccepted => return answer::page_400("The SSL certificate error"),
            PeerCertificate::Merchant(_) => {}
        }
    }
    if request.method() != Method::POST {
        return Answer::Said("REQUIRE_POST_METHOD".to_owned()).into_response(&gateway, endpoint).await;
    }
    let Ok(body) = to_bytes(request.into_body(), MAX_REQUEST_BYTES).await else {
        return answer::page(StatusCode::PAYLOAD_TOO_LARGE, "413 Request Entity Too Large", "");
    };
    let slow = gateway.faults.gateway(|faults| faults.slow_ms.take(endpoint.name()));
    if slow > 0 {
        tokio::time::sleep(Duration::from_millis(slow)).await;
    }
    gateway.call(endpoint, &peer, &body).into_response(&gateway, endpoint).await
}

/// A field that has to be there, of at most `max` bytes.
fn required<'a>(fields: &'a Fields, name: &'static str, max: usize) -> Result<&'a str, ledger::Refusal> {
    optional(fields, name, max)?
        .ok_or_else(|| ledger::Refusal::new("LACK_PARAMS", format!("缺少必填参数{name}")))
}

/// A field that may be missing or empty, of at most `max` bytes.
fn optional<'a>(
    fields: &'a Fields,
    name: &'static str,
    max: usize,
) -> Result<Option<&'a str>, ledger::Refusal> {
    match fields.text(name) {
        Some(text) if text.len() > max => Err(wrong(name)),
        text => Ok(text),
    }
}

/// An amount in fen that has to be there and be positive.
fn required_fen(fields: &Fields, name: &'static str) -> Result<Fen, ledger::Refusal> {
    let text = required(fields, name, 12)?;
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(fen) if plain && fen >= 1 => Ok(Fen::new(fen)),
        _ => Err(wrong(name)),
    }
}

/// PARAM_ERROR for one field.
fn wrong(name: &str) -> ledger::Refusal {
    ledger::Refusal::new("PARAM_ERROR", format!("参数错误:{name}格式或取值不正确"))
}
