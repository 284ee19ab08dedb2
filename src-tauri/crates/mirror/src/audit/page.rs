use domain::time::Timestamp;
use rusqlite::Row;
use rusqlite::types::{Value as Bound, ValueRef};
use serde_json::Value;

use super::AuditKind;
use super::chain::MEMBERS;
use crate::store::to_json;
use crate::{Error, View};

/// The most rows of one page.
const LONGEST_PAGE: u32 = 1_000;

/// More orders than this never share a number.
const ORDERS_OF_A_NUMBER: u32 = 100;

/// Which rows of the audit log are wanted: those to which all of it applies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditFilter {
    /// Any part of who, terminal, kind, an id or a number, or of what was before and after, whatever the case of its
    /// ASCII letters; or an order's whole number at the backend or at WeChat.
    pub search: Option<String>,
    /// What happened.
    pub kind: Option<AuditKind>,
    /// The staff member.
    pub who: Option<String>,
    /// An order, by its id or any of its numbers.
    pub order: Option<String>,
    /// A refund, by its number at WeChat.
    pub out_refund_no: Option<String>,
    /// Not before this instant.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// A row of the audit log, as it stands there: whether it is what was once written is [`View::verify_audit`]'s to say.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Its number, from 1 without a gap.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who; `None`: nobody was signed in, or the program itself.
    pub who: Option<String>,
    /// On which installation.
    pub terminal: String,
    /// A word of [`AuditKind`].
    pub kind: String,
    /// The order it is about.
    pub order_id: Option<String>,
    /// The refund request it is about.
    pub request_id: Option<String>,
    /// The refund it is about.
    pub out_refund_no: Option<String>,
    /// How it was.
    pub before: Option<Value>,
    /// How it is.
    pub after: Option<Value>,
    /// The hash of the row before.
    pub previous_hash: String,
    /// Its own hash.
    pub hash: String,
}

impl View<'_> {
    /// Rows of the audit log, newest first: the first `limit` (at most 1000) of those with a number below `before_seq`.
    pub fn audit_page(
        &self,
        filter: &AuditFilter,
        before_seq: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, Error> {
        self.audit_rows(filter, ("seq < :place", before_seq.unwrap_or(i64::MAX)), "DESC", limit)
    }

    /// The same as they were written, oldest first: those with a number above `after_seq`.
    pub fn audit_after(
        &self,
        filter: &AuditFilter,
        after_seq: i64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, Error> {
        self.audit_rows(filter, ("seq > :place", after_seq), "ASC", limit)
    }

    fn audit_rows(
        &self,
        filter: &AuditFilter,
        (place, seq): (&'static str, i64),
        direction: &str,
        limit: u32,
    ) -> Result<Vec<AuditRow>, Error> {
        let mut wanted = Wanted::new(place, seq, limit.clamp(1, LONGEST_PAGE));
        if let Some(kind) = filter.kind {
            wanted.that("kind = :kind", ":kind", kind.as_str().to_owned());
        }
        if let Some(who) = &filter.who {
            wanted.that("who = :who", ":who", who.clone());
        }
        if let Some(number) = &filter.order {
            wanted.that(OF_ORDERS, ":orders", self.orders_of_number(number)?);
        }
        if let Some(number) = &filter.out_refund_no {
            wanted.that("out_refund_no = :refund", ":refund", number.clone());
        }
        if let Some(from) = filter.from {
            wanted.that("at_ms >= :from", ":from", from.as_millisecond());
        }
        if let Some(until) = filter.until {
            wanted.that("at_ms < :until", ":until", until.as_millisecond());
        }
        if let Some(text) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            wanted.that(SEARCHED, ":search", text.to_ascii_lowercase());
            wanted.bind(":found", self.orders_of_number(text)?);
        }
        let sql = wanted.sql(direction);
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map(wanted.bound().as_slice(), read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The ids of the orders under a number, as a JSON list; the number itself is one of them, for an order that the
    /// mirror has no more.
    fn orders_of_number(&self, number: &str) -> Result<String, Error> {
        let mut query = self.connection.prepare_cached(
            "SELECT id FROM orders WHERE id = ?1 OR number = ?1 OR out_trade_no = ?1 OR transaction_id = ?1
             LIMIT ?2",
        )?;
        let found = query.query_map((number, ORDERS_OF_A_NUMBER), |row| row.get(0))?;
        let mut ids = found.collect::<rusqlite::Result<Vec<String>>>()?;
        ids.push(number.to_owned());
        to_json("order ids", &ids)
    }
}

const OF_ORDERS: &str = "order_id IN (SELECT value FROM json_each(:orders))";

/// Line ends keep a text from being found across two members.
const SEARCHED: &str = "(instr(lower(coalesce(who, '') || char(10) || terminal || char(10) || kind || char(10)
    || coalesce(order_id, '') || char(10) || coalesce(request_id, '') || char(10) || coalesce(out_refund_no, '')
    || char(10) || coalesce(before, '') || char(10) || coalesce(after, '')), :search) > 0
    OR order_id IN (SELECT value FROM json_each(:found)))";

/// A query in the making: its conditions, and what fills them.
struct Wanted {
    conditions: Vec<&'static str>,
    values: Vec<(&'static str, Bound)>,
}

impl Wanted {
    fn new(place: &'static str, seq: i64, limit: u32) -> Wanted {
        Wanted {
            conditions: vec![place],
            values: vec![(":place", seq.into()), (":limit", i64::from(limit).into())],
        }
    }

    fn that(&mut self, condition: &'static str, name: &'static str, value: impl Into<Bound>) {
        self.conditions.push(condition);
        self.bind(name, value);
    }

    fn bind(&mut self, name: &'static str, value: impl Into<Bound>) {
        self.values.push((name, value.into()));
    }

    fn sql(&self, direction: &str) -> String {
        format!(
            "SELECT seq, previous_hash, hash, {MEMBERS} FROM audit WHERE {} ORDER BY seq {direction} LIMIT :limit",
            self.conditions.join(" AND ")
        )
    }

    fn bound(&self) -> Vec<(&'static str, &dyn rusqlite::ToSql)> {
        self.values.iter().map(|(name, value)| (*name, value as &dyn rusqlite::ToSql)).collect()
    }
}

/// Reads whatever stands there: a log that somebody has tampered with has to be shown all the more.
fn read(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    let text = |place: usize| -> rusqlite::Result<Option<String>> {
        Ok(match row.get_ref(place)? {
            ValueRef::Null => None,
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                Some(String::from_utf8_lossy(bytes).into_owned())
            }
            ValueRef::Integer(number) => Some(number.to_string()),
            ValueRef::Real(number) => Some(number.to_string()),
        })
    };
    let json = |place: usize| -> rusqlite::Result<Option<Value>> {
        Ok(text(place)?.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text))))
    };
    let at_ms = row.get_ref(3)?.as_i64().unwrap_or_default();
    let beyond = if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Ok(AuditRow {
        seq: row.get(0)?,
        previous_hash: text(1)?.unwrap_or_default(),
        hash: text(2)?.unwrap_or_default(),
        at: Timestamp::from_millisecond(at_ms).unwrap_or(beyond),
        who: text(4)?,
        terminal: text(5)?.unwrap_or_default(),
        kind: text(6)?.unwrap_or_default(),
        order_id: text(7)?,
        request_id: text(8)?,
        out_refund_no: text(9)?,
        before: json(10)?,
        after: json(11)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A search that many rows do not meet must not read the whole log.
    #[test]
    fn an_order_a_kind_and_a_refund_are_found_by_their_indexes() {
        let mut sql = rusqlite::Connection::open_in_memory().unwrap();
        crate::schema::migrate(&mut sql).unwrap();
        let plan = |condition: &'static str| {
            let mut wanted = Wanted::new("seq < :place", 1, 1);
            wanted.conditions.push(condition);
            let mut statement = sql.prepare(&format!("EXPLAIN QUERY PLAN {}", wanted.sql("DESC"))).unwrap();
            // The plan is the same whatever is asked for, so nothing has to be bound.
            let lines = statement.raw_query().mapped(|row| row.get::<_, String>(3));
            lines.map(Result::unwrap).collect::<Vec<_>>().join("\n")
        };
        for (condition, index) in [
            (OF_ORDERS, "audit_by_order"),
            ("kind = :kind", "audit_by_kind"),
            ("out_refund_no = :refund", "audit_by_out_refund_no"),
        ] {
            assert!(plan(condition).contains(index), "{}", plan(condition));
        }
        assert!(!plan("kind = :kind").contains("TEMP B-TREE"), "the newest come first by themselves");
    }
}
