//! A refund leaves exactly once, whatever happens on the way.

use journeys::{Desktop, PaperTape, Torture, World, until};
use serde_json::json;

#[test]
fn one_approval_is_one_movement_known_and_reported() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let placed = world.place_paid(3780);
    let request = world.ask_refund(&placed.order_id, 500);
    shop.run(&["sync"]).done();
    let row = shop.run(&["refund", "approve", &request]).done();
    assert_eq!((&row["payout"], &row["state"]), (&json!("succeeded"), &json!("succeeded")), "{row}");
    assert_eq!((&row["amount_fen"], &row["reported"]), (&json!(500), &json!(true)), "{row}");
    assert!(row["out_refund_no"].as_str().unwrap().starts_with("mr1-"), "{row}");
    assert_eq!(world.refunds_moved(&placed.out_trade_no), [500]);
    // Again is no second refund.
    let again = shop.run(&["refund", "approve", &request]);
    assert_eq!(again.error_code(), "refund_already_done");
    assert_eq!(world.refunds_moved(&placed.out_trade_no), [500]);
    let listed = shop.run(&["refunds", "--state", "succeeded"]).done();
    assert_eq!(listed[0]["id"], request.as_str());
}

#[test]
fn a_killed_refund_is_resumed_and_moves_once() {
    let world = World::with_orders(0);
    let shop = world.shop();
    for (fault, moved_before) in
        [("refund_timeout_after_moving", true), ("refund_timeout_before_moving", false)]
    {
        let placed = world.place_paid(2000);
        let request = world.ask_refund(&placed.order_id, 700);
        shop.run(&["sync"]).done();
        world.faults(json!({ "gateway": { fault: 1 } }));
        let approving = shop.program(&["refund", "approve", &request]).start();
        until("the request to WeChat is on its way", || {
            let rows = shop.run(&["refunds"]).done();
            let row = rows.as_array()?.iter().find(|row| row["id"] == request.as_str())?.clone();
            (row["payout"] == "submitting").then_some(())
        });
        if moved_before {
            until("the money moved", || (world.refunds_moved(&placed.out_trade_no) == [700]).then_some(()));
        }
        approving.kill();
        let rows = shop.run(&["refund", "resume"]).done();
        assert_eq!(rows[0]["payout"], "succeeded", "{rows}");
        assert_eq!(rows[0]["reported"], true, "{rows}");
        assert_eq!(world.refunds_moved(&placed.out_trade_no), [700], "{fault}");
    }
}

#[test]
fn a_refund_that_nobody_asked_for_goes_the_same_way() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let placed = world.place_paid(3000);
    shop.run(&["sync"]).done();
    let row =
        shop.run(&["refund", "order", &placed.out_trade_no, "--amount", "1200", "--reason", "缺货"]).done();
    assert_eq!((&row["payout"], &row["amount_fen"]), (&json!("succeeded"), &json!(1200)), "{row}");
    let more = shop.run(&["refund", "order", &placed.out_trade_no, "--amount", "1801", "--reason", "缺货"]);
    assert_eq!(more.error_code(), "amount_exceeds_refundable");
    assert_eq!(world.refunds_moved(&placed.out_trade_no), [1200]);
}

#[test]
fn a_refusal_of_wechat_is_said_and_may_be_repeated_under_the_same_number() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let placed = world.place_paid(3000);
    let request = world.ask_refund(&placed.order_id, 900);
    shop.run(&["sync"]).done();
    world.faults(json!({ "gateway": { "not_enough": 1 } }));
    let refused = shop.run(&["refund", "approve", &request]);
    assert_eq!(refused.error_code(), "wechat_not_enough");
    let row = refused.json();
    assert_eq!((&row["payout"], &row["state"]), (&json!("failed"), &json!("failed")), "{row}");
    assert!(world.refunds_moved(&placed.out_trade_no).is_empty());
    let again = shop.run(&["refund", "approve", &request]).done();
    assert_eq!(again["payout"], "succeeded", "{again}");
    assert_eq!(again["out_refund_no"], row["out_refund_no"], "the number is kept");
    assert_eq!(world.refunds_moved(&placed.out_trade_no), [900]);
}

#[test]
fn a_request_is_refused_with_a_reason_or_goods_are_asked_back() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let placed = world.place_paid(3000);
    let request = world.ask_refund(&placed.order_id, 900);
    let row = shop.run(&["refund", "reject", &request, "--reason", "商品已使用"]).done();
    assert_eq!((&row["state"], &row["payout"]), (&json!("rejected"), &json!("none")), "{row}");
    assert_eq!(shop.run(&["refund", "approve", &request]).error_code(), "refund_not_decidable");
    let wish = json!({ "order_id": placed.order_id, "amount_fen": 800, "reason_text": "不喜欢", "kind": "return_refund" });
    let answer = world.control("POST", "refund-requests", Some(wish));
    let returning = answer["id"].as_str().unwrap();
    let row = shop.run(&["refund", "approve", returning, "--agree-return"]).done();
    assert_eq!((&row["state"], &row["payout"]), (&json!("waiting_return"), &json!("none")), "{row}");
    assert!(world.refunds_moved(&placed.out_trade_no).is_empty());
}

#[test]
fn while_the_console_serves_it_pays_and_the_command_watches() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let (desktop, paper) = (Desktop::start(), PaperTape::start());
    let _serving = shop.serve(&paper, &desktop);
    assert_eq!(shop.run(&["serve"]).error_code(), "data_folder_in_use", "one console per folder");
    let placed = world.place_paid(2600);
    let request = world.ask_refund(&placed.order_id, 2600);
    until("somebody is told of the wish", || {
        Some(desktop.with("26.00"))
            .filter(|shown| shown.iter().any(|one| one.actions.iter().all(|id| id != "print")))
    });
    let row = shop.run(&["refund", "approve", &request]).done();
    assert_eq!((&row["payout"], &row["reported"]), (&json!("succeeded"), &json!(true)), "{row}");
    assert_eq!(world.refunds_moved(&placed.out_trade_no), [2600]);
    until("the refund slip", || (paper.with(&request).len() == 1).then_some(()));
}

#[test]
fn two_commands_at_once_pay_one_after_the_other() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let orders = [world.place_paid(1100), world.place_paid(1200)];
    let requests: Vec<String> = orders.iter().map(|order| world.ask_refund(&order.order_id, 300)).collect();
    shop.run(&["sync"]).done();
    // The first request also at a second terminal: another data folder.
    let second = world.shop();
    let same = second.program(&["refund", "approve", &requests[0]]).start();
    let running: Vec<_> =
        requests.iter().map(|request| shop.program(&["refund", "approve", request]).start()).collect();
    let mut ended: Vec<_> = running.into_iter().map(journeys::Running::wait).collect();
    assert_eq!(ended.remove(1).done()["payout"], "succeeded", "nobody else wanted this one");
    // Of the two tills one pays; the other is told that somebody else does, or that it is done.
    ended.push(same.wait());
    let paid = ended.iter().filter(|ended| ended.code == Some(0)).count();
    assert_eq!(paid, 1, "{ended:?}");
    for order in &orders {
        assert_eq!(world.refunds_moved(&order.out_trade_no), [300]);
    }
}

/// `cargo xtask torture refunds` has more of them.
#[test]
fn whenever_the_program_is_killed_the_money_goes_back_once() {
    let torture = Torture::open();
    let killed: u32 = (0..10).map(|seed| torture.round(seed).killed).sum();
    assert!(killed > 0, "every program was done before it could be killed");
}
