use std::time::{Duration, Instant};

use domain::{Fen, RefundStatus};
use merchant_api::ChangesQuery;
use reqwest::{Method, StatusCode};
use serde_json::json;
use wechat_pay::v2::{self, PaymentNumber};
use wechat_pay::{Error, Outcome};

use super::Shop;
use crate::{Delay, Faults, GatewayFaults, Switch};

/// Sets one fault for one refund, tells what the client saw and whether money moved, and then repeats the refund
/// with the same number, which has to succeed and move no more.
async fn refund_under(set: impl FnOnce(&mut GatewayFaults)) -> (Error, bool) {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    shop.faults(|faults| set(&mut faults.gateway));
    let config = v2::Config { read_timeout: Duration::from_millis(400), ..shop.config() };
    let wechat = v2::Client::new(config).unwrap();
    let refund = order.refund(1_000, "under-fault", 600);
    let error = wechat.refund(&refund).await.unwrap_err();
    let refunded = shop.sandbox.books().refunded(order.out_trade_no.as_str());

    shop.faults(|_| {});
    wechat.refund(&refund).await.unwrap();
    let books = shop.sandbox.books();
    assert_eq!(books.check(), Ok(()));
    assert_eq!(books.refunded(order.out_trade_no.as_str()), Fen::new(600), "one number moves money once");
    (error, refunded != Fen::ZERO)
}

const MOVED: bool = true;
const NOT_MOVED: bool = false;

#[tokio::test]
async fn answers_that_tell_nothing_come_after_the_money_moved() {
    let once = || Switch::times(1).only("refund");
    let mut seen = Vec::new();
    for (code, set) in [
        (
            "console:timeout",
            (|faults, switch| faults.refund_timeout_after_moving = switch) as fn(&mut GatewayFaults, Switch),
        ),
        ("console:interrupted", |faults, switch| faults.refund_connection_reset = switch),
        ("console:http_status", |faults, switch| faults.http_502_html = switch),
        ("console:not_xml", |faults, switch| faults.html_200 = switch),
        ("console:not_xml", |faults, switch| faults.truncated = switch),
        ("console:too_large", |faults, switch| faults.huge = switch),
        ("console:not_xml", |faults, switch| faults.entity_bomb = switch),
        ("console:bad_signature", |faults, switch| faults.unsigned = switch),
        ("console:bad_signature", |faults, switch| faults.bad_sign = switch),
        ("SYSTEMERROR", |faults, switch| faults.system_error_after_moving = switch),
    ] {
        let (error, moved) = refund_under(|faults| set(faults, once())).await;
        assert_eq!((moved, error.outcome()), (MOVED, Outcome::Unknown), "{code}: {error:?}");
        seen.push((code, error.code().to_owned()));
    }
    for (expected, code) in seen {
        assert_eq!(expected, code);
    }
}

#[tokio::test]
async fn refusals_come_before_any_money_moves() {
    let once = || Switch::times(1).only("refund");
    for (code, set) in [
        (
            "console:timeout",
            (|faults, switch| faults.refund_timeout_before_moving = switch) as fn(&mut GatewayFaults, Switch),
        ),
        ("SYSTEMERROR", |faults, switch| faults.system_error_before_moving = switch),
        ("BIZERR_NEED_RETRY", |faults, switch| faults.bizerr_need_retry = switch),
        ("FREQUENCY_LIMITED", |faults, switch| faults.frequency_limited = switch),
        ("NOTENOUGH", |faults, switch| faults.not_enough = switch),
        ("TRADE_OVERDUE", |faults, switch| faults.trade_overdue = switch),
    ] {
        let (error, moved) = refund_under(|faults| set(faults, once())).await;
        assert_eq!((error.code(), moved), (code, NOT_MOVED));
    }
}

#[tokio::test]
async fn refunds_end_as_the_switches_say() {
    let shop = Shop::open(0).await;
    let (wechat, order) = (shop.wechat(), shop.paid(1_000).await);
    let status = async |number: &str| {
        wechat.refund(&order.refund(1_000, number, 300)).await.unwrap();
        let number = number.parse().unwrap();
        wechat.query_refund(&number).await.unwrap().status
    };
    let at_once = |set: fn(&mut GatewayFaults)| {
        shop.faults(|faults| {
            faults.gateway.refund_stays_processing_ms = 0;
            set(&mut faults.gateway);
        });
    };
    at_once(|faults| faults.refund_abnormal = Switch::times(1));
    assert_eq!(status("a").await, RefundStatus::Change);
    at_once(|faults| faults.refund_closed = Switch::times(1));
    assert_eq!(status("b").await, RefundStatus::Close);
    assert_eq!(status("c").await, RefundStatus::Success, "the switch was used up");

    at_once(|faults| faults.refund_stays_processing_ms = 3_600_000);
    assert_eq!(status("d").await, RefundStatus::Processing);
    at_once(|_| {});
    assert_eq!(wechat.query_refund(&"d".parse().unwrap()).await.unwrap().status, RefundStatus::Success);
    assert_eq!(shop.sandbox.books().check(), Ok(()));
}

#[tokio::test]
async fn the_minute_between_refunds_is_a_switch() {
    let shop = Shop::open(0).await;
    let (wechat, order) = (shop.wechat(), shop.paid(1_000).await);
    shop.faults(|faults| faults.gateway.refund_one_minute_rule = Switch::always());
    wechat.refund(&order.refund(1_000, "a", 300)).await.unwrap();
    let error = wechat.refund(&order.refund(1_000, "b", 300)).await.unwrap_err();
    assert_eq!(error.code(), "INVALID_REQUEST");
    wechat.refund(&order.refund(1_000, "a", 300)).await.unwrap();
}

#[tokio::test]
async fn queries_can_be_down_wrong_or_slow() {
    let shop = Shop::open(0).await;
    let (wechat, order) = (shop.wechat(), shop.paid(1_000).await);
    shop.faults(|faults| faults.gateway.query_unavailable = Switch::times(2));
    assert_eq!(wechat.query_order(&order.number()).await.unwrap_err().code(), "SYSTEMERROR");
    assert_eq!(wechat.query_refund(&"none".parse().unwrap()).await.unwrap_err().code(), "SYSTEMERROR");
    shop.faults(|faults| faults.gateway.wrong_total_in_query = Switch::times(1));
    let total = async || wechat.query_order(&order.number()).await.unwrap().total;
    assert_eq!((total().await, total().await), (Some(Fen::new(1_001)), Some(Fen::new(1_000))));
    shop.faults(|faults| faults.gateway.slow_ms = Delay::always(150));
    let begun = Instant::now();
    total().await;
    assert!(begun.elapsed() >= Duration::from_millis(150));
    let missing = PaymentNumber::OutTradeNo("D999999999".parse().unwrap());
    shop.faults(|_| {});
    assert!(wechat.query_order(&missing).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn the_backend_refuses_as_the_switches_say() {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    let path = format!("/merchant/v1/orders/{}", order.id);
    let terminal = [("X-Terminal", "till-1")];
    for (status, set) in [
        (401, (|faults, switch| faults.backend.unauthorized = switch) as fn(&mut Faults, Switch)),
        (429, |faults, switch| faults.backend.rate_limited = switch),
        (503, |faults, switch| faults.backend.unavailable = switch),
    ] {
        shop.faults(|faults| set(faults, Switch::times(1)));
        let (given, headers, problem) = shop.call(Method::GET, &path, &terminal, None).await;
        assert_eq!((given.as_u16(), problem["status"].as_u64()), (status, Some(u64::from(status))));
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(headers.contains_key("retry-after"), status != 401);
        let (given, ..) = shop.call(Method::GET, &path, &terminal, None).await;
        assert_eq!(given, StatusCode::OK, "one time only");
    }
    shop.faults(|faults| faults.backend.malformed_json = Switch::times(1));
    assert!(shop.till("till-1").order(&order.id).await.is_err());
    shop.faults(|faults| faults.backend.slow_ms = Delay::always(120));
    let begun = Instant::now();
    shop.till("till-1").order(&order.id).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_reply_lost_after_the_change_is_found_again_by_its_key() {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    let wanted = json!({ "order_id": order.id, "amount_fen": 500 });
    let request = shop.control(Method::POST, "/refund-requests", wanted).await;
    let path = format!("/merchant/v1/refund-requests/{}/decision", request["id"].as_str().unwrap());
    let headers =
        [("X-Terminal", "till-1"), ("Idempotency-Key", "3f2b8c1e-0d4a-4c55-9a57"), ("If-Match", "\"v1\"")];
    let body = json!({ "decision": "approve", "step": "refund", "amount_fen": 500, "refund_no": "mr1-x" });

    shop.faults(|faults| faults.backend.drop_connection_after_commit = Switch::times(1));
    let origin = shop.text("/backend/base_url").replace("/merchant/v1", "");
    let mut lost = shop.http.post(format!("{origin}{path}")).body(body.to_string());
    lost = lost.bearer_auth(shop.text("/backend/token")).header("Content-Type", "application/json");
    for (name, value) in headers {
        lost = lost.header(name, value);
    }
    assert!(lost.send().await.is_err());

    let (status, told, reply) = shop.call(Method::POST, &path, &headers, Some(body)).await;
    assert_eq!(
        (status, &told["idempotency-replayed"], &reply["version"]),
        (StatusCode::OK, &"true".parse().unwrap(), &json!(2))
    );
}

#[tokio::test]
async fn the_feed_stumbles_as_the_switches_say() {
    let shop = Shop::open(0).await;
    shop.paid(1_000).await;
    let till = shop.till("till-1");
    let changes = async || till.changes(&ChangesQuery::default()).await;
    let plain = changes().await.unwrap();
    assert_eq!(plain.items.len(), 2, "created and paid");

    shop.faults(|faults| faults.backend.cursor_expired = Switch::times(1));
    let error = changes().await.unwrap_err();
    assert!(format!("{error}").contains("410"), "{error}");
    shop.faults(|faults| faults.backend.duplicate_entries = Switch::times(1));
    assert_eq!(changes().await.unwrap().items.len(), 4);
    shop.faults(|faults| faults.backend.one_bad_item = Switch::times(1));
    let page = changes().await.unwrap();
    assert!(page.items[0].is_err() && page.items[1].is_ok());

    let raw =
        async || shop.call(Method::GET, "/merchant/v1/changes", &[("X-Terminal", "till-1")], None).await.2;
    shop.faults(|faults| faults.backend.omit_bodies = Switch::times(1));
    assert!(raw().await["items"][0].get("order").is_none());
    shop.faults(|faults| faults.backend.older_version = Switch::times(1));
    let page = raw().await;
    assert_eq!((&page["items"][1]["version"], &page["items"][1]["order"]["version"]), (&json!(2), &json!(1)));
}
