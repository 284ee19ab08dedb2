use domain::time::Timestamp;
use domain::{OrderId, RefundRequestId};
use rusqlite::{OptionalExtension, Params, Row, named_params, params};
use serde_json::Value;

use crate::store::{from_json, instant};
use crate::{Error, Tx, View};

/// What an effect is: which worker performs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EffectKind {
    /// Tell people.
    Alert,
    /// Print by the owner's rules.
    Ticket,
    /// Tell the backend that WeChat has the money.
    PaymentObserved,
    /// Tell the backend that a ticket is on paper.
    Printed,
}

impl EffectKind {
    /// The word as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            EffectKind::Alert => "alert",
            EffectKind::Ticket => "ticket",
            EffectKind::PaymentObserved => "payment_observed",
            EffectKind::Printed => "printed",
        }
    }

    fn from_word(word: &str) -> Option<EffectKind> {
        [EffectKind::Alert, EffectKind::Ticket, EffectKind::PaymentObserved, EffectKind::Printed]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// How far an effect is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectState {
    /// Owed.
    Pending,
    /// Being performed; found after a crash it is performed again (alerts, words to the backend).
    Started,
    /// Performed.
    Done,
    /// Not owed any more: what it was for is over.
    Withdrawn,
    /// Somebody has to look.
    NeedsAttention,
}

impl EffectState {
    /// The word as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            EffectState::Pending => "pending",
            EffectState::Started => "started",
            EffectState::Done => "done",
            EffectState::Withdrawn => "withdrawn",
            EffectState::NeedsAttention => "needs_attention",
        }
    }
}

/// An effect to be owed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEffect {
    /// Unique for its cause and meaning: owed twice it is owed once.
    pub key: String,
    /// What it is.
    pub kind: EffectKind,
    /// The order it is about.
    pub order_id: Option<OrderId>,
    /// The refund request it is about.
    pub request_id: Option<RefundRequestId>,
    /// What the worker needs to know.
    pub payload: Value,
    /// Not before.
    pub due_at: Timestamp,
}

/// An effect that is owed.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectRow {
    /// The row's own number.
    pub id: i64,
    /// Its key.
    pub key: String,
    /// What it is.
    pub kind: EffectKind,
    /// The order it is about.
    pub order_id: Option<OrderId>,
    /// The refund request it is about.
    pub request_id: Option<RefundRequestId>,
    /// What the worker needs to know.
    pub payload: Value,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before.
    pub due_at: Timestamp,
    /// When it was owed: the last time, if it was withdrawn and owed anew.
    pub created_at: Timestamp,
}

pub(crate) const COLUMNS: &str =
    "id, key, kind, order_id, request_id, payload, attempts, due_at_ms, created_at_ms";

impl View<'_> {
    /// Effects of one kind that are owed by now, oldest first.
    pub fn due_effects(&self, kind: EffectKind, now: Timestamp, limit: u32) -> Result<Vec<EffectRow>, Error> {
        let mut query = self.connection.prepare_cached(
            &format!("SELECT {COLUMNS} FROM effects
             WHERE kind = ?1 AND due_at_ms <= ?2 AND state IN ('pending', 'started') ORDER BY due_at_ms, id LIMIT ?3"),
        )?;
        let rows = query.query_map(params![kind.as_str(), now.as_millisecond(), limit], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// When the next effect of one kind is owed.
    pub fn next_effect(&self, kind: EffectKind) -> Result<Option<Timestamp>, Error> {
        let mut query = self.connection.prepare_cached(
            "SELECT min(due_at_ms) FROM effects WHERE kind = ?1 AND state IN ('pending', 'started')",
        )?;
        let at: Option<i64> = query.query_row([kind.as_str()], |row| row.get(0))?;
        at.map(|at| instant("effect", at)).transpose()
    }

    /// How many effects of one kind are still owed.
    pub fn count_owed(&self, kind: EffectKind) -> Result<u64, Error> {
        let mut query = self.connection.prepare_cached(
            "SELECT count(*) FROM effects WHERE kind = ?1 AND state IN ('pending', 'started')",
        )?;
        Ok(query.query_row([kind.as_str()], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Owes the effect, unless its key is owed or was performed before. What was withdrawn is owed anew.
    pub fn owe(&self, effect: &NewEffect, now: Timestamp) -> Result<(), Error> {
        self.touch(effect.kind);
        self.connection
            .prepare_cached(
                "INSERT INTO effects (key, kind, order_id, request_id, payload, state, due_at_ms, created_at_ms)
                 VALUES (:key, :kind, :order_id, :request_id, :payload, 'pending', :due_at_ms, :created_at_ms)
                 ON CONFLICT (key) DO UPDATE SET payload = excluded.payload, due_at_ms = excluded.due_at_ms,
                    created_at_ms = excluded.created_at_ms, state = 'pending', attempts = 0, reason = NULL,
                    settled_at_ms = NULL, acknowledged_at_ms = NULL WHERE effects.state = 'withdrawn'",
            )?
            .execute(named_params! {
                ":key": effect.key,
                ":kind": effect.kind.as_str(),
                ":order_id": effect.order_id.as_ref().map(|id| id.as_str()),
                ":request_id": effect.request_id.as_ref().map(|id| id.as_str()),
                ":payload": effect.payload.to_string(),
                ":due_at_ms": effect.due_at.as_millisecond(),
                ":created_at_ms": now.as_millisecond(),
            })?;
        Ok(())
    }

    /// Ends an effect, with a reason where people have to look.
    pub fn settle(
        &self,
        id: i64,
        state: EffectState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "UPDATE effects SET state = ?2, reason = ?3, settled_at_ms = ?4
             WHERE id = ?1 AND state IN ('pending', 'started') RETURNING kind",
            params![id, state.as_str(), reason, now.as_millisecond()],
        )?;
        Ok(())
    }

    /// Puts an effect off after a failure.
    pub fn postpone(&self, id: i64, due_at: Timestamp, reason: &str) -> Result<(), Error> {
        self.change(
            "UPDATE effects SET state = 'pending', attempts = attempts + 1, due_at_ms = ?2, reason = ?3
             WHERE id = ?1 AND state IN ('pending', 'started') RETURNING kind",
            params![id, due_at.as_millisecond(), reason],
        )?;
        Ok(())
    }

    /// Withdraws what was performed under a key, because all that came of it was taken back: it may be owed anew.
    pub fn take_back(&self, key: &str, now: Timestamp) -> Result<(), Error> {
        self.change(
            "UPDATE effects SET state = 'withdrawn', settled_at_ms = ?2 WHERE key = ?1 AND state = 'done'
             RETURNING kind",
            params![key, now.as_millisecond()],
        )?;
        Ok(())
    }

    /// Withdraws what is owed under a key and not yet performed. Returns whether something was.
    pub fn withdraw(&self, key: &str, now: Timestamp) -> Result<bool, Error> {
        self.change(
            "UPDATE effects SET state = 'withdrawn', settled_at_ms = ?2 WHERE key = ?1 AND state = 'pending'
             RETURNING kind",
            params![key, now.as_millisecond()],
        )
    }

    /// Changes one effect by a statement that returns its kind. Returns whether there was one to change.
    pub(crate) fn change(&self, sql: &str, values: impl Params) -> Result<bool, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let word: Option<String> = statement.query_row(values, |row| row.get(0)).optional()?;
        if let Some(word) = &word {
            self.touch(EffectKind::from_word(word).ok_or(Error::stored("effect"))?);
        }
        Ok(word.is_some())
    }

    fn touch(&self, kind: EffectKind) {
        match kind {
            EffectKind::Alert => self.touched.alerts.set(true),
            EffectKind::Ticket => self.touched.papers.set(true),
            EffectKind::PaymentObserved | EffectKind::Printed => self.touched.sync.set(true),
        }
    }
}

pub(crate) struct Stored {
    id: i64,
    key: String,
    kind: String,
    order_id: Option<String>,
    request_id: Option<String>,
    payload: String,
    attempts: u32,
    due_at_ms: i64,
    created_at_ms: i64,
}

impl Stored {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
        Ok(Stored {
            id: row.get(0)?,
            key: row.get(1)?,
            kind: row.get(2)?,
            order_id: row.get(3)?,
            request_id: row.get(4)?,
            payload: row.get(5)?,
            attempts: row.get(6)?,
            due_at_ms: row.get(7)?,
            created_at_ms: row.get(8)?,
        })
    }

    pub(crate) fn decode(self) -> Result<EffectRow, Error> {
        let wrong = |_| Error::stored("effect");
        Ok(EffectRow {
            id: self.id,
            key: self.key,
            kind: EffectKind::from_word(&self.kind).ok_or(Error::stored("effect"))?,
            order_id: self.order_id.map(OrderId::new).transpose().map_err(wrong)?,
            request_id: self.request_id.map(RefundRequestId::new).transpose().map_err(wrong)?,
            payload: from_json("effect", &self.payload)?,
            attempts: self.attempts,
            due_at: instant("effect", self.due_at_ms)?,
            created_at: instant("effect", self.created_at_ms)?,
        })
    }
}
