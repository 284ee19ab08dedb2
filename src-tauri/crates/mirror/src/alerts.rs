use domain::OrderId;
use domain::time::Timestamp;
use rusqlite::params;

use crate::effects::{COLUMNS, EffectRow, Stored};
use crate::store::to_json;
use crate::{Error, OrderRow, Tx, View};

/// An alert is open from the moment at which people are told of it until one of them acknowledges it, or until it is
/// withdrawn because its cause is over. One that is owed for later ("not verified after ten seconds") is not open yet;
/// one that no desktop could show is. The first line is that of the index.
pub(crate) const OPEN: &str = "kind = 'alert' AND acknowledged_at_ms IS NULL AND state <> 'withdrawn'
    AND (state <> 'pending' OR attempts > 0 OR due_at_ms <= created_at_ms)";

/// An open alert with the order that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenAlertRow {
    /// The alert.
    pub effect: EffectRow,
    /// Its order, where it has one and the mirror knows it.
    pub order: Option<OrderRow>,
}

impl View<'_> {
    /// Alerts that nobody has acknowledged, newest first.
    pub fn open_alerts(&self, limit: u32) -> Result<Vec<OpenAlertRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM effects WHERE {OPEN} ORDER BY created_at_ms DESC, id DESC LIMIT ?1"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let rows = query.query_map([limit.clamp(1, 1000)], Stored::read)?;
        rows.map(|row| {
            let effect = row?.decode()?;
            let order = match &effect.order_id {
                Some(id) => self.order(id)?,
                None => None,
            };
            Ok(OpenAlertRow { effect, order })
        })
        .collect()
    }

    /// How many alerts nobody has acknowledged.
    pub fn count_open_alerts(&self) -> Result<u64, Error> {
        let sql = format!("SELECT count(*) FROM effects WHERE {OPEN}");
        Ok(self.connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
    }

    /// The alert of this key, open or not.
    pub fn alert(&self, key: &str) -> Result<Option<EffectRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM effects WHERE key = ?1 AND kind = 'alert'");
        let mut query = self.connection.prepare_cached(&sql)?;
        let mut rows = query.query_map([key], Stored::read)?;
        rows.next().map(|row| row?.decode()).transpose()
    }

    /// Whether people were told of the alert of this key and its cause is not over, acknowledged or not.
    pub fn alert_stands(&self, key: &str) -> Result<bool, Error> {
        let sql =
            "SELECT EXISTS (SELECT 1 FROM effects WHERE key = ?1 AND kind = 'alert' AND state = 'done')";
        Ok(self.connection.prepare_cached(sql)?.query_row([key], |row| row.get(0))?)
    }
}

/// Where it is kept which alerts a notification told.
fn told_together(notification: &str) -> String {
    format!("told:{notification}")
}

impl Tx<'_> {
    /// A person has seen the alert of this key. It is not told any more if it was still to be. Returns whether it was open.
    pub fn acknowledge(&self, key: &str, now: Timestamp) -> Result<bool, Error> {
        let changed = self.acknowledge_where("key = ?1", key, now)?;
        Ok(changed > 0)
    }

    /// A person has seen the order, and with it whatever was told of it. Returns how many alerts were open.
    pub fn acknowledge_order(&self, id: &OrderId, now: Timestamp) -> Result<usize, Error> {
        self.acknowledge_where("order_id = ?1", id.as_str(), now)
    }

    /// Remembers which alerts, by their keys, a notification told together; in the place of those that the notification
    /// under this key told before. It is kept in the file: a notification may be clicked after a restart.
    pub fn keep_told_together(&self, notification: &str, alerts: &[&str]) -> Result<(), Error> {
        self.set_meta(&told_together(notification), &to_json("told together", &alerts)?)
    }

    /// A person has seen the notification that told several together, and with it those alone. Returns how many were open.
    pub fn acknowledge_told_together(&self, notification: &str, now: Timestamp) -> Result<usize, Error> {
        let told = "key IN (SELECT value FROM json_each((SELECT value FROM meta WHERE key = ?1)))";
        self.acknowledge_where(told, &told_together(notification), now)
    }

    /// The cause of an alert is over, so that nobody has to look any more: what is still to be told is withdrawn, what was
    /// told is closed. Returns whether something was.
    pub fn close_alert(&self, key: &str, now: Timestamp) -> Result<bool, Error> {
        self.change(
            "UPDATE effects SET acknowledged_at_ms = ?2, settled_at_ms = coalesce(settled_at_ms, ?2),
                state = CASE state WHEN 'pending' THEN 'withdrawn' ELSE state END
             WHERE key = ?1 AND kind = 'alert' AND acknowledged_at_ms IS NULL AND state <> 'withdrawn'
             RETURNING kind",
            params![key, now.as_millisecond()],
        )
    }

    fn acknowledge_where(&self, condition: &str, value: &str, now: Timestamp) -> Result<usize, Error> {
        let sql = format!(
            "UPDATE effects SET acknowledged_at_ms = ?2, settled_at_ms = coalesce(settled_at_ms, ?2),
                state = CASE state WHEN 'pending' THEN 'done' ELSE state END
             WHERE {condition} AND {OPEN}"
        );
        let changed = self.connection.prepare_cached(&sql)?.execute(params![value, now.as_millisecond()])?;
        if changed > 0 {
            self.touched.alerts.set(true);
        }
        Ok(changed)
    }
}
