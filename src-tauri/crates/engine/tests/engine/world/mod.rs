//! The scripted world. Everything that happens in it is written into a journal, and every call may be given a fault.

mod backend;
mod desktop;
mod faults;
mod stage;
mod things;
mod till;
mod wechat;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use domain::time::{SignedDuration, Timestamp};
use engine::ports::Clock;
use engine::{Event, Observer};
use tokio::sync::Notify;
use tokio::time::Instant;

use backend::Backend;
pub(crate) use backend::Reading;
use desktop::Desktop;
pub(crate) use faults::{Call, Fault, When};
pub(crate) use stage::{Console, Shop, play, until};
pub(crate) use things::{
    fen, order_id, paid_order, refund_request, request_id, rule, seconds, unpaid_order, whole,
};
use till::Till;
use wechat::Wechat;

/// Beginning of every scene.
const BASE_SECONDS: i64 = 1_750_000_000;

/// An engine that calls more often than this in one scene does so without a pause.
const MOST_CALLS: usize = 20_000;

/// All of it. A console reaches it by its [`Till`].
pub(crate) struct World {
    began: Instant,
    state: Mutex<State>,
    hung: Notify,
}

pub(crate) struct State {
    pub(crate) backend: Backend,
    pub(crate) wechat: Wechat,
    pub(crate) desktop: Desktop,
    journal: Vec<Entry>,
    faults: Vec<(Call, VecDeque<Fault>)>,
    standing: Vec<(Call, Fault)>,
    events: Vec<Event>,
    /// How far the PC's clock is ahead of everybody else's.
    clock_ahead: SignedDuration,
}

/// One call of the engine.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) call: Call,
    pub(crate) about: String,
}

impl World {
    fn new() -> World {
        let state = State {
            backend: Backend::new(),
            wechat: Wechat::default(),
            desktop: Desktop::default(),
            journal: Vec::new(),
            faults: Vec::new(),
            standing: Vec::new(),
            events: Vec::new(),
            clock_ahead: SignedDuration::ZERO,
        };
        World { began: Instant::now(), state: Mutex::new(state), hung: Notify::new() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The time of everybody but the PC.
    pub(crate) fn time(&self) -> Timestamp {
        let since = SignedDuration::try_from(Instant::now().duration_since(self.began)).unwrap();
        Timestamp::from_second(BASE_SECONDS).unwrap() + since
    }

    /// Seconds since the scene began.
    pub(crate) fn elapsed(&self) -> u64 {
        Instant::now().duration_since(self.began).as_secs()
    }

    pub(crate) fn put_clock_ahead(&self, by: SignedDuration) {
        self.state().clock_ahead = by;
    }

    /// The next call of this kind meets this fault; several queue up.
    pub(crate) fn once(&self, call: Call, fault: Fault) {
        let mut state = self.state();
        match state.faults.iter_mut().find(|(known, _)| *known == call) {
            Some((_, queue)) => queue.push_back(fault),
            None => state.faults.push((call, VecDeque::from([fault]))),
        }
    }

    /// Every call of this kind meets this fault from now on.
    pub(crate) fn always(&self, call: Call, fault: Fault) {
        self.state().standing.push((call, fault));
    }

    /// No more faults.
    pub(crate) fn heal(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.standing.clear();
    }

    /// Returns as soon as a call hangs ([`Fault::Hang`]).
    pub(crate) async fn hangs(&self) {
        self.hung.notified().await;
    }

    /// Writes a call down. Returns what it meets.
    fn begin(&self, call: Call, about: String) -> Option<Fault> {
        let at = self.time();
        let mut state = self.state();
        state.journal.push(Entry { at, call, about });
        assert!(state.journal.len() < MOST_CALLS, "{call:?} again and again");
        state.next_fault(call)
    }

    /// The calls of some kinds so far.
    pub(crate) fn calls(&self, kinds: &[Call]) -> Vec<Entry> {
        self.state().journal.iter().filter(|entry| kinds.contains(&entry.call)).cloned().collect()
    }

    /// How often this was called.
    pub(crate) fn count(&self, call: Call) -> usize {
        self.calls(&[call]).len()
    }

    /// The calls of some kinds so far, as text.
    pub(crate) fn told(&self, kinds: &[Call]) -> Vec<String> {
        self.calls(kinds).into_iter().map(|entry| format!("{:?} {}", entry.call, entry.about)).collect()
    }

    /// Seconds after the scene's beginning at which this was called.
    pub(crate) fn times(&self, call: Call) -> Vec<i64> {
        let began = Timestamp::from_second(BASE_SECONDS).unwrap();
        self.calls(&[call]).iter().map(|entry| entry.at.duration_since(began).as_secs()).collect()
    }

    pub(crate) fn forget_calls(&self) {
        self.state().journal.clear();
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }
}

impl State {
    fn next_fault(&mut self, call: Call) -> Option<Fault> {
        let queued = self.faults.iter_mut().find(|(known, _)| *known == call);
        let once = queued.and_then(|(_, queue)| queue.pop_front());
        once.or_else(|| {
            self.standing.iter().find(|(known, _)| *known == call).map(|(_, fault)| fault.clone())
        })
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.time() + self.state().clock_ahead
    }
}

impl Observer for World {
    fn heard(&self, event: &Event) {
        self.state().events.push(event.clone());
    }
}

/// Lets so many virtual seconds pass.
pub(crate) async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
