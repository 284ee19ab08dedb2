//! Placing an order with `unifiedorder` (sheet section 6.1).

use std::net::IpAddr;

use domain::time::{self, Timestamp};
use domain::{Fen, OutTradeNo};

use super::Fields;
use super::answer::required_text;
use crate::Error;

/// An order to be placed. Placing it again is allowed only with identical parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnifiedOrder {
    /// What the buyer sees, at most 127 bytes.
    pub body: String,
    /// The shop's number for the payment.
    pub out_trade_no: OutTradeNo,
    /// The price, at least one fen.
    pub total: Fen,
    /// The buyer's address, or the shop's for [`TradeType::Native`].
    pub client_ip: IpAddr,
    /// Where WeChat posts the payment notice: public, absolute, without query, at most 256 bytes.
    pub notify_url: String,
    /// How it will be paid.
    pub trade_type: TradeType,
    /// Details of the goods as JSON, at most 6000 characters.
    pub detail: Option<String>,
    /// Text that comes back in query, notice and bill, at most 127 bytes.
    pub attach: Option<String>,
    /// When the order began.
    pub started_at: Option<Timestamp>,
    /// When it expires, at least one minute after it began.
    pub expires_at: Option<Timestamp>,
    /// The mark that coupons look at, at most 32 characters.
    pub goods_tag: Option<String>,
}

/// How an order will be paid, with what each way needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TradeType {
    /// In a mini program or official account.
    Jsapi {
        /// The buyer under this appid.
        openid: String,
    },
    /// By scanning a code.
    Native {
        /// The shop's number of the goods.
        product_id: String,
    },
    /// In an app.
    App,
    /// In a browser on a phone.
    Mweb {
        /// Where, as JSON.
        scene_info: String,
    },
}

/// An order that WeChat has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepay {
    /// What the payment sheet is opened with; lives two hours.
    pub prepay_id: String,
    /// What the code to scan holds, for [`TradeType::Native`]; lives two hours.
    pub code_url: Option<String>,
    /// Where the browser goes, for [`TradeType::Mweb`]; lives five minutes.
    pub mweb_url: Option<String>,
}

impl UnifiedOrder {
    pub(super) fn fields(&self) -> Result<Fields, Error> {
        let invalid = |field, what| Err(Error::InvalidRequest { field, what });
        if !(1..=127).contains(&self.body.len()) {
            return invalid("body", "has not 1 to 127 bytes");
        }
        if self.attach.as_ref().is_some_and(|attach| attach.len() > 127) {
            return invalid("attach", "has more than 127 bytes");
        }
        if !self.total.is_positive() {
            return invalid("total_fee", "is below one fen");
        }
        if !(1..=256).contains(&self.notify_url.len()) || self.notify_url.contains('?') {
            return invalid("notify_url", "is empty, too long, or has a query");
        }
        let mut fields = Fields::new()
            .with("body", &self.body)
            .with("out_trade_no", self.out_trade_no.as_str())
            .with("total_fee", &self.total.get().to_string())
            .with("spbill_create_ip", &self.client_ip.to_string())
            .with("notify_url", &self.notify_url);
        let mut push = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                fields.push(name, value);
            }
        };
        push("detail", self.detail.as_deref());
        push("attach", self.attach.as_deref());
        push("time_start", self.started_at.map(time::to_compact).as_deref());
        push("time_expire", self.expires_at.map(time::to_compact).as_deref());
        push("goods_tag", self.goods_tag.as_deref());
        let (word, field) = match &self.trade_type {
            TradeType::Jsapi { openid } => ("JSAPI", Some(("openid", openid))),
            TradeType::Native { product_id } => ("NATIVE", Some(("product_id", product_id))),
            TradeType::App => ("APP", None),
            TradeType::Mweb { scene_info } => ("MWEB", Some(("scene_info", scene_info))),
        };
        push("trade_type", Some(word));
        if let Some((name, value)) = field {
            push(name, Some(value));
        }
        Ok(fields)
    }
}

impl Prepay {
    pub(super) fn read(fields: &Fields) -> Result<Prepay, Error> {
        Ok(Prepay {
            prepay_id: required_text(fields, "prepay_id")?.to_owned(),
            code_url: fields.text("code_url").map(str::to_owned),
            mweb_url: fields.text("mweb_url").map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn order() -> UnifiedOrder {
        UnifiedOrder {
            body: "示例小店-豆浆".to_owned(),
            out_trade_no: OutTradeNo::new("T20260601001").unwrap(),
            total: Fen::new(600),
            client_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            notify_url: "https://shop.example/notify".to_owned(),
            trade_type: TradeType::Jsapi { openid: "oUpF8uMEb4qRXf22hE3X68TekukE".to_owned() },
            detail: None,
            attach: None,
            started_at: None,
            expires_at: Some("2026-06-01T08:00:00Z".parse().unwrap()),
            goods_tag: None,
        }
    }

    #[test]
    fn an_order_is_written_in_fen_and_beijing_time() {
        let fields = order().fields().unwrap();
        assert_eq!(fields.get("total_fee"), Some("600"));
        assert_eq!(fields.get("time_expire"), Some("20260601160000"));
        assert_eq!((fields.get("trade_type"), fields.get("attach")), (Some("JSAPI"), None));
    }

    #[test]
    fn what_wechat_would_refuse_is_refused_before_sending() {
        for (field, wrong) in [
            ("body", UnifiedOrder { body: "豆".repeat(43), ..order() }),
            ("attach", UnifiedOrder { attach: Some("桌".repeat(43)), ..order() }),
            ("total_fee", UnifiedOrder { total: Fen::ZERO, ..order() }),
            ("notify_url", UnifiedOrder { notify_url: "https://shop.example/?a=1".to_owned(), ..order() }),
        ] {
            assert!(
                matches!(wrong.fields(), Err(Error::InvalidRequest { field: named, .. }) if named == field)
            );
        }
    }
}
