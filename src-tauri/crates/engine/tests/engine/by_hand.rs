//! Paper that a person asks for.

use domain::reconcile::TicketProof;
use engine::{Error, Tickets};
use mirror::{JobState, PrintJobRow};

use simulation::world::{
    Call, Console, Fault, Shop, When, order_id, pass, play, request_id, rule, seconds, until, whole,
};

/// A console that knows of one paid order, printing by one rule.
async fn open(shop: &mut Shop) -> Console {
    shop.tickets.rules = vec![rule("merchant", "counter", 2)];
    let console = shop.console();
    console.round().await.unwrap();
    console
}

async fn jobs(console: &Console) -> Vec<PrintJobRow> {
    let mut jobs =
        console.mirror().read::<_, mirror::Error>(|view| view.recent_print_jobs(100)).await.unwrap();
    jobs.reverse();
    jobs
}

/// What the papers call themselves: their printer, template, and which repetition they are.
fn repetitions(shop: &Shop) -> Vec<(String, String, u32)> {
    let state = shop.world.state();
    let papers = state.desktop.papers.iter();
    papers.map(|paper| (paper.target.clone(), paper.template.clone(), paper.reprint)).collect()
}

fn paper(target: &str, template: &str, reprint: u32) -> (String, String, u32) {
    (target.to_owned(), template.to_owned(), reprint)
}

#[test]
fn a_ticket_printed_by_hand_says_which_repetition_it_is() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(10).await;
            for _ in 0..2 {
                console.print_order(&order_id("1"), Some("merchant"), None).await.unwrap();
                pass(5).await;
            }
            // Another template never came out before, and no rule names it: it comes out where the first rule prints.
            console.print_order(&order_id("1"), Some("customer"), None).await.unwrap();
            pass(5).await;
        })
        .await;
        let by_rule = [paper("counter", "merchant", 0), paper("counter", "merchant", 0)];
        let by_hand = [
            paper("counter", "merchant", 1),
            paper("counter", "merchant", 2),
            paper("counter", "customer", 0),
        ];
        assert_eq!(repetitions(&shop), [by_rule.as_slice(), &by_hand].concat());
        let kept: Vec<u32> = jobs(&console).await.iter().map(|job| job.reprint).collect();
        assert_eq!(kept, [0, 0, 1, 2, 0]);
        assert_eq!(jobs(&console).await[0].order_number.as_deref(), Some("N1"));
        assert_eq!(shop.world.count(Call::ClaimTicket), 1, "who asks for paper need not claim it");
    });
}

#[test]
fn a_ticket_of_an_order_that_wechat_could_not_be_asked_about_is_marked() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        shop.world.always(Call::Query, Fault::Silence(When::Before));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(30).await;
            assert_eq!(repetitions(&shop), [], "the rules want no unverified ticket");
            console.print_order(&order_id("1"), None, None).await.unwrap();
            pass(5).await;
        })
        .await;
        assert_eq!(shop.world.state().desktop.papers[0].proof, TicketProof::Unverified);
    });
}

#[test]
fn nothing_is_printed_of_money_that_wechat_contradicts() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        shop.sell("1", 3780);
        shop.world.state().wechat.payments.values_mut().for_each(|payment| {
            payment.total = Some(domain::Fen::new(1));
        });
        until(console.serve(), async {
            pass(5).await;
            let outcome = console.print_order(&order_id("1"), None, None).await;
            assert!(matches!(outcome, Err(Error::Mismatch { difference: Some(_) })), "{outcome:?}");
            let outcome = console.print_order(&order_id("nothing"), None, None).await;
            assert!(matches!(outcome, Err(Error::NoOrder { .. })), "{outcome:?}");
            pass(5).await;
        })
        .await;
        assert_eq!(shop.world.count(Call::Print), 0);
    });
}

#[test]
fn a_ticket_whose_order_is_contradicted_while_it_waits_for_its_printer_does_not_come_out() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        shop.world.always(Call::Query, Fault::Silence(When::Before));
        shop.world.break_printer("counter", 0);
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(5).await;
            console.print_order(&order_id("1"), None, None).await.unwrap();
            pass(5).await;
            shop.world.state().wechat.payments.clear();
            shop.world.heal();
            pass(60).await;
            shop.world.mend_printer("counter");
            pass(60).await;
        })
        .await;
        assert_eq!(repetitions(&shop), []);
        let job = jobs(&console).await.remove(0);
        assert_eq!(
            (job.state, job.error.as_deref()),
            (JobState::FailedBeforeStart, Some("ticket_contradicted"))
        );
    });
}

#[test]
fn a_doubtful_ticket_is_printed_again_as_a_repetition_and_its_alert_is_seen() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        shop.tickets.rules[0].copies = 1;
        console.set_tickets(shop.tickets.clone());
        shop.world.once(Call::Print, Fault::Jam(120));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(10).await;
            let doubtful = jobs(&console).await.remove(0);
            assert_eq!(doubtful.state, JobState::Unknown);
            let waits = |alerts: Vec<engine::OpenAlert>| {
                alerts.iter().any(|alert| alert.alert == domain::reconcile::Alert::TicketInDoubt)
            };
            assert!(waits(console.open_alerts(10).await.unwrap()));
            console.print_again(doubtful.id, None).await.unwrap();
            assert!(!waits(console.open_alerts(10).await.unwrap()));
            pass(5).await;
        })
        .await;
        assert_eq!(repetitions(&shop), [paper("counter", "merchant", 1)]);
    });
}

#[test]
fn a_ticket_of_which_nothing_came_out_is_printed_again_as_the_first() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        shop.world.break_printer("counter", 0);
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(3 * 3_600).await;
            let failed = jobs(&console).await.remove(0);
            assert_eq!(failed.state, JobState::FailedBeforeStart);
            shop.world.mend_printer("counter");
            console.print_again(failed.id, None).await.unwrap();
            pass(5).await;
        })
        .await;
        assert_eq!(repetitions(&shop), [paper("counter", "merchant", 0)]);
    });
}

#[test]
fn a_ticket_that_waits_is_tried_at_once_and_one_that_is_being_sent_is_left_alone() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        shop.world.break_printer("counter", 0);
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(120).await;
            let waiting = jobs(&console).await.remove(0);
            assert_eq!(waiting.state, JobState::Queued);
            shop.world.mend_printer("counter");
            shop.world.once(Call::Print, Fault::Slow(std::time::Duration::from_secs(20)));
            console.print_again(waiting.id, None).await.unwrap();
            pass(1).await;
            let outcome = console.print_again(waiting.id, None).await;
            assert!(matches!(outcome, Err(Error::PrintRunning { .. })), "{outcome:?}");
            let outcome = console.print_again(4_711, None).await;
            assert!(matches!(outcome, Err(Error::NoPrintJob { id: 4_711 })), "{outcome:?}");
            pass(60).await;
        })
        .await;
        assert_eq!(jobs(&console).await.len(), 2, "no third job: two copies, both out");
        assert_eq!(repetitions(&shop).len(), 2);
    });
}

#[test]
fn a_refund_slip_is_printed_again_as_a_repetition() {
    play(async |mut shop: Shop| {
        shop.tickets.print_refunds = true;
        let console = open(&mut shop).await;
        shop.sell("1", 3780);
        shop.want_back("r1", "1", 500);
        console.round().await.unwrap();
        console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
        until(console.serve(), async {
            pass(20).await;
            let slip = jobs(&console).await.into_iter().find(|job| job.job.template == "refund").unwrap();
            console.print_again(slip.id, None).await.unwrap();
            pass(5).await;
        })
        .await;
        let slips: Vec<_> =
            repetitions(&shop).into_iter().filter(|(_, template, _)| template == "refund").collect();
        assert_eq!(slips, [paper("counter", "refund", 0), paper("counter", "refund", 1)]);
    });
}

#[test]
fn a_ticket_asked_for_by_hand_outlives_a_question_to_wechat_and_counts_for_the_rules() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        shop.world.always(Call::Query, Fault::Silence(When::Before));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(5).await;
            console.print_order(&order_id("1"), None, None).await.unwrap();
            pass(5).await;
            shop.world.heal();
            pass(60).await;
        })
        .await;
        let expected = [0, 1, 1].map(|reprint| paper("counter", "merchant", reprint));
        assert_eq!(repetitions(&shop), expected, "the rules' own copies say that one is out already");
    });
}

#[test]
fn new_rules_hold_for_the_next_ticket_without_a_restart() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(10).await;
            console.set_tickets(Tickets { rules: vec![rule("kitchen", "bar", 1)], ..Tickets::default() });
            shop.sell("2", 3780);
            pass(10).await;
        })
        .await;
        assert_eq!(shop.world.papers(), ["counter merchant N1", "counter merchant N1", "bar kitchen N2"]);
    });
}
