use domain::{
    BackendPayoutState, Fen, OrderId, OutRefundNo, PayoutMode, RefundKind, RefundRequestId, RefundState,
    TerminalId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Operator, empty_is_none, null_is_default};

/// A refund request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundRequest {
    /// The server's id.
    pub id: RefundRequestId,
    /// The order it belongs to.
    pub order_id: OrderId,
    /// Grows with every visible change, from 1.
    pub version: u64,
    /// Where it stands.
    pub state: RefundState,
    /// What the buyer wants.
    pub kind: RefundKind,
    /// `buyer`, `merchant`, `system`, or a later word; `None` is the buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// What is asked for.
    pub amount_fen: Fen,
    /// Most that may be approved.
    pub max_fen: Fen,
    /// Reason as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// Reason as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<String>,
    /// Addresses of the buyer's pictures.
    #[serde(default, deserialize_with = "null_is_default")]
    pub images: Vec<String>,
    /// Which goods.
    #[serde(default, deserialize_with = "null_is_default")]
    pub lines: Vec<RefundLine>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the server acts by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<Timestamp>,
    /// What it does then: `auto_approve`, `auto_reject`, `auto_close`, `escalate`, or a later word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_deadline: Option<String>,
    /// The goods' way back.
    #[serde(default, rename = "return", skip_serializing_if = "Option::is_none")]
    pub return_info: Option<ReturnInfo>,
    /// The last decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionRecord>,
    /// The money.
    pub payout: Payout,
}

/// Goods of a refund request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLine {
    /// The order's line.
    pub order_line_id: String,
    /// Pieces, 0 to 1,000,000.
    pub qty: u32,
    /// Money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<Fen>,
}

/// The goods' way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnInfo {
    /// Whether goods are to come back.
    pub required: bool,
    /// The carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The tracking number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_no: Option<String>,
    /// When they came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
}

/// The last decision on a refund request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// `approve`, `reject`, or a later word.
    pub decision: String,
    /// `agree_return`, `refund`, or a later word; `None` for a rejection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The approved amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<Fen>,
    /// Reason as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// Reason as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<String>,
    /// When.
    pub at: Timestamp,
    /// `terminal`, `backend`, `system`, or a later word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Which terminal.
    #[serde(default, deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub terminal: Option<TerminalId>,
    /// Which person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
}

/// The money of a refund request (R7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// Who pays this one; `None`: as in the capabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<PayoutMode>,
    /// Where the money is.
    pub state: BackendPayoutState,
    /// 0 before the first claim; one more with each new `refund_no`; at most 1,000.
    #[serde(default, deserialize_with = "null_is_default")]
    pub round: u32,
    /// The number at WeChat.
    #[serde(default, deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub refund_no: Option<OutRefundNo>,
    /// The claimed amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<Fen>,
    /// WeChat's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<String>,
    /// Which terminal holds the claim.
    #[serde(default, deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub terminal: Option<TerminalId>,
    /// When it was claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<Timestamp>,
    /// Until then no other terminal may take over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_until: Option<Timestamp>,
    /// When the money arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded_at: Option<Timestamp>,
    /// Why it is not final, or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<PayoutError>,
}

impl Default for Payout {
    /// Nothing was claimed.
    fn default() -> Payout {
        Payout {
            mode: None,
            state: BackendPayoutState::None,
            round: 0,
            refund_no: None,
            amount_fen: None,
            refund_id: None,
            terminal: None,
            claimed_at: None,
            claim_until: None,
            succeeded_at: None,
            error: None,
        }
    }
}

/// Why a payout is not final, or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutError {
    /// WeChat's `err_code`, or `console:<word>`; at most 64 characters.
    pub code: String,
    /// At most 512 characters.
    pub text: String,
}
