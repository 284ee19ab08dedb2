use std::time::Duration;

use reqwest::StatusCode;
use thiserror::Error;

use crate::problem::Problem;
use crate::read::InvalidMember;
use crate::words::ProblemCode;

/// Why a call did not do what it should.
///
/// Callers ask it questions ([`Error::outcome`], [`Error::is_transient`] …) instead of matching. No text of it, Debug
/// included, holds a token, a body, or anything that people typed.
#[derive(Debug, Error)]
pub enum Error {
    /// The server refused, in a problem document.
    #[error("{operation}: the server refused with {} {}", .problem.status, .problem.code.as_str())]
    Refused {
        /// What was asked for.
        operation: Operation,
        /// What the server says.
        problem: Box<Problem>,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// Something answered that does not speak the contract: a proxy's page, a hotel's login page, cut JSON. It counts
    /// as no answer.
    #[error("{operation}: the reply with status {status} is none of the contract")]
    NoAnswer {
        /// What was asked for.
        operation: Operation,
        /// The HTTP status.
        status: u16,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// A redirect: it is not followed, since it would carry the token away (R11).
    #[error("{operation}: the reply with status {status} points to another address")]
    Redirected {
        /// What was asked for.
        operation: Operation,
        /// The HTTP status.
        status: u16,
    },
    /// The reply is above 4 MiB (R11).
    #[error("{operation}: the reply is larger than 4 MiB")]
    TooLarge {
        /// What was asked for.
        operation: Operation,
    },
    /// No connection came about, so that nothing was sent.
    #[error("{operation}: the server cannot be reached")]
    Unreachable {
        /// What was asked for.
        operation: Operation,
        /// The cause, without the address.
        #[source]
        source: reqwest::Error,
    },
    /// The server's certificate or its TLS is not acceptable, so that nothing was sent.
    #[error("{operation}: no trustworthy connection to the server")]
    Tls {
        /// What was asked for.
        operation: Operation,
        /// The cause, without the address.
        #[source]
        source: reqwest::Error,
    },
    /// The reply did not come in time.
    #[error("{operation}: no reply in time")]
    Timeout {
        /// What was asked for.
        operation: Operation,
        /// The cause, without the address.
        #[source]
        source: reqwest::Error,
    },
    /// The connection broke before the reply was complete.
    #[error("{operation}: the connection broke")]
    Interrupted {
        /// What was asked for.
        operation: Operation,
        /// The cause, without the address.
        #[source]
        source: reqwest::Error,
    },
    /// The server said it has more, and gave neither an item nor another cursor: reading on would turn for ever.
    #[error("the feed does not move on")]
    StuckCursor,
    /// The reply is JSON but not what the contract says, or an order file is not.
    #[error("not an object of the contract: {0}")]
    Invalid(#[from] InvalidMember),
    /// The request is above 256 KiB (R11) and was not sent.
    #[error("{operation}: the request is larger than 256 KiB")]
    RequestTooLarge {
        /// What was asked for.
        operation: Operation,
    },
    /// An argument that the contract does not allow; nothing was sent.
    #[error("{what} {reason}")]
    Argument {
        /// Which.
        what: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Plain http to another machine: the token would go over the wire in clear (R11).
    #[error("plain http is for this machine only, {host} needs https")]
    PlainHttp {
        /// The host of the base address.
        host: String,
    },
    /// The base address is none.
    #[error("the base address {reason}")]
    BaseUrl {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The additional root certificate is no PEM certificate.
    #[error("the additional root certificate cannot be read")]
    RootCertificate {
        /// The cause.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// TLS cannot be set up, for example because the machine trusts nobody and no root certificate was given.
    #[error("TLS cannot be set up")]
    TlsSetup {
        /// The cause.
        #[source]
        source: rustls::Error,
    },
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    HttpSetup {
        /// The cause.
        #[source]
        source: reqwest::Error,
    },
    /// The system gave no random bytes for a nonce; nothing was sent.
    #[error("{operation}: the system has no random numbers")]
    Random {
        /// What was asked for.
        operation: Operation,
        /// The cause.
        #[source]
        source: getrandom::Error,
    },
}

/// What a failed write means for the server's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It never left this machine.
    NotSent,
    /// The server refused it and it left no trace (R4).
    Refused,
    /// It may or may not have happened: repeat it with the same key, or read the object.
    Unknown,
}

/// The contract's operations that this client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `GET /capabilities`
    GetCapabilities,
    /// `GET /changes`
    GetChanges,
    /// `GET /orders`
    ListOrders,
    /// `GET /orders/{id}`
    GetOrder,
    /// `GET /refund-requests`
    ListRefundRequests,
    /// `GET /refund-requests/{id}`
    GetRefundRequest,
    /// `POST /refund-requests/{id}/decision`
    DecideRefund,
    /// `POST /orders/{id}/refunds`
    RefundOrder,
    /// `PUT /refund-requests/{id}/payout`
    ReportPayout,
    /// `POST /orders/{id}/ack`
    AckOrder,
    /// `POST /orders/{id}/payment-observed`
    PaymentObserved,
}

impl Operation {
    /// The contract's operationId.
    pub fn as_str(self) -> &'static str {
        match self {
            Operation::GetCapabilities => "getCapabilities",
            Operation::GetChanges => "getChanges",
            Operation::ListOrders => "listOrders",
            Operation::GetOrder => "getOrder",
            Operation::ListRefundRequests => "listRefundRequests",
            Operation::GetRefundRequest => "getRefundRequest",
            Operation::DecideRefund => "decideRefund",
            Operation::RefundOrder => "refundOrder",
            Operation::ReportPayout => "reportPayout",
            Operation::AckOrder => "ackOrder",
            Operation::PaymentObserved => "paymentObserved",
        }
    }

    /// Whether it changes nothing at the server, so that no answer leaves nothing open.
    pub fn only_reads(self) -> bool {
        match self {
            Operation::GetCapabilities
            | Operation::GetChanges
            | Operation::ListOrders
            | Operation::GetOrder
            | Operation::ListRefundRequests
            | Operation::GetRefundRequest => true,
            Operation::DecideRefund
            | Operation::RefundOrder
            | Operation::ReportPayout
            | Operation::AckOrder
            | Operation::PaymentObserved => false,
        }
    }

    /// Whether every server has it, so that a 404 can only mean that the object is gone.
    fn only_lacks_objects(self) -> bool {
        matches!(self, Operation::GetOrder | Operation::GetRefundRequest)
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Error {
    /// What the server says, if it answered in the contract's way.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Error::Refused { problem, .. } => Some(problem),
            _ => None,
        }
    }

    /// How long the server, or a proxy before it, wants to be left alone; at most a day.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Refused { retry_after, .. } | Error::NoAnswer { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// 401: the token is not accepted. Polling stops until a person has signed in again.
    pub fn is_unauthenticated(&self) -> bool {
        self.has_status(StatusCode::UNAUTHORIZED)
    }

    /// 404: the object does not exist, or (see [`Error::is_not_offered`]) the operation does not.
    pub fn is_not_found(&self) -> bool {
        self.has_status(StatusCode::NOT_FOUND)
    }

    /// 404 or 405 of an operation that not every server offers. Where the path names an object, a 404 may also mean
    /// that the object is gone.
    pub fn is_not_offered(&self) -> bool {
        match self {
            Error::Refused { operation, .. } => {
                (self.is_not_found() && !operation.only_lacks_objects())
                    || self.has_status(StatusCode::METHOD_NOT_ALLOWED)
            }
            _ => false,
        }
    }

    /// 410: the cursor is too old, ahead of the sequence, or not the server's own. Everything is read anew.
    pub fn is_cursor_expired(&self) -> bool {
        self.has_status(StatusCode::GONE)
    }

    /// Whether the same call may succeed later: no answer, 429, 502, 503, 504, or the server says so.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Refused { problem, .. } => {
                matches!(problem.status, 429 | 502 | 503 | 504)
                    || problem.retryable
                    || problem.code == ProblemCode::IdempotencyInProgress
            }
            Error::NoAnswer { .. }
            | Error::Redirected { .. }
            | Error::TooLarge { .. }
            | Error::Unreachable { .. }
            | Error::Tls { .. }
            | Error::Timeout { .. }
            | Error::Interrupted { .. }
            | Error::StuckCursor
            | Error::Random { .. } => true,
            Error::Invalid(_)
            | Error::RequestTooLarge { .. }
            | Error::Argument { .. }
            | Error::PlainHttp { .. }
            | Error::BaseUrl { .. }
            | Error::RootCertificate { .. }
            | Error::TlsSetup { .. }
            | Error::HttpSetup { .. } => false,
        }
    }

    /// What the failure of a write means for the server's state.
    pub fn outcome(&self) -> Outcome {
        match self {
            // The first request with this key is still at work: what comes of it is open.
            Error::Refused { problem, .. } if problem.code == ProblemCode::IdempotencyInProgress => {
                Outcome::Unknown
            }
            Error::Refused { problem, .. } if problem.status < 500 => Outcome::Refused,
            // A server that stumbled may have stumbled after the commit.
            Error::Refused { .. }
            | Error::NoAnswer { .. }
            | Error::Redirected { .. }
            | Error::TooLarge { .. }
            | Error::Timeout { .. }
            | Error::Interrupted { .. }
            | Error::StuckCursor
            | Error::Invalid(_) => Outcome::Unknown,
            Error::Unreachable { .. }
            | Error::Tls { .. }
            | Error::RequestTooLarge { .. }
            | Error::Argument { .. }
            | Error::PlainHttp { .. }
            | Error::BaseUrl { .. }
            | Error::RootCertificate { .. }
            | Error::TlsSetup { .. }
            | Error::HttpSetup { .. }
            | Error::Random { .. } => Outcome::NotSent,
        }
    }

    /// A stable word for messages: the server's problem code, or `console:<word>`.
    pub fn code(&self) -> &str {
        match self {
            Error::Refused { problem, .. } => problem.code.as_str(),
            Error::NoAnswer { .. } => "console:not_json",
            Error::Redirected { .. } => "console:redirected",
            Error::TooLarge { .. } => "console:too_large",
            Error::Unreachable { .. } => "console:unreachable",
            Error::Tls { .. } => "console:tls",
            Error::Timeout { .. } => "console:timeout",
            Error::Interrupted { .. } => "console:interrupted",
            Error::StuckCursor => "console:stuck_cursor",
            Error::Invalid(_) => "console:invalid_object",
            Error::RequestTooLarge { .. } => "console:request_too_large",
            Error::Argument { .. } => "console:invalid_argument",
            Error::PlainHttp { .. } => "console:plain_http",
            Error::BaseUrl { .. } => "console:invalid_address",
            Error::RootCertificate { .. } => "console:invalid_root_certificate",
            Error::TlsSetup { .. } => "console:tls_setup",
            Error::HttpSetup { .. } => "console:http_setup",
            Error::Random { .. } => "console:no_random",
        }
    }

    fn has_status(&self, status: StatusCode) -> bool {
        self.problem().is_some_and(|problem| problem.status == status.as_u16())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(operation: Operation, status: u16, code: &str) -> Error {
        let problem = Problem {
            status,
            code: code.to_owned().into(),
            title: "题".to_owned(),
            detail: Some("13800001234".to_owned()),
            field: None,
            retryable: false,
            current: None,
        };
        Error::Refused { operation, problem: Box::new(problem), retry_after: None }
    }

    #[test]
    fn a_stumbling_server_leaves_the_outcome_open() {
        let outcome = |status, code| refused(Operation::DecideRefund, status, code).outcome();
        assert_eq!(outcome(409, "state_conflict"), Outcome::Refused);
        assert_eq!(outcome(429, "rate_limited"), Outcome::Refused);
        assert_eq!(outcome(409, "idempotency_in_progress"), Outcome::Unknown);
        assert_eq!(outcome(500, "internal_error"), Outcome::Unknown);
        assert_eq!(outcome(504, "upstream_unavailable"), Outcome::Unknown);
    }

    #[test]
    fn not_found_of_an_object_is_not_a_missing_operation() {
        assert!(!refused(Operation::GetOrder, 404, "not_found").is_not_offered());
        assert!(refused(Operation::GetOrder, 404, "not_found").is_not_found());
        assert!(refused(Operation::ListOrders, 404, "not_found").is_not_offered());
        assert!(refused(Operation::AckOrder, 405, "method_not_allowed").is_not_offered());
        assert!(!refused(Operation::AckOrder, 409, "state_conflict").is_not_offered());
    }

    #[test]
    fn an_error_tells_nothing_that_people_typed() {
        let error = refused(Operation::DecideRefund, 422, "on_hold");
        let shown = format!("{error} {error:?} {}", error.code());
        assert!(!shown.contains("1380") && !shown.contains('题'), "{shown}");
        assert_eq!(error.to_string(), "decideRefund: the server refused with 422 on_hold");
    }
}
