//! A crash at every step of a refund: whatever the instant, the money goes back once, and the backend hears of it.

use domain::RefundState;
use engine::{Actor, DeskRow};

use simulation::world::{
    Call, Console, Fault, Shop, When, fen, pass, play, request_id, seconds, until, whole,
};

/// The number of request r1 of shop s1, as printed in `merchant-api.yaml` R7.
const NUMBER: &str = "mr1-9a43203f9db53222efb006dbaa2e4f7a";

/// Every call of a refund, and both sides of its execution.
const BOUNDARIES: [(Call, When); 12] = [
    (Call::RefundRequest, When::Before),
    (Call::Order, When::Before),
    (Call::Approve, When::Before),
    (Call::Approve, When::After),
    (Call::Refund, When::Before),
    (Call::Refund, When::After),
    (Call::QueryRefund, When::Before),
    (Call::QueryRefund, When::After),
    (Call::Report, When::Before),
    (Call::Report, When::After),
    (Call::Capabilities, When::Before),
    (Call::Changes, When::Before),
];

/// A buyer wants 500 of 3780 fen back.
async fn asked_for(shop: &Shop) {
    shop.sell("1", 3780);
    shop.want_back("r1", "1", 500);
    shop.console().round().await.unwrap();
}

async fn approve(console: &Console) -> DeskRow {
    console.approve_and_wait(&request_id("r1"), &whole(), seconds(120)).await.unwrap()
}

/// The next start: whatever waits is taken up, and whoever sees the request still open approves again.
async fn next_start(console: &Console) {
    console.round().await.unwrap();
    console.resume_and_wait(&Actor::nobody(), seconds(120)).await.unwrap();
    if console.desk("r1").await.payout.is_none() {
        approve(console).await;
    }
}

async fn assert_once(shop: &Shop, case: &str) {
    assert_eq!(shop.world.movements(), [(NUMBER.to_owned(), 500)], "{case}");
    let request = shop.request("r1");
    assert_eq!((&request.state, request.payout.round), (&RefundState::Succeeded, 1), "{case}");
    let console = shop.console();
    let row = console.desk("r1").await;
    assert_eq!((row.payout_word(), row.is_settled()), ("succeeded", true), "{case}");
    assert_eq!(row.request, Some(request), "{case}");
    console.round().await.unwrap();
    let order = console.row("1").await.unwrap().order;
    assert_eq!((order.amounts.refunded, order.amounts.refundable), (fen(500), fen(3280)), "{case}");
    assert_asked_before_each_repetition(shop, case);
    let sent = shop.world.calls(&[Call::Refund]);
    assert!(sent.iter().all(|entry| entry.about == format!("{NUMBER} 500")), "{case}: {sent:?}");
}

/// Between two sendings WeChat was asked twice, at least 2 s apart.
fn assert_asked_before_each_repetition(shop: &Shop, case: &str) {
    let calls = shop.world.calls(&[Call::Refund, Call::QueryRefund]);
    let pieces: Vec<_> = calls.split(|entry| entry.call == Call::Refund).collect();
    for between in pieces.get(1..pieces.len() - 1).unwrap_or_default() {
        let (first, last) = (between.first().unwrap(), between.last().unwrap());
        assert!(last.at.duration_since(first.at) >= seconds(2), "{case}: {calls:?}");
    }
}

#[test]
fn a_refund_without_a_crash_takes_each_step_once() {
    play(async |shop: Shop| {
        asked_for(&shop).await;
        let console = shop.console();
        approve(&console).await;
        let steps = shop.world.told(&[Call::Approve, Call::Refund, Call::QueryRefund, Call::Report]);
        let number = format!("QueryRefund {NUMBER}");
        assert_eq!(
            steps,
            [
                "Approve r1 by till-1",
                &format!("Refund {NUMBER} 500"),
                // After 1 s it is on its way, after 3 s it has arrived.
                &number,
                &number,
                "Report r1 success",
            ]
        );
        assert_once(&shop, "no crash").await;
        let timeline = console.timeline("1").await;
        for kind in [
            "refund_requested",
            "refund_approved",
            "refund_claimed",
            "refund_submitted",
            "refund_accepted",
            "refund_succeeded",
            "refund_reported",
        ] {
            assert!(timeline.iter().any(|known| known == kind), "{kind} in {timeline:?}");
        }
    });
}

#[test]
fn a_crash_at_each_call_pays_once() {
    for (call, when) in BOUNDARIES {
        play(async |shop: Shop| {
            asked_for(&shop).await;
            shop.world.once(call, Fault::Hang(when));
            let console = shop.console();
            until(approve(&console), shop.world.hangs()).await;
            console.end().await;
            pass(5).await;
            shop.world.heal();
            next_start(&shop.console()).await;
            assert_once(&shop, &format!("{call:?} {when:?}")).await;
        });
    }
}

#[test]
fn two_crashes_pay_once() {
    for first in BOUNDARIES {
        for second in BOUNDARIES {
            play(async |shop: Shop| {
                asked_for(&shop).await;
                shop.world.once(first.0, Fault::Hang(first.1));
                let console = shop.console();
                until(approve(&console), shop.world.hangs()).await;
                console.end().await;
                shop.world.heal();
                shop.world.once(second.0, Fault::Hang(second.1));
                let console = shop.console();
                until(next_start(&console), shop.world.hangs()).await;
                console.end().await;
                shop.world.heal();
                next_start(&shop.console()).await;
                assert_once(&shop, &format!("{first:?} {second:?}")).await;
            });
        }
    }
}

/// The program ends right after its nth commit, before it does anything else.
#[test]
fn a_crash_after_each_commit_pays_once() {
    let mut cuts = 0;
    loop {
        let finished = play(async |shop: Shop| {
            asked_for(&shop).await;
            let console = shop.console();
            let mut changes = console.mirror().changes();
            let last = changes.borrow().revision + cuts;
            let cut = async {
                changes.wait_for(|changed| changed.revision > last).await.unwrap();
            };
            let finished = until(approve(&console), cut).await.is_some();
            console.end().await;
            next_start(&shop.console()).await;
            assert_once(&shop, &format!("after {cuts} commits")).await;
            finished
        });
        if finished {
            break;
        }
        cuts += 1;
    }
    assert!(cuts >= 7, "intent, claim, sending, accepted, two answers, reported: {cuts}");
}

#[test]
fn a_serving_console_takes_an_interrupted_refund_up_by_itself() {
    for (call, when) in BOUNDARIES.into_iter().skip(2) {
        play(async |shop: Shop| {
            asked_for(&shop).await;
            shop.world.once(call, Fault::Hang(when));
            let console = shop.console();
            until(approve(&console), shop.world.hangs()).await;
            console.end().await;
            shop.world.heal();
            let console = shop.console();
            until(console.serve(), pass(30)).await;
            assert_once(&shop, &format!("{call:?} {when:?}")).await;
            let alerts = shop.world.alerts();
            let arrived = alerts.iter().filter(|alert| *alert == "refund_succeeded N1").count();
            assert_eq!(arrived, 1, "{call:?} {when:?}: {alerts:?}");
        });
    }
}

#[test]
fn a_refund_that_the_shop_starts_survives_a_crash_at_each_call() {
    let boundaries = BOUNDARIES
        .into_iter()
        .filter(|(call, _)| matches!(call, Call::Refund | Call::QueryRefund | Call::Report));
    let claims = [(Call::RefundOrder, When::Before), (Call::RefundOrder, When::After)];
    for (call, when) in claims.into_iter().chain(boundaries) {
        play(async |shop: Shop| {
            shop.sell("1", 3780);
            let console = shop.console();
            console.round().await.unwrap();
            shop.world.once(call, Fault::Hang(when));
            let nobody = Actor::nobody();
            let started = console.refund_order_and_wait("N1", fen(700), "sold out", &nobody, seconds(60));
            until(started, shop.world.hangs()).await;
            console.end().await;
            shop.world.heal();
            let console = shop.console();
            let rows = console.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
            let case = format!("{call:?} {when:?}");
            assert_eq!(rows.len(), 1, "{case}");
            assert_eq!((rows[0].payout_word(), rows[0].is_settled()), ("succeeded", true), "{case}");
            let moved = shop.world.movements();
            assert_eq!(moved.len(), 1, "{case}: {moved:?}");
            assert_eq!(moved[0].1, 700, "{case}");
            assert_eq!(shop.world.state().backend.requests.len(), 1, "{case}: one request at the backend");
            assert_eq!(shop.request("m1").state, RefundState::Succeeded, "{case}");
            assert_eq!(shop.request("m1").payout.refund_no.unwrap().as_str(), moved[0].0, "{case}");
        });
    }
}

#[test]
fn a_start_says_nothing_new_of_a_refund_that_was_not_being_sent() {
    play(async |shop: Shop| {
        asked_for(&shop).await;
        shop.world.state().wechat.takes = seconds(1_000);
        let console = shop.console();
        console.approve_and_wait(&request_id("r1"), &whole(), seconds(10)).await.unwrap();
        console.end().await;
        for _ in 0..2 {
            let console = shop.console();
            console.round().await.unwrap();
            let timeline = console.timeline("1").await;
            assert!(!timeline.iter().any(|kind| kind == "refund_unknown"), "{timeline:?}");
            console.end().await;
        }
    });
}
