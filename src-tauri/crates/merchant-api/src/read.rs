//! Reading JSON so that an error names the member and tells nothing of what stood in it.

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use thiserror::Error;

/// A member of an object is missing, has the wrong type or form, or is out of range.
///
/// It names the member but never shows its value: values are names, phone numbers and notes of customers, and
/// errors end up in logs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{member}: {reason}")]
pub struct InvalidMember {
    /// The path to the member, `payment.total_fen` or `lines[2].qty`; `.` for the whole object.
    pub member: String,
    /// What is wrong with it.
    pub reason: String,
}

impl InvalidMember {
    pub(crate) fn new(member: impl Into<String>, reason: impl Into<String>) -> Self {
        InvalidMember { member: member.into(), reason: reason.into() }
    }
}

/// Reads one JSON value and nothing after it, for a server that has to name the member in `field` of its problem
/// document, and for the client itself.
pub fn read_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, InvalidMember> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        describe(path, error.inner())
    })?;
    deserializer.end().map_err(|error| describe(".".to_owned(), &error))?;
    Ok(value)
}

fn describe(path: String, error: &serde_json::Error) -> InvalidMember {
    match error.classify() {
        Category::Data => {
            let message = error.to_string();
            if let Some(name) = missing_field(&message) {
                let member = if path == "." { name.to_owned() } else { format!("{path}.{name}") };
                return InvalidMember::new(member, "is missing");
            }
            let reason = match number_or_keyword(&message) {
                Some(found) => format!("is {found}"),
                None => "does not have the type or form that the contract gives it".to_owned(),
            };
            InvalidMember::new(path, reason)
        }
        // Messages of these kinds speak of places and tokens only, never of content.
        Category::Syntax | Category::Eof | Category::Io => InvalidMember::new(path, error.to_string()),
    }
}

fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// The part of "invalid type: …" that is safe to show: what kind of thing stood there.
fn number_or_keyword(message: &str) -> Option<&'static str> {
    let found = message.strip_prefix("invalid type: ")?;
    ["floating point", "integer", "boolean", "string", "null", "map", "sequence"].into_iter().find_map(
        |kind| {
            found.starts_with(kind).then_some(match kind {
                "floating point" => "a number with a fraction or an exponent",
                "integer" => "a number",
                "boolean" => "true or false",
                "string" => "text",
                "null" => "null",
                "map" => "an object",
                _ => "a list",
            })
        },
    )
}

/// The reply as text. Bytes that are not UTF-8 become an escape that no JSON string may contain, so that they spoil
/// the one string they stand in: the rest of a page can still be read.
pub(crate) fn to_text(body: Vec<u8>) -> String {
    match String::from_utf8(body) {
        Ok(text) => text,
        Err(error) => {
            let body = error.into_bytes();
            let mut text = String::with_capacity(body.len() + 16);
            for chunk in body.utf8_chunks() {
                text.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    text.push_str("\\udc00");
                }
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;

    fn error(json: &str) -> InvalidMember {
        read_json::<wire::RefundLine>(json.as_bytes()).unwrap_err()
    }

    #[test]
    fn an_error_names_the_member() {
        assert_eq!(error(r#"{"order_line_id":"1"}"#), InvalidMember::new("qty", "is missing"));
        let float = InvalidMember::new("qty", "is a number with a fraction or an exponent");
        assert_eq!(error(r#"{"order_line_id":"1","qty":1.0}"#), float);
        assert_eq!(error(r#"{"order_line_id":"1","qty":1e0}"#), float);
        let inner = read_json::<wire::OrderPage>(br#"{"has_more":false,"items":[{"id":7}]}"#).unwrap_err();
        assert_eq!(inner, InvalidMember::new("items[0].id", "is a number"));
    }

    #[test]
    fn an_error_does_not_show_what_stood_there() {
        let wrong = [r#""13800001234""#, r#"["13800001234"]"#, r#"{"phone":"13800001234"}"#];
        for value in wrong {
            let shown = format!("{:?}", error(&format!(r#"{{"order_line_id":"1","qty":{value}}}"#)));
            assert!(!shown.contains("1380"), "{shown}");
        }
        let id = read_json::<wire::PayoutReport>(br#"{"refund_no":"no such / form"}"#).unwrap_err();
        assert!(id.member == "refund_no" && !id.reason.contains("form /"), "{id}");
    }

    #[test]
    fn bytes_that_are_not_text_spoil_only_their_string() {
        let text = to_text(b"[\"a\",\"\xff\xfe\",\"b\"]".to_vec());
        let items: Vec<&serde_json::value::RawValue> = serde_json::from_str(&text).unwrap();
        let read: Vec<_> = items.iter().map(|item| serde_json::from_str::<String>(item.get()).ok()).collect();
        assert_eq!(read, [Some("a".to_owned()), None, Some("b".to_owned())]);
    }

    #[test]
    fn nothing_may_follow() {
        assert!(read_json::<u8>(b"1 2").is_err());
        assert_eq!(read_json::<u8>(b" 1 \n"), Ok(1));
    }
}
