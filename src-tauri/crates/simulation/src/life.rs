//! A shop's refunds, lived by a seed: what people decide, what goes wrong meanwhile, and how it settles.
//!
//! The same seed is the same life. Whatever goes wrong is healed in the end; then every refund that somebody approved has
//! to be known, and the books have to be right ([`crate::books`]).

mod settling;

use std::path::PathBuf;
use std::time::Duration;

use domain::staff::{OwnLimits, Role, Rules};
use domain::time::Timestamp;
use domain::{Fen, PayoutMode, RefundStatus, Secret, StaffId};
use engine::ports::{GatewayOutcome, SourceErrorKind};
use engine::{Actor, Approval, Guards, NewStaff};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;

use crate::world::{
    Blank, Call, Console, Fault, Shop, When, fen, order_id, pass, play_on, request_id, rule, seconds, until,
};
use crate::{books, guards};

/// The counters of the shop.
const TILLS: [&str; 2] = ["till-1", "till-2"];

/// Calls that a refund makes, and that so may fail.
const CALLS: [Call; 12] = [
    Call::RefundRequest,
    Call::Order,
    Call::Approve,
    Call::RefundOrder,
    Call::Reject,
    Call::Query,
    Call::Refund,
    Call::QueryRefund,
    Call::Report,
    Call::Changes,
    Call::ClaimTicket,
    Call::Print,
];

/// Where a shop has staff: the owner, a manager, a clerk who may send so much back on a day, and one who may send nothing.
const STAFF: [(&str, Role, Option<Fen>); 4] = [
    ("boss", Role::Owner, None),
    ("max", Role::Manager, None),
    (CLERK, Role::Clerk, Some(CLERKS_DAY)),
    ("lee", Role::Clerk, None),
];

/// The clerk with a limit, which holds at each counter.
pub(crate) const CLERK: &str = "kim";
pub(crate) const CLERKS_DAY: Fen = Fen::new(3_000);

/// Above this the owner decides, or somebody else agrees.
pub(crate) const SECOND_PERSON_ABOVE: Fen = Fen::new(2_000);

/// A life that ended well, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lived {
    /// Refunds that have left the merchant's account.
    pub moved: u64,
    /// How often one was sent.
    pub sent: u64,
    /// How often the program ended in the middle.
    pub ended: u64,
    /// How often something forbidden was tried on the database.
    pub attempts: u64,
}

impl Lived {
    /// Takes another life's numbers in.
    pub fn add(&mut self, other: Lived) {
        self.moved += other.moved;
        self.sent += other.sent;
        self.ended += other.ended;
        self.attempts += other.attempts;
    }
}

/// What was wrong in a life, and all that happened in it.
#[derive(Debug, Clone)]
pub struct Breach {
    /// What.
    pub found: Vec<String>,
    /// The calls, one in a line.
    pub journal: Vec<String>,
}

/// Lives the life of a seed on mirrors that begin as `blank`, with these guards of the engine's.
pub fn live(seed: u64, blank: &Blank, guards: Guards) -> Result<Lived, Breach> {
    let (lived, breach) = play(seed, blank, guards, |found| !found.is_empty());
    if breach.found.is_empty() { Ok(lived) } else { Err(breach) }
}

/// The same, with all that happened however it ended.
pub fn tell(seed: u64, blank: &Blank, guards: Guards) -> (Lived, Breach) {
    play(seed, blank, guards, |_| true)
}

/// `tells`: whether all that happened is asked for, by what was found. Putting it into words takes its time.
fn play(seed: u64, blank: &Blank, guards: Guards, tells: fn(&[String]) -> bool) -> (Lived, Breach) {
    play_on(blank.clone(), async |mut shop: Shop| {
        shop.guards = guards;
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        shop.tickets.print_refunds = true;
        let mut life = Life {
            rng: ChaCha8Rng::seed_from_u64(seed),
            shop,
            backup: None,
            staffed: false,
            found: Vec::new(),
            lived: Lived::default(),
        };
        life.open_the_shop().await;
        for _ in 0..life.rng.random_range(1..5) {
            if life.rng.random_bool(0.02) {
                life.a_claim_goes_on_to_another().await;
            } else {
                life.day_goes_on().await;
            }
        }
        life.settle().await;
        life.read_the_logs().await;
        let mut found = life.found;
        found.extend(books::faults(&life.shop));
        let world = &life.shop.world;
        let (moved, sent) = (world.movements().len() as u64, world.count(Call::Refund) as u64);
        let journal = if tells(&found) { told(&life.shop) } else { Vec::new() };
        (Lived { moved, sent, ..life.lived }, Breach { found, journal })
    })
}

/// All that happened in a shop, one line for each call, each clock that was set and each mirror that became another one.
fn told(shop: &Shop) -> Vec<String> {
    let calls = shop.world.calls(&Call::ALL);
    let calls = calls.iter().map(|entry| {
        let learnt = entry.learnt.map(|(learnt, _)| learnt);
        (entry.at, format!("{} {:?} {} {learnt:?}", entry.till, entry.call, entry.about))
    });
    let set = shop.world.clock_set().into_iter().map(|at| (at, "the clock is set".to_owned()));
    let forgot = shop.world.forgot().into_iter();
    let forgot = forgot.map(|forgot| (forgot.at, format!("{} has another mirror", forgot.till)));
    let mut told: Vec<(Timestamp, String)> = set.chain(forgot).chain(calls).collect();
    told.sort_by_key(|(at, _)| *at);
    told.into_iter().map(|(at, what)| format!("{at} {what}")).collect()
}

struct Life {
    rng: ChaCha8Rng,
    shop: Shop,
    /// A copy of a counter's mirror.
    backup: Option<(&'static str, PathBuf)>,
    /// Whether the counters have staff.
    staffed: bool,
    found: Vec<String>,
    lived: Lived,
}

/// What a person does.
#[derive(Debug, Clone)]
enum Deed {
    Approve(String, i64),
    /// A double click.
    ApproveTwice(String, i64),
    /// Two people at one counter, each with another refund of what may be the same order.
    ApproveBoth((String, i64), (String, i64)),
    Refuse(String),
    Start(String, i64),
    Resume,
    /// The console is left to itself.
    Serve,
    /// Somebody who may not, where there is staff.
    ApproveWithoutRight(String, i64),
}

/// What a person does, and who that is where there is staff.
#[derive(Debug, Clone)]
struct Turn {
    deed: Deed,
    by: &'static str,
    /// Who agrees.
    second: Option<&'static str>,
}

impl Life {
    /// Orders are sold, some of their buyers want money back, and every counter knows.
    async fn open_the_shop(&mut self) {
        let (shop, rng) = (&self.shop, &mut self.rng);
        let orders = rng.random_range(1..3);
        for order in 1..=orders {
            shop.sell(&order.to_string(), rng.random_range(100..5_000));
        }
        for request in 1..=rng.random_range(1..4) {
            let order = rng.random_range(1..=orders).to_string();
            let total = shop.world.state().backend.orders[&order_id(&order)].payment.total.get();
            let amount = if rng.random_bool(0.3) { total } else { rng.random_range(1..=total) };
            shop.want_back(&format!("r{request}"), &order, amount);
        }
        {
            let mut state = shop.world.state();
            state.wechat.takes = seconds(rng.random_range(0..20));
            state.wechat.lag = seconds([0, 0, 0, 5][rng.random_range(0..4)]);
            state.wechat.strict_minute = rng.random_bool(0.5);
            state.wechat.ends = end(rng);
            state.backend.shows_current = rng.random_bool(0.9);
            if rng.random_bool(0.15) {
                state.backend.capabilities.payout = PayoutMode::Backend;
            }
        }
        self.staffed = rng.random_bool(0.3);
        for till in TILLS {
            let console = shop.console_of(till);
            console.round().await.unwrap();
            if self.staffed {
                hire(&console).await;
            }
        }
        if self.staffed && rng.random_bool(0.5) {
            // Whoever puts it back finds claims of theirs at the backend, and that nobody here approved them.
            self.backup = Some((TILLS[0], shop.back_up(TILLS[0])));
        }
    }

    /// Somebody does something, and the program may end while it works at it.
    async fn day_goes_on(&mut self) {
        let till = if self.rng.random_bool(0.7) { TILLS[0] } else { TILLS[1] };
        self.world_changes(till);
        self.shop.world.backend_pays();
        for _ in 0..self.rng.random_range(0..4) {
            let call = CALLS[self.rng.random_range(0..CALLS.len())];
            let fault = fault(&mut self.rng, call);
            self.shop.world.once(call, fault);
        }
        let turn = self.turn();
        let other = if till == TILLS[0] { TILLS[1] } else { TILLS[0] };
        let beside = self.rng.random_bool(0.3).then(|| (self.shop.console_of(other), self.turn()));
        let others_end = Duration::from_millis(self.rng.random_range(1_000..40_000));
        let clock = self.rng.random_bool(0.12).then(|| {
            let after = Duration::from_millis(self.rng.random_range(0..20_000));
            (after, seconds(self.rng.random_range(-20_000..20_000)))
        });
        let console = self.shop.console_of(till);
        let patience = seconds(self.rng.random_range(1..25));
        let (mut changes, world) = (console.mirror().changes(), self.shop.world.clone());
        let last = changes.borrow().revision + self.rng.random_range(0..24);
        let at_commit = self.rng.random_bool(0.5);
        let power_cut = Duration::from_millis(self.rng.random_range(0..30_000));
        let crash = async {
            tokio::select! {
                biased;
                () = world.hangs() => {}
                _ = changes.wait_for(|changed| changed.revision > last), if at_commit => {}
                () = tokio::time::sleep(power_cut) => {}
            }
        };
        self.remember(&turn.deed);
        beside.iter().for_each(|(_, turn)| self.remember(&turn.deed));
        // One after the other: a PIN is compared on a thread of its own, of which nobody knows when it is done.
        let actor = sign_in_both(&console, &turn).await;
        let others = match &beside {
            Some((console, turn)) => sign_in_both(console, turn).await,
            None => Actor::nobody(),
        };
        let works_beside = async {
            if let Some((console, turn)) = &beside {
                until(perform(console, &turn.deed, &others, patience), tokio::time::sleep(others_end)).await;
            }
        };
        let sets_the_clock = async {
            if let Some((after, ahead)) = clock {
                tokio::time::sleep(after).await;
                self.shop.world.put_clock_ahead(ahead);
            }
        };
        let works = until(perform(&console, &turn.deed, &actor, patience), crash);
        let (done, (), ()) = tokio::join!(works, works_beside, sets_the_clock);
        if done.is_none() {
            self.lived.ended += 1;
        }
        console.end().await;
        if let Some((console, _)) = beside {
            console.end().await;
        }
        self.try_the_guards(till);
        pass(self.rng.random_range(0..30)).await;
        if self.rng.random_bool(0.1) {
            // Long enough for the other counter to take over.
            pass(301).await;
        }
    }

    /// A counter that cannot reach WeChat keeps a claim until it is over, another one takes over, and the first one goes on,
    /// by a clock that may be slow.
    async fn a_claim_goes_on_to_another(&mut self) {
        self.shop.world.heal();
        let (id, amount) = self.wish();
        self.remember(&Deed::Approve(id.clone(), amount));
        if self.rng.random_bool(0.5) {
            self.shop.world.put_clock_of(TILLS[0], seconds(-self.rng.random_range(0..20_000)));
        }
        let reaches = self.rng.random_range(0..3);
        for (till, patience) in TILLS.into_iter().zip([5, 90]) {
            for _ in 0..20 {
                self.shop
                    .world
                    .once(Call::Refund, Fault::Gateway(GatewayOutcome::NotSent, "console:unreachable"));
            }
            let console = self.shop.console_of(till);
            let approval = Approval { actor: sign_in(&console, "boss").await, ..approval(amount) };
            let _ = console.approve_and_wait(&request_id(&id), &approval, seconds(patience)).await;
            console.end().await;
            if till == TILLS[0] {
                pass(self.rng.random_range(290..320)).await;
            }
        }
        self.shop.world.heal();
        for till in TILLS.into_iter().take(reaches) {
            let console = self.shop.console_of(till);
            let boss = sign_in(&console, "boss").await;
            let _ = console.resume_and_wait(&boss, seconds(30)).await;
            console.end().await;
        }
    }

    /// Things that happen to a shop between two deeds.
    fn world_changes(&mut self, till: &'static str) {
        let (shop, rng) = (&self.shop, &mut self.rng);
        // Where there is staff a mirror is put back more often: what is found then has to wait for a person.
        match rng.random_range(0..if self.staffed { 12 } else { 24 }) {
            0 | 1 => self.backup = Some((till, shop.back_up(till))),
            2 | 3 => {
                if let Some((till, file)) = &self.backup {
                    shop.restore(till, file);
                }
            }
            4 => shop.lose_mirror(till),
            5 => shop.world.put_clock_ahead(seconds(rng.random_range(-20_000..20_000))),
            6 => shop.world.state().backend.lose_cursors(),
            7 => shop.world.state().backend.tell_again(),
            8 => shop.world.state().wechat.ends = end(rng),
            9 if rng.random_bool(0.2) => shop.world.state().backend.forget_keys(),
            _ => {}
        }
    }

    fn turn(&mut self) -> Turn {
        let deed = self.deed();
        let people =
            [("boss", None), (CLERK, None), (CLERK, Some("max")), ("max", None), ("max", Some("boss"))];
        let (by, second) = match deed {
            Deed::ApproveWithoutRight(..) => ("lee", None),
            _ if self.rng.random_bool(0.5) => ("boss", None),
            _ => people[self.rng.random_range(0..people.len())],
        };
        Turn { deed, by, second }
    }

    fn deed(&mut self) -> Deed {
        let (request, another) = (self.wish(), self.wish());
        let rng = &mut self.rng;
        match rng.random_range(0..13) {
            0..4 => Deed::Approve(request.0, request.1),
            4..6 => Deed::ApproveTwice(request.0, request.1),
            6 => Deed::ApproveBoth(request, another),
            7 => {
                let orders = self.shop.world.state().backend.orders.len();
                let order = rng.random_range(1..=orders).to_string();
                let total = self.shop.world.state().backend.orders[&order_id(&order)].payment.total.get();
                Deed::Start(order, rng.random_range(1..=total))
            }
            8 if rng.random_bool(0.3) => Deed::Refuse(request.0),
            8..10 => Deed::Resume,
            10 if self.staffed => Deed::ApproveWithoutRight(request.0, request.1),
            _ => Deed::Serve,
        }
    }

    /// A request and how much of it somebody would give back: mostly what was asked for.
    fn wish(&mut self) -> (String, i64) {
        let requests: Vec<(String, i64)> = {
            let state = self.shop.world.state();
            let requests = state.backend.requests.values();
            requests.map(|request| (request.id.to_string(), request.amount.get())).collect()
        };
        let (id, asked) = requests[self.rng.random_range(0..requests.len())].clone();
        let amount = if self.rng.random_bool(0.8) { asked } else { self.rng.random_range(1..=asked) };
        (id, amount)
    }

    fn remember(&self, deed: &Deed) {
        let mut state = self.shop.world.state();
        let approved = match deed {
            Deed::Approve(id, fen) | Deed::ApproveTwice(id, fen) | Deed::Start(id, fen) => {
                vec![(id.clone(), *fen)]
            }
            Deed::ApproveBoth(one, other) => vec![one.clone(), other.clone()],
            Deed::Refuse(_) | Deed::Resume | Deed::Serve | Deed::ApproveWithoutRight(..) => Vec::new(),
        };
        state.approved.extend(approved);
    }

    fn try_the_guards(&mut self, till: &str) {
        if self.rng.random_bool(0.08) {
            self.lived.attempts += 1;
            let file = Connection::open(self.shop.file(till)).unwrap();
            let let_happen = guards::attempt_all(&file);
            self.found.extend(
                let_happen.into_iter().map(|what| format!("the database of {till} lets happen: {what}")),
            );
        }
    }
}

async fn hire(console: &Console) {
    for (id, role, per_day) in STAFF {
        let limits = OwnLimits { per_refund: None, per_day };
        let new = NewStaff { id: StaffId::new(id).unwrap(), name: id.to_owned(), role, limits };
        let boss = sign_in(console, "boss").await;
        console.people().add(&boss, new, &pin()).await.unwrap();
    }
    let rules = Rules { second_person_above: Some(SECOND_PERSON_ABOVE), ..Rules::default() };
    let boss = sign_in(console, "boss").await;
    console.people().set_rules(&boss, rules, None).await.unwrap();
}

fn pin() -> Secret<String> {
    Secret::new("2580".to_owned())
}

/// Somebody of the staff; nobody where there is none, as after a mirror was lost.
async fn sign_in(console: &Console, id: &str) -> Actor {
    let people = console.people();
    if people.staff().await.unwrap().is_empty() {
        return Actor::nobody();
    }
    let id = StaffId::new(id).unwrap();
    // A mirror put back may know nobody of this name, or a clock that was set may keep them out.
    people.sign_in(&id, &pin()).await.map_or_else(|_| Actor::nobody(), Actor::from)
}

/// Whoever does it, with whoever agrees.
async fn sign_in_both(console: &Console, turn: &Turn) -> Actor {
    let first = sign_in(console, turn.by).await;
    let Some(second) = turn.second.filter(|_| first.id().is_some()) else { return first };
    let id = StaffId::new(second).unwrap();
    first.with_second(console.people().sign_in_second(&id, &pin()).await.ok())
}

async fn perform(console: &Console, deed: &Deed, actor: &Actor, patience: domain::time::SignedDuration) {
    let approval = |amount: i64| Approval { actor: actor.clone(), ..approval(amount) };
    // Refusals are as good an end as any; what counts is what stands in the books.
    match deed {
        // Where a mirror was lost nobody is defined any more, and whoever sits there is the owner.
        Deed::ApproveWithoutRight(..) if actor.id().is_none() => {}
        Deed::Approve(id, fen) | Deed::ApproveWithoutRight(id, fen) => {
            let _ = console.approve_and_wait(&request_id(id), &approval(*fen), patience).await;
        }
        Deed::ApproveTwice(id, fen) => {
            let (id, approval) = (request_id(id), approval(*fen));
            let _ = tokio::join!(
                console.approve_and_wait(&id, &approval, patience),
                console.approve_and_wait(&id, &approval, patience),
            );
        }
        Deed::ApproveBoth((one, one_fen), (other, other_fen)) => {
            let (one, other) = (request_id(one), request_id(other));
            let (one_approval, other_approval) = (approval(*one_fen), approval(*other_fen));
            let _ = tokio::join!(
                console.approve_and_wait(&one, &one_approval, patience),
                console.approve_and_wait(&other, &other_approval, patience),
            );
        }
        Deed::Refuse(id) => {
            let _ = console.reject(&request_id(id), "no", actor, None).await;
        }
        Deed::Start(order, amount) => {
            let number = format!("N{order}");
            let _ = console.refund_order_and_wait(&number, fen(*amount), "sold out", actor, patience).await;
        }
        Deed::Resume => {
            let _ = console.resume_and_wait(actor, patience).await;
        }
        Deed::Serve => {
            let _ = console.serve().await;
        }
    }
}

fn approval(amount: i64) -> Approval {
    Approval { amount: Some(fen(amount)), ..Approval::default() }
}

/// How WeChat ends a refund: mostly well.
fn end(rng: &mut ChaCha8Rng) -> RefundStatus {
    match rng.random_range(0..6) {
        0 => RefundStatus::Close,
        1 => RefundStatus::Change,
        _ => RefundStatus::Success,
    }
}

/// What a call of either side may meet.
fn fault(rng: &mut ChaCha8Rng, call: Call) -> Fault {
    let when = if rng.random_bool(0.5) { When::Before } else { When::After };
    let at_wechat = matches!(call, Call::Query | Call::Refund | Call::QueryRefund);
    match rng.random_range(0..8) {
        2 | 3 if call == Call::Print => Fault::Jam(rng.random_range(0..300)),
        4 | 5 if call == Call::Print => Fault::NoPrinter,
        0 | 1 => Fault::Hang(when),
        2 | 3 => Fault::Silence(when),
        4 | 5 if call == Call::Refund => {
            let refusals = [
                Fault::Gateway(GatewayOutcome::Refused, "NOTENOUGH"),
                Fault::Gateway(GatewayOutcome::RefusedUnlessEarlier, "INVALID_REQUEST"),
                Fault::Gateway(GatewayOutcome::NotSent, "console:unreachable"),
                Fault::Gateway(GatewayOutcome::Unknown, "SYSTEMERROR"),
                Fault::Gateway(GatewayOutcome::Unknown, "BIZERR_NEED_RETRY"),
                Fault::Gateway(GatewayOutcome::Unknown, "FREQUENCY_LIMITED"),
            ];
            refusals[rng.random_range(0..refusals.len())].clone()
        }
        4 | 5 if at_wechat => Fault::Gateway(GatewayOutcome::Refused, "SIGNERROR"),
        4 => Fault::Source(SourceErrorKind::Transient { retry_after_s: Some(2) }),
        5 => {
            let refusals = [
                SourceErrorKind::Unauthenticated,
                SourceErrorKind::Forbidden,
                SourceErrorKind::NotFound,
                SourceErrorKind::Refused,
            ];
            Fault::Source(refusals[rng.random_range(0..refusals.len())].clone())
        }
        _ => Fault::Slow(Duration::from_secs(rng.random_range(1..40))),
    }
}
