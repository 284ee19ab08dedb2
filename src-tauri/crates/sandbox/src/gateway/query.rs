//! Asking about refunds (sheet wechat-pay-v2, section 6.5).

use domain::time;
use wechat_pay::v2::Fields;

use super::answer::Outcome;
use super::ledger::{Ledger, Refund, Refusal, Trade};
use super::{Endpoint, Gateway, optional, wrong};

/// By order, one answer tells of at most this many refunds.
const PAGE: usize = 10;

impl Gateway {
    pub(super) fn refund_query(&self, fields: &Fields) -> Outcome {
        let name = Endpoint::RefundQuery.name();
        if self.faults.gateway(|faults| faults.query_unavailable.take(name)) {
            return Outcome::refused("SYSTEMERROR", "系统超时");
        }
        self.settle_refunds();
        tell(&self.ledger(), fields).into()
    }
}

fn tell(ledger: &Ledger, fields: &Fields) -> Result<Fields, Refusal> {
    let missing = || Refusal::new("REFUNDNOTEXIST", "退款单不存在");
    // refund_id > out_refund_no > transaction_id > out_trade_no: the first that is given decides alone.
    let single = if let Some(id) = optional(fields, "refund_id", 32)? {
        Some(ledger.refund_by_id(id).ok_or_else(missing)?)
    } else if let Some(number) = optional(fields, "out_refund_no", 64)? {
        Some(ledger.refund_by_number(number).ok_or_else(missing)?)
    } else {
        None
    };
    if let Some(refund) = single {
        let trade = ledger.trade(&refund.out_trade_no).ok_or_else(missing)?;
        return Ok(page(trade, &refund.transaction_id, &[refund]));
    }
    let transaction_id = optional(fields, "transaction_id", 32)?;
    let out_trade_no = optional(fields, "out_trade_no", 32)?;
    if transaction_id.is_none() && out_trade_no.is_none() {
        return Err(Refusal::new("LACK_PARAMS", "缺少退款单号或订单号"));
    }
    let trade = ledger.find(transaction_id, out_trade_no).ok_or_else(missing)?;
    let refunds = ledger.refunds_of(trade);
    let first = refunds.first().ok_or_else(missing)?;
    let offset = match optional(fields, "offset", 8)? {
        None => 0,
        Some(text) => text.parse::<usize>().map_err(|_| wrong("offset"))?,
    };
    if offset >= refunds.len() {
        return Err(wrong("offset"));
    }
    let shown: Vec<&Refund> = refunds.iter().skip(offset).take(PAGE).copied().collect();
    Ok(page(trade, &first.transaction_id, &shown).with("total_refund_count", &refunds.len().to_string()))
}

fn page(trade: &Trade, transaction_id: &str, refunds: &[&Refund]) -> Fields {
    let total = trade.total.get().to_string();
    let mut answer = Fields::new()
        .with("transaction_id", transaction_id)
        .with("out_trade_no", &trade.out_trade_no)
        .with("total_fee", &total)
        .with("fee_type", "CNY")
        .with("cash_fee", &total)
        .with("refund_count", &refunds.len().to_string());
    for (index, refund) in refunds.iter().enumerate() {
        let mut push = |name: &str, value: &str| answer.push(&format!("{name}_{index}"), value);
        push("out_refund_no", &refund.out_refund_no);
        push("refund_id", &refund.refund_id);
        push("refund_channel", "ORIGINAL");
        push("refund_fee", &refund.amount.get().to_string());
        push("refund_status", refund.status());
        push("refund_account", "REFUND_SOURCE_UNSETTLED_FUNDS");
        // The field's name is misspelt at WeChat as well.
        push("refund_recv_accout", "支付用户零钱");
        if let Some(at) = refund.succeeded_at() {
            push("refund_success_time", &time::to_spaced(at));
        }
    }
    answer
}
