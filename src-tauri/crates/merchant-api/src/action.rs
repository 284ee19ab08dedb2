//! What the console asks a server to do, in terms that cannot be half filled in.

use domain::{Fen, OutRefundNo, PayoutError, RefundLine};
use jiff::Timestamp;

use crate::wire;
use crate::words::{DecisionStep, DecisionWord, ReportedState};

/// The person who acts: goes into `X-Actor` and `operator`.
pub type Actor = wire::Operator;

/// A decision on a refund request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The money goes back. In terminal mode this claims the payout (R7).
    ApproveRefund {
        /// How much: at most the request's `max`.
        amount: Fen,
        /// The number at WeChat; terminal mode needs it, backend mode ignores it.
        refund_no: Option<OutRefundNo>,
        /// For the buyer and the books.
        reason_text: Option<String>,
        /// Whether the goods go back on the shelf.
        restock: Restock,
    },
    /// The goods may come back; no money yet.
    AgreeReturn {
        /// How much the buyer may expect.
        amount: Fen,
    },
    /// No money.
    Reject {
        /// 1 to 500 characters.
        reason_text: String,
        /// One of the capabilities' codes.
        reason_code: Option<String>,
    },
}

/// What becomes of the goods of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Restock {
    /// They do not go back on the shelf.
    #[default]
    No,
    /// They go back on the shelf.
    Yes,
}

/// A refund that the shop starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    /// How much.
    pub amount: Fen,
    /// The number at WeChat; terminal mode needs it.
    pub refund_no: Option<OutRefundNo>,
    /// Which goods; may be empty.
    pub lines: Vec<RefundLine>,
    /// One of the capabilities' codes.
    pub reason_code: Option<String>,
    /// 1 to 500 characters.
    pub reason_text: String,
    /// Whether the goods go back on the shelf.
    pub restock: Restock,
}

/// What became of a refund number at WeChat (R7): a fact, which any terminal may report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutReport {
    /// The claimed number.
    pub refund_no: OutRefundNo,
    /// The claimed amount.
    pub amount: Fen,
    /// What became of it.
    pub outcome: PayoutOutcome,
}

/// What became of a refund number at WeChat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutOutcome {
    /// Under way, or not known yet.
    Processing {
        /// Why it is not final.
        error: Option<PayoutError>,
    },
    /// The money arrived.
    Success {
        /// WeChat's number of the refund.
        refund_id: String,
        /// When it arrived.
        succeeded_at: Timestamp,
    },
    /// WeChat closed the number, no money moved.
    Closed,
    /// WeChat could not credit the buyer.
    Abnormal {
        /// WeChat's number of the refund.
        refund_id: Option<String>,
    },
    /// WeChat has no such refund and said so definitely, never a time-out. Only the holder of the claim may say it.
    Failed {
        /// WeChat's words.
        error: PayoutError,
    },
}

impl Decision {
    pub(crate) fn to_wire(&self, actor: Option<&Actor>) -> wire::DecisionRequest {
        let mut request = wire::DecisionRequest {
            decision: DecisionWord::Approve,
            step: None,
            amount_fen: None,
            refund_no: None,
            reason_code: None,
            reason_text: None,
            restock: false,
            operator: operator(actor),
        };
        match self {
            Decision::ApproveRefund { amount, refund_no, reason_text, restock } => {
                request.step = Some(DecisionStep::Refund);
                request.amount_fen = Some(*amount);
                request.refund_no.clone_from(refund_no);
                request.reason_text = reason_text.as_deref().map(|text| cut(text, 500));
                request.restock = *restock == Restock::Yes;
            }
            Decision::AgreeReturn { amount } => {
                request.step = Some(DecisionStep::AgreeReturn);
                request.amount_fen = Some(*amount);
            }
            Decision::Reject { reason_text, reason_code } => {
                request.decision = DecisionWord::Reject;
                request.reason_text = Some(cut(reason_text, 500));
                request.reason_code.clone_from(reason_code);
            }
        }
        request
    }
}

impl NewRefund {
    pub(crate) fn to_wire(&self, actor: Option<&Actor>) -> wire::RefundOrderRequest {
        let line = |line: &RefundLine| wire::RefundLine {
            order_line_id: line.order_line_id.clone(),
            qty: line.quantity,
            amount_fen: line.amount,
        };
        wire::RefundOrderRequest {
            amount_fen: self.amount,
            refund_no: self.refund_no.clone(),
            lines: self.lines.iter().map(line).collect(),
            reason_code: self.reason_code.clone(),
            reason_text: cut(&self.reason_text, 500),
            restock: self.restock == Restock::Yes,
            operator: operator(actor),
        }
    }
}

impl PayoutReport {
    pub(crate) fn to_wire(&self, actor: Option<&Actor>) -> wire::PayoutReport {
        let error = |error: &PayoutError| wire::PayoutError {
            code: cut(&error.code, 64),
            text: cut(&error.text, 512),
        };
        let mut report = wire::PayoutReport {
            state: ReportedState::Processing,
            refund_no: self.refund_no.clone(),
            refund_id: None,
            amount_fen: self.amount,
            succeeded_at: None,
            error: None,
            operator: operator(actor),
        };
        match &self.outcome {
            PayoutOutcome::Processing { error: why } => report.error = why.as_ref().map(error),
            PayoutOutcome::Success { refund_id, succeeded_at } => {
                report.state = ReportedState::Success;
                report.refund_id = Some(refund_id.clone());
                report.succeeded_at = Some(*succeeded_at);
            }
            PayoutOutcome::Closed => report.state = ReportedState::Closed,
            PayoutOutcome::Abnormal { refund_id } => {
                report.state = ReportedState::Abnormal;
                report.refund_id.clone_from(refund_id);
            }
            PayoutOutcome::Failed { error: why } => {
                report.state = ReportedState::Failed;
                report.error = Some(error(why));
            }
        }
        report
    }
}

fn operator(actor: Option<&Actor>) -> Option<wire::Operator> {
    actor.map(|actor| wire::Operator {
        id: actor.id.clone(),
        name: actor.name.as_deref().map(|name| cut(name, 64)),
    })
}

/// The first `most` characters: a server would refuse longer text, and the money must not wait for it.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
