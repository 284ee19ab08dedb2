use domain::payout::Payout;
use domain::staff::Signature;
use domain::time::Timestamp;
use domain::{OrderId, OutRefundNo, RefundRequestId};
use rusqlite::{OptionalExtension, Row, named_params, params};
use serde::{Deserialize, Serialize};

use crate::store::{from_json, instant, to_json};
use crate::{Error, Revision, Tx, View};

/// One payout round of this console, with what was decided and how far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PayoutRow {
    /// The row's own number.
    pub id: i64,
    /// The backend's request; `None` while the backend has not answered a refund that the shop started.
    pub request_id: Option<RefundRequestId>,
    /// The order.
    pub order_id: OrderId,
    /// The payment that the money goes back from.
    pub paid_from: PaidFrom,
    /// What the backend is told, with the key that makes its repetition harmless.
    pub decision: Decision,
    /// Made and stored before the first sending.
    pub idempotency_key: String,
    /// The state machine's facts.
    pub payout: Payout,
    /// When it was first decided on.
    pub created_at: Timestamp,
    /// When the decision was made that holds now: on that day it counts against the limits.
    pub decided_at: Timestamp,
    /// The row's last change.
    pub revision: Revision,
}

/// The decision as it goes to the backend, word for word the same at every repetition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The version that the person saw: of the request, or of the order for a refund that the shop starts.
    pub version: u64,
    /// A digest of what mattered of it: if only the version has changed since, the decision still stands.
    pub seen: String,
    /// The reason that the person gave.
    pub reason: Option<String>,
    /// Who decided; `None` where nobody is defined.
    pub actor: Option<Signature>,
}

impl Decision {
    fn decided_by(&self) -> Option<&str> {
        self.actor.as_ref().map(|actor| actor.id.as_str())
    }
}

/// A payment by all that names it, as it was when the refund was decided on. Refunds of one payment are summed up over
/// every order that shares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidFrom {
    /// The merchant that was paid: only its certificate and key can refund or ask.
    pub mch_id: String,
    /// The shop's number.
    pub out_trade_no: Option<String>,
    /// WeChat's number.
    pub transaction_id: Option<String>,
}

/// A payout to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPayout {
    /// The backend's request, if it has one.
    pub request_id: Option<RefundRequestId>,
    /// The order.
    pub order_id: OrderId,
    /// The payment that the money goes back from.
    pub paid_from: PaidFrom,
    /// What the backend is told.
    pub decision: Decision,
    /// When it was decided on: on that day it counts against the limits.
    pub decided_at: Timestamp,
    /// The key of its first sending.
    pub idempotency_key: String,
    /// The state machine's facts.
    pub payout: Payout,
}

const COLUMNS: &str = "id, request_id, order_id, mch_id, out_trade_no, transaction_id, decision, idempotency_key, body, created_at_ms, decided_at_ms, revision";

/// What still has a step to do: not ended, or ended and not reported, or abnormal, which staff may settle at WeChat. As
/// the index `payouts_open` has it.
pub(crate) const OPEN: &str = "(state NOT IN ('succeeded', 'failed', 'closed')
    AND NOT (state = 'none' AND counts = 0)) OR json_extract(body, '$.report') = 'owed'";

impl View<'_> {
    /// The payout with this row number.
    pub fn payout(&self, id: i64) -> Result<Option<PayoutRow>, Error> {
        self.one_payout("id = ?1", &id)
    }

    /// The payout under this number at WeChat.
    pub fn payout_by_out_refund_no(&self, number: &OutRefundNo) -> Result<Option<PayoutRow>, Error> {
        self.one_payout("out_refund_no = ?1", &number.as_str())
    }

    /// The newest payout round of a request.
    pub fn payout_of_request(&self, id: &RefundRequestId) -> Result<Option<PayoutRow>, Error> {
        self.one_payout("request_id = ?1 ORDER BY round DESC", &id.as_str())
    }

    /// All payouts of an order, oldest first.
    pub fn payouts_of_order(&self, id: &OrderId) -> Result<Vec<PayoutRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM payouts WHERE order_id = ?1 ORDER BY id");
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map([id.as_str()], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// All payouts of a payment, over every order that shares it.
    pub fn payouts_of_payment(&self, payment: &PaidFrom) -> Result<Vec<PayoutRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payouts WHERE out_trade_no = ?1 OR transaction_id = ?2 ORDER BY id"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map(params![payment.out_trade_no, payment.transaction_id], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// Payouts that still have a step to do: not ended, or ended and not reported, or abnormal and asked about seldom.
    pub fn open_payouts(&self) -> Result<Vec<PayoutRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM payouts WHERE {OPEN} ORDER BY id");
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map([], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// Refunds that the shop started and of which the backend has not answered yet, or which it refused; newest first.
    pub fn payouts_without_request(&self, limit: u32) -> Result<Vec<PayoutRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM payouts WHERE request_id IS NULL ORDER BY id DESC LIMIT ?1");
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map([limit.clamp(1, 10_000)], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    fn one_payout(&self, condition: &str, value: &dyn rusqlite::ToSql) -> Result<Option<PayoutRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM payouts WHERE {condition} LIMIT 1");
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_row([value], Stored::read).optional()?.map(Stored::decode).transpose()
    }
}

impl Tx<'_> {
    /// Keeps a new payout. [`Error::Guard`] when refunds would exceed the payment, or a number before it is alive.
    pub fn add_payout(&self, new: &NewPayout, now: Timestamp) -> Result<i64, Error> {
        self.touched.refunds.set(true);
        self.connection
            .prepare_cached(
                "INSERT INTO payouts (request_id, order_id, mch_id, out_trade_no, transaction_id, payment_total_fen, out_refund_no, round,
                    amount_fen, state, counts, decision, decided_by, decided_at_ms, idempotency_key, body, created_at_ms, revision)
                 VALUES (:request_id, :order_id, :mch_id, :out_trade_no, :transaction_id, :payment_total_fen, :out_refund_no, :round,
                    :amount_fen, :state, :counts, :decision, :decided_by, :decided_at_ms, :idempotency_key, :body, :created_at_ms, :revision)",
            )?
            .execute(named_params! {
                ":request_id": new.request_id.as_ref().map(|id| id.as_str()),
                ":order_id": new.order_id.as_str(),
                ":mch_id": new.paid_from.mch_id,
                ":out_trade_no": new.paid_from.out_trade_no,
                ":transaction_id": new.paid_from.transaction_id,
                ":payment_total_fen": new.payout.total.get(),
                ":out_refund_no": new.payout.out_refund_no.as_str(),
                ":round": new.payout.round,
                ":amount_fen": new.payout.amount.get(),
                ":state": new.payout.state.as_str(),
                ":counts": new.payout.counts(),
                ":decision": to_json("decision", &new.decision)?,
                ":decided_by": new.decision.decided_by(),
                ":decided_at_ms": new.decided_at.as_millisecond(),
                ":idempotency_key": new.idempotency_key,
                ":body": to_json("payout", &new.payout)?,
                ":created_at_ms": now.as_millisecond(),
                ":revision": self.revision(),
            })?;
        let id = self.connection.last_insert_rowid();
        self.touch_order(&new.order_id)?;
        Ok(id)
    }

    /// Keeps what is known of a payout now.
    pub fn put_payout(&self, row: &PayoutRow) -> Result<(), Error> {
        self.touched.refunds.set(true);
        self.connection
            .prepare_cached(
                "UPDATE payouts SET request_id = :request_id, amount_fen = :amount_fen, state = :state,
                    counts = :counts, decision = :decision, decided_by = :decided_by,
                    decided_at_ms = :decided_at_ms, idempotency_key = :idempotency_key, body = :body,
                    out_refund_no = :out_refund_no, round = :round, revision = :revision
                 WHERE id = :id",
            )?
            .execute(named_params! {
                ":id": row.id,
                ":request_id": row.request_id.as_ref().map(|id| id.as_str()),
                ":out_refund_no": row.payout.out_refund_no.as_str(),
                ":round": row.payout.round,
                ":amount_fen": row.payout.amount.get(),
                ":state": row.payout.state.as_str(),
                ":counts": row.payout.counts(),
                ":decision": to_json("decision", &row.decision)?,
                ":decided_by": row.decision.decided_by(),
                ":decided_at_ms": row.decided_at.as_millisecond(),
                ":idempotency_key": row.idempotency_key,
                ":body": to_json("payout", &row.payout)?,
                ":revision": self.revision(),
            })?;
        self.touch_order(&row.order_id)
    }
}

struct Stored {
    id: i64,
    request_id: Option<String>,
    order_id: String,
    paid_from: PaidFrom,
    decision: String,
    idempotency_key: String,
    body: String,
    created_at_ms: i64,
    decided_at_ms: i64,
    revision: Revision,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
        Ok(Stored {
            id: row.get(0)?,
            request_id: row.get(1)?,
            order_id: row.get(2)?,
            paid_from: PaidFrom {
                mch_id: row.get(3)?,
                out_trade_no: row.get(4)?,
                transaction_id: row.get(5)?,
            },
            decision: row.get(6)?,
            idempotency_key: row.get(7)?,
            body: row.get(8)?,
            created_at_ms: row.get(9)?,
            decided_at_ms: row.get(10)?,
            revision: row.get(11)?,
        })
    }

    fn decode(self) -> Result<PayoutRow, Error> {
        let request_id = self.request_id.map(RefundRequestId::new).transpose();
        Ok(PayoutRow {
            id: self.id,
            request_id: request_id.map_err(|_| Error::stored("payout"))?,
            order_id: OrderId::new(self.order_id).map_err(|_| Error::stored("payout"))?,
            paid_from: self.paid_from,
            decision: from_json("decision", &self.decision)?,
            idempotency_key: self.idempotency_key,
            payout: from_json("payout", &self.body)?,
            created_at: instant("payout", self.created_at_ms)?,
            decided_at: instant("payout", self.decided_at_ms)?,
            revision: self.revision,
        })
    }
}
