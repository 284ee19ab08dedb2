use domain::{OrderId, RefundRequest, RefundRequestId};
use rusqlite::{OptionalExtension, Row, named_params};

use crate::store::{from_json, to_json};
use crate::{Error, Revision, Tx, View};

/// A refund request as the backend tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct RefundRequestRow {
    /// What the backend says.
    pub request: RefundRequest,
    /// The row's last change.
    pub revision: Revision,
}

/// Which refund requests a list shows.
#[derive(Debug, Clone, Default)]
pub struct RefundFilter {
    /// The contract's `state`.
    pub state: Option<String>,
    /// Of this order only.
    pub order_id: Option<OrderId>,
    /// At most so many.
    pub limit: u32,
}

impl View<'_> {
    /// The request with this id.
    pub fn refund_request(&self, id: &RefundRequestId) -> Result<Option<RefundRequestRow>, Error> {
        let mut query =
            self.connection.prepare_cached("SELECT body, revision FROM refund_requests WHERE id = ?1")?;
        query.query_row([id.as_str()], read).optional()?.map(decode).transpose()
    }

    /// A list of requests, newest first.
    pub fn refund_requests(&self, filter: &RefundFilter) -> Result<Vec<RefundRequestRow>, Error> {
        let mut query = self.connection.prepare_cached(
            "SELECT body, revision FROM refund_requests
             WHERE (:state IS NULL OR state = :state) AND (:order_id IS NULL OR order_id = :order_id)
             ORDER BY requested_at_ms DESC, id DESC LIMIT :limit",
        )?;
        let rows = query.query_map(
            named_params! {
                ":state": filter.state,
                ":order_id": filter.order_id.as_ref().map(|id| id.as_str()),
                ":limit": filter.limit.clamp(1, 10_000),
            },
            read,
        )?;
        rows.map(|row| decode(row?)).collect()
    }
}

impl View<'_> {
    /// Requests that are not at their end, or of which a payout of this console may still arrive; newest first.
    pub fn open_refund_requests(&self, limit: u32) -> Result<Vec<RefundRequestRow>, Error> {
        self.requests_where(&format!("NOT {AT_ITS_END}"), limit)
    }

    /// The other ones, newest first.
    pub fn ended_refund_requests(&self, limit: u32) -> Result<Vec<RefundRequestRow>, Error> {
        self.requests_where(AT_ITS_END, limit)
    }

    /// How many requests the mirror holds.
    pub fn count_refund_requests(&self) -> Result<u64, Error> {
        let mut query = self.connection.prepare_cached("SELECT count(*) FROM refund_requests")?;
        Ok(query.query_row([], |row| row.get(0))?)
    }

    fn requests_where(&self, condition: &str, limit: u32) -> Result<Vec<RefundRequestRow>, Error> {
        let sql = format!(
            "SELECT body, revision FROM refund_requests WHERE {condition}
             ORDER BY requested_at_ms DESC, id DESC LIMIT ?1"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map([limit.clamp(1, 10_000)], read)?;
        rows.map(|row| decode(row?)).collect()
    }
}

/// Whether nothing more will become of a request. One whose state this version does not know is not at its end.
const AT_ITS_END: &str = "(state IN ('succeeded', 'rejected', 'withdrawn', 'closed')
    AND id NOT IN (SELECT request_id FROM payouts WHERE request_id IS NOT NULL AND counts = 1
        AND state IN ('none', 'ready', 'submitting', 'unknown', 'processing')))";

impl Tx<'_> {
    /// Keeps the request. The caller has decided that it is newer than the one before.
    pub fn put_refund_request(&self, request: &RefundRequest) -> Result<(), Error> {
        self.touched.refunds.set(true);
        self.connection
            .prepare_cached(
                "INSERT INTO refund_requests (id, order_id, version, state, requested_at_ms, body, revision)
                 VALUES (:id, :order_id, :version, :state, :requested_at_ms, :body, :revision)
                 ON CONFLICT (id) DO UPDATE SET order_id = excluded.order_id, version = excluded.version,
                    state = excluded.state, requested_at_ms = excluded.requested_at_ms, body = excluded.body,
                    revision = excluded.revision",
            )?
            .execute(named_params! {
                ":id": request.id.as_str(),
                ":order_id": request.order_id.as_str(),
                ":version": request.version,
                ":state": request.state.as_str(),
                ":requested_at_ms": request.requested_at.as_millisecond(),
                ":body": to_json("refund request", request)?,
                ":revision": self.revision(),
            })?;
        self.touch_order(&request.order_id)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<(String, Revision)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn decode((body, revision): (String, Revision)) -> Result<RefundRequestRow, Error> {
    Ok(RefundRequestRow { request: from_json("refund request", &body)?, revision })
}
