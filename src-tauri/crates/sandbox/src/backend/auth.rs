//! Who calls: bearer token or HMAC (contract R5, R10).

use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use domain::{TerminalId, time::Timestamp};
use merchant_api::hmac::{Authorization, SCHEME, SeenNonces, SignedRequest};
use sha2::{Digest, Sha256};

use super::problem::{self, Refused};
use crate::identity::Identity;

/// The nonces seen so far.
#[derive(Debug, Default)]
pub(super) struct Gatekeeper {
    nonces: Mutex<SeenNonces>,
}

impl Gatekeeper {
    /// Refuses whoever has neither the token nor a fresh signature.
    pub(super) fn check(
        &self,
        identity: &Identity,
        headers: &HeaderMap,
        method: &str,
        path_and_query: &str,
        body: &[u8],
    ) -> Result<(), Refused> {
        let given = text(headers, AUTHORIZATION.as_str()).unwrap_or_default();
        if let Some(token) = given.strip_prefix("Bearer ") {
            return same(token, identity.token.expose()).then_some(()).ok_or_else(problem::unauthenticated);
        }
        if !given.starts_with(SCHEME) {
            return Err(problem::unauthenticated());
        }
        let authorization = Authorization::parse(given).map_err(|_| problem::unauthenticated())?;
        let request = SignedRequest {
            method,
            path_and_query,
            body,
            idempotency_key: text(headers, "idempotency-key").unwrap_or_default(),
            if_match: text(headers, "if-match").unwrap_or_default(),
            terminal: text(headers, "x-terminal").unwrap_or_default(),
        };
        let now = Timestamp::now().as_second();
        let secret = identity.hmac_secret.expose().as_bytes();
        let known = same(&authorization.key_id, &identity.hmac_key_id);
        if !known || authorization.verify(&request, secret, now).is_err() {
            return Err(problem::unauthenticated());
        }
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if nonces.is_first_use(&authorization, now) { Ok(()) } else { Err(problem::unauthenticated()) }
    }
}

/// The terminal that speaks; every request has to name one.
pub(super) fn terminal(headers: &HeaderMap) -> Result<TerminalId, Refused> {
    let given =
        text(headers, "x-terminal").ok_or_else(|| problem::invalid("X-Terminal", "缺少 X-Terminal"))?;
    TerminalId::new(given).map_err(|error| problem::invalid("X-Terminal", error.to_string()))
}

/// A header as text; none if it is missing or not text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Compares digests, so that the time taken tells nothing of where two secrets differ.
fn same(given: &str, right: &str) -> bool {
    Sha256::digest(given) == Sha256::digest(right)
}
