//! The audit log.

use serde::{Deserialize, Serialize};

use super::{AuditSeq, Milliseconds};

/// Which rows are wanted: those to which all of it applies.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct AuditQuery {
    /// Any part of who, what, a number, or of what was before and after; or an order's whole number. Empty: all.
    pub(crate) search: String,
    /// A word of `audit.kind`.
    pub(crate) kind: Option<String>,
    /// The staff member's id.
    pub(crate) who: Option<String>,
    /// Not before this instant.
    pub(crate) from_ms: Option<Milliseconds>,
    /// Before this instant.
    pub(crate) until_ms: Option<Milliseconds>,
}

/// A row of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct AuditEntry {
    /// Its number, from 1 without a gap.
    pub(crate) seq: AuditSeq,
    /// When.
    pub(crate) at_ms: Milliseconds,
    /// Whose id; none: nobody was signed in, or the program itself.
    pub(crate) who: Option<String>,
    /// On which PC.
    pub(crate) terminal: String,
    /// A word of `audit.kind`.
    pub(crate) kind: String,
    /// The order it is about.
    pub(crate) order_id: Option<String>,
    /// That order's number, where the mirror has it.
    pub(crate) order_number: Option<String>,
    /// The refund request it is about.
    pub(crate) request_id: Option<String>,
    /// The refund it is about, by its number at WeChat.
    pub(crate) out_refund_no: Option<String>,
    /// What is told, and what of it was another before.
    pub(crate) facts: Vec<AuditFact>,
    /// Its hash, of which the next row's is made.
    pub(crate) hash: String,
}

/// One particular of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct AuditFact {
    /// Its name as the log has it, with dots where one stands in another.
    pub(crate) name: String,
    /// How it was, as the log has it; empty: it was nothing; none: nothing is told of how it was.
    pub(crate) before: Option<String>,
    /// How it is, likewise.
    pub(crate) after: Option<String>,
}

/// What a check of the whole log found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct AuditCheck {
    /// Whether nothing is wrong.
    pub(crate) whole: bool,
    /// How many rows there are.
    pub(crate) rows: u32,
    /// How many of them are what was written, where it was written.
    pub(crate) right: u32,
    /// The newest row.
    pub(crate) head: Option<AuditHead>,
    /// What is wrong, in the order of the log.
    pub(crate) faults: Vec<AuditFlaw>,
    /// How many faults there are beyond these.
    pub(crate) unlisted: u32,
}

/// The newest row: whoever keeps it elsewhere can later tell whether the log up to it is still the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct AuditHead {
    /// Its number.
    pub(crate) seq: AuditSeq,
    /// Its hash.
    pub(crate) hash: String,
}

/// Something that is wrong with the log. Numbers are those of rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct AuditFlaw {
    /// A word of `audit.fault`.
    pub(crate) fault: String,
    /// The first row it is about.
    pub(crate) first: Option<AuditSeq>,
    /// The last.
    pub(crate) last: Option<AuditSeq>,
    /// Where a row that was moved was written.
    pub(crate) moved_from: Option<AuditSeq>,
    /// The row that noted it.
    pub(crate) noted_at: Option<AuditSeq>,
}

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum AuditFormat {
    /// A table for a spreadsheet.
    Csv,
    /// One array.
    Json,
}

/// A log that was written to a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Exported {
    /// How many rows.
    pub(crate) rows: u32,
    /// Where.
    pub(crate) path: String,
}
