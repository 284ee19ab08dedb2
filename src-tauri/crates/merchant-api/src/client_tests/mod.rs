//! The client against servers on loopback: what goes over the wire, and what it makes of every kind of reply.

mod replies;
mod requests;
mod tls;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::{OrderId, RefundRequestId, Secret, TerminalId};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpListener;

use crate::{Client, Config, Credentials};

const TOKEN: &str = "token-4711-that-nobody-may-see";
const KEY: &str = "3f2b8c1e-0d4a-4c55-9a57-5b7c8f1f7a10";

/// A request as it arrived.
struct Seen {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A server that answers what was put into it, in turn, and remembers what it was asked.
#[derive(Clone, Default)]
struct Server {
    answers: Arc<Mutex<VecDeque<Response>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts the server on a free port.
    async fn start(answers: impl IntoIterator<Item = Response>) -> (Server, SocketAddr) {
        let server = Server::default();
        server.answers.lock().unwrap().extend(answers);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let handler = server.clone();
        let router = Router::new().fallback(move |method, uri, headers, body| {
            let handler = handler.clone();
            async move {
                handler.seen.lock().unwrap().push(Seen { method, uri, headers, body });
                handler.answers.lock().unwrap().pop_front().expect("no request was expected")
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        (server, address)
    }

    /// The only request.
    fn only(&self) -> Seen {
        let mut seen = self.seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        seen.remove(0)
    }
}

/// Reads a request to the end of its body.
async fn read_request(socket: &mut (impl AsyncRead + Unpin)) {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return;
            }
        }
        assert!(socket.read_buf(&mut read).await.unwrap() > 0, "the request ended early");
    }
}

fn json(status: u16, body: impl Into<String>) -> Response {
    answer(status, &[("content-type", "application/json")], body.into())
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Response {
    let mut response = (StatusCode::from_u16(status).unwrap(), body.into()).into_response();
    response.headers_mut().clear();
    for (name, value) in headers {
        response.headers_mut().insert(HeaderName::from_static(name), value.parse().unwrap());
    }
    response
}

fn config(address: SocketAddr) -> Config {
    Config {
        base_url: format!("http://{address}/merchant/v1").parse().unwrap(),
        credentials: Credentials::Bearer(Secret::new(TOKEN.to_owned())),
        terminal: TerminalId::new("till-1").unwrap(),
        extra_root_pem: None,
        accept_language: "zh-CN".to_owned(),
    }
}

fn client(address: SocketAddr) -> Client {
    Client::new(config(address)).unwrap()
}

fn order_id() -> OrderId {
    OrderId::new("20250601001").unwrap()
}

fn request_id() -> RefundRequestId {
    RefundRequestId::new("r1").unwrap()
}

/// The contract's first example of a schema.
fn example(schema: &str) -> String {
    crate::wire::examples::of(schema).remove(0)
}
