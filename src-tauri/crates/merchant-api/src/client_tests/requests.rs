use domain::{Fen, OutRefundNo, PayoutError, RefundLine, RefundState};
use jiff::Timestamp;
use serde_json::{Value, json as value};

use super::*;
use crate::hmac::{Authorization, SignedRequest};
use crate::wire::{AckRequest, PaymentObserved};
use crate::{
    AckKind, Actor, ChangesQuery, Cursor, Decision, Error, NewRefund, ObservedTradeState, OrdersQuery,
    Outcome, PayoutOutcome, PayoutReport, Restock,
};

fn refund_no() -> OutRefundNo {
    OutRefundNo::new("mr1-9a43203f9db53222efb006dbaa2e4f7a").unwrap()
}

fn actor() -> Actor {
    Actor { id: "7".to_owned(), name: Some("小李".to_owned()) }
}

fn approval() -> Decision {
    Decision::ApproveRefund {
        amount: Fen::new(500),
        refund_no: Some(refund_no()),
        reason_text: None,
        restock: Restock::No,
    }
}

fn body(seen: &Seen) -> Value {
    serde_json::from_slice(&seen.body).unwrap()
}

#[tokio::test]
async fn every_request_says_who_asks_and_in_which_language() {
    let (server, address) = Server::start([json(200, example("Capabilities"))]).await;
    let capabilities = client(address).capabilities().await.unwrap();
    assert_eq!((capabilities.shop.id.as_str(), capabilities.longest_wait_s()), ("s1", 25));
    let seen = server.only();
    assert_eq!((seen.method.as_str(), seen.uri.to_string().as_str()), ("GET", "/merchant/v1/capabilities"));
    assert_eq!(seen.header("x-terminal"), Some("till-1"));
    assert_eq!(seen.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert_eq!(seen.header("accept-language"), Some("zh-CN"));
    assert_eq!(seen.header("accept-encoding"), Some("gzip"));
    for absent in ["idempotency-key", "if-match", "if-none-match", "x-actor", "content-type", "cookie"] {
        assert_eq!(seen.header(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_address_changes_nothing() {
    let (server, address) = Server::start([json(200, example("Order"))]).await;
    let base_url = format!("http://{address}/merchant/v1/").parse().unwrap();
    let client = Client::new(Config { base_url, ..config(address) }).unwrap();
    client.order(&order_id()).await.unwrap();
    assert_eq!(server.only().uri.path(), "/merchant/v1/orders/20250601001");
}

#[tokio::test]
async fn an_approval_carries_key_version_and_person() {
    let (server, address) = Server::start([json(200, example("RefundRequest"))]).await;
    let client = client(address);
    client.decide(&request_id(), 7, KEY, &approval(), Some(&actor())).await.unwrap();
    let seen = server.only();
    assert_eq!((seen.method.as_str(), seen.uri.path()), ("POST", "/merchant/v1/refund-requests/r1/decision"));
    assert_eq!(seen.header("if-match"), Some("\"v7\""));
    assert_eq!(seen.header("idempotency-key"), Some(KEY));
    assert_eq!(seen.header("x-actor"), Some("7"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    let expected = value!({
        "decision": "approve", "step": "refund", "amount_fen": 500, "refund_no": refund_no().as_str(),
        "restock": false, "operator": { "id": "7", "name": "小李" }
    });
    assert_eq!(body(&seen), expected);
}

#[tokio::test]
async fn each_write_has_its_body() {
    let refund = || json(200, example("RefundRequest"));
    let answers = [refund(), refund(), refund(), refund(), refund(), json(200, example("Ack"))];
    let (server, address) = Server::start(answers).await;
    let client = client(address);
    let reject =
        Decision::Reject { reason_text: "商品已使用".to_owned(), reason_code: Some("used".to_owned()) };
    client.decide(&request_id(), 1, KEY, &reject, None).await.unwrap();
    client
        .decide(&request_id(), 1, KEY, &Decision::AgreeReturn { amount: Fen::new(500) }, None)
        .await
        .unwrap();
    let new = NewRefund {
        amount: Fen::new(500),
        refund_no: Some(refund_no()),
        lines: vec![RefundLine { order_line_id: "1".to_owned(), quantity: 1, amount: None }],
        reason_code: None,
        reason_text: "缺货".to_owned(),
        restock: Restock::Yes,
    };
    client.refund_order(&order_id(), 3, KEY, &new, None).await.unwrap();
    let success = PayoutReport {
        refund_no: refund_no(),
        amount: Fen::new(500),
        outcome: PayoutOutcome::Success {
            refund_id: "503".to_owned(),
            succeeded_at: Timestamp::from_second(1_748_744_430).unwrap(),
        },
    };
    client.report_payout(&request_id(), &success, None).await.unwrap();
    let error = PayoutError { code: "NOTENOUGH".repeat(10), text: "余".repeat(600) };
    let failed = PayoutReport { outcome: PayoutOutcome::Failed { error }, ..success };
    client.report_payout(&request_id(), &failed, None).await.unwrap();
    let ack =
        AckRequest { kind: AckKind::Printing, ticket: Some("order".to_owned()), at: None, operator: None };
    assert!(client.ack(&order_id(), &ack).await.unwrap().tickets[0].printed);

    let seen = server.seen.lock().unwrap();
    assert_eq!(
        body(&seen[0]),
        value!({ "decision": "reject", "reason_text": "商品已使用", "reason_code": "used", "restock": false })
    );
    assert_eq!(
        body(&seen[1]),
        value!({ "decision": "approve", "step": "agree_return", "amount_fen": 500, "restock": false })
    );
    assert_eq!(seen[2].uri.path(), "/merchant/v1/orders/20250601001/refunds");
    assert_eq!(
        body(&seen[2]),
        value!({
            "amount_fen": 500, "refund_no": refund_no().as_str(), "reason_text": "缺货", "restock": true,
            "lines": [{ "order_line_id": "1", "qty": 1 }]
        })
    );
    assert_eq!(
        (seen[3].method.as_str(), seen[3].uri.path()),
        ("PUT", "/merchant/v1/refund-requests/r1/payout")
    );
    assert_eq!(
        body(&seen[3]),
        value!({
            "state": "success", "refund_no": refund_no().as_str(), "amount_fen": 500, "refund_id": "503",
            "succeeded_at": "2025-06-01T02:20:30Z"
        })
    );
    assert_eq!((seen[3].header("idempotency-key"), seen[3].header("if-match")), (None, None));
    let failed = body(&seen[4]);
    assert_eq!(failed["state"], "failed");
    assert_eq!(failed["error"]["code"].as_str().map(str::len), Some(64));
    assert_eq!(failed["error"]["text"].as_str().map(|text| text.chars().count()), Some(512));
    assert_eq!(body(&seen[5]), value!({ "kind": "printing", "ticket": "order" }));
}

#[tokio::test]
async fn a_payment_that_was_seen_at_wechat_is_a_hint() {
    let (server, address) = Server::start([json(202, example("Order"))]).await;
    let paid_at = Timestamp::from_second(1_748_744_430).unwrap();
    let observed = PaymentObserved {
        transaction_id: "4200002345202506010123456789".parse().unwrap(),
        out_trade_no: "20250601001".parse().unwrap(),
        total_fen: Fen::new(3780),
        trade_state: ObservedTradeState::Success,
        paid_at,
        observed_at: paid_at,
        operator: None,
    };
    assert_eq!(client(address).payment_observed(&order_id(), &observed).await.unwrap().version, 7);
    let seen = server.only();
    assert_eq!(seen.uri.path(), "/merchant/v1/orders/20250601001/payment-observed");
    assert_eq!(
        (body(&seen)["trade_state"].as_str(), body(&seen)["total_fen"].as_i64()),
        (Some("success"), Some(3780))
    );
}

#[tokio::test]
async fn a_long_poll_waits_for_its_reply() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, was_asked) = tokio::sync::oneshot::channel();
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let channels = Arc::new(Mutex::new(Some((asked, released))));
    let router = Router::new().fallback(move |uri: Uri| {
        let (asked, released) = channels.lock().unwrap().take().unwrap();
        async move {
            asked.send(uri.to_string()).unwrap();
            released.await.unwrap();
            json(200, example("ChangePage"))
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = client(address);
    let query =
        ChangesQuery { cursor: Some(Cursor::new("000000018431").unwrap()), limit: Some(50), wait_s: 25 };
    let poll = tokio::spawn(async move { client.changes(&query).await });
    let expected = "/merchant/v1/changes?cursor=000000018431&limit=50&wait=25";
    assert_eq!(was_asked.await.unwrap(), expected);
    assert!(!poll.is_finished());
    release.send(()).unwrap();
    let page = poll.await.unwrap().unwrap();
    assert_eq!((page.items.len(), page.next_cursor.as_str(), page.has_more), (1, "000000018432", false));
}

#[tokio::test]
async fn lists_ask_for_what_they_are_to_hold() {
    let empty = || json(200, r#"{"items":[],"next_cursor":null,"has_more":false}"#);
    let (server, address) = Server::start([empty(), empty()]).await;
    let client = client(address);
    let query = OrdersQuery { ids: vec![order_id()], ..OrdersQuery::default() };
    assert!(client.orders(&query).await.unwrap().items.is_empty());
    let states = [RefundState::Pending, RefundState::Returned];
    client.refund_requests(Some(&Cursor::new("a=").unwrap()), &states).await.unwrap();
    let seen = server.seen.lock().unwrap();
    assert_eq!(seen[0].uri.query(), Some("ids=20250601001"));
    assert_eq!(seen[1].uri.to_string(), "/merchant/v1/refund-requests?cursor=a%3D&states=pending,returned");
}

#[tokio::test]
async fn an_unchanged_order_is_not_sent_again() {
    let answers = [answer(304, &[], ""), json(200, example("Order")), answer(304, &[], "")];
    let (server, address) = Server::start(answers).await;
    let client = client(address);
    assert_eq!(client.order_if_changed(&order_id(), 7).await.unwrap(), None);
    assert!(client.order_if_changed(&order_id(), 6).await.unwrap().is_some());
    let unasked = client.order(&order_id()).await.unwrap_err();
    assert_eq!(unasked.code(), "console:not_json");
    let seen = server.seen.lock().unwrap();
    let tags: Vec<_> = seen.iter().map(|seen| seen.header("if-none-match")).collect();
    assert_eq!(tags, [Some("\"v7\""), Some("\"v6\""), None]);
}

#[tokio::test]
async fn a_server_can_verify_what_the_client_signs() {
    let (server, address) = Server::start([json(200, example("RefundRequest"))]).await;
    let secret = "hmac-example-secret-0123456789";
    let credentials = Credentials::Hmac { key_id: "k1".to_owned(), secret: Secret::new(secret.to_owned()) };
    let client = Client::new(Config { credentials, ..config(address) }).unwrap();
    client.decide(&request_id(), 1, KEY, &approval(), None).await.unwrap();
    let seen = server.only();
    let authorization = Authorization::parse(seen.header("authorization").unwrap()).unwrap();
    assert_eq!(authorization.key_id, "k1");
    let request = SignedRequest {
        method: seen.method.as_str(),
        path_and_query: seen.uri.path_and_query().unwrap().as_str(),
        body: &seen.body,
        idempotency_key: seen.header("idempotency-key").unwrap(),
        if_match: seen.header("if-match").unwrap(),
        terminal: seen.header("x-terminal").unwrap(),
    };
    let now = Timestamp::now().as_second();
    assert_eq!(authorization.verify(&request, secret.as_bytes(), now), Ok(()));
}

#[tokio::test]
async fn what_the_contract_does_not_allow_is_not_sent() {
    let (server, address) = Server::start([]).await;
    let client = client(address);
    let refund = |reason_text: &str, lines| NewRefund {
        amount: Fen::new(1),
        refund_no: None,
        lines,
        reason_code: None,
        reason_text: reason_text.to_owned(),
        restock: Restock::No,
    };
    let many = vec![RefundLine { order_line_id: "x".repeat(300), quantity: 1, amount: None }; 1_000];
    let stranger = Actor { id: "a\r\nX-Actor: b".to_owned(), name: None };
    let ids = vec![order_id(); 101];
    let errors = [
        client.decide(&request_id(), 1, "short", &approval(), None).await.map(drop).unwrap_err(),
        client.decide(&request_id(), 1, KEY, &approval(), Some(&stranger)).await.map(drop).unwrap_err(),
        client.refund_order(&order_id(), 1, KEY, &refund(" ", vec![]), None).await.map(drop).unwrap_err(),
        client.refund_order(&order_id(), 1, KEY, &refund("缺货", many), None).await.map(drop).unwrap_err(),
        client.orders(&OrdersQuery { ids, ..OrdersQuery::default() }).await.map(drop).unwrap_err(),
    ];
    for error in &errors {
        assert_eq!((error.outcome(), error.is_transient()), (Outcome::NotSent, false), "{error}");
    }
    assert!(matches!(errors[3], Error::RequestTooLarge { .. }));
    assert!(server.seen.lock().unwrap().is_empty());
}

#[test]
fn credentials_that_cannot_stand_in_a_header_are_refused() {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let refused = |credentials| Client::new(Config { credentials, ..config(address) }).unwrap_err();
    for token in ["", "a b", "a\n", "口令"] {
        let error = refused(Credentials::Bearer(Secret::new(token.to_owned())));
        assert_eq!(error.code(), "console:invalid_argument", "{token:?}");
    }
    for key_id in ["", "a\"b", "a,b", "a\n"] {
        let secret = Secret::new("s".to_owned());
        let error = refused(Credentials::Hmac { key_id: key_id.to_owned(), secret });
        assert_eq!(error.code(), "console:invalid_argument", "{key_id:?}");
    }
    let base_url = "http://shop.example/merchant/v1".parse().unwrap();
    let plain = Client::new(Config { base_url, ..config(address) }).unwrap_err();
    assert!(matches!(plain, Error::PlainHttp { host } if host == "shop.example"));
}

#[test]
fn nothing_prints_the_token() {
    let config = config(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
    let shown = format!("{config:?} {:?}", Client::new(config.clone()).unwrap());
    assert!(!shown.contains(TOKEN), "{shown}");
}
