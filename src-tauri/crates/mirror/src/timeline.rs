use domain::OrderId;
use domain::time::Timestamp;
use rusqlite::params;
use serde_json::Value;

use crate::store::{from_json, instant};
use crate::{Error, Tx, View};

/// A fact about an order, to be added to its timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// A word of the catalogue's `timeline.*`.
    pub kind: &'static str,
    /// What fills its placeholders.
    pub detail: Value,
}

/// A fact of an order's timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct MomentRow {
    /// When it was noted here.
    pub at: Timestamp,
    /// A word of the catalogue's `timeline.*`.
    pub kind: String,
    /// What fills its placeholders.
    pub detail: Value,
}

impl Moment {
    /// A fact without particulars.
    pub fn plain(kind: &'static str) -> Moment {
        Moment { kind, detail: Value::Object(serde_json::Map::new()) }
    }

    /// A fact with particulars.
    pub fn with(kind: &'static str, detail: Value) -> Moment {
        Moment { kind, detail }
    }
}

impl View<'_> {
    /// An order's timeline, oldest first.
    pub fn timeline(&self, id: &OrderId) -> Result<Vec<MomentRow>, Error> {
        let mut query = self.connection.prepare_cached(
            "SELECT at_ms, kind, detail FROM timeline WHERE order_id = ?1 ORDER BY id LIMIT 1000",
        )?;
        let rows = query.query_map([id.as_str()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })?;
        rows.map(|row| {
            let (at_ms, kind, detail) = row?;
            Ok(MomentRow { at: instant("timeline", at_ms)?, kind, detail: from_json("timeline", &detail)? })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Adds a fact to an order's timeline.
    pub fn note(&self, id: &OrderId, moment: &Moment, now: Timestamp) -> Result<(), Error> {
        self.touched.orders.set(true);
        self.connection
            .prepare_cached("INSERT INTO timeline (order_id, at_ms, kind, detail) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id.as_str(), now.as_millisecond(), moment.kind, moment.detail.to_string()])?;
        Ok(())
    }
}
