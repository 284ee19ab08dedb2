//! Refunds: the desk.

use serde::{Deserialize, Serialize};

use super::{Fen, Milliseconds, Revision};
use crate::error::Fault;

/// Where a refund stands for the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum RefundGroup {
    /// Somebody in the shop has to decide.
    ToDecide,
    /// Decided; the money is not known to have arrived.
    OnTheWay,
    /// It did not work, and somebody has to look.
    Trouble,
    /// At its end.
    Done,
}

/// One group of refunds, and how many each holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct RefundDesk {
    /// Newest first, at most 500.
    pub(crate) rows: Vec<RefundRow>,
    /// Of every group.
    pub(crate) counts: Vec<RefundCount>,
}

/// How many refunds a group holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct RefundCount {
    /// Which.
    pub(crate) group: RefundGroup,
    /// How many.
    pub(crate) count: u32,
}

/// A refund: what is asked, what was decided, where the money is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct RefundRow {
    /// Steady as long as the refund lives.
    pub(crate) key: String,
    /// The request's id; none while the backend has not answered a refund that the shop started.
    pub(crate) id: Option<String>,
    /// What a decision names as seen.
    pub(crate) revision: Revision,
    /// Where it stands.
    pub(crate) group: RefundGroup,
    /// Its order.
    pub(crate) order_id: String,
    /// The order's number, where the mirror has it.
    pub(crate) order_number: Option<String>,
    /// The payment.
    pub(crate) out_trade_no: Option<String>,
    /// The refund's number at WeChat, fixed before anything is sent.
    pub(crate) out_refund_no: Option<String>,
    /// WeChat's own number.
    pub(crate) refund_id: Option<String>,
    /// `refund_only`, `return_refund` or `exchange`.
    pub(crate) kind: Option<String>,
    /// A word of `state.refund`.
    pub(crate) state: Option<String>,
    /// A word of `state.payout`.
    pub(crate) payout: String,
    /// What is asked.
    pub(crate) requested_fen: Option<Fen>,
    /// The most that the request allows.
    pub(crate) max_fen: Option<Fen>,
    /// What goes back, or would.
    pub(crate) amount_fen: Fen,
    /// What the order can still give back.
    pub(crate) refundable_fen: Option<Fen>,
    /// What was paid.
    pub(crate) paid_fen: Option<Fen>,
    /// Who asked.
    pub(crate) requested_by: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// Whose order.
    pub(crate) buyer: Option<String>,
    /// The goods in one line.
    pub(crate) goods: Option<String>,
    /// A word of `state.verified`.
    pub(crate) verified: Option<String>,
    /// When it was asked.
    pub(crate) requested_at_ms: Option<Milliseconds>,
    /// Until when the shop has to decide.
    pub(crate) deadline_at_ms: Option<Milliseconds>,
    /// When WeChat accepted it.
    pub(crate) accepted_at_ms: Option<Milliseconds>,
    /// When the money arrived.
    pub(crate) arrived_at_ms: Option<Milliseconds>,
    /// When the next step is due.
    pub(crate) next_at_ms: Option<Milliseconds>,
    /// What this PC decided.
    pub(crate) decision: Option<RefundDecision>,
    /// Whether the backend knows the end.
    pub(crate) reported: Option<bool>,
    /// Which PC has it.
    pub(crate) terminal: Option<String>,
    /// Why it is not at its end.
    pub(crate) fault: Option<Fault>,
    /// The customer's past.
    pub(crate) history: Option<BuyerHistory>,
    /// Whether it can be approved now.
    pub(crate) can_approve: bool,
    /// Whether it can be refused now.
    pub(crate) can_refuse: bool,
    /// Whether the return of the goods can be agreed to now.
    pub(crate) can_agree_return: bool,
}

/// What this PC decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct RefundDecision {
    /// How much.
    pub(crate) amount_fen: Fen,
    /// Why.
    pub(crate) reason: Option<String>,
    /// Who.
    pub(crate) actor: Option<String>,
    /// When.
    pub(crate) at_ms: Milliseconds,
}

/// What the mirror knows of a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct BuyerHistory {
    /// Orders.
    pub(crate) orders: u32,
    /// Refunds.
    pub(crate) refunds: u32,
    /// What went back.
    pub(crate) refunded_fen: Fen,
}
