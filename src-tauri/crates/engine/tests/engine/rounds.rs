//! One round, and the day that never ends.

use std::time::Duration;

use domain::verify::Verified;
use engine::ports::{GatewayOutcome, SourceErrorKind};
use engine::{Error, Event};

use simulation::world::{
    Call, Fault, Shop, When, fen, paid_order, pass, play, request_id, seconds, until, whole,
};

#[test]
fn a_round_counts_what_it_did() {
    play(async |shop: Shop| {
        let console = shop.console();
        console.round().await.unwrap();
        shop.sell("1", 3780);
        let dearer = paid_order("2", 3780, shop.world.time());
        shop.pay_at_wechat(&dearer);
        let mut dearer = dearer;
        dearer.payment.total = fen(9_999);
        shop.world.state().backend.put_order(dearer);
        let nobody = paid_order("3", 3780, shop.world.time());
        shop.world.state().backend.put_order(nobody);
        let lost = shop.place("4", 3780);
        shop.pay_at_wechat(&lost);
        shop.want_back("r1", "1", 500);
        let round = console.round().await.unwrap();
        // Four orders, and the first once more with its request.
        assert_eq!((round.orders, round.refund_requests), (5, 1));
        // The fourth order twice: as unpaid, and when the backend had heard of its payment.
        assert_eq!((round.asked, round.verified, round.mismatch, round.not_paid), (5, 3, 1, 1));
        assert_eq!((round.unavailable, round.lost_payments, round.reported), (0, 1, 1));
        assert_eq!(round.troubles, []);
        let again = console.round().await.unwrap();
        assert_eq!(
            (again.orders, again.asked, again.reported),
            (0, 2, 0),
            "the two contradicted ones: {again:?}"
        );
        assert_eq!(shop.world.alerts(), [""; 0], "alerts are for whoever serves");
    });
}

#[test]
fn a_trouble_with_one_order_does_not_stop_the_round() {
    play(async |shop: Shop| {
        let console = shop.console();
        console.round().await.unwrap();
        for id in ["1", "2", "3"] {
            shop.sell(id, 3780);
        }
        shop.world.once(Call::Query, Fault::Gateway(GatewayOutcome::Unknown, "SYSTEMERROR"));
        let round = console.round().await.unwrap();
        assert_eq!((round.asked, round.verified, round.unavailable), (3, 2, 1));
        assert_eq!(round.troubles.len(), 1);
        assert_eq!(round.troubles[0].detail, "SYSTEMERROR");
        assert!(round.troubles[0].number.is_some());
        pass(2).await;
        let round = console.round().await.unwrap();
        assert_eq!((round.asked, round.verified), (1, 1));
    });
}

#[test]
fn a_word_that_the_backend_does_not_hear_is_a_trouble_and_stays_owed() {
    play(async |shop: Shop| {
        let console = shop.console();
        console.round().await.unwrap();
        let lost = shop.place("1", 3780);
        shop.pay_at_wechat(&lost);
        shop.world
            .once(Call::PaymentObserved, Fault::Source(SourceErrorKind::Transient { retry_after_s: None }));
        let round = console.round().await.unwrap();
        assert_eq!((round.lost_payments, round.reported, round.troubles.len()), (1, 0, 1));
        pass(2).await;
        assert_eq!(console.round().await.unwrap().reported, 1);
        assert_eq!(console.row("1").await.unwrap().verified, Verified::Verified);
    });
}

#[test]
fn a_trouble_with_the_backend_ends_the_reading_and_the_next_round_goes_on() {
    play(async |shop: Shop| {
        let console = shop.console();
        shop.sell("1", 3780);
        shop.world.once(Call::OrderHistory, Fault::Source(SourceErrorKind::Unauthenticated));
        let round = console.round().await.unwrap();
        assert_eq!((round.orders, round.troubles[0].detail.as_str()), (0, "unauthenticated"));
        console.round().await.unwrap();
        assert_eq!(console.row("1").await.unwrap().verified, Verified::Verified);
    });
}

#[test]
fn a_round_asks_about_every_order_once_newest_first() {
    play(async |shop: Shop| {
        let now = shop.world.time();
        for number in 0..450_i64 {
            let order = paid_order(&format!("{number:03}"), 3780, now - seconds(60 * (450 - number)));
            shop.pay_at_wechat(&order);
            shop.world.state().backend.keep_order(order);
        }
        let console = shop.console();
        let round = console.round().await.unwrap();
        assert_eq!((round.orders, round.asked, round.verified), (450, 450, 450));
        let asked = shop.world.told(&[Call::Query]);
        assert_eq!(asked.len(), 450);
        // Eight questions are on their way at once, so the order is the newest first but for a few places.
        let place = asked.iter().position(|told| told == "Query 42449").unwrap();
        assert!(place < 8, "{place}");
        let place = asked.iter().position(|told| told == "Query 42000").unwrap();
        assert!(place >= 442, "{place}");
    });
}

#[test]
fn a_round_does_not_wait_for_hours_on_a_dead_line() {
    play(async |shop: Shop| {
        let now = shop.world.time();
        for number in 0..100 {
            let order = paid_order(&format!("{number:03}"), 3780, now);
            shop.world.state().backend.keep_order(order);
        }
        let console = shop.console();
        shop.world.always(Call::Query, Fault::Gateway(GatewayOutcome::Unknown, "console:timeout"));
        let round = console.round().await.unwrap();
        assert_eq!((round.asked, round.unavailable, round.troubles.len()), (100, 100, 100));
        assert!(shop.world.elapsed() < 60);
    });
}

#[test]
fn a_round_drives_refunds_one_step_at_a_time() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        shop.want_back("r1", "1", 500);
        let console = shop.console();
        console.round().await.unwrap();
        console.approve(&request_id("r1"), &whole()).await.unwrap();
        console.round().await.unwrap();
        assert_eq!(console.desk("r1").await.payout_word(), "processing");
        pass(5).await;
        console.round().await.unwrap();
        let row = console.desk("r1").await;
        assert_eq!((row.payout_word(), row.is_settled()), ("succeeded", true));
    });
}

#[test]
fn the_day_never_ends_by_itself_and_can_be_dropped_at_any_time() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![simulation::world::rule("merchant", "counter", 1)];
        let console = shop.console();
        let ended = until(console.serve(), pass(1_000)).await;
        assert!(ended.is_none());
        for number in 0..20 {
            shop.sell(&format!("{number}"), 3780);
            let nap = Duration::from_millis(number * 7);
            until(console.serve(), tokio::time::sleep(nap)).await;
        }
        until(console.serve(), pass(60)).await;
        let mut papers = shop.world.papers();
        papers.sort();
        papers.dedup();
        assert_eq!((papers.len(), shop.world.papers().len()), (20, 20));
    });
}

#[test]
fn who_watches_neither_alerts_nor_prints() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![simulation::world::rule("merchant", "counter", 1)];
        let console = shop.console();
        until(console.watch(), async {
            pass(2).await;
            shop.sell("1", 3780);
            pass(30).await;
        })
        .await;
        assert_eq!(shop.world.told(&[Call::Notify, Call::Print]), [""; 0]);
        assert_eq!(console.row("1").await.unwrap().verified, Verified::Verified);
        let heard = shop.world.events();
        assert!(heard.contains(&Event::Asked { number: "N1".to_owned(), verified: "verified" }), "{heard:?}");
    });
}

#[test]
fn a_backend_without_long_poll_is_asked_every_five_seconds() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.long_poll_s = None;
        let console = shop.console();
        console.round().await.unwrap();
        shop.world.forget_calls();
        until(console.serve(), pass(60)).await;
        let polls = shop.world.count(Call::Changes);
        assert!((11..=13).contains(&polls), "{polls} polls in a minute");
    });
}

#[test]
fn a_long_poll_is_held_and_ends_as_soon_as_something_comes() {
    play(async |shop: Shop| {
        let console = shop.console();
        console.round().await.unwrap();
        shop.world.forget_calls();
        until(console.serve(), async {
            pass(100).await;
            let polls = shop.world.count(Call::Changes);
            assert!((4..=6).contains(&polls), "{polls} polls in 100 s");
            shop.sell("1", 3780);
            tokio::time::sleep(Duration::from_millis(150)).await;
            assert_eq!(shop.world.alerts(), ["new_order N1"], "at once, whatever poll was running");
        })
        .await;
    });
}

#[test]
fn a_start_without_a_network_remembers_what_the_backend_can_do() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        let console = shop.console();
        console.round().await.unwrap();
        console.end().await;
        shop.world.always(Call::Capabilities, Fault::Silence(When::Before));
        let console = shop.console();
        console.round().await.unwrap();
        assert!(console.row("1").await.is_some());
    });
}

#[test]
fn a_backend_of_another_shop_is_never_mirrored() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.shop_id = "s2".to_owned();
        shop.sell("1", 3780);
        let console = shop.console();
        let outcome = console.round().await;
        assert!(matches!(&outcome, Err(Error::OtherShop { told, .. }) if told == "s2"), "{outcome:?}");
        until(console.serve(), pass(120)).await;
        assert_eq!(console.row("1").await, None);
    });
}

#[test]
fn a_clock_that_was_hours_ahead_and_is_set_right_holds_nothing_up() {
    play(async |shop: Shop| {
        shop.world.put_clock_ahead(seconds(5 * 3_600));
        let console = shop.console();
        until(console.serve(), async {
            pass(2).await;
            shop.world.always(Call::Query, Fault::Silence(When::Before));
            shop.sell("1", 3780);
            pass(30).await;
            shop.world.heal();
            shop.world.put_clock_ahead(seconds(0));
            pass(60).await;
            assert_eq!(console.row("1").await.unwrap().verified, Verified::Verified);
            shop.sell("2", 3780);
            pass(5).await;
            assert!(shop.world.alerts().contains(&"new_order N2".to_owned()), "{:?}", shop.world.alerts());
        })
        .await;
    });
}
