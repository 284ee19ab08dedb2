//! Payments as `orderquery` and the payment notice tell them (sheet sections 6.2 and 8).

use domain::{AppId, MchId, OutTradeNo, TradeState, TransactionId, WechatPayment, time};

use super::Fields;
use super::answer::{BadField, fen, optional, required, required_text};

/// The number by which a payment is asked for. WeChat prefers its own when both are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentNumber {
    /// WeChat's number; an unpaid order has none.
    TransactionId(TransactionId),
    /// The shop's number.
    OutTradeNo(OutTradeNo),
}

impl PaymentNumber {
    /// The field that carries it.
    pub(super) fn field(&self) -> &'static str {
        match self {
            PaymentNumber::TransactionId(_) => "transaction_id",
            PaymentNumber::OutTradeNo(_) => "out_trade_no",
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            PaymentNumber::TransactionId(id) => id.as_str(),
            PaymentNumber::OutTradeNo(number) => number.as_str(),
        }
    }
}

/// The payment in a verified answer of `orderquery`.
pub(crate) fn read(fields: &Fields) -> Result<WechatPayment, BadField> {
    let trade_state = match required_text(fields, "trade_state")? {
        // How old texts spell it.
        "NOPAY" => TradeState::NotPay,
        word => TradeState::from(word.to_owned()),
    };
    read_in_state(fields, trade_state)
}

/// The payment in a verified notice, which has no `trade_state`: only successful payments are told.
pub(crate) fn read_notified(fields: &Fields) -> Result<WechatPayment, BadField> {
    read_in_state(fields, TradeState::Success)
}

fn read_in_state(fields: &Fields, trade_state: TradeState) -> Result<WechatPayment, BadField> {
    Ok(WechatPayment {
        trade_state,
        trade_state_desc: fields.text("trade_state_desc").map(str::to_owned),
        appid: required(fields, "appid", AppId::new)?,
        mch_id: required(fields, "mch_id", MchId::new)?,
        out_trade_no: optional(fields, "out_trade_no", OutTradeNo::new)?,
        transaction_id: optional(fields, "transaction_id", TransactionId::new)?,
        total: optional(fields, "total_fee", fen)?,
        payer_total: optional(fields, "cash_fee", fen)?,
        paid_at: optional(fields, "time_end", time::from_compact)?,
        openid: fields.text("openid").map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use domain::Fen;

    use super::*;

    fn unpaid() -> Fields {
        Fields::new()
            .with("appid", "wx8888888888888888")
            .with("mch_id", "1900000109")
            .with("out_trade_no", "T1")
            .with("trade_state", "NOTPAY")
    }

    fn in_state(word: &str) -> Fields {
        let mut fields = unpaid();
        fields.remove("trade_state");
        fields.with("trade_state", word)
    }

    #[test]
    fn a_paid_order_has_its_amounts_and_its_time_in_utc() {
        let fields = in_state("SUCCESS")
            .with("total_fee", "600")
            .with("cash_fee", "570")
            .with("time_end", "20141111170043")
            .with("transaction_id", "1008450740201411110005820873");
        let payment = read(&fields).unwrap();
        assert_eq!((payment.total, payment.payer_total), (Some(Fen::new(600)), Some(Fen::new(570))));
        assert_eq!(payment.paid_at.unwrap().to_string(), "2014-11-11T09:00:43Z");
        assert!(payment.trade_state.is_paid());
    }

    #[test]
    fn absent_and_empty_fields_are_not_zero() {
        let payment = read(&unpaid().with("total_fee", "").with("time_end", "")).unwrap();
        assert_eq!((payment.total, payment.paid_at, payment.transaction_id), (None, None, None));
    }

    #[test]
    fn states_are_kept_as_they_are_spelt_and_never_guessed() {
        assert_eq!(read(&in_state("NOPAY")).unwrap().trade_state, TradeState::NotPay);
        assert_eq!(read(&in_state("FROZEN")).unwrap().trade_state, TradeState::Other("FROZEN".to_owned()));
        assert_eq!(read(&in_state("")), Err(BadField::new("trade_state")));
    }

    #[test]
    fn an_amount_that_is_no_whole_number_of_fen_is_an_error() {
        for wrong in ["6.00", "1e2", "￥6", "99999999999999999999"] {
            assert_eq!(read(&unpaid().with("total_fee", wrong)), Err(BadField::new("total_fee")), "{wrong}");
        }
    }
}
