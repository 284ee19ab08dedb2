use domain::reconcile::TicketProof;
use domain::time::Timestamp;
use domain::{OrderId, OutRefundNo};
use rusqlite::{OptionalExtension, Row, named_params, params};

use crate::store::{from_json, instant, to_json};
use crate::{Error, Tx, View};

/// How far a ticket is (`printing.md` section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// To be printed.
    Queued,
    /// Written down before the first byte left: after a crash nobody knows what is on paper.
    Sending,
    /// The last byte was handed over.
    Sent,
    /// The printer itself answered that it is done.
    Confirmed,
    /// Not one byte left: it may be tried freely.
    FailedBeforeStart,
    /// Some bytes left, and nothing proves the rest: people decide.
    Unknown,
    /// Another terminal prints it.
    Elsewhere,
}

impl JobState {
    /// The word as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            JobState::Queued => "queued",
            JobState::Sending => "sending",
            JobState::Sent => "sent",
            JobState::Confirmed => "confirmed",
            JobState::FailedBeforeStart => "failed_before_start",
            JobState::Unknown => "unknown",
            JobState::Elsewhere => "elsewhere",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<JobState> {
        [
            JobState::Queued,
            JobState::Sending,
            JobState::Sent,
            JobState::Confirmed,
            JobState::FailedBeforeStart,
            JobState::Unknown,
            JobState::Elsewhere,
        ]
        .into_iter()
        .find(|state| state.as_str() == word)
    }
}

/// The `error` of a ticket that is not to come out any more: its order was cancelled, or contradicted by WeChat.
pub const NOT_WANTED: &str = "not_wanted";

/// Who wanted a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintCause {
    /// The owner's rules. The ticket is taken back when its order is cancelled or asked about anew.
    Rule,
    /// A person who asked for this paper.
    Hand,
}

impl PrintCause {
    fn as_str(self) -> &'static str {
        match self {
            PrintCause::Rule => "rule",
            PrintCause::Hand => "hand",
        }
    }

    fn from_word(word: &str) -> Option<PrintCause> {
        [PrintCause::Rule, PrintCause::Hand].into_iter().find(|cause| cause.as_str() == word)
    }
}

/// A ticket to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrintJob {
    /// Order, event, template, printer and copy: one cause prints once.
    pub key: String,
    /// The order.
    pub order_id: OrderId,
    /// The refund whose slip it is; `None` for an order's ticket.
    pub out_refund_no: Option<OutRefundNo>,
    /// Which template.
    pub template: String,
    /// Which printer.
    pub target: String,
    /// Paper width in mm.
    pub width_mm: u32,
    /// Which of its copies, from 1.
    pub copy: u32,
    /// What it says of the money.
    pub proof: TicketProof,
    /// Who wanted it.
    pub cause: PrintCause,
}

/// A ticket in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintJobRow {
    /// The row's own number, printed on the slip.
    pub id: i64,
    /// What is printed.
    pub job: NewPrintJob,
    /// How far it is.
    pub state: JobState,
    /// Bytes that left.
    pub bytes_sent: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong last: a code of the error catalogue.
    pub error: Option<String>,
    /// Not before.
    pub due_at: Timestamp,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it last went a step.
    pub updated_at: Timestamp,
    /// Which repetition the slip calls itself, known from when it is sent; 0: the first of its kind.
    pub reprint: u32,
    /// The order's number, where the mirror has the order.
    pub order_number: Option<String>,
}

const COLUMNS: &str =
    "id, key, order_id, out_refund_no, template, target, width_mm, copy, proof, cause, state, bytes_sent,
    attempts, error, due_at_ms, created_at_ms, updated_at_ms, reprint,
    (SELECT number FROM orders WHERE orders.id = print_jobs.order_id)";

impl View<'_> {
    /// Jobs that are to be printed by now, oldest first.
    pub fn due_print_jobs(&self, now: Timestamp, limit: u32) -> Result<Vec<PrintJobRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM print_jobs WHERE state = 'queued' AND due_at_ms <= ?1 ORDER BY id LIMIT ?2"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map(params![now.as_millisecond(), limit], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// When the next job is due.
    pub fn next_print_job(&self) -> Result<Option<Timestamp>, Error> {
        let mut query =
            self.connection.prepare_cached("SELECT min(due_at_ms) FROM print_jobs WHERE state = 'queued'")?;
        let at: Option<i64> = query.query_row([], |row| row.get(0))?;
        at.map(|at| instant("print job", at)).transpose()
    }

    /// The ticket of this number.
    pub fn print_job(&self, id: i64) -> Result<Option<PrintJobRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM print_jobs WHERE id = ?1");
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_row([id], Stored::read).optional()?.map(Stored::decode).transpose()
    }

    /// The queue and the history, newest first.
    pub fn recent_print_jobs(&self, limit: u32) -> Result<Vec<PrintJobRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM print_jobs ORDER BY id DESC LIMIT ?1");
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map([limit.clamp(1, 1000)], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// All tickets of an order, oldest first.
    pub fn print_jobs_of_order(&self, id: &OrderId) -> Result<Vec<PrintJobRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM print_jobs WHERE order_id = ?1 ORDER BY id");
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map([id.as_str()], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// Jobs that were being sent when the program ended.
    pub fn interrupted_print_jobs(&self) -> Result<Vec<PrintJobRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM print_jobs WHERE state = 'sending' ORDER BY id");
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map([], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }
}

impl Tx<'_> {
    /// Queues a ticket, unless its key was ever queued before. Returns its number if it was not.
    pub fn queue_print_job(&self, job: &NewPrintJob, now: Timestamp) -> Result<Option<i64>, Error> {
        self.touched.papers.set(true);
        let added = self
            .connection
            .prepare_cached(
                "INSERT INTO print_jobs (key, order_id, out_refund_no, template, target, width_mm, copy, proof, cause,
                    state, due_at_ms, created_at_ms, updated_at_ms)
                 VALUES (:key, :order_id, :out_refund_no, :template, :target, :width_mm, :copy, :proof, :cause,
                    'queued', :now, :now, :now)
                 ON CONFLICT (key) DO NOTHING",
            )?
            .execute(named_params! {
                ":key": job.key,
                ":order_id": job.order_id.as_str(),
                ":out_refund_no": job.out_refund_no.as_ref().map(|number| number.as_str()),
                ":template": job.template,
                ":target": job.target,
                ":width_mm": job.width_mm,
                ":copy": job.copy,
                ":proof": to_json("print job", &job.proof)?,
                ":cause": job.cause.as_str(),
                ":now": now.as_millisecond(),
            })?;
        Ok((added > 0).then(|| self.connection.last_insert_rowid()))
    }

    /// Takes back the tickets of an order that the rules wanted and that wait for their printer, and no refund slip.
    /// Returns them.
    pub fn withdraw_print_jobs(&self, id: &OrderId) -> Result<Vec<PrintJobRow>, Error> {
        self.touched.papers.set(true);
        let sql = format!(
            "DELETE FROM print_jobs
             WHERE order_id = ?1 AND out_refund_no IS NULL AND state = 'queued' AND cause = 'rule'
             RETURNING {COLUMNS}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([id.as_str()], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// Marks a job as being sent, as this repetition. To be committed before the first byte.
    pub fn start_print_job(&self, id: i64, reprint: u32, now: Timestamp) -> Result<(), Error> {
        self.touched.papers.set(true);
        self.connection
            .prepare_cached(
                "UPDATE print_jobs SET state = 'sending', attempts = attempts + 1, reprint = ?2, updated_at_ms = ?3
                 WHERE id = ?1",
            )?
            .execute(params![id, reprint, now.as_millisecond()])?;
        Ok(())
    }

    /// Keeps how the sending ended.
    pub fn end_print_job(
        &self,
        id: i64,
        state: JobState,
        bytes_sent: u64,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.touched.papers.set(true);
        self.connection
            .prepare_cached(
                "UPDATE print_jobs SET state = ?2, bytes_sent = ?3, error = ?4, updated_at_ms = ?5 WHERE id = ?1",
            )?
            .execute(params![id, state.as_str(), bytes_sent, error, now.as_millisecond()])?;
        Ok(())
    }

    /// Puts a job off of which nothing has left.
    pub fn requeue_print_job(
        &self,
        id: i64,
        due_at: Timestamp,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.touched.papers.set(true);
        self.connection
            .prepare_cached(
                "UPDATE print_jobs SET state = 'queued', due_at_ms = ?2, error = ?3, updated_at_ms = ?4
                 WHERE id = ?1",
            )?
            .execute(params![id, due_at.as_millisecond(), error, now.as_millisecond()])?;
        Ok(())
    }
}

struct Stored {
    id: i64,
    key: String,
    order_id: String,
    out_refund_no: Option<String>,
    template: String,
    target: String,
    width_mm: u32,
    copy: u32,
    proof: String,
    cause: String,
    state: String,
    bytes_sent: u64,
    attempts: u32,
    error: Option<String>,
    due_at_ms: i64,
    created_at_ms: i64,
    updated_at_ms: i64,
    reprint: u32,
    order_number: Option<String>,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
        Ok(Stored {
            id: row.get(0)?,
            key: row.get(1)?,
            order_id: row.get(2)?,
            out_refund_no: row.get(3)?,
            template: row.get(4)?,
            target: row.get(5)?,
            width_mm: row.get(6)?,
            copy: row.get(7)?,
            proof: row.get(8)?,
            cause: row.get(9)?,
            state: row.get(10)?,
            bytes_sent: row.get(11)?,
            attempts: row.get(12)?,
            error: row.get(13)?,
            due_at_ms: row.get(14)?,
            created_at_ms: row.get(15)?,
            updated_at_ms: row.get(16)?,
            reprint: row.get(17)?,
            order_number: row.get(18)?,
        })
    }

    fn decode(self) -> Result<PrintJobRow, Error> {
        Ok(PrintJobRow {
            id: self.id,
            job: NewPrintJob {
                key: self.key,
                order_id: OrderId::new(self.order_id).map_err(|_| Error::stored("print job"))?,
                out_refund_no: self
                    .out_refund_no
                    .map(OutRefundNo::new)
                    .transpose()
                    .map_err(|_| Error::stored("print job"))?,
                template: self.template,
                target: self.target,
                width_mm: self.width_mm,
                copy: self.copy,
                proof: from_json("print job", &self.proof)?,
                cause: PrintCause::from_word(&self.cause).ok_or(Error::stored("print job"))?,
            },
            state: JobState::from_word(&self.state).ok_or(Error::stored("print job"))?,
            bytes_sent: self.bytes_sent,
            attempts: self.attempts,
            error: self.error,
            due_at: instant("print job", self.due_at_ms)?,
            created_at: instant("print job", self.created_at_ms)?,
            updated_at: instant("print job", self.updated_at_ms)?,
            reprint: self.reprint,
            order_number: self.order_number,
        })
    }
}
