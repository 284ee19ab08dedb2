//! Who may decide about money, and how much: asked where the decision is written down.

use std::time::Duration;

use domain::staff::{LimitKind, OwnLimits, Refusal, Role, Rules, WeakPin};
use domain::{PayoutMode, Secret, StaffId};
use engine::ports::SourceErrorKind;
use engine::{Actor, Approval, Denied, Error, NewPin, NewStaff, Refused, Session, StaffChange};
use serde_json::json;
use simulation::world::{Call, Console, Fault, Shop, When, fen, pass, play, request_id, seconds, whole};

const PINS: [(&str, &str); 5] =
    [("boss", "2580"), ("mia", "1357"), ("max", "8642"), ("kim", "7412"), ("lee", "9630")];

fn id(text: &str) -> StaffId {
    StaffId::new(text).unwrap()
}

fn pin(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn another(new: &str) -> NewPin {
    NewPin { new: pin(new), present: None }
}

fn own(present: &str, new: &str) -> NewPin {
    NewPin { present: Some(pin(present)), ..another(new) }
}

fn pin_of(who: &str) -> Secret<String> {
    pin(PINS.iter().find(|(known, _)| *known == who).unwrap().1)
}

fn new(who: &str, role: Role, per_refund: Option<i64>) -> NewStaff {
    let limits = OwnLimits { per_refund: per_refund.map(fen), per_day: None };
    NewStaff { id: id(who), name: who.to_uppercase(), role, limits }
}

async fn sign_in(console: &Console, who: &str) -> Session {
    console.people().sign_in(&id(who), &pin_of(who)).await.unwrap()
}

async fn try_pin(console: &Console, who: &str, typed: &str) -> Result<Session, Denied> {
    match console.people().sign_in(&id(who), &pin(typed)).await {
        Ok(session) => Ok(session),
        Err(Error::Denied(denied)) => Err(denied),
        Err(other) => panic!("{other:?}"),
    }
}

fn denied<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Denied {
    match outcome {
        Err(Error::Denied(denied)) => denied,
        other => panic!("{other:?}"),
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Refusal {
    match denied(outcome) {
        Denied::Refused(refused) => refused.refusal,
        other => panic!("{other:?}"),
    }
}

/// A counter with an owner, two managers, a clerk who may refund up to 300 fen and one who may not, and five orders of
/// whom each buyer wants 500 fen back. Nobody is signed in.
async fn counter(shop: &Shop, rules: Rules) -> Console {
    for number in 1..=5 {
        let order = number.to_string();
        shop.sell(&order, 3780);
        shop.want_back(&format!("r{number}"), &order, 500);
    }
    let console = shop.console();
    console.round().await.unwrap();
    let people = console.people();
    people.add(&Actor::nobody(), new("boss", Role::Owner, None), &pin_of("boss")).await.unwrap();
    let boss = Actor::from(sign_in(&console, "boss").await);
    for someone in [
        new("mia", Role::Manager, None),
        new("max", Role::Manager, None),
        new("kim", Role::Clerk, Some(300)),
        new("lee", Role::Clerk, None),
    ] {
        let pin = pin_of(someone.id.as_str());
        people.add(&boss, someone, &pin).await.unwrap();
    }
    people.set_rules(&boss, rules, None).await.unwrap();
    people.sign_out().await.unwrap();
    console
}

fn by(session: &Session) -> Approval {
    Approval { actor: session.clone().into(), ..whole() }
}

fn part(session: &Session, amount: i64) -> Approval {
    Approval { amount: Some(fen(amount)), ..by(session) }
}

fn rules(change: impl FnOnce(&mut Rules)) -> Rules {
    let mut rules = Rules::default();
    change(&mut rules);
    rules
}

#[test]
fn with_nobody_defined_the_caller_is_the_owner() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        shop.want_back("r1", "1", 500);
        let console = shop.console();
        console.round().await.unwrap();
        assert_eq!(console.people().signed_in().await.unwrap(), None);
        let row = console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
        assert_eq!((row.payout_word(), row.payout.unwrap().decision.actor), ("succeeded", None));
    });
}

#[test]
fn with_staff_and_nobody_signed_in_no_decision_is_made() {
    play(async |shop: Shop| {
        let console = counter(&shop, Rules::default()).await;
        shop.world.forget_calls();
        let (r1, nobody) = (request_id("r1"), Actor::nobody());
        let refusals = [
            denied(console.approve(&r1, &whole()).await),
            denied(console.agree_return(&r1, &whole()).await),
            denied(console.reject(&r1, "no", &nobody, None).await),
            denied(console.refund_order("1", fen(1), "x", &nobody, None).await),
            denied(console.resume_and_wait(&nobody, seconds(1)).await),
            denied(console.people().set_rules(&nobody, Rules::default(), None).await),
            denied(console.people().add(&nobody, new("eve", Role::Owner, None), &pin("4682")).await),
        ];
        assert_eq!(refusals, [const { Denied::NotSignedIn }; 7]);
        assert_eq!(console.payouts("1").await, []);
        assert_eq!(
            shop.world.told(&[Call::Approve, Call::Reject, Call::RefundOrder, Call::RefundRequest]),
            Vec::<String>::new(),
            "nobody is even asked"
        );
        let row = console.refund(&r1).await.unwrap();
        assert_eq!(row.payout_word(), "none", "looking needs no PIN");
    });
}

#[test]
fn each_role_decides_what_it_may_and_signs_it() {
    play(async |shop: Shop| {
        let console = counter(&shop, Rules::default()).await;
        let lee = sign_in(&console, "lee").await;
        let refusal = refused(console.approve(&request_id("r1"), &by(&lee)).await);
        assert!(matches!(refusal, Refusal::NotForRole { role: Role::Clerk, .. }), "{refusal:?}");
        let kim = sign_in(&console, "kim").await;
        let refusal = refused(console.approve(&request_id("r1"), &by(&kim)).await);
        let above = Refusal::AboveLimit { limit: LimitKind::OwnRefund, at_most: fen(300), left: fen(300) };
        assert_eq!(refusal, above);
        let refusal = refused(console.reject(&request_id("r1"), "no", &kim.clone().into(), None).await);
        assert!(matches!(refusal, Refusal::NotForRole { .. }), "a clerk refuses nothing: {refusal:?}");
        assert_eq!(console.payouts("1").await, []);
        let row = console.approve_and_wait(&request_id("r1"), &part(&kim, 300), seconds(60)).await.unwrap();
        let actor = row.payout.unwrap().decision.actor.unwrap();
        assert_eq!(
            (actor.id.as_str(), actor.name.as_deref()),
            ("kim", Some("KIM")),
            "as the backend is told"
        );
        let mia = sign_in(&console, "mia").await;
        console.approve(&request_id("r2"), &by(&mia)).await.unwrap();
        console.reject(&request_id("r3"), "eaten", &mia.clone().into(), None).await.unwrap();
        let mia = Actor::from(mia);
        assert!(matches!(
            refused(console.people().set_rules(&mia, Rules::default(), None).await),
            Refusal::NotForRole { .. }
        ));
    });
}

#[test]
fn a_refusal_names_those_alone_who_may_do_it_and_what_would_have_gone_is_written_down() {
    play(async |shop: Shop| {
        let console = counter(&shop, rules(|rules| rules.per_person_a_day = Some(fen(800)))).await;
        let max = sign_in(&console, "max").await;
        console.approve(&request_id("r1"), &by(&max)).await.unwrap();
        let able = |outcome: Result<(), Error>| match denied(outcome) {
            Denied::Refused(Refused { able, asked, .. }) => {
                (able.iter().map(ToString::to_string).collect::<Vec<_>>(), asked)
            }
            other => panic!("{other:?}"),
        };
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        // Whole, as asked for: of the managers one has 500 of 800 behind them today, and a clerk's 300 do not suffice.
        let kim = sign_in(&console, "kim").await;
        let refused = able(console.approve(&request_id("r2"), &by(&kim)).await);
        assert_eq!(refused, (names(&["boss", "mia"]), Some(fen(500))), "by a limit");
        let lee = sign_in(&console, "lee").await;
        let refused = able(console.approve(&request_id("r2"), &by(&lee)).await);
        assert_eq!(refused, (names(&["boss", "mia"]), Some(fen(500))), "by the role");
        let refused = able(console.approve(&request_id("r2"), &part(&lee, 300)).await);
        assert_eq!(refused, (names(&["boss", "max", "mia", "kim"]), Some(fen(300))));
        let refused = able(console.reject(&request_id("r2"), "no", &lee.into(), None).await.map(drop));
        assert_eq!(refused, (names(&["boss", "max", "mia"]), None), "no money is asked for");
        let rows = console
            .mirror()
            .read::<_, mirror::Error>(|view| view.audit_after(&mirror::AuditFilter::default(), 0, 100))
            .await
            .unwrap();
        let amounts: Vec<_> = rows
            .iter()
            .filter(|row| row.kind == "act_refused")
            .map(|row| row.after.as_ref().unwrap()["amount_fen"].clone())
            .collect();
        assert_eq!(amounts, [json!(500), json!(500), json!(300), json!(null)]);
    });
}

#[test]
fn two_clicks_at_once_do_not_slip_under_one_limit() {
    play(async |shop: Shop| {
        let console = counter(&shop, rules(|rules| rules.per_day = Some(fen(700)))).await;
        let mia = by(&sign_in(&console, "mia").await);
        let (r1, r2) = (request_id("r1"), request_id("r2"));
        let (one, other) = tokio::join!(console.approve(&r1, &mia), console.approve(&r2, &mia));
        let refusal = refused(if one.is_ok() { other } else { one });
        let left = Refusal::AboveLimit { limit: LimitKind::ShopDay, at_most: fen(700), left: fen(200) };
        assert_eq!(refusal, left);
        assert_eq!(console.payouts("1").await.len() + console.payouts("2").await.len(), 1);
    });
}

#[test]
fn the_window_and_a_command_beside_it_share_one_limit() {
    play(async |shop: Shop| {
        let window = counter(&shop, rules(|rules| rules.per_person_a_day = Some(fen(1_200)))).await;
        let command = shop.console();
        let (mia, also_mia) = (by(&sign_in(&window, "mia").await), by(&sign_in(&command, "mia").await));
        let (r1, r2, r3) = (request_id("r1"), request_id("r2"), request_id("r3"));
        let (one, two, three) = tokio::join!(
            window.approve(&r1, &mia),
            command.approve(&r2, &also_mia),
            window.approve(&r3, &mia),
        );
        let outcomes = [one.is_ok(), two.is_ok(), three.is_ok()];
        assert_eq!(outcomes.into_iter().filter(|ok| *ok).count(), 2, "{outcomes:?}");
        let roll = window.people().roll().await.unwrap();
        let mia = roll.iter().find(|entry| entry.row.staff.id == id("mia")).unwrap();
        assert_eq!(mia.refunded_today, fen(1_000));
        // Another person has a day of their own.
        let max = sign_in(&window, "max").await;
        window.refund_order("4", fen(500), "sold out", &max.into(), None).await.unwrap();
    });
}

#[test]
fn a_new_day_in_beijing_has_its_own_limit() {
    play(async |shop: Shop| {
        // The scene begins at 23:06 in Beijing.
        let console = counter(&shop, rules(|rules| rules.per_day = Some(fen(500)))).await;
        let mia = by(&sign_in(&console, "mia").await);
        console.approve(&request_id("r1"), &mia).await.unwrap();
        assert!(matches!(
            refused(console.approve(&request_id("r2"), &mia).await),
            Refusal::AboveLimit { .. }
        ));
        pass(3_600).await;
        let mia = by(&sign_in(&console, "mia").await);
        console.approve(&request_id("r2"), &mia).await.unwrap();
    });
}

#[test]
fn above_the_amount_a_second_person_agrees_for_one_decision() {
    play(async |shop: Shop| {
        let console = counter(&shop, rules(|rules| rules.second_person_above = Some(fen(499)))).await;
        let people = console.people();
        let mia = sign_in(&console, "mia").await;
        let refusal = refused(console.approve(&request_id("r1"), &by(&mia)).await);
        assert_eq!(refusal, Refusal::SecondPersonNeeded { above: fen(499) });
        let with = |second: &Session| Approval {
            actor: Actor::from(mia.clone()).with_second(Some(second.clone())),
            ..whole()
        };
        let herself = people.sign_in_second(&id("mia"), &pin_of("mia")).await.unwrap();
        let refusal = refused(console.approve(&request_id("r1"), &with(&herself)).await);
        assert_eq!(refusal, Refusal::SecondPersonIsTheFirst);
        let lee = people.sign_in_second(&id("lee"), &pin_of("lee")).await.unwrap();
        let refusal = refused(console.approve(&request_id("r1"), &with(&lee)).await);
        assert!(matches!(refusal, Refusal::SecondPersonMayNot { .. }), "{refusal:?}");
        assert_eq!(console.payouts("1").await, []);

        let max = people.sign_in_second(&id("max"), &pin_of("max")).await.unwrap();
        console.approve(&request_id("r1"), &with(&max)).await.unwrap();
        let actor = console.payouts("1").await.remove(0).decision.actor.unwrap();
        assert_eq!((actor.id.as_str(), actor.second.unwrap().id.as_str()), ("mia", "max"));
        assert_eq!(people.signed_in().await.unwrap().unwrap().id(), &id("mia"), "who works here stays");
        let again = denied(console.approve(&request_id("r2"), &with(&max)).await);
        assert_eq!(again, Denied::SecondPersonLapsed, "one sign-in, one decision");
        let max = people.sign_in_second(&id("max"), &pin_of("max")).await.unwrap();
        pass(121).await;
        assert_eq!(denied(console.approve(&request_id("r2"), &with(&max)).await), Denied::SecondPersonLapsed);
        // Below the amount nobody else is needed, and the owner never needs anybody.
        console.approve(&request_id("r2"), &part(&mia, 499)).await.unwrap();
        let boss = sign_in(&console, "boss").await;
        console.approve(&request_id("r3"), &by(&boss)).await.unwrap();
    });
}

#[test]
fn a_pin_is_remembered_from_its_last_use_on() {
    play(async |shop: Shop| {
        let console = counter(&shop, Rules::default()).await;
        let mia = by(&sign_in(&console, "mia").await);
        pass(299).await;
        console.approve(&request_id("r1"), &mia).await.unwrap();
        pass(299).await;
        console.approve(&request_id("r2"), &mia).await.unwrap();
        pass(301).await;
        assert_eq!(console.people().signed_in().await.unwrap(), None);
        assert_eq!(denied(console.approve(&request_id("r3"), &mia).await), Denied::NotSignedIn);
        sign_in(&console, "mia").await;
        assert_eq!(
            denied(console.approve(&request_id("r3"), &mia).await),
            Denied::NotSignedIn,
            "an old session"
        );
        shop.world.put_clock_ahead(seconds(-60));
        assert_eq!(
            console.people().signed_in().await.unwrap(),
            None,
            "a clock that went back remembers nobody"
        );
    });
}

#[test]
fn a_pin_that_is_typed_every_time_is_good_for_one_decision() {
    play(async |shop: Shop| {
        let rules = rules(|rules| (rules.pin_kept_s, rules.per_refund) = (0, Some(fen(500))));
        let console = counter(&shop, rules).await;
        let mia = sign_in(&console, "mia").await;
        let too_much = console.approve(&request_id("r1"), &part(&mia, 501)).await;
        assert!(matches!(refused(too_much), Refusal::AboveLimit { .. }));
        shop.world.once(Call::RefundRequest, Fault::Silence(When::Before));
        assert!(matches!(console.approve(&request_id("r1"), &by(&mia)).await, Err(Error::Source(_))));
        console.approve(&request_id("r1"), &by(&mia)).await.unwrap();
        assert_eq!(denied(console.approve(&request_id("r2"), &by(&mia)).await), Denied::NotSignedIn);
        let both = by(&sign_in(&console, "mia").await);
        let (r2, r3) = (request_id("r2"), request_id("r3"));
        let (one, other) = tokio::join!(console.approve(&r2, &both), console.approve(&r3, &both));
        assert_eq!(denied(if one.is_ok() { other } else { one }), Denied::NotSignedIn);
        let mia = sign_in(&console, "mia").await;
        shop.world.once(Call::RefundRequest, Fault::Slow(Duration::from_secs(5)));
        let (r4, too_much) = (request_id("r4"), part(&mia, 501));
        let (outcome, ()) = tokio::join!(console.approve(&r4, &too_much), async {
            pass(1).await;
            console.people().sign_out().await.unwrap();
        });
        assert!(matches!(refused(outcome), Refusal::AboveLimit { .. }));
        assert_eq!(console.people().signed_in().await.unwrap(), None, "signed out is signed out");
        let unused = by(&sign_in(&console, "mia").await);
        pass(121).await;
        assert_eq!(denied(console.approve(&request_id("r4"), &unused).await), Denied::NotSignedIn);
    });
}

#[test]
fn switching_is_signing_in_as_somebody_else() {
    play(async |shop: Shop| {
        let console = counter(&shop, Rules::default()).await;
        let mia = sign_in(&console, "mia").await;
        let max = sign_in(&console, "max").await;
        assert_eq!(console.people().signed_in().await.unwrap(), Some(max.clone()));
        assert_eq!(denied(console.approve(&request_id("r1"), &by(&mia)).await), Denied::NotSignedIn);
        console.approve(&request_id("r1"), &by(&max)).await.unwrap();
        console.people().sign_out().await.unwrap();
        assert_eq!(denied(console.approve(&request_id("r2"), &by(&max)).await), Denied::NotSignedIn);
    });
}

#[test]
fn wrong_pins_cost_time_over_restarts_and_a_right_one_ends_it() {
    play(async |shop: Shop| {
        let console = counter(&shop, Rules::default()).await;
        for tries_left in [2, 1] {
            let wrong = Denied::PinWrong { tries_left, locked_until: None };
            assert_eq!(try_pin(&console, "mia", "0001").await, Err(wrong));
        }
        let until = shop.world.time() + seconds(30);
        let outcome = try_pin(&console, "mia", "0001").await;
        assert!(
            matches!(outcome, Err(Denied::PinWrong { tries_left: 0, locked_until: Some(at) }) if at >= until),
            "{outcome:?}"
        );
        console.end().await;

        let console = shop.console();
        let outcome = try_pin(&console, "mia", "1357").await;
        assert!(matches!(outcome, Err(Denied::Locked { .. })), "the right PIN, too early: {outcome:?}");
        try_pin(&console, "max", "8642").await.unwrap();
        pass(31).await;
        let outcome = try_pin(&console, "mia", "0001").await;
        let longer = shop.world.time() + seconds(59);
        assert!(
            matches!(outcome, Err(Denied::PinWrong { locked_until: Some(at), .. }) if at > longer),
            "{outcome:?}"
        );
        pass(61).await;
        try_pin(&console, "mia", "1357").await.unwrap();
        let outcome = try_pin(&console, "mia", "0001").await;
        assert_eq!(
            outcome,
            Err(Denied::PinWrong { tries_left: 2, locked_until: None }),
            "from the start again"
        );
    });
}

#[test]
fn many_tries_at_once_are_no_way_around_the_waiting() {
    play(async |shop: Shop| {
        let console = counter(&shop, Rules::default()).await;
        let guesses = ["0001", "0002", "0003", "0004", "1357"].map(|guess| try_pin(&console, "mia", guess));
        let [a, b, c, d, e] = guesses;
        let (a, b, c, d, e) = tokio::join!(a, b, c, d, e);
        let outcomes = [a, b, c, d, e];
        let compared = outcomes.iter().filter(|one| matches!(one, Err(Denied::PinWrong { .. }))).count();
        let locked = outcomes.iter().filter(|one| matches!(one, Err(Denied::Locked { .. }))).count();
        assert_eq!((compared, locked), (3, 2), "{outcomes:?}");
    });
}

#[test]
fn a_clock_that_was_wrong_locks_nobody_out() {
    play(async |shop: Shop| {
        let console = counter(&shop, Rules::default()).await;
        shop.world.put_clock_ahead(seconds(24 * 3_600));
        for _ in 0..3 {
            try_pin(&console, "mia", "0001").await.unwrap_err();
        }
        shop.world.put_clock_ahead(seconds(0));
        assert!(matches!(try_pin(&console, "mia", "1357").await, Err(Denied::Locked { .. })));
        pass(31).await;
        try_pin(&console, "mia", "1357").await.unwrap();
    });
}

#[test]
fn a_session_ends_with_the_pin_the_right_or_the_job() {
    play(async |shop: Shop| {
        let console = counter(&shop, Rules::default()).await;
        let command = shop.console();
        let boss = Actor::from(sign_in(&command, "boss").await);
        let people = command.people();
        let mia = sign_in(&console, "mia").await;
        let demoted = StaffChange { role: Some(Role::Clerk), ..StaffChange::default() };
        people.change(&boss, &id("mia"), demoted).await.unwrap();
        let refusal = refused(console.approve(&request_id("r1"), &by(&mia)).await);
        assert!(matches!(refusal, Refusal::NotForRole { role: Role::Clerk, .. }), "{refusal:?}");
        let max = sign_in(&console, "max").await;
        people.set_pin(&boss, &id("max"), &another("1470")).await.unwrap();
        assert_eq!(denied(console.approve(&request_id("r1"), &by(&max)).await), Denied::NotSignedIn);
        let kim = sign_in(&console, "kim").await;
        let gone = StaffChange { active: Some(false), ..StaffChange::default() };
        people.change(&boss, &id("kim"), gone).await.unwrap();
        assert_eq!(denied(console.approve(&request_id("r1"), &part(&kim, 100)).await), Denied::NotSignedIn);
        let outcome = try_pin(&console, "kim", "7412").await;
        assert!(
            matches!(&outcome, Err(Denied::Refused(Refused { refusal: Refusal::Inactive { .. }, .. }))),
            "{outcome:?}"
        );
        assert_eq!(console.payouts("1").await, []);
    });
}

#[test]
fn a_new_pin_ends_the_lock_of_the_old_one() {
    play(async |shop: Shop| {
        let console = counter(&shop, Rules::default()).await;
        let command = shop.console();
        let boss = Actor::from(sign_in(&command, "boss").await);
        while !matches!(try_pin(&console, "mia", "0246").await, Err(Denied::Locked { .. })) {}
        command.people().set_pin(&boss, &id("mia"), &another("2479")).await.unwrap();
        try_pin(&console, "mia", "2479").await.unwrap();
    });
}

#[test]
fn nobody_changes_their_own_pin_without_the_present_one() {
    play(async |shop: Shop| {
        let console = counter(&shop, Rules::default()).await;
        let people = console.people();
        let mia = Actor::from(sign_in(&console, "mia").await);
        let set = async |pin: NewPin| people.set_pin(&mia, &id("mia"), &pin).await;
        assert_eq!(denied(set(another("2479")).await), Denied::PresentPinMissing);
        assert_eq!(denied(set(own("0001", "1234")).await), Denied::WeakPin(WeakPin::Sequence));
        for tries_left in [2, 1] {
            let wrong = Denied::PinWrong { tries_left, locked_until: None };
            assert_eq!(denied(set(own("0001", "2479")).await), wrong, "that was no try");
        }
        assert!(matches!(denied(set(own("0001", "2479")).await), Denied::PinWrong { tries_left: 0, .. }));
        let early = denied(set(own("1357", "2479")).await);
        assert!(matches!(early, Denied::Locked { .. }), "the right one, too early: {early:?}");
        assert_eq!(people.signed_in().await.unwrap().unwrap().id(), &id("mia"), "who works here stays");
        pass(31).await;
        set(own("1357", "2479")).await.unwrap();
        assert_eq!(people.signed_in().await.unwrap(), None, "with the old one");
        try_pin(&console, "mia", "2479").await.unwrap();
        let boss = Actor::from(sign_in(&console, "boss").await);
        let theirs = people.set_pin(&boss, &id("boss"), &another("1470")).await;
        assert_eq!(denied(theirs), Denied::PresentPinMissing, "an owner neither");
        let kept = people.rules().await.unwrap();
        let every_time = Rules { pin_kept_s: 0, ..kept.rules };
        people.set_rules(&boss, every_time, Some(kept.revision)).await.unwrap();
        let boss = Actor::from(sign_in(&console, "boss").await);
        people.set_pin(&boss, &id("boss"), &own("2581", "1470")).await.unwrap_err();
        people.set_pin(&boss, &id("boss"), &own("2580", "1470")).await.unwrap();
    });
}

#[test]
fn rules_that_somebody_else_has_changed_are_not_overwritten() {
    play(async |shop: Shop| {
        let console = shop.console();
        let people = console.people();
        people.add(&Actor::nobody(), new("boss", Role::Owner, None), &pin_of("boss")).await.unwrap();
        let boss = Actor::from(sign_in(&console, "boss").await);
        let first = people.rules().await.unwrap();
        assert_eq!((first.rules, first.revision), (Rules::default(), 0));
        let a_day = |most: i64| rules(|rules| rules.per_day = Some(fen(most)));
        let one = people.set_rules(&boss, a_day(100), Some(first.revision)).await.unwrap();
        let other = people.set_rules(&boss, a_day(900), Some(first.revision)).await;
        assert!(matches!(other, Err(Error::Stale)), "{other:?}");
        assert_eq!(people.rules().await.unwrap(), one);
        let next = people.set_rules(&boss, a_day(900), Some(one.revision)).await.unwrap();
        assert_eq!(next.rules, a_day(900));
        assert!(next.revision > one.revision);
    });
}

#[test]
fn there_is_an_owner_from_the_first_one_on() {
    play(async |shop: Shop| {
        let console = shop.console();
        let (people, nobody) = (console.people(), Actor::nobody());
        let first = people.add(&nobody, new("kim", Role::Clerk, None), &pin_of("kim")).await;
        assert_eq!(denied(first), Denied::FirstIsNoOwner);
        for (weak, why) in [("123", WeakPin::Form), ("0000", WeakPin::Repeated), ("1234", WeakPin::Sequence)]
        {
            let outcome = people.add(&nobody, new("boss", Role::Owner, None), &pin(weak)).await;
            assert_eq!(denied(outcome), Denied::WeakPin(why));
        }
        assert_eq!(people.staff().await.unwrap(), []);
        people.add(&nobody, new("boss", Role::Owner, None), &pin_of("boss")).await.unwrap();
        let boss = Actor::from(sign_in(&console, "boss").await);
        let again = people.add(&boss, new("boss", Role::Clerk, None), &pin_of("kim")).await;
        assert_eq!(denied(again), Denied::IdTaken { id: "boss".to_owned() });
        let changes = [
            StaffChange { active: Some(false), ..StaffChange::default() },
            StaffChange { role: Some(Role::Manager), ..StaffChange::default() },
        ];
        for change in changes {
            assert_eq!(denied(people.change(&boss, &id("boss"), change).await), Denied::NoOwnerLeft);
        }
        let seen = people.staff().await.unwrap()[0].revision;
        let renamed =
            StaffChange { name: Some("老板".to_owned()), seen: Some(seen), ..StaffChange::default() };
        people.change(&boss, &id("boss"), renamed.clone()).await.unwrap();
        assert!(matches!(people.change(&boss, &id("boss"), renamed).await, Err(Error::Stale)));
        people.add(&boss, new("kim", Role::Clerk, None), &pin_of("kim")).await.unwrap();
        let kim = Actor::from(sign_in(&console, "kim").await);
        people.set_pin(&kim, &id("kim"), &own("7412", "1470")).await.unwrap();
        let kim = Actor::from(try_pin(&console, "kim", "1470").await.unwrap());
        let theirs = people.set_pin(&kim, &id("boss"), &own("1470", "1470")).await;
        assert!(matches!(refused(theirs), Refusal::NotForRole { .. }), "one's own and no other");
    });
}

#[test]
fn limits_hold_where_the_backend_pays() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
        let console = counter(&shop, rules(|rules| rules.per_day = Some(fen(1_000)))).await;
        let mia = sign_in(&console, "mia").await;
        // Refused for certain: its room is free again.
        shop.world.once(Call::Approve, Fault::Source(SourceErrorKind::Refused));
        assert!(matches!(console.approve(&request_id("r1"), &by(&mia)).await, Err(Error::Source(_))));
        // No answer: it may have happened.
        shop.world.once(Call::Approve, Fault::Silence(When::Before));
        assert!(matches!(console.approve(&request_id("r1"), &by(&mia)).await, Err(Error::Source(_))));
        console.refund_order("2", fen(500), "sold out", &mia.clone().into(), None).await.unwrap();
        let refusal = refused(console.refund_order("3", fen(1), "sold out", &mia.clone().into(), None).await);
        let used_up = Refusal::AboveLimit { limit: LimitKind::ShopDay, at_most: fen(1_000), left: fen(0) };
        assert_eq!(refusal, used_up);
        // The same decision once more counts once.
        console.approve(&request_id("r1"), &by(&mia)).await.unwrap();
    });
}

#[test]
fn the_log_tells_who_came_who_was_refused_and_who_agreed() {
    play(async |shop: Shop| {
        let console = counter(&shop, rules(|rules| rules.second_person_above = Some(fen(499)))).await;
        try_pin(&console, "mia", "0001").await.unwrap_err();
        let mia = sign_in(&console, "mia").await;
        let max = console.people().sign_in_second(&id("max"), &pin_of("max")).await.unwrap();
        let actor = Actor::from(mia).with_second(Some(max));
        console.approve(&request_id("r1"), &Approval { actor, ..whole() }).await.unwrap();
        console.people().sign_out().await.unwrap();
        let rows = console
            .mirror()
            .read::<_, mirror::Error>(|view| view.audit_after(&mirror::AuditFilter::default(), 0, 100))
            .await
            .unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row.kind.as_str(), row.who.as_deref())).collect();
        let expected = [
            ("staff_changed", None),
            ("signed_in", Some("boss")),
            ("staff_changed", Some("boss")),
            ("staff_changed", Some("boss")),
            ("staff_changed", Some("boss")),
            ("staff_changed", Some("boss")),
            ("staff_changed", Some("boss")),
            ("signed_out", Some("boss")),
            ("sign_in_refused", None),
            ("signed_in", Some("mia")),
            ("signed_in", Some("max")),
            ("refund_approved", Some("mia")),
            ("signed_out", Some("mia")),
        ];
        assert_eq!(told, expected);
        let after = |at: usize| rows[at].after.clone().unwrap();
        assert_eq!((&after(0)["staff"], &after(0)["role"]), (&json!("boss"), &json!("owner")));
        assert_eq!(after(6)["rules"]["second_person_above"], 499);
        assert_eq!(after(8), json!({ "staff": "mia", "why": "pin_wrong" }));
        assert_eq!((rows[9].after.as_ref(), after(10)), (None, json!({ "as": "second" })));
        assert_eq!(after(11)["second"], "max");
        let all: String = rows.iter().map(|row| format!("{:?} {:?}", row.before, row.after)).collect();
        assert!(!all.contains("argon2id") && PINS.iter().all(|(_, pin)| !all.contains(pin)), "{all}");
    });
}
