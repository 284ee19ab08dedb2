//! WeChat's books: payments, and refunds of which one number runs once (`wechat-pay-v2.md` 6.4, 6.5).

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::time::{SignedDuration, Timestamp};
use domain::{Fen, OutRefundNo, RefundStatus, TradeState, WechatPayment, WechatRefund};
use engine::ports::{GatewayError, GatewayOutcome, PaymentGateway, PaymentNumber, SendRefund};

use super::{Call, Learnt, Till, World};

/// WeChat's books.
pub struct Wechat {
    /// By `out_trade_no`.
    pub payments: BTreeMap<String, WechatPayment>,
    refunds: BTreeMap<OutRefundNo, Booked>,
    /// How a refund that is accepted from now on ends.
    pub ends: RefundStatus,
    /// How long it takes to that end.
    pub takes: SignedDuration,
    /// How long the refund query does not see a new refund.
    pub lag: SignedDuration,
    /// Whether a second refund of a payment within a minute is refused (`wechat-pay-v2.md`, refund).
    pub strict_minute: bool,
}

struct Booked {
    out_trade_no: String,
    amount: Fen,
    refund_id: String,
    sent_at: Timestamp,
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
            strict_minute: false,
        }
    }
}

impl Wechat {
    /// What has left the merchant's account: one line for each refund number that ran.
    fn movements(&self) -> Vec<(String, i64)> {
        let moved = self.refunds.iter().filter(|(_, booked)| booked.end != RefundStatus::Close);
        moved.map(|(number, booked)| (number.to_string(), booked.amount.get())).collect()
    }

    /// Every refund number that WeChat has, with its payment's `out_trade_no`, fen, and how it ends.
    pub fn booked(&self) -> Vec<(&OutRefundNo, &str, i64, &RefundStatus)> {
        let booked = self.refunds.iter();
        booked
            .map(|(number, refund)| (number, refund.out_trade_no.as_str(), refund.amount.get(), &refund.end))
            .collect()
    }

    /// How a number stands at this instant, whatever the refund query sees of it.
    pub fn stands(&self, number: &OutRefundNo, now: Timestamp) -> Option<RefundStatus> {
        let booked = self.refunds.get(number)?;
        Some(if booked.ends_at <= now { booked.end.clone() } else { RefundStatus::Processing })
    }

    /// Staff settle every refund that its buyer's account could not take.
    pub fn settle_all(&mut self) {
        for booked in self.refunds.values_mut().filter(|booked| booked.end == RefundStatus::Change) {
            booked.end = RefundStatus::Success;
        }
    }

    /// Staff settle a refund in the merchant platform.
    pub fn settle(&mut self, number: &str, end: RefundStatus) {
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

    /// A refund arrives.
    pub fn refund(&mut self, wanted: &SendRefund, now: Timestamp) -> Result<String, GatewayError> {
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
        // More than came in is not refused: that nobody sends it is for the books to see.
        if Some(wanted.total) != total {
            return Err(refused(GatewayOutcome::RefusedUnlessEarlier, "REFUND_FEE_MISMATCH"));
        }
        let minute = SignedDuration::from_secs(60);
        let newest = self.refunds.values().filter(|booked| booked.out_trade_no == out_trade_no);
        if self.strict_minute && newest.into_iter().any(|booked| now.duration_since(booked.sent_at) < minute)
        {
            return Err(refused(GatewayOutcome::Unknown, "FREQUENCY_LIMITED"));
        }
        let refund_id = format!("503{:06}", self.refunds.len() + 1);
        let booked = Booked {
            out_trade_no,
            amount: wanted.amount,
            refund_id: refund_id.clone(),
            sent_at: now,
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
    pub fn movements(&self) -> Vec<(String, i64)> {
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
        let learn = |answer: &Result<String, GatewayError>| match answer {
            Ok(_) => Learnt::Done,
            Err(error) => match error.outcome {
                GatewayOutcome::NotSent | GatewayOutcome::Refused => Learnt::Failed,
                GatewayOutcome::RefusedUnlessEarlier | GatewayOutcome::Unknown => Learnt::Nothing,
            },
        };
        self.while_alive().await;
        let on_disk = self.on_disk(refund);
        // When it goes out: what a slow network brings late was right then.
        self.world.state().watch_sending(&self.terminal, refund, &on_disk, self.world.time());
        self.learn(Call::Refund, about, learn, |state, now| state.wechat.refund(refund, now)).await
    }

    async fn query_refund(&self, number: &OutRefundNo) -> Result<Option<WechatRefund>, GatewayError> {
        let about = number.to_string();
        let learn = |answer: &Result<Option<WechatRefund>, GatewayError>| match answer {
            Ok(Some(_)) => Learnt::Done,
            Ok(None) => Learnt::Absent,
            Err(_) => Learnt::Nothing,
        };
        self.learn(Call::QueryRefund, about, learn, |state, now| Ok(state.wechat.query_refund(number, now)))
            .await
    }
}
