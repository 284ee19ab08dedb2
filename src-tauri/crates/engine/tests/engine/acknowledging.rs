//! Alerts that wait for a person, and what makes them stop waiting.

use domain::RefundState;
use domain::reconcile::Alert;

use simulation::world::{
    Call, Console, Fault, Shop, When, order_id, pass, play, request_id, rule, until, whole,
};

async fn open(shop: &Shop) -> Console {
    let console = shop.console();
    console.round().await.unwrap();
    console
}

/// The open alerts as "word number", newest first.
async fn waiting(console: &Console) -> Vec<String> {
    let alerts = console.open_alerts(100).await.unwrap();
    let count = console.mirror().read::<_, mirror::Error>(|view| view.count_open_alerts()).await.unwrap();
    assert_eq!(alerts.len() as u64, count, "the badge and the list agree");
    let number = |alert: &engine::OpenAlert| alert.order_number.clone().unwrap_or_default();
    alerts.iter().map(|alert| format!("{} {}", alert.alert.as_str(), number(alert))).collect()
}

#[test]
fn an_alert_waits_over_a_restart_until_somebody_acknowledges_it() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(5).await;
        })
        .await;
        console.end().await;
        let console = shop.console();
        until(console.serve(), pass(60)).await;
        assert_eq!(shop.world.alerts(), ["new_order N1"], "told once");
        let alert = console.open_alerts(10).await.unwrap().remove(0);
        assert_eq!((alert.alert, alert.order_id), (Alert::NewOrder, Some(order_id("1"))));
        assert!(alert.parameters.contains(&("amount", "37.80".to_owned())), "{:?}", alert.parameters);
        console.acknowledge(vec![alert.key, "alert:never_heard_of".to_owned()], None).await.unwrap();
        assert_eq!(waiting(&console).await, [""; 0]);
    });
}

#[test]
fn whoever_opens_an_order_has_seen_what_was_told_of_it_and_nothing_else() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        until(console.serve(), async {
            shop.sell("1", 3780);
            shop.sell("2", 3780);
            pass(2).await;
            shop.want_back("r1", "1", 500);
            pass(2).await;
        })
        .await;
        assert_eq!(waiting(&console).await.len(), 3);
        console.acknowledge_order(&order_id("1"), None).await.unwrap();
        assert_eq!(waiting(&console).await, ["new_order N2"]);
        until(console.serve(), pass(600)).await;
        assert_eq!(shop.world.alerts().len(), 3, "nothing is told again");
    });
}

#[test]
fn an_alert_that_no_desktop_shows_waits_on_the_screen_and_is_not_told_once_seen() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        shop.world.always(Call::Notify, Fault::Silence(When::Before));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(10).await;
            assert_eq!(waiting(&console).await, ["new_order N1"]);
            console.acknowledge_order(&order_id("1"), None).await.unwrap();
            shop.world.heal();
            pass(300).await;
        })
        .await;
        assert_eq!(shop.world.alerts(), [""; 0]);
    });
}

#[test]
fn a_missing_word_of_wechat_stops_waiting_when_it_comes() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        shop.world.always(Call::Query, Fault::Silence(When::Before));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(5).await;
            assert_eq!(waiting(&console).await, [""; 0], "ten seconds are given");
            pass(20).await;
            assert_eq!(waiting(&console).await, ["unverified N1"]);
            shop.world.heal();
            pass(60).await;
        })
        .await;
        assert_eq!(waiting(&console).await, ["new_order N1"]);
    });
}

#[test]
fn a_wish_that_was_decided_elsewhere_stops_waiting() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        until(console.serve(), async {
            shop.sell("1", 3780);
            shop.want_back("r1", "1", 500);
            pass(5).await;
            console.acknowledge(vec!["alert:new_order:1".to_owned()], None).await.unwrap();
            assert_eq!(waiting(&console).await, ["refund_requested N1"]);
            shop.world.state().backend.change_request("r1", |request| {
                request.state = RefundState::Rejected;
            });
            pass(5).await;
        })
        .await;
        assert_eq!(waiting(&console).await, [""; 0]);
    });
}

#[test]
fn printer_trouble_stops_waiting_when_the_ticket_comes_out() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let console = open(&shop).await;
        shop.world.break_printer("counter", 0);
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(10).await;
            assert!(waiting(&console).await.contains(&"printer_trouble N1".to_owned()));
            shop.world.mend_printer("counter");
            pass(60).await;
        })
        .await;
        assert_eq!(waiting(&console).await, ["new_order N1"]);
    });
}

#[test]
fn lost_contact_waits_as_long_as_it_lasts() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        shop.world.always(Call::Changes, Fault::Silence(When::Before));
        until(console.serve(), async {
            pass(30).await;
            assert_eq!(waiting(&console).await, [""; 0]);
            pass(120).await;
            assert_eq!(waiting(&console).await, ["contact_lost "]);
        })
        .await;
        console.end().await;
        // The next process knows of the outage, tells nobody a second time, and sees its end.
        let console = shop.console();
        until(console.serve(), async {
            pass(120).await;
            assert_eq!(waiting(&console).await, ["contact_lost "]);
            shop.world.heal();
            pass(120).await;
        })
        .await;
        assert_eq!(waiting(&console).await, [""; 0]);
        assert_eq!(shop.world.alerts(), ["contact_lost ×1", "contact_back ×1"]);
        // A second outage is a second alert.
        shop.world.always(Call::Changes, Fault::Silence(When::Before));
        until(console.serve(), pass(200)).await;
        assert_eq!(waiting(&console).await, ["contact_lost "]);
        console.acknowledge(vec!["alert:contact".to_owned()], None).await.unwrap();
        assert_eq!(waiting(&console).await, [""; 0], "acknowledged by the key of its notification");
    });
}

#[test]
fn a_click_on_a_notice_for_several_acknowledges_only_what_it_told() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        // Nobody tells people yet, so that all four are owed at once however quickly each was verified.
        until(console.watch(), async {
            for id in ["1", "2", "3", "4"] {
                shop.sell(id, 3780);
            }
            pass(60).await;
        })
        .await;
        until(console.serve(), async {
            pass(60).await;
            shop.sell("5", 3780);
            pass(60).await;
        })
        .await;
        let notices = shop.world.state().desktop.notices.clone();
        let several = notices.iter().find(|notice| notice.count > 1).unwrap();
        let told: Vec<u32> = notices.iter().map(|notice| notice.count).collect();
        assert_eq!(waiting(&console).await.len(), 5, "{told:?}");
        console.end().await;
        // The notification outlives the process that showed it.
        let console = shop.console();
        console.acknowledge(vec![several.key.clone()], None).await.unwrap();
        let left = waiting(&console).await;
        assert_eq!(left.len(), 5 - several.count as usize, "{told:?} {left:?}");
        assert!(left.contains(&"new_order N5".to_owned()), "{left:?}");
    });
}

#[test]
fn what_was_missed_is_acknowledged_whatever_it_was_owed_as() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        shop.world.always(Call::Notify, Fault::Silence(When::Before));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(60).await;
        })
        .await;
        console.end().await;
        pass(3 * 3_600).await;
        shop.world.heal();
        let console = shop.console();
        until(console.serve(), pass(60)).await;
        let notice = shop.world.state().desktop.notices.last().unwrap().clone();
        assert_eq!(
            (notice.alert, waiting(&console).await),
            (Alert::MissedOffline, vec!["new_order N1".into()])
        );
        console.acknowledge(vec![notice.key], None).await.unwrap();
        assert_eq!(waiting(&console).await, [""; 0]);
    });
}

#[test]
fn a_click_leads_to_the_order_the_refund_or_the_list() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        for id in ["1", "2", "3", "4"] {
            shop.sell(id, 3780);
        }
        console.round().await.unwrap();
        until(console.serve(), async {
            pass(5).await;
            shop.want_back("r1", "1", 500);
            pass(5).await;
            console.approve(&request_id("r1"), &whole()).await.unwrap();
            pass(20).await;
        })
        .await;
        let keys: Vec<String> =
            shop.world.state().desktop.notices.iter().map(|notice| notice.key.clone()).collect();
        let mut targets = Vec::new();
        for key in &keys {
            let target = console.alert_target(key).await.unwrap();
            targets.push((target.order.map(|id| id.to_string()), target.is_refund));
        }
        let order = || Some("1".to_owned());
        assert_eq!(targets, [(None, false), (order(), true), (order(), true)], "{keys:?}");
        assert_eq!(waiting(&console).await.len(), 5, "four orders, and the money that arrived");
        console.acknowledge(vec![keys[0].clone()], None).await.unwrap();
        assert_eq!(waiting(&console).await, ["refund_succeeded N1"], "one notice stood for all four orders");
        let unknown = console.alert_target("alert:never_heard_of").await.unwrap();
        assert_eq!(unknown, engine::AlertTarget::default());
    });
}
