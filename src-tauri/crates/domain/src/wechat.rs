use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::open_words;
use crate::{AppId, Fen, MchId, OutRefundNo, OutTradeNo, TransactionId};

/// What WeChat answers about a payment, in our own types: the same for API v2 and v3. Its signature was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WechatPayment {
    /// Where the payment stands.
    pub trade_state: TradeState,
    /// The same in WeChat's words.
    pub trade_state_desc: Option<String>,
    /// The mini program.
    pub appid: AppId,
    /// The merchant.
    pub mch_id: MchId,
    /// The shop's number.
    pub out_trade_no: Option<OutTradeNo>,
    /// WeChat's number; an unpaid order has none.
    pub transaction_id: Option<TransactionId>,
    /// `total_fee`.
    pub total: Option<Fen>,
    /// What the buyer paid after coupons (`cash_fee`).
    pub payer_total: Option<Fen>,
    /// When it was paid (`time_end`).
    pub paid_at: Option<Timestamp>,
    /// The buyer.
    pub openid: Option<String>,
}

open_words! {
    /// WeChat's `trade_state`, spelt as the protocol spells it.
    TradeState {
        /// Paid.
        Success = "SUCCESS",
        /// At least one refund was started.
        Refund = "REFUND",
        /// Not paid.
        NotPay = "NOTPAY",
        /// Closed by the shop or expired.
        Closed = "CLOSED",
        /// Reversed, payment codes only.
        Revoked = "REVOKED",
        /// The buyer is entering the password.
        UserPaying = "USERPAYING",
        /// The attempt failed.
        PayError = "PAYERROR",
        /// Accepted, the deduction is to come.
        Accept = "ACCEPT",
    }
}

impl TradeState {
    /// Whether money has come in.
    pub fn is_paid(&self) -> bool {
        matches!(self, TradeState::Success | TradeState::Refund)
    }

    /// Whether the payment can never come any more.
    pub fn is_final_unpaid(&self) -> bool {
        matches!(self, TradeState::Closed | TradeState::Revoked)
    }
}

/// What WeChat answers about one refund.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WechatRefund {
    /// The shop's number.
    pub out_refund_no: OutRefundNo,
    /// WeChat's number.
    pub refund_id: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// How much goes back (`refund_fee`).
    pub amount: Fen,
    /// When the money arrived.
    pub succeeded_at: Option<Timestamp>,
    /// The account it went to, in WeChat's words.
    pub recv_account: Option<String>,
}

open_words! {
    /// WeChat's `refund_status`, v2's words.
    RefundStatus {
        /// Paid back.
        Success = "SUCCESS",
        /// Under way.
        Processing = "PROCESSING",
        /// Abnormal: the buyer's card or account cannot take it.
        Change = "CHANGE",
        /// Closed, nothing paid.
        Close = "REFUNDCLOSE",
        /// Failed (old texts).
        Fail = "FAIL",
    }
}
