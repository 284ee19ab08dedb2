use domain::{Fen, OutRefundNo, OutTradeNo, TransactionId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{PayoutError, RefundLine, null_is_default};
use crate::words::{AckKind, DecisionStep, DecisionWord, ObservedTradeState, ReportedState};

/// The person who acts, for the server's audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Staff id; has the form of the contract's Id.
    pub id: String,
    /// Name; at most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Approve (in terminal mode: claim the payout) or reject a refund request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRequest {
    /// Which.
    pub decision: DecisionWord,
    /// What exactly; approving needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<DecisionStep>,
    /// How much; approving needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<Fen>,
    /// The number at WeChat; step refund in terminal mode needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_no: Option<OutRefundNo>,
    /// Reason as a code of the capabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// Reason as typed, at most 500 characters; rejecting needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<String>,
    /// Whether the goods go back on the shelf.
    #[serde(default, deserialize_with = "null_is_default")]
    pub restock: bool,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
}

/// What became of the refund at WeChat (R7, table of reports).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutReport {
    /// What became of it.
    pub state: ReportedState,
    /// The number at WeChat.
    pub refund_no: OutRefundNo,
    /// WeChat's number; success needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<String>,
    /// The claimed amount.
    pub amount_fen: Fen,
    /// When the money arrived; success needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded_at: Option<Timestamp>,
    /// Failed needs it; with processing it may say why it is not final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<PayoutError>,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
}

/// A refund that the merchant starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundOrderRequest {
    /// How much.
    pub amount_fen: Fen,
    /// The number at WeChat; terminal mode needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_no: Option<OutRefundNo>,
    /// Which goods, 1 to 500 lines; left out when empty, since the schema forbids an empty list.
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<RefundLine>,
    /// Reason as a code of the capabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// Reason as typed, 1 to 500 characters.
    pub reason_text: String,
    /// Whether the goods go back on the shelf.
    #[serde(default, deserialize_with = "null_is_default")]
    pub restock: bool,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
}

/// This terminal has seen, accepted, is printing, has printed an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AckRequest {
    /// Which.
    pub kind: AckKind,
    /// Which paper, `^[a-z0-9_-]{1,32}$`; `None` is `order`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// When it happened at the terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
}

/// WeChat says paid, the backend still says unpaid: a hint and no proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentObserved {
    /// WeChat's number.
    pub transaction_id: TransactionId,
    /// The shop's number at WeChat.
    pub out_trade_no: OutTradeNo,
    /// The amount of the payment.
    pub total_fen: Fen,
    /// What WeChat says.
    pub trade_state: ObservedTradeState,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// When WeChat was asked.
    pub observed_at: Timestamp,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
}
