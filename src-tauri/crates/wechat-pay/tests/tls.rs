//! The client over real TLS: what each way in which a call can go wrong says about the money.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has to fail")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{AppId, Fen, MchId, OutRefundNo, OutTradeNo, RefundStatus, Secret, TradeState};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use wechat_pay::v2::{ApplyRefund, Client, Config, Fields, PaymentNumber, SignType, sign, xml};
use wechat_pay::{ClientCertificate, Error, Outcome};

const MCH_ID: &str = "1900000109";
const APP_ID: &str = "wx8888888888888888";

fn key() -> Secret<String> {
    Secret::new("192006250b4c09247ec02edce69f6a2d".to_owned())
}

/// What the gateway of a test does with each request.
enum Behaviour {
    /// Answers with a status line and a body.
    Answer(&'static str, Vec<u8>),
    /// Answers the first request with the first document, and so on.
    InTurn(Vec<Vec<u8>>),
    /// Declares more than it sends and hangs up.
    CutShort,
    /// Reads the request and says nothing until the test is over.
    Silent,
    /// Sends an answer without end.
    Endless,
}

/// Whether the gateway asks for a client certificate in the hand-shake.
#[derive(PartialEq)]
enum ClientAuth {
    Demanded,
    Ignored,
}

/// One CA for the gateway and the merchant, and a gateway on a port of its own.
struct Gateway {
    port: u16,
    ca: CertifiedIssuer<'static, KeyPair>,
    requests: Arc<Mutex<Vec<String>>>,
    _alive: mpsc::Sender<()>,
}

impl Gateway {
    fn start(client_auth: ClientAuth, behaviour: Behaviour) -> Gateway {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        params.distinguished_name.push(DnType::CommonName, format!("Authority of gateway {port}"));
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let own_key = KeyPair::generate().unwrap();
        let own =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&own_key, &ca).unwrap();

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
        let builder = match client_auth {
            ClientAuth::Ignored => builder.unwrap().with_no_client_auth(),
            ClientAuth::Demanded => {
                let mut roots = RootCertStore::empty();
                roots.add(ca.der().clone()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build().unwrap();
                builder.unwrap().with_client_cert_verifier(verifier)
            }
        };
        let own_key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own_key.serialize_der()));
        let config = Arc::new(builder.with_single_cert(vec![own.der().clone()], own_key).unwrap());

        let requests = Arc::new(Mutex::new(Vec::new()));
        let (alive, over) = mpsc::channel();
        let seen = requests.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                serve(connection.unwrap(), &config, &behaviour, &seen, &over);
            }
        });
        Gateway { port, ca, requests, _alive: alive }
    }

    fn config(&self, certificate: Option<ClientCertificate>) -> Config {
        Config {
            base_url: format!("https://localhost:{}/gateway/", self.port).parse().unwrap(),
            extra_root_pem: Some(self.ca.pem().into_bytes()),
            app_id: AppId::new(APP_ID).unwrap(),
            mch_id: MchId::new(MCH_ID).unwrap(),
            api_v2_key: key(),
            sign_type: SignType::Md5,
            certificate,
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(5),
        }
    }

    /// A certificate that the gateway's CA signed.
    fn certificate(&self) -> ClientCertificate {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(Vec::new()).unwrap().signed_by(&key, &self.ca).unwrap();
        ClientCertificate::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    }
}

/// One request on one connection; a client that does not get through the hand-shake is none.
fn serve(
    connection: TcpStream,
    config: &Arc<ServerConfig>,
    behaviour: &Behaviour,
    seen: &Mutex<Vec<String>>,
    over: &mpsc::Receiver<()>,
) {
    let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), connection);
    let Ok(request) = read_request(&mut stream) else {
        // The alert that says why has to leave, and what the client wrote meanwhile has to be read: a connection that
        // is closed over unread bytes is reset, and the alert may be lost with it.
        while stream.conn.wants_write() && stream.conn.write_tls(&mut stream.sock).is_ok() {}
        let _ = std::io::copy(&mut stream.sock, &mut std::io::sink());
        return;
    };
    let turn = {
        let mut seen = seen.lock().unwrap();
        seen.push(request);
        seen.len() - 1
    };
    let head = |status: &str, length: usize| {
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )
    };
    // A client that has seen enough hangs up, which is no trouble of the gateway.
    let _ = match behaviour {
        Behaviour::Answer(status, body) => {
            stream.write_all(head(status, body.len()).as_bytes()).and_then(|()| stream.write_all(body))
        }
        Behaviour::InTurn(answers) => {
            let body = &answers[turn];
            stream.write_all(head("200 OK", body.len()).as_bytes()).and_then(|()| stream.write_all(body))
        }
        Behaviour::CutShort => stream.write_all((head("200 OK", 500) + "<xml><return_code>SUC").as_bytes()),
        Behaviour::Silent => {
            let _ = over.recv();
            Ok(())
        }
        Behaviour::Endless => {
            let _ = stream.write_all(head("200 OK", 1 << 40).as_bytes());
            while stream.write_all(&[b' '; 16 * 1024]).is_ok() {}
            Ok(())
        }
    };
    stream.conn.send_close_notify();
    let _ = stream.flush();
}

fn read_request(stream: &mut impl Read) -> std::io::Result<String> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if text.contains("\r\n\r\n") && text.ends_with("</xml>") {
            return Ok(text);
        }
        match stream.read(&mut buffer)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => request.extend_from_slice(&buffer[..read]),
        }
    }
}

fn signed(fields: Fields) -> Vec<u8> {
    let answer = Fields::new()
        .with("return_code", "SUCCESS")
        .with("return_msg", "OK")
        .with("appid", APP_ID)
        .with("mch_id", MCH_ID)
        .with("nonce_str", "abc");
    let answer = fields.iter().fold(answer, |answer, (name, value)| answer.with(name, value));
    let sign = sign::sign(&answer, &key(), SignType::Md5);
    xml::write(&answer.with("sign", &sign)).unwrap().into_bytes()
}

fn refund() -> ApplyRefund {
    ApplyRefund {
        payment: PaymentNumber::OutTradeNo(OutTradeNo::new("T20260601001").unwrap()),
        out_refund_no: OutRefundNo::new("mr1-0001").unwrap(),
        total: Fen::new(600),
        refund: Fen::new(142),
        reason: Some("卖完了".to_owned()),
        notify_url: None,
    }
}

fn accepted() -> Fields {
    Fields::new()
        .with("result_code", "SUCCESS")
        .with("out_trade_no", "T20260601001")
        .with("out_refund_no", "mr1-0001")
        .with("refund_id", "50000001372019072510795556611")
        .with("refund_fee", "142")
}

/// The error of a refund at a gateway of that behaviour.
async fn failure(behaviour: Behaviour) -> Error {
    let gateway = Gateway::start(ClientAuth::Ignored, behaviour);
    let client = Client::new(gateway.config(Some(gateway.certificate()))).unwrap();
    client.refund(&refund()).await.unwrap_err()
}

#[tokio::test]
async fn a_refund_goes_over_mutual_tls_below_the_path_of_the_address() {
    let gateway = Gateway::start(ClientAuth::Demanded, Behaviour::Answer("200 OK", signed(accepted())));
    let client = Client::new(gateway.config(Some(gateway.certificate()))).unwrap();
    let answer = client.refund(&refund()).await.unwrap();
    assert_eq!(answer.refund_id, "50000001372019072510795556611");

    let requests = gateway.requests.lock().unwrap();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /gateway/secapi/pay/refund HTTP/1.1"), "{head}");
    assert!(head.to_lowercase().contains("content-type: text/xml; charset=utf-8"), "{head}");
    let request = xml::read(body.as_bytes()).unwrap();
    assert_eq!(sign::verify_request(&request, &key()), Ok(SignType::Md5));
    assert_eq!(request.get("refund_desc"), Some("卖完了"));
}

#[tokio::test]
async fn queries_need_no_certificate() {
    let order = Fields::new()
        .with("result_code", "SUCCESS")
        .with("trade_state", "NOTPAY")
        .with("out_trade_no", "T20260601001");
    let gateway = Gateway::start(ClientAuth::Ignored, Behaviour::Answer("200 OK", signed(order)));
    let client = Client::new(gateway.config(None)).unwrap();
    let number = PaymentNumber::OutTradeNo(OutTradeNo::new("T20260601001").unwrap());
    let payment = client.query_order(&number).await.unwrap();
    assert_eq!((payment.trade_state, payment.total), (TradeState::NotPay, None));

    let other = PaymentNumber::OutTradeNo(OutTradeNo::new("T2").unwrap());
    assert_eq!(client.query_order(&other).await.unwrap_err().code(), "console:other_answer");
}

#[tokio::test]
async fn a_refund_is_found_by_its_number_among_the_entries() {
    let refunds = Fields::new()
        .with("result_code", "SUCCESS")
        .with("refund_count", "1")
        .with("out_refund_no_0", "mr1-0001")
        .with("refund_id_0", "5000")
        .with("refund_fee_0", "142")
        .with("refund_status_0", "PROCESSING");
    let gateway = Gateway::start(ClientAuth::Ignored, Behaviour::Answer("200 OK", signed(refunds)));
    let client = Client::new(gateway.config(None)).unwrap();
    let found = client.query_refund(&OutRefundNo::new("mr1-0001").unwrap()).await.unwrap();
    assert_eq!((&found.status, found.amount), (&RefundStatus::Processing, Fen::new(142)));
    let other = client.query_refund(&OutRefundNo::new("mr1-0002").unwrap()).await.unwrap_err();
    assert_eq!((other.code(), other.is_not_found()), ("console:other_answer", false));

    let order = PaymentNumber::OutTradeNo(OutTradeNo::new("T20260601001").unwrap());
    assert_eq!(client.query_refunds_of_order(&order).await.unwrap(), [found]);
}

#[tokio::test]
async fn refunds_of_an_order_are_paged_by_what_was_returned() {
    let page = |entries: std::ops::Range<u32>| {
        let head = Fields::new().with("result_code", "SUCCESS").with("total_refund_count", "13");
        let fields = entries.enumerate().fold(head, |fields, (index, number)| {
            fields
                .with(&format!("out_refund_no_{index}"), &format!("R{number}"))
                .with(&format!("refund_id_{index}"), &format!("50{number}"))
                .with(&format!("refund_fee_{index}"), "1")
                .with(&format!("refund_status_{index}"), "SUCCESS")
        });
        signed(fields)
    };
    // Eleven entries on a page, as the example of the documents has it and their text has not.
    let gateway = Gateway::start(ClientAuth::Ignored, Behaviour::InTurn(vec![page(0..11), page(11..13)]));
    let client = Client::new(gateway.config(None)).unwrap();
    let order = PaymentNumber::OutTradeNo(OutTradeNo::new("T20260601001").unwrap());
    let refunds = client.query_refunds_of_order(&order).await.unwrap();
    let numbers: Vec<_> = refunds.iter().map(|refund| refund.out_refund_no.to_string()).collect();
    assert_eq!(numbers, (0..13).map(|number| format!("R{number}")).collect::<Vec<_>>());

    let requests = gateway.requests.lock().unwrap();
    assert_eq!(requests.len(), 2);
    assert!(!requests[0].contains("<offset>") && requests[1].contains("<offset>11</offset>"), "{requests:?}");
}

#[tokio::test]
async fn signed_refusals_are_told_apart() {
    let refused = |code: &str| {
        let fields =
            Fields::new().with("result_code", "FAIL").with("err_code", code).with("err_code_des", "说明");
        signed(fields)
    };
    let answers = ["REFUNDNOTEXIST", "REFUNDNOTEXIST", "ORDERCLOSED", "ORDERPAID"].map(refused).to_vec();
    let gateway = Gateway::start(ClientAuth::Ignored, Behaviour::InTurn(answers));
    let client = Client::new(gateway.config(None)).unwrap();
    let number = OutTradeNo::new("T20260601001").unwrap();

    let missing = client.query_refund(&OutRefundNo::new("R1").unwrap()).await.unwrap_err();
    assert!(missing.is_not_found());
    assert_eq!((missing.code(), missing.wechat_text()), ("REFUNDNOTEXIST", Some("说明")));
    assert_eq!(client.query_refunds_of_order(&PaymentNumber::OutTradeNo(number.clone())).await.unwrap(), []);
    assert!(client.close_order(&number).await.is_ok(), "closed already is as good as closed");
    assert_eq!(client.close_order(&number).await.unwrap_err().code(), "ORDERPAID");
}

#[tokio::test]
async fn without_a_certificate_no_refund_is_sent() {
    let gateway = Gateway::start(ClientAuth::Demanded, Behaviour::Answer("200 OK", signed(accepted())));
    let client = Client::new(gateway.config(None)).unwrap();
    let error = client.refund(&refund()).await.unwrap_err();
    assert_eq!((error.code(), error.outcome()), ("console:certificate_missing", Outcome::NotSent));
    assert!(error.is_configuration());
    assert!(gateway.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_a_matter_of_configuration() {
    let gateway = Gateway::start(ClientAuth::Demanded, Behaviour::Answer("200 OK", signed(accepted())));
    let other = Gateway::start(ClientAuth::Ignored, Behaviour::Silent).certificate();
    let client = Client::new(gateway.config(Some(other))).unwrap();
    let error = client.refund(&refund()).await.unwrap_err();
    assert_eq!(
        (error.code(), error.outcome()),
        ("console:certificate_refused", Outcome::Refused),
        "{error:?}"
    );
    assert!(error.is_configuration());
    assert!(gateway.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_listening_means_not_sent() {
    let gateway = Gateway::start(ClientAuth::Ignored, Behaviour::Silent);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut config = gateway.config(Some(gateway.certificate()));
    config.base_url.set_port(Some(free)).unwrap();
    let error = Client::new(config).unwrap().refund(&refund()).await.unwrap_err();
    assert_eq!((error.code(), error.outcome()), ("console:unreachable", Outcome::NotSent));
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_nothing() {
    let gateway = Gateway::start(ClientAuth::Ignored, Behaviour::Answer("200 OK", signed(accepted())));
    let stranger = Gateway::start(ClientAuth::Ignored, Behaviour::Silent);
    let mut config = gateway.config(Some(gateway.certificate()));
    config.extra_root_pem = Some(stranger.ca.pem().into_bytes());
    let error = Client::new(config).unwrap().refund(&refund()).await.unwrap_err();
    assert_eq!((error.code(), error.outcome()), ("console:tls", Outcome::NotSent));
    assert!(gateway.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_never_ends_leaves_the_outcome_unknown() {
    for (behaviour, code) in [
        (Behaviour::CutShort, "console:interrupted"),
        (Behaviour::Endless, "console:too_large"),
        (Behaviour::Answer("200 OK", b"<html>busy</html>".to_vec()), "console:not_xml"),
        (Behaviour::Answer("502 Bad Gateway", b"<html>502</html>".to_vec()), "console:http_status"),
        (Behaviour::Answer("302 Found\r\nLocation: /elsewhere", Vec::new()), "console:http_status"),
        (Behaviour::Answer("200 OK", Vec::new()), "console:not_xml"),
    ] {
        let error = failure(behaviour).await;
        assert_eq!((error.code(), error.outcome()), (code, Outcome::Unknown), "{error:?}");
        assert!(error.is_transient() && !error.is_configuration());
    }
}

#[tokio::test]
async fn silence_is_a_timeout_and_unknown() {
    let gateway = Gateway::start(ClientAuth::Ignored, Behaviour::Silent);
    let mut config = gateway.config(Some(gateway.certificate()));
    config.read_timeout = Duration::from_millis(200);
    let error = Client::new(config).unwrap().refund(&refund()).await.unwrap_err();
    assert_eq!((error.code(), error.outcome()), ("console:timeout", Outcome::Unknown));
    assert_eq!(gateway.requests.lock().unwrap().len(), 1, "nothing is repeated by itself");
}

#[tokio::test]
async fn the_web_servers_page_about_the_certificate_is_definite() {
    for (text, code) in [
        ("No required SSL certificate was sent", "console:certificate_missing"),
        ("The SSL certificate error", "console:certificate_refused"),
    ] {
        let page = format!(
            "<html><body><center><h1>400 Bad Request</h1></center><center>{text}</center></body></html>"
        );
        let error = failure(Behaviour::Answer("400 Bad Request", page.into_bytes())).await;
        assert_eq!((error.code(), error.outcome()), (code, Outcome::Refused));
        assert!(error.is_configuration());
    }
}

#[test]
fn plain_http_and_a_broken_root_are_refused_at_set_up() {
    let gateway = Gateway::start(ClientAuth::Ignored, Behaviour::Silent);
    let mut config = gateway.config(None);
    config.base_url = "http://localhost:1/".parse().unwrap();
    assert_eq!(Client::new(config).unwrap_err().code(), "console:setup");
    let mut config = gateway.config(None);
    config.extra_root_pem = Some(b"no certificate".to_vec());
    assert_eq!(Client::new(config).unwrap_err().code(), "console:setup");
}

#[test]
fn the_configuration_prints_no_key() {
    let gateway = Gateway::start(ClientAuth::Ignored, Behaviour::Silent);
    let config = gateway.config(Some(gateway.certificate()));
    let shown = format!("{config:?} {:?}", Client::new(config.clone()).unwrap());
    assert!(shown.contains(MCH_ID) && !shown.contains(key().expose()), "{shown}");
}
