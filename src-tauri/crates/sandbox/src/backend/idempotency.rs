//! Replies kept under their `Idempotency-Key` (contract R4).
//!
//! The store's lock is held from the look-up to the change, so that a key is never "still being worked on".

use std::collections::HashMap;

use merchant_api::wire::ProblemCode;
use sha2::{Digest, Sha256};

use super::problem::{self, Refused};
use super::{Call, Reply};

/// All replies of this run; the contract's seven days are longer than a sandbox lives.
#[derive(Default)]
pub(super) struct Replies(HashMap<String, Kept>);

struct Kept {
    request: [u8; 32],
    reply: Reply,
}

impl Replies {
    /// The stored reply, if the same request came before under this key.
    pub(super) fn find(&self, key: &str, call: &Call) -> Result<Option<Reply>, Refused> {
        match self.0.get(key) {
            None => Ok(None),
            Some(kept) if kept.request == digest(call) => {
                Ok(Some(Reply { replayed: true, ..kept.reply.clone() }))
            }
            Some(_) => Err(problem::unprocessable(
                ProblemCode::IdempotencyKeyReused,
                "Idempotency-Key",
                "该 Idempotency-Key 已用于另一请求",
            )),
        }
    }

    /// Keeps a reply; only for calls that changed something.
    pub(super) fn keep(&mut self, key: &str, call: &Call, reply: &Reply) {
        self.0.insert(key.to_owned(), Kept { request: digest(call), reply: reply.clone() });
    }
}

fn digest(call: &Call) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(format!("{} {}\n", call.method, call.path));
    digest.update(&call.body);
    digest.finalize().into()
}
