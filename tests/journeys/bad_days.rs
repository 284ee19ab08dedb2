//! Bad input: a clear message with its next step, nothing printed, nothing lost.

use journeys::{PaperTape, Shop, World, until};
use serde_json::{Value, json};

#[test]
fn what_the_connection_gets_wrong_is_named() {
    let world = World::with_orders(0);
    let folder = world.folder();
    std::fs::write(folder.join("empty.pem"), "").unwrap();
    let other = World::with_orders(0);
    let (good, foreign) = (world.connection(), other.connection());
    type Change = Box<dyn Fn(&mut Value)>;
    let pay = |member: &'static str, value: Value| -> Change {
        Box::new(move |connection| connection["wechat_pay"][member] = value.clone())
    };
    let cases: Vec<(&str, Change)> = vec![
        ("connection_member_missing", Box::new(|connection| connection["shop"]["id"] = Value::Null)),
        ("connection_member_missing", pay("api_v2_key", Value::Null)),
        ("certificate_file_unreadable", pay("cert_file", json!("/nonexistent/apiclient_cert.pem"))),
        ("certificate_empty", pay("cert_file", json!(folder.join("empty.pem")))),
        ("key_does_not_fit", pay("key_file", foreign["wechat_pay"]["key_file"].clone())),
        (
            "backend_http_not_loopback",
            Box::new(|connection| {
                connection["backend"]["base_url"] = json!("http://shop.example/merchant/v1");
            }),
        ),
    ];
    for (code, change) in cases {
        let shop = Shop::unconnected();
        let mut connection = good.clone();
        change(&mut connection);
        assert_eq!(shop.connect(&connection).error_code(), code, "{connection}");
        assert_eq!(shop.run(&["orders"]).error_code(), "shop_not_connected", "nothing was stored");
    }
    let shop = world.shop();
    let mut another = good.clone();
    another["shop"]["id"] = json!("another");
    assert_eq!(shop.connect(&another).error_code(), "shop_differs");
    shop.connect(&good).done();
}

#[test]
fn a_wrong_api_key_verifies_and_refunds_nothing() {
    let world = World::with_orders(0);
    let placed = world.place_paid(3780);
    let request = world.ask_refund(&placed.order_id, 500);
    let shop = Shop::unconnected();
    let mut connection = world.connection();
    connection["wechat_pay"]["api_v2_key"] = json!("ffffffffffffffffffffffffffffffff");
    shop.connect(&connection).done();
    let paper = PaperTape::start();
    let round = shop.run(&["sync"]);
    assert_eq!(round.error_code(), "wechat_key_wrong");
    assert_eq!(shop.order(&placed.order_id)["verified"], "unavailable");
    assert_eq!(shop.run(&["query", &placed.order_id]).error_code(), "wechat_key_wrong");
    assert_eq!(shop.run(&["refund", "approve", &request]).error_code(), "wechat_key_wrong");
    assert!(world.refunds_moved(&placed.out_trade_no).is_empty());
    assert!(paper.slips().is_empty());
    // With the right key everything goes on where it stood.
    shop.connect(&world.connection()).done();
    shop.run(&["sync"]).done();
    assert_eq!(shop.run(&["query", &placed.order_id]).done()["agrees"], true);
    assert_eq!(shop.run(&["refund", "approve", &request]).done()["payout"], "succeeded");
    assert_eq!(world.refunds_moved(&placed.out_trade_no), [500]);
}

#[test]
fn a_certificate_of_another_gateway_refunds_nothing() {
    let (world, other) = (World::with_orders(0), World::with_orders(0));
    let placed = world.place_paid(3780);
    let request = world.ask_refund(&placed.order_id, 500);
    let shop = Shop::unconnected();
    let mut connection = world.connection();
    for member in ["cert_file", "key_file"] {
        connection["wechat_pay"][member] = other.connection()["wechat_pay"][member].clone();
    }
    shop.connect(&connection).done();
    shop.run(&["sync"]).done();
    let refused = shop.run(&["refund", "approve", &request]);
    assert_eq!(refused.error_code(), "wechat_certificate_not_accepted");
    assert!(world.refunds_moved(&placed.out_trade_no).is_empty());
}

#[test]
fn an_amount_that_differs_at_wechat_is_never_printed() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let paper = PaperTape::start();
    let mut serving = shop.program(&["serve", "--print-to", &paper.target()]).start();
    serving.event("start", |event| event["event"] == "serving");
    world.faults(json!({ "gateway": { "wrong_total_in_query": "always" } }));
    let placed = world.place_paid(3780);
    serving.event("mismatch", |event| event["event"] == "asked" && event["verified"] == "mismatch");
    // WeChat may have been asked while the backend still called it unpaid; the news that it is paid asks anew.
    let order = until("the paid order is contradicted", || {
        Some(shop.order(&placed.order_id))
            .filter(|order| order["payment"] == "paid" && order["verified"] == "mismatch")
    });
    assert_eq!(order["differences"][0]["field"], "total_fee", "{order}");
    let target = paper.target();
    let print = shop.run(&["print", &placed.order_id, "--to", &target]);
    assert_eq!(print.error_code(), "payment_mismatch");
    let request = world.ask_refund(&placed.order_id, 500);
    assert_eq!(shop.run(&["refund", "approve", &request]).error_code(), "payment_mismatch");
    assert!(world.refunds_moved(&placed.out_trade_no).is_empty());
    assert!(paper.slips().is_empty());
    world.faults(json!({}));
    // An order after it is printed, so the printer had its chance.
    let good = world.place_paid(1000);
    until("the good ticket", || (paper.with(&good.out_trade_no).len() == 1).then_some(()));
    // What was wrong is asked about again, and comes right.
    assert_eq!(shop.run(&["query", &placed.order_id]).done()["agrees"], true);
}

#[test]
fn a_backend_that_does_not_answer_properly_is_named_and_recovered_from() {
    let world = World::with_orders(3);
    let shop = world.shop();
    for (fault, code) in [
        ("unauthorized", "backend_unauthenticated"),
        ("malformed_json", "backend_bad_answer"),
        ("unavailable", "backend_busy"),
        ("rate_limited", "backend_busy"),
    ] {
        world.faults(json!({ "backend": { fault: "always" } }));
        assert_eq!(shop.run(&["sync"]).error_code(), code, "{fault}");
        world.faults(json!({}));
    }
    let mut nowhere = world.connection();
    nowhere["backend"]["base_url"] = json!("http://127.0.0.1:9/merchant/v1");
    shop.connect(&nowhere).done();
    assert_eq!(shop.run(&["sync"]).error_code(), "backend_unreachable");
    shop.connect(&world.connection()).done();
    assert!(shop.run(&["sync"]).done()["orders"].as_u64().unwrap() >= 3);
}

#[test]
fn no_secret_is_in_any_file_or_output() {
    let world = World::with_orders(2);
    let shop = world.shop();
    let placed = world.place_paid(3780);
    let request = world.ask_refund(&placed.order_id, 500);
    let connection = world.connection();
    let key_file = connection["wechat_pay"]["key_file"].as_str().unwrap();
    let key = std::fs::read_to_string(key_file).unwrap();
    let key_line = key.lines().nth(2).unwrap().to_owned();
    let secrets = [
        connection["wechat_pay"]["api_v2_key"].as_str().unwrap().to_owned(),
        connection["backend"]["token"].as_str().unwrap().to_owned(),
        key_line,
        "correct horse battery staple".to_owned(),
    ];
    let mut said = String::new();
    for arguments in [&["sync"][..], &["refund", "approve", &request], &["doctor"], &["orders"]] {
        let ended = shop.program(arguments).env("ZHANGGUI_LOG", "trace").run();
        said.push_str(&ended.stdout);
        said.push_str(&ended.stderr);
    }
    let mut files = 0;
    for entry in std::fs::read_dir(shop.data()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|piece| piece == secret.as_bytes());
            assert!(!found, "a secret stands in a file of the data folder");
        }
    }
    assert!(files >= 3, "settings, vault and mirror are there");
    for secret in &secrets {
        assert!(!said.contains(secret.as_str()), "a secret was said");
    }
}
