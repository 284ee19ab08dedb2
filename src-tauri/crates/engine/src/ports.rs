//! The engine's view of the world. `adapters` fills these traits with real clients, tests with scripted ones.

use async_trait::async_trait;
use domain::payout::Payout;
use domain::reconcile::{Alert, TicketProof};
use domain::staff::Signature;
use domain::time::{SignedDuration, Timestamp};
use domain::{
    Fen, Order, OrderId, OutRefundNo, OutTradeNo, PayoutError, PayoutMode, RefundRequest, RefundRequestId,
    Secret, TerminalId, TransactionId, WechatPayment, WechatRefund,
};
use serde::{Deserialize, Serialize};

mod errors;

pub use errors::{
    GatewayError, GatewayOutcome, NotifyError, PinError, PrintError, SourceError, SourceErrorKind,
};

/// The time. Only its implementation reads a clock.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The one seat from which a data folder's refunds are driven. Of several processes on the folder (the console, and a
/// command beside it) one has it; the others write decisions down and watch.
pub trait Seat: Send + Sync {
    /// Takes the seat if it is free. Whether this process has it now; once taken it is kept until the process ends.
    fn take(&self) -> bool;
}

/// Hashes PINs so that nobody reads them out of the mirror. Both calls take about a tenth of a second on purpose, and
/// block: the engine makes them off its own threads.
pub trait PinHashing: Send + Sync {
    /// The hash of a new PIN, as a PHC string of argon2id, with a salt of its own.
    fn hash(&self, pin: &Secret<String>) -> Result<Secret<String>, PinError>;
    /// Whether a hash is this PIN's.
    fn fits(&self, pin: &Secret<String>, kept: &Secret<String>) -> Result<bool, PinError>;
}

/// The shop's backend, by the merchant contract.
#[async_trait]
pub trait OrderSource: Send + Sync {
    /// By how much the backend's clock is ahead of this PC's, by the newest answer that told its time; `None`: none has.
    fn ahead(&self) -> Option<SignedDuration>;
    /// What the backend can do.
    async fn capabilities(&self) -> Result<Capabilities, SourceError>;
    /// The present end of the feed.
    async fn feed_end(&self) -> Result<String, SourceError>;
    /// The feed after a cursor; held open up to `wait_s` seconds if there is nothing.
    async fn changes(&self, cursor: Option<&str>, wait_s: u32) -> Result<Changes, SourceError>;
    /// A page of all orders, newest first.
    async fn order_history(&self, page: Option<&str>) -> Result<Page<Order>, SourceError>;
    /// A page of all refund requests, newest first.
    async fn refund_history(&self, page: Option<&str>) -> Result<Page<RefundRequest>, SourceError>;
    /// One order; `None` when it does not exist.
    async fn order(&self, id: &OrderId) -> Result<Option<Order>, SourceError>;
    /// One refund request; `None` when it does not exist.
    async fn refund_request(&self, id: &RefundRequestId) -> Result<Option<RefundRequest>, SourceError>;
    /// Approves a request's payout; in terminal mode this claims it.
    async fn approve(&self, approve: &Approve) -> Result<RefundRequest, SourceError>;
    /// Starts a refund that nobody asked for; in terminal mode it is claimed at once.
    async fn refund_order(&self, refund: &RefundOrder) -> Result<RefundRequest, SourceError>;
    /// Agrees that the goods come back; no money moves.
    async fn agree_return(&self, approve: &Approve) -> Result<RefundRequest, SourceError>;
    /// Refuses a request.
    async fn reject(&self, reject: &Reject) -> Result<RefundRequest, SourceError>;
    /// Tells what became of a refund at WeChat.
    async fn report_payout(&self, report: &PayoutReport) -> Result<RefundRequest, SourceError>;
    /// Claims one ticket of an order for this terminal (contract R8).
    async fn claim_ticket(&self, order: &OrderId, ticket: &str) -> Result<TicketClaim, SourceError>;
    /// Tells that a ticket is on paper.
    async fn ticket_printed(&self, order: &OrderId, ticket: &str, at: Timestamp) -> Result<(), SourceError>;
    /// Tells that WeChat has the money of an order.
    async fn payment_observed(&self, observed: &PaymentObserved) -> Result<Order, SourceError>;
}

/// WeChat Pay, in whatever version.
#[async_trait]
pub trait PaymentGateway: Send + Sync {
    /// What WeChat knows of a payment; `None` when it knows none under this number.
    async fn query(&self, number: &PaymentNumber) -> Result<Option<WechatPayment>, GatewayError>;
    /// Sends a refund; the answer is WeChat's number for it and means "accepted", not "arrived".
    async fn refund(&self, refund: &SendRefund) -> Result<String, GatewayError>;
    /// What WeChat knows of a refund; `None` when it knows none under this number.
    async fn query_refund(&self, number: &OutRefundNo) -> Result<Option<WechatRefund>, GatewayError>;
}

/// Whoever tells people.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Shows the notice; one under the same key replaces itself.
    async fn notify(&self, notice: &Notice) -> Result<(), NotifyError>;
}

/// Paper.
#[async_trait]
pub trait Printer: Send + Sync {
    /// Prints one ticket and returns when its last byte was handed over.
    async fn print(&self, ticket: &Ticket) -> Result<Printed, PrintError>;
}

/// What the backend can do, as far as the engine acts on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// The shop's id at the backend.
    pub shop_id: String,
    /// Whether it holds an empty reply until something comes, and for how long at most.
    pub long_poll_s: Option<u32>,
    /// Whether it lists orders.
    pub history: bool,
    /// Whether terminals claim tickets.
    pub print_claim: bool,
    /// Whether it keeps acknowledgements.
    pub ack: bool,
    /// Whether it hears of lost payment notifications.
    pub payment_observed: bool,
    /// Whether less than the asked amount may be approved.
    pub partial_refund: bool,
    /// Whether refunds are decided here at all.
    pub decide_refunds: bool,
    /// Whether the shop may start refunds.
    pub initiate_refunds: bool,
    /// Who pays them.
    pub payout: PayoutMode,
    /// Merchant numbers whose refunds this shop may pay; empty: not told.
    pub mchids: Vec<String>,
}

/// A piece of the feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// What changed, in order.
    pub items: Vec<Change>,
    /// The cursor after it.
    pub next_cursor: String,
    /// Whether more is there already.
    pub has_more: bool,
}

/// One entry of the feed.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// An order as it is now.
    Order(Box<Order>),
    /// A refund request as it is now.
    RefundRequest(Box<RefundRequest>),
    /// An order to be read singly, because its body is missing or foul.
    OrderNamed(String),
    /// A refund request to be read singly.
    RefundRequestNamed(String),
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The objects.
    pub items: Vec<T>,
    /// Ids of objects that could not be read, to be read singly.
    pub unreadable: Vec<String>,
    /// The next page, if there is one.
    pub next: Option<String>,
}

/// An approval on its way to the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approve {
    /// The request.
    pub request: RefundRequestId,
    /// The version that the person saw.
    pub version: u64,
    /// The key under which a repetition is the same decision.
    pub idempotency_key: String,
    /// How much.
    pub amount: Fen,
    /// The number at WeChat; `None` where the backend pays.
    pub refund_no: Option<OutRefundNo>,
    /// Why.
    pub reason: Option<String>,
    /// Who decided.
    pub actor: Option<Signature>,
}

/// A refund that the shop starts, on its way to the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    /// The order.
    pub order: OrderId,
    /// The order's version that the person saw.
    pub version: u64,
    /// The key under which a repetition is the same refund.
    pub idempotency_key: String,
    /// How much.
    pub amount: Fen,
    /// The number at WeChat; `None` where the backend pays.
    pub refund_no: Option<OutRefundNo>,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub actor: Option<Signature>,
}

/// A refusal on its way to the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The request.
    pub request: RefundRequestId,
    /// The version that the person saw.
    pub version: u64,
    /// The key under which a repetition is the same decision.
    pub idempotency_key: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub actor: Option<Signature>,
}

/// A fact about a refund number, for the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutReport {
    /// The request.
    pub request: RefundRequestId,
    /// What became of it.
    pub fact: PayoutFact,
    /// The number.
    pub refund_no: OutRefundNo,
    /// The claimed amount.
    pub amount: Fen,
}

/// What became of a refund at WeChat, in the contract's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutFact {
    /// Not final yet.
    Processing {
        /// Why not.
        error: Option<PayoutError>,
    },
    /// Arrived.
    Success {
        /// WeChat's number.
        refund_id: String,
        /// When.
        succeeded_at: Timestamp,
    },
    /// Closed, no money moved.
    Closed,
    /// The buyer's account cannot take it.
    Abnormal,
    /// WeChat refused it for certain.
    Failed {
        /// Why.
        error: PayoutError,
    },
}

/// The outcome of claiming a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketClaim {
    /// This terminal prints it.
    Ours {
        /// Claims so far; above 1 it may be on paper already.
        claims: u32,
    },
    /// Another terminal has printed it.
    Elsewhere,
    /// Another terminal is printing it, and may not succeed.
    ElsewhereForNow,
}

/// WeChat's word on an order that the backend calls unpaid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentObserved {
    /// The order.
    pub order: OrderId,
    /// WeChat's number.
    pub transaction_id: TransactionId,
    /// The shop's number.
    pub out_trade_no: OutTradeNo,
    /// The amount.
    pub total: Fen,
    /// Whether WeChat says REFUND by now; else SUCCESS.
    pub refunded: bool,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// When WeChat said so.
    pub observed_at: Timestamp,
}

/// Which payment is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentNumber {
    /// By WeChat's number.
    TransactionId(TransactionId),
    /// By the shop's number.
    OutTradeNo(OutTradeNo),
}

impl PaymentNumber {
    /// The best number of an order to ask WeChat by: its own where the backend tells it.
    pub fn of(order: &Order) -> Option<PaymentNumber> {
        let payment = &order.payment;
        match (&payment.transaction_id, &payment.out_trade_no) {
            (Some(number), _) => Some(PaymentNumber::TransactionId(number.clone())),
            (None, Some(number)) => Some(PaymentNumber::OutTradeNo(number.clone())),
            (None, None) => None,
        }
    }

    /// The text of the number.
    pub fn as_str(&self) -> &str {
        match self {
            PaymentNumber::TransactionId(number) => number.as_str(),
            PaymentNumber::OutTradeNo(number) => number.as_str(),
        }
    }
}

/// A refund on its way to WeChat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendRefund {
    /// Which payment.
    pub payment: PaymentNumber,
    /// The refund's number.
    pub out_refund_no: OutRefundNo,
    /// The whole payment.
    pub total: Fen,
    /// What goes back.
    pub amount: Fen,
    /// What the buyer reads.
    pub reason: Option<String>,
}

/// Something to tell people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One under the same key replaces the one before.
    pub key: String,
    /// What.
    pub alert: Alert,
    /// How many it stands for; above 1 it names no single order.
    pub count: u32,
    /// The order, for "open" and "print".
    pub order_id: Option<OrderId>,
    /// What fills the text's placeholders.
    pub parameters: Vec<(&'static str, String)>,
}

/// A ticket to print.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// The order.
    pub order: Order,
    /// The refund, for a refund slip.
    pub refund: Option<RefundSlip>,
    /// Which template.
    pub template: String,
    /// Which printer, as `zhanggui-cli print --to` names it, or `auto`.
    pub target: String,
    /// Paper width in mm.
    pub width_mm: u32,
    /// What it says of the money.
    pub proof: TicketProof,
    /// Whether it may be on paper already.
    pub possible_duplicate: bool,
    /// Which repetition it is of a ticket that came out before; 0: the first.
    pub reprint: u32,
    /// The ledger's number, printed on the slip.
    pub job: i64,
    /// The time it carries.
    pub printed_at: Timestamp,
}

/// What a refund slip says beside the order.
#[derive(Debug, Clone, PartialEq)]
pub struct RefundSlip {
    /// What the backend says.
    pub request: RefundRequest,
    /// What this PC knows of the money.
    pub payout: Payout,
}

/// A ticket's last byte was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printed {
    /// How many bytes.
    pub bytes: u64,
    /// Whether the printer itself answered afterwards.
    pub confirmed: bool,
}

/// This terminal and shop, as numbers are derived from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The shop.
    pub shop: domain::ShopId,
    /// This installation.
    pub terminal: TerminalId,
    /// Who we are at WeChat.
    pub merchant: domain::verify::Merchant,
}
