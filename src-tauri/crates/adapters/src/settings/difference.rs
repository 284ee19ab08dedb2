//! What changed between two settings, as the audit log tells it.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::Settings;

/// The settings that the log follows; the rest says what the file is. None of them is a secret.
const FOLLOWED: [&str; 6] = ["shop", "backend", "wechat_pay", "language", "printing", "alerts"];

/// What changed, member by member: how it was, and how it is. `None` when nothing has.
///
/// Certificates stand there by their digests: that another one was set matters, and a page of letters would bury it.
pub(crate) fn difference(before: Option<&Settings>, after: &Settings) -> Option<(Value, Value)> {
    let told = |settings: &Settings| match serde_json::to_value(settings) {
        Ok(Value::Object(mut members)) => {
            members.retain(|name, _| FOLLOWED.contains(&name.as_str()));
            Value::Object(members)
        }
        // Our own types always have a JSON form; of one that had none at least that it changed is told.
        Ok(other) => other,
        Err(_) => Value::String("unreadable".to_owned()),
    };
    let after = told(after);
    let Some(before) = before.map(told) else {
        return Some((Value::Null, shortened(after)));
    };
    let (was, is) = apart(before, after)?;
    Some((shortened(was), shortened(is)))
}

/// The members of two values that are not the same, on both sides.
fn apart(before: Value, after: Value) -> Option<(Value, Value)> {
    match (before, after) {
        (before, after) if before == after => None,
        (Value::Object(mut before), Value::Object(after)) => {
            let (mut was, mut is) = (Map::new(), Map::new());
            for (name, after) in after {
                let before = before.remove(&name).unwrap_or(Value::Null);
                if let Some((before, after)) = apart(before, after) {
                    was.insert(name.clone(), before);
                    is.insert(name, after);
                }
            }
            // What is there no more.
            for (name, before) in before {
                was.insert(name.clone(), before);
                is.insert(name, Value::Null);
            }
            Some((Value::Object(was), Value::Object(is)))
        }
        (before, after) => Some((before, after)),
    }
}

fn shortened(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| match value {
                Value::String(pem) if name.ends_with("_pem") && !pem.is_empty() => {
                    (name, Value::String(format!("sha256:{}", hex::encode(Sha256::digest(pem)))))
                }
                value => (name, shortened(value)),
            })
            .collect(),
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::example;

    #[test]
    fn only_what_changed_is_told() {
        let before = example();
        assert_eq!(difference(Some(&before), &before), None);
        let mut after = before.clone();
        after.language = "en".to_owned();
        after.printing.print_missed = true;
        let expected = (
            json!({"language": "zh-CN", "printing": {"print_missed": false}}),
            json!({"language": "en", "printing": {"print_missed": true}}),
        );
        assert_eq!(difference(Some(&before), &after), Some(expected));
    }

    #[test]
    fn another_certificate_is_told_by_its_digest() {
        let mut before = example();
        before.backend.ca_pem = Some("-----BEGIN CERTIFICATE-----".to_owned());
        let mut after = before.clone();
        after.backend.ca_pem = None;
        let (was, is) = difference(Some(&before), &after).unwrap();
        assert!(was["backend"]["ca_pem"].as_str().unwrap().starts_with("sha256:"), "{was}");
        assert_eq!(is, json!({"backend": {"ca_pem": null}}));
        let (was, is) = difference(None, &before).unwrap();
        assert_eq!((was, &is["shop"]["id"]), (Value::Null, &json!("s1")));
        assert!(!is.to_string().contains("BEGIN"), "{is}");
    }
}
