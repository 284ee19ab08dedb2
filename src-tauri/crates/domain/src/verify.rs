//! Whether WeChat agrees with what the backend says of an order's money.
//!
//! "Paid" from the backend is a claim; only WeChat's signed answer makes it a fact (`product.md` 2.4). "Agrees" means:
//! amount, merchant, mini program and numbers are the same, and `trade_state` is SUCCESS, or REFUND after a refund.

use serde::{Deserialize, Serialize};

use crate::{AppId, MchId, Order, PaymentState, TradeState, WechatPayment};

/// What is known of an order's money at WeChat. The words are those of `order NO --json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// Not asked yet.
    Pending,
    /// WeChat has the money and agrees in every field.
    Verified,
    /// WeChat knows the payment and disagrees: a red alert, never a ticket.
    Mismatch,
    /// WeChat says that nobody paid.
    NotPaid,
    /// WeChat could not be asked, or the backend gave no number to ask about. Asked again.
    Unavailable,
    /// Not paid through WeChat, or cancelled before anybody paid: there is nothing to ask.
    NotApplicable,
}

impl Verified {
    /// The word as stored and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Verified::Pending => "pending",
            Verified::Verified => "verified",
            Verified::Mismatch => "mismatch",
            Verified::NotPaid => "not_paid",
            Verified::Unavailable => "unavailable",
            Verified::NotApplicable => "not_applicable",
        }
    }

    /// The state for a stored word.
    pub fn from_word(word: &str) -> Option<Verified> {
        [
            Verified::Pending,
            Verified::Verified,
            Verified::Mismatch,
            Verified::NotPaid,
            Verified::Unavailable,
            Verified::NotApplicable,
        ]
        .into_iter()
        .find(|state| state.as_str() == word)
    }
}

/// Who we are at WeChat: what every answer must name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// Our mini program or official account.
    pub app_id: AppId,
    /// Our merchant number.
    pub mch_id: MchId,
}

/// One field in which WeChat and the backend differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discrepancy {
    /// The field, as the protocol spells it.
    pub field: String,
    /// What the backend (or our setting) says.
    pub expected: String,
    /// What WeChat says.
    pub found: String,
}

/// The outcome of holding WeChat's answer against an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Paid, and every field agrees.
    Agrees,
    /// No money came in; the word says what WeChat calls it.
    NotPaid {
        /// `trade_state`, or `ORDERNOTEXIST`.
        trade_state: String,
    },
    /// Money came in, but not as the backend says.
    Differs(Vec<Discrepancy>),
}

impl Judgement {
    /// What to store.
    pub fn verified(&self) -> Verified {
        match self {
            Judgement::Agrees => Verified::Verified,
            Judgement::NotPaid { .. } => Verified::NotPaid,
            Judgement::Differs(_) => Verified::Mismatch,
        }
    }
}

/// Whether a refund of the order is known on our side, so that WeChat may say REFUND.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownRefund {
    /// The backend or this console knows of one, be it under way.
    Yes,
    /// Nobody told us of any.
    No,
}

impl KnownRefund {
    /// What the order alone tells.
    pub fn of(order: &Order) -> KnownRefund {
        let by_state =
            matches!(order.payment.state, PaymentState::PartiallyRefunded | PaymentState::Refunded);
        let by_request = order.refund_requests.iter().any(|request| {
            matches!(
                request.state,
                crate::RefundState::Processing | crate::RefundState::Succeeded | crate::RefundState::Failed
            )
        });
        if by_state || by_request || order.amounts.refunded.is_positive() {
            KnownRefund::Yes
        } else {
            KnownRefund::No
        }
    }
}

/// Holds WeChat's answer against the order. `None` is WeChat's ORDERNOTEXIST.
pub fn judge(
    order: &Order,
    merchant: &Merchant,
    answer: Option<&WechatPayment>,
    known_refund: KnownRefund,
) -> Judgement {
    let Some(answer) = answer else {
        return Judgement::NotPaid { trade_state: "ORDERNOTEXIST".to_owned() };
    };
    if !answer.trade_state.is_paid() {
        return Judgement::NotPaid { trade_state: answer.trade_state.as_str().to_owned() };
    }
    let mut differences = Differences(Vec::new());
    let payment = &order.payment;
    differences.compare("mch_id", Some(merchant.mch_id.as_str()), Some(answer.mch_id.as_str()));
    differences.compare("appid", Some(merchant.app_id.as_str()), Some(answer.appid.as_str()));
    if payment.mchid.is_some() {
        differences.compare(
            "mch_id",
            payment.mchid.as_ref().map(MchId::as_str),
            Some(answer.mch_id.as_str()),
        );
    }
    if payment.appid.is_some() {
        differences.compare("appid", payment.appid.as_ref().map(AppId::as_str), Some(answer.appid.as_str()));
    }
    if let Some(expected) = &payment.out_trade_no {
        differences.compare(
            "out_trade_no",
            Some(expected.as_str()),
            answer.out_trade_no.as_ref().map(|number| number.as_str()),
        );
    }
    if let Some(expected) = &payment.transaction_id {
        differences.compare(
            "transaction_id",
            Some(expected.as_str()),
            answer.transaction_id.as_ref().map(|number| number.as_str()),
        );
    }
    let total = |fen: crate::Fen| fen.get().to_string();
    differences.compare("total_fee", Some(total(payment.total).as_str()), answer.total.map(total).as_deref());
    if answer.trade_state == TradeState::Refund && known_refund == KnownRefund::No {
        differences.compare("trade_state", Some("SUCCESS"), Some("REFUND"));
    }
    if differences.0.is_empty() { Judgement::Agrees } else { Judgement::Differs(differences.0) }
}

struct Differences(Vec<Discrepancy>);

impl Differences {
    fn compare(&mut self, field: &str, expected: Option<&str>, found: Option<&str>) {
        let (expected, found) = (expected.unwrap_or_default(), found.unwrap_or_default());
        if expected != found && !self.0.iter().any(|known| known.field == field) {
            self.0.push(Discrepancy {
                field: field.to_owned(),
                expected: expected.to_owned(),
                found: found.to_owned(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fen, OutTradeNo, TransactionId};

    fn merchant() -> Merchant {
        Merchant {
            app_id: AppId::new("wx8888888888888888").unwrap(),
            mch_id: MchId::new("1900000109").unwrap(),
        }
    }

    fn order() -> Order {
        crate::order::tests::paid_order("20250601001", 3780)
    }

    fn answer() -> WechatPayment {
        WechatPayment {
            trade_state: TradeState::Success,
            trade_state_desc: None,
            appid: merchant().app_id,
            mch_id: merchant().mch_id,
            out_trade_no: Some(OutTradeNo::new("20250601001").unwrap()),
            transaction_id: Some(TransactionId::new("4200000000000020250601001").unwrap()),
            total: Some(Fen::new(3780)),
            payer_total: None,
            paid_at: None,
            openid: None,
        }
    }

    fn fields(judgement: Judgement) -> Vec<String> {
        match judgement {
            Judgement::Differs(list) => list.into_iter().map(|one| one.field).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_field_has_to_agree() {
        assert_eq!(judge(&order(), &merchant(), Some(&answer()), KnownRefund::No), Judgement::Agrees);
        type Change = fn(&mut WechatPayment);
        let wrong: [(&str, Change); 5] = [
            ("total_fee", |answer| answer.total = Some(Fen::new(1))),
            ("total_fee", |answer| answer.total = None),
            ("mch_id", |answer| answer.mch_id = MchId::new("1900000110").unwrap()),
            ("appid", |answer| answer.appid = AppId::new("wx0").unwrap()),
            ("out_trade_no", |answer| answer.out_trade_no = None),
        ];
        for (field, change) in wrong {
            let mut answer = answer();
            change(&mut answer);
            assert_eq!(fields(judge(&order(), &merchant(), Some(&answer), KnownRefund::No)), [field]);
        }
    }

    #[test]
    fn an_order_of_another_merchant_number_never_agrees() {
        let mut order = order();
        order.payment.mchid = Some(MchId::new("1900000999").unwrap());
        assert_eq!(fields(judge(&order, &merchant(), Some(&answer()), KnownRefund::No)), ["mch_id"]);
    }

    #[test]
    fn refund_at_wechat_agrees_only_when_somebody_knows_of_it() {
        let mut answer = answer();
        answer.trade_state = TradeState::Refund;
        assert_eq!(fields(judge(&order(), &merchant(), Some(&answer), KnownRefund::No)), ["trade_state"]);
        assert_eq!(judge(&order(), &merchant(), Some(&answer), KnownRefund::Yes), Judgement::Agrees);
    }

    #[test]
    fn an_unknown_trade_state_is_not_booked() {
        for state in
            ["NOTPAY", "CLOSED", "REVOKED", "USERPAYING", "PAYERROR", "ACCEPT", "SOMETHING_NEW", "success"]
        {
            let mut answer = answer();
            answer.trade_state = TradeState::from(state.to_owned());
            assert_eq!(
                judge(&order(), &merchant(), Some(&answer), KnownRefund::Yes),
                Judgement::NotPaid { trade_state: state.to_owned() }
            );
        }
        assert_eq!(judge(&order(), &merchant(), None, KnownRefund::No).verified(), Verified::NotPaid);
    }
}
