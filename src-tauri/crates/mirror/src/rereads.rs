use domain::time::Timestamp;
use rusqlite::params;

use crate::{Error, Tx, View};

/// Which kind of object is to be read singly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RereadKind {
    /// An order.
    Order,
    /// A refund request.
    RefundRequest,
}

impl RereadKind {
    fn as_str(self) -> &'static str {
        match self {
            RereadKind::Order => "order",
            RereadKind::RefundRequest => "refund_request",
        }
    }
}

/// An object that the feed named without a readable body: it is read singly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reread {
    /// Which kind.
    pub kind: RereadKind,
    /// Its id at the backend, as the feed gave it.
    pub id: String,
    /// How many readings failed in a row.
    pub failures: u32,
}

impl View<'_> {
    /// Objects to be read singly by now.
    pub fn due_rereads(&self, now: Timestamp, limit: u32) -> Result<Vec<Reread>, Error> {
        let mut query = self.connection.prepare_cached(
            "SELECT kind, id, failures FROM rereads WHERE due_at_ms <= ?1 ORDER BY due_at_ms LIMIT ?2",
        )?;
        let rows = query.query_map(params![now.as_millisecond(), limit], |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
        })?;
        rows.map(|row| {
            let (kind, id, failures) = row?;
            let kind = [RereadKind::Order, RereadKind::RefundRequest]
                .into_iter()
                .find(|known| known.as_str() == kind)
                .ok_or(Error::stored("reread"))?;
            Ok(Reread { kind, id, failures })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Notes that an object is to be read singly.
    pub fn add_reread(&self, kind: RereadKind, id: &str, now: Timestamp) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO rereads (kind, id, due_at_ms) VALUES (?1, ?2, ?3)
                 ON CONFLICT (kind, id) DO UPDATE SET due_at_ms = min(due_at_ms, excluded.due_at_ms)",
            )?
            .execute(params![kind.as_str(), id, now.as_millisecond()])?;
        Ok(())
    }

    /// The object was read, or does not exist.
    pub fn remove_reread(&self, kind: RereadKind, id: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM rereads WHERE kind = ?1 AND id = ?2")?
            .execute(params![kind.as_str(), id])?;
        Ok(())
    }

    /// The object could not be read; again later.
    pub fn postpone_reread(&self, kind: RereadKind, id: &str, due_at: Timestamp) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE rereads SET failures = failures + 1, due_at_ms = ?3 WHERE kind = ?1 AND id = ?2",
            )?
            .execute(params![kind.as_str(), id, due_at.as_millisecond()])?;
        Ok(())
    }
}
