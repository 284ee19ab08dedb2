use domain::time::Timestamp;

use crate::{Error, SyncPhase, View};

/// What this PC still owes, and how far it has come: for the status strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outstanding {
    /// Words that the backend is still to hear: lost payments that were found, tickets that are on paper.
    pub reports: u64,
    /// Refunds of this console that are not at WeChat yet for all it knows, or whose end the backend has not heard of.
    pub refunds: u64,
    /// Tickets that wait for their printer, or are being sent.
    pub tickets: u64,
    /// Alerts that nobody has acknowledged.
    pub open_alerts: u64,
    /// When the backend last answered.
    pub contact_at: Option<Timestamp>,
    /// Whether the mirror is still being filled.
    pub filling: bool,
}

impl View<'_> {
    /// What this PC still owes.
    pub fn outstanding(&self) -> Result<Outstanding, Error> {
        let count = |sql: &str| -> Result<u64, Error> {
            Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        };
        let sync = self.sync_state()?;
        Ok(Outstanding {
            reports: count(
                "SELECT count(*) FROM effects
                 WHERE kind IN ('payment_observed', 'printed') AND state IN ('pending', 'started')",
            )?,
            // WeChat has those that are processing, and those that are abnormal once the backend knows: they wait for nobody
            // here.
            refunds: count(&format!(
                "SELECT count(*) FROM payouts WHERE ({}) AND state <> 'processing'
                    AND (state <> 'abnormal' OR json_extract(body, '$.report') = 'owed')",
                crate::payouts::OPEN
            ))?,
            tickets: count("SELECT count(*) FROM print_jobs WHERE state IN ('queued', 'sending')")?,
            open_alerts: self.count_open_alerts()?,
            contact_at: sync.contact_at,
            filling: sync.phase != SyncPhase::Live,
        })
    }
}
