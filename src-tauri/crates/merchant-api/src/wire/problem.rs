use serde::{Deserialize, Deserializer, Serialize};

use super::{Order, RefundRequest};
use crate::words::ProblemCode;

/// A problem document (RFC 9457).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:merchant-api:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// For people, in the language that was asked for.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// For people, more closely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The one occurrence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// For machines.
    pub code: ProblemCode,
    /// The same request may succeed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
    /// Which member, parameter or header was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The object as it is now; present on `state_conflict` and `version_conflict`.
    #[serde(default, deserialize_with = "readable_or_none", skip_serializing_if = "Option::is_none")]
    pub current: Option<Current>,
}

impl Problem {
    /// A problem with what the schema requires.
    pub fn new(status: u16, code: ProblemCode, title: impl Into<String>) -> Problem {
        Problem {
            kind: format!("urn:merchant-api:problem:{}", code.as_str()),
            title: title.into(),
            status,
            detail: None,
            instance: None,
            code,
            retryable: None,
            field: None,
            current: None,
        }
    }
}

/// The object that a conflict is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Current {
    /// An order.
    Order(Box<Order>),
    /// A refund request.
    RefundRequest(Box<RefundRequest>),
}

/// A conflict stays a conflict when its object cannot be read: the caller then reads the object singly.
fn readable_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Current>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    // An order has no `order_id`, a refund request always has.
    let current = if value.get("order_id").is_some() {
        serde_json::from_value(value).map(|request| Current::RefundRequest(Box::new(request))).ok()
    } else {
        serde_json::from_value(value).map(|order| Current::Order(Box::new(order))).ok()
    };
    Ok(current)
}
