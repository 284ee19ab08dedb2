use std::time::{Duration, Instant};

use domain::{Fulfilment, PaymentState, time::Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::Shop;
use crate::{Error, Options, Sandbox, Switch, Wishes};

#[tokio::test]
async fn ten_thousand_orders_are_there_within_seconds() {
    let begun = Instant::now();
    let shop = Shop::open(10_000).await;
    assert!(begun.elapsed() < Duration::from_secs(8), "took {:?}", begun.elapsed());
    shop.sandbox.books().check().unwrap();
}

#[tokio::test]
async fn the_connection_names_files_and_addresses_that_work() {
    let shop = Shop::open(0).await;
    for file in ["ca_file", "cert_file", "key_file", "p12_file"] {
        let path = shop.text(&format!("/wechat_pay/{file}"));
        assert!(std::path::Path::new(&path).is_absolute() && std::path::Path::new(&path).exists());
    }
    assert!(shop.text("/backend/base_url").starts_with("http://127.0.0.1:"));
    assert!(shop.text("/wechat_pay/base_url").starts_with("https://127.0.0.1:"));
    assert_eq!(shop.connection["wechat_pay"]["api"], "v2");
    assert_eq!(shop.connection["wechat_pay"]["api_v3_key"], Value::Null);
}

#[tokio::test]
async fn a_lost_notice_leaves_the_order_unpaid_until_somebody_asks() {
    let shop = Shop::open(0).await;
    let order = shop.order(json!({ "total_fen": 900, "notify": false })).await;
    assert_eq!(order.committed_at, None);
    let known = shop.till("till-1").order(&order.id).await.unwrap();
    assert_eq!((known.fulfilment, known.payment.state), (Fulfilment::Unpaid, PaymentState::Unpaid));
    // The fault does the same to a payment that would have been told.
    shop.faults(|faults| faults.gateway.drop_payment_notification = Switch::times(1));
    assert_eq!(shop.order(json!({})).await.committed_at, None);
    assert!(shop.order(json!({})).await.committed_at.is_some());
}

#[tokio::test]
async fn wishes_are_kept() {
    let shop = Shop::open(0).await;
    let wishes = json!({ "total_fen": 1234, "title": "测试商品", "note": "\u{1b}@<b>", "method": "balance" });
    let placed = shop.control(Method::POST, "/orders", wishes).await;
    let id = placed[0]["order_id"].as_str().unwrap().parse().unwrap();
    assert_eq!((&placed[0]["out_trade_no"], &placed[0]["transaction_id"]), (&Value::Null, &Value::Null));
    let order = shop.till("till-1").order(&id).await.unwrap();
    assert_eq!((order.amounts.total.get(), order.lines[0].title.as_str()), (1234, "测试商品"));
    assert_eq!(order.buyer.unwrap().note.as_deref(), Some("\u{1b}@<b>"));
    assert!(!domain::Order::is_wechat(&shop.till("till-1").order(&id).await.unwrap()));

    let many = shop.control(Method::POST, "/orders", json!({ "count": 12 })).await;
    assert_eq!(many.as_array().unwrap().len(), 12);
}

#[tokio::test]
async fn the_strings_need_the_token() {
    let shop = Shop::open(0).await;
    let url = shop.text("/backend/base_url").replace("/merchant/v1", "/sandbox/books");
    assert_eq!(shop.http.get(&url).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let (status, _, reply) = shop.call(Method::PUT, "/sandbox/faults", &[], Some(json!({"x": 1}))).await;
    assert!(status.is_client_error(), "{status} {reply}");
    let set = json!({ "gateway": { "http_502_html": { "times": 2, "only": "refund" } } });
    let told = shop.control(Method::PUT, "/faults", set).await;
    assert_eq!(told["gateway"]["http_502_html"]["times"], 2);
    assert_eq!(told["backend"]["unauthorized"], 0);
}

#[tokio::test]
async fn buyers_come_by_themselves_at_the_chosen_rate() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Options {
        gateway_listen: "127.0.0.1:0".parse().unwrap(),
        seed: 1,
        orders: 0,
        rate_per_minute: 6_000.0,
        folder: folder.path().to_path_buf(),
    })
    .await
    .unwrap();
    let waiting = async {
        while sandbox.books().movements.len() < 5 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap();
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_string_places_an_order_that_is_paid_and_told_of() {
    let shop = Shop::open(0).await;
    let wishes = Wishes { total: Some(domain::Fen::new(2_600)), ..Wishes::default() };
    let placed = shop.sandbox.place_order(wishes).await.unwrap();
    assert!(placed.committed_at.is_some() && placed.paid_at.is_some());
    let order = shop.till("till-1").order(&placed.order_id).await.unwrap();
    assert_eq!((order.payment.state, order.amounts.total.get()), (PaymentState::Paid, 2_600));
    shop.sandbox.books().check().unwrap();
}

#[tokio::test]
async fn a_string_asks_each_buyer_once_for_money_that_is_there() {
    let shop = Shop::open(0).await;
    assert!(matches!(shop.sandbox.ask_for_refund(), Err(Error::NothingToRefund)));
    shop.order(json!({ "pay": false })).await;
    shop.control(Method::POST, "/orders", json!({ "method": "offline" })).await;
    assert!(
        matches!(shop.sandbox.ask_for_refund(), Err(Error::NothingToRefund)),
        "nothing came through WeChat"
    );
    let (one, two) = (shop.order(json!({})).await, shop.order(json!({})).await);
    let till = shop.till("till-1");
    let mut asked = Vec::new();
    for _ in 0..2 {
        let request = till.refund_request(&shop.sandbox.ask_for_refund().unwrap()).await.unwrap();
        let order = till.order(&request.order_id).await.unwrap();
        assert!(request.amount.is_positive() && request.amount <= order.amounts.total);
        assert!(request.reason_text.is_some_and(|reason| !reason.is_empty()));
        asked.push(request.order_id);
    }
    asked.sort();
    assert_eq!(asked, [one.id, two.id]);
    assert!(matches!(shop.sandbox.ask_for_refund(), Err(Error::NothingToRefund)));
}

#[tokio::test]
async fn the_past_has_every_kind_of_order_and_one_that_fits_on_no_line() {
    let shop = Shop::open(60).await;
    let query = merchant_api::OrdersQuery { limit: Some(200), ..Default::default() };
    let orders: Vec<domain::Order> = shop
        .till("till-1")
        .orders(&query)
        .await
        .unwrap()
        .items
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    let kinds: std::collections::HashSet<_> = orders.iter().map(|order| order.kind.as_str()).collect();
    assert!(["pickup", "express", "same_city"].iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    let long: Vec<_> =
        orders.iter().enumerate().filter(|(_, order)| order.lines[0].title.chars().count() > 80).collect();
    let (place, order) = long[0];
    assert_eq!((long.len(), place), (1, 3), "once, and near the top");
    assert!(order.buyer.as_ref().unwrap().note.as_ref().unwrap().chars().count() > 100);
    assert!(order.amounts_add_up());
    let now = Timestamp::now();
    assert!(
        orders.iter().all(|order| order.placed_at < now && order.payment.paid_at.is_none_or(|at| at < now))
    );
}

#[tokio::test]
async fn the_same_seed_buys_the_same_at_every_hour() {
    let bought = async |hours_ago: i64| -> Vec<(String, i64, i64)> {
        let now = domain::time::plus_seconds(Timestamp::now(), -hours_ago * 3_600);
        let shop = Shop::open_at(40, now).await;
        let query = merchant_api::OrdersQuery { limit: Some(200), ..Default::default() };
        let page = shop.till("till-1").orders(&query).await.unwrap();
        let orders = page.items.into_iter().map(Result::unwrap);
        orders
            .map(|order| (order.number.clone(), order.amounts.total.get(), order.amounts.refunded.get()))
            .collect()
    };
    let now = bought(0).await;
    assert_eq!(now.len(), 40);
    assert_eq!(bought(7).await, now);
    assert_eq!(bought(13).await, now);
}
