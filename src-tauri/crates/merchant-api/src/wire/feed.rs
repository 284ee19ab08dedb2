use std::fmt;

use domain::InvalidId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Order, RefundRequest};
use crate::words::{ChangeReason, ObjectKind};

/// A place in a sequence that the server keeps: opaque, `^[A-Za-z0-9_.:=-]{1,64}$`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor(String);

impl Cursor {
    /// The cursor if `text` has the form of one.
    pub fn new(text: impl Into<String>) -> Result<Cursor, InvalidId> {
        let text = text.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:=-".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Cursor(text))
        } else {
            Err(InvalidId { what: "cursor", text: text.chars().take(80).collect() })
        }
    }

    /// The present end of the feed: the reply has no items. Only `/changes` knows it.
    pub fn now() -> Cursor {
        Cursor("now".to_owned())
    }

    /// The text as it goes over the wire and into the mirror.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl TryFrom<String> for Cursor {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Cursor, InvalidId> {
        Cursor::new(text)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> String {
        cursor.0
    }
}

/// One entry of the feed (R6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The place after this entry.
    pub cursor: Cursor,
    /// What changed.
    #[serde(rename = "type")]
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// Its version at the time of the entry; the body's may be above it.
    pub version: u64,
    /// A hint for the sound.
    pub reason: ChangeReason,
    /// When.
    pub changed_at: Timestamp,
    /// The order as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The refund request as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_request: Option<RefundRequest>,
}

/// A page of the feed. The client reads its items one by one instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangePage {
    /// The entries.
    pub items: Vec<Change>,
    /// Where to go on.
    pub next_cursor: Cursor,
    /// Whether more is there already.
    pub has_more: bool,
}

/// A page of orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderPage {
    /// The orders.
    pub items: Vec<Order>,
    /// Where to go on; `None` at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
    /// Whether there is more.
    pub has_more: bool,
}

/// A page of refund requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundRequestPage {
    /// The refund requests.
    pub items: Vec<RefundRequest>,
    /// Where to go on; `None` at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
    /// Whether there is more.
    pub has_more: bool,
}
