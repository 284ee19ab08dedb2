//! WeChat's books: payments, and refunds of which one number runs once (`wechat-pay-v2.md` 6.4, 6.5).

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::time::{SignedDuration, Timestamp};
use domain::{Fen, OutRefundNo, RefundStatus, TradeState, WechatPayment, WechatRefund};
use engine::ports::{GatewayError, GatewayOutcome, PaymentGateway, PaymentNumber, SendRefund};

use super::{Call, Till, World};

pub(crate) struct Wechat {
    /// By `out_trade_no`.
    pub(crate) payments: BTreeMap<String, WechatPayment>,
    refunds: BTreeMap<OutRefundNo, Booked>,
    /// How a refund that is accepted from now on ends.
    pub(crate) ends: RefundStatus,
    /// How long it takes to that end.
    pub(crate) takes: SignedDuration,
    /// How long the refund query does not see a new refund.
    pub(crate) lag: SignedDuration,
}

struct Booked {
    out_trade_no: String,
    amount: Fen,
    refund_id: String,
    seen_from: Timestamp,
    ends_at: Timestamp,
    end: RefundStatus,
}

impl Default for Wechat {
    fn default() -> Wechat {
        Wechat {
            payments: BTreeMap::new(),
            refunds: BTreeMap::new(),
            ends: RefundStatus::Success,
            takes: SignedDuration::from_secs(2),
            lag: SignedDuration::ZERO,
        }
    }
}

impl Wechat {
    /// What has left the merchant's account: one line for each refund number that ran.
    fn movements(&self) -> Vec<(String, i64)> {
        let moved = self.refunds.iter().filter(|(_, booked)| booked.end != RefundStatus::Close);
        moved.map(|(number, booked)| (number.to_string(), booked.amount.get())).collect()
    }

    /// Staff settle a refund in the merchant platform.
    pub(crate) fn settle(&mut self, number: &str, end: RefundStatus) {
        let number = OutRefundNo::new(number).unwrap();
        self.refunds.get_mut(&number).unwrap().end = end;
    }

    fn payment(&self, number: &PaymentNumber) -> Option<(&String, &WechatPayment)> {
        self.payments.iter().find(|(out_trade_no, payment)| match number {
            PaymentNumber::OutTradeNo(wanted) => wanted.as_str() == out_trade_no.as_str(),
            PaymentNumber::TransactionId(wanted) => payment.transaction_id.as_ref() == Some(wanted),
        })
    }

    fn query(&self, number: &PaymentNumber) -> Option<WechatPayment> {
        let (out_trade_no, payment) = self.payment(number)?;
        let mut payment = payment.clone();
        if self.refunds.values().any(|booked| booked.out_trade_no == *out_trade_no) {
            payment.trade_state = TradeState::Refund;
        }
        Some(payment)
    }

    fn refund(&mut self, wanted: &SendRefund, now: Timestamp) -> Result<String, GatewayError> {
        let Some((out_trade_no, payment)) = self.payment(&wanted.payment) else {
            return Err(refused(GatewayOutcome::Refused, "ORDERNOTEXIST"));
        };
        let (out_trade_no, total) = (out_trade_no.clone(), payment.total);
        if let Some(booked) = self.refunds.get(&wanted.out_refund_no) {
            let same = booked.out_trade_no == out_trade_no && booked.amount == wanted.amount;
            return if same {
                Ok(booked.refund_id.clone())
            } else {
                Err(refused(GatewayOutcome::RefusedUnlessEarlier, "INVALID_REQUEST"))
            };
        }
        let before = self.refunds.values().filter(|booked| booked.out_trade_no == out_trade_no);
        let sum: Fen = before.map(|booked| booked.amount).chain([wanted.amount]).sum();
        if Some(wanted.total) != total || Some(sum) > total {
            return Err(refused(GatewayOutcome::RefusedUnlessEarlier, "REFUND_FEE_MISMATCH"));
        }
        let refund_id = format!("503{:06}", self.refunds.len() + 1);
        let booked = Booked {
            out_trade_no,
            amount: wanted.amount,
            refund_id: refund_id.clone(),
            seen_from: now + self.lag,
            ends_at: now + self.takes,
            end: self.ends.clone(),
        };
        self.refunds.insert(wanted.out_refund_no.clone(), booked);
        Ok(refund_id)
    }

    fn query_refund(&self, number: &OutRefundNo, now: Timestamp) -> Option<WechatRefund> {
        let booked = self.refunds.get(number).filter(|booked| booked.seen_from <= now)?;
        let ended = booked.ends_at <= now;
        let status = if ended { booked.end.clone() } else { RefundStatus::Processing };
        Some(WechatRefund {
            out_refund_no: number.clone(),
            refund_id: booked.refund_id.clone(),
            succeeded_at: (status == RefundStatus::Success).then_some(booked.ends_at),
            status,
            amount: booked.amount,
            recv_account: None,
        })
    }
}

fn refused(outcome: GatewayOutcome, err_code: &str) -> GatewayError {
    GatewayError { outcome, code: "wechat_refused", err_code: err_code.to_owned(), text: String::new() }
}

impl World {
    /// What has left the merchant's account, as (`out_refund_no`, fen).
    pub(crate) fn movements(&self) -> Vec<(String, i64)> {
        self.state().wechat.movements()
    }
}

#[async_trait]
impl PaymentGateway for Till {
    async fn query(&self, number: &PaymentNumber) -> Result<Option<WechatPayment>, GatewayError> {
        let about = number.as_str().to_owned();
        self.perform(Call::Query, about, |state, _| Ok(state.wechat.query(number))).await
    }

    async fn refund(&self, refund: &SendRefund) -> Result<String, GatewayError> {
        let about = format!("{} {}", refund.out_refund_no, refund.amount.get());
        self.perform(Call::Refund, about, |state, now| state.wechat.refund(refund, now)).await
    }

    async fn query_refund(&self, number: &OutRefundNo) -> Result<Option<WechatRefund>, GatewayError> {
        let about = number.to_string();
        self.perform(Call::QueryRefund, about, |state, now| Ok(state.wechat.query_refund(number, now))).await
    }
}
