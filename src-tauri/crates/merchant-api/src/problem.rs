use std::fmt;

use domain::{Order, RefundRequest};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::wire;
use crate::words::ProblemCode;

/// What the server says of a request that it refused (RFC 9457).
///
/// Its Debug form leaves out everything that people typed, since errors end up in logs.
#[derive(Clone, PartialEq)]
pub struct Problem {
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// For machines.
    pub code: ProblemCode,
    /// For people, in the language that was asked for.
    pub title: String,
    /// For people, more closely.
    pub detail: Option<String>,
    /// Which member, parameter or header was wrong.
    pub field: Option<String>,
    /// The same request may succeed later.
    pub retryable: bool,
    /// The object as it is now, on `state_conflict` and `version_conflict`. `None` also when it cannot be read.
    pub current: Option<Current>,
}

/// The object that a conflict is about.
#[derive(Clone, PartialEq)]
pub enum Current {
    /// An order.
    Order(Box<Order>),
    /// A refund request.
    RefundRequest(Box<RefundRequest>),
}

#[derive(Deserialize)]
struct Document<'a> {
    /// Required by the schema, and a sign that no other JSON of some proxy was taken for a problem.
    #[serde(rename = "type")]
    _type: String,
    title: String,
    #[serde(rename = "status")]
    _status: u16,
    #[serde(default)]
    detail: Option<String>,
    code: String,
    #[serde(default)]
    retryable: Option<bool>,
    #[serde(default)]
    field: Option<String>,
    /// Read apart, so that a foul object does not hide the refusal.
    #[serde(default, borrow)]
    current: Option<&'a RawValue>,
}

impl Problem {
    /// The problem, if the reply is a problem document of the contract.
    pub(crate) fn read(status: u16, text: &str) -> Option<Problem> {
        let document: Document<'_> = serde_json::from_str(text).ok()?;
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
        if !(1..=64).contains(&document.code.len()) || !document.code.bytes().all(word) {
            return None;
        }
        Some(Problem {
            status,
            code: document.code.into(),
            title: document.title,
            detail: document.detail,
            field: document.field,
            retryable: document.retryable.unwrap_or(false),
            current: document.current.and_then(|current| Current::read(current.get())),
        })
    }
}

impl Current {
    fn read(text: &str) -> Option<Current> {
        #[derive(Deserialize)]
        struct Telltale {
            /// A refund request always has it, an order never.
            order_id: Option<IgnoredAny>,
        }
        let telltale: Telltale = serde_json::from_str(text).ok()?;
        if telltale.order_id.is_some() {
            let request: wire::RefundRequest = serde_json::from_str(text).ok()?;
            request.try_into().ok().map(|request| Current::RefundRequest(Box::new(request)))
        } else {
            let order: wire::Order = serde_json::from_str(text).ok()?;
            order.try_into().ok().map(|order| Current::Order(Box::new(order)))
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Problem")
            .field("status", &self.status)
            .field("code", &self.code.as_str())
            .field("retryable", &self.retryable)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Current::Order(order) => write!(formatter, "Order({}, v{})", order.id, order.version),
            Current::RefundRequest(request) => {
                write!(formatter, "RefundRequest({}, v{})", request.id, request.version)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: &str = r#"{"id":"r1","order_id":"1","version":2,"state":"processing","kind":"refund_only",
        "amount_fen":500,"max_fen":500,"requested_at":"2025-06-01T11:00:00+08:00","reason_text":"张三","payout":{"state":"processing"}}"#;

    fn problem(members: &str) -> Option<Problem> {
        Problem::read(409, &format!(r#"{{"type":"t","title":"张三","status":409{members}}}"#))
    }

    #[test]
    fn a_conflict_carries_the_object_as_it_is_now() {
        let problem = problem(&format!(r#","code":"state_conflict","current":{CURRENT}"#)).unwrap();
        assert!(matches!(&problem.current, Some(Current::RefundRequest(request)) if request.version == 2));
        assert!(!format!("{problem:?}").contains("张三"), "{problem:?}");
    }

    #[test]
    fn a_foul_object_does_not_hide_the_refusal() {
        for current in
            [r#"{"id":7}"#, "null", "[]", r#"{"order_id":"\ud83d"}"#, &CURRENT.replace("500", "-1")]
        {
            let problem = problem(&format!(r#","code":"state_conflict","current":{current}"#)).unwrap();
            assert_eq!((problem.code, problem.current), (ProblemCode::StateConflict, None), "{current}");
        }
    }

    #[test]
    fn other_json_is_no_problem_document() {
        for members in ["", r#","code":7"#, r#","code":"""#, r#","code":"two words""#] {
            assert_eq!(problem(members), None, "{members}");
        }
        assert_eq!(Problem::read(502, r#"{"code":"bad_gateway","message":"no"}"#), None);
        assert_eq!(Problem::read(502, "<html>"), None);
    }
}
