//! What WeChat and the backend may answer to a refund, or not.

use domain::{BackendPayoutState, RefundState, RefundStatus};
use engine::ports::{GatewayOutcome, SourceErrorKind};
use engine::{Actor, Approval, DeskRow};

use simulation::world::{
    Call, Console, Fault, Shop, When, fen, pass, play, request_id, seconds, until, whole,
};

const NUMBER: &str = "mr1-9a43203f9db53222efb006dbaa2e4f7a";
const SECOND_NUMBER: &str = "mr2-9219fada41c45fa00bdf757e6c23cd28";

/// A console that knows of a buyer who wants 500 of 3780 fen back.
async fn asked_for(shop: &Shop) -> Console {
    shop.sell("1", 3780);
    shop.want_back("r1", "1", 500);
    let console = shop.console();
    console.round().await.unwrap();
    console
}

async fn approve(console: &Console) -> DeskRow {
    console.approve_and_wait(&request_id("r1"), &whole(), seconds(300)).await.unwrap()
}

fn once(number: &str) -> Vec<(String, i64)> {
    vec![(number.to_owned(), 500)]
}

/// The words of WeChat's refusals, and what each leaves open.
const REFUSED: Fault = Fault::Gateway(GatewayOutcome::Refused, "NOTENOUGH");
const REFUSED_UNLESS_EARLIER: Fault = Fault::Gateway(GatewayOutcome::RefusedUnlessEarlier, "INVALID_REQUEST");
const UNREACHABLE: Fault = Fault::Gateway(GatewayOutcome::NotSent, "console:unreachable");

#[test]
fn a_sending_that_was_lost_is_sent_again_after_two_answers_that_there_is_none() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Refund, Fault::Silence(When::Before));
        let row = approve(&console).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.movements(), once(NUMBER));
        assert_eq!(shop.world.times(Call::Refund), [0, 3]);
        assert_eq!(shop.world.times(Call::QueryRefund)[..2], [1, 3], "2 s apart");
        let sent = shop.world.told(&[Call::Refund]);
        assert_eq!(sent[0], sent[1], "word for word, the number included");
    });
}

#[test]
fn an_answer_that_was_lost_is_found_by_asking_and_nothing_is_sent_again() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Refund, Fault::Silence(When::After));
        let row = approve(&console).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.count(Call::Refund), 1);
        assert_eq!(shop.world.movements(), once(NUMBER));
    });
}

#[test]
fn a_refund_that_the_books_show_late_moves_once() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.state().wechat.lag = seconds(60);
        shop.world.once(Call::Refund, Fault::Silence(When::After));
        let row = approve(&console).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.count(Call::Refund), 2, "the number makes the second one harmless");
        assert_eq!(shop.world.movements(), once(NUMBER));
    });
}

#[test]
fn a_refund_that_wechat_accepted_is_never_sent_again_even_if_the_books_do_not_show_it() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.state().wechat.lag = seconds(50);
        let row = approve(&console).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.count(Call::Refund), 1);
    });
}

#[test]
fn an_accepted_refund_is_asked_about_on_the_schedule() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.state().wechat.takes = seconds(250);
        let row = console.approve_and_wait(&request_id("r1"), &whole(), seconds(200)).await.unwrap();
        assert_eq!((row.payout_word(), row.is_settled()), ("processing", false), "the wait is over");
        assert_eq!(shop.world.times(Call::QueryRefund), [1, 3, 7, 15, 30, 60]);
        let rows = console.resume_and_wait(&Actor::nobody(), seconds(0)).await.unwrap();
        assert_eq!(rows[0].payout_word(), "processing");
        let rows = console.resume_and_wait(&Actor::nobody(), seconds(1_000)).await.unwrap();
        assert_eq!(rows[0].payout_word(), "succeeded");
        assert_eq!(shop.world.times(Call::QueryRefund)[6..], [200, 300], "resuming asks at once");
        assert_eq!(shop.request("r1").state, RefundState::Succeeded);
    });
}

#[test]
fn a_question_without_an_answer_is_put_again_and_nothing_is_sent_again() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Refund, Fault::Silence(When::After));
        for _ in 0..4 {
            shop.world.once(Call::QueryRefund, Fault::Silence(When::Before));
        }
        let row = approve(&console).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.count(Call::Refund), 1);
        assert_eq!(shop.world.times(Call::QueryRefund)[..5], [1, 3, 7, 15, 30]);
    });
}

#[test]
fn what_never_left_this_pc_is_sent_later_without_a_question() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        for _ in 0..3 {
            shop.world.once(Call::Refund, UNREACHABLE);
        }
        let row = approve(&console).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.times(Call::Refund), [0, 1, 3, 7], "1, 2 and 4 s apart");
        assert_eq!(shop.world.times(Call::QueryRefund)[0], 8, "the first question is after the acceptance");
        assert_eq!(shop.world.movements(), once(NUMBER));
    });
}

#[test]
fn a_definite_refusal_is_reported_and_may_be_approved_again_under_the_same_number() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Refund, REFUSED);
        let row = approve(&console).await;
        assert_eq!((row.payout_word(), row.is_settled()), ("failed", true));
        assert_eq!(shop.world.told(&[Call::Report]), ["Report r1 failed NOTENOUGH"]);
        assert_eq!(shop.request("r1").payout.state, BackendPayoutState::Failed);
        assert_eq!(shop.world.movements(), []);
        let smaller = Approval { amount: Some(fen(400)), ..whole() };
        let row = console.approve_and_wait(&request_id("r1"), &smaller, seconds(60)).await.unwrap();
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(
            shop.world.movements(),
            [(NUMBER.to_owned(), 400)],
            "WeChat had none, so the amount may change"
        );
        assert_eq!(console.payouts("1").await.len(), 1);
    });
}

#[test]
fn the_reason_of_a_refusal_survives_a_backend_that_does_not_answer() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Refund, REFUSED);
        shop.world.once(Call::Report, Fault::Silence(When::Before));
        shop.world.once(Call::Report, Fault::Source(SourceErrorKind::Unauthenticated));
        let row = approve(&console).await;
        assert_eq!(shop.world.told(&[Call::Report]), ["Report r1 failed NOTENOUGH"; 3]);
        assert_eq!(row.payout.unwrap().payout.error.unwrap().code, "NOTENOUGH");
    });
}

#[test]
fn a_refusal_that_may_hide_an_earlier_refund_fails_only_after_two_answers_that_there_is_none() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Refund, REFUSED_UNLESS_EARLIER);
        let row = approve(&console).await;
        assert_eq!(row.payout_word(), "failed");
        assert_eq!(shop.world.times(Call::QueryRefund), [1, 3]);
        assert_eq!(shop.world.count(Call::Refund), 1, "WeChat does not want it: asking again helps nobody");
        assert_eq!(shop.world.told(&[Call::Report]), ["Report r1 failed INVALID_REQUEST"]);
    });
}

#[test]
fn no_refusal_counts_while_an_earlier_sending_may_have_run() {
    for refusal in [REFUSED, REFUSED_UNLESS_EARLIER, UNREACHABLE] {
        play(async |shop: Shop| {
            let console = asked_for(&shop).await;
            shop.world.state().wechat.lag = seconds(4);
            shop.world.once(Call::Refund, Fault::Silence(When::After));
            shop.world.once(Call::Refund, refusal.clone());
            let row = approve(&console).await;
            assert_eq!(row.payout_word(), "succeeded", "{refusal:?}");
            assert_eq!(shop.world.count(Call::Refund), 2, "{refusal:?}");
            assert_eq!(shop.world.movements(), once(NUMBER), "{refusal:?}");
            assert_eq!(shop.world.told(&[Call::Report]), ["Report r1 success"], "{refusal:?}");
        });
    }
}

#[test]
fn a_gateway_that_never_answers_is_not_hammered() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.always(Call::Refund, Fault::Silence(When::Before));
        let row = console.approve_and_wait(&request_id("r1"), &whole(), seconds(1_200)).await.unwrap();
        assert!(!row.is_settled());
        let sent = shop.world.count(Call::Refund);
        assert!((5..=12).contains(&sent), "{sent} sendings in 20 minutes");
        shop.world.heal();
        console.resume_and_wait(&Actor::nobody(), seconds(600)).await.unwrap();
        assert_eq!(shop.world.movements(), once(NUMBER));
    });
}

#[test]
fn a_refund_that_the_buyers_account_cannot_take_is_never_sent_again() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.state().wechat.ends = RefundStatus::Change;
        let row = approve(&console).await;
        assert_eq!((row.payout_word(), row.is_settled()), ("abnormal", true));
        assert_eq!(shop.request("r1").payout.state, BackendPayoutState::Abnormal);
        let other = Approval { amount: Some(fen(400)), ..whole() };
        assert!(
            console.approve(&request_id("r1"), &other).await.is_err(),
            "the number lives with its amount"
        );
        let row = approve(&console).await;
        assert_eq!(row.payout_word(), "abnormal", "staff have not settled it yet");
        shop.world.state().wechat.settle(NUMBER, RefundStatus::Success);
        let row = approve(&console).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.request("r1").state, RefundState::Succeeded);
        assert_eq!(shop.world.count(Call::Refund), 1);
        assert_eq!(shop.world.movements(), once(NUMBER));
    });
}

#[test]
fn after_wechat_closed_a_refund_the_next_approval_has_a_new_number() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.state().wechat.ends = RefundStatus::Close;
        let row = approve(&console).await;
        assert_eq!((row.payout_word(), row.is_settled()), ("closed", true));
        assert_eq!(shop.request("r1").payout.state, BackendPayoutState::Closed);
        shop.world.state().wechat.ends = RefundStatus::Success;
        let row = approve(&console).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.movements(), once(SECOND_NUMBER));
        assert_eq!(shop.request("r1").payout.round, 2);
    });
}

#[test]
fn nothing_is_sent_before_the_backend_granted_the_claim() {
    let silences = [
        Fault::Silence(When::Before),
        Fault::Silence(When::After),
        Fault::Source(SourceErrorKind::Transient { retry_after_s: Some(3) }),
        Fault::Source(SourceErrorKind::Unauthenticated),
    ];
    for fault in silences {
        play(async |shop: Shop| {
            let console = asked_for(&shop).await;
            for _ in 0..3 {
                shop.world.once(Call::Approve, fault.clone());
            }
            let row = approve(&console).await;
            assert_eq!(row.payout_word(), "succeeded", "{fault:?}");
            assert_eq!(shop.world.count(Call::Approve), 4, "{fault:?}");
            let first_sent = shop.world.times(Call::Refund)[0];
            assert!(first_sent >= *shop.world.times(Call::Approve).last().unwrap(), "{fault:?}");
            assert_eq!(shop.request("r1").payout.round, 1, "{fault:?}: one claim");
            assert_eq!(shop.world.movements(), once(NUMBER), "{fault:?}");
        });
    }
}

#[test]
fn a_claim_that_the_backend_refuses_moves_nothing_and_is_told() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Approve, Fault::Source(SourceErrorKind::Refused));
        until(console.serve(), async {
            console.approve(&request_id("r1"), &whole()).await.unwrap();
            pass(60).await;
        })
        .await;
        let row = console.desk("r1").await;
        assert_eq!((row.payout_word(), row.is_settled()), ("none", true));
        assert_eq!(shop.world.count(Call::Refund), 0);
        let alerts = shop.world.alerts();
        assert!(alerts.contains(&"refund_failed N1".to_owned()), "nobody else would say so: {alerts:?}");
        assert_eq!(approve(&console).await.payout_word(), "succeeded", "it may be decided again");
        assert_eq!(shop.world.movements(), once(NUMBER));
    });
}

#[test]
fn a_report_is_repeated_until_the_backend_takes_it() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.always(Call::Report, Fault::Silence(When::Before));
        let row = console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
        assert_eq!((row.payout_word(), row.is_settled()), ("succeeded", false));
        assert_eq!(shop.request("r1").state, RefundState::Processing);
        shop.world.heal();
        until(console.serve(), pass(120)).await;
        assert_eq!(shop.request("r1").state, RefundState::Succeeded);
        assert_eq!(shop.world.movements(), once(NUMBER));
    });
}

#[test]
fn a_report_that_the_backend_refuses_stays_owed() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Report, Fault::Source(SourceErrorKind::Refused));
        shop.world.once(Call::Report, Fault::Source(SourceErrorKind::NotFound));
        let row = approve(&console).await;
        assert_eq!((row.payout_word(), row.is_settled()), ("succeeded", true));
        assert_eq!(shop.world.told(&[Call::Report]), ["Report r1 success"; 3], "until 200 or 409");
    });
}

#[test]
fn a_report_that_the_backend_knows_better_than_is_dropped() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Refund, REFUSED);
        shop.world.once(Call::Report, Fault::Slow(std::time::Duration::from_secs(2)));
        let settled = async {
            pass(1).await;
            shop.world.state().backend.change_request("r1", |request| {
                request.payout.state = BackendPayoutState::Success;
                request.state = RefundState::Succeeded;
            });
        };
        let (row, ()) = tokio::join!(approve(&console), settled);
        assert_eq!((row.payout_word(), row.is_settled()), ("failed", true));
        assert_eq!(row.request.unwrap().state, RefundState::Succeeded, "the backend's state was taken over");
        assert_eq!(shop.world.count(Call::Report), 1);
    });
}

#[test]
fn a_pc_clock_that_is_wrong_by_hours_delays_no_refund() {
    for hours in [-5, 5] {
        play(async |shop: Shop| {
            shop.world.put_clock_ahead(seconds(hours * 3_600));
            let console = asked_for(&shop).await;
            let row = approve(&console).await;
            assert_eq!(row.payout_word(), "succeeded", "{hours} h");
            assert_eq!(shop.world.movements(), once(NUMBER), "{hours} h");
            assert!(shop.world.elapsed() < 60, "{hours} h");
        });
    }
}
