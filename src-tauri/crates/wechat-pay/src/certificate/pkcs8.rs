//! The envelope of PKCS#8 (RFC 5208) around an RSA key, which old tools write bare.

use domain::Secret;
use zeroize::Zeroizing;

/// `INTEGER 0` and the algorithm `rsaEncryption` with its `NULL`.
const VERSION_AND_ALGORITHM: [u8; 18] = [
    0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
    0x00,
];
const SEQUENCE: u8 = 0x30;
const OCTET_STRING: u8 = 0x04;

/// Wraps a PKCS#1 key, which is then read like all others.
pub(super) fn wrap_rsa(pkcs1: &Secret<Vec<u8>>) -> Secret<Vec<u8>> {
    let mut content = Zeroizing::new(VERSION_AND_ALGORITHM.to_vec());
    push(&mut content, OCTET_STRING, pkcs1.expose());
    let mut wrapped = Vec::with_capacity(content.len() + 6);
    push(&mut wrapped, SEQUENCE, &content);
    Secret::new(wrapped)
}

/// Appends a DER value with its tag and length.
fn push(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    let length = content.len().to_be_bytes();
    let significant = length.iter().position(|byte| *byte != 0).map_or(&[][..], |first| &length[first..]);
    match significant {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        long => {
            // A length has at most eight bytes, so the count fits the seven bits.
            out.push(0x80 | long.len() as u8);
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(content);
}
