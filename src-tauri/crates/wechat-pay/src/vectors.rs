//! The protocol vectors: every case of `tests/vectors/*.json` and of the files that `ZHANGGUI_VECTORS` names.
//!
//! A case says what goes in and what is expected. [`v2::observe`] runs the crate's own code and gives everything that can
//! be said about the result, each under the name that expectations use; here the two are compared. A name that nothing
//! observes is a failure, so that no expectation passes unread.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

mod v2;

/// What was observed, by the names of expectations.
type Observed = Map<String, Value>;

#[test]
fn every_case_of_every_file_passes() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for (path, origin) in files() {
        let file = read(&path);
        if !speaks_v2(&file) {
            if origin == Origin::Named {
                say(&format!("{}: not of protocol v2, not checked by this test", path.display()));
            }
            continue;
        }
        let cases = cases(&file);
        assert!(!cases.is_empty(), "{} has no cases", path.display());
        for (index, case) in cases.iter().enumerate() {
            let name =
                case.get("id").and_then(Value::as_str).map_or_else(|| format!("case {index}"), str::to_owned);
            let kind = case.get("kind").and_then(Value::as_str).unwrap_or("none");
            *counts.entry(kind.to_owned()).or_default() += 1;
            if let Err(why) = check(kind, case) {
                failures.push(format!("{} {name} ({kind}): {why}", path.display()));
            }
        }
    }
    for (kind, count) in &counts {
        say(&format!("{kind}: {count} cases checked"));
    }
    assert!(!counts.is_empty(), "no case was found");
    assert!(failures.is_empty(), "{} cases failed:\n{}", failures.len(), failures.join("\n"));
}

/// Why a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It lies in the folder of vectors, with those of other protocols.
    Folder,
    /// Somebody named it.
    Named,
}

fn files() -> Vec<(PathBuf, Origin)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path, Origin::Folder))
        .collect();
    files.sort_by(|one, other| one.0.cmp(&other.0));
    let named = std::env::var_os("ZHANGGUI_VECTORS").unwrap_or_default();
    let named = std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty());
    files.extend(named.map(|path| (path, Origin::Named)));
    files
}

fn read(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{} is not JSON: {error}", path.display()))
}

fn cases(file: &Value) -> &[Value] {
    file.get("cases").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// By what the file says of itself, or else by the kinds of its cases: a file's head may be missing.
fn speaks_v2(file: &Value) -> bool {
    let kind =
        |case: &Value| case.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("v2."));
    match file.get("protocol").and_then(Value::as_str) {
        Some(protocol) => protocol == "v2",
        None => cases(file).iter().any(kind),
    }
}

/// Written past the capture of the test harness, so that a passing run shows it too.
fn say(line: &str) {
    writeln!(std::io::stdout(), "vectors: {line}").unwrap();
}

fn check(kind: &str, case: &Value) -> Result<(), String> {
    let input = case.get("input").ok_or("the case has no input")?;
    let expected = case.get("expect").and_then(Value::as_object).ok_or("the case has no expect")?;
    if expected.is_empty() {
        return Err("the case expects nothing".to_owned());
    }
    compare(expected, &v2::observe(kind, input)?)
}

/// Every member that `expected` names; of `any_of` one alternative is enough, beside all other members.
fn compare(expected: &Map<String, Value>, observed: &Observed) -> Result<(), String> {
    for (name, value) in expected {
        if name == "any_of" {
            one_of(value, observed)?;
        } else {
            let seen =
                observed.get(name).ok_or_else(|| format!("nothing observes {name:?}; seen: {observed:?}"))?;
            if !agrees(value, seen) {
                return Err(format!("{name} should be {value}, is {seen}"));
            }
        }
    }
    Ok(())
}

fn one_of(alternatives: &Value, observed: &Observed) -> Result<(), String> {
    let alternatives = alternatives.as_array().ok_or("any_of is not a list")?;
    let mut reasons = Vec::new();
    for alternative in alternatives {
        match compare(alternative.as_object().ok_or("an alternative is not an object")?, observed) {
            Ok(()) => return Ok(()),
            Err(why) => reasons.push(why),
        }
    }
    Err(format!("no alternative fits: {}", reasons.join("; or ")))
}

/// Objects agree when all members that are expected do, lists when they have the same length and agree member by
/// member.
fn agrees(expected: &Value, seen: &Value) -> bool {
    match (expected, seen) {
        (Value::Object(expected), Value::Object(seen)) => {
            expected.iter().all(|(name, value)| seen.get(name).is_some_and(|seen| agrees(value, seen)))
        }
        (Value::Array(expected), Value::Array(seen)) => {
            expected.len() == seen.len()
                && expected.iter().zip(seen).all(|(expected, seen)| agrees(expected, seen))
        }
        // Amounts stand as numbers in some expectations and as the text of the message in others.
        (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) => {
            number.to_string() == *text
        }
        _ => expected == seen,
    }
}

#[test]
fn the_comparison_reads_every_member() {
    let object = |value: Value| value.as_object().unwrap().clone();
    let observed =
        object(serde_json::json!({"outcome": "verified", "total_fee": "11", "refunds": [{"a": 1, "b": 2}]}));
    let fits = |expected| compare(&object(expected), &observed).is_ok();
    assert!(fits(serde_json::json!({"outcome": "verified", "total_fee": 11, "refunds": [{"b": 2}]})));
    assert!(
        !fits(serde_json::json!({"outcome": "verified", "unheard_of": null})),
        "an unknown member is a failure"
    );
    assert!(!fits(serde_json::json!({"refunds": []})));
    assert!(!fits(serde_json::json!({"any_of": []})));
    assert!(fits(serde_json::json!({"any_of": [{"outcome": "rejected"}, {"total_fee": 11}]})));
    assert!(!fits(serde_json::json!({"outcome": "rejected", "any_of": [{"total_fee": 11}]})));
}
