//! The signature of API v2 (sheet section 2).
//!
//! Every field with a value takes part, known or not, sorted by the bytes of its name; `sign` itself does not. The
//! key stands at the end of the text in both algorithms, and keys the HMAC as well.

use std::fmt;
use std::str::FromStr;

use domain::Secret;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use thiserror::Error;

use super::Fields;

/// Which algorithm signs a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SignType {
    /// 32 upper-case hex digits. What a request without `sign_type` uses.
    #[default]
    Md5,
    /// 64 upper-case hex digits. A request must name it in `sign_type`.
    HmacSha256,
}

impl SignType {
    /// The word as it stands in `sign_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            SignType::Md5 => "MD5",
            SignType::HmacSha256 => "HMAC-SHA256",
        }
    }
}

impl fmt::Display for SignType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for SignType {
    type Err = SignError;

    fn from_str(word: &str) -> Result<SignType, SignError> {
        match word {
            "MD5" => Ok(SignType::Md5),
            "HMAC-SHA256" => Ok(SignType::HmacSha256),
            _ => Err(SignError::UnknownSignType { word: word.chars().take(32).collect() }),
        }
    }
}

/// Why a message's signature is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignError {
    /// There is no `sign`, or it is empty.
    #[error("the message carries no sign")]
    Missing,
    /// The signature is not the one of these fields and this key.
    #[error("the sign does not fit the message and the API key")]
    Mismatch,
    /// `sign_type` of a request is a word that the protocol does not know.
    #[error("{word:?} is not a sign_type")]
    UnknownSignType {
        /// The word, cut to 32 characters.
        word: String,
    },
}

/// The signature: 32 or 64 upper-case hex digits.
pub fn sign(fields: &Fields, key: &Secret<String>, sign_type: SignType) -> String {
    let key = key.expose();
    match sign_type {
        SignType::Md5 => {
            let mut digest = Md5::new();
            each_piece(fields, key, |piece| digest.update(piece));
            upper_hex(&digest.finalize())
        }
        SignType::HmacSha256 => {
            let mut mac = keyed(key);
            each_piece(fields, key, |piece| mac.update(piece.as_bytes()));
            upper_hex(&mac.finalize().into_bytes())
        }
    }
}

/// The text that is signed. It ends in the API key, so it is for tests and for a person who compares step by step,
/// never for a log; [`sign`] works without building it.
pub fn string_to_sign(fields: &Fields, key: &str) -> String {
    let mut text = String::new();
    each_piece(fields, key, |piece| text.push_str(piece));
    text
}

/// Checks the `sign` of an answer or of a payment notice: its length says which algorithm made it, as in the official
/// PHP library, because answers rarely carry `sign_type`.
///
/// Only upper-case hex is accepted: the gateway never sends anything else, and one spelling is one thing less to think
/// about.
pub fn verify_answer(fields: &Fields, key: &Secret<String>) -> Result<SignType, SignError> {
    let sign_type = answer_sign_type(fields);
    verify(fields, key, sign_type).map(|()| sign_type)
}

/// Checks the `sign` of a request, as the gateway does: the field `sign_type` alone decides, and absent means MD5.
pub fn verify_request(fields: &Fields, key: &Secret<String>) -> Result<SignType, SignError> {
    let sign_type = fields.text("sign_type").map_or(Ok(SignType::Md5), str::parse)?;
    verify(fields, key, sign_type).map(|()| sign_type)
}

/// The algorithm that the length of an answer's `sign` points to.
pub(crate) fn answer_sign_type(fields: &Fields) -> SignType {
    match fields.get("sign").map(str::len) {
        Some(64) => SignType::HmacSha256,
        _ => SignType::Md5,
    }
}

fn verify(fields: &Fields, key: &Secret<String>, sign_type: SignType) -> Result<(), SignError> {
    let given = fields.text("sign").ok_or(SignError::Missing)?;
    let right = sign(fields, key, sign_type);
    if right.as_bytes().ct_eq(given.as_bytes()).into() { Ok(()) } else { Err(SignError::Mismatch) }
}

/// Hands out the text to sign piece by piece, so that the digest needs no copy of message and key.
fn each_piece(fields: &Fields, key: &str, mut take: impl FnMut(&str)) {
    let mut pairs: Vec<(&str, &str)> =
        fields.iter().filter(|(name, value)| !value.is_empty() && *name != "sign").collect();
    pairs.sort_unstable_by_key(|(name, _)| *name);
    for (name, value) in pairs {
        for piece in [name, "=", value, "&"] {
            take(piece);
        }
    }
    take("key=");
    take(key);
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104, section 3)")]
fn keyed(key: &str) -> Hmac<Sha256> {
    Hmac::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length")
}

fn upper_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Secret<String> {
        Secret::new("192006250b4c09247ec02edce69f6a2d".to_owned())
    }

    fn signed(sign_type: SignType) -> Fields {
        let mut fields = Fields::new().with("nonce_str", "n").with("total_fee", "1");
        let sign = sign(&fields, &key(), sign_type);
        fields.push("sign", &sign);
        fields
    }

    #[test]
    fn an_answer_is_verified_by_the_length_of_its_sign() {
        for sign_type in [SignType::Md5, SignType::HmacSha256] {
            assert_eq!(verify_answer(&signed(sign_type), &key()), Ok(sign_type));
        }
    }

    #[test]
    fn a_request_without_sign_type_is_md5_whatever_the_length() {
        assert_eq!(verify_request(&signed(SignType::Md5), &key()), Ok(SignType::Md5));
        assert_eq!(verify_request(&signed(SignType::HmacSha256), &key()), Err(SignError::Mismatch));
    }

    #[test]
    fn an_unknown_sign_type_is_named() {
        let fields = Fields::new().with("sign_type", "SM3").with("sign", "00");
        assert_eq!(
            verify_request(&fields, &key()),
            Err(SignError::UnknownSignType { word: "SM3".to_owned() })
        );
    }

    #[test]
    fn lower_case_and_empty_signs_are_refused() {
        let mut fields = signed(SignType::Md5);
        let lower = fields.get("sign").unwrap().to_lowercase();
        fields.remove("sign");
        assert_eq!(verify_answer(&fields.clone().with("sign", &lower), &key()), Err(SignError::Mismatch));
        assert_eq!(verify_answer(&fields.clone().with("sign", ""), &key()), Err(SignError::Missing));
        assert_eq!(verify_answer(&fields, &key()), Err(SignError::Missing));
    }
}
