//! One at a time for each refund of this process.
//!
//! The day drives every refund, and whoever clicked follows theirs: without turns both would read the same due step and
//! ask WeChat, or the backend, twice at the same moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Whose turn it is, by the row number of the payout.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns {
    waiting: Arc<Mutex<HashMap<i64, Arc<Turn<()>>>>>,
}

impl Turns {
    /// Waits until nobody else drives this refund. The turn ends when the answer is dropped.
    pub(crate) async fn take(&self, id: i64) -> OwnedMutexGuard<()> {
        self.turn(id).lock_owned().await
    }

    /// Takes the turn if nobody has it: whoever has other refunds to see to does not wait.
    pub(crate) fn take_if_free(&self, id: i64) -> Option<OwnedMutexGuard<()>> {
        self.turn(id).try_lock_owned().ok()
    }

    fn turn(&self, id: i64) -> Arc<Turn<()>> {
        // A panic while it is held leaves the map whole.
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Only those that somebody has or waits for are worth remembering.
        waiting.retain(|known, turn| *known == id || Arc::strong_count(turn) > 1);
        waiting.entry(id).or_default().clone()
    }
}
