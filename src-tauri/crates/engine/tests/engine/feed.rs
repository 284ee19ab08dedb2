//! The backend's feed into the mirror: first contact, the shop's day, bad entries, a lost cursor.

use domain::reconcile::Noise;
use domain::verify::Verified;
use engine::Round;
use engine::ports::{Change, SourceErrorKind};
use mirror::SyncPhase;

use simulation::world::{
    Call, Console, Fault, Shop, When, order_id, paid_order, pass, play, refund_request, rule, seconds, until,
};

async fn round(console: &Console) -> Round {
    console.round().await.unwrap()
}

/// The console serves for a while.
async fn serve(console: &Console, seconds: u64) {
    until(console.serve(), pass(seconds)).await;
}

async fn phase(console: &Console) -> SyncPhase {
    console.mirror().read::<_, mirror::Error>(|view| view.sync_state()).await.unwrap().phase
}

fn with_tickets(shop: &mut Shop) {
    shop.tickets.rules = vec![rule("merchant", "counter", 1)];
}

#[test]
fn first_contact_fills_the_mirror_without_a_sound() {
    play(async |mut shop: Shop| {
        with_tickets(&mut shop);
        shop.world.state().backend.page = 2;
        for id in ["1", "2", "3", "4", "5"] {
            shop.sell(id, 3780);
        }
        shop.want_back("r1", "1", 500);
        let console = shop.console();
        serve(&console, 60).await;
        assert_eq!(shop.world.count(Call::OrderHistory), 3, "five orders are three pages of two");
        for id in ["1", "2", "3", "4", "5"] {
            let row = console.row(id).await.unwrap();
            assert_eq!((row.noise, row.verified), (Noise::Quiet, Verified::Verified));
        }
        assert_eq!(console.desk("r1").await.request, Some(shop.request("r1")));
        assert_eq!(shop.world.alerts(), [""; 0]);
        assert_eq!(shop.world.papers(), [""; 0]);
        shop.sell("6", 3780);
        pass(0).await;
        serve(&console, 5).await;
        assert_eq!(shop.world.alerts(), ["new_order N6"]);
        assert_eq!(shop.world.papers(), ["counter merchant N6"]);
    });
}

#[test]
fn a_backend_without_lists_is_read_from_the_start_of_its_feed_without_a_sound() {
    play(async |mut shop: Shop| {
        with_tickets(&mut shop);
        {
            let mut state = shop.world.state();
            state.backend.capabilities.history = false;
            state.backend.page = 2;
        }
        for id in ["1", "2", "3"] {
            shop.sell(id, 3780);
        }
        let console = shop.console();
        serve(&console, 60).await;
        assert_eq!(shop.world.count(Call::OrderHistory), 0);
        assert_eq!(console.row("3").await.unwrap().noise, Noise::Quiet);
        assert_eq!(shop.world.alerts(), [""; 0]);
        shop.sell("4", 3780);
        serve(&console, 5).await;
        assert_eq!(shop.world.alerts(), ["new_order N4"]);
    });
}

#[test]
fn an_order_that_comes_in_while_the_history_is_read_is_news() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        let console = shop.console();
        shop.world.once(Call::RefundHistory, Fault::Hang(When::Before));
        until(console.round(), shop.world.hangs()).await;
        shop.sell("2", 3780);
        serve(&console, 5).await;
        assert_eq!(console.row("1").await.unwrap().noise, Noise::Quiet);
        assert_eq!(
            shop.world.alerts(),
            ["new_order N2"],
            "the feed's end was noted before the lists were read"
        );
    });
}

#[test]
fn an_older_version_is_ignored_and_a_double_entry_changes_nothing() {
    play(async |shop: Shop| {
        let console = shop.console();
        round(&console).await;
        let first = shop.sell("1", 3780);
        shop.world.state().backend.change_order("1", |order| order.merchant_note = Some("second".to_owned()));
        assert_eq!(round(&console).await.orders, 2);
        {
            let mut state = shop.world.state();
            let second = state.backend.orders[&order_id("1")].clone();
            state.backend.push(Change::Order(Box::new(first)));
            state.backend.push(Change::Order(Box::new(second.clone())));
            state.backend.push(Change::Order(Box::new(second)));
        }
        assert_eq!(round(&console).await.orders, 0);
        assert_eq!(console.row("1").await.unwrap().order.merchant_note, Some("second".to_owned()));
        serve(&console, 5).await;
        assert_eq!(shop.world.alerts(), ["new_order N1"]);
    });
}

#[test]
fn a_bad_entry_is_read_singly_and_does_not_stop_the_rest() {
    play(async |shop: Shop| {
        let console = shop.console();
        round(&console).await;
        shop.world.state().backend.foul.insert("1".to_owned());
        shop.world.state().backend.foul.insert("r2".to_owned());
        shop.sell("1", 3780);
        shop.sell("2", 3780);
        shop.want_back("r2", "2", 500);
        shop.world.once(Call::Order, Fault::Source(SourceErrorKind::Refused));
        let first = round(&console).await;
        assert_eq!(console.row("1").await, None, "it could not be read yet");
        assert!(console.row("2").await.is_some());
        assert_eq!(console.desk("r2").await.request, Some(shop.request("r2")));
        assert_eq!(first.refund_requests, 1);
        pass(2).await;
        assert_eq!(round(&console).await.orders, 1);
        assert!(console.row("1").await.is_some());
        let reads = shop.world.count(Call::Order);
        round(&console).await;
        assert_eq!(shop.world.count(Call::Order), reads, "what was read is not read again");
    });
}

#[test]
fn an_object_that_is_gone_is_asked_for_once() {
    play(async |shop: Shop| {
        let console = shop.console();
        round(&console).await;
        shop.world.state().backend.push(Change::OrderNamed("gone".to_owned()));
        shop.world.state().backend.push(Change::OrderNamed("a/../b 订单".to_owned()));
        round(&console).await;
        pass(7_200).await;
        round(&console).await;
        assert_eq!(
            shop.world.told(&[Call::Order]),
            ["Order gone"],
            "an id that names nothing is not sent at all"
        );
    });
}

#[test]
fn a_bad_order_of_the_history_is_as_quiet_as_the_rest_of_it() {
    play(async |shop: Shop| {
        shop.world.state().backend.foul.insert("1".to_owned());
        shop.sell("1", 3780);
        let console = shop.console();
        round(&console).await;
        assert_eq!(console.row("1").await.unwrap().noise, Noise::Quiet);
        serve(&console, 30).await;
        assert_eq!(shop.world.alerts(), [""; 0]);
    });
}

#[test]
fn the_cursor_is_kept_with_the_rows_so_that_a_crash_between_two_pages_goes_on() {
    play(async |shop: Shop| {
        let console = shop.console();
        round(&console).await;
        shop.world.state().backend.page = 1;
        for id in ["1", "2", "3"] {
            shop.sell(id, 3780);
        }
        shop.world.forget_calls();
        for call in [When::Before, When::After] {
            // The second page of this start never answers.
            shop.world.once(Call::Changes, Fault::Slow(std::time::Duration::ZERO));
            shop.world.once(Call::Changes, Fault::Hang(call));
            let console = shop.console();
            until(console.round(), shop.world.hangs()).await;
        }
        let console = shop.console();
        round(&console).await;
        let places: Vec<String> =
            shop.world.calls(&[Call::Changes]).into_iter().map(|entry| entry.about).collect();
        assert_eq!(places[..5], ["1:0", "1:1", "1:1", "1:2", "1:2"], "each start goes on where the rows end");
        for id in ["1", "2", "3"] {
            assert!(console.row(id).await.is_some());
        }
        serve(&console, 5).await;
        let mut alerts = shop.world.alerts();
        alerts.sort();
        assert_eq!(alerts, ["new_order N1", "new_order N2", "new_order N3"]);
    });
}

#[test]
fn a_crash_while_the_history_is_read_goes_on_with_the_next_page() {
    play(async |shop: Shop| {
        shop.world.state().backend.page = 1;
        for id in ["1", "2", "3"] {
            shop.sell(id, 3780);
            pass(1).await;
        }
        for _ in 0..2 {
            shop.world.once(Call::OrderHistory, Fault::Slow(std::time::Duration::ZERO));
            shop.world.once(Call::OrderHistory, Fault::Hang(When::Before));
            let console = shop.console();
            until(console.round(), shop.world.hangs()).await;
        }
        let console = shop.console();
        round(&console).await;
        assert_eq!(phase(&console).await, SyncPhase::Live);
        assert_eq!(shop.world.count(Call::FeedEnd), 1, "the feed's place from before the lists counts");
        for id in ["1", "2", "3"] {
            assert_eq!(console.row(id).await.unwrap().noise, Noise::Quiet);
        }
    });
}

#[test]
fn after_a_lost_cursor_the_lists_count_even_with_lower_versions_and_nothing_rings_twice() {
    play(async |mut shop: Shop| {
        with_tickets(&mut shop);
        let console = shop.console();
        serve(&console, 1).await;
        shop.sell("1", 3780);
        shop.world.state().backend.change_order("1", |order| order.merchant_note = Some("lost".to_owned()));
        serve(&console, 5).await;
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
        // The backend is restored from a backup of before the note, and meanwhile somebody ordered.
        {
            let mut state = shop.world.state();
            let order = state.backend.orders.get_mut(&order_id("1")).unwrap();
            order.version = 1;
            order.merchant_note = None;
            state.backend.lose_cursors();
        }
        shop.sell("2", 3780);
        serve(&console, 30).await;
        let row = console.row("1").await.unwrap();
        assert_eq!((row.order.merchant_note, row.verified), (None, Verified::Verified));
        assert_eq!(shop.world.alerts(), ["new_order N1", "new_order N2"]);
        assert_eq!(shop.world.papers(), ["counter merchant N1", "counter merchant N2"]);
    });
}

#[test]
fn a_cursor_that_is_lost_again_and_again_is_a_trouble_and_no_endless_loop() {
    play(async |shop: Shop| {
        let console = shop.console();
        round(&console).await;
        shop.world.always(Call::Changes, Fault::Source(SourceErrorKind::CursorExpired));
        let troubles = round(&console).await.troubles;
        assert_eq!(troubles[0].detail, "cursor_expired");
        assert!(shop.world.count(Call::Changes) < 5);
        shop.world.forget_calls();
        serve(&console, 600).await;
        let polls = shop.world.count(Call::Changes);
        assert!(polls < 100, "{polls} polls in ten minutes");
        shop.world.heal();
        shop.sell("1", 3780);
        serve(&console, 70).await;
        assert!(console.row("1").await.is_some());
    });
}

#[test]
fn more_without_items_or_a_new_cursor_is_a_trouble() {
    play(async |shop: Shop| {
        let console = shop.console();
        round(&console).await;
        shop.world.state().backend.stuck = true;
        assert_eq!(round(&console).await.troubles[0].detail, "console:feed_stuck");
    });
}

#[test]
fn a_request_whose_order_is_not_known_has_its_order_read() {
    play(async |shop: Shop| {
        let console = shop.console();
        round(&console).await;
        let order = paid_order("1", 3780, shop.world.time() - seconds(60));
        shop.pay_at_wechat(&order);
        let request = refund_request("r1", &order, 500, shop.world.time());
        {
            let mut state = shop.world.state();
            state.backend.keep_order(order);
            state.backend.push(Change::RefundRequest(Box::new(request)));
        }
        round(&console).await;
        assert!(console.row("1").await.is_some());
        serve(&console, 2).await;
        assert!(shop.world.alerts().contains(&"refund_requested N1".to_owned()));
    });
}

#[test]
fn the_end_of_contact_is_told_once_and_its_return_too() {
    play(async |shop: Shop| {
        let console = shop.console();
        round(&console).await;
        until(console.serve(), async {
            shop.world.always(Call::Changes, Fault::Silence(When::Before));
            pass(50).await;
            assert_eq!(shop.world.alerts(), [""; 0], "less than a minute is no news");
            pass(300).await;
            assert_eq!(shop.world.alerts(), ["contact_lost ×1"]);
            let polls = shop.world.count(Call::Changes);
            assert!(polls < 40, "{polls} polls in six minutes: the pauses grow");
            shop.world.heal();
            pass(100).await;
            assert_eq!(shop.world.alerts(), ["contact_lost ×1", "contact_back ×1"]);
        })
        .await;
    });
}
