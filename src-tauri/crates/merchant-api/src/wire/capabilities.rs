use domain::{Fen, PayoutMode, ShopId};
use serde::{Deserialize, Deserializer, Serialize};

use super::null_is_default;
use crate::words::Feature;

/// What a backend can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Always [`Capabilities::API`].
    pub api: String,
    /// Whose orders these are.
    pub shop: Shop,
    /// What software serves them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<Backend>,
    /// `bearer`, `hmac`, or a later word.
    pub auth: Vec<String>,
    /// What the calling credential may do; `None` is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// What is offered beyond the minimum.
    pub features: Vec<Feature>,
    /// How refunds work.
    pub refund: RefundCapability,
    /// How the feed works.
    pub changes: ChangesCapability,
    /// The shop's accounts at WeChat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wechat: Option<WeChatCapability>,
}

impl Capabilities {
    /// The one value of `api` in this version of the contract.
    pub const API: &'static str = "merchant/1";

    /// Whether the server lists the feature.
    pub fn offers(&self, feature: &Feature) -> bool {
        self.features.contains(feature)
    }

    /// Seconds that `/changes` may be asked to wait; 0 where it does not hold an empty reply.
    pub fn longest_wait_s(&self) -> u32 {
        if self.offers(&Feature::LongPoll) { self.changes.max_wait_s.min(300) } else { 0 }
    }

    /// Merchant numbers that the server names; empty when it names none.
    pub fn mchids(&self) -> &[String] {
        self.wechat.as_ref().map_or(&[], |wechat| wechat.mchids.as_slice())
    }
}

/// Whose orders these are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    /// The shop's id; part of every refund number (R7).
    pub id: ShopId,
    /// Its name.
    pub name: String,
    /// An IANA name; `None` is Asia/Shanghai.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// CNY, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// What software serves the contract.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Backend {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The adapter's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
}

/// How refunds work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundCapability {
    /// Whether requests can be decided here.
    pub decide: bool,
    /// Whether the merchant can start a refund.
    #[serde(default, deserialize_with = "null_is_default")]
    pub initiate: bool,
    /// Who pays refunds out (R7), unless the request says otherwise.
    pub payout: PayoutMode,
    /// Seconds for which a payout claim keeps other terminals away, 60 to 86,400.
    #[serde(default = "default_claim_s", deserialize_with = "claim_s_or_default")]
    pub claim_s: u32,
    /// Most that one decision may pay; `None` is no cap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fen: Option<Fen>,
    /// Reasons to choose from.
    #[serde(default, deserialize_with = "null_is_default")]
    pub reason_codes: Vec<ReasonCode>,
}

fn default_claim_s() -> u32 {
    300
}

fn claim_s_or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(default_claim_s))
}

/// A reason to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCode {
    /// The code to send.
    pub code: String,
    /// What people read.
    pub text: String,
    /// `approve`, `reject`, `initiate`, or a later word; `None` fits any.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub fits: Option<String>,
}

/// How the feed works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesCapability {
    /// Days for which the newest entry of an object is kept.
    pub retention_days: u32,
    /// Seconds for which an empty reply is held at most, 0 to 300.
    #[serde(default, deserialize_with = "null_is_default")]
    pub max_wait_s: u32,
}

/// The shop's accounts at WeChat.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WeChatCapability {
    /// The mini program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    /// In terminal mode the console refuses to pay out for any other.
    #[serde(default, deserialize_with = "null_is_default")]
    pub mchids: Vec<String>,
    /// The server reports shipping to WeChat; the console then must not.
    #[serde(default, deserialize_with = "null_is_default")]
    pub uploads_shipping_info: bool,
}
