//! The contract's HMAC scheme (R10), both halves: the client signs, a server verifies.
//!
//! The signature covers `Idempotency-Key`, `If-Match` and `X-Terminal` besides the body, because they decide whether
//! and for whom money is claimed. The protection against replay has two parts: the timestamp bounds how old a request
//! may be, and the server keeps the nonces of that time, see [`SeenNonces`].

use std::collections::HashMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The scheme's name in the `Authorization` header.
pub const SCHEME: &str = "MERCHANT-HMAC-SHA256";

/// Seconds by which the clocks of both sides may differ.
pub const TOLERANCE_S: u64 = 300;

/// What a signature covers, apart from time and nonce.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// `GET`, `POST`, `PUT`.
    pub method: &'a str,
    /// Path with query exactly as sent, percent-encoding included.
    pub path_and_query: &'a str,
    /// The body; empty if there is none.
    pub body: &'a [u8],
    /// The header `Idempotency-Key`, or empty.
    pub idempotency_key: &'a str,
    /// The header `If-Match` with its quotes, or empty.
    pub if_match: &'a str,
    /// The header `X-Terminal`.
    pub terminal: &'a str,
}

impl SignedRequest<'_> {
    /// The eight lines that are signed.
    fn text(&self, timestamp: i64, nonce: &str) -> String {
        let body = hex::encode(Sha256::digest(self.body));
        let lines = [
            self.method,
            self.path_and_query,
            &timestamp.to_string(),
            nonce,
            &body,
            self.idempotency_key,
            self.if_match,
            self.terminal,
        ];
        lines.map(|line| format!("{line}\n")).concat()
    }

    fn mac(&self, secret: &[u8], timestamp: i64, nonce: &str) -> Hmac<Sha256> {
        // HMAC takes a key of any length: it hashes long ones and pads short ones.
        #[expect(clippy::expect_used, reason = "no key length is refused")]
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        mac.update(self.text(timestamp, nonce).as_bytes());
        mac
    }

    /// Signs the request. `timestamp` is in seconds since 1970; `nonce` has 16 to 64 characters and is never used
    /// again.
    pub fn sign(&self, key_id: &str, secret: &[u8], timestamp: i64, nonce: &str) -> Authorization {
        Authorization {
            key_id: key_id.to_owned(),
            timestamp,
            nonce: nonce.to_owned(),
            signature: STANDARD.encode(self.mac(secret, timestamp, nonce).finalize().into_bytes()),
        }
    }
}

/// The value of an `Authorization` header of this scheme. It displays as the header's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Which secret.
    pub key_id: String,
    /// Seconds since 1970 on the sender's clock.
    pub timestamp: i64,
    /// 16 to 64 characters, used once.
    pub nonce: String,
    /// Base64.
    pub signature: String,
}

impl Authorization {
    /// Reads a header's value. Parameters may stand in any order, with blanks after the commas.
    pub fn parse(header: &str) -> Result<Authorization, Refusal> {
        let parameters = header.strip_prefix(SCHEME).ok_or(Refusal::Malformed)?;
        let mut found: HashMap<&str, &str> = HashMap::new();
        for parameter in parameters.split(',') {
            let (name, quoted) = parameter.trim().split_once('=').ok_or(Refusal::Malformed)?;
            let value = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            if found.insert(name, value.ok_or(Refusal::Malformed)?).is_some() {
                return Err(Refusal::Malformed);
            }
        }
        let take = |name| found.get(name).map(|&value| value.to_owned()).ok_or(Refusal::Malformed);
        let nonce = take("nonce")?;
        if !(16..=64).contains(&nonce.len()) {
            return Err(Refusal::Malformed);
        }
        Ok(Authorization {
            key_id: take("key_id")?,
            timestamp: take("timestamp")?.parse().map_err(|_| Refusal::Malformed)?,
            nonce,
            signature: take("signature")?,
        })
    }

    /// Whether the signature is of this request and recent at `now` (seconds since 1970). The server then still has
    /// to ask [`SeenNonces`].
    pub fn verify(&self, request: &SignedRequest<'_>, secret: &[u8], now: i64) -> Result<(), Refusal> {
        let signature = STANDARD.decode(&self.signature).map_err(|_| Refusal::Malformed)?;
        // Compares in constant time.
        request
            .mac(secret, self.timestamp, &self.nonce)
            .verify_slice(&signature)
            .map_err(|_| Refusal::WrongSignature)?;
        // After the signature: only who knows the secret is told about clocks.
        if now.abs_diff(self.timestamp) > TOLERANCE_S { Err(Refusal::ClockOff) } else { Ok(()) }
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Authorization { key_id, timestamp, nonce, signature } = self;
        write!(
            formatter,
            r#"{SCHEME} key_id="{key_id}",timestamp="{timestamp}",nonce="{nonce}",signature="{signature}""#
        )
    }
}

/// Why a server does not accept a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The header is not one of this scheme.
    #[error("the Authorization header is malformed")]
    Malformed,
    /// Another secret, or another request.
    #[error("the signature does not fit")]
    WrongSignature,
    /// The clocks differ by more than [`TOLERANCE_S`].
    #[error("the clocks differ by more than {TOLERANCE_S} s")]
    ClockOff,
}

/// The nonces of the time in which a signature counts.
#[derive(Debug, Default)]
pub struct SeenNonces(HashMap<(String, String), i64>);

impl SeenNonces {
    /// Whether this nonce is used for the first time; it is remembered. Only for signatures that were verified, so
    /// that a stranger cannot fill the memory. `now` is in seconds since 1970.
    pub fn is_first_use(&mut self, authorization: &Authorization, now: i64) -> bool {
        self.0.retain(|_, timestamp| now.abs_diff(*timestamp) <= TOLERANCE_S);
        let key = (authorization.key_id.clone(), authorization.nonce.clone());
        self.0.insert(key, authorization.timestamp).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"hmac-example-secret-0123456789";
    const NONCE: &str = "b7c1d2e3f4a59687b7c1d2e3f4a59687";
    const TIMESTAMP: i64 = 1_748_744_430;

    /// The request of `merchant-api.yaml`, R10.
    fn example() -> SignedRequest<'static> {
        SignedRequest {
            method: "POST",
            path_and_query: "/merchant/v1/refund-requests/r1/decision",
            body: br#"{"decision":"approve","step":"refund","amount_fen":500,"refund_no":"mr1-9a43203f9db53222efb006dbaa2e4f7a"}"#,
            idempotency_key: "3f2b8c1e-0d4a-4c55-9a57-5b7c8f1f7a10",
            if_match: "\"v1\"",
            terminal: "till-1",
        }
    }

    #[test]
    fn the_worked_example_of_the_contract_comes_out() {
        let signed = example().sign("k1", SECRET, TIMESTAMP, NONCE);
        assert_eq!(signed.signature, "FYTb36UppZ7OLg5NuzNGlxV684wTYRL+XPxbPVoi7Ts=");
    }

    #[test]
    fn what_is_signed_verifies_after_the_header_was_read_again() {
        let signed = example().sign("k1", SECRET, TIMESTAMP, NONCE);
        let read = Authorization::parse(&signed.to_string()).unwrap();
        assert_eq!(read, signed);
        assert_eq!(read.verify(&example(), SECRET, TIMESTAMP + 300), Ok(()));
        assert_eq!(read.verify(&example(), SECRET, TIMESTAMP + 301), Err(Refusal::ClockOff));
        assert_eq!(read.verify(&example(), SECRET, TIMESTAMP - 301), Err(Refusal::ClockOff));
    }

    #[test]
    fn every_line_counts() {
        let signed = example().sign("k1", SECRET, TIMESTAMP, NONCE);
        let others = [
            SignedRequest { method: "PUT", ..example() },
            SignedRequest { path_and_query: "/merchant/v1/refund-requests/r2/decision", ..example() },
            SignedRequest { body: b"{}", ..example() },
            SignedRequest { idempotency_key: "", ..example() },
            SignedRequest { if_match: "\"v2\"", ..example() },
            SignedRequest { terminal: "till-2", ..example() },
        ];
        for other in others {
            assert_eq!(signed.verify(&other, SECRET, TIMESTAMP), Err(Refusal::WrongSignature), "{other:?}");
        }
        assert_eq!(signed.verify(&example(), b"another", TIMESTAMP), Err(Refusal::WrongSignature));
        let later = Authorization { timestamp: TIMESTAMP + 1, ..signed };
        assert_eq!(later.verify(&example(), SECRET, TIMESTAMP), Err(Refusal::WrongSignature));
    }

    #[test]
    fn a_header_of_another_form_is_malformed() {
        for header in [
            "",
            "Bearer x",
            SCHEME,
            "MERCHANT-HMAC-SHA256 key_id=\"k\"",
            "MERCHANT-HMAC-SHA256 key_id=\"k\",timestamp=\"1\",nonce=\"short\",signature=\"\"",
            "MERCHANT-HMAC-SHA256 key_id=\"k\",timestamp=\"x\",nonce=\"b7c1d2e3f4a59687\",signature=\"\"",
            "MERCHANT-HMAC-SHA256 key_id=\"k\",key_id=\"k\",timestamp=\"1\",nonce=\"b7c1d2e3f4a59687\",signature=\"\"",
        ] {
            assert_eq!(Authorization::parse(header), Err(Refusal::Malformed), "{header}");
        }
    }

    #[test]
    fn a_nonce_counts_once_while_its_signature_does() {
        let signed = example().sign("k1", SECRET, TIMESTAMP, NONCE);
        let mut seen = SeenNonces::default();
        assert!(seen.is_first_use(&signed, TIMESTAMP));
        assert!(!seen.is_first_use(&signed, TIMESTAMP + 300));
        let of_another_key = Authorization { key_id: "k2".to_owned(), ..signed.clone() };
        assert!(seen.is_first_use(&of_another_key, TIMESTAMP));
        assert!(seen.is_first_use(&signed, TIMESTAMP + 301), "forgotten: its time is over anyway");
    }
}
