//! The refund desk in groups, and what may be decided there.

use domain::{Buyer, Fen, RefundKind, RefundState};
use engine::ports::GatewayOutcome;
use engine::{Actor, Error, RefundCase, RefundGroup};

use simulation::world::{
    Call, Console, Fault, Shop, order_id, pass, play, request_id, seconds, until, whole,
};

/// How many refunds each group holds: to decide, on the way, trouble, done. Each list is as long as its count says.
async fn counts(console: &Console) -> [u64; 4] {
    let mut counts = [0; 4];
    for (place, group) in RefundGroup::ALL.into_iter().enumerate() {
        let desk = console.refund_desk_group(group, 100).await.unwrap();
        assert!(desk.cases.iter().all(|case| case.group == group));
        assert_eq!(desk.counts[place], (group, desk.cases.len() as u64));
        counts[place] = desk.counts[place].1;
    }
    counts
}

async fn case(console: &Console, group: RefundGroup) -> RefundCase {
    console.refund_desk_group(group, 100).await.unwrap().cases.remove(0)
}

/// Sells and wants money back, once for each name.
async fn wishes(shop: &Shop, names: &[&str]) -> Console {
    for name in names {
        shop.sell(name, 3780);
        shop.want_back(&format!("r{name}"), name, 500);
    }
    let console = shop.console();
    console.round().await.unwrap();
    console
}

#[test]
fn a_refund_goes_from_group_to_group() {
    play(async |shop: Shop| {
        let console = wishes(&shop, &["1", "2", "3"]).await;
        assert_eq!(counts(&console).await, [3, 0, 0, 0]);
        shop.world.state().wechat.takes = seconds(100);
        console.approve(&request_id("r1"), &whole()).await.unwrap();
        assert_eq!(counts(&console).await, [2, 1, 0, 0], "decided");
        until(console.watch(), pass(10)).await;
        let on_the_way = case(&console, RefundGroup::OnTheWay).await;
        assert!(on_the_way.row.accepted_at().is_some() && on_the_way.row.next_at().is_some());
        assert_eq!(on_the_way.row.arrived_at(), None);
        until(console.watch(), pass(300)).await;
        assert_eq!(counts(&console).await, [2, 0, 0, 1]);
        let done = case(&console, RefundGroup::Done).await;
        assert!(done.row.arrived_at().is_some() && done.row.next_at().is_none());
        shop.world.once(Call::Refund, Fault::Gateway(GatewayOutcome::Refused, "NOTENOUGH"));
        console.approve_and_wait(&request_id("r2"), &whole(), seconds(60)).await.unwrap();
        assert_eq!(counts(&console).await, [1, 0, 1, 1]);
        console.reject(&request_id("r3"), "eaten", &Actor::nobody(), None).await.unwrap();
        assert_eq!(counts(&console).await, [0, 0, 1, 2]);
    });
}

#[test]
fn what_the_desk_offers_is_what_the_engine_does() {
    play(async |shop: Shop| {
        let console = wishes(&shop, &["1"]).await;
        let fresh = case(&console, RefundGroup::ToDecide).await;
        assert!(fresh.choices.approve.is_ok() && fresh.choices.refuse.is_ok());
        assert!(matches!(fresh.choices.agree_return, Err(Error::NotDecidable { .. })), "no goods come back");

        shop.world.state().wechat.takes = seconds(1_000_000);
        console.approve_and_wait(&request_id("r1"), &whole(), seconds(5)).await.unwrap();
        let running = case(&console, RefundGroup::OnTheWay).await;
        assert!(matches!(running.choices.approve, Err(Error::AlreadyRunning { .. })), "{running:?}");
        assert!(matches!(running.choices.refuse, Err(Error::AlreadyRunning { .. })), "{running:?}");
    });
}

#[test]
fn after_a_refusal_of_wechats_the_refund_may_be_approved_again_or_refused() {
    play(async |shop: Shop| {
        let console = wishes(&shop, &["1"]).await;
        shop.world.once(Call::Refund, Fault::Gateway(GatewayOutcome::Refused, "NOTENOUGH"));
        console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
        let failed = case(&console, RefundGroup::Trouble).await;
        assert!(failed.choices.approve.is_ok() && failed.choices.refuse.is_ok(), "{failed:?}");
        let row = console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
        assert_eq!(row.payout_word(), "succeeded");
        let done = case(&console, RefundGroup::Done).await;
        assert!(matches!(done.choices.approve, Err(Error::AlreadyDone)), "{done:?}");
        assert!(done.choices.refuse.is_err());
    });
}

#[test]
fn a_return_of_goods_may_be_agreed_to_once() {
    play(async |shop: Shop| {
        let console = wishes(&shop, &["1"]).await;
        shop.world.state().backend.change_request("r1", |request| request.kind = RefundKind::ReturnRefund);
        console.round().await.unwrap();
        assert!(case(&console, RefundGroup::ToDecide).await.choices.agree_return.is_ok());
        shop.world.state().backend.change_request("r1", |request| {
            request.state = RefundState::WaitingReturn;
        });
        console.round().await.unwrap();
        let agreed = case(&console, RefundGroup::OnTheWay).await;
        assert!(agreed.choices.agree_return.is_err());
        assert!(agreed.choices.approve.is_ok(), "the shop may trust the buyer");
    });
}

#[test]
fn a_shop_that_decides_elsewhere_offers_nothing() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.decide_refunds = false;
        let console = wishes(&shop, &["1"]).await;
        let shown = case(&console, RefundGroup::ToDecide).await;
        for choice in [shown.choices.approve, shown.choices.refuse, shown.choices.agree_return] {
            assert!(matches!(choice, Err(Error::NotOffered)), "{choice:?}");
        }
        let order = console.order_in_full(&order_id("1")).await.unwrap();
        assert!(matches!(order.refund_refusal, Some(Error::NotOffered)));
    });
}

#[test]
fn the_desk_knows_the_buyers_past() {
    play(async |shop: Shop| {
        let console = wishes(&shop, &["1", "2"]).await;
        for id in ["1", "2"] {
            shop.world.state().backend.change_order(id, |order| {
                order.buyer = Some(Buyer { id: Some("b7".to_owned()), display_name: None, note: None });
            });
        }
        console.round().await.unwrap();
        console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
        console.round().await.unwrap();
        let history = case(&console, RefundGroup::ToDecide).await.history.unwrap();
        assert_eq!(
            (history.orders, history.refunds, history.refunded),
            (2, 1, Fen::new(500)),
            "the request on the desk itself is not past"
        );
    });
}

#[test]
fn an_order_says_why_no_refund_can_be_started() {
    play(async |shop: Shop| {
        let console = wishes(&shop, &["1"]).await;
        shop.place("2", 500);
        console.round().await.unwrap();
        let refusal = async |id: &str| console.order_in_full(&order_id(id)).await.unwrap().refund_refusal;
        assert!(refusal("1").await.is_none());
        assert!(matches!(refusal("2").await, Some(Error::NotPaid)));
        console.approve(&request_id("r1"), &whole()).await.unwrap();
        assert!(matches!(refusal("1").await, Some(Error::AlreadyRunning { .. })));
        until(console.watch(), pass(60)).await;
        assert!(refusal("1").await.is_none(), "a part is left");
        let left = Fen::new(3_280);
        console.refund_order_and_wait("1", left, "sold out", &Actor::nobody(), seconds(60)).await.unwrap();
        console.round().await.unwrap();
        assert!(matches!(refusal("1").await, Some(Error::NothingLeft)));
        let full = console.order_in_full(&order_id("1")).await.unwrap();
        assert_eq!(full.refunds.len(), 2);
        assert!(full.timeline.iter().any(|moment| moment.kind == "refund_succeeded"));
    });
}

#[test]
fn what_is_still_owed_is_counted() {
    play(async |shop: Shop| {
        let console = wishes(&shop, &["1"]).await;
        let owed =
            async || console.mirror().read::<_, mirror::Error>(|view| view.outstanding()).await.unwrap();
        assert_eq!((owed().await.refunds, owed().await.filling), (0, false));
        console.approve(&request_id("r1"), &whole()).await.unwrap();
        assert_eq!(owed().await.refunds, 1, "written down, not sent");
        shop.world.always(Call::Report, Fault::Silence(simulation::world::When::Before));
        until(console.watch(), pass(60)).await;
        assert_eq!(owed().await.refunds, 1, "arrived, and the backend has not heard of it");
        shop.world.heal();
        until(console.watch(), pass(600)).await;
        assert_eq!(owed().await.refunds, 0);
    });
}
