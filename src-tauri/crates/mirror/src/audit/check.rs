use std::collections::BTreeMap;
use std::sync::OnceLock;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::AuditKind;
use super::chain::{AuditLink, MEMBER_COUNT, MEMBERS, Unnumbered};
use crate::schema::migrate;
use crate::{Error, View};

/// So many faults are named at most; more are only counted, so that a check never takes more memory than this.
pub const MOST_AUDIT_FAULTS: usize = 1_000;

/// How many other numbers are tried on rows that are not what was written, in one check: some tenths of a second.
const MOST_NUMBERS_TRIED: u64 = 100_000;

/// What a check of the whole audit log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    /// How many rows there are.
    pub rows: u64,
    /// How many of them are what was written, where it was written.
    pub right: u64,
    /// The newest row as `meta` names it. Whoever keeps it elsewhere can later tell whether the log up to it is still
    /// the same.
    pub head: Option<AuditLink>,
    /// What is wrong, in the order of the log: the first [`MOST_AUDIT_FAULTS`].
    pub faults: Vec<AuditFault>,
    /// How many faults there are beyond these.
    pub unlisted: u64,
}

/// Something that is wrong with the audit log. Numbers are those of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditFault {
    /// The row is not what was written.
    Changed {
        /// Which.
        seq: i64,
    },
    /// The row was written under another number.
    Moved {
        /// Where it stands.
        seq: i64,
        /// Where it was written.
        from: i64,
    },
    /// The row does not follow the one before it: that one was written anew, or this one was put in.
    NotChained {
        /// Which.
        seq: i64,
    },
    /// Rows are missing.
    Removed {
        /// The first that is missing.
        first: i64,
        /// The last.
        last: i64,
    },
    /// The newest rows are missing, or were.
    CutOff {
        /// The first that is missing.
        first: i64,
        /// The last.
        last: i64,
        /// The row that noted it, under whose number and the next ones the log went on.
        noted_at: Option<i64>,
    },
    /// Rows were added past this program, or its note of the newest one was put back.
    Added {
        /// The first.
        first: i64,
        /// The last.
        last: i64,
        /// The row that noted it.
        noted_at: Option<i64>,
    },
    /// The newest row is another one than that which was written.
    Replaced {
        /// Which.
        seq: i64,
        /// The row that noted it.
        noted_at: Option<i64>,
    },
    /// It is not noted which row is the newest: whether rows were cut off cannot be told.
    HeadMissing {
        /// The row that noted it.
        noted_at: Option<i64>,
    },
    /// A guard of the database is gone or another one, so that it would let happen what it was to refuse.
    GuardMissing {
        /// Its name in the schema.
        name: String,
    },
    /// Somebody put a trigger of their own into the database, which may swallow or change what is written.
    GuardForeign {
        /// Its name in the schema.
        name: String,
    },
}

impl AuditCheck {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }

    fn found(&mut self, fault: AuditFault) {
        if self.faults.len() < MOST_AUDIT_FAULTS {
            self.faults.push(fault);
        } else {
            self.unlisted += 1;
        }
    }
}

impl AuditFault {
    /// The stable word: `audit.fault.<word>` is its text in the catalogue.
    pub fn as_str(&self) -> &'static str {
        match self {
            AuditFault::Changed { .. } => "changed",
            AuditFault::Moved { .. } => "moved",
            AuditFault::NotChained { .. } => "not_chained",
            AuditFault::Removed { .. } => "removed",
            AuditFault::CutOff { .. } => "cut_off",
            AuditFault::Added { .. } => "added",
            AuditFault::Replaced { .. } => "replaced",
            AuditFault::HeadMissing { .. } => "head_missing",
            AuditFault::GuardMissing { .. } => "guard_missing",
            AuditFault::GuardForeign { .. } => "guard_foreign",
        }
    }

    /// The rows it is about, from the first to the last; `None` when it is about none.
    pub fn rows(&self) -> Option<(i64, i64)> {
        match *self {
            AuditFault::Changed { seq }
            | AuditFault::Moved { seq, .. }
            | AuditFault::NotChained { seq }
            | AuditFault::Replaced { seq, .. } => Some((seq, seq)),
            AuditFault::Removed { first, last }
            | AuditFault::CutOff { first, last, .. }
            | AuditFault::Added { first, last, .. } => Some((first, last)),
            AuditFault::HeadMissing { .. }
            | AuditFault::GuardMissing { .. }
            | AuditFault::GuardForeign { .. } => None,
        }
    }

    /// The guard that it is about.
    pub fn guard(&self) -> Option<&str> {
        match self {
            AuditFault::GuardMissing { name } | AuditFault::GuardForeign { name } => Some(name),
            AuditFault::Changed { .. }
            | AuditFault::Moved { .. }
            | AuditFault::NotChained { .. }
            | AuditFault::Removed { .. }
            | AuditFault::CutOff { .. }
            | AuditFault::Added { .. }
            | AuditFault::Replaced { .. }
            | AuditFault::HeadMissing { .. } => None,
        }
    }

    /// Where a row that was moved was written.
    pub fn moved_from(&self) -> Option<i64> {
        match *self {
            AuditFault::Moved { from, .. } => Some(from),
            AuditFault::Changed { .. }
            | AuditFault::NotChained { .. }
            | AuditFault::Removed { .. }
            | AuditFault::CutOff { .. }
            | AuditFault::Added { .. }
            | AuditFault::Replaced { .. }
            | AuditFault::HeadMissing { .. }
            | AuditFault::GuardMissing { .. }
            | AuditFault::GuardForeign { .. } => None,
        }
    }

    /// The row of the log that noted it, if the program found it before.
    pub fn noted_at(&self) -> Option<i64> {
        match *self {
            AuditFault::CutOff { noted_at, .. }
            | AuditFault::Added { noted_at, .. }
            | AuditFault::Replaced { noted_at, .. }
            | AuditFault::HeadMissing { noted_at } => noted_at,
            AuditFault::Changed { .. }
            | AuditFault::Moved { .. }
            | AuditFault::NotChained { .. }
            | AuditFault::Removed { .. }
            | AuditFault::GuardMissing { .. }
            | AuditFault::GuardForeign { .. } => None,
        }
    }
}

impl View<'_> {
    /// Checks the whole audit log, row by row, in memory that does not grow with it; and whether every guard of the database
    /// stands as the migrations made it.
    pub fn verify_audit(&self) -> Result<AuditCheck, Error> {
        let head = self.audit_head()?;
        let most: Option<i64> =
            self.connection.query_row("SELECT max(seq) FROM audit", [], |row| row.get(0))?;
        let mut walk = Walk {
            check: AuditCheck { rows: 0, right: 0, head: head.clone(), faults: Vec::new(), unlisted: 0 },
            last: Passed { link: AuditLink::before_the_first(), sound: true },
            numbers: 1..=most.unwrap_or(0).max(head.as_ref().map_or(0, |head| head.seq)),
            to_try: MOST_NUMBERS_TRIED,
        };
        let mut query = self
            .connection
            .prepare(&format!("SELECT seq, previous_hash, hash, {MEMBERS} FROM audit ORDER BY seq"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            walk.pass(row)?;
        }
        match compare(head.as_ref(), &walk.last.link, None) {
            // That the newest row is not what was written is told already.
            Some(AuditFault::Replaced { .. }) if !walk.last.sound => {}
            Some(fault) => walk.check.found(fault),
            None => {}
        }
        let (stands, made) = (guards_of(self.connection)?, made_by_migrations()?);
        for (name, sql) in made {
            if stands.get(name) != Some(sql) {
                walk.check.found(AuditFault::GuardMissing { name: name.clone() });
            }
        }
        for name in stands.keys().filter(|name| !made.contains_key(*name)) {
            walk.check.found(AuditFault::GuardForeign { name: name.clone() });
        }
        Ok(walk.check)
    }
}

/// Every trigger, and the tables that the log and its head are kept in, each with its text.
fn guards_of(connection: &Connection) -> Result<BTreeMap<String, String>, Error> {
    let mut query = connection.prepare(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' OR (type = 'table' AND name IN ('audit', 'meta'))",
    )?;
    let guards = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(guards.collect::<rusqlite::Result<_>>()?)
}

/// The same of a new file: a migrated one has come to the same by the same steps. Made once in a process.
fn made_by_migrations() -> Result<&'static BTreeMap<String, String>, Error> {
    static MADE: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made);
    }
    let mut fresh = Connection::open_in_memory()?;
    migrate(&mut fresh)?;
    let made = guards_of(&fresh)?;
    Ok(MADE.get_or_init(|| made))
}

/// What is wrong when the newest row should be `head` and is `newest`.
fn compare(head: Option<&AuditLink>, newest: &AuditLink, noted_at: Option<i64>) -> Option<AuditFault> {
    let Some(head) = head else { return Some(AuditFault::HeadMissing { noted_at }) };
    match newest.seq.cmp(&head.seq) {
        std::cmp::Ordering::Less => {
            Some(AuditFault::CutOff { first: newest.seq + 1, last: head.seq, noted_at })
        }
        std::cmp::Ordering::Greater => {
            Some(AuditFault::Added { first: head.seq + 1, last: newest.seq, noted_at })
        }
        std::cmp::Ordering::Equal if newest.hash != head.hash => {
            Some(AuditFault::Replaced { seq: head.seq, noted_at })
        }
        std::cmp::Ordering::Equal => None,
    }
}

/// The walk from the first row to the last.
struct Walk {
    check: AuditCheck,
    last: Passed,
    /// The numbers that a row may have been written under.
    numbers: std::ops::RangeInclusive<i64>,
    to_try: u64,
}

/// The row before.
struct Passed {
    link: AuditLink,
    /// Whether it is what was written; else nothing is to be said of the row that follows it.
    sound: bool,
}

impl Walk {
    fn pass(&mut self, row: &Row<'_>) -> Result<(), Error> {
        let seq: i64 = row.get(0)?;
        self.check.rows += 1;
        if seq < 1 {
            self.check.found(AuditFault::NotChained { seq });
            return Ok(());
        }
        let previous = row.get_ref(1)?;
        let stored = row.get_ref(2)?;
        let members = (0..MEMBER_COUNT).map(|place| row.get_ref(3 + place));
        let members = members.collect::<rusqlite::Result<Vec<ValueRef<'_>>>>()?;
        let unnumbered = Unnumbered::new(previous, members.iter().copied());
        let hash = unnumbered.hash_as(seq);
        let is = |value: ValueRef<'_>, text: &str| matches!(value, ValueRef::Text(bytes) if bytes == text.as_bytes());

        let expected = self.last.link.seq + 1;
        let gap = seq > expected;
        if gap {
            self.check.found(AuditFault::Removed { first: expected, last: seq - 1 });
        }
        let sound = is(stored, &hash);
        if !sound {
            let fault = match self.written_as(&unnumbered, seq, stored) {
                Some(from) => AuditFault::Moved { seq, from },
                None => AuditFault::Changed { seq },
            };
            self.check.found(fault);
        } else if !gap && self.last.sound && !is(previous, &self.last.link.hash) {
            self.check.found(AuditFault::NotChained { seq });
        } else {
            self.check.right += 1;
            if is(members[KIND], AuditKind::AuditBroken.as_str()) {
                self.note(seq, members[BEFORE], members[AFTER]);
            }
        }
        self.last = Passed { link: AuditLink { seq, hash }, sound };
        Ok(())
    }

    /// The number under which the row would be what was written.
    fn written_as(&mut self, unnumbered: &Unnumbered, seq: i64, stored: ValueRef<'_>) -> Option<i64> {
        let stored = stored.as_str().ok()?;
        // Outwards from its place: a row is seldom moved far, and a gap that was closed moves all behind it by the same.
        for step in 1..=*self.numbers.end() {
            let near = [seq.checked_sub(step), seq.checked_add(step)];
            let near: Vec<i64> =
                near.into_iter().flatten().filter(|seq| self.numbers.contains(seq)).collect();
            if near.is_empty() {
                return None;
            }
            for from in near {
                self.to_try = self.to_try.checked_sub(1)?;
                if unnumbered.hash_as(from) == stored {
                    return Some(from);
                }
            }
        }
        None
    }

    /// Takes over what the program itself found when it wrote on.
    fn note(&mut self, seq: i64, before: ValueRef<'_>, after: ValueRef<'_>) {
        let link = |value: ValueRef<'_>| {
            let value: serde_json::Value = serde_json::from_str(value.as_str().ok()?).ok()?;
            let hash = value.get("hash")?.as_str()?.to_owned();
            Some(AuditLink { seq: value.get("seq")?.as_i64()?, hash })
        };
        let newest = link(after).unwrap_or_else(AuditLink::before_the_first);
        let fault = compare(link(before).as_ref(), &newest, Some(seq));
        self.check.found(fault.unwrap_or(AuditFault::Replaced { seq, noted_at: Some(seq) }));
    }
}

/// Places among the members.
const KIND: usize = 3;
const BEFORE: usize = 7;
const AFTER: usize = 8;
