use std::time::{Duration, Instant};

use domain::{Fulfilment, PaymentState, Secret};
use merchant_api::{
    AckKind, AckRequest, ChangeReason, ChangesQuery, Credentials, Cursor, Feature, ObservedTradeState,
    OrdersQuery, PaymentObserved, Subject,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use wechat_pay::v2::{Fields, SignType, sign, xml};

use super::{PaidOrder, Shop};
use crate::Switch;

const TILL: [(&str, &str); 1] = [("X-Terminal", "till-1")];

#[tokio::test]
async fn capabilities_offer_what_the_console_needs() {
    let shop = Shop::open(0).await;
    let capabilities = shop.till("till-1").capabilities().await.unwrap();
    assert_eq!(capabilities.shop.id.as_str(), shop.text("/shop/id"));
    assert!(capabilities.refund.decide && capabilities.refund.initiate);
    assert_eq!(capabilities.mchids(), [shop.text("/wechat_pay/mch_id")]);
    assert!(capabilities.offers(&Feature::PaymentObserved) && capabilities.longest_wait_s() == 25);
}

#[tokio::test]
async fn without_token_terminal_or_path_there_is_a_problem_document() {
    let shop = Shop::open(0).await;
    let path = "/merchant/v1/capabilities";
    let (status, headers, problem) = shop.call(Method::GET, path, &[], None).await;
    assert_eq!((status, problem["field"].as_str()), (StatusCode::BAD_REQUEST, Some("X-Terminal")));
    assert!(headers.contains_key("x-request-id"));
    assert_eq!(problem["type"], "urn:merchant-api:problem:invalid_request");

    let url = shop.text("/backend/base_url") + "/capabilities";
    for request in [shop.http.get(&url), shop.http.get(&url).bearer_auth("wrong")] {
        let response = request.header("X-Terminal", "till-1").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    for (method, path, expected) in [
        (Method::GET, "/merchant/v1/nothing", 404),
        (Method::GET, "/merchant/v1/events", 404),
        (Method::GET, "/elsewhere", 404),
        (Method::DELETE, "/merchant/v1/capabilities", 405),
        (Method::GET, "/merchant/v1/orders/none", 404),
        (Method::GET, "/merchant/v1/changes?limit=0", 400),
        (Method::GET, "/merchant/v1/changes?limit=201", 400),
        (Method::GET, "/merchant/v1/changes?types=cats", 400),
        (Method::GET, "/merchant/v1/orders?placed_from=yesterday", 400),
    ] {
        let (status, _, problem) = shop.call(method, path, &TILL, None).await;
        assert_eq!(
            (status.as_u16(), problem["status"].as_u64()),
            (expected, Some(expected.into())),
            "{path}"
        );
    }
    let big = json!({ "text": "x".repeat(300_000) });
    let (status, ..) = shop.call(Method::PUT, "/merchant/v1/orders/none/note", &TILL, Some(big)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let form = shop.http.put(shop.text("/backend/base_url") + "/orders/none/note").body("text=1");
    let form = form.header("Content-Type", "text/plain").header("X-Terminal", "till-1");
    let response = form.bearer_auth(shop.text("/backend/token")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_hmac_signature_counts_once() {
    let shop = Shop::open(0).await;
    let (key_id, secret) = shop.sandbox.hmac_credential();
    let till = shop.till_with("till-1", Credentials::Hmac { key_id: key_id.clone(), secret });
    till.capabilities().await.unwrap();
    let wrong = Credentials::Hmac { key_id: key_id.clone(), secret: Secret::new("wrong".repeat(8)) };
    assert!(shop.till_with("till-1", wrong).capabilities().await.is_err());

    let (_, secret) = shop.sandbox.hmac_credential();
    let request = merchant_api::hmac::SignedRequest {
        method: "GET",
        path_and_query: "/merchant/v1/capabilities",
        body: b"",
        idempotency_key: "",
        if_match: "",
        terminal: "till-1",
    };
    let now = domain::time::Timestamp::now().as_second();
    let signed =
        |at| request.sign(&key_id, secret.expose().as_bytes(), at, "b7c1d2e3f4a59687b7c1d2e3").to_string();
    let send = async |authorization: String| {
        let url = shop.text("/backend/base_url") + "/capabilities";
        let request =
            shop.http.get(url).header("X-Terminal", "till-1").header("Authorization", authorization);
        request.send().await.unwrap().status()
    };
    assert_eq!(send(signed(now - 400)).await, StatusCode::UNAUTHORIZED, "too old");
    assert_eq!(send(signed(now)).await, StatusCode::OK);
    assert_eq!(send(signed(now)).await, StatusCode::UNAUTHORIZED, "the same nonce");
}

#[tokio::test]
async fn a_long_poll_returns_as_soon_as_something_changes() {
    let shop = Shop::open(3).await;
    let till = shop.till("till-1");
    let now =
        till.changes(&ChangesQuery { cursor: Some(Cursor::now()), ..ChangesQuery::default() }).await.unwrap();
    assert!(now.items.is_empty() && !now.has_more);
    let query = ChangesQuery { cursor: Some(now.next_cursor.clone()), limit: None, wait_s: 20 };
    let begun = Instant::now();
    let (page, order) = tokio::join!(till.changes(&query), shop.order(json!({ "pay": false })));
    let page = page.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1));
    let change = page.items[0].as_ref().unwrap();
    assert_eq!(change.reason, ChangeReason::Created);
    assert!(matches!(&change.subject, Subject::Order { id, body: Some(_) } if *id == order.id));
    // A wait that ends with nothing is an empty page with the same cursor.
    let query = ChangesQuery { cursor: Some(page.next_cursor.clone()), limit: None, wait_s: 1 };
    let empty = till.changes(&query).await.unwrap();
    assert_eq!((empty.items.len(), empty.next_cursor), (0, page.next_cursor));
}

#[tokio::test]
async fn the_feed_is_read_to_its_end_in_pages() {
    let shop = Shop::open(250).await;
    let till = shop.till("till-1");
    let mut query = ChangesQuery { limit: Some(200), ..ChangesQuery::default() };
    let mut orders = std::collections::HashSet::new();
    loop {
        let page = till.changes(&query).await.unwrap();
        for change in &page.items {
            if let Subject::Order { id, .. } = &change.as_ref().unwrap().subject {
                orders.insert(id.clone());
            }
        }
        query.cursor = Some(page.next_cursor);
        if !page.has_more {
            break;
        }
    }
    assert_eq!(orders.len(), 250);
    let path = "/merchant/v1/changes?types=refund_request&include=none&limit=200";
    let page = shop.call(Method::GET, path, &TILL, None).await.2;
    let items = page["items"].as_array().unwrap();
    assert!(!items.is_empty() && items.iter().all(|item| item["type"] == "refund_request"));
    assert!(items.iter().all(|item| item.get("refund_request").is_none()));
}

#[tokio::test]
async fn orders_are_listed_newest_first_and_found_by_number_state_and_id() {
    let shop = Shop::open(60).await;
    let till = shop.till("till-1");
    let mut query = OrdersQuery { limit: Some(25), ..OrdersQuery::default() };
    let mut seen: Vec<domain::Order> = Vec::new();
    loop {
        let page = till.orders(&query).await.unwrap();
        seen.extend(page.items.into_iter().map(Result::unwrap));
        query.cursor = page.next_cursor;
        if !page.has_more {
            break;
        }
    }
    assert_eq!(seen.len(), 60);
    assert!(seen.is_sorted_by(|one, next| one.placed_at >= next.placed_at));
    let some: Vec<_> =
        seen.iter().take(3).map(|order| order.id.clone()).chain(["none".parse().unwrap()]).collect();
    let found = till.orders(&OrdersQuery { ids: some, ..OrdersQuery::default() }).await.unwrap();
    assert_eq!((found.items.len(), found.has_more), (3, false));
    let states = vec![Fulfilment::Shipped];
    let shipped = till.orders(&OrdersQuery { states, ..OrdersQuery::default() }).await.unwrap();
    assert_eq!(shipped.items.len(), 3);
    let search = Some(seen[5].number.clone());
    let found = till.orders(&OrdersQuery { search, ..OrdersQuery::default() }).await.unwrap();
    assert_eq!(found.items[0].as_ref().unwrap().id, seen[5].id);
    let placed_from = Some(seen[9].placed_at);
    let recent = till.orders(&OrdersQuery { placed_from, ..OrdersQuery::default() }).await.unwrap();
    assert_eq!(recent.items.len(), 10);
}

#[tokio::test]
async fn an_unchanged_order_is_not_sent_again() {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    let till = shop.till("till-1");
    let version = till.order(&order.id).await.unwrap().version;
    assert_eq!(till.order_if_changed(&order.id, version).await.unwrap(), None);
    let path = format!("/merchant/v1/orders/{}", order.id);
    let weak = format!("W/\"v{version}\"");
    let headers = [TILL[0], ("If-None-Match", weak.as_str())];
    assert_eq!(shop.call(Method::GET, &path, &headers, None).await.0, StatusCode::NOT_MODIFIED);
    let note = json!({ "text": "老客户" });
    let (status, headers, reply) =
        shop.call(Method::PUT, &format!("{path}/note"), &TILL, Some(note.clone())).await;
    assert_eq!((status, &headers["etag"]), (StatusCode::OK, &"\"v3\"".parse().unwrap()));
    assert_eq!(reply["merchant_note"], "老客户");
    let again = shop.call(Method::PUT, &format!("{path}/note"), &TILL, Some(note)).await.2;
    assert_eq!(again["version"], 3, "the same text changes nothing");
}

fn ack(kind: AckKind) -> AckRequest {
    AckRequest { kind, ticket: None, at: None, operator: None }
}

#[tokio::test]
async fn the_first_terminal_to_see_an_order_is_remembered() {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    let (one, two) = (shop.till("till-1"), shop.till("till-2"));
    one.ack(&order.id, &ack(AckKind::Seen)).await.unwrap();
    let told = two.ack(&order.id, &ack(AckKind::Seen)).await.unwrap();
    assert_eq!(told.acked_by.as_deref(), Some("till-1"));
    let version = one.order(&order.id).await.unwrap().version;
    two.ack(&order.id, &ack(AckKind::Seen)).await.unwrap();
    assert_eq!(one.order(&order.id).await.unwrap().version, version);
}

/// Test 19 of the conformance list.
#[tokio::test]
async fn a_ticket_is_claimed_by_one_terminal_until_the_claim_runs_out() {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    let (one, two) = (shop.till("till-1"), shop.till("till-2"));
    one.ack(&order.id, &ack(AckKind::Printing)).await.unwrap();
    assert!(two.ack(&order.id, &ack(AckKind::Printing)).await.is_err());
    let renewed = one.ack(&order.id, &ack(AckKind::Printing)).await.unwrap();
    assert_eq!(renewed.tickets[0].claims, 1);
    shop.sandbox.set_backend_clock_ahead(Duration::from_secs(61));
    let taken = two.ack(&order.id, &ack(AckKind::Printing)).await.unwrap();
    assert_eq!((taken.tickets[0].claims, taken.tickets[0].terminal.as_str()), (2, "till-2"));
    let printed = two.ack(&order.id, &ack(AckKind::Printed)).await.unwrap();
    assert!(printed.tickets[0].printed);
    assert!(two.ack(&order.id, &ack(AckKind::Printing)).await.is_err(), "it is on paper");
    one.ack(&order.id, &ack(AckKind::Printed)).await.unwrap();
}

fn observed(order: &PaidOrder, total: i64) -> PaymentObserved {
    PaymentObserved {
        transaction_id: "4200002345202506010123456789".parse().unwrap(),
        out_trade_no: order.out_trade_no.clone(),
        total_fen: domain::Fen::new(total),
        trade_state: ObservedTradeState::Success,
        paid_at: domain::time::Timestamp::now(),
        observed_at: domain::time::Timestamp::now(),
        operator: None,
    }
}

async fn becomes(shop: &Shop, order: &PaidOrder, state: PaymentState) {
    let till = shop.till("till-1");
    let mut query = ChangesQuery { wait_s: 1, ..ChangesQuery::default() };
    let waiting = async {
        while till.order(&order.id).await.unwrap().payment.state != state {
            query.cursor = Some(till.changes(&query).await.unwrap().next_cursor);
        }
    };
    tokio::time::timeout(Duration::from_secs(15), waiting).await.unwrap();
}

/// Test 20 of the conformance list, and the truth beside the lie.
#[tokio::test]
async fn an_observed_payment_is_believed_only_after_asking_wechat() {
    let shop = Shop::open(0).await;
    let till = shop.till("till-1");
    let unpaid = shop.order(json!({ "total_fen": 700, "pay": false })).await;
    let told = till.payment_observed(&unpaid.id, &observed(&unpaid, 700)).await.unwrap();
    assert_eq!(told.payment.state, PaymentState::Unpaid);

    let paid = shop.order(json!({ "total_fen": 800, "notify": false })).await;
    // The first question is not answered; the shop asks again.
    shop.faults(|faults| faults.gateway.query_unavailable = Switch::times(1));
    till.payment_observed(&paid.id, &observed(&paid, 800)).await.unwrap();
    becomes(&shop, &paid, PaymentState::Paid).await;
    assert_eq!(till.order(&unpaid.id).await.unwrap().payment.state, PaymentState::Unpaid, "it was a lie");
    let other = PaymentObserved { out_trade_no: unpaid.out_trade_no.clone(), ..observed(&paid, 800) };
    assert!(till.payment_observed(&paid.id, &other).await.is_err());
}

#[tokio::test]
async fn money_for_a_cancelled_order_becomes_a_refund_request() {
    let shop = Shop::open(0).await;
    let order = shop.order(json!({ "total_fen": 700, "pay": false })).await;
    shop.control(Method::POST, &format!("/orders/{}/cancel", order.id), Value::Null).await;
    shop.control(Method::POST, &format!("/orders/{}/pay", order.id), json!({})).await;
    let known = shop.till("till-1").order(&order.id).await.unwrap();
    assert_eq!((known.fulfilment, known.payment.state), (Fulfilment::Cancelled, PaymentState::Paid));
    assert_eq!(known.refund_requests[0].amount.get(), 700);
}

/// The shop's amount differs from WeChat's: the notice is not taken, as often as it comes.
#[tokio::test]
async fn a_payment_of_another_amount_is_not_booked() {
    let shop = Shop::open(0).await;
    let order = shop.order(json!({ "total_fen": 700, "pay": false })).await;
    let mut notice = Fields::new()
        .with("return_code", "SUCCESS")
        .with("result_code", "SUCCESS")
        .with("appid", &shop.text("/wechat_pay/app_id"))
        .with("mch_id", &shop.text("/wechat_pay/mch_id"))
        .with("out_trade_no", order.out_trade_no.as_str())
        .with("transaction_id", "4200002345202506010123456789")
        .with("total_fee", "699");
    let signature = sign::sign(&notice, &Secret::new(shop.text("/wechat_pay/api_v2_key")), SignType::Md5);
    notice.push("sign", &signature);
    let told = shop.notify(&xml::write(&notice).unwrap()).await;
    assert_eq!((told.get("return_code"), told.get("return_msg")), (Some("FAIL"), Some("金额不一致")));
    notice.remove("total_fee");
    let told = shop.notify(&xml::write(&notice.with("total_fee", "700")).unwrap()).await;
    assert_eq!((told.get("return_code"), told.get("return_msg")), (Some("FAIL"), Some("签名错误")));
    assert_eq!(shop.till("till-1").order(&order.id).await.unwrap().payment.state, PaymentState::Unpaid);
}

#[tokio::test]
async fn a_notice_is_repeated_until_the_shop_takes_it() {
    let shop = Shop::open(0).await;
    let order = shop.order(json!({ "total_fen": 700, "pay": false })).await;
    let path = format!("/orders/{}/amount", order.id);
    shop.control(Method::POST, &path, json!({ "total_fen": 701 })).await;
    shop.sandbox.pay(&order.out_trade_no, crate::Notification::Sent).unwrap();
    shop.control(Method::POST, &path, json!({ "total_fen": 700 })).await;
    becomes(&shop, &order, PaymentState::Paid).await;
}

#[tokio::test]
async fn goods_leave_in_parcels() {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    let path = format!("/merchant/v1/orders/{}/shipments", order.id);
    let headers = [TILL[0], ("Idempotency-Key", "ship-000000000001"), ("If-Match", "\"v2\"")];
    let parcel = |carrier: &str| json!({ "kind": "express", "carrier": carrier, "tracking_no": "SF1000000000001", "complete": true });
    let (status, _, problem) = shop.call(Method::POST, &path, &headers, Some(parcel("XX"))).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (422, Some("carrier_unknown")));
    let (status, _, reply) = shop.call(Method::POST, &path, &headers, Some(parcel("SF"))).await;
    assert_eq!((status, reply["state"].as_str()), (StatusCode::OK, Some("shipped")));
    assert_eq!(reply["shipments"][0]["carrier_name"], "顺丰速运");
    let (status, headers, _) = shop.call(Method::GET, "/merchant/v1/carriers", &TILL, None).await;
    assert_eq!(status, StatusCode::OK);
    let etag = headers["etag"].to_str().unwrap();
    let again = [TILL[0], ("If-None-Match", etag)];
    assert_eq!(
        shop.call(Method::GET, "/merchant/v1/carriers", &again, None).await.0,
        StatusCode::NOT_MODIFIED
    );
}
