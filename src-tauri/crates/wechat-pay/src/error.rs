use std::error::Error as StdError;

use thiserror::Error;

use crate::v2::{BadField, Refusal, Rejected, XmlError};

/// Why a call to WeChat Pay did not give what was asked for.
///
/// Callers ask it questions rather than match it: [`Error::outcome`] for the money, [`Error::code`] and
/// [`Error::wechat_text`] for people, [`Error::is_transient`] and [`Error::is_configuration`] for what to do next.
#[derive(Debug, Error)]
pub enum Error {
    /// The client cannot be set up.
    #[error("the WeChat Pay client cannot be set up: {what}")]
    Setup {
        /// Which part.
        what: &'static str,
        /// Why.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// A parameter of the request is outside of what WeChat takes; nothing was sent.
    #[error("the request cannot be sent: {field} {what}")]
    InvalidRequest {
        /// The field as the protocol names it.
        field: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The request cannot be written; nothing was sent.
    #[error("the request cannot be written")]
    Unwritable {
        /// Why.
        #[source]
        source: XmlError,
    },
    /// The system gave no random bytes for `nonce_str`; nothing was sent.
    #[error("the system gave no random bytes")]
    NoRandomness {
        /// Why.
        #[source]
        source: getrandom::Error,
    },
    /// The call needs the client certificate and none is set up; nothing was sent.
    #[error("the call needs the merchant's client certificate, and none is set up")]
    CertificateMissing,
    /// No connection came about: name, network, proxy, or nobody listening. Nothing was sent.
    #[error("WeChat Pay cannot be reached")]
    Unreachable {
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The TLS hand-shake failed, as behind a captive portal or with a wrong clock. Nothing was sent.
    #[error("no secure connection to WeChat Pay")]
    Tls {
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// WeChat turned the connection or the request away because of the client certificate.
    #[error("WeChat Pay did not accept the client certificate ({refusal})")]
    CertificateRefused {
        /// In which way.
        refusal: CertificateRefusal,
    },
    /// There was no answer in time. Whether the request arrived is not known.
    #[error("WeChat Pay did not answer in time")]
    Timeout {
        /// Where it waited.
        #[source]
        source: reqwest::Error,
    },
    /// The connection broke on the way. Whether the request arrived is not known.
    #[error("the connection to WeChat Pay broke")]
    Interrupted {
        /// How.
        #[source]
        source: reqwest::Error,
    },
    /// Something between us and WeChat answered: business answers always come with status 200.
    #[error("an HTTP status {status} in place of an answer")]
    Status {
        /// The status.
        status: u16,
    },
    /// The answer is longer than any real one.
    #[error("the answer is too large")]
    TooLarge,
    /// What came is not an answer, or its sign does not bear it out.
    #[error("the answer cannot be trusted")]
    Rejected {
        /// Why.
        #[source]
        source: Rejected,
    },
    /// The answer is signed, but speaks of another merchant, order or refund than was asked about.
    #[error("the answer is about another {field}")]
    OtherAnswer {
        /// The field that differs.
        field: &'static str,
    },
    /// The answer is signed, but lacks a field or has one that cannot be read.
    #[error("the answer is incomplete")]
    Incomplete {
        /// Which field.
        #[from]
        source: BadField,
    },
    /// WeChat says no.
    #[error(transparent)]
    Refused(Refusal),
}

/// In which way a client certificate was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateRefusal {
    /// WeChat saw none: HTTP 400 "No required SSL certificate was sent".
    NotSeen,
    /// WeChat saw one and did not take it: HTTP 400 "The SSL certificate error", or an alert in the hand-shake.
    NotAccepted,
}

impl std::fmt::Display for CertificateRefusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            CertificateRefusal::NotSeen => "none arrived",
            CertificateRefusal::NotAccepted => "not accepted",
        })
    }
}

/// What a failed call means for the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// No byte of the request left this PC.
    NotSent,
    /// WeChat refused this request for good: it moved no money. Where the refusal is about configuration (key,
    /// certificate, appid) it says nothing about an earlier request with the same number.
    Refused,
    /// This request moved no money, but an earlier one with the same number may have: ask by that number.
    RefusedUnlessEarlier,
    /// Nobody knows. Ask by the same number; never take another one.
    Unknown,
}

impl Error {
    /// What the failure means for the money.
    pub fn outcome(&self) -> Outcome {
        match self {
            Error::Setup { .. }
            | Error::InvalidRequest { .. }
            | Error::Unwritable { .. }
            | Error::NoRandomness { .. }
            | Error::CertificateMissing
            | Error::Unreachable { .. }
            | Error::Tls { .. } => Outcome::NotSent,
            Error::CertificateRefused { .. } => Outcome::Refused,
            Error::Timeout { .. }
            | Error::Interrupted { .. }
            | Error::Status { .. }
            | Error::TooLarge
            | Error::Rejected { .. }
            | Error::OtherAnswer { .. }
            | Error::Incomplete { .. } => Outcome::Unknown,
            Error::Refused(refusal) => refusal.outcome(),
        }
    }

    /// WeChat's `err_code` in the spelling of its error tables, or `console:` and a word of our own.
    pub fn code(&self) -> &str {
        match self {
            Error::Setup { .. } => "console:setup",
            Error::InvalidRequest { .. } | Error::Unwritable { .. } => "console:invalid_request",
            Error::NoRandomness { .. } => "console:no_randomness",
            Error::CertificateMissing => "console:certificate_missing",
            Error::Unreachable { .. } => "console:unreachable",
            Error::Tls { .. } => "console:tls",
            Error::CertificateRefused { refusal: CertificateRefusal::NotSeen } => {
                "console:certificate_missing"
            }
            Error::CertificateRefused { refusal: CertificateRefusal::NotAccepted } => {
                "console:certificate_refused"
            }
            Error::Timeout { .. } => "console:timeout",
            Error::Interrupted { .. } => "console:interrupted",
            Error::Status { .. } => "console:http_status",
            Error::TooLarge => "console:too_large",
            Error::Rejected { source: Rejected::Xml(_) } => "console:not_xml",
            Error::Rejected { source: Rejected::NotAnAnswer } => "console:not_an_answer",
            Error::Rejected { source: Rejected::Sign(_) } => "console:bad_signature",
            Error::OtherAnswer { .. } => "console:other_answer",
            Error::Incomplete { .. } => "console:incomplete_answer",
            Error::Refused(refusal) => refusal.code(),
        }
    }

    /// What WeChat wrote for the operator (`err_code_des` or `return_msg`), at most 512 characters.
    pub fn wechat_text(&self) -> Option<&str> {
        match self {
            Error::Refused(refusal) => refusal.text(),
            _ => None,
        }
    }

    /// Whether somebody has to correct the settings (API key, certificate, appid, merchant number) before it can work.
    ///
    /// A bad sign on an answer is not among them: it means that the API key is wrong **or** that the answer is forged,
    /// and one forged answer must not stop the shop. Its code is `console:bad_signature`.
    pub fn is_configuration(&self) -> bool {
        match self {
            Error::Setup { .. } | Error::CertificateMissing | Error::CertificateRefused { .. } => true,
            Error::Refused(refusal) => refusal.is_configuration(),
            _ => false,
        }
    }

    /// Whether WeChat says, signed, that it has no such order or refund.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::Refused(refusal) if refusal.is_not_found())
    }

    /// Whether the same request may succeed later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Unreachable { .. }
            | Error::Tls { .. }
            | Error::Timeout { .. }
            | Error::Interrupted { .. }
            | Error::Status { .. }
            | Error::TooLarge
            | Error::Rejected { .. } => true,
            Error::Refused(refusal) => refusal.is_transient(),
            Error::Setup { .. }
            | Error::InvalidRequest { .. }
            | Error::Unwritable { .. }
            | Error::NoRandomness { .. }
            | Error::CertificateMissing
            | Error::CertificateRefused { .. }
            | Error::OtherAnswer { .. }
            | Error::Incomplete { .. } => false,
        }
    }
}
