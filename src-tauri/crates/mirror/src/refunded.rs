//! How much has gone back on a day, or may have: what limits are held against.

use std::ops::Range;

use domain::time::Timestamp;
use domain::{Fen, OrderId, RefundRequestId, StaffId};
use rusqlite::{named_params, params};

use crate::{Error, Tx, View};

/// The refund that a sum is to leave out, because it is the one that is being decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaveOut<'a> {
    /// None: it is new.
    Nothing,
    /// The payout with this row number.
    Payout(i64),
    /// The refund by the backend under this key.
    ByBackend(&'a str),
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

/// The sum of a day, of everybody's or of one person's refunds.
pub(crate) const SUM: &str = "SELECT (SELECT coalesce(sum(amount_fen), 0) FROM payouts WHERE counts = 1
            AND decided_at_ms >= :from AND decided_at_ms < :to
            AND (:by IS NULL OR decided_by = :by) AND id IS NOT :payout)
        + (SELECT coalesce(sum(amount_fen), 0) FROM refunds_by_backend WHERE counts = 1
            AND decided_at_ms >= :from AND decided_at_ms < :to
            AND (:by IS NULL OR decided_by = :by) AND key IS NOT :key)";

impl View<'_> {
    /// What was decided on within `day` and may have gone back, or may yet: by everybody, or by one of the staff.
    pub fn refunded_on(
        &self,
        day: &Range<Timestamp>,
        by: Option<&StaffId>,
        except: LeaveOut<'_>,
    ) -> Result<Fen, Error> {
        let (payout, key) = match except {
            LeaveOut::Nothing => (None, None),
            LeaveOut::Payout(id) => (Some(id), None),
            LeaveOut::ByBackend(key) => (None, Some(key)),
        };
        let mut query = self.connection.prepare_cached(SUM)?;
        let sum = query.query_row(
            named_params! {
                ":from": day.start.as_millisecond(),
                ":to": day.end.as_millisecond(),
                ":by": by.map(|id| id.as_str()),
                ":payout": payout,
                ":key": key,
            },
            |row| row.get(0),
        )?;
        Ok(Fen::new(sum))
    }
}

impl Tx<'_> {
    /// Keeps a refund that the backend is about to be asked for. The same one again counts once.
    pub fn add_refund_by_backend(&self, refund: &RefundByBackend, now: Timestamp) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO refunds_by_backend (key, request_id, order_id, amount_fen, counts, decided_by, decided_at_ms)
                 VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)
                 ON CONFLICT (key) DO UPDATE SET amount_fen = excluded.amount_fen, counts = 1,
                    decided_by = excluded.decided_by, decided_at_ms = excluded.decided_at_ms",
            )?
            .execute(params![
                refund.key,
                refund.request_id.as_ref().map(|id| id.as_str()),
                refund.order_id.as_str(),
                refund.amount.get(),
                refund.decided_by,
                now.as_millisecond(),
            ])?;
        Ok(())
    }

    /// The backend refused this one for certain: it gives its room back.
    pub fn drop_refund_by_backend(&self, key: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE refunds_by_backend SET counts = 0 WHERE key = ?1")?
            .execute([key])?;
        Ok(())
    }

    /// The backend tells that paying this request failed: whatever was decided on it before gives its room back.
    pub fn drop_failed_refunds_by_backend(&self, request: &RefundRequestId) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE refunds_by_backend SET counts = 0 WHERE request_id = ?1")?
            .execute([request.as_str()])?;
        Ok(())
    }
}
