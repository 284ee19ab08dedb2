//! Refunds (sheet wechat-pay-v2, section 6.4).

use domain::time::Timestamp;
use wechat_pay::v2::Fields;

use super::answer::Outcome;
use super::ledger::{Refund, RefundEnd, RefundOrder, RefundRules, Refusal};
use super::orders::check_notify_url;
use super::{Endpoint, Gateway, optional, required, required_fen, wrong};

/// What a fault has in mind for a refund that has not begun.
enum Before {
    Silence,
    Refuse(Refusal),
}

impl Gateway {
    pub(super) fn refund(&self, fields: &Fields) -> Outcome {
        self.ledger().count_refund_call();
        match self.fault_before() {
            Some(Before::Silence) => return Outcome::Silence,
            Some(Before::Refuse(refusal)) => return Outcome::Refused(refusal),
            None => {}
        }
        let result = self.accept(fields);
        let name = Endpoint::Refund.name();
        let (silence, reset, system_error) = self.faults.gateway(|faults| {
            (
                faults.refund_timeout_after_moving.take(name),
                faults.refund_connection_reset.take(name),
                faults.system_error_after_moving.take(name),
            )
        });
        match (silence, reset, system_error) {
            (true, _, _) => Outcome::Silence,
            (_, true, _) => Outcome::Reset,
            (_, _, true) => Outcome::refused("SYSTEMERROR", "接口返回错误"),
            (false, false, false) => result.into(),
        }
    }

    fn fault_before(&self) -> Option<Before> {
        let refuse = |code, text: &str| Before::Refuse(Refusal::new(code, text));
        let name = Endpoint::Refund.name();
        self.faults.gateway(|faults| {
            if faults.refund_timeout_before_moving.take(name) {
                Some(Before::Silence)
            } else if faults.system_error_before_moving.take(name) {
                Some(refuse("SYSTEMERROR", "接口返回错误"))
            } else if faults.bizerr_need_retry.take(name) {
                Some(refuse("BIZERR_NEED_RETRY", "退款业务流程错误，需要商户触发重试来解决"))
            } else if faults.not_enough.take(name) {
                Some(refuse("NOTENOUGH", "基本账户余额不足，请充值后重新发起"))
            } else if faults.trade_overdue.take(name) {
                Some(refuse("TRADE_OVERDUE", "订单已经超过退款期限"))
            } else {
                None
            }
        })
    }

    fn accept(&self, fields: &Fields) -> Result<Fields, Refusal> {
        let order = check_refund(fields)?;
        let now = Timestamp::now();
        let known = self.ledger().refund_by_number(&order.out_refund_no).is_some();
        let rules = self.faults.gateway(|faults| {
            let name = Endpoint::Refund.name();
            let one_minute = !known && faults.refund_one_minute_rule.take(name);
            // A repeat does not begin a refund, so it does not use up how one ends.
            let end = if !known && faults.refund_abnormal.take(name) {
                RefundEnd::Change
            } else if !known && faults.refund_closed.take(name) {
                RefundEnd::Closed
            } else {
                RefundEnd::Success
            };
            RefundRules { one_minute, end }
        });
        let refund_id = self.refund_id(now);
        let answer = self.ledger().refund(&order, rules, now, || refund_id).map(accepted)?;
        self.refund_accepted.notify_waiters();
        Ok(answer)
    }
}

fn accepted(refund: &Refund) -> Fields {
    let (total, amount) = (refund.total.get().to_string(), refund.amount.get().to_string());
    Fields::new()
        .with("transaction_id", &refund.transaction_id)
        .with("out_trade_no", &refund.out_trade_no)
        .with("out_refund_no", &refund.out_refund_no)
        .with("refund_id", &refund.refund_id)
        .with("refund_fee", &amount)
        .with("coupon_refund_fee", "0")
        .with("total_fee", &total)
        .with("cash_fee", &total)
        .with("coupon_refund_count", "0")
        .with("cash_refund_fee", &amount)
}

fn check_refund(fields: &Fields) -> Result<RefundOrder, Refusal> {
    let transaction_id = optional(fields, "transaction_id", 32)?;
    let out_trade_no = optional(fields, "out_trade_no", 32)?;
    if transaction_id.is_none() && out_trade_no.is_none() {
        return Err(Refusal::new("LACK_PARAMS", "缺少参数transaction_id或out_trade_no"));
    }
    let out_refund_no = required(fields, "out_refund_no", 64)?;
    if !out_refund_no.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-|*@".contains(&byte)) {
        return Err(wrong("out_refund_no"));
    }
    let (total, amount) = (required_fen(fields, "total_fee")?, required_fen(fields, "refund_fee")?);
    if amount > total {
        return Err(Refusal::new("PARAM_ERROR", "退款金额大于订单金额"));
    }
    if optional(fields, "refund_fee_type", 8)?.is_some_and(|currency| currency != "CNY") {
        return Err(wrong("refund_fee_type"));
    }
    optional(fields, "refund_desc", 80)?;
    let sources = ["REFUND_SOURCE_UNSETTLED_FUNDS", "REFUND_SOURCE_RECHARGE_FUNDS"];
    if optional(fields, "refund_account", 30)?.is_some_and(|source| !sources.contains(&source)) {
        return Err(wrong("refund_account"));
    }
    Ok(RefundOrder {
        transaction_id: transaction_id.map(str::to_owned),
        out_trade_no: out_trade_no.map(str::to_owned),
        out_refund_no: out_refund_no.to_owned(),
        total,
        amount,
        notify_url: optional(fields, "notify_url", 256)?.map(check_notify_url).transpose()?,
    })
}
