//! One order: reading it, the merchant's note.

use merchant_api::wire::ChangeReason;
use serde::Deserialize;

use super::problem::{self, Refused};
use super::{Backend, Call, Reply, etag};

/// The schema NoteRequest. An absent text is refused, a null one takes the note away.
#[derive(Deserialize)]
struct NoteRequest {
    #[serde(deserialize_with = "Option::deserialize")]
    text: Option<String>,
}

impl Backend {
    pub(super) fn order(&self, id: &str, call: &Call) -> Result<Reply, Refused> {
        let store = self.store();
        let order = store.order(id).ok_or_else(problem::not_found)?;
        let etag = etag(order.version);
        if call.has(&etag) {
            return Ok(Reply::not_modified(etag));
        }
        Ok(Reply::versioned(order, order.version))
    }

    pub(super) fn refund_request(&self, id: &str, call: &Call) -> Result<Reply, Refused> {
        let store = self.store();
        let request = store.request(id).ok_or_else(problem::not_found)?;
        let etag = etag(request.version);
        if call.has(&etag) {
            return Ok(Reply::not_modified(etag));
        }
        Ok(Reply::versioned(request, request.version))
    }

    pub(super) fn note(&self, id: &str, call: &Call) -> Result<Reply, Refused> {
        let NoteRequest { text } = call.read()?;
        if text.as_ref().is_some_and(|text| text.chars().count() > 2_000) {
            return Err(problem::invalid("text", "最多 2000 个字符"));
        }
        let mut store = self.store();
        let known = store.order(id).ok_or_else(problem::not_found)?;
        if known.merchant_note == text {
            return Ok(Reply::versioned(known, known.version));
        }
        let changed =
            store.change_order(id, ChangeReason::NoteChanged, call.now, |order| order.merchant_note = text);
        let order = changed.ok_or_else(problem::not_found)?;
        Ok(Reply::versioned(&order, order.version))
    }
}
