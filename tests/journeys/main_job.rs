//! A customer pays; the counter knows, has checked, says so and prints.

use journeys::{Desktop, PaperTape, World, until};
use serde_json::json;

#[test]
fn a_paid_order_is_verified_alerted_and_printed() {
    let world = World::with_orders(5);
    let shop = world.shop();
    let (desktop, paper) = (Desktop::start(), PaperTape::start());
    let _serving = shop.serve(&paper, &desktop);
    until("the first contact is over", || {
        (shop.run(&["orders"]).done().as_array()?.len() >= 5).then_some(())
    });
    until("the history is verified", || {
        let orders = shop.run(&["orders"]).done();
        orders.as_array()?.iter().all(|order| order["verified"] != "pending").then_some(())
    });
    assert!(desktop.shown().is_empty(), "the first contact makes no noise: {:?}", desktop.shown());
    assert!(paper.slips().is_empty(), "and no paper");

    let placed = world.place_paid(3780);
    let slips =
        until("the ticket", || Some(paper.with(&placed.out_trade_no)).filter(|slips| !slips.is_empty()));
    assert_eq!(slips.len(), 1);
    assert_eq!(&slips[0].bytes[..2], b"\x1b@", "a ticket begins by putting the printer in order");
    let order = shop.order(&placed.order_id);
    let number = order["number"].as_str().unwrap();
    let shown = until("the notification", || Some(desktop.with(number)).filter(|shown| !shown.is_empty()));
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(shown[0].body.contains("37.80"), "{shown:?}");
    assert_eq!(order["verified"], "verified");
    assert_eq!(order["payment"], "paid");
    assert_eq!(order["out_trade_no"], placed.out_trade_no.as_str());
    until("the timeline tells it", || {
        let order = shop.order(&placed.out_trade_no);
        let kinds: Vec<String> = order["timeline"]
            .as_array()?
            .iter()
            .filter_map(|moment| Some(moment["kind"].as_str()?.to_owned()))
            .collect();
        ["seen", "paid", "verified", "alerted", "printed", "acked"]
            .iter()
            .all(|kind| kinds.iter().any(|known| known == kind))
            .then_some(())
    });
}

#[test]
fn a_round_verifies_the_history_and_repeats_nothing() {
    let world = World::with_orders(30);
    let shop = world.shop();
    let first = shop.run(&["sync"]).done();
    assert!(first["orders"].as_u64().unwrap() >= 30, "{first}");
    assert!(first["verified"].as_u64().unwrap() > 0, "{first}");
    assert_eq!(first["mismatch"], 0, "{first}");
    assert_eq!(first["unavailable"], 0, "{first}");
    let orders = shop.run(&["orders", "--limit", "1000"]).done();
    for order in orders.as_array().unwrap() {
        let expected: &[&str] = match (order["method"].as_str(), order["payment"].as_str().unwrap()) {
            (Some("balance" | "offline"), _) => &["not_applicable"],
            (_, "paid" | "partially_refunded" | "refunded") => &["verified"],
            _ => &["not_paid", "not_applicable"],
        };
        assert!(expected.contains(&order["verified"].as_str().unwrap()), "{order}");
    }
    let second = shop.run(&["sync", "--once"]).done();
    assert_eq!((&second["orders"], &second["verified"]), (&json!(0), &json!(0)), "{second}");
    let page = shop.run(&["orders", "--limit", "7"]).done();
    let last = page.as_array().unwrap().last().unwrap();
    let next = shop.run(&["orders", "--limit", "7", "--after", last["key"].as_str().unwrap()]).done();
    assert_eq!(orders[7], next[0], "the page after the seventh begins with the eighth");
}

#[test]
fn a_lost_payment_notification_is_found_and_reported() {
    let world = World::with_orders(0);
    let shop = world.shop();
    shop.run(&["sync"]).done();
    let placed =
        world.place(json!({ "count": 1, "pay": true, "notify": false, "total_fen": 1250 })).remove(0);
    let round = shop.run(&["sync"]).done();
    assert_eq!(round["lost_payments"], 1, "{round}");
    let order = until("the backend has asked WeChat itself", || {
        shop.run(&["sync"]).done();
        Some(shop.order(&placed.order_id)).filter(|order| order["payment"] == "paid")
    });
    assert_eq!(order["verified"], "verified");
    let kinds: Vec<&str> =
        order["timeline"].as_array().unwrap().iter().filter_map(|one| one["kind"].as_str()).collect();
    assert!(kinds.contains(&"lost_payment") && kinds.contains(&"payment_observed"), "{kinds:?}");
}

#[test]
fn asking_about_one_order_says_whether_both_agree() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let placed = world.place_paid(990);
    shop.run(&["sync"]).done();
    let answer = shop.run(&["query", &placed.out_trade_no]).done();
    assert_eq!(answer["agrees"], true, "{answer}");
    assert_eq!((&answer["trade_state"], &answer["total_fen"]), (&json!("SUCCESS"), &json!(990)));
}
