//! The merchant certificate's end, and who hears of it.

use domain::time::{self, Timestamp};
use jiff::SignedDuration;
use simulation::world::{Console, Shop, pass, play, until};

const DAY_SECONDS: i64 = 86_400;

/// Longer than the engine goes without looking at the certificate.
const A_LOOK: u64 = 3700;

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_secs(days * DAY_SECONDS)
}

/// The shop, whose certificate ends so many days from now.
fn ends_in(mut shop: Shop, days: i64) -> (Shop, Timestamp) {
    let until = time::plus_seconds(engine::ports::Clock::now(shop.world.as_ref()), days * DAY_SECONDS);
    shop.certificate_until = Some(until);
    (shop, until)
}

async fn waiting(console: &Console) -> Vec<&'static str> {
    console.open_alerts(100).await.unwrap().iter().map(|open| open.alert.as_str()).collect()
}

#[test]
fn people_hear_of_it_three_times_before_and_once_after() {
    play(async |shop: Shop| {
        let (shop, end) = ends_in(shop, 100);
        for (day, told) in [(39, 0), (41, 1), (69, 1), (71, 2), (94, 3), (99, 3), (101, 4), (160, 4)] {
            shop.world.put_clock_ahead(days(day));
            let console = shop.console();
            until(console.serve(), pass(5)).await;
            assert_eq!(shop.world.alerts().len(), told, "day {day}");
            assert!(waiting(&console).await.len() <= 1, "the newest stands for all of them");
            console.end().await;
        }
        let open = shop.console().open_alerts(100).await.unwrap();
        assert_eq!(open[0].alert.as_str(), "certificate_ended");
        assert_eq!(open[0].parameters, [("date", time::to_spaced(end))]);
    });
}

#[test]
fn a_restart_does_not_tell_it_again_and_a_new_certificate_ends_it() {
    play(async |shop: Shop| {
        let (shop, _) = ends_in(shop, 20);
        for _ in 0..2 {
            let console = shop.console();
            until(console.serve(), pass(5)).await;
            assert_eq!(waiting(&console).await, ["certificate_ends"]);
            assert_eq!(shop.world.alerts().len(), 1);
            console.end().await;
        }
        let (shop, _) = ends_in(shop, 1800);
        let console = shop.console();
        until(console.serve(), pass(5)).await;
        assert_eq!(waiting(&console).await, [""; 0]);
    });
}

#[test]
fn what_a_wrong_clock_told_too_early_is_told_again_in_time() {
    play(async |shop: Shop| {
        let (shop, _) = ends_in(shop, 100);
        shop.world.put_clock_ahead(days(200));
        let console = shop.console();
        until(console.serve(), async {
            pass(5).await;
            let open = console.open_alerts(1).await.unwrap();
            console.acknowledge(vec![open[0].key.clone()], None).await.unwrap();
            shop.world.put_clock_ahead(days(0));
            pass(A_LOOK).await;
            assert_eq!(waiting(&console).await, [""; 0]);
        })
        .await;
        console.end().await;
        shop.world.put_clock_ahead(days(101));
        let console = shop.console();
        until(console.serve(), pass(5)).await;
        assert_eq!(waiting(&console).await, ["certificate_ended"]);
    });
}
