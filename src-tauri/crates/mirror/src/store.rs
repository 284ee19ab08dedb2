use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::changes::{Changed, Ticker, Touched};
use crate::lane::Lane;
use crate::{Error, schema};

/// A number that grows with every committed change; a row carries the one of its last change.
pub type Revision = u64;

/// How long a process waits for another one's transaction (a second `zhanggui-cli` on the same data folder).
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reading connections: one for long lists, one for short questions in between.
const READERS: usize = 2;

/// One shop's mirror, open. Clones share the file.
#[derive(Clone)]
pub struct Mirror {
    shared: Arc<Shared>,
}

struct Shared {
    writer: Lane,
    readers: Vec<Lane>,
    next_reader: AtomicUsize,
    ticker: Ticker,
}

impl Mirror {
    /// Opens the file, makes it if it is not there, and brings it to the newest schema. Blocks for some milliseconds.
    pub fn open(path: &Path) -> Result<Mirror, Error> {
        Mirror::open_with(path, READERS, Lane::start)
    }

    /// The same without threads: everything runs on the thread of whoever asks, one after the other on one connection, so
    /// that a simulation plays out alike at each run. It blocks that thread.
    pub fn open_without_threads(path: &Path) -> Result<Mirror, Error> {
        Mirror::open_with(path, 0, |_, connection| Ok(Lane::here(connection)))
    }

    fn open_with(
        path: &Path,
        reading: usize,
        lane: impl Fn(&str, Connection) -> Result<Lane, Error>,
    ) -> Result<Mirror, Error> {
        let opened = |result: rusqlite::Result<Connection>| {
            result.map_err(|source| Error::Open { path: path.to_owned(), source })
        };
        let mut writer = opened(Connection::open(path))?;
        settle(&writer)?;
        schema::migrate(&mut writer)?;
        let mut readers = Vec::with_capacity(reading);
        for number in 0..reading {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let reader = opened(Connection::open_with_flags(path, flags))?;
            settle(&reader)?;
            // Read-only by pragma and not by flag: a WAL file may need its index made by whoever comes first.
            reader.pragma_update(None, "query_only", true)?;
            readers.push(lane(&format!("mirror-read-{number}"), reader)?);
        }
        let ticker = Ticker::start(&writer)?;
        let writer = lane("mirror-write", writer)?;
        Ok(Mirror { shared: Arc::new(Shared { writer, readers, next_reader: AtomicUsize::new(0), ticker }) })
    }

    /// Runs `work` in one transaction, commits it if it is `Ok`, and tells [`Mirror::changes`].
    pub async fn write<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let ticker = self.shared.ticker.clone();
        let outcome = self.shared.writer.run(move |connection| Ok(transact(connection, &ticker, work))).await;
        outcome.map_err(E::from)?
    }

    /// As [`Mirror::write`], for callers that block anyway because they write files: the thread waits for the commit. What
    /// `work` does beside the database is done while no other process can write it.
    pub fn write_blocking<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let ticker = self.shared.ticker.clone();
        let outcome =
            self.shared.writer.run_blocking(move |connection| Ok(transact(connection, &ticker, work)));
        outcome.map_err(E::from)?
    }

    /// Runs `work` on a reading connection, inside one snapshot.
    pub async fn read<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        work: impl FnOnce(&View<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let shared = &self.shared;
        let turn = shared.next_reader.fetch_add(1, Ordering::Relaxed);
        let reader = shared.readers.get(turn % shared.readers.len().max(1)).unwrap_or(&shared.writer);
        let outcome = reader
            .run(move |connection| {
                let snapshot = connection.transaction().map_err(Error::from)?;
                Ok(work(&View { connection: &snapshot }))
            })
            .await;
        outcome.map_err(E::from)?
    }

    /// Ticks after every commit of this process, and after those of others as soon as [`Mirror::look_for_others`] finds
    /// them. It says which kinds of rows changed; a receiver that comes late has lost none of them.
    pub fn changes(&self) -> watch::Receiver<Changed> {
        self.shared.ticker.subscribe()
    }

    /// Looks whether another process (a command on the same folder) has written the file, and ticks if it has. It costs a
    /// look at shared memory; whoever watches the folder does it about once a second.
    pub async fn look_for_others(&self) -> Result<(), Error> {
        let ticker = self.shared.ticker.clone();
        self.shared.writer.run(move |connection| ticker.look(connection)).await
    }
}

fn transact<T, E: From<Error>>(
    connection: &mut Connection,
    ticker: &Ticker,
    work: impl FnOnce(&Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let sqlite = |error: rusqlite::Error| E::from(Error::from(error));
    // Immediate: the writer never has to give up in the middle because another process wrote meanwhile.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
    let before = transaction.total_changes();
    let revision = View { connection: &transaction }.revision().map_err(E::from)? + 1;
    let tx = Tx { view: View { connection: &transaction }, revision, touched: Touched::default() };
    let value = work(&tx)?;
    if transaction.total_changes() == before {
        return Ok(value);
    }
    tx.keep_revision().map_err(E::from)?;
    let touched = tx.touched;
    transaction.commit().map_err(sqlite)?;
    ticker.committed(revision, &touched);
    Ok(value)
}

/// What every connection is set to.
fn settle(connection: &Connection) -> Result<(), Error> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // WAL: readers never wait for the writer, and a commit is one append.
    connection.pragma_update(None, "journal_mode", "wal")?;
    // FULL: a refund's number has to be on the disk before its first byte is on the wire; with NORMAL a power cut
    // may lose the last commits. It costs one flush per commit, and a shop has few.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Else SQLite plans a cached statement anew at each binding that a partial index might fit, which takes longer than
    // most of our questions. What relies on such an index says so in its SQL.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(160);
    Ok(())
}

/// Reading: questions about one state of the mirror.
pub struct View<'a> {
    pub(crate) connection: &'a Connection,
}

/// Writing: everything that [`View`] can, and changes that are kept together or not at all.
pub struct Tx<'a> {
    view: View<'a>,
    revision: Revision,
    pub(crate) touched: Touched,
}

impl Tx<'_> {
    /// The revision that the rows changed here get.
    pub fn revision(&self) -> Revision {
        self.revision
    }
}

impl<'a> std::ops::Deref for Tx<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.view
    }
}

pub(crate) fn to_json<T: Serialize>(what: &'static str, value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|source| Error::Unstorable { what, source })
}

pub(crate) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|source| Error::Stored { what, source: Some(source) })
}

pub(crate) fn instant(what: &'static str, milliseconds: i64) -> Result<jiff::Timestamp, Error> {
    jiff::Timestamp::from_millisecond(milliseconds).map_err(|_| Error::stored(what))
}
