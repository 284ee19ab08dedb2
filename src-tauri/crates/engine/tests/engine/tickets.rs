//! Paper: at most once by itself, and never silently missing.

use domain::RefundStatus;
use mirror::JobState;

use simulation::world::{
    Call, Console, Fault, Shop, When, order_id, pass, play, request_id, rule, seconds, until, whole,
};

async fn open(shop: &Shop) -> Console {
    let console = shop.console();
    console.round().await.unwrap();
    console
}

async fn jobs(console: &Console) -> Vec<(String, JobState)> {
    let id = order_id("1");
    let jobs =
        console.mirror().read::<_, mirror::Error>(move |view| view.print_jobs_of_order(&id)).await.unwrap();
    jobs.into_iter().map(|job| (job.job.target, job.state)).collect()
}

/// An order comes in while the console serves.
async fn sell_and_wait(shop: &Shop, seconds: u64) {
    shop.sell("1", 3780);
    pass(seconds).await;
}

#[test]
fn a_ticket_that_was_being_sent_when_the_program_ended_is_in_doubt_and_not_sent_again() {
    for when in [When::Before, When::After] {
        play(async |mut shop: Shop| {
            shop.tickets.rules = vec![rule("merchant", "counter", 1)];
            let console = open(&shop).await;
            shop.sell("1", 3780);
            shop.world.once(Call::Print, Fault::Hang(when));
            until(console.serve(), shop.world.hangs()).await;
            console.end().await;
            let console = shop.console();
            until(console.serve(), pass(600)).await;
            assert_eq!(shop.world.count(Call::Print), 1, "{when:?}");
            assert_eq!(jobs(&console).await, [("counter".to_owned(), JobState::Unknown)], "{when:?}");
            let alerts = shop.world.alerts();
            let doubts = alerts.iter().filter(|alert| *alert == "ticket_in_doubt N1").count();
            assert_eq!(doubts, 1, "{when:?}: {alerts:?}");
        });
    }
}

#[test]
fn a_crash_before_the_ticket_is_sent_prints_it_once() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let console = open(&shop).await;
        shop.sell("1", 3780);
        shop.world.once(Call::ClaimTicket, Fault::Hang(When::After));
        until(console.serve(), shop.world.hangs()).await;
        console.end().await;
        let console = shop.console();
        until(console.serve(), pass(60)).await;
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
        assert!(
            !shop.world.state().desktop.papers[0].possible_duplicate,
            "the claim was this terminal's own"
        );
    });
}

/// The program ends right after its nth commit, from the order's arrival to the word that it is printed.
#[test]
fn a_crash_after_each_commit_prints_at_most_once_and_tells_of_a_doubt() {
    let mut cuts = 0;
    loop {
        let finished = play(async |mut shop: Shop| {
            shop.tickets.rules = vec![rule("merchant", "counter", 1)];
            let console = open(&shop).await;
            shop.sell("1", 3780);
            let mut changes = console.mirror().changes();
            let last = changes.borrow().revision + cuts;
            let cut = async {
                let wanted = changes.wait_for(|changed| changed.revision > last);
                tokio::time::timeout(std::time::Duration::from_secs(20), wanted).await.map(drop).is_err()
            };
            let finished = tokio::select! {
                biased;
                finished = cut => finished,
                _ = console.serve() => true,
            };
            console.end().await;
            let console = shop.console();
            until(console.serve(), pass(60)).await;
            let papers = shop.world.papers().len();
            let doubt = shop.world.alerts().contains(&"ticket_in_doubt N1".to_owned());
            assert!(papers == 1 && !doubt || papers <= 1 && doubt, "after {cuts} commits: {papers} {doubt}");
            assert!(shop.world.alerts().contains(&"new_order N1".to_owned()), "after {cuts} commits");
            finished
        });
        if finished {
            break;
        }
        cuts += 1;
    }
    assert!(cuts >= 6, "arrival, verdict, alerted, queued, sending, sent, acknowledged: {cuts}");
}

#[test]
fn a_ticket_of_which_nothing_left_is_tried_until_the_printer_is_there() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let console = open(&shop).await;
        shop.world.break_printer("counter", 0);
        until(console.serve(), async {
            sell_and_wait(&shop, 300).await;
            let tries = shop.world.count(Call::Print);
            assert!((10..=20).contains(&tries), "{tries} tries in five minutes");
            let alerts = shop.world.alerts();
            assert_eq!(alerts.iter().filter(|alert| *alert == "printer_trouble N1").count(), 1, "{alerts:?}");
            shop.world.mend_printer("counter");
            pass(40).await;
        })
        .await;
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
        assert!(!shop.world.state().desktop.papers[0].possible_duplicate);
    });
}

#[test]
fn a_ticket_that_stopped_in_the_middle_waits_for_people() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let console = open(&shop).await;
        shop.world.once(Call::Print, Fault::Jam(120));
        until(console.serve(), sell_and_wait(&shop, 300)).await;
        assert_eq!(shop.world.count(Call::Print), 1);
        assert_eq!(jobs(&console).await, [("counter".to_owned(), JobState::Unknown)]);
        assert!(shop.world.alerts().contains(&"ticket_in_doubt N1".to_owned()));
        assert_eq!(shop.world.count(Call::TicketPrinted), 0);
    });
}

#[test]
fn a_shop_without_any_printer_is_not_nagged() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "auto", 1)];
        let console = open(&shop).await;
        shop.world.always(Call::Print, Fault::NoPrinter);
        until(console.serve(), sell_and_wait(&shop, 300)).await;
        assert_eq!(shop.world.alerts(), ["new_order N1"]);
        shop.world.heal();
        until(console.serve(), pass(40)).await;
        assert_eq!(shop.world.papers(), ["auto merchant N1"]);
    });
}

#[test]
fn two_printers_do_not_wait_for_each_other() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1), rule("kitchen", "kitchen", 1)];
        let console = open(&shop).await;
        shop.world.once(Call::Print, Fault::Slow(std::time::Duration::from_secs(100)));
        until(console.serve(), async {
            sell_and_wait(&shop, 10).await;
            assert_eq!(shop.world.papers().len(), 1, "one is stuck, the other has printed");
            pass(100).await;
        })
        .await;
        let mut papers = shop.world.papers();
        papers.sort();
        assert_eq!(papers, ["counter merchant N1", "kitchen kitchen N1"]);
    });
}

#[test]
fn a_second_printer_for_the_same_ticket_prints_even_when_it_is_late() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1), rule("merchant", "bar", 1)];
        let console = open(&shop).await;
        shop.world.break_printer("bar", 0);
        until(console.serve(), async {
            sell_and_wait(&shop, 20).await;
            assert_eq!(shop.world.told(&[Call::TicketPrinted]), ["TicketPrinted 1 order"]);
            shop.world.mend_printer("bar");
            pass(60).await;
        })
        .await;
        assert_eq!(shop.world.papers(), ["counter merchant N1", "bar merchant N1"]);
    });
}

#[test]
fn copies_come_out_one_after_the_other_on_one_claim() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 3)];
        let console = open(&shop).await;
        until(console.serve(), sell_and_wait(&shop, 30)).await;
        assert_eq!(shop.world.papers(), ["counter merchant N1"; 3]);
        assert_eq!(shop.world.told(&[Call::ClaimTicket]), ["ClaimTicket 1 order"]);
        assert_eq!(shop.world.told(&[Call::TicketPrinted]), ["TicketPrinted 1 order"]);
        assert!(console.row("1").await.unwrap().order.ack.acked_by.is_some());
    });
}

#[test]
fn of_two_terminals_one_prints() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 2)];
        let (first, second) = (shop.console_of("till-1"), shop.console_of("till-2"));
        first.round().await.unwrap();
        second.round().await.unwrap();
        let both = async { tokio::join!(first.serve(), second.serve()) };
        until(both, sell_and_wait(&shop, 60)).await;
        assert_eq!(shop.world.papers(), ["counter merchant N1"; 2], "two copies, of one terminal");
    });
}

#[test]
fn a_ticket_that_another_terminal_claimed_or_printed_is_left_to_it() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 2)];
        let (first, second) = (shop.console_of("till-1"), shop.console_of("till-2"));
        first.round().await.unwrap();
        second.round().await.unwrap();
        until(first.serve(), sell_and_wait(&shop, 10)).await;
        until(second.serve(), pass(10)).await;
        assert_eq!(shop.world.papers().len(), 2, "two copies, of one terminal");
        let states = jobs(&second).await;
        assert_eq!(
            states,
            [("counter".to_owned(), JobState::Elsewhere), ("counter".to_owned(), JobState::Elsewhere)]
        );
        assert!(shop.world.alerts().iter().all(|alert| alert == "new_order N1"));
    });
}

#[test]
fn a_claim_that_another_terminal_let_lapse_is_printed_as_a_possible_duplicate() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let (first, second) = (shop.console_of("till-1"), shop.console_of("till-2"));
        first.round().await.unwrap();
        second.round().await.unwrap();
        shop.sell("1", 3780);
        shop.world.once(Call::Print, Fault::Hang(When::Before));
        until(first.serve(), shop.world.hangs()).await;
        first.end().await;
        pass(61).await;
        until(second.serve(), pass(10)).await;
        assert!(shop.world.state().desktop.papers[0].possible_duplicate);
    });
}

#[test]
fn a_ticket_that_another_terminal_claimed_and_did_not_print_comes_out_here() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let (first, second) = (shop.console_of("till-1"), shop.console_of("till-2"));
        first.round().await.unwrap();
        second.round().await.unwrap();
        shop.sell("1", 3780);
        shop.world.once(Call::Print, Fault::Hang(When::Before));
        until(first.serve(), shop.world.hangs()).await;
        first.end().await;
        until(second.serve(), async {
            pass(50).await;
            assert_eq!(shop.world.papers(), [""; 0], "the other one may still be at it");
            pass(20).await;
        })
        .await;
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
        assert!(shop.world.state().desktop.papers[0].possible_duplicate);
    });
}

#[test]
fn without_an_answer_about_the_claim_the_ticket_is_printed_and_marked() {
    let silences = [Fault::Silence(When::Before), Fault::Slow(std::time::Duration::from_secs(30))];
    for silence in silences {
        play(async |mut shop: Shop| {
            shop.tickets.rules = vec![rule("merchant", "counter", 1)];
            let console = open(&shop).await;
            shop.world.once(Call::ClaimTicket, silence.clone());
            until(console.serve(), sell_and_wait(&shop, 7)).await;
            assert_eq!(
                shop.world.papers(),
                ["counter merchant N1"],
                "{silence:?}: missing is worse than double"
            );
            assert!(shop.world.state().desktop.papers[0].possible_duplicate, "{silence:?}");
        });
    }
}

#[test]
fn a_backend_without_claims_and_acknowledgements_is_not_asked_for_them() {
    play(async |mut shop: Shop| {
        {
            let mut state = shop.world.state();
            state.backend.capabilities.print_claim = false;
            state.backend.capabilities.ack = false;
        }
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let console = open(&shop).await;
        until(console.serve(), sell_and_wait(&shop, 30)).await;
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
        assert_eq!(shop.world.told(&[Call::ClaimTicket, Call::TicketPrinted]), [""; 0]);
    });
}

#[test]
fn the_word_that_a_ticket_is_on_paper_is_repeated_until_the_backend_hears_it() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let console = open(&shop).await;
        for _ in 0..3 {
            shop.world.once(Call::TicketPrinted, Fault::Silence(When::Before));
        }
        until(console.serve(), sell_and_wait(&shop, 60)).await;
        assert_eq!(shop.world.count(Call::TicketPrinted), 4);
        assert!(console.timeline("1").await.contains(&"acked".to_owned()));
    });
}

#[test]
fn a_refund_that_arrived_prints_a_slip_once_if_the_owner_wants_one() {
    for (wanted, end, slips) in
        [(true, RefundStatus::Success, 1), (true, RefundStatus::Change, 0), (false, RefundStatus::Success, 0)]
    {
        play(async |mut shop: Shop| {
            shop.tickets.rules = vec![rule("merchant", "counter", 1)];
            shop.tickets.print_refunds = wanted;
            shop.sell("1", 3780);
            shop.want_back("r1", "1", 500);
            let console = open(&shop).await;
            shop.world.state().wechat.ends = end.clone();
            console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
            until(console.serve(), pass(20)).await;
            console.end().await;
            let console = shop.console();
            until(console.serve(), pass(20)).await;
            assert_eq!(shop.world.papers(), vec!["counter refund N1".to_owned(); slips]);
            if slips == 1 {
                let paper = shop.world.state().desktop.papers[0].clone();
                assert_eq!(paper.refund.unwrap().payout.amount.get(), 500);
            }
        });
    }
}
