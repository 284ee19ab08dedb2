//! What people are told, and how often.

use engine::ports::SourceErrorKind;
use engine::{Actor, Event};

use simulation::world::{
    Call, Console, Fault, Shop, When, paid_order, pass, play, request_id, seconds, until, whole,
};

async fn open(shop: &Shop) -> Console {
    let console = shop.console();
    console.round().await.unwrap();
    console
}

#[test]
fn a_burst_of_orders_is_told_as_one() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        for id in ["1", "2", "3", "4", "5"] {
            shop.sell(id, 3780);
        }
        // They are all verified before anybody is told.
        console.round().await.unwrap();
        until(console.serve(), async {
            pass(5).await;
            assert_eq!(shop.world.alerts(), ["new_order ×5"]);
            let notice = shop.world.state().desktop.notices[0].clone();
            assert_eq!((notice.order_id, notice.count), (None, 5));
            for id in ["6", "7", "8"] {
                shop.sell(id, 3780);
            }
            pass(5).await;
        })
        .await;
        assert_eq!(shop.world.alerts().len(), 4, "three are few enough to be named");
    });
}

#[test]
fn what_was_paid_while_the_pc_was_away_is_listed_together_and_not_printed() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![simulation::world::rule("merchant", "counter", 1)];
        let console = open(&shop).await;
        for id in ["1", "2"] {
            shop.sell(id, 3780);
        }
        pass(3 * 3_600).await;
        shop.sell("3", 3780);
        until(console.serve(), pass(10)).await;
        let mut alerts = shop.world.alerts();
        alerts.sort();
        assert_eq!(alerts, ["missed_offline ×2", "new_order N3"]);
        assert_eq!(shop.world.papers(), ["counter merchant N3"]);
    });
}

#[test]
fn an_owner_who_wants_missed_orders_on_paper_gets_them() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![simulation::world::rule("merchant", "counter", 1)];
        shop.tickets.print_missed = true;
        let console = open(&shop).await;
        shop.sell("1", 3780);
        pass(3 * 3_600).await;
        until(console.serve(), pass(10)).await;
        assert_eq!(shop.world.papers(), ["counter merchant N1"]);
        let proof = shop.world.state().desktop.papers[0].proof;
        assert_eq!(proof, domain::reconcile::TicketProof::Missed);
    });
}

#[test]
fn an_alert_that_waited_for_hours_is_listed_with_what_was_missed() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        shop.sell("1", 3780);
        console.round().await.unwrap();
        pass(3 * 3_600).await;
        until(console.serve(), pass(10)).await;
        assert_eq!(shop.world.alerts(), ["missed_offline ×1"]);
    });
}

#[test]
fn a_desktop_that_shows_nothing_is_tried_ever_more_seldom_and_holds_nothing_up() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        shop.world.always(Call::Notify, Fault::Silence(When::Before));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(200).await;
            assert_eq!(shop.world.times(Call::Notify), [0, 1, 3, 7, 15, 31, 63, 123, 183]);
            assert_eq!(console.row("1").await.unwrap().verified.as_str(), "verified");
            shop.world.heal();
            pass(60).await;
        })
        .await;
        assert_eq!(shop.world.alerts(), ["new_order N1"]);
    });
}

#[test]
fn an_alert_that_no_desktop_showed_for_hours_is_left_to_the_list_on_the_screen() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        shop.sell("1", 3780);
        console.round().await.unwrap();
        pass(3 * 3_600).await;
        shop.world.once(Call::Notify, Fault::Silence(When::Before));
        until(console.serve(), pass(300)).await;
        assert_eq!(shop.world.count(Call::Notify), 1);
        assert_eq!(shop.world.alerts(), [""; 0]);
    });
}

#[test]
fn a_desktop_that_comes_back_shows_the_alert_once() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        shop.world.once(Call::Notify, Fault::Silence(When::Before));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(60).await;
        })
        .await;
        assert_eq!(shop.world.alerts(), ["new_order N1"]);
    });
}

#[test]
fn an_alert_is_shown_again_after_a_crash_under_the_same_key() {
    for when in [When::Before, When::After] {
        play(async |shop: Shop| {
            let console = open(&shop).await;
            shop.sell("1", 3780);
            shop.world.once(Call::Notify, Fault::Hang(when));
            until(console.serve(), shop.world.hangs()).await;
            console.end().await;
            let console = shop.console();
            until(console.serve(), pass(30)).await;
            let keys: Vec<String> =
                shop.world.state().desktop.notices.iter().map(|notice| notice.key.clone()).collect();
            let expected = if when == When::Before { 1 } else { 2 };
            assert_eq!(keys, vec!["alert:new_order:1".to_owned(); expected], "{when:?}");
        });
    }
}

#[test]
fn a_buyers_wish_is_told_once_and_the_shops_own_refund_is_not() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(2).await;
            shop.want_back("r1", "1", 500);
            pass(2).await;
            shop.world.state().backend.change_request("r1", |_| {});
            pass(2).await;
            let refund = domain::Fen::new(100);
            let row = console
                .refund_order_and_wait("1", refund, "sold out", &Actor::nobody(), seconds(20))
                .await
                .unwrap();
            assert!(row.is_settled());
            pass(2).await;
        })
        .await;
        let alerts = shop.world.alerts();
        assert_eq!(alerts, ["new_order N1", "refund_requested N1", "refund_succeeded N1"]);
    });
}

#[test]
fn a_serving_console_tells_when_the_money_arrived() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        until(console.serve(), async {
            shop.sell("1", 3780);
            shop.want_back("r1", "1", 500);
            pass(2).await;
            console.approve(&request_id("r1"), &whole()).await.unwrap();
            pass(20).await;
        })
        .await;
        assert!(shop.world.alerts().contains(&"refund_succeeded N1".to_owned()));
        let notice = shop.world.state().desktop.notices.last().unwrap().clone();
        assert!(notice.parameters.contains(&("amount", "5.00".to_owned())), "{:?}", notice.parameters);
    });
}

#[test]
fn a_token_that_is_not_accepted_is_tried_once_a_minute() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        shop.world.always(Call::Changes, Fault::Source(SourceErrorKind::Unauthenticated));
        shop.world.forget_calls();
        until(console.serve(), pass(600)).await;
        let polls = shop.world.count(Call::Changes);
        assert!((9..=12).contains(&polls), "{polls} polls in ten minutes");
        let heard = shop.world.events();
        let told =
            |event: &Event| matches!(event, Event::Trouble(trouble) if trouble.detail == "unauthenticated");
        assert!(heard.iter().any(told), "the status strip says so: {heard:?}");
    });
}

#[test]
fn an_order_that_was_cancelled_is_told() {
    play(async |shop: Shop| {
        let console = open(&shop).await;
        let order = paid_order("1", 3780, shop.world.time());
        shop.pay_at_wechat(&order);
        shop.world.state().backend.put_order(order);
        until(console.serve(), async {
            pass(5).await;
            shop.world.state().backend.change_order("1", |order| {
                order.fulfilment = domain::Fulfilment::Cancelled;
            });
            pass(5).await;
        })
        .await;
        assert_eq!(shop.world.alerts(), ["new_order N1", "cancelled N1"]);
    });
}
