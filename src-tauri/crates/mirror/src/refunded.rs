//! How much has gone back on a day, or may have: what limits are held against. The rule of which day that is stands with
//! `domain::staff::Day`.

use domain::time::{Timestamp, plus_seconds};
use domain::{Fen, OrderId, RefundRequestId, StaffId};
use rusqlite::{named_params, params};

use crate::{Error, Tx, View};

/// A clock that was ahead by more than this was wrong, and not put back.
const WRONG_AHEAD_S: i64 = 2 * 86_400;

/// Where the latest time that the backend has told is kept.
const LATEST_TOLD: &str = "latest_told";

/// The refund that a sum is to leave out, because it is the one that is being decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaveOut<'a> {
    /// None: it is new.
    Nothing,
    /// The payout with this row number.
    Payout(i64),
    /// The refund by the backend under this key, with whatever else was decided on its request.
    ByBackend {
        /// The key.
        key: &'a str,
        /// The request, if it has one.
        request: Option<&'a RefundRequestId>,
    },
}

/// A refund that is decided here and paid by the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundByBackend {
    /// The key under which a repetition is the same decision.
    pub key: String,
    /// The request, if it has one.
    pub request_id: Option<RefundRequestId>,
    /// The order.
    pub order_id: OrderId,
    /// How much.
    pub amount: Fen,
    /// Who decided.
    pub decided_by: Option<String>,
}

/// Whether a refund goes to the backend for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// Nothing under its key can have been carried out.
    First,
    /// Something may have been: it was sent before, or the program ended before it knew.
    Again,
}

/// The sum of a day, of everybody's or of one person's refunds. A request is paid once, whatever was decided on it: of
/// several decisions of a day of which nobody knows which one the backend carried out, the largest counts.
pub(crate) const SUM: &str = "SELECT (SELECT coalesce(sum(amount_fen), 0) FROM payouts WHERE counts = 1
            AND decided_at_ms >= :from AND (:by IS NULL OR decided_by = :by) AND id IS NOT :payout)
        + (SELECT coalesce(sum(amount_fen), 0) FROM refunds_by_backend AS one WHERE counts = 1
            AND decided_at_ms >= :from AND (:by IS NULL OR decided_by = :by)
            AND key IS NOT :key AND (:request IS NULL OR request_id IS NOT :request)
            AND NOT EXISTS (SELECT 1 FROM refunds_by_backend AS larger WHERE larger.counts = 1
                AND larger.decided_at_ms >= :from AND larger.request_id = one.request_id AND (larger.amount_fen, larger.key) > (one.amount_fen, one.key)))";

impl View<'_> {
    /// What was decided on from the beginning of a day on and may have gone back, or may yet: by everybody, or by one of
    /// the staff. It has no end: what a clock that ran ahead dated later counts until somebody knows better.
    pub fn refunded_since(
        &self,
        day_began: Timestamp,
        by: Option<&StaffId>,
        except: LeaveOut<'_>,
    ) -> Result<Fen, Error> {
        let (payout, key, request) = match except {
            LeaveOut::Nothing => (None, None, None),
            LeaveOut::Payout(id) => (Some(id), None, None),
            LeaveOut::ByBackend { key, request } => (None, Some(key), request),
        };
        let mut query = self.connection.prepare_cached(SUM)?;
        let sum = query.query_row(
            named_params! {
                ":from": day_began.as_millisecond(),
                ":by": by.map(|id| id.as_str()),
                ":payout": payout,
                ":key": key,
                ":request": request.map(|id| id.as_str()),
            },
            |row| row.get(0),
        )?;
        Ok(Fen::new(sum))
    }
}

impl Tx<'_> {
    /// Keeps the latest time that the backend's clock has told, and returns it. One that lies days ahead was wrong.
    pub fn keep_latest_told(&self, told: Timestamp) -> Result<Timestamp, Error> {
        let kept = self.meta(LATEST_TOLD)?.and_then(|text| text.parse::<Timestamp>().ok());
        match kept {
            Some(kept) if kept >= told && kept <= plus_seconds(told, WRONG_AHEAD_S) => Ok(kept),
            _ => {
                self.set_meta(LATEST_TOLD, &told.to_string())?;
                Ok(told)
            }
        }
    }

    /// Dates at `at` whatever was decided later than `latest`: a clock that ran ahead dated it. Only for times that are
    /// somebody else's than this PC's, or a clock put back would be a way to move decisions to another day. Returns how
    /// many.
    pub fn redate_decisions(&self, latest: Timestamp, at: Timestamp) -> Result<usize, Error> {
        let mut redated = 0;
        for table in ["payouts", "refunds_by_backend"] {
            redated += self
                .connection
                .prepare_cached(&format!("UPDATE {table} SET decided_at_ms = ?2 WHERE decided_at_ms > ?1"))?
                .execute([latest.as_millisecond(), at.as_millisecond()])?;
        }
        Ok(redated)
    }

    /// Keeps a refund that the backend is about to be asked for. The same one again counts once, for whoever decided on it
    /// first.
    pub fn add_refund_by_backend(&self, refund: &RefundByBackend, now: Timestamp) -> Result<Sending, Error> {
        let mut known = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM refunds_by_backend WHERE key = ?1 AND counts = 1)",
        )?;
        let counts: bool = known.query_row([&refund.key], |row| row.get(0))?;
        let sending = if counts { Sending::Again } else { Sending::First };
        self.connection
            .prepare_cached(
                "INSERT INTO refunds_by_backend (key, request_id, order_id, amount_fen, counts, decided_by, decided_at_ms)
                 VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)
                 ON CONFLICT (key) DO UPDATE SET counts = 1, decided_by = excluded.decided_by,
                    decided_at_ms = excluded.decided_at_ms WHERE counts = 0",
            )?
            .execute(params![
                refund.key,
                refund.request_id.as_ref().map(|id| id.as_str()),
                refund.order_id.as_str(),
                refund.amount.get(),
                refund.decided_by,
                now.as_millisecond(),
            ])?;
        Ok(sending)
    }

    /// The backend has made this request of a refund that the shop started.
    pub fn name_refund_by_backend(&self, key: &str, request: &RefundRequestId) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE refunds_by_backend SET request_id = ?2 WHERE key = ?1")?
            .execute([key, request.as_str()])?;
        Ok(())
    }

    /// The backend refused this one for certain: it gives its room back.
    pub fn drop_refund_by_backend(&self, key: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE refunds_by_backend SET counts = 0 WHERE key = ?1")?
            .execute([key])?;
        Ok(())
    }

    /// The backend tells that nothing was paid on this request: whatever was decided on it gives its room back.
    pub fn drop_refunds_by_backend_on(&self, request: &RefundRequestId) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE refunds_by_backend SET counts = 0 WHERE request_id = ?1")?
            .execute([request.as_str()])?;
        Ok(())
    }

    /// The backend tells that it pays this request, or has: what was decided on it last counts, also where an earlier word
    /// had given its room back.
    pub fn count_refund_by_backend_on(&self, request: &RefundRequestId) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE refunds_by_backend SET counts = 1
                 WHERE key = (SELECT key FROM refunds_by_backend WHERE request_id = ?1
                              ORDER BY decided_at_ms DESC, key LIMIT 1)
                   AND NOT EXISTS (SELECT 1 FROM refunds_by_backend WHERE request_id = ?1 AND counts = 1)",
            )?
            .execute([request.as_str()])?;
        Ok(())
    }
}
