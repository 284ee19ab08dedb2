//! How a row is bound to the one before it.
//!
//! The hash of a row is SHA-256 over
//!
//! ```text
//! "zhanggui audit row 1\n"  previous_hash  at_ms  who  terminal  kind  order_id  request_id  out_refund_no  before
//! after  seq
//! ```
//!
//! where each member is one byte for its type (0 null, 1 integer, 2 text) and then, for an integer its 8 bytes, for a
//! text its length in 8 bytes and its bytes in UTF-8; numbers are big-endian and in two's complement. Nothing can move
//! from one member to the next without another length, which simply joined texts would allow, and the first line keeps
//! rows of a later form from being read as rows of this one.
//!
//! The chain has no key: nobody on this PC could keep one from a person who can write the file. It shows what was done by
//! hand or by a tool that does not know it. Whoever writes every later row anew is found only by somebody who kept the
//! head's hash elsewhere, which is why `audit verify` prints it and an export holds every hash.

use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

/// What stands for the hash before the first row.
pub(crate) const BEFORE_THE_FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The members between `previous_hash` and `seq`, in the order in which they are hashed.
pub(crate) const MEMBERS: &str =
    "at_ms, who, terminal, kind, order_id, request_id, out_refund_no, before, after";

/// How many they are.
pub(crate) const MEMBER_COUNT: usize = 9;

/// A place of the chain: a row's number and hash, or 0 and as many zeros before the first row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLink {
    /// The row's number, from 1; 0: before the first.
    pub seq: i64,
    /// Its hash, 64 lower-case hex digits.
    pub hash: String,
}

impl AuditLink {
    pub(crate) fn before_the_first() -> AuditLink {
        AuditLink { seq: 0, hash: BEFORE_THE_FIRST.to_owned() }
    }

    /// As the head is stored.
    pub(crate) fn to_text(&self) -> String {
        format!("{} {}", self.seq, self.hash)
    }

    pub(crate) fn from_text(text: &str) -> Option<AuditLink> {
        let (seq, hash) = text.split_once(' ')?;
        Some(AuditLink { seq: seq.parse().ok()?, hash: hash.to_owned() })
    }
}

/// A row on its way to its hash: all but its number, which comes last so that it can be looked for.
#[derive(Clone)]
pub(crate) struct Unnumbered(Sha256);

impl Unnumbered {
    pub(crate) fn new<'a>(
        previous_hash: ValueRef<'a>,
        members: impl IntoIterator<Item = ValueRef<'a>>,
    ) -> Unnumbered {
        let mut hash = Sha256::new_with_prefix("zhanggui audit row 1\n");
        feed(&mut hash, previous_hash);
        members.into_iter().for_each(|member| feed(&mut hash, member));
        Unnumbered(hash)
    }

    /// The hash that the row has under this number, in hex.
    pub(crate) fn hash_as(&self, seq: i64) -> String {
        let mut hash = self.0.clone();
        feed(&mut hash, ValueRef::Integer(seq));
        hex::encode(hash.finalize())
    }
}

fn feed(hash: &mut Sha256, member: ValueRef<'_>) {
    let bytes = |hash: &mut Sha256, kind: u8, bytes: &[u8]| {
        hash.update([kind]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    match member {
        ValueRef::Null => hash.update([0]),
        ValueRef::Integer(number) => {
            hash.update([1]);
            hash.update(number.to_be_bytes());
        }
        ValueRef::Text(text) => bytes(hash, 2, text),
        // Never written here; in a table that somebody made anew they stand for themselves.
        ValueRef::Real(number) => bytes(hash, 3, &number.to_be_bytes()),
        ValueRef::Blob(blob) => bytes(hash, 4, blob),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(members: &[ValueRef<'_>], seq: i64) -> String {
        Unnumbered::new(ValueRef::Text(BEFORE_THE_FIRST.as_bytes()), members.iter().copied()).hash_as(seq)
    }

    /// Computed by another program from the description above: rows that were written are never hashed another way.
    #[test]
    fn the_encoding_is_the_published_one() {
        let members = [
            ValueRef::Integer(1_750_000_000_000),
            ValueRef::Text("王".as_bytes()),
            ValueRef::Text(b"till-1"),
            ValueRef::Text(b"signed_in"),
            ValueRef::Null,
            ValueRef::Null,
            ValueRef::Null,
            ValueRef::Null,
            ValueRef::Text(b"{}"),
        ];
        assert_eq!(members.len(), MEMBER_COUNT);
        assert_eq!(MEMBERS.split(", ").count(), MEMBER_COUNT);
        assert_eq!(hash(&members, 1), "bf1295976754f52dcb8a8f94a73e9dcea4fa864223a4d6b907e62bfc6c062bfa");
    }

    #[test]
    fn nothing_can_move_from_one_member_to_the_next() {
        let texts = |first: &'static str, second: &'static str| {
            hash(&[ValueRef::Text(first.as_bytes()), ValueRef::Text(second.as_bytes())], 1)
        };
        assert_ne!(texts("ab", "c"), texts("a", "bc"));
        assert_ne!(texts("", "a"), texts("a", ""));
        assert_ne!(hash(&[ValueRef::Null, ValueRef::Text(b"")], 1), texts("", ""));
        assert_ne!(hash(&[ValueRef::Integer(49)], 1), hash(&[ValueRef::Text(b"1")], 1));
        assert_ne!(texts("a", "b"), hash(&[ValueRef::Text(b"a"), ValueRef::Text(b"b")], 2));
    }

    #[test]
    fn a_place_of_the_chain_reads_back() {
        let link = AuditLink { seq: 12, hash: "ab".repeat(32) };
        assert_eq!(AuditLink::from_text(&link.to_text()), Some(link));
        assert_eq!(AuditLink::from_text("12"), None);
        assert_eq!(AuditLink::from_text("x y"), None);
    }
}
