//! What can go wrong with a call.

use std::time::Duration;

use engine::ports::{GatewayError, GatewayOutcome, NotifyError, PrintError, SourceError, SourceErrorKind};

/// A call of the engine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// What the backend can do.
    Capabilities,
    /// The end of the feed.
    FeedEnd,
    /// The feed.
    Changes,
    /// The list of orders.
    OrderHistory,
    /// The list of refund requests.
    RefundHistory,
    /// One order.
    Order,
    /// One refund request.
    RefundRequest,
    /// Claims a payout.
    Approve,
    /// Starts a refund that nobody asked for.
    RefundOrder,
    /// Agrees to a return.
    AgreeReturn,
    /// Refuses a request.
    Reject,
    /// Tells what became of a payout.
    Report,
    /// Claims a ticket.
    ClaimTicket,
    /// Tells that a ticket is on paper.
    TicketPrinted,
    /// Tells that WeChat has the money.
    PaymentObserved,
    /// Asks WeChat about a payment.
    Query,
    /// Sends a refund to WeChat.
    Refund,
    /// Asks WeChat about a refund.
    QueryRefund,
    /// Tells people.
    Notify,
    /// Prints.
    Print,
}

impl Call {
    /// Whether it goes to the shop's backend.
    pub(crate) fn is_the_backends(self) -> bool {
        !matches!(self, Call::Query | Call::Refund | Call::QueryRefund | Call::Notify | Call::Print)
    }

    /// Every call.
    pub const ALL: [Call; 20] = [
        Call::Capabilities,
        Call::FeedEnd,
        Call::Changes,
        Call::OrderHistory,
        Call::RefundHistory,
        Call::Order,
        Call::RefundRequest,
        Call::Approve,
        Call::RefundOrder,
        Call::AgreeReturn,
        Call::Reject,
        Call::Report,
        Call::ClaimTicket,
        Call::TicketPrinted,
        Call::PaymentObserved,
        Call::Query,
        Call::Refund,
        Call::QueryRefund,
        Call::Notify,
        Call::Print,
    ];
}

/// What a call meets.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// It never returns; whoever waits for it is dropped (a crash).
    Hang(When),
    /// No usable answer.
    Silence(When),
    /// It takes this long.
    Slow(Duration),
    /// The backend refuses.
    Source(SourceErrorKind),
    /// WeChat refuses, with this `err_code`.
    Gateway(GatewayOutcome, &'static str),
    /// The printer stops after so many bytes.
    Jam(u64),
    /// There is no printer at all.
    NoPrinter,
}

/// Whether the other side had executed the call by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// It had not.
    Before,
    /// It had.
    After,
}

/// An error that a fault turns into.
pub(crate) trait Failure {
    fn of(fault: &Fault) -> Self;
}

impl Failure for SourceError {
    fn of(fault: &Fault) -> SourceError {
        let (kind, problem) = match fault {
            Fault::Silence(_) => (SourceErrorKind::Transient { retry_after_s: None }, "console:timeout"),
            Fault::Source(kind) => (kind.clone(), problem_of(kind)),
            other => panic!("{other:?} cannot happen at the backend"),
        };
        SourceError { kind, code: "backend_refused", problem: problem.to_owned(), text: String::new() }
    }
}

fn problem_of(kind: &SourceErrorKind) -> &'static str {
    match kind {
        SourceErrorKind::Transient { .. } => "upstream_unavailable",
        SourceErrorKind::Unauthenticated => "unauthenticated",
        SourceErrorKind::Forbidden => "forbidden",
        SourceErrorKind::CursorExpired => "cursor_expired",
        SourceErrorKind::NotFound => "not_found",
        SourceErrorKind::Conflict { .. } => "state_conflict",
        SourceErrorKind::VersionConflict { .. } => "version_conflict",
        SourceErrorKind::Refused => "invalid_request",
    }
}

impl Failure for GatewayError {
    fn of(fault: &Fault) -> GatewayError {
        let (outcome, err_code) = match fault {
            Fault::Silence(_) => (GatewayOutcome::Unknown, "console:timeout"),
            Fault::Gateway(outcome, err_code) => (*outcome, *err_code),
            other => panic!("{other:?} cannot happen at WeChat"),
        };
        GatewayError { outcome, code: "wechat_refused", err_code: err_code.to_owned(), text: String::new() }
    }
}

impl Failure for NotifyError {
    fn of(_: &Fault) -> NotifyError {
        NotifyError { reason: "no desktop".to_owned() }
    }
}

impl Failure for PrintError {
    fn of(fault: &Fault) -> PrintError {
        let (code, bytes_sent, nothing_attached) = match fault {
            Fault::Jam(bytes_sent) => ("printer_interrupted", *bytes_sent, false),
            Fault::NoPrinter => ("printer_not_found", 0, true),
            other => panic!("{other:?} cannot happen to a printer"),
        };
        PrintError { code, bytes_sent, printer: "counter".to_owned(), nothing_attached }
    }
}
