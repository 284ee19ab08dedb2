//! The audit log: who did what, when and on which terminal, as rows that are only ever added.
//!
//! A row is written in the transaction of the fact it tells of ([`Tx::audit`]). Each is bound to the one before by a hash
//! (`chain`), and the newest is named once more in `meta`, so that [`View::verify_audit`] finds rows that were changed,
//! taken away, put elsewhere or cut off. The database refuses all of that by itself as long as its triggers stand.
//!
//! When a row is to be written and the newest one is not the one that `meta` names, that is written down first, as a row
//! of the kind [`AuditKind::AuditBroken`]: a log that goes on must not cover up that its end was cut off, and a shop must
//! not stand still because somebody did.

mod chain;
mod check;
mod kind;
mod page;

use domain::time::Timestamp;
use domain::{OrderId, OutRefundNo, RefundRequestId, TerminalId};
use rusqlite::types::{Value as Stored, ValueRef};
use rusqlite::{OptionalExtension, params_from_iter};
use serde_json::{Value, json};

pub use chain::AuditLink;
pub use check::{AuditCheck, AuditFault, MOST_AUDIT_FAULTS};
pub use kind::AuditKind;
pub use page::{AuditFilter, AuditRow};

use crate::{Error, Tx, View};

/// Where `meta` keeps the newest row's number and hash.
const HEAD: &str = "audit_head";

/// A row to be added to the audit log.
///
/// `before` and `after` hold ids, amounts, states, codes and what a staff member typed. No secret goes in, nor a
/// customer's name, number, address or words: the log is exported and never shortened.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAudit {
    /// What happened.
    pub kind: AuditKind,
    /// On which installation.
    pub terminal: TerminalId,
    /// The staff member who did it or on whose decision it was done; `None`: nobody was signed in, or the program itself.
    pub who: Option<String>,
    /// The order it is about.
    pub order_id: Option<OrderId>,
    /// The refund request it is about.
    pub request_id: Option<RefundRequestId>,
    /// The refund it is about.
    pub out_refund_no: Option<OutRefundNo>,
    /// How it was.
    pub before: Option<Value>,
    /// How it is.
    pub after: Option<Value>,
}

impl NewAudit {
    /// Something that happened on a terminal, about nothing and by nobody yet.
    pub fn new(kind: AuditKind, terminal: &TerminalId) -> NewAudit {
        NewAudit {
            kind,
            terminal: terminal.clone(),
            who: None,
            order_id: None,
            request_id: None,
            out_refund_no: None,
            before: None,
            after: None,
        }
    }

    /// Who did it, or on whose decision it was done.
    #[must_use]
    pub fn by(self, who: Option<&str>) -> NewAudit {
        NewAudit { who: who.map(str::to_owned), ..self }
    }

    /// The order it is about.
    #[must_use]
    pub fn order(self, id: &OrderId) -> NewAudit {
        NewAudit { order_id: Some(id.clone()), ..self }
    }

    /// The refund request it is about, if there is one.
    #[must_use]
    pub fn request(self, id: Option<&RefundRequestId>) -> NewAudit {
        NewAudit { request_id: id.cloned(), ..self }
    }

    /// The refund it is about, if there is one.
    #[must_use]
    pub fn refund(self, number: Option<&OutRefundNo>) -> NewAudit {
        NewAudit { out_refund_no: number.cloned(), ..self }
    }

    /// How it was.
    #[must_use]
    pub fn from(self, before: Value) -> NewAudit {
        NewAudit { before: Some(before), ..self }
    }

    /// How it is.
    #[must_use]
    pub fn to(self, after: Value) -> NewAudit {
        NewAudit { after: Some(after), ..self }
    }

    /// The members as they are stored and hashed, in the order of [`chain::MEMBERS`].
    fn members(&self, now: Timestamp) -> [Stored; chain::MEMBER_COUNT] {
        let text = |text: Option<&str>| text.map_or(Stored::Null, |text| Stored::Text(text.to_owned()));
        let json = |value: &Option<Value>| text(value.as_ref().map(Value::to_string).as_deref());
        [
            Stored::Integer(now.as_millisecond()),
            text(self.who.as_deref()),
            text(Some(self.terminal.as_str())),
            text(Some(self.kind.as_str())),
            text(self.order_id.as_ref().map(OrderId::as_str)),
            text(self.request_id.as_ref().map(RefundRequestId::as_str)),
            text(self.out_refund_no.as_ref().map(OutRefundNo::as_str)),
            json(&self.before),
            json(&self.after),
        ]
    }
}

impl View<'_> {
    /// The newest row as `meta` names it; `None` when it names none that can be read.
    pub fn audit_head(&self) -> Result<Option<AuditLink>, Error> {
        Ok(self.meta(HEAD)?.as_deref().and_then(AuditLink::from_text))
    }

    /// The newest row that is there.
    fn newest_audit_row(&self) -> Result<AuditLink, Error> {
        let mut query =
            self.connection.prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?;
        let row =
            query.query_row([], |row| Ok(AuditLink { seq: row.get(0)?, hash: row.get(1)? })).optional()?;
        Ok(row.unwrap_or_else(AuditLink::before_the_first))
    }
}

impl Tx<'_> {
    /// Adds a row to the audit log. Returns its number.
    pub fn audit(&self, new: &NewAudit, now: Timestamp) -> Result<i64, Error> {
        self.touched.audit.set(true);
        let (head, mut newest) = (self.audit_head()?, self.newest_audit_row()?);
        if head.as_ref() != Some(&newest) {
            let link = |link: &AuditLink| json!({ "seq": link.seq, "hash": link.hash });
            let broken = NewAudit::new(AuditKind::AuditBroken, &new.terminal)
                .from(head.as_ref().map_or(Value::Null, link))
                .to(link(&newest));
            newest = self.append_audit_row(&broken, &newest, now)?;
        }
        let added = self.append_audit_row(new, &newest, now)?;
        self.set_meta(HEAD, &added.to_text())?;
        Ok(added.seq)
    }

    fn append_audit_row(
        &self,
        new: &NewAudit,
        newest: &AuditLink,
        now: Timestamp,
    ) -> Result<AuditLink, Error> {
        let seq = newest.seq.checked_add(1).ok_or(Error::stored("audit row"))?;
        let members = new.members(now);
        let previous = ValueRef::Text(newest.hash.as_bytes());
        let hash = chain::Unnumbered::new(previous, members.iter().map(ValueRef::from)).hash_as(seq);
        let ends = [Stored::Text(newest.hash.clone()), Stored::Text(hash.clone())];
        let values = std::iter::once(Stored::Integer(seq)).chain(members).chain(ends);
        let written = self
            .connection
            .prepare_cached(&format!(
                "INSERT INTO audit (seq, {}, previous_hash, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                chain::MEMBERS
            ))?
            .execute(params_from_iter(values))?;
        // Somebody's own trigger may have swallowed it; then nothing that it was to prove may happen.
        if written != 1 {
            return Err(Error::stored("audit row"));
        }
        Ok(AuditLink { seq, hash })
    }
}
