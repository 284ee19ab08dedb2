use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::open_words;
use crate::{Fen, OrderId, OutRefundNo, RefundRequestId, TerminalId};

open_words! {
    /// Where a refund request stands: the contract's `state`.
    RefundState {
        /// The shop's turn.
        Pending = "pending",
        /// The buyer's turn: goods are to come back.
        WaitingReturn = "waiting_return",
        /// The shop's turn: check the goods.
        Returned = "returned",
        /// Money is under way.
        Processing = "processing",
        /// Money arrived.
        Succeeded = "succeeded",
        /// The payout did not succeed; a new decision is possible.
        Failed = "failed",
        /// Refused by the shop.
        Rejected = "rejected",
        /// Taken back by the buyer.
        Withdrawn = "withdrawn",
        /// Closed.
        Closed = "closed",
    }
}
open_words! {
    /// What the buyer wants.
    RefundKind {
        /// Money only.
        RefundOnly = "refund_only",
        /// Goods back, then money.
        ReturnRefund = "return_refund",
        /// Other goods.
        Exchange = "exchange",
    }
}
open_words! {
    /// What the backend knows of the money of a request: the contract's `payout.state`.
    BackendPayoutState {
        /// Nothing was claimed.
        None = "none",
        /// Claimed or under way.
        Processing = "processing",
        /// WeChat paid it back.
        Success = "success",
        /// WeChat closed the number, no money moved.
        Closed = "closed",
        /// WeChat could not credit the buyer.
        Abnormal = "abnormal",
        /// WeChat has no such refund.
        Failed = "failed",
    }
}

/// Who calls WeChat for a refund (contract R7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutMode {
    /// The console, with the certificate on this PC.
    Terminal,
    /// The backend; approving pays.
    Backend,
}

/// A refund request as the shop's backend tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundRequest {
    /// The backend's id.
    pub id: RefundRequestId,
    /// The order it belongs to.
    pub order_id: OrderId,
    /// Grows with every visible change.
    pub version: u64,
    /// Where it stands.
    pub state: RefundState,
    /// What the buyer wants.
    pub kind: RefundKind,
    /// Who asked: `buyer`, `merchant`, `system`.
    pub requested_by: String,
    /// What is asked for.
    pub amount: Fen,
    /// Most that may be approved.
    pub max: Fen,
    /// Reason, as a code of the backend.
    pub reason_code: Option<String>,
    /// Reason, as typed.
    pub reason_text: Option<String>,
    /// Which goods.
    pub lines: Vec<RefundLine>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the backend acts by itself.
    pub deadline_at: Option<Timestamp>,
    /// What the backend knows of the money.
    pub payout: BackendPayout,
}

/// Goods of a refund request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLine {
    /// The order's line.
    pub order_line_id: String,
    /// Pieces.
    pub quantity: u32,
    /// Money.
    pub amount: Option<Fen>,
}

/// What the backend knows of the money of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendPayout {
    /// Who pays this one; `None`: as the capabilities say.
    pub mode: Option<PayoutMode>,
    /// Where the money is.
    pub state: BackendPayoutState,
    /// 0 before the first claim; one more with each new refund number.
    pub round: u32,
    /// The number at WeChat.
    pub refund_no: Option<OutRefundNo>,
    /// The claimed amount.
    pub amount: Option<Fen>,
    /// WeChat's number.
    pub refund_id: Option<String>,
    /// Which terminal holds the claim.
    pub terminal: Option<TerminalId>,
    /// Until when no other terminal may take over.
    pub claim_until: Option<Timestamp>,
    /// When the money arrived.
    pub succeeded_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<PayoutError>,
}

/// Why a payout failed: WeChat's `err_code`, or `console:<word>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutError {
    /// At most 64 characters.
    pub code: String,
    /// At most 512 characters.
    pub text: String,
}
