//! The sandbox from outside: over real sockets, with the clients that a console uses.

mod backend;
mod contract;
mod faults;
mod gateway;
mod live;

use std::fs;
use std::time::Duration;

use domain::time::Timestamp;
use domain::{Fen, OrderId, OutRefundNo, OutTradeNo, Secret, TerminalId};
use merchant_api::{Config, Credentials};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use wechat_pay::ClientCertificate;
use wechat_pay::v2::{self, ApplyRefund, PaymentNumber, SignType};

use crate::{Faults, Options, Sandbox};

/// A sandbox with its folder, and what a console would know of it.
struct Shop {
    sandbox: Sandbox,
    connection: Value,
    http: reqwest::Client,
    _folder: TempDir,
}

/// An order that was placed and paid through the control endpoints.
#[derive(Debug, Clone)]
struct PaidOrder {
    id: OrderId,
    out_trade_no: OutTradeNo,
    committed_at: Option<Timestamp>,
}

impl PaidOrder {
    fn number(&self) -> PaymentNumber {
        PaymentNumber::OutTradeNo(self.out_trade_no.clone())
    }

    fn refund(&self, total: i64, number: &str, fen: i64) -> ApplyRefund {
        ApplyRefund {
            payment: self.number(),
            out_refund_no: OutRefundNo::new(number).unwrap(),
            total: Fen::new(total),
            refund: Fen::new(fen),
            reason: Some("测试退款".to_owned()),
            notify_url: None,
        }
    }
}

impl Shop {
    async fn open(orders: u32) -> Shop {
        Shop::open_at(orders, Timestamp::now()).await
    }

    /// With a past that ends at `now`.
    async fn open_at(orders: u32, now: Timestamp) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            gateway_listen: "127.0.0.1:0".parse().unwrap(),
            seed: 42,
            orders,
            rate_per_minute: 0.0,
            folder: folder.path().join("certificates"),
        };
        let sandbox = Sandbox::start_at(options, now).await.unwrap();
        let connection = sandbox.connection();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(&connection))
            .no_proxy()
            .build()
            .unwrap();
        Shop { sandbox, connection, http, _folder: folder }
    }

    fn text(&self, pointer: &str) -> String {
        self.connection.pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
    }

    fn certificate(&self) -> ClientCertificate {
        let read = |pointer| fs::read(self.text(pointer)).unwrap();
        ClientCertificate::from_pem(&read("/wechat_pay/cert_file"), &read("/wechat_pay/key_file")).unwrap()
    }

    fn config(&self) -> v2::Config {
        v2::Config {
            base_url: self.text("/wechat_pay/base_url").parse().unwrap(),
            extra_root_pem: Some(fs::read(self.text("/wechat_pay/ca_file")).unwrap()),
            app_id: self.text("/wechat_pay/app_id").parse().unwrap(),
            mch_id: self.text("/wechat_pay/mch_id").parse().unwrap(),
            api_v2_key: Secret::new(self.text("/wechat_pay/api_v2_key")),
            sign_type: SignType::Md5,
            certificate: Some(self.certificate()),
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(5),
        }
    }

    fn wechat(&self) -> v2::Client {
        v2::Client::new(self.config()).unwrap()
    }

    fn till(&self, terminal: &str) -> merchant_api::Client {
        self.till_with(terminal, Credentials::Bearer(Secret::new(self.text("/backend/token"))))
    }

    fn till_with(&self, terminal: &str, credentials: Credentials) -> merchant_api::Client {
        merchant_api::Client::new(Config {
            base_url: self.text("/backend/base_url").parse().unwrap(),
            credentials,
            terminal: TerminalId::new(terminal).unwrap(),
            extra_root_pem: None,
            accept_language: "zh-CN".to_owned(),
        })
        .unwrap()
    }

    /// Any call to the backend's listener, with the token.
    async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (StatusCode, reqwest::header::HeaderMap, Value) {
        let origin = self.text("/backend/base_url").replace("/merchant/v1", "");
        let mut request = self
            .http
            .request(method, format!("{origin}{path}"))
            .header("Authorization", format!("Bearer {}", self.text("/backend/token")));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        (status, headers, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Pulls a string; it has to move something.
    async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, _, reply) = self.call(method, &format!("/sandbox{path}"), &[], Some(body)).await;
        assert!(status.is_success(), "{path}: {status} {reply}");
        reply
    }

    async fn order(&self, wishes: Value) -> PaidOrder {
        let placed = self.control(Method::POST, "/orders", wishes).await;
        let text = |name: &str| placed[0][name].as_str().unwrap().to_owned();
        PaidOrder {
            id: text("order_id").parse().unwrap(),
            out_trade_no: text("out_trade_no").parse().unwrap(),
            committed_at: placed[0]["committed_at"].as_str().map(|at| at.parse().unwrap()),
        }
    }

    /// Posts a payment notice by hand and reads the shop's reply.
    async fn notify(&self, notice: &str) -> v2::Fields {
        let url = self.text("/backend/base_url").replace("/merchant/v1", crate::backend::NOTIFY_PATH);
        let response = self.http.post(url).body(notice.to_owned()).send().await.unwrap();
        v2::xml::read(&response.bytes().await.unwrap()).unwrap()
    }

    async fn paid(&self, total: i64) -> PaidOrder {
        self.order(json!({ "total_fen": total })).await
    }

    fn faults(&self, set: impl FnOnce(&mut Faults)) {
        let mut faults = Faults::default();
        // Tests wait for the end of refunds; nobody needs to wait for long.
        faults.gateway.refund_stays_processing_ms = 30;
        set(&mut faults);
        self.sandbox.set_faults(faults);
    }
}

/// Trust in the sandbox's authority, without a client certificate.
fn tls(connection: &Value) -> rustls::ClientConfig {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    let pem = fs::read(connection["wechat_pay"]["ca_file"].as_str().unwrap()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}
