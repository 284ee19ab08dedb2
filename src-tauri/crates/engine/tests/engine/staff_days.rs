//! A day's limits, cool-downs and rights, against clocks that are set and rights that are taken away meanwhile.

use std::time::Duration;

use domain::staff::{LimitKind, OwnLimits, Refusal, Role, Rules};
use domain::{BackendPayoutState, PayoutMode, RefundState, Secret, StaffId};
use engine::ports::SourceErrorKind;
use engine::{Actor, Approval, Denied, Error, NewStaff, Session, StaffChange};
use mirror::AuditFilter;
use serde_json::{Value, json};
use simulation::world::{Call, Console, Fault, Shop, When, fen, pass, play, request_id, seconds, whole};

const DAY: i64 = 86_400;

fn id(text: &str) -> StaffId {
    StaffId::new(text).unwrap()
}

fn pin() -> Secret<String> {
    Secret::new("2580".to_owned())
}

/// A counter with an owner and a clerk who may refund 1,000 fen a day, and six orders of whom each buyer wants 500 back.
async fn counter(shop: &Shop) -> Console {
    for number in 1..=6 {
        shop.sell(&number.to_string(), 3780);
        shop.want_back(&format!("r{number}"), &number.to_string(), 500);
    }
    let console = shop.console();
    console.round().await.unwrap();
    let person = |who: &str, role, per_day: Option<i64>| NewStaff {
        id: id(who),
        name: who.to_uppercase(),
        role,
        limits: OwnLimits { per_refund: None, per_day: per_day.map(fen) },
    };
    let people = console.people();
    people.add(&Actor::nobody(), person("boss", Role::Owner, None), &pin()).await.unwrap();
    let boss = Actor::from(sign_in(&console, "boss").await);
    people.add(&boss, person("kim", Role::Clerk, Some(1_000)), &pin()).await.unwrap();
    people.add(&boss, person("mia", Role::Manager, None), &pin()).await.unwrap();
    people.sign_out().await.unwrap();
    console
}

async fn sign_in(console: &Console, who: &str) -> Session {
    console.people().sign_in(&id(who), &pin()).await.unwrap()
}

async fn approve_as(console: &Console, who: &str, request: &str) -> Result<(), Error> {
    let approval = Approval { actor: sign_in(console, who).await.into(), ..whole() };
    console.approve(&request_id(request), &approval).await
}

fn is_used_up(outcome: &Result<(), Error>) -> bool {
    let Err(Error::Denied(Denied::Refused(refused))) = outcome else { return false };
    let Refusal::AboveLimit { limit, left, .. } = refused.refusal else { return false };
    limit == LimitKind::OwnDay && left == fen(0)
}

async fn log(console: &Console, kind: &str) -> Vec<(Option<String>, Value)> {
    let rows = console
        .mirror()
        .read::<_, mirror::Error>(|view| view.audit_after(&AuditFilter::default(), 0, 1_000))
        .await
        .unwrap();
    let rows = rows.into_iter().filter(|row| row.kind.as_str() == kind);
    rows.map(|row| (row.who, row.after.unwrap_or_default())).collect()
}

#[test]
fn no_clock_at_the_counter_makes_a_new_day() {
    play(async |shop: Shop| {
        let console = counter(&shop).await;
        approve_as(&console, "kim", "r1").await.unwrap();
        shop.world.put_clock_ahead(seconds(DAY));
        approve_as(&console, "kim", "r2").await.unwrap();
        for ahead in [2 * DAY, 0, -DAY, 400 * DAY, 0] {
            shop.world.put_clock_ahead(seconds(ahead));
            let outcome = approve_as(&console, "kim", "r3").await;
            assert!(is_used_up(&outcome), "{ahead}: {outcome:?}");
        }
        pass(DAY as u64).await;
        approve_as(&console, "kim", "r3").await.unwrap();
    });
}

#[test]
fn where_the_backend_tells_no_time_what_a_wrong_clock_dated_counts_until_it_does() {
    play(async |shop: Shop| {
        shop.world.state().backend.tells_time = false;
        let console = counter(&shop).await;
        shop.world.put_clock_ahead(seconds(400 * DAY));
        approve_as(&console, "kim", "r1").await.unwrap();
        approve_as(&console, "kim", "r2").await.unwrap();
        shop.world.put_clock_ahead(seconds(0));
        for _ in 0..2 {
            let outcome = approve_as(&console, "kim", "r3").await;
            assert!(is_used_up(&outcome), "{outcome:?}");
            pass(DAY as u64).await;
        }
        // Now the backend tells the time: those count for this one day more.
        shop.world.state().backend.tells_time = true;
        let outcome = approve_as(&console, "kim", "r3").await;
        assert!(is_used_up(&outcome), "{outcome:?}");
        pass(DAY as u64).await;
        approve_as(&console, "kim", "r3").await.unwrap();
    });
}

#[test]
fn a_clock_put_forward_shortens_no_cool_down_and_keeps_no_pin_fresh() {
    play(async |shop: Shop| {
        let console = counter(&shop).await;
        let wrong = Secret::new("0001".to_owned());
        for _ in 0..3 {
            console.people().sign_in(&id("kim"), &wrong).await.unwrap_err();
        }
        for ahead in [3_600, 400 * DAY, -DAY, 0] {
            shop.world.put_clock_ahead(seconds(ahead));
            let outcome = console.people().sign_in(&id("kim"), &pin()).await;
            assert!(matches!(outcome, Err(Error::Denied(Denied::Locked { .. }))), "{ahead}: {outcome:?}");
        }
        pass(31).await;
        sign_in(&console, "kim").await;
        pass(299).await;
        assert!(console.people().signed_in().await.unwrap().is_some());
        pass(1).await;
        shop.world.put_clock_ahead(seconds(-100));
        assert_eq!(console.people().signed_in().await.unwrap(), None, "the PIN was typed 300 s ago");
    });
}

#[test]
fn a_repetition_that_is_not_let_in_says_nothing_about_the_first_sending() {
    for kind in [SourceErrorKind::Unauthenticated, SourceErrorKind::Forbidden, SourceErrorKind::NotFound] {
        play(async |shop: Shop| {
            shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
            let console = counter(&shop).await;
            let kim = Actor::from(sign_in(&console, "kim").await);
            let start = || console.refund_order("1", fen(500), "sold out", &kim, None);
            shop.world.once(Call::RefundOrder, Fault::Silence(When::After));
            assert!(matches!(start().await, Err(Error::Source(_))));
            shop.world.once(Call::RefundOrder, Fault::Source(kind.clone()));
            assert!(matches!(start().await, Err(Error::Source(_))));
            start().await.unwrap();
            let requests = shop.world.state().backend.requests.len();
            assert_eq!(requests, 7, "{kind:?}: the same wish is the same refund");

            let approve = || approve_as(&console, "kim", "r2");
            shop.world.once(Call::Approve, Fault::Silence(When::Before));
            assert!(matches!(approve().await, Err(Error::Source(_))));
            shop.world.once(Call::Approve, Fault::Source(kind.clone()));
            assert!(matches!(approve().await, Err(Error::Source(_))));
            let kim = Actor::from(sign_in(&console, "kim").await);
            let outcome = console.refund_order("3", fen(1), "x", &kim, None).await.map(drop);
            assert!(is_used_up(&outcome), "{kind:?}: {outcome:?}");
        });
    }
}

#[test]
fn a_refund_that_failed_at_the_backend_gives_its_room_back_once() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
        let console = counter(&shop).await;
        let fails = |id: &str| {
            shop.world.state().backend.change_request(id, |request| {
                request.state = RefundState::Failed;
                request.payout.state = BackendPayoutState::Failed;
            });
        };
        approve_as(&console, "kim", "r1").await.unwrap();
        let kim = Actor::from(sign_in(&console, "kim").await);
        console.refund_order("2", fen(500), "sold out", &kim, None).await.unwrap();
        assert!(is_used_up(&approve_as(&console, "kim", "r3").await));
        fails("r1");
        console.round().await.unwrap();
        approve_as(&console, "kim", "r3").await.unwrap();
        assert!(is_used_up(&approve_as(&console, "kim", "r4").await));
        fails("m7");
        console.round().await.unwrap();
        // Decided on once more, and not answered: what it takes is not given back by the same failure.
        shop.world.once(Call::Approve, Fault::Silence(When::Before));
        assert!(matches!(approve_as(&console, "kim", "r1").await, Err(Error::Source(_))));
        shop.world.state().backend.change_request("r1", |_| {});
        console.round().await.unwrap();
        assert!(is_used_up(&approve_as(&console, "kim", "r4").await));
    });
}

#[test]
fn of_two_decisions_on_one_request_of_which_nobody_knows_which_was_carried_out_the_larger_counts() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
        let console = counter(&shop).await;
        let part = async |request: &str, amount: i64| {
            let actor = sign_in(&console, "kim").await.into();
            let approval = Approval { actor, amount: Some(fen(amount)), ..whole() };
            console.approve(&request_id(request), &approval).await
        };
        for amount in [400, 500, 300] {
            shop.world.once(Call::Approve, Fault::Silence(When::Before));
            assert!(matches!(part("r1", amount).await, Err(Error::Source(_))), "{amount}");
        }
        part("r2", 500).await.unwrap();
        assert!(is_used_up(&part("r3", 1).await), "500 may have gone back, and not 1,200");
    });
}

#[test]
fn what_is_abnormal_at_the_backend_keeps_its_room_and_what_was_paid_after_all_takes_it_again() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
        let console = counter(&shop).await;
        let tells = async |state: RefundState, payout: BackendPayoutState| {
            shop.world.state().backend.change_request("r1", |request| {
                request.state = state;
                request.payout.state = payout;
            });
            console.round().await.unwrap();
        };
        approve_as(&console, "kim", "r1").await.unwrap();
        approve_as(&console, "kim", "r2").await.unwrap();
        tells(RefundState::Failed, BackendPayoutState::Abnormal).await;
        assert!(is_used_up(&approve_as(&console, "kim", "r3").await), "the money may still arrive");
        tells(RefundState::Failed, BackendPayoutState::Closed).await;
        approve_as(&console, "kim", "r3").await.unwrap();
        tells(RefundState::Succeeded, BackendPayoutState::Success).await;
        shop.world.state().backend.change_request("r3", |request| {
            request.state = RefundState::Failed;
            request.payout.state = BackendPayoutState::Failed;
        });
        console.round().await.unwrap();
        assert!(is_used_up(&approve_as(&console, "kim", "r4").await));
    });
}

#[test]
fn an_end_that_is_told_before_the_answer_gives_its_room_back() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
        let console = counter(&shop).await;
        let start = async || {
            let kim = Actor::from(sign_in(&console, "kim").await);
            console.refund_order("1", fen(500), "sold out", &kim, None).await
        };
        shop.world.once(Call::RefundOrder, Fault::Silence(When::After));
        assert!(matches!(start().await, Err(Error::Source(_))));
        shop.world.state().backend.change_request("m7", |request| {
            request.state = RefundState::Failed;
            request.payout.state = BackendPayoutState::Failed;
        });
        console.round().await.unwrap();
        start().await.unwrap();
        approve_as(&console, "kim", "r2").await.unwrap();
        approve_as(&console, "kim", "r3").await.unwrap();
        assert!(is_used_up(&approve_as(&console, "kim", "r4").await));
    });
}

#[test]
fn a_wish_that_somebody_else_repeats_is_the_same_refund_and_stays_with_the_first() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
        let console = counter(&shop).await;
        let start = async |who: &str| {
            let actor = Actor::from(sign_in(&console, who).await);
            console.refund_order("1", fen(1_000), "sold out", &actor, None).await
        };
        shop.world.once(Call::RefundOrder, Fault::Silence(When::After));
        assert!(matches!(start("kim").await, Err(Error::Source(_))));
        start("mia").await.unwrap();
        assert_eq!(shop.world.state().backend.requests.len(), 7);
        assert!(is_used_up(&approve_as(&console, "kim", "r2").await), "it was kim's");
    });
}

#[test]
fn the_same_wish_much_later_is_another_refund() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
        let console = counter(&shop).await;
        let start = async || {
            let boss = Actor::from(sign_in(&console, "boss").await);
            console.refund_order("1", fen(500), "sold out", &boss, None).await
        };
        shop.world.once(Call::RefundOrder, Fault::Silence(When::After));
        assert!(matches!(start().await, Err(Error::Source(_))));
        pass(60).await;
        start().await.unwrap();
        assert_eq!(shop.world.state().backend.requests.len(), 7, "a minute later it is the same one");
        shop.world.once(Call::RefundOrder, Fault::Silence(When::After));
        assert!(matches!(start().await, Err(Error::Source(_))));
        let carried_out = shop.world.time();
        pass(3_600).await;
        let outcome = start().await;
        assert!(matches!(outcome, Err(Error::DoneEarlier { at }) if at == carried_out), "{outcome:?}");
        assert_eq!(shop.world.state().backend.requests.len(), 8);
        start().await.unwrap();
        assert_eq!(shop.world.state().backend.requests.len(), 9, "said once more, another one is meant");
    });
}

#[test]
fn a_backend_whose_clock_is_put_back_gives_no_day_its_room_again() {
    play(async |shop: Shop| {
        let console = counter(&shop).await;
        approve_as(&console, "kim", "r1").await.unwrap();
        approve_as(&console, "kim", "r2").await.unwrap();
        shop.world.state().backend.clock_ahead = seconds(-2 * DAY);
        assert!(
            is_used_up(&approve_as(&console, "kim", "r3").await),
            "what it dated itself stays on its day"
        );
        assert!(log(&console, "decisions_redated").await.is_empty());
    });
}

#[test]
fn whoever_loses_the_right_meanwhile_decides_nothing() {
    for yields in 0..40 {
        for reject in [true, false] {
            play(async |shop: Shop| {
                let console = counter(&shop).await;
                let command = shop.console();
                let boss = Actor::from(sign_in(&command, "boss").await);
                let mia = Actor::from(sign_in(&console, "mia").await);
                let decide = async {
                    let approval = Approval { actor: mia.clone(), ..whole() };
                    if reject {
                        console.reject(&request_id("r1"), "no", &mia, None).await.map(drop)
                    } else {
                        console.agree_return(&request_id("r1"), &approval).await.map(drop)
                    }
                };
                let leave = async {
                    for _ in 0..yields {
                        tokio::task::yield_now().await;
                    }
                    let gone = StaffChange { active: Some(false), ..StaffChange::default() };
                    command.people().change(&boss, &id("mia"), gone).await.unwrap();
                };
                let (outcome, _) = tokio::join!(decide, leave);
                let rows = console
                    .mirror()
                    .read::<_, mirror::Error>(|view| view.audit_after(&AuditFilter::default(), 0, 1_000))
                    .await
                    .unwrap();
                let place = |kinds: &[&str]| rows.iter().rposition(|row| kinds.contains(&row.kind.as_str()));
                let (left, decided) =
                    (place(&["staff_changed"]).unwrap(), place(&["refund_rejected", "return_agreed"]));
                assert!(decided.is_none_or(|decided| decided < left), "after {yields} yields");
                assert_eq!(outcome.is_ok(), decided.is_some(), "after {yields} yields: {outcome:?}");
            });
        }
    }
}

#[test]
fn the_log_tells_who_was_refused_and_who_resumed() {
    play(async |shop: Shop| {
        let console = counter(&shop).await;
        let kim = Actor::from(sign_in(&console, "kim").await);
        console.reject(&request_id("r1"), "no", &kim, None).await.unwrap_err();
        let approval = Approval { amount: Some(fen(1_001)), actor: kim.clone(), ..whole() };
        console.approve(&request_id("r1"), &approval).await.unwrap_err();
        console.people().set_rules(&kim, Rules::default(), None).await.unwrap_err();
        let refused = log(&console, "act_refused").await;
        let who = Some("kim".to_owned());
        assert_eq!(
            refused,
            [
                (who.clone(), json!({ "act": "refuse", "amount_fen": null, "why": "not_for_role" })),
                (
                    who.clone(),
                    json!({ "act": "refund", "amount_fen": 1_001, "why": "above_limit", "limit": "own_day",
                        "at_most_fen": 1_000, "left_fen": 1_000 })
                ),
                (who.clone(), json!({ "act": "set_staff", "amount_fen": null, "why": "not_for_role" })),
            ]
        );
        console.people().sign_in(&id("eve"), &pin()).await.unwrap_err();
        assert_eq!(
            log(&console, "sign_in_refused").await,
            [(None, json!({ "staff": "eve", "why": "unknown" }))]
        );
        console.resume_and_wait(&kim, seconds(5)).await.unwrap();
        assert_eq!(log(&console, "refunds_resumed").await, [(who, json!({ "refunds": 0 }))]);
        let rounds = console.round();
        tokio::time::timeout(Duration::from_secs(60), rounds).await.unwrap().unwrap();
        assert_eq!(log(&console, "refunds_resumed").await.len(), 1, "nobody resumed in a round");
    });
}
