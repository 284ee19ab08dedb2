//! The scripted world. Everything that happens in it is written into a journal, and every call may be given a fault.

mod backend;
mod desktop;
mod faults;
mod pins;
mod stage;
mod things;
mod till;
mod watch;
mod wechat;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use domain::time::{SignedDuration, Timestamp};
use domain::{OutRefundNo, TerminalId};
use engine::ports::Clock;
use engine::{Event, Observer};
use tokio::sync::Notify;
use tokio::time::Instant;

pub use backend::{Backend, Decided, Reading};
pub use desktop::Desktop;
pub use faults::{Call, Fault, When};
pub use stage::{Blank, Console, Shop, play, play_on, until};
pub use things::{fen, order_id, paid_order, refund_request, request_id, rule, seconds, unpaid_order, whole};
pub use till::Till;
pub use wechat::Wechat;

/// Beginning of every scene.
const BASE_SECONDS: i64 = 1_750_000_000;

/// An engine that calls more often than this in one scene does so without a pause.
const MOST_CALLS: usize = 20_000;

/// All of it. A console reaches it by its [`Till`].
pub struct World {
    began: Instant,
    state: Mutex<State>,
    hung: Notify,
}

/// What everybody but the consoles knows.
pub struct State {
    /// The shop's backend.
    pub backend: Backend,
    /// WeChat's books.
    pub wechat: Wechat,
    /// What people saw and hold in their hands.
    pub desktop: Desktop,
    /// What a person has approved or may have: the request's id or the order's, and fen.
    pub approved: Vec<(String, i64)>,
    /// What no console may ever do, and one did.
    pub breaches: Vec<String>,
    journal: Vec<Entry>,
    /// Consoles whose mirror was lost or put back to an older one.
    forgot: Vec<Forgot>,
    faults: Vec<(Call, VecDeque<Fault>)>,
    standing: Vec<(Call, Fault)>,
    events: Vec<Event>,
    /// How far the PCs' clocks are ahead of everybody else's.
    clock_ahead: SignedDuration,
    /// How far one console's own clock is ahead of the others'.
    clock_of: BTreeMap<TerminalId, SignedDuration>,
    /// When somebody set it.
    clock_set: Vec<Timestamp>,
    /// Refunds that arrived at WeChat: from whom, of which payment, under which number, and when.
    arrived: Vec<(TerminalId, String, OutRefundNo, Timestamp)>,
}

/// A console's mirror became another one.
#[derive(Debug, Clone)]
pub struct Forgot {
    /// Whose.
    pub till: TerminalId,
    /// When.
    pub at: Timestamp,
    /// How many calls had gone out by then.
    pub place: usize,
}

/// One call of the engine.
#[derive(Debug, Clone)]
pub struct Entry {
    /// How many calls had gone out before.
    pub place: usize,
    /// When it went out.
    pub at: Timestamp,
    /// Whose it was.
    pub till: TerminalId,
    /// Which call.
    pub call: Call,
    /// What it was about, in short.
    pub about: String,
    /// What the console learnt, and when. None: nothing, because it hung or the console ended first.
    pub learnt: Option<(Learnt, Timestamp)>,
}

/// What a call tells a console about the thing that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learnt {
    /// It was done, or is there.
    Done,
    /// It is not there.
    Absent,
    /// It was not done.
    Failed,
    /// Nothing for certain.
    Nothing,
}

impl World {
    fn new() -> World {
        let state = State {
            backend: Backend::new(),
            wechat: Wechat::default(),
            desktop: Desktop::default(),
            approved: Vec::new(),
            breaches: Vec::new(),
            journal: Vec::new(),
            forgot: Vec::new(),
            faults: Vec::new(),
            standing: Vec::new(),
            events: Vec::new(),
            clock_ahead: SignedDuration::ZERO,
            clock_of: BTreeMap::new(),
            clock_set: Vec::new(),
            arrived: Vec::new(),
        };
        World { began: Instant::now(), state: Mutex::new(state), hung: Notify::new() }
    }

    /// What everybody but the consoles knows, to look at or to change.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The time of everybody but the PC.
    pub fn time(&self) -> Timestamp {
        let since = SignedDuration::try_from(Instant::now().duration_since(self.began)).unwrap();
        self.began_at() + since
    }

    /// When the scene began.
    pub fn began_at(&self) -> Timestamp {
        Timestamp::from_second(BASE_SECONDS).unwrap()
    }

    /// Seconds since the scene began.
    pub fn elapsed(&self) -> u64 {
        Instant::now().duration_since(self.began).as_secs()
    }

    /// The PCs' clocks are so much ahead of everybody else's from now on.
    pub fn put_clock_ahead(&self, by: SignedDuration) {
        let at = self.time();
        let mut state = self.state();
        let own = std::mem::take(&mut state.clock_of);
        if state.clock_ahead != by || !own.is_empty() {
            state.clock_ahead = by;
            state.clock_set.push(at);
        }
    }

    /// One console's clock is so much ahead of the others' from now on.
    pub fn put_clock_of(&self, terminal: &str, by: SignedDuration) {
        let at = self.time();
        let mut state = self.state();
        state.clock_of.insert(TerminalId::new(terminal).unwrap(), by);
        state.clock_set.push(at);
    }

    /// When the PC's clock was set.
    pub fn clock_set(&self) -> Vec<Timestamp> {
        self.state().clock_set.clone()
    }

    /// The next call of this kind meets this fault; several queue up.
    pub fn once(&self, call: Call, fault: Fault) {
        let mut state = self.state();
        match state.faults.iter_mut().find(|(known, _)| *known == call) {
            Some((_, queue)) => queue.push_back(fault),
            None => state.faults.push((call, VecDeque::from([fault]))),
        }
    }

    /// Every call of this kind meets this fault from now on.
    pub fn always(&self, call: Call, fault: Fault) {
        self.state().standing.push((call, fault));
    }

    /// No more faults.
    pub fn heal(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.standing.clear();
    }

    /// Returns as soon as a call hangs ([`Fault::Hang`]).
    pub async fn hangs(&self) {
        self.hung.notified().await;
    }

    /// Writes a call down. Returns its place in the journal and what it meets.
    fn begin(&self, till: &TerminalId, call: Call, about: String) -> (usize, Option<Fault>) {
        let at = self.time();
        let mut state = self.state();
        let place = state.journal.len();
        state.journal.push(Entry { place, at, till: till.clone(), call, about, learnt: None });
        assert!(place < MOST_CALLS, "{call:?} again and again");
        (place, state.next_fault(call))
    }

    /// The console has the answer.
    fn answered(&self, place: usize, learnt: Learnt) {
        let at = self.time();
        if let Some(entry) = self.state().journal.get_mut(place) {
            entry.learnt = Some((learnt, at));
        }
    }

    /// A console's mirror is another one from now on.
    pub fn forgets(&self, terminal: &str) {
        let at = self.time();
        let till = TerminalId::new(terminal).unwrap();
        let mut state = self.state();
        let place = state.journal.len();
        state.forgot.push(Forgot { till, at, place });
    }

    /// Whose mirror became another one.
    pub fn forgot(&self) -> Vec<Forgot> {
        self.state().forgot.clone()
    }

    /// The calls of some kinds so far.
    pub fn calls(&self, kinds: &[Call]) -> Vec<Entry> {
        self.state().journal.iter().filter(|entry| kinds.contains(&entry.call)).cloned().collect()
    }

    /// How often this was called.
    pub fn count(&self, call: Call) -> usize {
        self.calls(&[call]).len()
    }

    /// The calls of some kinds so far, as text.
    pub fn told(&self, kinds: &[Call]) -> Vec<String> {
        self.calls(kinds).into_iter().map(|entry| format!("{:?} {}", entry.call, entry.about)).collect()
    }

    /// Seconds after the scene's beginning at which this was called.
    pub fn times(&self, call: Call) -> Vec<i64> {
        let began = self.began_at();
        self.calls(&[call]).iter().map(|entry| entry.at.duration_since(began).as_secs()).collect()
    }

    /// The backend pays what it was told to pay, where it pays itself.
    pub fn backend_pays(&self) {
        let now = self.time();
        let state = &mut *self.state();
        state.backend.pay(&mut state.wechat, now);
    }

    /// Begins the journal anew.
    pub fn forget_calls(&self) {
        self.state().journal.clear();
    }

    /// What the consoles' observer heard.
    pub fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }
}

impl State {
    /// How far a console's clock is ahead of everybody's but the PCs'.
    pub(crate) fn clock_ahead_of(&self, till: &TerminalId) -> SignedDuration {
        self.clock_ahead + self.clock_of.get(till).copied().unwrap_or_default()
    }

    /// Whether a console still has the mirror that it began with.
    pub fn remembers(&self, till: &TerminalId) -> bool {
        !self.forgot.iter().any(|forgot| forgot.till == *till)
    }

    /// Whether no console has lost its mirror so far.
    pub fn everybody_remembers(&self) -> bool {
        self.forgot.is_empty()
    }

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
pub async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
