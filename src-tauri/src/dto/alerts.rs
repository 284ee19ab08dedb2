//! Alerts that wait for a person.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Milliseconds;

/// An alert that nobody has acknowledged.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Alert {
    /// Its key.
    pub(crate) key: String,
    /// A word of `alert`.
    pub(crate) alert: String,
    /// What it sounds like.
    pub(crate) meaning: Meaning,
    /// Whether money or goods are at stake.
    pub(crate) urgent: bool,
    /// The order it is about.
    pub(crate) order_id: Option<String>,
    /// That order's number.
    pub(crate) order_number: Option<String>,
    /// Fills its text.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Since when.
    pub(crate) at_ms: Milliseconds,
}

/// What an alert means; each sounds different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum Meaning {
    /// An order is there.
    NewOrder,
    /// An order was cancelled.
    Cancelled,
    /// Somebody wants money back.
    RefundAsked,
    /// Paper.
    Printer,
    /// The backend is out of reach.
    Contact,
    /// Money does not agree, or a refund is in trouble.
    Attention,
}
