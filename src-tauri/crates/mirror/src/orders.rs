use std::fmt;
use std::str::FromStr;

use domain::reconcile::Noise;
use domain::time::Timestamp;
use domain::verify::{Discrepancy, Verified};
use domain::{Order, OrderId, WechatPayment};
use rusqlite::{OptionalExtension, Row, named_params, params};
use serde::{Deserialize, Serialize};

use crate::store::{from_json, instant, to_json};
use crate::{Error, Revision, Tx, View};

/// An order with all three axes: what the backend says, what WeChat says, what this PC did.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// What the backend says.
    pub order: Order,
    /// What is known of the money.
    pub verified: Verified,
    /// When WeChat said so.
    pub verified_at: Option<Timestamp>,
    /// What WeChat said.
    pub evidence: Option<Evidence>,
    /// When WeChat is asked (again).
    pub ask_at: Option<Timestamp>,
    /// How many questions in a row had no usable answer.
    pub ask_failures: u32,
    /// How loud the order is here.
    pub noise: Noise,
    /// When this PC first saw it.
    pub first_seen: Timestamp,
    /// The last change of the row, or of a refund of the order.
    pub revision: Revision,
}

/// WeChat's word on an order, kept beside the backend's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// WeChat's answer; absent when it knows no such order or could not be asked.
    pub payment: Option<WechatPayment>,
    /// Where it differs from the backend's.
    pub differences: Vec<Discrepancy>,
    /// Why WeChat could not be asked the last time: a code of the error catalogue.
    pub error: Option<String>,
}

/// A place in the list of orders, newest first: for the page after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    placed_at_ms: i64,
    id: String,
}

impl fmt::Display for OrderKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}~{}", self.placed_at_ms, self.id)
    }
}

impl FromStr for OrderKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<OrderKey, Error> {
        let (placed_at_ms, id) = text.split_once('~').ok_or(Error::stored("order key"))?;
        let placed_at_ms = placed_at_ms.parse().map_err(|_| Error::stored("order key"))?;
        Ok(OrderKey { placed_at_ms, id: id.to_owned() })
    }
}

impl OrderRow {
    /// The row's place in the list.
    pub fn key(&self) -> OrderKey {
        OrderKey {
            placed_at_ms: self.order.placed_at.as_millisecond(),
            id: self.order.id.as_str().to_owned(),
        }
    }
}

/// Which orders a list shows.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// The contract's `state`.
    pub state: Option<String>,
    /// Any part of a number, a name of goods or a note.
    pub search: Option<String>,
    /// After this place.
    pub after: Option<OrderKey>,
    /// At most so many, 1 to 1000.
    pub limit: u32,
}

pub(crate) const COLUMNS: &str =
    "body, verified, verified_at_ms, evidence, ask_at_ms, ask_failures, noise, first_seen_ms, revision";

impl View<'_> {
    /// The order with this id.
    pub fn order(&self, id: &OrderId) -> Result<Option<OrderRow>, Error> {
        self.one_order("id = ?1", id.as_str())
    }

    /// The order that a person, or WeChat, means by this number: its id, number, out_trade_no or transaction_id.
    pub fn order_by_any_number(&self, number: &str) -> Result<Option<OrderRow>, Error> {
        for condition in ["id = ?1", "number = ?1", "out_trade_no = ?1", "transaction_id = ?1"] {
            if let Some(row) = self.one_order(condition, number)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// A page of orders, newest first.
    pub fn orders(&self, filter: &OrderFilter) -> Result<Vec<OrderRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM orders
             WHERE (:state IS NULL OR fulfilment = :state)
               AND (:search IS NULL OR instr(search, :search) > 0)
               AND (:placed_at_ms IS NULL OR (placed_at_ms, id) < (:placed_at_ms, :id))
             ORDER BY placed_at_ms DESC, id DESC LIMIT :limit"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map(
            named_params! {
                ":state": filter.state,
                ":search": filter.search.as_deref().and_then(search_words),
                ":placed_at_ms": filter.after.as_ref().map(|key| key.placed_at_ms),
                ":id": filter.after.as_ref().map(|key| key.id.as_str()),
                ":limit": filter.limit.clamp(1, 1000),
            },
            Stored::read,
        )?;
        rows.map(|row| row?.decode()).collect()
    }

    /// All orders that one payment covers, this one included.
    pub fn orders_of_payment(&self, order: &Order) -> Result<Vec<OrderRow>, Error> {
        let sql =
            format!("SELECT {COLUMNS} FROM orders WHERE out_trade_no = ?1 OR transaction_id = ?2 LIMIT 100");
        let mut query = self.connection.prepare_cached(&sql)?;
        let numbers = params![
            order.payment.out_trade_no.as_ref().map(|number| number.as_str()),
            order.payment.transaction_id.as_ref().map(|number| number.as_str()),
        ];
        let rows = query.query_map(numbers, Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// Orders that WeChat is to be asked about by now, newest first.
    pub fn orders_to_ask(&self, now: Timestamp, limit: u32) -> Result<Vec<OrderRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM orders WHERE ask_at_ms <= ?1 ORDER BY placed_at_ms DESC, id DESC LIMIT ?2"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map(params![now.as_millisecond(), limit], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// Orders that a full round asks about: those whose turn it is, and paid ones that are not verified, whatever pause
    /// they are in.
    pub fn orders_to_ask_in_round(&self, now: Timestamp, limit: u32) -> Result<Vec<OrderRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM orders WHERE ask_at_ms IS NOT NULL
                AND (ask_at_ms <= ?1 OR (verified <> 'verified'
                     AND payment_state IN ('paid', 'partially_refunded', 'refunded')))
             ORDER BY placed_at_ms DESC, id DESC LIMIT ?2"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map(params![now.as_millisecond(), limit], Stored::read)?;
        rows.map(|row| row?.decode()).collect()
    }

    /// When the next question to WeChat is due.
    pub fn next_ask(&self) -> Result<Option<Timestamp>, Error> {
        let mut query = self
            .connection
            .prepare_cached("SELECT min(ask_at_ms) FROM orders WHERE ask_at_ms IS NOT NULL")?;
        let at: Option<i64> = query.query_row([], |row| row.get(0))?;
        at.map(|at| instant("order", at)).transpose()
    }

    /// How many orders the mirror holds.
    pub fn count_orders(&self) -> Result<u64, Error> {
        let mut query = self.connection.prepare_cached("SELECT count(*) FROM orders")?;
        Ok(query.query_row([], |row| row.get(0))?)
    }

    fn one_order(&self, condition: &str, value: &str) -> Result<Option<OrderRow>, Error> {
        let sql =
            format!("SELECT {COLUMNS} FROM orders WHERE {condition} ORDER BY placed_at_ms DESC LIMIT 1");
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_row([value], Stored::read).optional()?.map(Stored::decode).transpose()
    }
}

impl Tx<'_> {
    /// Keeps the row. The caller has decided that it is newer than the one before.
    pub fn put_order(&self, row: &OrderRow) -> Result<(), Error> {
        self.touched.orders.set(true);
        let order = &row.order;
        self.connection
            .prepare_cached(
                "INSERT INTO orders (id, number, version, out_trade_no, transaction_id, fulfilment, payment_state,
                    payment_total_fen, placed_at_ms, body, search, amounts_add_up, buyer_id, refunded_fen, verified,
                    verified_at_ms, evidence, ask_at_ms, ask_failures, noise, first_seen_ms, revision)
                 VALUES (:id, :number, :version, :out_trade_no, :transaction_id, :fulfilment, :payment_state,
                    :payment_total_fen, :placed_at_ms, :body, :search, :amounts_add_up, :buyer_id, :refunded_fen,
                    :verified, :verified_at_ms, :evidence, :ask_at_ms, :ask_failures, :noise, :first_seen_ms,
                    :revision)
                 ON CONFLICT (id) DO UPDATE SET number = excluded.number, version = excluded.version,
                    out_trade_no = excluded.out_trade_no, transaction_id = excluded.transaction_id,
                    fulfilment = excluded.fulfilment, payment_state = excluded.payment_state,
                    payment_total_fen = excluded.payment_total_fen, placed_at_ms = excluded.placed_at_ms,
                    body = excluded.body, search = excluded.search, amounts_add_up = excluded.amounts_add_up,
                    buyer_id = excluded.buyer_id, refunded_fen = excluded.refunded_fen, verified = excluded.verified,
                    verified_at_ms = excluded.verified_at_ms, evidence = excluded.evidence,
                    ask_at_ms = excluded.ask_at_ms, ask_failures = excluded.ask_failures, noise = excluded.noise,
                    revision = excluded.revision",
            )?
            .execute(named_params! {
                ":id": order.id.as_str(),
                ":number": order.number,
                ":version": order.version,
                ":out_trade_no": order.payment.out_trade_no.as_ref().map(|number| number.as_str()),
                ":transaction_id": order.payment.transaction_id.as_ref().map(|number| number.as_str()),
                ":fulfilment": order.fulfilment.as_str(),
                ":payment_state": order.payment.state.as_str(),
                ":payment_total_fen": order.payment.total.get(),
                ":placed_at_ms": order.placed_at.as_millisecond(),
                ":body": to_json("order", order)?,
                ":search": search_text(order),
                ":amounts_add_up": order.amounts_add_up(),
                ":buyer_id": order.buyer.as_ref().and_then(|buyer| buyer.id.as_deref()),
                ":refunded_fen": order.amounts.refunded.get(),
                ":verified": row.verified.as_str(),
                ":verified_at_ms": row.verified_at.map(Timestamp::as_millisecond),
                ":evidence": row.evidence.as_ref().map(|evidence| to_json("evidence", evidence)).transpose()?,
                ":ask_at_ms": row.ask_at.map(Timestamp::as_millisecond),
                ":ask_failures": row.ask_failures,
                ":noise": row.noise.as_str(),
                ":first_seen_ms": row.first_seen.as_millisecond(),
                ":revision": self.revision(),
            })?;
        Ok(())
    }
}

impl Tx<'_> {
    /// A refund of the order changed: whoever saw the order before has not seen all of it.
    pub(crate) fn touch_order(&self, id: &OrderId) -> Result<(), Error> {
        self.touched.orders.set(true);
        self.connection
            .prepare_cached("UPDATE orders SET revision = ?2 WHERE id = ?1")?
            .execute(params![id.as_str(), self.revision()])?;
        Ok(())
    }
}

/// What is looked for in an order's search text; `None` when nothing is.
pub(crate) fn search_words(typed: &str) -> Option<String> {
    let words = typed.trim().to_lowercase();
    (!words.is_empty()).then_some(words)
}

/// Everything that a person may type to find the order, in lower case, a line each so that no match runs over two.
fn search_text(order: &Order) -> String {
    let payment = &order.payment;
    let mut parts = vec![order.number.as_str(), order.id.as_str()];
    parts.extend(payment.out_trade_no.as_ref().map(|number| number.as_str()));
    parts.extend(payment.transaction_id.as_ref().map(|number| number.as_str()));
    for line in &order.lines {
        parts.push(&line.title);
        parts.extend([&line.spec, &line.sku, &line.note].into_iter().flatten().map(String::as_str));
    }
    if let Some(buyer) = &order.buyer {
        parts.extend([&buyer.display_name, &buyer.note].into_iter().flatten().map(String::as_str));
    }
    if let Some(receiver) = &order.receiver {
        parts.extend([&receiver.name, &receiver.phone].into_iter().flatten().map(String::as_str));
    }
    parts.extend(order.pickup.iter().filter_map(|pickup| pickup.code.as_deref()));
    parts.extend(order.merchant_note.as_deref());
    parts.join("\n").to_lowercase()
}

pub(crate) struct Stored {
    body: String,
    verified: String,
    verified_at_ms: Option<i64>,
    evidence: Option<String>,
    ask_at_ms: Option<i64>,
    ask_failures: u32,
    noise: String,
    first_seen_ms: i64,
    revision: Revision,
}

impl Stored {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
        Ok(Stored {
            body: row.get(0)?,
            verified: row.get(1)?,
            verified_at_ms: row.get(2)?,
            evidence: row.get(3)?,
            ask_at_ms: row.get(4)?,
            ask_failures: row.get(5)?,
            noise: row.get(6)?,
            first_seen_ms: row.get(7)?,
            revision: row.get(8)?,
        })
    }

    pub(crate) fn decode(self) -> Result<OrderRow, Error> {
        let evidence = self.evidence.map(|text| from_json("evidence", &text)).transpose()?;
        Ok(OrderRow {
            order: from_json("order", &self.body)?,
            verified: Verified::from_word(&self.verified).ok_or(Error::stored("order"))?,
            verified_at: self.verified_at_ms.map(|at| instant("order", at)).transpose()?,
            evidence,
            ask_at: self.ask_at_ms.map(|at| instant("order", at)).transpose()?,
            ask_failures: self.ask_failures,
            noise: Noise::from_word(&self.noise).ok_or(Error::stored("order"))?,
            first_seen: instant("order", self.first_seen_ms)?,
            revision: self.revision,
        })
    }
}
