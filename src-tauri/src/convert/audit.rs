use std::collections::BTreeMap;

use adapters::audit::AuditFormat;
use adapters::fault::Fault;
use mirror::{AuditCheck, AuditFault, AuditFilter, AuditKind, AuditRow};
use serde_json::Value;

use super::counted;
use crate::dto;
use crate::dto::AuditSeq;

/// Which rows are wanted.
pub(crate) fn audit_filter(query: dto::AuditQuery) -> Result<AuditFilter, Fault> {
    let unknown = || Fault::new("internal", Vec::new());
    Ok(AuditFilter {
        search: Some(query.search),
        kind: query.kind.map(|word| AuditKind::from_word(&word).ok_or_else(unknown)).transpose()?,
        who: query.who,
        from: query.from_ms.map(Into::into),
        until: query.until_ms.map(Into::into),
        ..AuditFilter::default()
    })
}

/// A row, with the number of its order.
pub(crate) fn audit_entry(row: AuditRow, order_number: Option<String>) -> dto::AuditEntry {
    dto::AuditEntry {
        seq: AuditSeq(row.seq),
        at_ms: row.at.into(),
        who: row.who,
        terminal: row.terminal,
        kind: row.kind,
        order_id: row.order_id,
        order_number,
        request_id: row.request_id,
        out_refund_no: row.out_refund_no,
        facts: facts(row.before.as_ref(), row.after.as_ref()),
        hash: row.hash,
    }
}

/// Every particular of before and after, side by side and by name. What is told to be nothing is an empty text, and what
/// nothing is told about is none; what was nothing and is nothing is left out.
fn facts(before: Option<&Value>, after: Option<&Value>) -> Vec<dto::AuditFact> {
    let mut all: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
    let mut told = Vec::new();
    flatten("", before, &mut told);
    for (name, value) in told.drain(..) {
        all.entry(name).or_default().0 = Some(value);
    }
    flatten("", after, &mut told);
    for (name, value) in told {
        all.entry(name).or_default().1 = Some(value);
    }
    let says = |side: &Option<String>| side.as_ref().is_some_and(|text| !text.is_empty());
    all.into_iter()
        .filter(|(_, (before, after))| says(before) || says(after))
        .map(|(name, (before, after))| dto::AuditFact { name, before, after })
        .collect()
}

/// A tree of members as names with dots and places, and each value as text.
fn flatten(name: &str, value: Option<&Value>, told: &mut Vec<(String, String)>) {
    let Some(value) = value else { return };
    match value {
        Value::Null if name.is_empty() => {}
        Value::Null => told.push((name.to_owned(), String::new())),
        Value::Object(members) => {
            for (member, value) in members {
                // A connection tells of its settings beside the secrets, and of those before without.
                let name = if member == "settings" && name.is_empty() {
                    String::new()
                } else if name.is_empty() {
                    member.clone()
                } else {
                    format!("{name}.{member}")
                };
                flatten(&name, Some(value), told);
            }
        }
        // As the rules of printing are: each by its place.
        Value::Array(all) if all.iter().any(Value::is_object) => {
            for (place, value) in all.iter().enumerate() {
                flatten(&format!("{name}.{}", place + 1), Some(value), told);
            }
        }
        Value::String(text) => told.push((name.to_owned(), text.clone())),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            told.push((name.to_owned(), value.to_string()))
        }
    }
}

/// What a check found.
pub(crate) fn audit_check(check: &AuditCheck) -> dto::AuditCheck {
    dto::AuditCheck {
        whole: check.is_whole(),
        rows: counted(check.rows),
        right: counted(check.right),
        head: check
            .head
            .as_ref()
            .filter(|head| head.seq > 0)
            .map(|head| dto::AuditHead { seq: AuditSeq(head.seq), hash: head.hash.clone() }),
        faults: check.faults.iter().map(flaw).collect(),
        unlisted: counted(check.unlisted),
    }
}

fn flaw(fault: &AuditFault) -> dto::AuditFlaw {
    let (first, last) = fault.rows().unzip();
    dto::AuditFlaw {
        fault: fault.as_str().to_owned(),
        first: first.map(AuditSeq),
        last: last.map(AuditSeq),
        moved_from: fault.moved_from().map(AuditSeq),
        noted_at: fault.noted_at().map(AuditSeq),
    }
}

impl From<dto::AuditFormat> for AuditFormat {
    fn from(format: dto::AuditFormat) -> AuditFormat {
        match format {
            dto::AuditFormat::Csv => AuditFormat::Csv,
            dto::AuditFormat::Json => AuditFormat::Json,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn before_and_after_stand_side_by_side_by_name() {
        let before = json!({ "rules": { "per_day": 100, "per_refund": null }, "active": true });
        let after = json!({ "rules": { "per_day": 250, "per_refund": 30 }, "why": "x", "list": [1, "a"] });
        let told: Vec<_> = facts(Some(&before), Some(&after))
            .into_iter()
            .map(|fact| (fact.name, fact.before, fact.after))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("active".to_owned(), text("true"), None),
                ("list".to_owned(), None, text("[1,\"a\"]")),
                ("rules.per_day".to_owned(), text("100"), text("250")),
                ("rules.per_refund".to_owned(), text(""), text("30")),
                ("why".to_owned(), None, text("x")),
            ]
        );
        assert_eq!(facts(None, None), []);
        assert_eq!(facts(Some(&Value::Null), Some(&json!({ "error": null }))), []);
        let listed = json!({ "settings": { "rules": [{ "copies": 1 }, { "copies": 2 }] } });
        let names: Vec<_> = facts(None, Some(&listed)).into_iter().map(|fact| fact.name).collect();
        assert_eq!(names, ["rules.1.copies", "rules.2.copies"]);
    }
}
