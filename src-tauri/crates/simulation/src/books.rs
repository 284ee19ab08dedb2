//! What must be true at the end of every life, from WeChat's own books and from what was said on the way.

use std::collections::{BTreeMap, BTreeSet};

use domain::time::{SignedDuration, Timestamp, beijing_day};
use domain::{Fen, OutRefundNo, RefundRequestId, RefundState, RefundStatus, TerminalId};
use rusqlite::Connection;

use crate::life::{CLERK, CLERKS_DAY, SECOND_PERSON_ABOVE};
use crate::world::{Call, Entry, Forgot, Learnt, Shop};

/// Two answers "no such refund" lie so far apart before a refund is sent again (`product.md` 6).
const APART: SignedDuration = SignedDuration::from_secs(2);

/// Everything that is wrong.
pub fn faults(shop: &Shop) -> Vec<String> {
    let mut found = shop.world.state().breaches.clone();
    found.extend(above_the_payment(shop));
    found.extend(unequal_books(shop));
    found.extend(open_ends(shop));
    found.extend(repeated_blindly(shop));
    found.extend(asked_twice_at_once(shop));
    found.extend(printed_twice(shop));
    found.extend(mistaken_mirrors(shop));
    found.extend(beyond_a_right(shop));
    found
}

/// No payment gives back more than came in.
fn above_the_payment(shop: &Shop) -> Vec<String> {
    let state = shop.world.state();
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for (_, payment, fen, end) in state.wechat.booked() {
        if *end != RefundStatus::Close {
            *sums.entry(payment).or_default() += fen;
        }
    }
    let paid = |payment: &str| state.wechat.payments.get(payment).and_then(|paid| paid.total);
    sums.into_iter()
        .filter(|(payment, sum)| paid(payment).is_none_or(|paid| *sum > paid.get()))
        .map(|(payment, sum)| format!("{sum} went back of {payment}, which brought {:?}", paid(payment)))
        .collect()
}

/// What the backend calls refunded is what has left the merchant's account, number by number and order by order.
fn unequal_books(shop: &Shop) -> Vec<String> {
    let moved: BTreeSet<(String, i64)> = shop.world.movements().into_iter().collect();
    let state = shop.world.state();
    let told: BTreeSet<(String, i64)> = state
        .backend
        .requests
        .values()
        .filter(|request| request.state == RefundState::Succeeded)
        .map(|request| {
            let number = request.payout.refund_no.as_ref().map(ToString::to_string).unwrap_or_default();
            (number, request.payout.amount.unwrap_or_default().get())
        })
        .collect();
    let mut found = Vec::new();
    for (number, fen) in moved.difference(&told) {
        found.push(format!("{fen} left under {number}, and the backend does not know it"));
    }
    for (number, fen) in told.difference(&moved) {
        found.push(format!("the backend has {fen} under {number}, which never left"));
    }
    let mut of_orders: BTreeMap<_, i64> = BTreeMap::new();
    for request in state.backend.requests.values().filter(|one| one.state == RefundState::Succeeded) {
        let fen = request.payout.amount.unwrap_or_default().get();
        *of_orders.entry(request.order_id.clone()).or_default() += fen;
    }
    for order in state.backend.orders.values() {
        let sum = of_orders.get(&order.id).copied().unwrap_or_default();
        if order.amounts.refunded.get() != sum {
            let booked = order.amounts.refunded;
            found.push(format!("order {} has {booked} booked as refunded instead of {sum}", order.id));
        }
    }
    found
}

/// Nothing that was claimed is left in the air once everybody can be reached again.
fn open_ends(shop: &Shop) -> Vec<String> {
    let state = shop.world.state();
    let requests = state.backend.requests.values();
    requests
        .filter(|request| request.state == RefundState::Processing)
        .map(|request| format!("{} is still on its way: {:?}", request.id, request.payout))
        .collect()
}

/// What is not known to have failed is asked for, twice and some time apart, before it is sent again; what WeChat is
/// known to have is never sent again.
fn repeated_blindly(shop: &Shop) -> Vec<String> {
    let calls = shop.world.calls(&[Call::Refund, Call::QueryRefund]);
    let mut numbers: BTreeMap<(TerminalId, String), Vec<&Entry>> = BTreeMap::new();
    for call in &calls {
        let number = call.about.split(' ').next().unwrap_or_default().to_owned();
        numbers.entry((call.till.clone(), number)).or_default().push(call);
    }
    let mut found = Vec::new();
    for ((till, number), own) in &numbers {
        let others = numbers.iter().filter(|((other, same), _)| other != till && same == number);
        let others: Vec<Vec<(Timestamp, Happened)>> =
            others.map(|((other, _), calls)| happened(shop, other, calls)).collect();
        if let Some(what) = blind_repetition(&happened(shop, till, own), &others) {
            found.push(format!("{till} {what} {number}"));
        }
    }
    found
}

/// Nobody asks WeChat about a number while a question about it is on its way.
fn asked_twice_at_once(shop: &Shop) -> Vec<String> {
    let calls = shop.world.calls(&[Call::QueryRefund]);
    let mut found = Vec::new();
    for (place, one) in calls.iter().enumerate() {
        let Some((_, answered)) = one.learnt else { continue };
        let same = |other: &&Entry| other.till == one.till && other.about == one.about && other.at < answered;
        if calls[place + 1..].iter().any(|other| same(&other)) {
            found.push(format!("{} asks twice at once about {} [turns]", one.till, one.about));
        }
    }
    found
}

/// What one console did and learnt about a number, and what befell its memory and its clock, in order.
fn happened(shop: &Shop, till: &TerminalId, calls: &[&Entry]) -> Vec<(Timestamp, Happened)> {
    // A console that has forgotten everything is not held to what it knew.
    let forgot: Vec<Forgot> = shop.world.forgot().into_iter().filter(|forgot| forgot.till == *till).collect();
    // Of what happens at one instant a clock that is set comes before what it makes due, and an old mirror's calls and
    // answers before those of the next one.
    let mut happened: Vec<(Timestamp, usize, Happened)> =
        shop.world.clock_set().into_iter().map(|at| (at, 0, Happened::ClockSet)).collect();
    happened.extend(forgot.iter().map(|forgot| (forgot.at, forgot.place, Happened::Forgot)));
    for call in calls {
        let mirror =
            forgot.iter().map(|forgot| forgot.place).rfind(|place| *place <= call.place).unwrap_or(0);
        let mut happens = |at, what| happened.push((at, mirror, what));
        match (call.call, call.learnt) {
            (Call::Refund, learnt) => {
                happens(call.at, Happened::Sent);
                match learnt {
                    Some((Learnt::Done, at)) => happens(at, Happened::Found),
                    Some((Learnt::Failed, at)) => happens(at, Happened::Refused),
                    Some((Learnt::Absent | Learnt::Nothing, _)) | None => {}
                }
            }
            (_, Some((Learnt::Done, at))) => happens(at, Happened::Found),
            (_, Some((Learnt::Absent, at))) => happens(at, Happened::Denied),
            (_, Some((Learnt::Failed | Learnt::Nothing, _)) | None) => {}
        }
    }
    // Of two things at one instant the call came before its answer, and the answer before the next call.
    happened.sort_by_key(|(at, mirror, _)| (*at, *mirror));
    happened.into_iter().map(|(at, _, what)| (at, what)).collect()
}

fn blind_repetition(
    own: &[(Timestamp, Happened)],
    others: &[Vec<(Timestamp, Happened)>],
) -> Option<&'static str> {
    let mut knows = Knows::default();
    let (mut sent, mut forgot) = (false, false);
    own.iter().find_map(|(at, what)| {
        let asked = knows.asked();
        let wrong = knows.learns(*at, *what);
        forgot |= matches!(what, Happened::Forgot);
        if !matches!(what, Happened::Sent) {
            return wrong;
        }
        // What another terminal may have sent is asked for as well, by whoever takes over.
        let first = !std::mem::replace(&mut sent, true);
        let blind = first && !forgot && !asked && others.iter().any(|other| may_have_sent(other, *at));
        wrong.or_else(|| {
            blind.then_some("sends without having asked what another one sent [asked_after_another]:")
        })
    })
}

/// Whether a console knew at this instant that the number may be at WeChat because of it. What WeChat has denied twice since
/// is not: that is how a refusal becomes an end.
fn may_have_sent(happened: &[(Timestamp, Happened)], until: Timestamp) -> bool {
    let mut knows = Knows::default();
    for (at, what) in happened.iter().filter(|(at, _)| *at < until) {
        let _ = knows.learns(*at, *what);
    }
    (knows.in_doubt && !knows.asked()) || knows.has_it
}

#[derive(Debug, Clone, Copy)]
enum Happened {
    Sent,
    Found,
    Refused,
    Denied,
    Forgot,
    ClockSet,
}

/// What a console knows of a number.
#[derive(Debug, Default)]
struct Knows {
    in_doubt: bool,
    has_it: bool,
    denied: Option<(Timestamp, Timestamp)>,
    /// Whether the clock was set between the denials: how far they lie apart is not what the console reckoned.
    clock_set: bool,
}

impl Knows {
    /// Whether WeChat has said twice, some time apart, that it has no such refund.
    fn asked(&self) -> bool {
        self.denied.is_some_and(|(first, last)| {
            last.duration_since(first) >= APART || (self.clock_set && last > first)
        })
    }

    /// Answers what is wrong with that, if anything is.
    fn learns(&mut self, at: Timestamp, what: Happened) -> Option<&'static str> {
        match what {
            Happened::Sent => {
                let wrong = match (self.has_it, self.in_doubt && !self.asked()) {
                    (true, _) => Some("sends again what WeChat has [asked_before_again]:"),
                    (false, true) => Some("sends again without having asked [asked_before_again]:"),
                    (false, false) => None,
                };
                *self = Knows { in_doubt: true, ..Knows::default() };
                return wrong;
            }
            Happened::Found => self.has_it = true,
            Happened::Refused => self.in_doubt = false,
            Happened::Denied => {
                let (first, _) = self.denied.unwrap_or((at, at));
                self.denied = Some((first, at));
            }
            Happened::ClockSet => self.clock_set = self.denied.is_some(),
            Happened::Forgot => *self = Knows::default(),
        }
        None
    }
}

/// What a counter's mirror calls ended has ended so at WeChat, and nothing that may have happened is left open.
fn mistaken_mirrors(shop: &Shop) -> Vec<String> {
    let now = shop.world.time();
    let mut found = Vec::new();
    for till in shop.tills() {
        let file = Connection::open(shop.file(&till)).unwrap();
        let mut payouts = file.prepare("SELECT out_refund_no, state, counts FROM payouts").unwrap();
        let payouts = payouts
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap()
            .map(Result::unwrap);
        for (number, state, counts) in payouts.collect::<Vec<(String, String, bool)>>() {
            let stands = shop.world.state().wechat.stands(&OutRefundNo::new(number.as_str()).unwrap(), now);
            let fits = match state.as_str() {
                "succeeded" => stands == Some(RefundStatus::Success),
                "closed" => matches!(stands, None | Some(RefundStatus::Close)),
                // Another counter may have had more luck under the number since.
                "failed" => {
                    matches!(stands, None | Some(RefundStatus::Close))
                        || others_may_have_it(shop, &till, &number)
                }
                "abnormal" => stands.is_some(),
                _ => !counts,
            };
            if !fits {
                found.push(format!("{till} has {number} as {state}, which stands {stands:?}"));
            }
        }
    }
    found
}

/// Whether somebody else may have sent the number: another counter, or this one under another mirror.
fn others_may_have_it(shop: &Shop, till: &str, number: &str) -> bool {
    let state = shop.world.state();
    let forgot = TerminalId::new(till).is_ok_and(|till| !state.remembers(&till));
    drop(state);
    let sent = shop.world.calls(&[Call::Refund]);
    let same = |entry: &&Entry| entry.about.split(' ').next() == Some(number);
    forgot || sent.iter().filter(same).any(|entry| entry.till.as_str() != till)
}

/// What went back was decided on by somebody who may, within their limits.
fn beyond_a_right(shop: &Shop) -> Vec<String> {
    let state = shop.world.state();
    let mut found = Vec::new();
    let mut of_the_clerk: BTreeMap<&TerminalId, Fen> = BTreeMap::new();
    let paid = |id: &RefundRequestId| state.backend.requests.get(id).map(|request| &request.state);
    let decided = state.backend.decided.iter();
    for (id, decided) in decided.filter(|(id, _)| paid(id) == Some(&RefundState::Succeeded)) {
        let Some(by) = &decided.by else { continue };
        if !matches!(by.id.as_str(), "boss" | "max" | CLERK) {
            found.push(format!("{id} was paid because {} wanted it", by.id));
        }
        let agreed = by.second.as_ref().is_some_and(|second| second.id != by.id && second.id != CLERK);
        if by.id != "boss" && decided.amount > SECOND_PERSON_ABOVE && !agreed {
            found.push(format!("{id} was paid because {} alone wanted it: {}", by.id, decided.amount));
        }
        // A scene begins shortly before midnight. On which side of it a decision fell that was carried out later, only the
        // counter knows.
        if by.id == CLERK && beijing_day(decided.at).start == beijing_day(shop.world.began_at()).start {
            let sum = of_the_clerk.entry(&decided.till).or_default();
            *sum = sum.checked_add(decided.amount).unwrap();
        }
    }
    // A counter with another mirror does not know what was decided by the one before.
    for (till, sum) in of_the_clerk {
        if sum > CLERKS_DAY && state.remembers(till) {
            found.push(format!("{sum} went back at {till} because {CLERK} wanted it"));
        }
    }
    found
}

/// A refund's slip comes out once, or says that it may be there already.
fn printed_twice(shop: &Shop) -> Vec<String> {
    let state = shop.world.state();
    if !state.everybody_remembers() {
        return Vec::new();
    }
    let mut slips: BTreeMap<String, u32> = BTreeMap::new();
    for paper in &state.desktop.papers {
        if let Some(slip) = &paper.refund
            && !paper.possible_duplicate
            && paper.reprint == 0
        {
            *slips.entry(slip.payout.out_refund_no.to_string()).or_default() += 1;
        }
    }
    slips
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|(number, count)| format!("{count} slips of {number}, and none says so"))
        .collect()
}
