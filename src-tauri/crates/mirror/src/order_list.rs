//! The list of orders as a window scrolls it: by group, by search, by position.
//!
//! What a group is stands in [`OrderGroup::condition`] alone. Those conditions and the search read columns of the index
//! `orders_list` and the small partial indexes of open refunds, so that counting and skipping never open an order; only
//! the rows of the stretch that is shown are read whole.

use std::collections::{HashMap, HashSet};

use domain::OrderId;
use rusqlite::{OptionalExtension, ToSql};

use crate::orders::{COLUMNS, Stored, search_words};
use crate::{Error, JobState, OrderRow, View};

/// Orders by what they ask of the shop. `Unpaid`, `ToFulfil`, `Done` and `Cancelled` never overlap, but an order whose
/// fulfilment this version does not know is in none of them; `Refunding` and `Attention` lie across.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OrderGroup {
    /// Every order.
    #[default]
    All,
    /// Placed, not paid.
    Unpaid,
    /// Paid, and goods are still to leave the shop: nothing or not everything was shipped, and not all was refunded.
    ToFulfil,
    /// A refund request is open, or money is on its way back.
    Refunding,
    /// The money is in doubt: WeChat contradicts the backend, or the backend's amounts contradict each other.
    Attention,
    /// The goods have left, or all the money went back.
    Done,
    /// Cancelled or closed.
    Cancelled,
}

/// How many orders each group holds.
pub type GroupCounts = [(OrderGroup, u64); OrderGroup::ALL.len()];

impl OrderGroup {
    /// All groups, in the order in which they are shown.
    pub const ALL: [OrderGroup; 7] = [
        OrderGroup::All,
        OrderGroup::Unpaid,
        OrderGroup::ToFulfil,
        OrderGroup::Refunding,
        OrderGroup::Attention,
        OrderGroup::Done,
        OrderGroup::Cancelled,
    ];

    /// Which rows of `orders` belong to the group.
    fn condition(self) -> &'static str {
        match self {
            OrderGroup::All => "TRUE",
            OrderGroup::Unpaid => "fulfilment = 'unpaid' AND payment_state <> 'refunded'",
            OrderGroup::ToFulfil => {
                "fulfilment IN ('paid', 'partially_shipped') AND payment_state <> 'refunded'"
            }
            OrderGroup::Refunding => REFUNDING,
            OrderGroup::Attention => {
                "verified = 'mismatch' OR amounts_add_up = 0
                 OR (verified = 'not_paid' AND payment_state IN ('paid', 'partially_refunded', 'refunded'))"
            }
            OrderGroup::Done => {
                "fulfilment IN ('shipped', 'completed')
                 OR (payment_state = 'refunded' AND fulfilment NOT IN ('cancelled', 'closed'))"
            }
            OrderGroup::Cancelled => "fulfilment IN ('cancelled', 'closed')",
        }
    }
}

/// The order ids of refund requests that are not at their end, and of payouts that may still arrive.
const REFUNDING: &str = "id IN (
    SELECT order_id FROM refund_requests
    WHERE state IN ('pending', 'waiting_return', 'returned', 'processing', 'failed')
    UNION ALL
    SELECT order_id FROM payouts
    WHERE counts = 1 AND state IN ('none', 'ready', 'submitting', 'unknown', 'processing'))";

/// Which orders a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderQuery {
    /// Of this group.
    pub group: OrderGroup,
    /// With any part of a number, a name of goods, a note, a name or a phone number in them; empty: all.
    pub search: String,
}

/// A stretch of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OrderWindow {
    /// How many orders the whole list has.
    pub total: u64,
    /// Those of the stretch, newest first.
    pub rows: Vec<ListedOrder>,
}

/// An order with what this PC did about it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedOrder {
    /// The order.
    pub row: OrderRow,
    /// Whether an alert about it is open: nobody has looked at it since.
    pub has_open_alert: bool,
    /// Whether it belongs to [`OrderGroup::Refunding`].
    pub refunding: bool,
    /// What became of its tickets.
    pub printed: PrintState,
}

/// What became of an order's tickets, over all templates and printers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PrintState {
    /// None was made.
    #[default]
    No,
    /// One waits for its printer.
    Queued,
    /// Whatever was made came out, be it at another terminal.
    Printed,
    /// One did not come out or may not have, and no later one of its kind did.
    Trouble,
}

impl View<'_> {
    /// A stretch of the list, newest first: `count` orders (1 to 500) from position `first`.
    pub fn order_window(&self, query: &OrderQuery, first: u64, count: u32) -> Result<OrderWindow, Error> {
        let words = search_words(&query.search);
        let condition = condition(query.group, words.as_deref());
        let total: u64 = self
            .connection
            .prepare_cached(&format!("SELECT count(*) FROM orders WHERE {condition}"))?
            .query_row(values(&words, &[]).as_slice(), |row| row.get(0))?;
        if first >= total {
            return Ok(OrderWindow { total, rows: Vec::new() });
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM orders WHERE {condition} ORDER BY placed_at_ms DESC, id DESC
             LIMIT :count OFFSET :first"
        );
        let (count, first) = (count.clamp(1, 500), i64::try_from(first).unwrap_or(i64::MAX));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let stretch = values(&words, &[(":count", &count), (":first", &first)]);
        let rows = statement.query_map(stretch.as_slice(), Stored::read)?;
        let rows: Result<Vec<OrderRow>, Error> = rows.map(|row| row?.decode()).collect();
        Ok(OrderWindow { total, rows: self.with_local_axis(rows?)? })
    }

    /// Where an order stands in a list, from 0; `None` when it is not in it.
    pub fn order_position(&self, query: &OrderQuery, id: &OrderId) -> Result<Option<u64>, Error> {
        let words = search_words(&query.search);
        let condition = condition(query.group, words.as_deref());
        let id = id.as_str();
        let placed_at_ms: Option<i64> = self
            .connection
            .prepare_cached(&format!("SELECT placed_at_ms FROM orders WHERE id = :id AND {condition}"))?
            .query_row(values(&words, &[(":id", &id)]).as_slice(), |row| row.get(0))
            .optional()?;
        let Some(placed_at_ms) = placed_at_ms else { return Ok(None) };
        let sql = format!(
            "SELECT count(*) FROM orders WHERE (placed_at_ms, id) > (:placed_at_ms, :id) AND {condition}"
        );
        let place = values(&words, &[(":id", &id), (":placed_at_ms", &placed_at_ms)]);
        Ok(Some(self.connection.prepare_cached(&sql)?.query_row(place.as_slice(), |row| row.get(0))?))
    }

    /// How many orders each group holds, of those that a search finds; an empty search finds all.
    pub fn order_counts(&self, search: &str) -> Result<GroupCounts, Error> {
        let words = search_words(search);
        let found = condition(OrderGroup::All, words.as_deref());
        let counts = OrderGroup::ALL.map(|group| format!("count(*) FILTER (WHERE {})", group.condition()));
        let sql = format!("SELECT {} FROM orders WHERE {found}", counts.join(", "));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let read = |row: &rusqlite::Row<'_>| {
            let mut counts = OrderGroup::ALL.map(|group| (group, 0));
            for (place, (_, count)) in counts.iter_mut().enumerate() {
                *count = row.get(place)?;
            }
            Ok(counts)
        };
        Ok(statement.query_row(values(&words, &[]).as_slice(), read)?)
    }

    /// One order as a list shows it.
    pub fn listed_order(&self, id: &OrderId) -> Result<Option<ListedOrder>, Error> {
        let row = self.order(id)?;
        Ok(self.with_local_axis(row.into_iter().collect())?.pop())
    }

    /// What this PC did about the orders of a page, by one question for each kind of thing and not for each order.
    fn with_local_axis(&self, rows: Vec<OrderRow>) -> Result<Vec<ListedOrder>, Error> {
        let ids: Vec<&str> = rows.iter().map(|row| row.order.id.as_str()).collect();
        let ids = crate::store::to_json("order ids", &ids)?;
        let of_page = "IN (SELECT value FROM json_each(?1))";
        let open = crate::alerts::OPEN;
        let alerted: HashSet<String> = self.ids(
            &format!("SELECT DISTINCT order_id FROM effects WHERE order_id {of_page} AND {open}"),
            &ids,
        )?;
        let refunding: HashSet<String> =
            self.ids(&format!("SELECT id FROM orders WHERE id {of_page} AND {REFUNDING}"), &ids)?;
        let mut tickets: HashMap<String, Tickets> = HashMap::new();
        let sql = format!(
            "SELECT order_id, template, state, error FROM print_jobs
             WHERE order_id {of_page} AND out_refund_no IS NULL ORDER BY id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut jobs = statement.query([&ids])?;
        while let Some(job) = jobs.next()? {
            let state: String = job.get(2)?;
            let state = JobState::from_word(&state).ok_or(Error::stored("print job"))?;
            let error: Option<String> = job.get(3)?;
            tickets.entry(job.get(0)?).or_default().add(job.get(1)?, state, error.as_deref());
        }
        Ok(rows
            .into_iter()
            .map(|row| {
                let id = row.order.id.as_str();
                ListedOrder {
                    has_open_alert: alerted.contains(id),
                    refunding: refunding.contains(id),
                    printed: tickets.get(id).map_or(PrintState::No, Tickets::state),
                    row,
                }
            })
            .collect())
    }

    fn ids(&self, sql: &str, page: &str) -> Result<HashSet<String>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids = statement.query_map([page], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }
}

/// The condition of a group and a search, in brackets. Without a search nothing of it stands in the text, so that SQLite
/// may count a whole list without looking at it.
fn condition(group: OrderGroup, words: Option<&str>) -> String {
    let of_group = group.condition();
    match words {
        Some(_) => format!("(({of_group}) AND instr(search, :search) > 0)"),
        None => format!("({of_group})"),
    }
}

type Values<'v> = Vec<(&'v str, &'v dyn ToSql)>;

/// The parameters of a statement with such a condition in it.
fn values<'v>(words: &'v Option<String>, others: &[(&'v str, &'v dyn ToSql)]) -> Values<'v> {
    let searched = words.iter().map(|words| (":search", words as &dyn ToSql));
    searched.chain(others.iter().copied()).collect()
}

/// The tickets of one order, oldest first.
#[derive(Debug, Default)]
struct Tickets {
    /// By template: whether its newest paper came out.
    came_out: HashMap<String, bool>,
    waiting: bool,
}

impl Tickets {
    fn add(&mut self, template: String, state: JobState, error: Option<&str>) {
        match state {
            JobState::Queued | JobState::Sending => self.waiting = true,
            JobState::Sent | JobState::Confirmed | JobState::Elsewhere => {
                self.came_out.insert(template, true);
            }
            // Nobody wanted it any more: no paper is missing.
            JobState::FailedBeforeStart if error == Some(crate::print_jobs::NOT_WANTED) => {}
            JobState::FailedBeforeStart | JobState::Unknown => {
                self.came_out.insert(template, false);
            }
        }
    }

    fn state(&self) -> PrintState {
        if self.came_out.values().any(|came_out| !came_out) {
            PrintState::Trouble
        } else if self.waiting {
            PrintState::Queued
        } else if self.came_out.is_empty() {
            PrintState::No
        } else {
            PrintState::Printed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state_of(jobs: &[(&str, JobState)]) -> PrintState {
        let mut tickets = Tickets::default();
        for (template, state) in jobs {
            tickets.add((*template).to_owned(), *state, None);
        }
        tickets.state()
    }

    #[test]
    fn a_ticket_that_failed_is_trouble_until_one_of_its_kind_comes_out() {
        use JobState::{Elsewhere, FailedBeforeStart, Queued, Sent, Unknown};
        assert_eq!(state_of(&[]), PrintState::No);
        assert_eq!(state_of(&[("merchant", Queued)]), PrintState::Queued);
        assert_eq!(state_of(&[("merchant", Sent), ("kitchen", Queued)]), PrintState::Queued);
        assert_eq!(state_of(&[("merchant", Unknown), ("kitchen", Sent)]), PrintState::Trouble);
        assert_eq!(state_of(&[("merchant", Unknown), ("merchant", Queued)]), PrintState::Trouble);
        assert_eq!(state_of(&[("merchant", FailedBeforeStart), ("merchant", Sent)]), PrintState::Printed);
        assert_eq!(state_of(&[("merchant", Elsewhere)]), PrintState::Printed);
    }

    /// The plans of what is asked for again and again: a query whose words drift from those of its index would read all.
    #[test]
    fn what_is_open_is_found_by_its_index() {
        let mut sql = rusqlite::Connection::open_in_memory().unwrap();
        crate::schema::migrate(&mut sql).unwrap();
        for (query, index) in [
            (format!("SELECT body FROM payouts WHERE {} ORDER BY id", crate::payouts::OPEN), "payouts_open"),
            (format!("SELECT count(*) FROM effects WHERE {}", crate::alerts::OPEN), "effects_open_alerts"),
            (format!("SELECT id FROM orders WHERE {REFUNDING}"), "refund_requests_open"),
            (format!("SELECT id FROM orders WHERE {REFUNDING}"), "payouts_on_the_way"),
            (crate::refunded::SUM.to_owned(), "COVERING INDEX payouts_by_day"),
            (crate::refunded::SUM.to_owned(), "COVERING INDEX refunds_by_backend_by_day"),
            (
                "SELECT buyer_id, sum(refunded_fen) FROM orders
                 WHERE buyer_id IN (SELECT value FROM json_each('[]')) GROUP BY buyer_id"
                    .to_owned(),
                "COVERING INDEX orders_by_buyer",
            ),
        ] {
            let mut statement = sql.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
            // The plan is the same whatever the parameters are.
            let lines = statement.raw_query().mapped(|row| row.get::<_, String>(3));
            let plan: Vec<String> = lines.map(Result::unwrap).collect();
            assert!(plan.iter().any(|line| line.contains(index)), "{index}: {plan:?}");
        }
    }

    #[test]
    fn a_ticket_that_nobody_wanted_is_no_trouble() {
        let mut tickets = Tickets::default();
        tickets.add("merchant".to_owned(), JobState::FailedBeforeStart, Some(crate::print_jobs::NOT_WANTED));
        assert_eq!(tickets.state(), PrintState::No);
    }
}
