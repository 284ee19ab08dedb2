//! Refunds that wait: for a person, for WeChat's minute, for staff at WeChat's own desk, for each other.

use domain::payout::PayoutState;
use domain::staff::{OwnLimits, Role};
use domain::{RefundStatus, Secret, StaffId};
use engine::ports::GatewayOutcome;
use engine::{Actor, Approval, Error, NewStaff, RefundGroup};
use simulation::world::{
    Call, Console, Fault, Shop, When, fen, pass, play, request_id, seconds, until, whole,
};

async fn asked_for(shop: &Shop) -> Console {
    shop.sell("1", 3780);
    shop.want_back("r1", "1", 500);
    let console = shop.console();
    console.round().await.unwrap();
    console
}

async fn owner(console: &Console) -> Actor {
    let (id, pin) = (StaffId::new("boss").unwrap(), Secret::new("2580".to_owned()));
    let people = console.people();
    if people.staff().await.unwrap().is_empty() {
        let limits = OwnLimits::default();
        let boss = NewStaff { id: id.clone(), name: "BOSS".to_owned(), role: Role::Owner, limits };
        people.add(&Actor::nobody(), boss, &pin).await.unwrap();
    }
    people.sign_in(&id, &pin).await.unwrap().into()
}

/// A counter with staff whose backup is older than what was approved: the claim stands at the backend, and nothing here.
async fn forgotten_claim(shop: &Shop, when: When) -> Console {
    let console = asked_for(shop).await;
    let boss = owner(&console).await;
    let backup = shop.back_up("till-1");
    shop.world.once(Call::Refund, Fault::Hang(when));
    let (id, approval) = (request_id("r1"), Approval { actor: boss, ..whole() });
    let work = console.approve_and_wait(&id, &approval, seconds(60));
    assert!(until(work, shop.world.hangs()).await.is_none());
    console.end().await;
    shop.restore("till-1", &backup);
    shop.console()
}

#[test]
fn a_claim_that_nobody_here_approved_is_asked_about_and_waits_for_a_person() {
    play(async |shop: Shop| {
        let console = forgotten_claim(&shop, When::Before).await;
        shop.world.forget_calls();
        until(console.watch(), pass(400)).await;
        assert!(shop.world.count(Call::QueryRefund) >= 2);
        assert_eq!(shop.world.count(Call::Refund), 0, "nobody approved it here");
        let row = console.desk("r1").await;
        let payout = &row.payout.as_ref().unwrap().payout;
        assert_eq!(
            (payout.state, payout.error.as_ref().unwrap().code.as_str()),
            (PayoutState::Ready, "console:approval_needed")
        );
        assert_eq!(RefundGroup::of(&row), RefundGroup::ToDecide);
        let desk = console.refund_desk_group(RefundGroup::ToDecide, 10).await.unwrap();
        assert!(desk.cases[0].choices.approve.is_ok(), "{:?}", desk.cases[0].choices.approve);
        assert_eq!(shop.world.alerts().len(), 0, "nobody serves");
        let number = payout.out_refund_no.clone();
        let other = Approval { amount: Some(fen(400)), actor: owner(&console).await, ..whole() };
        let outcome = console.approve(&request_id("r1"), &other).await;
        assert!(matches!(outcome, Err(Error::AmountFixed { amount }) if amount == fen(500)), "{outcome:?}");
        let outcome = console.approve(&request_id("r1"), &whole()).await;
        assert!(matches!(outcome, Err(Error::Denied(_))), "{outcome:?}");
        let approval = Approval { actor: owner(&console).await, ..whole() };
        let row = console.approve_and_wait(&request_id("r1"), &approval, seconds(60)).await.unwrap();
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.movements(), [(number.to_string(), 500)]);
        assert_eq!(row.payout.unwrap().decision.actor.unwrap().id, "boss");
    });
}

#[test]
fn a_forgotten_claim_that_wechat_knows_needs_nobody() {
    play(async |shop: Shop| {
        let console = forgotten_claim(&shop, When::After).await;
        until(console.watch(), pass(30)).await;
        assert_eq!(console.desk("r1").await.payout_word(), "succeeded");
        assert_eq!(shop.request("r1").state.as_str(), "succeeded");
        assert_eq!(shop.world.movements().len(), 1);
    });
}

#[test]
fn what_waits_for_a_person_keeps_nobody_waiting() {
    play(async |shop: Shop| {
        let console = forgotten_claim(&shop, When::Before).await;
        until(console.watch(), pass(30)).await;
        let boss = owner(&console).await;
        let before = shop.world.elapsed();
        let asked = shop.world.count(Call::QueryRefund);
        let rows = console.resume_and_wait(&boss, seconds(60)).await.unwrap();
        assert_eq!(rows[0].payout_word(), "ready");
        assert!(shop.world.elapsed() - before < 5, "it does not wait for what will not come");
        assert_eq!(shop.world.count(Call::QueryRefund), asked + 1, "and WeChat is asked at once");
    });
}

#[test]
fn another_terminal_may_have_paid_what_waits_for_a_person() {
    play(async |shop: Shop| {
        let console = forgotten_claim(&shop, When::Before).await;
        until(console.watch(), pass(400)).await;
        let other = shop.console_of("till-2");
        other.round().await.unwrap();
        let row = other.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
        assert_eq!(row.payout_word(), "succeeded");
        until(console.watch(), pass(4_000)).await;
        assert_eq!(console.desk("r1").await.payout_word(), "succeeded");
        assert_eq!(shop.world.movements().len(), 1);
    });
}

#[test]
fn with_nobody_defined_a_forgotten_claim_is_paid_as_before() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Refund, Fault::Hang(When::Before));
        let (id, approval) = (request_id("r1"), whole());
        let work = console.approve_and_wait(&id, &approval, seconds(60));
        assert!(until(work, shop.world.hangs()).await.is_none());
        console.end().await;
        shop.lose_mirror("till-1");
        let console = shop.console();
        until(console.watch(), pass(60)).await;
        assert_eq!(console.desk("r1").await.payout_word(), "succeeded");
    });
}

#[test]
fn a_second_refund_of_a_payment_waits_its_minute_where_people_see_it() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.want_back("r2", "1", 300);
        shop.world.state().wechat.strict_minute = true;
        let first = console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
        assert_eq!(first.payout_word(), "succeeded");
        let waiting = console.approve_and_wait(&request_id("r2"), &whole(), seconds(10)).await.unwrap();
        let payout = &waiting.payout.as_ref().unwrap().payout;
        assert_eq!((payout.state, payout.submissions), (PayoutState::Ready, 0));
        assert_eq!(payout.error.as_ref().unwrap().code, "console:one_minute");
        let sent = shop.world.calls(&[Call::Refund])[0].at;
        assert_eq!(waiting.next_at(), Some(sent + seconds(60)));
        let row = console.resume_and_wait(&Actor::nobody(), seconds(90)).await.unwrap();
        assert_eq!(row[0].payout_word(), "succeeded");
        let calls = shop.world.calls(&[Call::Refund]);
        assert_eq!(calls.len(), 2, "WeChat had nothing to refuse: {calls:?}");
        assert!(calls[1].at.duration_since(calls[0].at) >= seconds(60));
    });
}

#[test]
fn an_abnormal_refund_that_staff_settle_at_wechat_reaches_its_end() {
    for (end, word) in [(RefundStatus::Success, "succeeded"), (RefundStatus::Close, "closed")] {
        play(async |shop: Shop| {
            let console = asked_for(&shop).await;
            shop.world.state().wechat.ends = RefundStatus::Change;
            let row = console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
            assert_eq!((row.payout_word(), row.is_settled()), ("abnormal", true));
            let number = row.payout.unwrap().payout.out_refund_no;
            shop.world.forget_calls();
            until(console.watch(), pass(9_000)).await;
            let asked = shop.world.count(Call::QueryRefund);
            assert!((1..=3).contains(&asked), "seldom: {asked}");
            assert_eq!(shop.request("r1").state.as_str(), "failed");
            shop.world.state().wechat.settle(number.as_str(), end.clone());
            until(console.watch(), pass(3_700)).await;
            assert_eq!(console.desk("r1").await.payout_word(), word);
            let told = shop.request("r1").payout.state;
            assert_eq!(told.as_str(), if word == "succeeded" { "success" } else { "closed" });
            assert_eq!(shop.world.count(Call::Refund), 0);
        });
    }
}

#[test]
fn resuming_asks_about_an_abnormal_refund_at_once() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.state().wechat.ends = RefundStatus::Change;
        let row = console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
        let number = row.payout.unwrap().payout.out_refund_no;
        shop.world.once(Call::QueryRefund, Fault::Gateway(GatewayOutcome::Unknown, "SYSTEMERROR"));
        let rows = console.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
        let error = rows[0].payout.as_ref().unwrap().payout.error.clone().unwrap();
        assert_eq!((rows[0].payout_word(), error.code.as_str()), ("abnormal", "CHANGE"), "still to be done");
        shop.world.state().wechat.settle(number.as_str(), RefundStatus::Success);
        let rows = console.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
        assert_eq!((rows[0].payout_word(), rows[0].is_settled()), ("succeeded", true));
    });
}

#[test]
fn two_clicks_ask_as_often_as_one() {
    let asked = |clicks: usize| {
        play(async |shop: Shop| {
            let console = asked_for(&shop).await;
            shop.world.state().wechat.takes = seconds(20);
            shop.world.once(Call::Refund, Fault::Silence(When::After));
            let (id, approval) = (request_id("r1"), whole());
            let click = || console.approve_and_wait(&id, &approval, seconds(90));
            if clicks == 1 {
                click().await.unwrap();
            } else {
                let (one, other) = tokio::join!(click(), click());
                assert_eq!(
                    (one.unwrap().payout_word(), other.unwrap().payout_word()),
                    ("succeeded", "succeeded")
                );
            }
            shop.world.told(&[Call::Approve, Call::Refund, Call::QueryRefund, Call::Report])
        })
    };
    assert_eq!(asked(2), asked(1));
}
