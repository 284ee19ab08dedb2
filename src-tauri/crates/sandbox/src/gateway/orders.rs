//! Placing, asking about and closing an order (sheet wechat-pay-v2, sections 6.1 to 6.3).

use std::net::IpAddr;

use domain::time::{self, Timestamp};
use sha2::{Digest, Sha256};
use url::Url;
use wechat_pay::v2::{Fields, SignType};

use super::answer::Outcome;
use super::ledger::{Refusal, Trade, TradeState};
use super::{Gateway, optional, required, required_fen, wrong};

impl Gateway {
    pub(super) fn unified_order(&self, fields: &Fields, sign_type: SignType) -> Outcome {
        self.place(fields, sign_type).into()
    }

    fn place(&self, fields: &Fields, sign_type: SignType) -> Result<Fields, Refusal> {
        let now = Timestamp::now();
        let trade = check_order(fields, sign_type, now)?;
        let trade_type = trade.trade_type.clone();
        {
            let mut ledger = self.ledger();
            match ledger.trade(&trade.out_trade_no) {
                None => ledger.insert_trade(trade),
                Some(known) => known.allows_again(&trade, now)?,
            }
        }
        let day = &time::to_compact(now)[..8];
        let answer = Fields::new()
            .with("trade_type", &trade_type)
            .with("prepay_id", &format!("wx{day}{}", self.hex(26)));
        Ok(match trade_type.as_str() {
            "NATIVE" => answer.with("code_url", &format!("weixin://wxpay/bizpayurl?pr={}", self.hex(9))),
            "MWEB" => {
                let url =
                    format!("https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={}", self.hex(9));
                answer.with("mweb_url", &url)
            }
            _ => answer,
        })
    }

    pub(super) fn order_query(&self, fields: &Fields) -> Outcome {
        let name = super::Endpoint::OrderQuery.name();
        if self.faults.gateway(|faults| faults.query_unavailable.take(name)) {
            return Outcome::refused("SYSTEMERROR", "系统超时");
        }
        self.tell(fields).into()
    }

    fn tell(&self, fields: &Fields) -> Result<Fields, Refusal> {
        let transaction_id = optional(fields, "transaction_id", 32)?;
        let out_trade_no = optional(fields, "out_trade_no", 32)?;
        if transaction_id.is_none() && out_trade_no.is_none() {
            return Err(Refusal::new("LACK_PARAMS", "缺少参数transaction_id或out_trade_no"));
        }
        let ledger = self.ledger();
        let trade = ledger
            .find(transaction_id, out_trade_no)
            .ok_or_else(|| Refusal::new("ORDERNOTEXIST", "此交易订单号不存在"))?;
        let state = trade.state_at(Timestamp::now());
        let mut answer = Fields::new()
            .with("out_trade_no", &trade.out_trade_no)
            .with("trade_state", state)
            .with("trade_state_desc", state_text(state));
        if let Some(attach) = &trade.attach {
            answer.push("attach", attach);
        }
        if let TradeState::Paid { transaction_id, at } = &trade.state {
            let name = super::Endpoint::OrderQuery.name();
            let wrong = self.faults.gateway(|faults| faults.wrong_total_in_query.take(name));
            let total = trade.total.get() + i64::from(wrong);
            for (name, value) in paid_fields(trade, transaction_id, *at, total).iter() {
                answer.push(name, value);
            }
        }
        Ok(answer)
    }

    pub(super) fn close_order(&self, fields: &Fields) -> Outcome {
        self.close(fields).into()
    }

    /// The five minutes that v2's text asks for before closing are not enforced: v3 states none, and a shop that
    /// follows them is served all the same.
    fn close(&self, fields: &Fields) -> Result<Fields, Refusal> {
        let out_trade_no = required(fields, "out_trade_no", 32)?;
        let mut ledger = self.ledger();
        let trade = ledger.trade(out_trade_no).ok_or_else(|| Refusal::new("ORDERNOTEXIST", "订单不存在"))?;
        match trade.state_at(Timestamp::now()) {
            "NOTPAY" => {
                ledger.close(out_trade_no);
                Ok(Fields::new().with("result_msg", "OK"))
            }
            "CLOSED" => Err(Refusal::new("ORDERCLOSED", "订单已关闭，无法重复关闭")),
            _ => Err(Refusal::new("ORDERPAID", "订单已支付，不能关单")),
        }
    }
}

/// The fields of a paid order, in queries and notifications alike.
pub(super) fn paid_fields(trade: &Trade, transaction_id: &str, at: Timestamp, total: i64) -> Fields {
    let total = total.to_string();
    Fields::new()
        .with("openid", &trade.openid)
        .with("is_subscribe", "N")
        .with("trade_type", &trade.trade_type)
        .with("bank_type", "OTHERS")
        .with("total_fee", &total)
        .with("fee_type", "CNY")
        .with("cash_fee", &total)
        .with("cash_fee_type", "CNY")
        .with("transaction_id", transaction_id)
        .with("time_end", &time::to_compact(at))
}

impl Trade {
    /// `trade_state`, with an order whose time is over counting as closed.
    fn state_at(&self, now: Timestamp) -> &'static str {
        match self.trade_state() {
            "NOTPAY" if self.expires_at.is_some_and(|end| end <= now) => "CLOSED",
            state => state,
        }
    }

    fn allows_again(&self, again: &Trade, now: Timestamp) -> Result<(), Refusal> {
        match self.state_at(now) {
            "NOTPAY" if self.fingerprint == again.fingerprint => Ok(()),
            "NOTPAY" => Err(Refusal::new("INVALID_REQUEST", "201 商户订单号重复")),
            "CLOSED" => Err(Refusal::new("ORDERCLOSED", "该订单已关闭")),
            _ => Err(Refusal::new("ORDERPAID", "该订单已支付")),
        }
    }
}

fn state_text(state: &str) -> &'static str {
    match state {
        "SUCCESS" => "支付成功",
        "REFUND" => "订单发生过退款，退款详情请查询退款单",
        "CLOSED" => "订单已关闭",
        _ => "订单未支付",
    }
}

fn check_order(fields: &Fields, sign_type: SignType, now: Timestamp) -> Result<Trade, Refusal> {
    // The table says 127 or 128 bytes; the larger one is accepted.
    required(fields, "body", 128)?;
    let out_trade_no = required(fields, "out_trade_no", 32)?;
    if out_trade_no.len() < 6
        || !out_trade_no.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-|*".contains(&byte))
    {
        return Err(wrong("out_trade_no"));
    }
    let total = required_fen(fields, "total_fee")?;
    let address = required(fields, "spbill_create_ip", 64)?;
    if address.parse::<IpAddr>().is_err() {
        return Err(wrong("spbill_create_ip"));
    }
    let notify_url = check_notify_url(required(fields, "notify_url", 256)?)?;
    let trade_type = required(fields, "trade_type", 16)?;
    let openid = match trade_type {
        "JSAPI" => required(fields, "openid", 128)?,
        "NATIVE" => required(fields, "product_id", 32).map(|_| "")?,
        "MWEB" => required(fields, "scene_info", 256).map(|_| "")?,
        "APP" => "",
        _ => return Err(wrong("trade_type")),
    };
    let attach = optional(fields, "attach", 128)?;
    for (name, max) in [("goods_tag", 32), ("device_info", 32)] {
        optional(fields, name, max)?;
    }
    for (name, max) in [("detail", 6_144), ("scene_info", 256)] {
        if optional(fields, name, max)?.is_some_and(|text| !is_json(text)) {
            return Err(wrong(name));
        }
    }
    for (name, words) in [
        ("fee_type", &["CNY"][..]),
        ("limit_pay", &["no_credit"]),
        ("receipt", &["Y", "N"]),
        ("profit_sharing", &["Y", "N"]),
    ] {
        if optional(fields, name, 32)?.is_some_and(|word| !words.contains(&word)) {
            return Err(wrong(name));
        }
    }
    Ok(Trade {
        out_trade_no: out_trade_no.to_owned(),
        total,
        openid: openid.to_owned(),
        trade_type: trade_type.to_owned(),
        attach: attach.map(str::to_owned),
        notify_url,
        sign_type,
        fingerprint: fingerprint(fields),
        expires_at: check_times(fields, now)?,
        state: TradeState::NotPaid,
        refunds: Vec::new(),
    })
}

/// Public, absolute, without query; on loopback plain http is as good.
pub(super) fn check_notify_url(text: &str) -> Result<String, Refusal> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() => Ok(text.to_owned()),
        _ => Err(wrong("notify_url")),
    }
}

fn check_times(fields: &Fields, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let read = |name: &'static str| -> Result<Option<Timestamp>, Refusal> {
        optional(fields, name, 14)?.map(|text| time::from_compact(text).map_err(|_| wrong(name))).transpose()
    };
    let start = read("time_start")?.unwrap_or(now);
    let expire = read("time_expire")?;
    // A minute, less the second that the 14 digits cut off.
    if expire.is_some_and(|expire| time::since(expire, start).as_secs() < 59) {
        return Err(wrong("time_expire"));
    }
    Ok(expire)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Two orders are the same when all their parameters are, but for what differs in every message.
fn fingerprint(fields: &Fields) -> String {
    let mut pairs: Vec<(&str, &str)> = fields
        .iter()
        .filter(|(name, value)| !value.is_empty() && !matches!(*name, "nonce_str" | "sign" | "sign_type"))
        .collect();
    pairs.sort_unstable();
    let mut digest = Sha256::new();
    for (name, value) in pairs {
        digest.update(format!("{}:{name}{}:{value}", name.len(), value.len()));
    }
    hex::encode(digest.finalize())
}
