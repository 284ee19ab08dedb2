//! The refunds of which a step could not be written down.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long such a refund is left alone before it is tried again.
const LEFT_ALONE: Duration = Duration::from_secs(60);

/// Since when, by the row number of the payout.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failing {
    since: Arc<Mutex<HashMap<i64, Instant>>>,
}

impl Failing {
    /// Whether the last step failed.
    pub(crate) fn has(&self, id: i64) -> bool {
        self.since().contains_key(&id)
    }

    /// Whether it did so a moment ago.
    pub(crate) fn rests(&self, id: i64) -> bool {
        self.since().get(&id).is_some_and(|since| since.elapsed() < LEFT_ALONE)
    }

    /// How a step went.
    pub(crate) fn note(&self, id: i64, failed: bool) {
        if failed {
            self.since().insert(id, Instant::now());
        } else {
            self.since().remove(&id);
        }
    }

    fn since(&self) -> MutexGuard<'_, HashMap<i64, Instant>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
