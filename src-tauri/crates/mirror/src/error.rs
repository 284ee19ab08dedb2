use std::path::PathBuf;

use thiserror::Error;

/// What can go wrong with the mirror.
#[derive(Debug, Error)]
pub enum Error {
    /// The file cannot be opened or created.
    #[error("the mirror {path} cannot be opened")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// A later version of the program wrote the file.
    #[error("the mirror has schema {found}, this program knows {known}")]
    Newer {
        /// The file's schema version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// The file is no database, or a damaged one.
    #[error("the mirror is damaged")]
    Damaged(#[source] rusqlite::Error),
    /// No room on the disk: nothing was changed.
    #[error("no room on the disk")]
    Full(#[source] rusqlite::Error),
    /// Another process held the file for too long.
    #[error("the mirror is in use")]
    Busy(#[source] rusqlite::Error),
    /// A guard of the database refused the change; the text names the rule.
    #[error("refused by the database: {rule}")]
    Guard {
        /// The guard's own words.
        rule: String,
    },
    /// A row that this program wrote cannot be read back.
    #[error("a stored {what} cannot be read")]
    Stored {
        /// Which kind of row.
        what: &'static str,
        /// Why, if a parser said so.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// A value cannot be written as JSON.
    #[error("a {what} cannot be stored")]
    Unstorable {
        /// Which kind of row.
        what: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Anything else that SQLite says.
    #[error("the mirror failed")]
    Sqlite(#[source] rusqlite::Error),
    /// The work on the mirror ended in a panic; its transaction was rolled back.
    #[error("the work on the mirror panicked")]
    Panicked,
    /// The mirror was closed while the call waited.
    #[error("the mirror is closed")]
    Closed,
}

impl Error {
    pub(crate) fn stored(what: &'static str) -> Error {
        Error::Stored { what, source: None }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        use rusqlite::ErrorCode;
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return Error::Sqlite(error);
        };
        if let Some(rule) = message.as_deref().and_then(|text| text.strip_prefix("guard: ")) {
            return Error::Guard { rule: rule.to_owned() };
        }
        match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Busy(error),
            ErrorCode::DiskFull => Error::Full(error),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Error::Damaged(error),
            _ => Error::Sqlite(error),
        }
    }
}
