use std::time::Duration;

use domain::time::Timestamp;
use domain::{Fen, MchId, OutRefundNo, OutTradeNo, RefundStatus, Secret, TradeState};
use reqwest::Method;
use serde_json::json;
use wechat_pay::v2::{
    self, Fields, PaymentNumber, SignType, TradeType, UnifiedOrder, notification, sign, xml,
};
use wechat_pay::{CertificateRefusal, ClientCertificate, Error, Outcome};

use super::Shop;
use crate::books::MovementStatus;
use crate::{Notification, Switch};

async fn settled(wechat: &v2::Client, number: &str) -> RefundStatus {
    let number = OutRefundNo::new(number).unwrap();
    let asking = async {
        loop {
            let status = wechat.query_refund(&number).await.unwrap().status;
            if status != RefundStatus::Processing {
                return status;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), asking).await.unwrap()
}

#[tokio::test]
async fn an_order_is_paid_queried_and_refunded_in_two_parts() {
    for sign_type in [SignType::Md5, SignType::HmacSha256] {
        let shop = Shop::open(0).await;
        shop.faults(|_| {});
        let wechat = v2::Client::new(v2::Config { sign_type, ..shop.config() }).unwrap();
        let order = shop.paid(1_000).await;
        let payment = wechat.query_order(&order.number()).await.unwrap();
        assert_eq!((payment.trade_state, payment.total), (TradeState::Success, Some(Fen::new(1_000))));

        let first = wechat.refund(&order.refund(1_000, "part-1", 400)).await.unwrap();
        let again = wechat.refund(&order.refund(1_000, "part-1", 400)).await.unwrap();
        assert_eq!(first.refund_id, again.refund_id, "the same number is the same refund");
        assert_eq!(settled(&wechat, "part-1").await, RefundStatus::Success);
        wechat.refund(&order.refund(1_000, "part-2", 600)).await.unwrap();
        assert_eq!(settled(&wechat, "part-2").await, RefundStatus::Success);
        let beyond = wechat.refund(&order.refund(1_000, "part-3", 1)).await.unwrap_err();
        assert_eq!(beyond.code(), "INVALID_REQUEST");

        let state = wechat.query_order(&order.number()).await.unwrap().trade_state;
        assert_eq!(state, TradeState::Refund);
        let refunds = wechat.query_refunds_of_order(&order.number()).await.unwrap();
        assert_eq!(refunds.iter().map(|refund| refund.amount).sum::<Fen>(), Fen::new(1_000));
        let books = shop.sandbox.books();
        assert_eq!(books.check(), Ok(()));
        assert_eq!(
            (books.balance_fen, books.refunded(order.out_trade_no.as_str())),
            (Fen::ZERO, Fen::new(1_000))
        );
        assert_eq!(books.refund_calls, 4);
        shop.sandbox.shutdown().await;
    }
}

#[tokio::test]
async fn the_same_number_with_another_amount_is_refused() {
    let shop = Shop::open(0).await;
    let (wechat, order) = (shop.wechat(), shop.paid(1_000).await);
    wechat.refund(&order.refund(1_000, "once", 400)).await.unwrap();
    let error = wechat.refund(&order.refund(1_000, "once", 500)).await.unwrap_err();
    assert_eq!(error.code(), "REFUND_FEE_MISMATCH");
    let other = shop.paid(700).await;
    let error = wechat.refund(&other.refund(700, "once", 400)).await.unwrap_err();
    assert_eq!(error.code(), "INVALID_REQUEST");
    let error = wechat.refund(&order.refund(999, "wrong-total", 400)).await.unwrap_err();
    assert_eq!(error.code(), "REFUND_FEE_MISMATCH");
    let books = shop.sandbox.books();
    assert_eq!(
        (books.conflicting_refund_calls, books.refunded(order.out_trade_no.as_str())),
        (2, Fen::new(400))
    );
}

#[tokio::test]
async fn refunds_are_told_of_ten_at_a_time() {
    let shop = Shop::open(0).await;
    let (wechat, order) = (shop.wechat(), shop.paid(1_000).await);
    for number in 0..13 {
        wechat.refund(&order.refund(1_000, &format!("r{number:02}"), 10)).await.unwrap();
    }
    let refunds = wechat.query_refunds_of_order(&order.number()).await.unwrap();
    assert_eq!(refunds.len(), 13);
}

#[tokio::test]
async fn under_secapi_a_certificate_of_this_merchant_is_demanded() {
    let shop = Shop::open(0).await;
    let order = shop.paid(100).await;
    let refund = order.refund(100, "cert", 100);

    // Straight to the path, without a certificate: nginx's page.
    let url = format!("{}/secapi/pay/refund", shop.sandbox.gateway_url());
    let response = shop.http.post(url).body("<xml></xml>").send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(response.text().await.unwrap().contains("No required SSL certificate was sent"));

    // A certificate that another authority made.
    let stranger = Shop::open(0).await;
    let config = v2::Config { certificate: Some(stranger.certificate()), ..shop.config() };
    let error = v2::Client::new(config).unwrap().refund(&refund).await.unwrap_err();
    assert!(
        matches!(error, Error::CertificateRefused { refusal: CertificateRefusal::NotAccepted }),
        "{error:?}"
    );

    // One of the right authority, for another merchant.
    let made = shop.sandbox.certificate_for(&MchId::new("1900009999").unwrap()).unwrap();
    let other =
        ClientCertificate::from_pem(made.cert_pem.as_bytes(), made.key_pem.expose().as_bytes()).unwrap();
    let config = v2::Config { certificate: Some(other), ..shop.config() };
    let error = v2::Client::new(config).unwrap().refund(&refund).await.unwrap_err();
    assert_eq!(error.wechat_text(), Some("certificate not match"));

    // The p12 file holds the right one.
    let p12 = std::fs::read(shop.text("/wechat_pay/p12_file")).unwrap();
    let certificate = ClientCertificate::from_p12(&p12, &shop.text("/wechat_pay/mch_id")).unwrap();
    let config = v2::Config { certificate: Some(certificate), ..shop.config() };
    v2::Client::new(config).unwrap().refund(&refund).await.unwrap();
    assert_eq!(shop.sandbox.books().check(), Ok(()));
}

#[tokio::test]
async fn a_wrong_key_appid_or_merchant_is_named() {
    let shop = Shop::open(0).await;
    let number = PaymentNumber::OutTradeNo(OutTradeNo::new("D000000001").unwrap());
    let ask = async |config| v2::Client::new(config).unwrap().query_order(&number).await.unwrap_err();

    let key = Secret::new("0".repeat(32));
    let error = ask(v2::Config { api_v2_key: key, ..shop.config() }).await;
    assert_eq!(error.wechat_text(), Some("签名错误"));
    let app_id = "wx0000000000000000".parse().unwrap();
    let error = ask(v2::Config { app_id, ..shop.config() }).await;
    assert_eq!((error.code(), error.is_configuration()), ("APPID_MCHID_NOT_MATCH", true));
    let mch_id = "1900009999".parse().unwrap();
    let error = ask(v2::Config { mch_id, ..shop.config() }).await;
    assert_eq!(error.wechat_text(), Some("MCHID_NOT_EXIST"));
    assert_eq!(ask(shop.config()).await.code(), "ORDERNOTEXIST");
}

/// What a client sends that follows no library of ours: declaration, blanks, line ends, no content type.
#[tokio::test]
async fn a_body_is_read_as_loosely_as_xml_allows_and_signed_strictly() {
    let shop = Shop::open(0).await;
    let order = shop.paid(100).await;
    let url = format!("{}/pay/orderquery", shop.sandbox.gateway_url());
    let key = Secret::new(shop.text("/wechat_pay/api_v2_key"));
    let fields = Fields::new()
        .with("appid", &shop.text("/wechat_pay/app_id"))
        .with("mch_id", &shop.text("/wechat_pay/mch_id"))
        .with("nonce_str", "n0nce")
        .with("transaction_id", "")
        .with("out_trade_no", order.out_trade_no.as_str());
    let signature = sign::sign(&fields, &key, SignType::Md5);
    let body: String = fields
        .with("sign", &signature)
        .iter()
        .map(|(name, value)| format!("  <{name}>{value}</{name}>\r\n"))
        .collect();
    let body = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<xml>\r\n{body}</xml>\r\n");
    let answer = async |body: String| {
        let response = shop.http.post(&url).body(body).send().await.unwrap();
        xml::read(&response.bytes().await.unwrap()).unwrap()
    };
    let fields = answer(body.clone()).await;
    assert_eq!(fields.get("trade_state"), Some("SUCCESS"));
    sign::verify_answer(&fields, &key).unwrap();

    let tampered = answer(body.replace("n0nce", "other")).await;
    assert_eq!((tampered.get("return_code"), tampered.get("return_msg")), (Some("FAIL"), Some("签名错误")));
    assert_eq!(answer(" \n".to_owned()).await.get("return_msg"), Some("POST_DATA_EMPTY"));
    assert_eq!(answer("<xml><a>".to_owned()).await.get("return_msg"), Some("XML_FORMAT_ERROR"));
    let bomb = "<!DOCTYPE x [<!ENTITY a \"a\">]><xml><appid>&a;</appid></xml>";
    assert_eq!(answer(bomb.to_owned()).await.get("return_msg"), Some("XML_FORMAT_ERROR"));
    let get = shop.http.get(&url).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(xml::read(&get).unwrap().get("return_msg"), Some("REQUIRE_POST_METHOD"));
    let huge = shop.http.post(&url).body("x".repeat(1_000_000)).send().await.unwrap();
    assert_eq!(huge.status(), 413);
}

fn prepaid(number: &str, total: i64) -> UnifiedOrder {
    UnifiedOrder {
        body: "示例小店-豆浆".to_owned(),
        out_trade_no: OutTradeNo::new(number).unwrap(),
        total: Fen::new(total),
        client_ip: "127.0.0.1".parse().unwrap(),
        notify_url: "http://127.0.0.1:9/notify".to_owned(),
        trade_type: TradeType::Native { product_id: "p1".to_owned() },
        detail: None,
        attach: None,
        started_at: None,
        expires_at: None,
        goods_tag: None,
    }
}

#[tokio::test]
async fn an_order_may_be_placed_again_only_unchanged_and_only_while_it_is_open() {
    let shop = Shop::open(0).await;
    let wechat = shop.wechat();
    let place = async |number, total| wechat.unified_order(&prepaid(number, total)).await;
    let first = place("NATIVE01", 600).await.unwrap();
    assert!(first.code_url.is_some());
    let again = place("NATIVE01", 600).await.unwrap();
    assert_ne!(first.prepay_id, again.prepay_id);
    assert_eq!(place("NATIVE01", 601).await.unwrap_err().code(), "INVALID_REQUEST");
    assert_eq!(place("short", 600).await.unwrap_err().code(), "PARAM_ERROR");

    let number = OutTradeNo::new("NATIVE01").unwrap();
    let state =
        async || wechat.query_order(&PaymentNumber::OutTradeNo(number.clone())).await.unwrap().trade_state;
    assert_eq!(state().await, TradeState::NotPay);
    shop.sandbox.pay(&number, Notification::Lost).unwrap();
    assert!(shop.sandbox.pay(&number, Notification::Lost).is_err(), "nobody pays twice");
    assert_eq!(state().await, TradeState::Success);
    assert_eq!(place("NATIVE01", 600).await.unwrap_err().code(), "ORDERPAID");
    assert_eq!(wechat.close_order(&number).await.unwrap_err().code(), "ORDERPAID");

    place("NATIVE02", 600).await.unwrap();
    let number = OutTradeNo::new("NATIVE02").unwrap();
    wechat.close_order(&number).await.unwrap();
    let payment = wechat.query_order(&PaymentNumber::OutTradeNo(number)).await.unwrap();
    assert_eq!(payment.trade_state, TradeState::Closed);
    assert_eq!(place("NATIVE02", 600).await.unwrap_err().code(), "ORDERCLOSED");
}

#[tokio::test]
async fn a_refund_of_an_unpaid_or_unknown_order_is_refused() {
    let shop = Shop::open(0).await;
    let order = shop.order(json!({ "total_fen": 500, "pay": false })).await;
    let error = shop.wechat().refund(&order.refund(500, "unpaid", 500)).await.unwrap_err();
    assert_eq!((error.code(), error.outcome()), ("ORDERNOTEXIST", Outcome::Refused));
    let missing = PaymentNumber::TransactionId("4200000000000000000000000000".parse().unwrap());
    let refund = v2::ApplyRefund { payment: missing, ..order.refund(500, "missing", 500) };
    assert_eq!(shop.wechat().refund(&refund).await.unwrap_err().code(), "INVALID_TRANSACTIONID");
    let number = OutRefundNo::new("missing").unwrap();
    assert_eq!(shop.wechat().query_refund(&number).await.unwrap_err().code(), "REFUNDNOTEXIST");
}

#[tokio::test]
async fn the_end_of_a_refund_is_posted_sealed_to_its_address() {
    let (sender, mut received) = tokio::sync::mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let take = move |body: axum::body::Bytes| {
        let sender = sender.clone();
        async move {
            sender.send(body).unwrap();
            notification::accepted()
        }
    };
    let router = axum::Router::new().route("/refunds", axum::routing::post(take));
    tokio::spawn(crate::serve::serve(listener, crate::serve::Transport::Plain, router));

    let shop = Shop::open(0).await;
    shop.faults(|faults| faults.gateway.refund_closed = Switch::times(1));
    let order = shop.paid(800).await;
    let notify_url = Some(format!("http://{address}/refunds"));
    let refund = v2::ApplyRefund { notify_url, ..order.refund(800, "told", 300) };
    shop.wechat().refund(&refund).await.unwrap();
    let body = tokio::time::timeout(Duration::from_secs(10), received.recv()).await.unwrap().unwrap();
    let key = Secret::new(shop.text("/wechat_pay/api_v2_key"));
    let notice = notification::refund(&body, &key).unwrap();
    assert_eq!(notice.refund.status, RefundStatus::Close);
    assert_eq!((notice.refund.amount, notice.refund.out_refund_no.as_str()), (Fen::new(300), "told"));
    let books = shop.sandbox.books();
    assert_eq!(books.movements.last().unwrap().status, MovementStatus::Closed);
    assert_eq!((books.check(), books.balance_fen), (Ok(()), Fen::new(800)));
}

#[tokio::test]
async fn history_stands_in_both_books_alike() {
    let started = Timestamp::now();
    let shop = Shop::open(400).await;
    let (wechat, till) = (shop.wechat(), shop.till("till-1"));
    shop.sandbox.books().check().unwrap();
    let page =
        till.orders(&merchant_api::OrdersQuery { limit: Some(200), ..Default::default() }).await.unwrap();
    assert!(page.has_more && page.items.len() == 200);
    let orders: Vec<domain::Order> = page.items.into_iter().collect::<Result<_, _>>().unwrap();
    for order in orders.iter().filter(|order| order.is_wechat()).take(40) {
        assert!(order.amounts_add_up() && order.placed_at < started);
        let number = PaymentNumber::OutTradeNo(order.payment.out_trade_no.clone().unwrap());
        let payment = wechat.query_order(&number).await.unwrap();
        assert_eq!(payment.trade_state.is_paid(), order.claims_paid(), "{}", order.id);
        if order.claims_paid() {
            assert_eq!(payment.total, Some(order.payment.total));
            assert_eq!(
                (payment.transaction_id, payment.paid_at),
                (order.payment.transaction_id.clone(), order.payment.paid_at)
            );
            let books = shop.sandbox.books();
            assert_eq!(
                books.refunded(order.payment.out_trade_no.as_ref().unwrap().as_str()),
                order.amounts.refunded
            );
        }
    }
    let pending = till.refund_requests(None, &[domain::RefundState::Pending]).await.unwrap();
    assert!(!pending.items.is_empty());
    let _ = shop.control(Method::GET, "/books", json!(null)).await;
}
