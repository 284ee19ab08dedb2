use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::Connection;
use tokio::sync::watch;

use crate::store::View;
use crate::{Error, Revision};

/// When each kind of row last changed. It says where to look again and never what is there; a kind whose revision is the
/// one that was seen before has not changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// The newest commit.
    pub revision: Revision,
    /// Orders, WeChat's word on them, their timelines.
    pub orders: Revision,
    /// Refund requests and payouts.
    pub refunds: Revision,
    /// Tickets: owed, queued, printed.
    pub papers: Revision,
    /// Alerts: owed, told, acknowledged.
    pub alerts: Revision,
    /// How far the backend was read, and what it is still to be told.
    pub sync: Revision,
    /// The audit log.
    pub audit: Revision,
    /// Who works here, and the rules for their refunds.
    pub staff: Revision,
}

impl Changed {
    /// Everything may have changed by this commit.
    pub(crate) fn all_at(revision: Revision) -> Changed {
        Changed {
            revision,
            orders: revision,
            refunds: revision,
            papers: revision,
            alerts: revision,
            sync: revision,
            audit: revision,
            staff: revision,
        }
    }

    fn by(self, revision: Revision, touched: &Touched) -> Changed {
        let at = |kind: &Cell<bool>, before| if kind.get() { revision } else { before };
        Changed {
            revision,
            orders: at(&touched.orders, self.orders),
            refunds: at(&touched.refunds, self.refunds),
            papers: at(&touched.papers, self.papers),
            alerts: at(&touched.alerts, self.alerts),
            sync: at(&touched.sync, self.sync),
            audit: at(&touched.audit, self.audit),
            staff: at(&touched.staff, self.staff),
        }
    }
}

/// The kinds of rows that a transaction has changed so far.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) orders: Cell<bool>,
    pub(crate) refunds: Cell<bool>,
    pub(crate) papers: Cell<bool>,
    pub(crate) alerts: Cell<bool>,
    pub(crate) sync: Cell<bool>,
    pub(crate) audit: Cell<bool>,
    pub(crate) staff: Cell<bool>,
}

/// Tells of commits: this process's own at once, those of others when somebody looks.
#[derive(Clone)]
pub(crate) struct Ticker {
    changed: watch::Sender<Changed>,
    /// The writing connection's `data_version`, which only the commits of others move.
    foreign: Arc<AtomicI64>,
}

impl Ticker {
    pub(crate) fn start(writer: &Connection) -> Result<Ticker, Error> {
        let (changed, _) = watch::channel(Changed::all_at(View { connection: writer }.revision()?));
        Ok(Ticker { changed, foreign: Arc::new(AtomicI64::new(data_version(writer)?)) })
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Changed> {
        self.changed.subscribe()
    }

    pub(crate) fn committed(&self, revision: Revision, touched: &Touched) {
        self.changed.send_modify(|changed| *changed = changed.by(revision, touched));
    }

    /// Looks whether another process has committed, on the writing connection: there this process's own commits do not
    /// count. What the others changed is not known, so everything may have.
    pub(crate) fn look(&self, writer: &Connection) -> Result<(), Error> {
        let version = data_version(writer)?;
        if self.foreign.swap(version, Ordering::Relaxed) != version {
            let revision = View { connection: writer }.revision()?;
            self.changed.send_replace(Changed::all_at(revision));
        }
        Ok(())
    }
}

fn data_version(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
}
