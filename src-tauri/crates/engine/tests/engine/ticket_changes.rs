//! A ticket that has not come out yet, and an order that changes meanwhile.

use domain::Fulfilment;
use domain::reconcile::TicketProof;
use domain::verify::Verified;

use simulation::world::{Call, Console, Fault, Shop, When, fen, pass, play, rule, until};

/// A console with two printers of which the one in the kitchen has no paper, and an order that the counter printed.
async fn half_printed(shop: &mut Shop) -> Console {
    shop.tickets.rules = vec![rule("merchant", "counter", 1), rule("kitchen", "kitchen", 1)];
    let console = shop.console();
    console.round().await.unwrap();
    shop.world.break_printer("kitchen", 0);
    until(console.serve(), async {
        shop.sell("1", 3780);
        pass(20).await;
    })
    .await;
    assert_eq!(shop.world.papers(), ["counter merchant N1"]);
    console
}

#[test]
fn a_ticket_that_waits_for_its_printer_does_not_come_out_after_the_order_was_cancelled() {
    play(async |mut shop: Shop| {
        let console = half_printed(&mut shop).await;
        until(console.serve(), async {
            shop.world.state().backend.change_order("1", |order| order.fulfilment = Fulfilment::Cancelled);
            pass(5).await;
            shop.world.mend_printer("kitchen");
            pass(120).await;
        })
        .await;
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
    });
}

#[test]
fn a_ticket_that_waits_for_its_printer_does_not_come_out_when_the_money_is_wrong_by_then() {
    play(async |mut shop: Shop| {
        let console = half_printed(&mut shop).await;
        until(console.serve(), async {
            shop.world.state().backend.change_order("1", |order| order.payment.total = fen(9_999));
            pass(5).await;
            shop.world.mend_printer("kitchen");
            pass(120).await;
        })
        .await;
        assert_eq!(console.row("1").await.unwrap().verified, Verified::Mismatch);
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
        // Put right again, what is still missing comes out, and nothing twice.
        until(console.serve(), async {
            shop.world.state().backend.change_order("1", |order| order.payment.total = fen(3780));
            pass(60).await;
        })
        .await;
        assert_eq!(shop.world.papers(), ["counter merchant N1", "kitchen kitchen N1"]);
    });
}

#[test]
fn a_ticket_whose_money_is_asked_about_anew_waits_for_the_new_word() {
    play(async |mut shop: Shop| {
        let console = half_printed(&mut shop).await;
        until(console.serve(), async {
            shop.world.always(Call::Query, Fault::Silence(When::Before));
            // The payment turns out to cover a second order, too.
            shop.world.state().backend.change_order("1", |order| order.payment.total = fen(5_000));
            pass(5).await;
            shop.world.mend_printer("kitchen");
            pass(60).await;
            assert_eq!(shop.world.papers(), ["counter merchant N1"], "nobody has confirmed the new amount");
            let payments = &mut shop.world.state().wechat.payments;
            payments.get_mut("T1").unwrap().total = Some(fen(5_000));
        })
        .await;
        shop.world.heal();
        until(console.serve(), pass(120)).await;
        assert_eq!(shop.world.papers(), ["counter merchant N1", "kitchen kitchen N1"]);
        let state = shop.world.state();
        assert_eq!(state.desktop.papers[1].proof, TicketProof::Verified);
        assert_eq!(state.desktop.papers[1].order.payment.total, fen(5_000));
    });
}

#[test]
fn an_amount_that_changes_before_anything_is_printed_is_verified_before_the_ticket() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let console = shop.console();
        console.round().await.unwrap();
        shop.sell("1", 3780);
        // This process mirrors and verifies, and does not print.
        until(console.watch(), pass(5)).await;
        assert_eq!(console.row("1").await.unwrap().verified, Verified::Verified);
        shop.world.state().backend.change_order("1", |order| order.payment.total = fen(9_999));
        until(console.watch(), pass(5)).await;
        until(console.serve(), pass(60)).await;
        assert_eq!(shop.world.papers(), [""; 0]);
        assert!(shop.world.alerts().contains(&"mismatch N1".to_owned()));
    });
}

#[test]
fn a_change_that_is_not_about_money_lets_the_ticket_wait_on_and_carries_it() {
    play(async |mut shop: Shop| {
        let console = half_printed(&mut shop).await;
        until(console.serve(), async {
            let note = Some("no ice".to_owned());
            shop.world.state().backend.change_order("1", |order| order.merchant_note = note);
            pass(5).await;
            shop.world.mend_printer("kitchen");
            pass(60).await;
        })
        .await;
        assert_eq!(shop.world.papers(), ["counter merchant N1", "kitchen kitchen N1"]);
        assert_eq!(shop.world.state().desktop.papers[1].order.merchant_note, Some("no ice".to_owned()));
    });
}

#[test]
fn asking_again_about_a_verified_order_prints_nothing_anew() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let console = shop.console();
        console.round().await.unwrap();
        shop.sell("1", 3780);
        console.round().await.unwrap();
        // Nobody served for half a day: the ticket is no news any more.
        pass(12 * 3_600).await;
        until(console.serve(), pass(5)).await;
        assert_eq!(shop.world.papers(), [""; 0]);
        console.ask("1").await.unwrap();
        until(console.serve(), pass(5)).await;
        assert_eq!(shop.world.papers(), [""; 0]);
    });
}
