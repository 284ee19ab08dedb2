//! Turns a call into a request with the contract's headers, sends it, and keeps an eye on the server's clock.

use std::fmt;
use std::time::{Duration, Instant};

use domain::{Secret, TerminalId};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MATCH,
    IF_NONE_MATCH, InvalidHeaderValue,
};
use reqwest::{Body, Method, Request};
use url::Url;

use crate::action::Actor;
use crate::client::{Config, Credentials};
use crate::error::{Error, Operation};
use crate::hmac::SignedRequest;
use crate::server_clock::{ServerClock, Told};
use crate::transport::{self, MOST_REQUEST_BYTES, Reply, Way};

const X_TERMINAL: HeaderName = HeaderName::from_static("x-terminal");
const X_ACTOR: HeaderName = HeaderName::from_static("x-actor");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Clocks that differ by more than this are worth a warning (B.1).
const SKEW_WORTH_A_WARNING: SignedDuration = SignedDuration::from_secs(60);

/// One call of an operation.
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    /// Below the base address, not yet percent-encoded.
    pub(crate) path: &'a [&'a str],
    /// Percent-encoded; may be empty.
    pub(crate) query: String,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) idempotency_key: Option<&'a str>,
    pub(crate) if_match: Option<u64>,
    pub(crate) if_none_match: Option<u64>,
    pub(crate) actor: Option<&'a Actor>,
    /// For how long the server was asked to hold an empty reply.
    pub(crate) wait: Duration,
}

impl<'a> Call<'a> {
    pub(crate) fn get(operation: Operation, path: &'a [&'a str]) -> Self {
        Call {
            operation,
            method: Method::GET,
            path,
            query: String::new(),
            body: None,
            idempotency_key: None,
            if_match: None,
            if_none_match: None,
            actor: None,
            wait: Duration::ZERO,
        }
    }

    pub(crate) fn post(
        operation: Operation,
        path: &'a [&'a str],
        body: Vec<u8>,
        actor: Option<&'a Actor>,
    ) -> Self {
        Call { method: Method::POST, body: Some(body), actor, ..Call::get(operation, path) }
    }
}

/// The connections to one backend.
pub(crate) struct Connection {
    http: reqwest::Client,
    base_url: Url,
    authorization: Authorization,
    terminal: TerminalId,
    accept_language: HeaderValue,
    clock: ServerClock,
}

enum Authorization {
    /// The header as it is, marked as sensitive.
    Bearer(HeaderValue),
    Hmac {
        key_id: String,
        secret: Secret<String>,
    },
}

impl Connection {
    pub(crate) fn new(config: Config) -> Result<Connection, Error> {
        let Config { base_url, credentials, terminal, extra_root_pem, accept_language } = config;
        let way = Way::of(&base_url)?;
        let no_header =
            |what| move |_: InvalidHeaderValue| Error::Argument { what, reason: "cannot stand in a header" };
        let authorization = match credentials {
            Credentials::Bearer(token) => {
                if token.expose().is_empty() || !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(Error::Argument {
                        what: "token",
                        reason: "is empty or has blanks or foreign letters",
                    });
                }
                let mut header = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                    .map_err(no_header("token"))?;
                header.set_sensitive(true);
                Authorization::Bearer(header)
            }
            Credentials::Hmac { key_id, secret } => {
                let plain =
                    |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\' && byte != b',';
                if key_id.is_empty() || !key_id.bytes().all(plain) {
                    return Err(Error::Argument { what: "key_id", reason: "cannot stand in a header" });
                }
                Authorization::Hmac { key_id, secret }
            }
        };
        Ok(Connection {
            http: transport::http_client(way, extra_root_pem.as_deref())?,
            base_url,
            authorization,
            terminal,
            accept_language: HeaderValue::from_str(&accept_language).map_err(no_header("accept_language"))?,
            clock: ServerClock::default(),
        })
    }

    pub(crate) fn last_skew(&self) -> Option<SignedDuration> {
        self.measured_skew().filter(|skew| skew.abs() > SKEW_WORTH_A_WARNING)
    }

    pub(crate) fn measured_skew(&self) -> Option<SignedDuration> {
        self.clock.ahead()
    }

    /// Sends the call and reads its reply.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Reply, Error> {
        let operation = call.operation;
        let request = self.request(&call)?;
        let started = Instant::now();
        let response = match self.http.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                let error = transport::failure(operation, error);
                let ms = started.elapsed().as_millis();
                tracing::debug!(%operation, code = error.code(), ms, "no reply");
                return Err(error);
            }
        };
        let status = response.status().as_u16();
        let request_id = request_id(response.headers());
        let replayed = response.headers().contains_key(IDEMPOTENCY_REPLAYED);
        let told = transport::server_time(response.headers()).map(Told::now);
        let reply = transport::read_reply(operation, response).await;
        let ms = started.elapsed().as_millis();
        let code = reply.as_ref().err().map(Error::code);
        tracing::debug!(%operation, status, code, request_id, replayed, ms, "replied");
        // A hotel's login page has a clock as well, but not the shop's.
        if let (Some(told), Ok(_) | Err(Error::Refused { .. })) = (told, &reply) {
            self.clock.set(told);
        }
        reply
    }

    fn request(&self, call: &Call<'_>) -> Result<Request, Error> {
        let operation = call.operation;
        let body = call.body.as_deref().unwrap_or_default();
        if body.len() > MOST_REQUEST_BYTES {
            return Err(Error::RequestTooLarge { operation });
        }
        let url = self.url(call)?;
        let if_match = call.if_match.map(entity_tag).unwrap_or_default();
        let idempotency_key = match call.idempotency_key {
            Some(key) if !is_idempotency_key(key) => {
                return Err(Error::Argument {
                    what: "idempotency_key",
                    reason: "is not 16 to 64 letters, digits, _ or -",
                });
            }
            key => key.unwrap_or_default(),
        };
        let authorization = self.authorization(
            operation,
            &SignedRequest {
                method: call.method.as_str(),
                path_and_query: &url[url::Position::BeforePath..url::Position::AfterQuery],
                body,
                idempotency_key,
                if_match: &if_match,
                terminal: self.terminal.as_str(),
            },
        )?;

        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, application/problem+json"));
        headers.insert(ACCEPT_LANGUAGE, self.accept_language.clone());
        headers.insert(X_TERMINAL, header("terminal", self.terminal.as_str())?);
        if let Some(actor) = call.actor {
            // The contract's Id; every id of the domain follows the same rule.
            if TerminalId::new(actor.id.as_str()).is_err() {
                return Err(Error::Argument { what: "actor", reason: "does not have the form of an id" });
            }
            headers.insert(X_ACTOR, header("actor", &actor.id)?);
        }
        if !idempotency_key.is_empty() {
            headers.insert(IDEMPOTENCY_KEY, header("idempotency_key", idempotency_key)?);
        }
        if !if_match.is_empty() {
            headers.insert(IF_MATCH, header("version", &if_match)?);
        }
        if let Some(version) = call.if_none_match {
            headers.insert(IF_NONE_MATCH, header("version", &entity_tag(version))?);
        }
        if call.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }

        let mut request = Request::new(call.method.clone(), url);
        *request.headers_mut() = headers;
        *request.body_mut() = call.body.clone().map(Body::from);
        *request.timeout_mut() = Some(transport::deadline(call.wait));
        Ok(request)
    }

    fn url(&self, call: &Call<'_>) -> Result<Url, Error> {
        let mut url = self.base_url.clone();
        url.path_segments_mut()
            .map_err(|()| Error::BaseUrl { reason: "has no path" })?
            .pop_if_empty()
            .extend(call.path);
        url.set_query((!call.query.is_empty()).then_some(call.query.as_str()));
        Ok(url)
    }

    fn authorization(&self, operation: Operation, request: &SignedRequest<'_>) -> Result<HeaderValue, Error> {
        match &self.authorization {
            Authorization::Bearer(header) => Ok(header.clone()),
            Authorization::Hmac { key_id, secret } => {
                let mut nonce = [0; 16];
                getrandom::fill(&mut nonce).map_err(|source| Error::Random { operation, source })?;
                let now = Timestamp::now().as_second();
                let signed = request.sign(key_id, secret.expose().as_bytes(), now, &hex::encode(nonce));
                let mut header = header("key_id", &signed.to_string())?;
                header.set_sensitive(true);
                Ok(header)
            }
        }
    }
}

/// Shows where it leads, and neither token nor secret.
impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("base_url", &self.base_url.as_str())
            .field("terminal", &self.terminal.as_str())
            .finish_non_exhaustive()
    }
}

/// `"v7"`, quotes included (R3).
fn entity_tag(version: u64) -> String {
    format!("\"v{version}\"")
}

fn is_idempotency_key(key: &str) -> bool {
    (16..=64).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn header(what: &'static str, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|_| Error::Argument { what, reason: "cannot stand in a header" })
}

/// For the log: the server's text, cut to the contract's 128 characters, none of which can be a line end.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    Some(text.chars().take(128).collect())
}
