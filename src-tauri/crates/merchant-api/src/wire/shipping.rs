use domain::OrderKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Operator, ShipmentLine, null_is_default};

/// A parcel is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentRequest {
    /// How it travels.
    pub kind: OrderKind,
    /// The carrier's code; express needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The carrier's name; at most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_name: Option<String>,
    /// `^[A-Za-z0-9_-]{1,128}$`; express needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_no: Option<String>,
    /// What is in it; none = everything left.
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ShipmentLine>,
    /// No more parcels will follow.
    pub complete: bool,
    /// When it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<Timestamp>,
    /// Whether the buyer is told; `None` is yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_buyer: Option<bool>,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
}

/// Another carrier or number for a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentCorrection {
    /// The carrier's code.
    pub carrier: String,
    /// The carrier's name; at most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_name: Option<String>,
    /// `^[A-Za-z0-9_-]{1,128}$`.
    pub tracking_no: String,
    /// Use up the one correction that WeChat allows.
    #[serde(default, deserialize_with = "null_is_default")]
    pub confirm_wechat_correction: bool,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
}

/// A carrier that the shop can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carrier {
    /// The server's code.
    pub code: String,
    /// The name.
    pub name: String,
    /// WeChat's code for mini programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wechat_miniprogram_id: Option<String>,
    /// WeChat's code for its shops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wechat_shop_id: Option<String>,
    /// A hint, anchored by the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_pattern: Option<String>,
}

/// All carriers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CarrierList {
    /// The carriers.
    pub items: Vec<Carrier>,
}
