//! Whole numbers that the page gets as JavaScript numbers: they are exact below 2^53, and fen, milliseconds and revisions
//! stay far below it.

use serde::{Deserialize, Serialize};

/// Fen, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Fen(#[cfg_attr(test, specta(type = specta_typescript::Number))] i64);

/// An instant, in UTC milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Milliseconds(#[cfg_attr(test, specta(type = specta_typescript::Number))] i64);

/// What a person saw: grows with every change of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Revision(#[cfg_attr(test, specta(type = specta_typescript::Number))] u64);

/// The number of a row of the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct AuditSeq(#[cfg_attr(test, specta(type = specta_typescript::Number))] pub(crate) i64);

impl From<domain::Fen> for Fen {
    fn from(fen: domain::Fen) -> Fen {
        Fen(fen.get())
    }
}

impl From<Fen> for domain::Fen {
    fn from(fen: Fen) -> domain::Fen {
        domain::Fen::new(fen.0)
    }
}

impl From<domain::time::Timestamp> for Milliseconds {
    fn from(instant: domain::time::Timestamp) -> Milliseconds {
        Milliseconds(instant.as_millisecond())
    }
}

impl From<Milliseconds> for domain::time::Timestamp {
    /// Beyond the calendar is its end.
    fn from(instant: Milliseconds) -> domain::time::Timestamp {
        let end = if instant.0 < 0 { domain::time::Timestamp::MIN } else { domain::time::Timestamp::MAX };
        domain::time::Timestamp::from_millisecond(instant.0).unwrap_or(end)
    }
}

impl From<mirror::Revision> for Revision {
    fn from(revision: mirror::Revision) -> Revision {
        Revision(revision)
    }
}

impl From<Revision> for mirror::Revision {
    fn from(revision: Revision) -> mirror::Revision {
        revision.0
    }
}
