//! The conformance list of the contract (shop-backends, B.6), by number. Tests 6, 9, 19 and 20 stand in `backend`.

use std::time::Duration;

use domain::OrderId;
use merchant_api::{ChangesQuery, Subject};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{PaidOrder, Shop};

const ROUND_1: &str = "mr1-9a43203f9db53222efb006dbaa2e4f7a";
const ROUND_2: &str = "mr2-9219fada41c45fa00bdf757e6c23cd28";

/// A refund request as a terminal sees and decides it.
struct Case<'a> {
    shop: &'a Shop,
    id: String,
}

impl<'a> Case<'a> {
    async fn open(shop: &'a Shop, order: &PaidOrder, fen: i64) -> Case<'a> {
        Case::of_kind(shop, order, fen, "refund_only").await
    }

    async fn of_kind(shop: &'a Shop, order: &PaidOrder, fen: i64, kind: &str) -> Case<'a> {
        let wanted =
            json!({ "order_id": order.id, "amount_fen": fen, "reason_text": "包装破了", "kind": kind });
        let request = shop.control(Method::POST, "/refund-requests", wanted).await;
        Case { shop, id: request["id"].as_str().unwrap().to_owned() }
    }

    async fn read(&self) -> Value {
        let path = format!("/merchant/v1/refund-requests/{}", self.id);
        self.shop.call(Method::GET, &path, &[("X-Terminal", "till-1")], None).await.2
    }

    /// Sends a decision; returns status, whether it was replayed, and the reply.
    async fn decide(&self, till: &str, key: &str, version: u64, body: Value) -> (u16, bool, Value) {
        let path = format!("/merchant/v1/refund-requests/{}/decision", self.id);
        let (key, version) = (format!("{key:0>16}"), format!("\"v{version}\""));
        let headers = [("X-Terminal", till), ("Idempotency-Key", &key), ("If-Match", &version)];
        let (status, headers, reply) = self.shop.call(Method::POST, &path, &headers, Some(body)).await;
        (status.as_u16(), headers.contains_key("idempotency-replayed"), reply)
    }

    /// Decides at the version that the request has now.
    async fn decide_now(&self, till: &str, key: &str, body: Value) -> (u16, Value) {
        let version = self.read().await["version"].as_u64().unwrap();
        let (status, _, reply) = self.decide(till, key, version, body).await;
        (status, reply)
    }

    async fn report(&self, till: &str, body: Value) -> (u16, Value) {
        let path = format!("/merchant/v1/refund-requests/{}/payout", self.id);
        let (status, _, reply) =
            self.shop.call(Method::PUT, &path, &[("X-Terminal", till)], Some(body)).await;
        (status.as_u16(), reply)
    }
}

fn claim(fen: i64, number: &str) -> Value {
    json!({ "decision": "approve", "step": "refund", "amount_fen": fen, "refund_no": number })
}

fn report(state: &str, fen: i64, number: &str) -> Value {
    json!({
        "state": state, "refund_no": number, "amount_fen": fen, "refund_id": "50300806962025060100000000001",
        "succeeded_at": "2025-06-01T12:00:09+08:00", "error": { "code": "NOTENOUGH", "text": "余额不足" },
    })
}

#[tokio::test]
async fn c01_nothing_is_lost_when_many_write_at_once() {
    let shop = Shop::open(0).await;
    let writers = async {
        let orders = (0..4).map(|_| shop.control(Method::POST, "/orders", json!({ "count": 5 })));
        let mut placed: Vec<OrderId> = Vec::new();
        for batch in futures_join(orders).await {
            placed.extend(
                batch
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|one| one["order_id"].as_str().unwrap().parse().unwrap()),
            );
        }
        placed
    };
    let till = shop.till("till-1");
    let reader = async {
        let mut paid = std::collections::HashSet::new();
        let mut query = ChangesQuery { limit: Some(3), wait_s: 10, ..ChangesQuery::default() };
        while paid.len() < 20 {
            let page = till.changes(&query).await.unwrap();
            for change in page.items.iter().flatten() {
                if let (Subject::Order { id, .. }, "paid") = (&change.subject, change.reason.as_str()) {
                    paid.insert(id.clone());
                }
            }
            query.cursor = Some(page.next_cursor);
        }
        paid
    };
    let both = async { tokio::join!(writers, reader) };
    let (placed, read) = tokio::time::timeout(Duration::from_secs(30), both).await.unwrap();
    assert_eq!(placed.into_iter().collect::<std::collections::HashSet<_>>(), read);
}

/// Runs the calls at once and collects what they return.
async fn futures_join<T>(calls: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut calls: Vec<_> = calls.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = calls.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (call, slot) in calls.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let std::task::Poll::Ready(value) = call.as_mut().poll(context)
            {
                *slot = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn c02_c03_one_key_is_one_decision() {
    let shop = Shop::open(0).await;
    let case = Case::open(&shop, &shop.paid(1_000).await, 500).await;
    let (status, replayed, first) = case.decide("till-1", "k", 1, claim(500, ROUND_1)).await;
    assert_eq!((status, replayed, &first["state"]), (200, false, &json!("processing")));
    let (status, replayed, again) = case.decide("till-1", "k", 1, claim(500, ROUND_1)).await;
    assert_eq!((status, replayed), (200, true));
    assert_eq!(first, again);
    let (status, _, problem) = case.decide("till-1", "k", 1, claim(400, ROUND_1)).await;
    assert_eq!((status, &problem["code"]), (422, &json!("idempotency_key_reused")));
}

#[tokio::test]
async fn c04_a_stale_version_is_refused_with_the_present_object() {
    let shop = Shop::open(0).await;
    let case = Case::open(&shop, &shop.paid(1_000).await, 500).await;
    let (status, _, problem) = case.decide("till-1", "k", 9, claim(500, ROUND_1)).await;
    assert_eq!((status, &problem["code"]), (412, &json!("version_conflict")));
    assert_eq!((&problem["current"]["version"], &problem["current"]["id"]), (&json!(1), &json!(case.id)));
    let (status, replayed, _) = case.decide("till-1", "k", 1, claim(500, ROUND_1)).await;
    assert_eq!((status, replayed), (200, false), "a refused call leaves no trace under its key");
}

#[tokio::test]
async fn c05_more_than_may_go_back_is_refused() {
    let shop = Shop::open(0).await;
    let case = Case::open(&shop, &shop.paid(1_000).await, 500).await;
    let (status, _, problem) = case.decide("till-1", "k", 1, claim(1_001, ROUND_1)).await;
    assert_eq!((status, &problem["code"]), (422, &json!("amount_exceeds_refundable")));
    assert_eq!(problem["field"], "amount_fen");
}

#[tokio::test]
async fn c07_cursors_from_elsewhere_or_ahead_have_expired() {
    let shop = Shop::open(5).await;
    let other = Shop::open(5).await;
    let read = async |cursor: &str| {
        let path = format!("/merchant/v1/changes?cursor={cursor}");
        shop.call(Method::GET, &path, &[("X-Terminal", "till-1")], None).await
    };
    let end = read("now").await.2["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(read(&end).await.0, StatusCode::OK);
    let path = "/merchant/v1/changes?cursor=now";
    let foreign = other.call(Method::GET, path, &[("X-Terminal", "till-1")], None).await.2;
    let ahead = end.replace("-0", "-9");
    for cursor in [foreign["next_cursor"].as_str().unwrap(), &ahead, "000000018432"] {
        let (status, _, problem) = read(cursor).await;
        assert_eq!((status, &problem["code"]), (StatusCode::GONE, &json!("cursor_expired")), "{cursor}");
    }
}

#[tokio::test]
async fn c08_unknown_members_are_accepted_and_shapes_are_checked() {
    let shop = Shop::open(0).await;
    let case = Case::open(&shop, &shop.paid(1_000).await, 500).await;
    for (field, body) in [
        ("decision", json!({ "step": "refund" })),
        ("step", json!({ "decision": "approve", "amount_fen": 5 })),
        ("amount_fen", json!({ "decision": "approve", "step": "refund" })),
        ("amount_fen", claim(0, ROUND_1)),
        ("reason_text", json!({ "decision": "reject" })),
        ("reason_text", json!({ "decision": "reject", "reason_text": "" })),
    ] {
        let (status, _, problem) = case.decide("till-1", "k", 1, body).await;
        assert_eq!((status, problem["field"].as_str()), (400, Some(field)));
    }
    let path = format!("/merchant/v1/refund-requests/{}/decision", case.id);
    for (field, headers) in [
        ("Idempotency-Key", vec![("X-Terminal", "till-1"), ("If-Match", "\"v1\"")]),
        ("If-Match", vec![("X-Terminal", "till-1"), ("Idempotency-Key", "0000000000000001")]),
    ] {
        let (status, _, problem) = shop.call(Method::POST, &path, &headers, Some(claim(500, ROUND_1))).await;
        assert_eq!((status.as_u16(), problem["field"].as_str()), (400, Some(field)));
    }
    let without = json!({ "decision": "approve", "step": "refund", "amount_fen": 500 });
    let (status, _, problem) = case.decide("till-1", "k", 1, without).await;
    assert_eq!((status, &problem["code"]), (422, &json!("refund_no_missing")));
    let mut with_more = claim(500, ROUND_1);
    with_more["later_version"] = json!({ "anything": [1, 2] });
    assert_eq!(case.decide("till-1", "k", 1, with_more).await.0, 200);
}

#[tokio::test]
async fn c10_c21_pages_stay_small_and_a_hundred_ids_come_at_once() {
    let shop = Shop::open(220).await;
    let origin = shop.text("/backend/base_url");
    let request = shop.http.get(format!("{origin}/orders?limit=200")).header("X-Terminal", "till-1");
    let body = request.bearer_auth(shop.text("/backend/token")).send().await.unwrap().bytes().await.unwrap();
    assert!(body.len() < 4 * 1024 * 1024);
    let page: Value = serde_json::from_slice(&body).unwrap();
    let ids: Vec<&str> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .take(100)
        .map(|order| order["id"].as_str().unwrap())
        .collect();
    let path = format!("/merchant/v1/orders?ids={}", ids.join(","));
    let found = shop.call(Method::GET, &path, &[("X-Terminal", "till-1")], None).await.2;
    assert_eq!(found["items"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn c11_of_eight_terminals_one_claims() {
    let shop = Shop::open(0).await;
    let case = Case::open(&shop, &shop.paid(1_000).await, 500).await;
    let tills: Vec<String> = (1..=8).map(|number| format!("till-{number}")).collect();
    let claims = tills.iter().map(|till| case.decide(till, till, 1, claim(500, ROUND_1)));
    let replies = futures_join(claims).await;
    assert_eq!(replies.iter().filter(|(status, ..)| *status == 200).count(), 1);
    for (status, _, problem) in replies.iter().filter(|(status, ..)| *status != 200) {
        assert_eq!((*status, &problem["code"]), (409, &json!("state_conflict")));
        assert_eq!(problem["current"]["payout"]["state"], "processing");
    }
}

#[tokio::test]
async fn c12_two_requests_cannot_take_more_than_the_order_has() {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    let one = Case::open(&shop, &order, 600).await;
    let two = Case::open(&shop, &order, 600).await;
    assert_eq!(one.decide("till-1", "a", 1, claim(600, ROUND_1)).await.0, 200);
    let (status, _, problem) = two.decide("till-2", "b", 1, claim(600, ROUND_2)).await;
    assert_eq!((status, &problem["code"]), (422, &json!("amount_exceeds_refundable")));
    let (status, _, problem) = two.decide("till-2", "b", 1, claim(400, ROUND_1)).await;
    assert_eq!((status, &problem["code"]), (422, &json!("refund_no_reused")));
    assert_eq!(two.decide("till-2", "b", 1, claim(400, ROUND_2)).await.0, 200, "the rest is free");
}

#[tokio::test]
async fn c13_c14_success_counts_once_and_nothing_comes_after_it() {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    let case = Case::open(&shop, &order, 500).await;
    case.decide("till-1", "a", 1, claim(500, ROUND_1)).await;
    let (status, reply) = case.report("till-1", report("success", 500, ROUND_1)).await;
    assert_eq!((status, &reply["state"]), (200, &json!("succeeded")));
    for till in ["till-1", "till-2"] {
        let (status, again) = case.report(till, report("success", 500, ROUND_1)).await;
        assert_eq!((status, &again["version"]), (200, &reply["version"]));
    }
    let known = shop.till("till-1").order(&order.id).await.unwrap();
    assert_eq!((known.amounts.refunded.get(), known.amounts.refundable.get()), (500, 500));
    assert_eq!(known.payment.state.as_str(), "partially_refunded");
    for state in ["processing", "closed", "abnormal", "failed"] {
        let (status, problem) = case.report("till-1", report(state, 500, ROUND_1)).await;
        assert_eq!((status, &problem["code"]), (409, &json!("state_conflict")), "{state}");
    }
    let (status, _) = case.decide_now("till-1", "b", claim(500, ROUND_1)).await;
    assert_eq!(status, 409, "paid out is paid out");
}

#[tokio::test]
async fn c15_rounds_follow_the_table() {
    let shop = Shop::open(0).await;
    let case = Case::open(&shop, &shop.paid(1_000).await, 500).await;
    case.decide("till-1", "a", 1, claim(500, ROUND_1)).await;
    assert_eq!(case.report("till-1", report("failed", 500, ROUND_1)).await.0, 200);
    assert_eq!(
        case.decide_now("till-1", "b", claim(500, ROUND_2)).await.0,
        409,
        "after failed: the same number"
    );
    let (status, reply) = case.decide_now("till-1", "c", claim(400, ROUND_1)).await;
    assert_eq!((status, &reply["payout"]["round"]), (200, &json!(1)), "the amount may change");

    assert_eq!(case.report("till-1", report("abnormal", 400, ROUND_1)).await.0, 200);
    let reject = json!({ "decision": "reject", "reason_text": "不同意" });
    assert_eq!(case.decide_now("till-1", "d", reject.clone()).await.0, 409, "the money has left");
    assert_eq!(
        case.decide_now("till-1", "e", claim(300, ROUND_1)).await.0,
        409,
        "after abnormal: the same amount"
    );
    assert_eq!(case.decide_now("till-1", "f", claim(400, ROUND_1)).await.0, 200);

    assert_eq!(case.report("till-1", report("closed", 400, ROUND_1)).await.0, 200);
    assert_eq!(
        case.decide_now("till-1", "g", claim(400, ROUND_1)).await.0,
        409,
        "after closed: a new number"
    );
    let (status, reply) = case.decide_now("till-1", "h", claim(400, ROUND_2)).await;
    assert_eq!((status, &reply["payout"]["round"]), (200, &json!(2)));
    assert_eq!(
        case.report("till-1", report("success", 400, ROUND_1)).await.0,
        409,
        "the old number is history"
    );
    assert_eq!(case.report("till-1", report("success", 399, ROUND_2)).await.1["code"], "amount_mismatch");
}

#[tokio::test]
async fn c16_only_the_holder_says_failed() {
    let shop = Shop::open(0).await;
    let case = Case::open(&shop, &shop.paid(1_000).await, 500).await;
    assert_eq!(case.report("till-1", report("success", 500, ROUND_1)).await.0, 409, "no claim at all");
    case.decide("till-1", "a", 1, claim(500, ROUND_1)).await;
    assert_eq!(case.report("till-2", report("failed", 500, ROUND_1)).await.0, 409);
    assert_eq!(case.report("till-2", report("success", 500, ROUND_1)).await.0, 200, "a fact is anybody's");
}

#[tokio::test]
async fn c17_a_claim_is_taken_over_only_after_its_time() {
    let shop = Shop::open(0).await;
    let case = Case::open(&shop, &shop.paid(1_000).await, 500).await;
    case.decide("till-1", "a", 1, claim(500, ROUND_1)).await;
    assert_eq!(case.decide_now("till-2", "b", claim(500, ROUND_1)).await.0, 409);
    shop.sandbox.set_backend_clock_ahead(Duration::from_secs(301));
    assert_eq!(case.decide_now("till-2", "c", claim(500, ROUND_2)).await.0, 409, "another number");
    assert_eq!(case.decide_now("till-2", "d", claim(400, ROUND_1)).await.0, 409, "another amount");
    assert_eq!(
        case.decide_now("till-1", "e", claim(500, ROUND_1)).await.0,
        409,
        "the holder takes nothing over"
    );
    let (status, reply) = case.decide_now("till-2", "f", claim(500, ROUND_1)).await;
    assert_eq!(
        (status, &reply["payout"]["terminal"], &reply["payout"]["round"]),
        (200, &json!("till-2"), &json!(1))
    );
    let before = case.read().await;
    let processing = json!({ "state": "processing", "refund_no": ROUND_1, "amount_fen": 500 });
    assert_eq!(case.report("till-1", processing.clone()).await.1["version"], before["version"]);
    shop.sandbox.set_backend_clock_ahead(Duration::from_secs(400));
    let renewed = case.report("till-2", processing).await.1;
    assert_ne!(renewed["payout"]["claim_until"], before["payout"]["claim_until"], "the holder renews");
}

#[tokio::test]
async fn c18_a_buyer_cannot_withdraw_from_a_claim() {
    let shop = Shop::open(0).await;
    let case = Case::open(&shop, &shop.paid(1_000).await, 500).await;
    let withdraw = async || {
        let path = format!("/sandbox/refund-requests/{}/withdraw", case.id);
        shop.call(Method::POST, &path, &[], None).await.0
    };
    case.decide("till-1", "a", 1, claim(500, ROUND_1)).await;
    assert_eq!(withdraw().await, StatusCode::CONFLICT);
    case.report("till-1", report("failed", 500, ROUND_1)).await;
    assert_eq!(withdraw().await, StatusCode::OK);
    assert_eq!(case.decide_now("till-1", "b", claim(500, ROUND_1)).await.0, 409);
}

#[tokio::test]
async fn a_rejection_stands_unless_money_moved_after_all() {
    let shop = Shop::open(0).await;
    let case = Case::open(&shop, &shop.paid(1_000).await, 500).await;
    case.decide("till-1", "a", 1, claim(500, ROUND_1)).await;
    case.report("till-1", report("failed", 500, ROUND_1)).await;
    let reject = json!({ "decision": "reject", "reason_text": "商品已使用", "operator": { "id": "7", "name": "小李" } });
    let (status, reply) = case.decide_now("till-1", "b", reject).await;
    assert_eq!((status, &reply["decision"]["operator"]["name"]), (200, &json!("小李")));
    assert_eq!(case.report("till-1", report("closed", 500, ROUND_1)).await.1["state"], "rejected");
    assert_eq!(case.report("till-2", report("success", 500, ROUND_1)).await.1["state"], "succeeded");
}

#[tokio::test]
async fn goods_come_back_before_the_money_goes() {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    let agree = json!({ "decision": "approve", "step": "agree_return", "amount_fen": 500 });
    let money_only = Case::open(&shop, &order, 500).await;
    assert_eq!(money_only.decide("till-1", "a", 1, agree.clone()).await.0, 409);
    let case = Case::of_kind(&shop, &order, 500, "return_refund").await;
    assert_eq!(case.decide("till-1", "b", 1, agree).await.2["state"], "waiting_return");
    let path = format!("/refund-requests/{}/returned", case.id);
    assert_eq!(shop.control(Method::POST, &path, Value::Null).await["state"], "returned");
    assert_eq!(case.decide_now("till-1", "c", claim(500, ROUND_1)).await.1["state"], "processing");
}

#[tokio::test]
async fn a_refund_that_the_shop_starts_is_claimed_at_once() {
    let shop = Shop::open(0).await;
    let order = shop.paid(1_000).await;
    let path = format!("/merchant/v1/orders/{}/refunds", order.id);
    let headers = [("X-Terminal", "till-1"), ("Idempotency-Key", "0000000000000001"), ("If-Match", "\"v2\"")];
    let body = |fen: i64| json!({ "amount_fen": fen, "reason_text": "缺货", "refund_no": ROUND_1 });
    let (status, _, problem) = shop.call(Method::POST, &path, &headers, Some(body(1_001))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("amount_exceeds_refundable")));
    let (status, _, made) = shop.call(Method::POST, &path, &headers, Some(body(300))).await;
    assert_eq!(
        (status, &made["payout"]["state"], &made["payout"]["round"]),
        (StatusCode::OK, &json!("processing"), &json!(1))
    );
    assert_eq!(
        (&made["requested_by"], &made["decision"]["terminal"]),
        (&json!("merchant"), &json!("till-1"))
    );
    let (status, headers, again) = shop.call(Method::POST, &path, &headers, Some(body(300))).await;
    assert!(status.is_success() && headers.contains_key("idempotency-replayed") && made == again);
    let known = shop.till("till-1").order(&order.id).await.unwrap();
    assert_eq!((known.amounts.refundable.get(), known.refund_requests.len()), (700, 1));
}

#[tokio::test]
async fn money_that_wechat_never_had_is_paid_back_by_the_shop() {
    let shop = Shop::open(0).await;
    let placed =
        shop.control(Method::POST, "/orders", json!({ "total_fen": 900, "method": "balance" })).await;
    let id: OrderId = placed[0]["order_id"].as_str().unwrap().parse().unwrap();
    let order = PaidOrder { id: id.clone(), out_trade_no: "D000000000".parse().unwrap(), committed_at: None };
    let case = Case::open(&shop, &order, 900).await;
    let approve = json!({ "decision": "approve", "step": "refund", "amount_fen": 900 });
    let (status, _, reply) = case.decide("till-1", "a", 1, approve).await;
    assert_eq!(
        (status, &reply["payout"]["mode"], &reply["state"]),
        (200, &json!("backend"), &json!("succeeded"))
    );
    assert_eq!(shop.till("till-1").order(&id).await.unwrap().payment.state.as_str(), "refunded");
}
