//! Numbers and names as the protocols spell them, each a type of its own so that an `out_trade_no` can never stand
//! where an `out_refund_no` belongs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The text does not have the form of the number it should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is not a valid {what}")]
pub struct InvalidId {
    /// The field's name in the protocol.
    pub what: &'static str,
    /// The text that was refused, cut to 80 characters.
    pub text: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The number if `text` has its form.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let rule: fn(&str) -> bool = $rule;
                if rule(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidId { what: $what, text: text.chars().take(80).collect() })
                }
            }

            /// The text as it goes over the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

fn made_of(text: &str, max: usize, extra: &str) -> bool {
    (1..=max).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
}

/// `^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}$`: the contract's Id. It never starts with a dot, since it stands in paths.
fn contract_id(text: &str) -> bool {
    made_of(text, 64, "_.:-") && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

id! {
    /// An order's id at the backend: opaque, at most 64 characters.
    OrderId, "order id", contract_id
}
id! {
    /// A refund request's id at the backend: opaque, at most 64 characters.
    RefundRequestId, "refund request id", contract_id
}
id! {
    /// The shop's id at the backend.
    ShopId, "shop id", contract_id
}
id! {
    /// One installation of the console, unique in the shop and stable over restarts (contract R5).
    TerminalId, "terminal id", contract_id
}
id! {
    /// A member of staff: what is typed after `--as`, and what the backend gets as `X-Actor`. It never changes and is never
    /// given to somebody else.
    StaffId, "staff id", contract_id
}
id! {
    /// The merchant's number for a payment, 1 to 32 characters, unique per `mch_id`.
    OutTradeNo, "out_trade_no", |text| made_of(text, 32, "_|*@-")
}
id! {
    /// The merchant's number for a refund, 1 to 64 characters: WeChat refunds one number once.
    OutRefundNo, "out_refund_no", |text| made_of(text, 64, "_|*@-")
}
id! {
    /// WeChat's number for a payment, 1 to 32 letters and digits.
    TransactionId, "transaction_id", |text| made_of(text, 32, "")
}
id! {
    /// WeChat Pay's number for a merchant.
    MchId, "mch_id", |text| made_of(text, 32, "")
}
id! {
    /// The id of the mini program or official account that a payment belongs to.
    AppId, "appid", |text| made_of(text, 32, "_-")
}

impl OutRefundNo {
    /// The number of a payout round, the same on every terminal (contract R7).
    ///
    /// `"mr" + round + "-"` and the first 32 hex digits of SHA-256 over `refund_no/1`, shop id, subject and round,
    /// joined by LF. A crashed, reinstalled or second console makes the same number, and WeChat pays a number once.
    pub fn derive(shop: &ShopId, subject: &RefundSubject<'_>, round: u32) -> OutRefundNo {
        let subject = match subject {
            RefundSubject::Request(id) => id.as_str().to_owned(),
            RefundSubject::New { order, idempotency_key } => format!("new:{order}:{idempotency_key}"),
        };
        let digest = Sha256::digest(format!("refund_no/1\n{shop}\n{subject}\n{round}"));
        OutRefundNo(format!("mr{round}-{}", &hex::encode(digest)[..32]))
    }
}

/// What a refund number is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundSubject<'a> {
    /// A refund request that the backend already has.
    Request(&'a RefundRequestId),
    /// Round 1 of a refund that the shop starts: its request has no id yet.
    New {
        /// The order that is refunded.
        order: &'a OrderId,
        /// The key stored before the first sending, so that a crash makes the same number.
        idempotency_key: &'a str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values printed in `merchant-api.yaml`, R7.
    #[test]
    fn refund_numbers_are_those_of_the_contract() {
        let shop = ShopId::new("s1").unwrap();
        let request = RefundRequestId::new("r1").unwrap();
        let number = |round| OutRefundNo::derive(&shop, &RefundSubject::Request(&request), round).to_string();
        assert_eq!(number(1), "mr1-9a43203f9db53222efb006dbaa2e4f7a");
        assert_eq!(number(2), "mr2-9219fada41c45fa00bdf757e6c23cd28");
        let order = OrderId::new("20250601001").unwrap();
        let new =
            RefundSubject::New { order: &order, idempotency_key: "3f2b8c1e-0d4a-4c55-9a57-5b7c8f1f7a10" };
        assert!(OutRefundNo::derive(&shop, &new, 1).as_str().starts_with("mr1-"));
    }

    #[test]
    fn ids_keep_to_their_patterns() {
        assert!(OrderId::new("a:9007199254740993").is_ok());
        for wrong in ["", ".a", "-a", "a/b", "订单", "a b"] {
            assert!(OrderId::new(wrong).is_err(), "{wrong:?}");
        }
        assert!(OrderId::new("x".repeat(65)).is_err());
        assert!(OutTradeNo::new("T|1*_-@").is_ok());
        assert!(OutTradeNo::new("x".repeat(33)).is_err());
        assert!(serde_json::from_str::<OutTradeNo>("\"a\\nb\"").is_err());
    }
}
