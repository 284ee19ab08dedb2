//! The status strip.

use serde::Serialize;

use super::Milliseconds;
use crate::error::Fault;

/// What the strip shows of one shop.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Status {
    /// The shop's backend.
    pub(crate) backend: Link,
    /// WeChat Pay.
    pub(crate) wechat: Link,
    /// The printer of the tickets.
    pub(crate) printer: Link,
    /// When the backend last answered.
    pub(crate) contact_at_ms: Option<Milliseconds>,
    /// What is still owed to the world.
    pub(crate) unsent: Unsent,
    /// Whether the first filling of the mirror is still running.
    pub(crate) filling: bool,
    /// Alerts that nobody has acknowledged.
    pub(crate) open_alerts: u32,
}

/// One of the three others that the console talks with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Link {
    /// How it goes.
    pub(crate) state: LinkState,
    /// Since when.
    pub(crate) since_ms: Option<Milliseconds>,
    /// What is wrong.
    pub(crate) fault: Option<Fault>,
    /// Which one, for a printer.
    pub(crate) name: Option<String>,
}

/// How it goes with one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum LinkState {
    /// Not tried yet.
    Unknown,
    /// The last attempt was answered.
    Working,
    /// The last attempt was not.
    Trouble,
}

/// What is owed to the world and has not gone out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Unsent {
    /// Words to the backend.
    pub(crate) reports: u32,
    /// Refunds whose end is not known and reported.
    pub(crate) refunds: u32,
    /// Tickets.
    pub(crate) tickets: u32,
}
