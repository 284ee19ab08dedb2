//! Refunds of one shop with several terminals, several processes, and mirrors that are lost.

use std::time::Duration;

use domain::{BackendPayoutState, RefundState, RefundStatus};
use engine::ports::GatewayOutcome;
use engine::{Actor, DeskRow, Error};

use simulation::world::{
    Call, Console, Fault, Shop, When, fen, pass, play, request_id, seconds, until, whole,
};

const NUMBER: &str = "mr1-9a43203f9db53222efb006dbaa2e4f7a";
const SECOND_NUMBER: &str = "mr2-9219fada41c45fa00bdf757e6c23cd28";
const UNREACHABLE: Fault = Fault::Gateway(GatewayOutcome::NotSent, "console:unreachable");

/// Two terminals that know of a buyer who wants 500 of 3780 fen back.
async fn two_tills(shop: &Shop) -> (Console, Console) {
    shop.sell("1", 3780);
    shop.want_back("r1", "1", 500);
    let (first, second) = (shop.console_of("till-1"), shop.console_of("till-2"));
    first.round().await.unwrap();
    second.round().await.unwrap();
    (first, second)
}

async fn approve(console: &Console, wait_s: i64) -> DeskRow {
    console.approve_and_wait(&request_id("r1"), &whole(), seconds(wait_s)).await.unwrap()
}

fn assert_once(shop: &Shop) {
    assert_eq!(shop.world.movements(), [(NUMBER.to_owned(), 500)]);
    assert_eq!(shop.request("r1").state, RefundState::Succeeded);
}

#[test]
fn of_two_terminals_at_once_one_pays() {
    play(async |shop: Shop| {
        let (first, second) = two_tills(&shop).await;
        let (one, two) = tokio::join!(approve(&first, 60), approve(&second, 60));
        let (winners, losers): (Vec<_>, Vec<_>) =
            [one, two].into_iter().partition(|row| row.own_payout().is_some());
        assert_eq!((winners.len(), winners[0].payout_word()), (1, "succeeded"));
        assert!(losers[0].is_settled(), "the other one pays: nothing to wait for here");
        assert_eq!(shop.world.count(Call::Approve), 2);
        assert_eq!(shop.world.count(Call::Refund), 1, "who did not get the claim never sends");
        assert_once(&shop);
    });
}

#[test]
fn a_claim_of_another_terminal_is_named_instead_of_asked_for() {
    play(async |shop: Shop| {
        let (first, second) = two_tills(&shop).await;
        shop.world.state().wechat.takes = seconds(1_000);
        approve(&first, 10).await;
        let outcome = second.approve(&request_id("r1"), &whole()).await;
        assert!(
            matches!(&outcome, Err(Error::HeldElsewhere { terminal }) if terminal == "till-1"),
            "{outcome:?}"
        );
        assert_eq!(shop.world.count(Call::Approve), 1);
    });
}

#[test]
fn past_the_claims_end_the_request_is_read_and_the_claim_renewed_before_anything_is_sent() {
    play(async |shop: Shop| {
        let (first, _) = two_tills(&shop).await;
        shop.world.always(Call::Refund, UNREACHABLE);
        approve(&first, 290).await;
        shop.world.forget_calls();
        pass(60).await;
        shop.world.heal();
        let rows = first.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
        assert_eq!(rows[0].payout_word(), "succeeded");
        let calls = shop.world.told(&[Call::RefundRequest, Call::Report, Call::Refund]);
        assert_eq!(calls[0], "RefundRequest r1");
        assert_eq!(calls[1], "Report r1 processing");
        assert!(calls[2].starts_with("Refund "), "{calls:?}");
        assert_once(&shop);
    });
}

#[test]
fn who_takes_over_a_lapsed_claim_asks_wechat_first_and_the_other_stops() {
    play(async |shop: Shop| {
        let (first, second) = two_tills(&shop).await;
        shop.world.always(Call::Refund, UNREACHABLE);
        approve(&first, 200).await;
        pass(200).await;
        shop.world.forget_calls();
        shop.world.heal();
        let row = approve(&second, 60).await;
        assert_eq!(row.payout_word(), "succeeded");
        let calls = shop.world.told(&[Call::QueryRefund, Call::Refund]);
        assert!(calls[0].starts_with("QueryRefund") && calls[1].starts_with("QueryRefund"), "{calls:?}");
        assert!(calls[2].starts_with("Refund"), "{calls:?}");
        assert_eq!(shop.request("r1").payout.terminal.unwrap().as_str(), "till-2");
        let rows = first.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
        assert!(rows[0].own_payout().is_none() && rows[0].is_settled());
        assert_eq!(rows[0].payout_word(), "succeeded", "as the backend says");
        assert_eq!(shop.world.count(Call::Refund), 1);
        assert_once(&shop);
    });
}

#[test]
fn who_takes_over_finds_what_the_dead_terminal_sent() {
    play(async |shop: Shop| {
        let (first, second) = two_tills(&shop).await;
        shop.world.once(Call::Refund, Fault::Hang(When::After));
        until(approve(&first, 60), shop.world.hangs()).await;
        first.end().await;
        pass(200).await;
        let outcome = second.approve(&request_id("r1"), &whole()).await;
        assert!(matches!(outcome, Err(Error::HeldElsewhere { .. })), "{outcome:?}");
        pass(101).await;
        let row = approve(&second, 60).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.count(Call::Refund), 1, "it had been sent");
        assert_once(&shop);
        // The dead terminal comes back, finds the same end, and repeats the same fact.
        let first = shop.console_of("till-1");
        let rows = first.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
        assert_eq!((rows[0].payout_word(), rows[0].is_settled()), ("succeeded", true));
        assert_eq!(shop.world.count(Call::Refund), 1);
        assert_once(&shop);
    });
}

#[test]
fn who_lost_the_claim_in_doubt_goes_on_asking_and_reports_what_it_finds() {
    play(async |shop: Shop| {
        let (first, second) = two_tills(&shop).await;
        shop.world.always(Call::QueryRefund, Fault::Silence(When::Before));
        shop.world.once(Call::Refund, Fault::Silence(When::Before));
        approve(&first, 250).await;
        pass(60).await;
        // The other takes over and dies before it sends.
        until(approve(&second, 60), pass(2)).await;
        second.end().await;
        shop.world.heal();
        shop.world.state().backend.claim = seconds(10_000);
        let rows = first.resume_and_wait(&Actor::nobody(), seconds(30)).await.unwrap();
        assert_eq!(shop.world.count(Call::Refund), 1, "the claim is not its own any more");
        assert!(!rows[0].is_settled());
        let second = shop.console_of("till-2");
        second.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
        let rows = first.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
        assert_eq!(rows[0].payout_word(), "succeeded");
        assert_once(&shop);
    });
}

#[test]
fn a_terminal_that_lost_a_claim_once_may_take_it_over_later_and_asks_first() {
    play(async |shop: Shop| {
        let (first, second) = two_tills(&shop).await;
        // Both approve; the second one's claim comes through first, and then it dies, having sent.
        shop.world.once(Call::Approve, Fault::Slow(Duration::from_secs(2)));
        shop.world.once(Call::Refund, Fault::Hang(When::After));
        let later = async {
            pass(1).await;
            until(approve(&second, 60), shop.world.hangs()).await;
        };
        let (row, ()) = tokio::join!(approve(&first, 60), later);
        assert!(row.own_payout().is_none() && row.is_settled());
        pass(301).await;
        let row = approve(&first, 60).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.count(Call::Refund), 1, "asked for before it is sent");
        assert_once(&shop);
    });
}

#[test]
fn a_terminal_that_lost_a_claim_goes_on_with_the_next_round_after_the_number_was_closed() {
    play(async |shop: Shop| {
        let (first, second) = two_tills(&shop).await;
        shop.world.state().wechat.ends = RefundStatus::Close;
        let (one, two) = tokio::join!(approve(&first, 60), approve(&second, 60));
        assert_eq!(shop.request("r1").payout.state, BackendPayoutState::Closed);
        shop.world.state().wechat.ends = RefundStatus::Success;
        assert!(one.own_payout().is_none() != two.own_payout().is_none());
        let loser = if one.own_payout().is_none() { &first } else { &second };
        let row = approve(loser, 60).await;
        assert_eq!(row.payout_word(), "succeeded");
        assert_eq!(shop.world.movements(), [(SECOND_NUMBER.to_owned(), 500)]);
    });
}

#[test]
fn a_claim_without_a_record_is_asked_about_and_gone_on_with() {
    for sent in [When::Before, When::After] {
        play(async |shop: Shop| {
            let (first, _) = two_tills(&shop).await;
            shop.world.once(Call::Refund, Fault::Hang(sent));
            until(approve(&first, 60), shop.world.hangs()).await;
            first.end().await;
            pass(0).await;
            shop.lose_mirror("till-1");
            shop.world.forget_calls();
            let first = shop.console_of("till-1");
            first.round().await.unwrap();
            let rows = first.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
            assert_eq!((rows[0].payout_word(), rows[0].is_settled()), ("succeeded", true), "{sent:?}");
            let calls = shop.world.told(&[Call::QueryRefund, Call::Refund]);
            assert!(calls[0].starts_with("QueryRefund"), "{sent:?}: {calls:?}");
            assert_eq!(shop.world.count(Call::Refund), usize::from(sent == When::Before), "{sent:?}");
            assert_once(&shop);
        });
    }
}

#[test]
fn a_person_who_approves_a_claim_without_a_record_again_pays_once() {
    for sent in [When::Before, When::After] {
        play(async |shop: Shop| {
            let (first, _) = two_tills(&shop).await;
            shop.world.once(Call::Refund, Fault::Hang(sent));
            until(approve(&first, 60), shop.world.hangs()).await;
            first.end().await;
            pass(0).await;
            shop.lose_mirror("till-1");
            let first = shop.console_of("till-1");
            first.round().await.unwrap();
            assert_eq!(approve(&first, 60).await.payout_word(), "succeeded", "{sent:?}");
            assert_once(&shop);
        });
    }
}

#[test]
fn two_processes_on_one_mirror_pay_once_whenever_the_second_one_comes() {
    for delay_ms in [0, 1, 500, 1_000, 1_500, 3_000, 3_001] {
        play(async |shop: Shop| {
            shop.sell("1", 3780);
            shop.want_back("r1", "1", 500);
            let (window, command) = (shop.console(), shop.console());
            window.round().await.unwrap();
            let later = async {
                tokio::time::sleep(Duration::from_millis(delay_ms)).await;
                command.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await
            };
            let (one, two) = tokio::join!(approve(&window, 60), later);
            assert_eq!(one.payout_word(), "succeeded", "{delay_ms}");
            match two {
                Ok(row) => {
                    assert_eq!((row.payout_word(), row.is_settled()), ("succeeded", true), "{delay_ms}")
                }
                Err(error) => assert!(matches!(error, Error::AlreadyDone), "{delay_ms}: {error}"),
            }
            assert_eq!(shop.world.count(Call::Refund), 1, "{delay_ms}");
            assert_once(&shop);
        });
    }
}

#[test]
fn who_approves_where_the_same_process_serves_hears_of_the_end() {
    for slow_s in [0, 1, 5] {
        play(async |shop: Shop| {
            shop.sell("1", 3780);
            shop.want_back("r1", "1", 500);
            let window = shop.console();
            shop.world.once(Call::Refund, Fault::Slow(Duration::from_secs(slow_s)));
            until(window.serve(), async {
                pass(2).await;
                let row = approve(&window, 60).await;
                assert_eq!((row.payout_word(), row.is_settled()), ("succeeded", true), "{slow_s} s");
            })
            .await;
            assert_eq!(shop.world.count(Call::Refund), 1, "{slow_s} s");
            assert_once(&shop);
        });
    }
}

#[test]
fn a_command_beside_a_serving_console_writes_the_decision_down_and_watches() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        shop.want_back("r1", "1", 500);
        let (window, command) = (shop.console(), shop.console());
        until(window.serve(), async {
            pass(2).await;
            let row = approve(&command, 60).await;
            assert_eq!((row.payout_word(), row.is_settled()), ("succeeded", true));
        })
        .await;
        assert_once(&shop);
    });
}

#[test]
fn a_command_that_watches_takes_over_when_the_console_ends() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        shop.want_back("r1", "1", 500);
        let (window, command) = (shop.console(), shop.console());
        shop.world.once(Call::Refund, Fault::Hang(When::Before));
        let ends = async {
            until(window.serve(), async {
                shop.world.hangs().await;
                pass(3).await;
            })
            .await;
            window.end().await;
        };
        let approved = async {
            pass(2).await;
            approve(&command, 60).await
        };
        let ((), row) = tokio::join!(ends, approved);
        assert_eq!((row.payout_word(), row.is_settled()), ("succeeded", true));
        assert_once(&shop);
    });
}

#[test]
fn a_command_that_resumes_leaves_alone_what_another_process_is_sending() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        shop.want_back("r1", "1", 500);
        let (window, command) = (shop.console(), shop.console());
        window.round().await.unwrap();
        shop.world.state().wechat.payments.clear();
        shop.world.once(Call::Refund, Fault::Slow(Duration::from_secs(10)));
        let resumed = async {
            pass(5).await;
            command.resume_and_wait(&Actor::nobody(), seconds(30)).await.unwrap()
        };
        let (row, rows) = tokio::join!(approve(&window, 60), resumed);
        assert_eq!(shop.world.count(Call::Refund), 1, "WeChat's refusal was heard, so nothing is in doubt");
        assert_eq!(row.payout_word(), "failed");
        assert_eq!(rows[0].payout_word(), "failed");
        assert_eq!(row.payout.unwrap().payout.amount, fen(500));
    });
}

#[test]
fn who_failed_before_may_take_over_from_the_terminal_that_tried_after_it() {
    play(async |shop: Shop| {
        let (first, second) = two_tills(&shop).await;
        shop.world.once(Call::Refund, Fault::Gateway(GatewayOutcome::Refused, "NOTENOUGH"));
        assert_eq!(approve(&first, 60).await.payout_word(), "failed");
        second.round().await.unwrap();
        shop.world.always(Call::Refund, UNREACHABLE);
        assert_eq!(approve(&second, 10).await.payout_word(), "ready", "claimed, and the line is dead");
        second.end().await;
        pass(400).await;
        shop.world.heal();
        assert_eq!(approve(&first, 60).await.payout_word(), "succeeded");
        assert_once(&shop);
    });
}
