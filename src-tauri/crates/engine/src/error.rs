use domain::Fen;
use domain::time::Timestamp;
use domain::verify::Discrepancy;
use mirror::OrderRow;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::people::Denied;
use crate::ports::{GatewayError, PinError, SourceError};

/// What a command of the engine can fail with.
#[derive(Debug, Error)]
pub enum Error {
    /// The mirror.
    #[error(transparent)]
    Mirror(#[from] mirror::Error),
    /// The backend.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// WeChat.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// Whoever wants it was not let in, or may not do it. Nothing was done, no money moved.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A PIN could neither be hashed nor compared.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// No order under this number.
    #[error("no order {number}")]
    NoOrder {
        /// As asked for.
        number: String,
    },
    /// No refund request under this id.
    #[error("no refund request {id}")]
    NoRefundRequest {
        /// As asked for.
        id: String,
    },
    /// The amount is not above zero.
    #[error("an amount has to be above zero")]
    AmountInvalid,
    /// The amount is above what may be paid.
    #[error("at most {max} may be refunded")]
    AmountAbove {
        /// Most that may go back.
        max: Fen,
    },
    /// The amount is not one that may be approved: the backend allows the whole amount only.
    #[error("only {amount} may be approved")]
    AmountFixed {
        /// The one amount.
        amount: Fen,
    },
    /// The request's state allows no such decision.
    #[error("a request that is {state} cannot be decided so")]
    NotDecidable {
        /// The request's state.
        state: String,
    },
    /// Another terminal holds the payout.
    #[error("terminal {terminal} is paying this refund")]
    HeldElsewhere {
        /// Which.
        terminal: String,
    },
    /// A refund of this order is on its way; one at a time.
    #[error("refund {out_refund_no} of this order is still under way")]
    AlreadyRunning {
        /// Its number.
        out_refund_no: String,
    },
    /// The refund or the order has changed since the person looked; nothing was done.
    #[error("it has changed since it was looked at")]
    Stale,
    /// Nothing of the order can go back any more.
    #[error("nothing of the order is left to refund")]
    NothingLeft,
    /// No ticket under this number.
    #[error("no print job {id}")]
    NoPrintJob {
        /// As asked for.
        id: i64,
    },
    /// The ticket is being sent to its printer.
    #[error("print job {id} is being printed")]
    PrintRunning {
        /// Its number.
        id: i64,
    },
    /// The money went back before.
    #[error("this request was refunded before")]
    AlreadyDone,
    /// The same refund of the order was carried out earlier, when its answer was lost. Nothing was paid now.
    #[error("the same refund was carried out at {at}, when its answer was lost")]
    DoneEarlier {
        /// When, by the backend's clock.
        at: Timestamp,
    },
    /// The payout is ended here, and the backend is still to hear of it: it can be refused there afterwards.
    #[error("the payout is ended here, and the backend has not heard of it")]
    EndedHere,
    /// The backend decides refunds elsewhere.
    #[error("refunds of this shop are not decided here")]
    NotOffered,
    /// WeChat and the backend disagree about the order's money.
    #[error("WeChat and the backend disagree")]
    Mismatch {
        /// The first field in which they do, with both values.
        difference: Option<Discrepancy>,
    },
    /// WeChat has no money of this order.
    #[error("WeChat has no payment of this order")]
    NotPaid,
    /// The order was not paid through WeChat: there is nothing to ask or to send back there.
    #[error("the order was not paid through WeChat")]
    NotWechat,
    /// The backend serves another shop than the one whose data folder this is.
    #[error("the backend serves shop {told}, this folder is {known}")]
    OtherShop {
        /// The folder's.
        known: String,
        /// The backend's.
        told: String,
    },
    /// A piece of work ended in a panic. What was known before it stands in the mirror.
    #[error("a piece of work panicked")]
    Panicked,
    /// The order belongs to another merchant number than this console's certificate.
    #[error("the payment belongs to merchant {found}")]
    OtherMerchant {
        /// The order's.
        found: String,
    },
}

impl Error {
    /// WeChat contradicts the order, in the first field that differs.
    pub(crate) fn mismatch(row: &OrderRow) -> Error {
        let first = row.evidence.as_ref().and_then(|evidence| evidence.differences.first());
        Error::Mismatch { difference: first.cloned() }
    }
}

/// Something that went wrong in the background: for the status strip, the log and a round's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// A code of the error catalogue.
    pub code: String,
    /// WeChat's or the backend's own code.
    pub detail: String,
    /// Their own words.
    pub text: String,
    /// The order it is about.
    pub number: Option<String>,
}

impl Trouble {
    /// A fault of this PC.
    pub(crate) fn fault(error: &Error) -> Trouble {
        let code = match error {
            Error::Mirror(mirror::Error::Full(_)) => "disk_full",
            Error::Mirror(_) => "database_unreadable",
            Error::OtherShop { .. } => "shop_differs",
            _ => "internal",
        };
        Trouble { code: code.to_owned(), detail: String::new(), text: error.to_string(), number: None }
    }

    pub(crate) fn source(error: &SourceError) -> Trouble {
        Trouble {
            code: error.code.to_owned(),
            detail: error.problem.clone(),
            text: error.text.clone(),
            number: None,
        }
    }

    pub(crate) fn gateway(error: &GatewayError, number: &str) -> Trouble {
        Trouble {
            code: error.code.to_owned(),
            detail: error.err_code.clone(),
            text: error.text.clone(),
            number: Some(number.to_owned()),
        }
    }
}
