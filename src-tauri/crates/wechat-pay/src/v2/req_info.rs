//! `req_info`, the sealed part of a refund notice (sheet section 8): base64 of AES-256 in ECB mode with PKCS#7 padding,
//! keyed with the 32 characters of the lower-case hex MD5 of the API key.
//!
//! Nothing authenticates this cipher. What comes out is a hint to ask `refundquery`, never proof.

use aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Secret;
use ecb::cipher::block_padding::Pkcs7;
use ecb::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit};
use md5::{Digest, Md5};
use thiserror::Error;
use zeroize::Zeroizing;

/// AES block size.
const BLOCK_BYTES: usize = 16;

/// Why `req_info` cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReqInfoError {
    /// It is not base64.
    #[error("req_info is not base64")]
    Base64,
    /// It is empty or not a multiple of 16 bytes.
    #[error("req_info is no whole number of cipher blocks")]
    Length,
    /// The padding is wrong: in nearly all cases another API key.
    #[error("req_info does not open with this API key")]
    Padding,
    /// What came out is not text.
    #[error("the opened req_info is not UTF-8")]
    Encoding,
}

impl ReqInfoError {
    /// The kind of trouble as a word: `base64`, `length`, `padding` or `encoding`.
    pub fn reason(&self) -> &'static str {
        match self {
            ReqInfoError::Base64 => "base64",
            ReqInfoError::Length => "length",
            ReqInfoError::Padding => "padding",
            ReqInfoError::Encoding => "encoding",
        }
    }
}

/// Seals a plaintext as the gateway does.
pub(crate) fn seal(key: &Secret<String>, plaintext: &str) -> String {
    let cipher = ecb::Encryptor::<Aes256>::new((&*cipher_key(key)).into());
    let mut sealed = vec![0; (plaintext.len() / BLOCK_BYTES + 1) * BLOCK_BYTES];
    // The buffer has room for the padding by construction, so there is no error to hand on.
    let bytes = cipher.encrypt_padded_b2b::<Pkcs7>(plaintext.as_bytes(), &mut sealed).unwrap_or_default();
    STANDARD.encode(bytes)
}

/// Opens `req_info` with the API key.
pub(crate) fn open(key: &Secret<String>, req_info: &str) -> Result<String, ReqInfoError> {
    open_with(&cipher_key(key), req_info)
}

/// Opens it with the cipher's own key.
pub(crate) fn open_with(cipher_key: &[u8; 32], req_info: &str) -> Result<String, ReqInfoError> {
    // The document may have wrapped the lines, and white space is no part of base64.
    let compact: String = req_info.split_ascii_whitespace().collect();
    let mut bytes = STANDARD.decode(compact).map_err(|_| ReqInfoError::Base64)?;
    if bytes.is_empty() || bytes.len() % BLOCK_BYTES != 0 {
        return Err(ReqInfoError::Length);
    }
    let plaintext = ecb::Decryptor::<Aes256>::new(cipher_key.into())
        .decrypt_padded::<Pkcs7>(&mut bytes)
        .map_err(|_| ReqInfoError::Padding)?;
    String::from_utf8(plaintext.to_vec()).map_err(|_| ReqInfoError::Encoding)
}

/// Hex keeps leading zeros, so the key always has its 32 characters; a peer that lost them got 31 bytes.
pub(crate) fn cipher_key(key: &Secret<String>) -> Zeroizing<[u8; 32]> {
    let mut hex_digits = Zeroizing::new([0; 32]);
    let digest = Zeroizing::new(<[u8; 16]>::from(Md5::digest(key.expose())));
    // 16 bytes are always 32 digits.
    let _ = hex::encode_to_slice(*digest, &mut *hex_digits);
    hex_digits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_sealed_opens(text in any::<String>(), key in "[a-z0-9]{32}") {
            let key = Secret::new(key);
            prop_assert_eq!(open(&key, &seal(&key, &text)), Ok(text));
        }

        #[test]
        fn any_text_opens_or_is_an_error(text in "[A-Za-z0-9+/= \n]{0,120}") {
            let _ = open(&Secret::new("k".to_owned()), &text);
        }
    }
}
