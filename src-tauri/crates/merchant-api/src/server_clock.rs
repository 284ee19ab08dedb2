//! The server's clock, as its last answer told it and counted on from there, whatever this PC's is set to meanwhile.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// What the server's clock showed at its last answer.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    told: Mutex<Option<Told>>,
}

/// One moment by three clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// The server's.
    server: Timestamp,
    /// This PC's, which anybody may set.
    here: Timestamp,
    /// The count of time that nobody can set, and that may stand still while the PC sleeps.
    counted: Instant,
}

impl ServerClock {
    pub(crate) fn set(&self, told: Told) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
    }

    /// By how much the server's clock is ahead of this PC's now; `None`: it has told nothing yet.
    pub(crate) fn ahead(&self) -> Option<SignedDuration> {
        let told = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.map(|told| told.ahead(Timestamp::now(), told.counted.elapsed()))
    }
}

impl Told {
    pub(crate) fn now(server: Timestamp) -> Told {
        Told { server, here: Timestamp::now(), counted: Instant::now() }
    }

    /// By how much the server's clock is ahead of this PC's at `here`, when `counted` has passed since. Of two that do not
    /// agree, the longer time is taken: a clock that was put back shows too little, a count that stood still has counted
    /// too little, and what has ended is better noticed too early.
    fn ahead(&self, here: Timestamp, counted: Duration) -> SignedDuration {
        let counted = SignedDuration::try_from(counted).unwrap_or(SignedDuration::MAX);
        let since = counted.max(here.duration_since(self.here));
        self.server.duration_since(here).saturating_add(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + seconds).unwrap()
    }

    #[test]
    fn the_servers_clock_goes_on_whatever_this_pc_shows() {
        let told = Told { server: at(100), here: at(0), counted: Instant::now() };
        let server = |here, counted| {
            let ahead = told.ahead(at(here), Duration::from_secs(counted));
            at(here).checked_add(ahead).unwrap()
        };
        assert_eq!(server(0, 0), at(100));
        assert_eq!(server(60, 60), at(160));
        assert_eq!(server(-3_600, 60), at(160), "this PC's clock was put back by an hour");
        assert_eq!(server(28_800, 60), at(28_900), "it slept, or its clock was put forward");
    }

    #[test]
    fn nothing_is_known_before_the_first_answer() {
        let clock = ServerClock::default();
        assert_eq!(clock.ahead(), None);
        clock.set(Told::now(Timestamp::now()));
        assert!(clock.ahead().is_some_and(|ahead| ahead.abs() < SignedDuration::from_secs(60)));
    }
}
