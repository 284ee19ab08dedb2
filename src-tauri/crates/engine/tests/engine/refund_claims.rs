//! What a claim is worth: refused on a repetition, ended by whose clock, turned up late, and given up.

use domain::{BackendPayoutState, OutRefundNo, RefundState, TerminalId};
use engine::ports::{GatewayOutcome, PaymentNumber, SendRefund, SourceErrorKind};
use engine::{Actor, DeskRow, Error, RefundGroup};

use simulation::world::{
    Blank, Call, Console, Fault, Shop, When, fen, order_id, pass, play, play_on, request_id, seconds, until,
    whole,
};

const NUMBER: &str = "mr1-9a43203f9db53222efb006dbaa2e4f7a";

/// A console that knows of a buyer who wants 500 of 3780 fen back.
async fn asked_for(shop: &Shop) -> Console {
    shop.sell("1", 3780);
    shop.want_back("r1", "1", 500);
    let console = shop.console();
    console.round().await.unwrap();
    console
}

async fn approve(console: &Console, wait_s: i64) -> DeskRow {
    console.approve_and_wait(&request_id("r1"), &whole(), seconds(wait_s)).await.unwrap()
}

async fn refuse(console: &Console) -> Result<DeskRow, Error> {
    console.reject(&request_id("r1"), "no", &Actor::nobody(), None).await
}

fn assert_once(shop: &Shop) {
    assert_eq!(shop.world.movements(), [(NUMBER.to_owned(), 500)]);
    assert_eq!(shop.request("r1").state, RefundState::Succeeded);
}

#[test]
fn a_repeated_claim_that_is_refused_before_the_key_is_looked_for_is_claimed_again() {
    for kind in [SourceErrorKind::Forbidden, SourceErrorKind::NotFound, SourceErrorKind::Refused] {
        for ended in [false, true] {
            play(async |shop: Shop| {
                let mut console = asked_for(&shop).await;
                if ended {
                    shop.world.once(Call::Approve, Fault::Hang(When::After));
                    until(approve(&console, 60), shop.world.hangs()).await;
                    console.end().await;
                    console = shop.console();
                } else {
                    shop.world.once(Call::Approve, Fault::Silence(When::After));
                }
                shop.world.once(Call::Approve, Fault::Source(kind.clone()));
                let rows = if ended {
                    console.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap()
                } else {
                    vec![approve(&console, 60).await]
                };
                assert_eq!(rows[0].payout_word(), "succeeded", "{kind:?} {ended}");
                assert_eq!((shop.world.count(Call::Approve), shop.world.count(Call::Refund)), (2, 1));
                assert_once(&shop);
            });
        }
    }
}

#[test]
fn a_claim_in_doubt_that_is_refused_for_good_is_over_once_the_request_shows_that_there_is_none() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        console.approve(&request_id("r1"), &whole()).await.unwrap();
        console.end().await;
        shop.world.always(Call::Approve, Fault::Source(SourceErrorKind::Forbidden));
        let console = shop.console();
        until(console.serve(), pass(30)).await;
        let row = console.desk("r1").await;
        assert!(row.own_payout().is_none() && row.is_settled());
        assert_eq!((shop.world.count(Call::Approve), shop.world.count(Call::Refund)), (1, 0));
    });
}

#[test]
fn before_the_backend_has_answered_no_claim_counts_as_held() {
    play(async |shop: Shop| {
        shop.world.put_clock_ahead(seconds(-600));
        let console = asked_for(&shop).await;
        shop.world.always(Call::Refund, Fault::Gateway(GatewayOutcome::NotSent, "console:unreachable"));
        approve(&console, 10).await;
        console.end().await;
        pass(360).await;
        shop.world.heal();
        shop.world.forget_calls();
        for call in [Call::Capabilities, Call::Changes, Call::RefundRequest] {
            shop.world.always(call, Fault::Silence(When::Before));
        }
        let console = shop.console();
        until(console.serve(), pass(30)).await;
        assert_eq!(shop.world.count(Call::Refund), 0, "by this PC's clock the claim would last for minutes");
        shop.world.heal();
        until(console.serve(), pass(60)).await;
        assert_once(&shop);
    });
}

#[test]
fn a_first_claim_that_is_refused_is_over() {
    for kind in [SourceErrorKind::Forbidden, SourceErrorKind::NotFound, SourceErrorKind::Refused] {
        play(async |shop: Shop| {
            let console = asked_for(&shop).await;
            shop.world.once(Call::Approve, Fault::Source(kind.clone()));
            let row = approve(&console, 60).await;
            assert!(row.own_payout().is_none() && row.is_settled(), "{kind:?}");
            pass(700).await;
            assert_eq!((shop.world.count(Call::Approve), shop.world.count(Call::Refund)), (1, 0));
        });
    }
}

/// A claim that the console holds for lost, and that the backend has in its name.
async fn called_lost(shop: &Shop) -> Console {
    let console = asked_for(shop).await;
    shop.world.once(Call::Approve, Fault::Source(SourceErrorKind::Forbidden));
    assert!(approve(&console, 60).await.own_payout().is_none());
    let until = shop.world.time() + seconds(300);
    shop.world.state().backend.change_request("r1", |request| {
        request.state = RefundState::Processing;
        request.payout.state = BackendPayoutState::Processing;
        request.payout.round = 1;
        request.payout.refund_no = Some(OutRefundNo::new(NUMBER).unwrap());
        request.payout.amount = Some(fen(500));
        request.payout.terminal = Some(TerminalId::new("till-1").unwrap());
        request.payout.claim_until = Some(until);
    });
    console.round().await.unwrap();
    console
}

#[test]
fn a_claim_that_turns_up_after_all_waits_for_a_person_and_keeps_its_number() {
    play(async |shop: Shop| {
        let console = called_lost(&shop).await;
        until(console.serve(), pass(30)).await;
        let payouts = console.payouts("1").await;
        assert_eq!(payouts.len(), 1, "the number is the one that it had");
        assert!(payouts[0].payout.awaits_approval && payouts[0].payout.counts());
        assert_eq!(shop.world.count(Call::Refund), 0, "whoever decided was told that nothing was paid");
        let row = approve(&console, 60).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_once(&shop);
    });
}

#[test]
fn what_nobody_approves_can_be_refused_once_wechat_has_denied_it_for_long() {
    play(async |shop: Shop| {
        let console = called_lost(&shop).await;
        until(console.serve(), pass(10)).await;
        assert!(matches!(refuse(&console).await, Err(Error::AlreadyRunning { .. })), "it may still arrive");
        until(console.serve(), pass(50)).await;
        shop.world.once(Call::QueryRefund, Fault::Silence(When::Before));
        let unasked = refuse(&console).await;
        assert!(
            matches!(unasked, Err(Error::AlreadyRunning { .. })),
            "what WeChat said before may be long ago"
        );
        let desk = console.refund_desk_group(RefundGroup::ToDecide, 10).await.unwrap();
        assert!(desk.cases[0].choices.refuse.is_ok());
        let row = refuse(&console).await.unwrap();
        assert_eq!(row.request.as_ref().unwrap().state, RefundState::Rejected);
        assert!(!row.payout.as_ref().unwrap().payout.counts());
        assert_eq!(shop.world.count(Call::Refund), 0);
        assert_eq!(shop.world.told(&[Call::Report]).last().unwrap(), "Report r1 failed console:given_up");
    });
}

#[test]
fn what_wechat_has_after_all_is_not_given_up() {
    play(async |shop: Shop| {
        let console = called_lost(&shop).await;
        until(console.serve(), pass(60)).await;
        let late = SendRefund {
            payment: PaymentNumber::of(&shop.world.state().backend.orders[&order_id("1")]).unwrap(),
            out_refund_no: OutRefundNo::new(NUMBER).unwrap(),
            total: fen(3780),
            amount: fen(500),
            reason: None,
        };
        let now = shop.world.time();
        shop.world.state().wechat.refund(&late, now).unwrap();
        assert!(matches!(refuse(&console).await, Err(Error::AlreadyRunning { .. })));
        until(console.serve(), pass(60)).await;
        assert_once(&shop);
    });
}

#[test]
fn a_claim_ends_by_the_backends_clock_whatever_this_pc_shows() {
    for ahead in [-3_600, 0, 3_600] {
        play(async |shop: Shop| {
            shop.world.put_clock_ahead(seconds(ahead));
            let console = asked_for(&shop).await;
            shop.world.always(Call::Refund, Fault::Gateway(GatewayOutcome::NotSent, "console:unreachable"));
            approve(&console, 250).await;
            let reads = shop.world.count(Call::Report);
            assert_eq!(reads, 0, "{ahead}: the claim lasts");
            pass(60).await;
            shop.world.heal();
            let rows = console.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
            assert_eq!(rows[0].payout_word(), "succeeded");
            let calls = shop.world.told(&[Call::Report, Call::Refund]);
            assert!(calls.contains(&"Report r1 processing".to_owned()), "{ahead}: {calls:?}");
            assert_once(&shop);
        });
    }
}

#[test]
fn a_sending_of_which_the_claim_is_lost_and_that_never_arrived_frees_its_payment() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.want_back("r2", "1", 300);
        shop.world.once(Call::Refund, Fault::Silence(When::Before));
        shop.world.always(Call::QueryRefund, Fault::Silence(When::Before));
        approve(&console, 100).await;
        // The backend gives it to somebody who never pays it, and takes it back.
        shop.world.state().backend.change_request("r1", |request| {
            request.state = RefundState::Withdrawn;
            request.payout.state = BackendPayoutState::None;
            request.payout.terminal = None;
        });
        console.round().await.unwrap();
        shop.world.heal();
        let other = async || console.approve_and_wait(&request_id("r2"), &whole(), seconds(5)).await;
        until(console.serve(), pass(300)).await;
        assert!(matches!(other().await, Err(Error::AlreadyRunning { .. })), "it may still arrive");
        until(console.serve(), pass(1_500)).await;
        assert!(!console.payouts("1").await[0].payout.counts());
        assert_eq!(other().await.unwrap().payout_word(), "succeeded");
        assert_eq!(shop.world.count(Call::Refund), 2);
    });
}

#[test]
fn a_refund_that_cannot_be_written_down_does_not_keep_the_others_from_their_end() {
    let blank = Blank::altered(
        "CREATE TRIGGER broken BEFORE UPDATE ON payouts WHEN NEW.request_id = 'r1' AND NEW.state = 'processing'
         BEGIN SELECT raise(ABORT, 'a broken row'); END;",
    );
    play_on(blank, async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.sell("2", 900);
        shop.want_back("r2", "2", 900);
        console.round().await.unwrap();
        console.approve(&request_id("r1"), &whole()).await.unwrap();
        console.approve(&request_id("r2"), &whole()).await.unwrap();
        until(console.serve(), pass(20)).await;
        assert_eq!(shop.request("r2").state, RefundState::Succeeded);
        assert_eq!(shop.request("r1").state, RefundState::Processing);
        // What was on the wire is asked about, and never sent again.
        until(console.serve(), pass(120)).await;
        assert_eq!(shop.request("r1").state, RefundState::Succeeded);
        assert_eq!((shop.world.movements().len(), shop.world.count(Call::Refund)), (2, 2));
    });
}
