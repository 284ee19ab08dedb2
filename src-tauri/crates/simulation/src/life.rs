//! A shop's refunds, lived by a seed: what people decide, what goes wrong meanwhile, and how it settles.
//!
//! The same seed is the same life. Whatever goes wrong is healed in the end; then every refund that somebody approved has
//! to be known, and the books have to be right ([`crate::books`]).

use std::path::PathBuf;
use std::time::Duration;

use domain::{BackendPayoutState, Fen, RefundState, RefundStatus};
use engine::ports::{GatewayOutcome, SourceErrorKind};
use engine::{Actor, Approval, Error};
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
const CALLS: [Call; 8] = [
    Call::RefundRequest,
    Call::Order,
    Call::Approve,
    Call::RefundOrder,
    Call::Refund,
    Call::QueryRefund,
    Call::Report,
    Call::Changes,
];

/// How often everybody tries again once nothing goes wrong any more.
const ROUNDS: u32 = 10;

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

/// Lives the life of a seed on mirrors that begin as `blank`.
pub fn live(seed: u64, blank: &Blank) -> Result<Lived, Breach> {
    play_on(blank.clone(), async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        shop.tickets.print_refunds = true;
        let mut life = Life {
            rng: ChaCha8Rng::seed_from_u64(seed),
            shop,
            backup: None,
            found: Vec::new(),
            lived: Lived::default(),
        };
        life.open_the_shop().await;
        for _ in 0..life.rng.random_range(1..5) {
            life.day_goes_on().await;
        }
        life.settle().await;
        let mut found = life.found;
        found.extend(books::faults(&life.shop));
        let world = &life.shop.world;
        if found.is_empty() {
            let (moved, sent) = (world.movements().len() as u64, world.count(Call::Refund) as u64);
            return Ok(Lived { moved, sent, ..life.lived });
        }
        let journal = world.calls(&Call::ALL);
        let journal = journal.iter().map(|entry| {
            let learnt = entry.learnt.map(|(learnt, _)| learnt);
            format!("{} {} {:?} {} {learnt:?}", entry.at, entry.till, entry.call, entry.about)
        });
        Err(Breach { found, journal: journal.collect() })
    })
}

struct Life {
    rng: ChaCha8Rng,
    shop: Shop,
    /// A copy of a counter's mirror.
    backup: Option<(&'static str, PathBuf)>,
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
        }
        for till in TILLS {
            shop.console_of(till).round().await.unwrap();
        }
    }

    /// Somebody does something, and the program may end while it works at it.
    async fn day_goes_on(&mut self) {
        let till = if self.rng.random_bool(0.7) { TILLS[0] } else { TILLS[1] };
        self.world_changes(till);
        for _ in 0..self.rng.random_range(0..4) {
            let call = CALLS[self.rng.random_range(0..CALLS.len())];
            let fault = fault(&mut self.rng, call);
            self.shop.world.once(call, fault);
        }
        let deed = self.deed();
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
        self.remember(&deed);
        if until(perform(&console, &deed, patience), crash).await.is_none() {
            self.lived.ended += 1;
        }
        console.end().await;
        self.try_the_guards(till);
        pass(self.rng.random_range(0..30)).await;
        if self.rng.random_bool(0.1) {
            // Long enough for the other counter to take over.
            pass(301).await;
        }
    }

    /// Things that happen to a shop between two deeds.
    fn world_changes(&mut self, till: &'static str) {
        let (shop, rng) = (&self.shop, &mut self.rng);
        match rng.random_range(0..24) {
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
            _ => {}
        }
    }

    fn deed(&mut self) -> Deed {
        let (request, another) = (self.wish(), self.wish());
        let rng = &mut self.rng;
        match rng.random_range(0..12) {
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
            Deed::Refuse(_) | Deed::Resume | Deed::Serve => Vec::new(),
        };
        state.approved.extend(approved);
    }

    fn try_the_guards(&mut self, till: &str) {
        if self.rng.random_bool(0.15) {
            self.lived.attempts += 1;
            let file = Connection::open(self.shop.file(till)).unwrap();
            let let_happen = guards::attempt_all(&file);
            self.found.extend(
                let_happen.into_iter().map(|what| format!("the database of {till} lets happen: {what}")),
            );
        }
    }

    /// No more faults: every counter does what it can until the backend knows an end of all that was approved.
    async fn settle(&mut self) {
        let world = self.shop.world.clone();
        world.heal();
        world.put_clock_ahead(seconds(0));
        {
            let mut state = world.state();
            state.wechat.ends = RefundStatus::Success;
            state.wechat.settle_all();
        }
        let mut heard = false;
        for _ in 0..ROUNDS {
            for till in TILLS {
                let console = self.shop.console_of(till);
                console.round().await.unwrap();
                console.resume_and_wait(&Actor::nobody(), seconds(90)).await.unwrap();
                for (id, amount) in self.unfinished() {
                    approve_again(&console, &id, amount).await;
                }
                let log =
                    console.mirror().read::<_, mirror::Error>(|view| view.verify_audit()).await.unwrap();
                if !log.is_whole() {
                    self.found.push(format!("the audit log of {till} is not whole: {:?}", log.faults));
                }
                console.end().await;
            }
            if !self.anything_open() {
                // Once more, so that whoever had its turn before the last news hears them too.
                if heard {
                    return;
                }
                heard = true;
                continue;
            }
            pass(301).await;
        }
    }

    /// Requests that somebody approved and that have failed since, or were never claimed: a person tries again, with the
    /// amount that the backend has where it is fixed.
    fn unfinished(&self) -> Vec<(String, i64)> {
        let state = self.shop.world.state();
        let approved =
            |about: &str| state.approved.iter().rev().find(|(id, _)| id == about).map(|(_, fen)| *fen);
        let requests = state.backend.requests.values();
        requests
            .filter_map(|request| {
                let claimed = request.payout.amount.map(Fen::get);
                // What the shop started was decided on by its order; its request came afterwards.
                let started = claimed.filter(|_| request.requested_by == "merchant");
                let wished = approved(request.id.as_str()).or(started)?;
                let fen = match (&request.state, &request.payout.state) {
                    (RefundState::Processing, _) | (RefundState::Failed, BackendPayoutState::Abnormal) => {
                        claimed.unwrap_or(wished)
                    }
                    (RefundState::Pending | RefundState::Failed, _) => wished,
                    _ => return None,
                };
                Some((request.id.to_string(), fen))
            })
            .collect()
    }

    fn anything_open(&self) -> bool {
        let state = self.shop.world.state();
        state.backend.requests.values().any(|request| request.state == RefundState::Processing)
    }
}

async fn perform(console: &Console, deed: &Deed, patience: domain::time::SignedDuration) {
    // Refusals are as good an end as any; what counts is what stands in the books.
    match deed {
        Deed::Approve(id, fen) => {
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
            let _ = console.reject(&request_id(id), "no", &Actor::nobody(), None).await;
        }
        Deed::Start(order, amount) => {
            let number = format!("N{order}");
            let _ = console
                .refund_order_and_wait(&number, fen(*amount), "sold out", &Actor::nobody(), patience)
                .await;
        }
        Deed::Resume => {
            let _ = console.resume_and_wait(&Actor::nobody(), patience).await;
        }
        Deed::Serve => {
            let _ = console.serve().await;
        }
    }
}

async fn approve_again(console: &Console, id: &str, amount: i64) {
    let outcome = console.approve_and_wait(&request_id(id), &approval(amount), seconds(90)).await;
    match outcome {
        Ok(_) => {}
        // Somebody else is at it, it is done, or what is left of the payment is not enough: all of that is an end.
        Err(
            Error::AlreadyRunning { .. }
            | Error::HeldElsewhere { .. }
            | Error::AlreadyDone
            | Error::AmountAbove { .. }
            | Error::AmountFixed { .. }
            | Error::NothingLeft
            | Error::NotDecidable { .. },
        ) => {}
        Err(other) => panic!("{id}: {other}"),
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
    let at_wechat = matches!(call, Call::Refund | Call::QueryRefund);
    match rng.random_range(0..8) {
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
        5 => Fault::Source(SourceErrorKind::Unauthenticated),
        _ => Fault::Slow(Duration::from_secs(rng.random_range(1..40))),
    }
}
