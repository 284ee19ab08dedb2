//! How a call to the world fails, in the words that the engine acts on.

use domain::{Order, PayoutError, RefundRequest};

/// The backend did not do what it was asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the backend: {code} {text}")]
pub struct SourceError {
    /// What it means for whoever asked.
    pub kind: SourceErrorKind,
    /// A code of the error catalogue.
    pub code: &'static str,
    /// The contract's problem code, or `console:<word>`.
    pub problem: String,
    /// The backend's own words for the operator.
    pub text: String,
}

/// What a backend's refusal means.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceErrorKind {
    /// No usable answer, or "later": the same call may succeed. Whether it was executed is not known.
    Transient {
        /// Not before so many seconds.
        retry_after_s: Option<u64>,
    },
    /// The token is not accepted: somebody has to connect anew.
    Unauthenticated,
    /// The token may not do this.
    Forbidden,
    /// The cursor is lost: the history is read again.
    CursorExpired,
    /// No such object, or no such operation.
    NotFound,
    /// The object's state forbids it; here is what it is.
    Conflict {
        /// The request as it is now.
        request: Option<Box<RefundRequest>>,
        /// The order as it is now.
        order: Option<Box<Order>>,
    },
    /// Something changed since the person looked; here is what it is.
    VersionConflict {
        /// The request as it is now.
        request: Option<Box<RefundRequest>>,
        /// The order as it is now.
        order: Option<Box<Order>>,
    },
    /// Refused for certain.
    Refused,
}

impl SourceError {
    /// Whether the same call may succeed later, and might have been executed already.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, SourceErrorKind::Transient { .. })
    }

    /// Whether this refusal of a repeated call also says that no earlier sending under the same key was carried out. A
    /// backend looks at the token, the form and the object before the key, and at the state, the version and the rules
    /// of business after it (contract R4): only the latter mean that it does not know the key.
    pub(crate) fn denies_earlier(&self) -> bool {
        match self.kind {
            SourceErrorKind::Conflict { .. } | SourceErrorKind::VersionConflict { .. } => true,
            SourceErrorKind::Refused => matches!(
                self.problem.as_str(),
                "amount_exceeds_refundable"
                    | "amount_mismatch"
                    | "refund_no_missing"
                    | "refund_no_reused"
                    | "payment_mismatch"
                    | "insufficient_balance"
                    | "lines_invalid"
                    | "confirmation_required"
                    | "on_hold"
                    | "quota_exceeded"
            ),
            SourceErrorKind::Transient { .. }
            | SourceErrorKind::Unauthenticated
            | SourceErrorKind::Forbidden
            | SourceErrorKind::NotFound
            | SourceErrorKind::CursorExpired => false,
        }
    }

    /// The same for a payout's record. Words of our own say that they are about the backend: WeChat has the same ones.
    pub fn as_payout_error(&self) -> PayoutError {
        let code = match self.problem.strip_prefix("console:") {
            Some(_) => format!("console:{}", self.code),
            None => self.problem.clone(),
        };
        PayoutError { code, text: self.text.clone() }
    }

    /// The same as something that happened to a payout: nothing is known, and it is tried again.
    pub(crate) fn as_unavailable(&self) -> domain::payout::Event {
        let retry_after_s = match self.kind {
            SourceErrorKind::Transient { retry_after_s } => retry_after_s,
            SourceErrorKind::Unauthenticated
            | SourceErrorKind::Forbidden
            | SourceErrorKind::CursorExpired
            | SourceErrorKind::NotFound
            | SourceErrorKind::Conflict { .. }
            | SourceErrorKind::VersionConflict { .. }
            | SourceErrorKind::Refused => None,
        };
        domain::payout::Event::BackendUnavailable { error: self.as_payout_error(), retry_after_s }
    }
}

/// WeChat did not do what it was asked, or nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("WeChat: {err_code} {text}")]
pub struct GatewayError {
    /// What is known of the request.
    pub outcome: GatewayOutcome,
    /// A code of the error catalogue.
    pub code: &'static str,
    /// WeChat's `err_code`, or `console:<word>`.
    pub err_code: String,
    /// WeChat's own words for the operator.
    pub text: String,
}

/// What is known of a request to WeChat that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayOutcome {
    /// No byte of it left this PC.
    NotSent,
    /// WeChat refused it for certain; nothing happened under this number.
    Refused,
    /// WeChat refused this sending; an earlier one under the same number may have run.
    RefusedUnlessEarlier,
    /// It may have been executed.
    Unknown,
}

impl GatewayError {
    /// The same for a payout's record.
    pub fn as_payout_error(&self) -> PayoutError {
        PayoutError { code: self.err_code.clone(), text: self.text.clone() }
    }
}

/// People could not be told on this desktop. Never fatal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no notification: {reason}")]
pub struct NotifyError {
    /// Why, for the log.
    pub reason: String,
}

/// A ticket did not come out, or nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not printed: {code}, {bytes_sent} bytes sent")]
pub struct PrintError {
    /// A code of the error catalogue.
    pub code: &'static str,
    /// Bytes that left; at 0 it may be tried again freely.
    pub bytes_sent: u64,
    /// Which printer.
    pub printer: String,
    /// Whether there is nothing to print on at all: no printer was ever chosen or attached.
    pub nothing_attached: bool,
}

/// A PIN could neither be hashed nor compared: nobody knows whether it is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the PIN cannot be worked on: {reason}")]
pub struct PinError {
    /// Why, for the log.
    pub reason: &'static str,
}
