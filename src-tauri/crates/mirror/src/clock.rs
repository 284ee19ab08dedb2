use domain::time::Timestamp;
use rusqlite::params;

use crate::{Error, Tx};

impl Tx<'_> {
    /// Makes due now whatever is planned later than it could have been planned by this clock: it was planned by a clock
    /// that ran ahead. What that asks for too early is asked for once more than needed, which is harmless.
    pub fn bring_forward(&self, now: Timestamp) -> Result<(), Error> {
        const MINUTE_MS: i64 = 60_000;
        for kind in [&self.touched.orders, &self.touched.alerts, &self.touched.papers, &self.touched.sync] {
            kind.set(true);
        }
        let now_ms = now.as_millisecond();
        // The longest regular pauses: an hour, two hours for an alert, ten minutes for a word to the backend, half a minute
        // for a printer, an hour for an object that cannot be read.
        for (sql, longest_ms) in [
            ("UPDATE orders SET ask_at_ms = ?1 WHERE ask_at_ms > ?2", 60 * MINUTE_MS),
            ("UPDATE effects SET due_at_ms = ?1 WHERE due_at_ms > ?2 AND state = 'pending'", 10 * MINUTE_MS),
            ("UPDATE print_jobs SET due_at_ms = ?1 WHERE due_at_ms > ?2 AND state = 'queued'", 2 * MINUTE_MS),
            ("UPDATE rereads SET due_at_ms = ?1 WHERE due_at_ms > ?2", 60 * MINUTE_MS),
        ] {
            self.connection.prepare_cached(sql)?.execute(params![now_ms, now_ms + longest_ms])?;
        }
        for mut row in self.open_payouts()? {
            row.payout = row.payout.after(&domain::payout::Event::Resumed, now);
            self.put_payout(&row)?;
        }
        Ok(())
    }
}
