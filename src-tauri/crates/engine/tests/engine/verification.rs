//! WeChat's word before anybody is told, and what follows while there is none.

use domain::reconcile::TicketProof;
use domain::verify::Verified;
use domain::{Fulfilment, PaymentState};
use engine::Error;
use engine::ports::GatewayOutcome;

use simulation::world::{
    Call, Console, Fault, Shop, When, fen, paid_order, pass, play, rule, seconds, unpaid_order, until,
};

/// What people and paper get to see, and the question that has to come before.
const SHOWN: [Call; 3] = [Call::Query, Call::Notify, Call::Print];

/// A console that knows the shop, and prints one ticket per paid order.
async fn open(shop: &mut Shop) -> Console {
    shop.tickets.rules = vec![rule("merchant", "counter", 1)];
    let console = shop.console();
    console.round().await.unwrap();
    console
}

async fn verified(console: &Console, id: &str) -> Verified {
    console.row(id).await.unwrap().verified
}

#[test]
fn a_paid_order_is_verified_before_it_is_told_and_printed() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(5).await;
        })
        .await;
        let shown = shop.world.told(&SHOWN);
        assert_eq!(shown[0], "Query 421");
        assert_eq!(shown.len(), 3, "{shown:?}");
        assert!(shown.contains(&"Notify new_order N1".to_owned()));
        assert!(shown.contains(&"Print counter merchant N1".to_owned()));
        assert_eq!(shop.world.state().desktop.papers[0].proof, TicketProof::Verified);
        assert_eq!(console.timeline("1").await[..3], ["seen", "paid", "verified"]);
    });
}

#[test]
fn while_wechat_cannot_be_asked_the_order_is_told_as_unverified_after_ten_seconds() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        shop.world.always(Call::Query, Fault::Silence(When::Before));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(9).await;
            assert_eq!(shop.world.alerts(), [""; 0]);
            assert_eq!(verified(&console, "1").await, Verified::Unavailable);
            pass(2).await;
            assert_eq!(shop.world.alerts(), ["unverified N1"]);
            pass(60).await;
            assert_eq!(shop.world.papers(), [""; 0], "the owner did not choose to print such");
            shop.world.heal();
            pass(60).await;
            assert_eq!(shop.world.alerts(), ["unverified N1", "new_order N1"]);
            assert_eq!(shop.world.papers(), ["counter merchant N1"]);
            pass(600).await;
        })
        .await;
        assert_eq!(shop.world.papers().len(), 1);
        assert_eq!(shop.world.alerts().len(), 2);
        assert_eq!(shop.world.state().desktop.papers[0].proof, TicketProof::Verified);
    });
}

#[test]
fn an_unverified_ticket_is_marked_and_comes_out_once() {
    play(async |mut shop: Shop| {
        shop.tickets.print_unverified = true;
        let console = open(&mut shop).await;
        shop.world.always(Call::Query, Fault::Silence(When::Before));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(9).await;
            assert_eq!(shop.world.papers(), [""; 0]);
            pass(5).await;
            assert_eq!(shop.world.papers(), ["counter merchant N1"]);
            shop.world.heal();
            pass(120).await;
        })
        .await;
        assert_eq!(verified(&console, "1").await, Verified::Verified);
        assert_eq!(shop.world.alerts(), ["unverified N1", "new_order N1"]);
        assert_eq!(shop.world.papers().len(), 1, "it is on paper already");
        assert_eq!(shop.world.state().desktop.papers[0].proof, TicketProof::Unverified);
    });
}

#[test]
fn an_answer_within_ten_seconds_makes_no_unverified_alert() {
    play(async |mut shop: Shop| {
        shop.tickets.print_unverified = true;
        let console = open(&mut shop).await;
        for _ in 0..3 {
            // The questions after 1, 2 and 4 s fail, the one after 8 s does not.
            shop.world.once(Call::Query, Fault::Gateway(GatewayOutcome::Unknown, "SYSTEMERROR"));
        }
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(60).await;
        })
        .await;
        assert_eq!(shop.world.alerts(), ["new_order N1"]);
        assert_eq!(shop.world.state().desktop.papers[0].proof, TicketProof::Verified);
    });
}

#[test]
fn a_mismatch_is_told_and_never_printed_and_asked_about_again_when_the_order_changes() {
    play(async |mut shop: Shop| {
        shop.tickets.print_unverified = true;
        let console = open(&mut shop).await;
        let order = paid_order("1", 3780, shop.world.time());
        shop.pay_at_wechat(&order);
        let mut dearer = order.clone();
        dearer.payment.total = fen(9_999);
        shop.world.state().backend.put_order(dearer);
        until(console.serve(), pass(600)).await;
        assert_eq!(verified(&console, "1").await, Verified::Mismatch);
        assert_eq!(shop.world.alerts(), ["mismatch N1"]);
        let told = shop.world.state().desktop.notices[0].parameters.clone();
        for part in [("field", "total_fee"), ("expected", "9999"), ("found", "3780")] {
            assert!(told.contains(&(part.0, part.1.to_owned())), "{told:?}");
        }
        assert_eq!(shop.world.times(Call::Query)[..5], [0, 5, 15, 30, 60], "it may be corrected at WeChat");
        until(console.serve(), async {
            let total = order.payment.total;
            shop.world.state().backend.change_order("1", |order| order.payment.total = total);
            pass(60).await;
        })
        .await;
        assert_eq!(verified(&console, "1").await, Verified::Verified);
        assert_eq!(shop.world.alerts(), ["mismatch N1", "new_order N1"]);
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
    });
}

#[test]
fn a_mismatch_rings_again_when_the_order_changed_and_still_differs() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        let order = paid_order("1", 3780, shop.world.time());
        shop.pay_at_wechat(&order);
        until(console.serve(), async {
            let mut dearer = order.clone();
            dearer.payment.total = fen(9_999);
            shop.world.state().backend.put_order(dearer);
            pass(30).await;
            shop.world.state().backend.change_order("1", |order| order.payment.total = fen(8_888));
            pass(30).await;
        })
        .await;
        assert_eq!(shop.world.alerts(), ["mismatch N1", "mismatch N1"]);
        assert_eq!(shop.world.papers(), [""; 0]);
    });
}

#[test]
fn an_order_of_which_wechat_has_no_money_is_told_and_never_printed() {
    play(async |mut shop: Shop| {
        shop.tickets.print_unverified = true;
        let console = open(&mut shop).await;
        let order = paid_order("1", 3780, shop.world.time());
        shop.world.state().backend.put_order(order.clone());
        until(console.serve(), pass(600)).await;
        assert_eq!(verified(&console, "1").await, Verified::NotPaid);
        assert_eq!(shop.world.alerts(), ["not_paid N1"]);
        // The money comes in after all, and any change of the order has WeChat asked again.
        until(console.serve(), async {
            shop.pay_at_wechat(&order);
            shop.world.state().backend.change_order("1", |order| order.merchant_note = Some("?".to_owned()));
            pass(30).await;
        })
        .await;
        assert_eq!(shop.world.alerts(), ["not_paid N1", "new_order N1"]);
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
    });
}

#[test]
fn an_order_paid_by_other_means_is_told_as_what_it_is_and_nobody_is_asked() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        until(console.serve(), async {
            let mut order = paid_order("1", 3780, shop.world.time());
            order.payment.method = Some(domain::PaymentMethod::Offline);
            order.payment.transaction_id = None;
            shop.world.state().backend.put_order(order);
            pass(30).await;
        })
        .await;
        assert_eq!(shop.world.count(Call::Query), 0);
        assert_eq!(shop.world.alerts(), ["order_not_wechat N1"]);
        assert_eq!(shop.world.state().desktop.papers[0].proof, TicketProof::NotWechat);
    });
}

#[test]
fn an_unpaid_order_is_asked_about_on_the_easing_schedule_for_a_day() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        until(console.watch(), async {
            shop.place("1", 3780);
            pass(1_000).await;
        })
        .await;
        assert_eq!(shop.world.times(Call::Query), [0, 5, 15, 30, 60, 120, 300, 900]);
        // Round by round, so that the test does not have to wake every second of a day.
        for _ in 0..40 {
            pass(3_600).await;
            console.round().await.unwrap();
        }
        let last = *shop.world.times(Call::Query).last().unwrap();
        assert!((80_000..=90_000).contains(&last), "{last}");
    });
}

#[test]
fn a_lost_payment_is_found_reported_once_and_then_an_order_like_any_other() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        until(console.serve(), async {
            let order = shop.place("1", 3780);
            pass(40).await;
            shop.pay_at_wechat(&order);
            pass(15).await;
            assert_eq!(verified(&console, "1").await, Verified::NotPaid);
            pass(10).await;
            assert_eq!(verified(&console, "1").await, Verified::Verified);
            pass(600).await;
        })
        .await;
        assert_eq!(shop.world.told(&[Call::PaymentObserved]), ["PaymentObserved 1 3780"]);
        let alerts = shop.world.alerts();
        assert_eq!(alerts.iter().filter(|alert| *alert == "new_order N1").count(), 1, "{alerts:?}");
        assert!(alerts.len() <= 2 && alerts.iter().all(|alert| alert != "unverified N1"), "{alerts:?}");
        assert_eq!(shop.world.papers(), ["counter merchant N1"], "printed as soon as the feed says paid");
        assert!(console.timeline("1").await.contains(&"payment_observed".to_owned()));
    });
}

#[test]
fn a_lost_payment_is_told_to_people_while_the_backend_does_not_hear_it() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        let order = unpaid_order("1", 3780, shop.world.time());
        shop.pay_at_wechat(&order);
        shop.world.state().backend.put_order(order);
        shop.world.always(Call::PaymentObserved, Fault::Silence(When::Before));
        until(console.serve(), pass(300)).await;
        assert_eq!(shop.world.alerts(), ["lost_payment N1"]);
        assert_eq!(shop.world.papers(), [""; 0], "not printed as paid before the feed says so");
        let tries = shop.world.count(Call::PaymentObserved);
        assert!((5..=10).contains(&tries), "{tries} tries in five minutes");
        shop.world.heal();
        until(console.serve(), pass(600)).await;
        assert_eq!(console.row("1").await.unwrap().order.payment.state, PaymentState::Paid);
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
    });
}

#[test]
fn a_backend_that_does_not_listen_to_lost_payments_is_not_told() {
    play(async |mut shop: Shop| {
        shop.world.state().backend.capabilities.payment_observed = false;
        let console = open(&mut shop).await;
        let order = unpaid_order("1", 3780, shop.world.time());
        shop.pay_at_wechat(&order);
        shop.world.state().backend.put_order(order);
        until(console.serve(), pass(60)).await;
        assert_eq!(shop.world.count(Call::PaymentObserved), 0);
        assert_eq!(shop.world.alerts(), ["lost_payment N1"]);
    });
}

#[test]
fn an_order_older_than_thirty_days_is_asked_about_only_when_a_person_wants_it() {
    play(async |mut shop: Shop| {
        let old = paid_order("old", 3780, shop.world.time() - seconds(31 * 24 * 3_600));
        let month = paid_order("month", 3780, shop.world.time() - seconds(29 * 24 * 3_600));
        for order in [&old, &month] {
            shop.pay_at_wechat(order);
            shop.world.state().backend.put_order(order.clone());
        }
        let console = open(&mut shop).await;
        assert_eq!(shop.world.told(&[Call::Query]), ["Query 42month"]);
        assert_eq!(verified(&console, "old").await, Verified::Pending);
        let asked = console.ask("Nold").await.unwrap();
        assert_eq!(asked.row.verified, Verified::Verified);
        until(console.serve(), pass(30)).await;
        assert_eq!(shop.world.alerts(), [""; 0]);
        assert_eq!(shop.world.papers(), [""; 0], "a question of a person's prints nothing");
    });
}

#[test]
fn a_question_of_a_persons_tells_what_went_wrong() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        shop.sell("1", 3780);
        console.round().await.unwrap();
        assert!(matches!(console.ask("nothing").await, Err(Error::NoOrder { .. })));
        shop.world.once(Call::Query, Fault::Silence(When::Before));
        assert!(matches!(console.ask("T1").await, Err(Error::Gateway(_))));
        assert_eq!(verified(&console, "1").await, Verified::Verified, "what WeChat said before stands");
        for number in ["1", "N1", "T1", "421"] {
            assert_eq!(console.ask(number).await.unwrap().row.order.number, "N1");
        }
    });
}

#[test]
fn an_order_that_is_cancelled_before_wechat_answers_is_not_printed() {
    play(async |mut shop: Shop| {
        let console = open(&mut shop).await;
        shop.world.always(Call::Query, Fault::Silence(When::Before));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(5).await;
            shop.world.state().backend.change_order("1", |order| order.fulfilment = Fulfilment::Cancelled);
            pass(5).await;
            shop.world.heal();
            pass(120).await;
        })
        .await;
        assert_eq!(verified(&console, "1").await, Verified::Verified);
        assert_eq!(shop.world.papers(), [""; 0]);
        assert!(shop.world.alerts().contains(&"cancelled N1".to_owned()));
    });
}
