//! Checks this crate against `tests/vectors/escpos.json` and the files that `ZHANGGUI_VECTORS` names.
//!
//! The file says what independent libraries send and what printers answer. Each group of it is compared with ours, and
//! a group that nobody compares is a failure, so that none can be added in vain.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::commands;
use crate::paper::Cutter;
use crate::sample;
use crate::sheet::{Align, Line, Size, Style, Weight};
use crate::status::{self, Condition, Pattern};
use crate::text::PaperText;
use crate::text::charset::{self, Code};
use crate::{Paper, Template, render};

/// Members of a file that hold no cases.
const NOTES: [&str; 5] = ["format", "about", "libraries_run", "read_only_sources", "columns_rule"];
/// Groups of commands.
const COMMAND_GROUPS: [&str; 9] =
    ["state", "chinese", "style", "size", "layout", "mechanism", "image", "code", "status"];

#[test]
fn vectors_of_escpos_hold() {
    let mut checked = BTreeMap::new();
    for path in files() {
        let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let members = file.as_object().unwrap();
        if members.contains_key("commands")
            || members.contains_key("columns_rule")
            || members.contains_key("traps")
        {
            println!("{}", path.display());
            check(members, &mut checked);
        } else {
            println!("{}: skipped, it is not about ESC/POS", path.display());
        }
    }
    for (group, count) in &checked {
        println!("{count:5} {group}");
    }
    assert!(checked.values().sum::<usize>() > 0, "there is no case");
}

/// The repository's own file, and the files and folders named in the environment.
fn files() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors/escpos.json");
    let named = std::env::var_os("ZHANGGUI_VECTORS").unwrap_or_default();
    let named: Vec<_> = std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()).collect();
    let in_folder = |path: PathBuf| {
        if !path.is_dir() {
            return vec![path];
        }
        let mut files: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        files
    };
    std::iter::once(own).chain(named.into_iter().flat_map(in_folder)).collect()
}

fn check(members: &Map<String, Value>, checked: &mut BTreeMap<String, usize>) {
    let jobs = jobs();
    for (group, cases) in members.iter().filter(|(name, _)| !NOTES.contains(&name.as_str())) {
        let check: &dyn Fn(&Value) = match group.as_str() {
            "commands" => &|case| command(case, &jobs),
            "text" => &text,
            "status_replies" => &status_reply,
            "asb_replies" => &automatic_reply,
            "reply_patterns" => &reply_pattern,
            "traps" => &|case| trap(case, &jobs),
            "control_characters_handled_by" => &control_characters,
            unknown => panic!("nobody checks the group {unknown:?}"),
        };
        for case in cases.as_array().unwrap() {
            check(case);
            *checked.entry(group.clone()).or_default() += 1;
        }
    }
}

/// What we print: every template, good and hostile.
fn jobs() -> Vec<Vec<u8>> {
    let hostile = "a\u{1b}p\u{0}b \u{1b}@\u{1d}V\u{0}价¥10 测试 wxp://x 😀";
    let orders = [sample::order(), sample::order_saying(hostile)];
    let tickets =
        |order| sample::variants().into_iter().map(move |variant| sample::marked(order, variant).escpos());
    orders.iter().flat_map(tickets).collect()
}

/// A command that we send has the bytes of the file; one that we do not send is in none of our jobs.
fn command(case: &Value, jobs: &[Vec<u8>]) {
    let (id, bytes) = (string(case, "id"), hex(string(case, "hex")));
    let group = string(case, "group");
    assert!(COMMAND_GROUPS.contains(&group), "nobody knows commands of the group {group:?}");
    match ours(id) {
        Some(sent) => assert_eq!(sent, bytes, "{id}"),
        // A line feed and the like of another command would be found everywhere.
        None if bytes.len() < 2 || is_part_of_ours(&bytes) => {}
        None => assert!(jobs.iter().all(|job| !holds(job, &bytes)), "{id} is in a job of ours"),
    }
}

/// The bytes that we send for a command of the file.
fn ours(id: &str) -> Option<Vec<u8>> {
    let plain = Style::default();
    let bold = Style { weight: Weight::Bold, ..plain };
    let double = Style { size: Size::Double, ..plain };
    let centred = Style { align: Align::Centre, ..plain };
    // A command shows between two lines of which only one is in its style.
    let to = |style| between(plain, style);
    let back = |style| between(style, plain);
    Some(match id {
        "init" => job(&[], Cutter::None)[..2].to_vec(),
        "kanji_on" => job(&[], Cutter::None)[2..4].to_vec(),
        "chinese_run" => job(&[line("测试", plain)], Cutter::None)[2..8].to_vec(),
        "bold_on" => to(bold),
        "bold_off" => back(bold),
        "size_2x2" => to(double),
        "size_1" => back(double),
        "align_center" => to(centred),
        "align_left" => back(centred),
        "line_feed" => after_head(&job(&[line("", plain)], Cutter::None))[..1].to_vec(),
        "feed_3" => after_head(&job(&[], Cutter::Partial))[..3].to_vec(),
        "cut_feed_partial" => after_head(&job(&[], Cutter::Partial))[3..].to_vec(),
        "cut_feed_full" => after_head(&job(&[], Cutter::Full))[3..].to_vec(),
        "status_1" | "status_2" | "status_3" | "status_4" => {
            status::real_time_question(id.as_bytes()[7] - b'0').to_vec()
        }
        _ => return None,
    })
}

fn between(first: Style, second: Style) -> Vec<u8> {
    let whole = job(&[line("x", first), line("y", second)], Cutter::None);
    let start = whole.iter().position(|byte| *byte == b'x').unwrap() + 2;
    let end = whole.iter().position(|byte| *byte == b'y').unwrap();
    whole[start..end].to_vec()
}

fn after_head(job: &[u8]) -> Vec<u8> {
    job[4..].to_vec()
}

fn job(lines: &[Line], cutter: Cutter) -> Vec<u8> {
    commands::ticket(lines, cutter)
}

fn line(text: &str, style: Style) -> Line {
    Line { text: PaperText::new(text), style }
}

/// Whether a job may hold the bytes although they are not meant: those of a whole command of ours.
fn is_part_of_ours(bytes: &[u8]) -> bool {
    commands::read_back(bytes).is_ok()
}

fn text(case: &Value) {
    let text = string(case, "text");
    // Where libraries differ the file says by whom; ours is encoding_rs.
    let expected = match &case["gb18030"] {
        Value::Object(by_library) => by_library["encoding_rs 0.8"].as_str().unwrap(),
        plain => plain.as_str().unwrap(),
    };
    let (encoded, _, _) = encoding_rs::GB18030.encode(text);
    assert_eq!(*encoded, hex(expected), "{text}");

    let codes: Option<Vec<Code>> = text.chars().map(charset::code).collect();
    let printable = case["printable_on_gbk_printer"].as_bool().unwrap();
    assert_eq!(codes.is_some(), printable, "{text}");
    let mut bytes = Vec::new();
    let printed = PaperText::new(text);
    printed.encode_into(&mut bytes);
    assert_eq!(bytes.len(), printed.columns(), "{text}: a column is a byte");
    if let Some(codes) = codes {
        let columns: usize = codes.into_iter().map(Code::columns).sum();
        assert_eq!(Some(columns as u64), case["columns"].as_u64(), "{text}");
        // White space is the one thing that is printed and yet changed.
        if text.chars().all(|character| !character.is_whitespace()) {
            assert_eq!(bytes, hex(expected), "{text}");
        }
    } else {
        assert!(commands::read_back(&bytes).is_ok(), "{text} is printed as something else");
        assert_ne!(bytes, hex(expected), "{text}");
    }
}

fn status_reply(case: &Value) {
    let question = hex(string(case, "request"));
    let [0x10, 0x04, n] = question[..] else { panic!("{case} asks something that we do not ask") };
    assert_eq!(status::real_time_question(n).to_vec(), question);
    let [reply] = hex(string(case, "reply"))[..] else { panic!("{case} is not one byte") };
    assert_eq!(status::real_time(n, reply), Some(meaning(string(case, "means"))), "{case}");
}

fn automatic_reply(case: &Value) {
    let reply = hex(string(case, "reply"));
    assert_eq!(status::last_automatic(&reply), Some(meaning(string(case, "means"))), "{case}");
}

/// The condition that a description in the file means.
fn meaning(means: &str) -> Condition {
    let says = |word: &str| means.contains(word);
    if says("no paper") || says("paper ran out") {
        Condition::PaperOut
    } else if says("cover open") || says("cover is open") {
        Condition::CoverOpen
    } else if says("error") {
        Condition::Error
    } else if says("offline") {
        Condition::Offline
    } else if says("near its end") {
        Condition::PaperLow
    } else {
        let fine = ["online", "nothing wrong", "paper fine", "same"].into_iter().any(says);
        assert!(fine, "nobody knows what {means:?} means");
        Condition::Ready
    }
}

fn reply_pattern(case: &Value) {
    let byte = |name| u8::from_str_radix(string(case, name), 16).unwrap();
    let (mask, value) = (byte("mask"), byte("value"));
    let pattern = Pattern { mask, value };
    let kind = string(case, "kind");
    if kind.starts_with("DLE EOT") {
        assert_eq!(pattern, status::REAL_TIME);
    } else if kind.starts_with("first of 4 ASB") {
        assert_eq!(pattern, status::AUTOMATIC);
    } else if kind.starts_with("GS r") {
        assert_eq!(pattern, status::IN_ORDER);
    } else if ["block", "XON", "XOFF"].into_iter().any(|known| kind.starts_with(known)) {
        // Bytes of which we make nothing: they must not pass for a status.
        assert!(!status::REAL_TIME.matches(value) && status::last_automatic(&[value; 8]).is_none(), "{kind}");
    } else {
        panic!("nobody knows the reply {kind:?}");
    }
}

fn trap(case: &Value, jobs: &[Vec<u8>]) {
    for name in ["hex", "proof"] {
        if let Some(text) = case[name].as_str() {
            let wrong = hex(text);
            assert!(jobs.iter().all(|job| !holds(job, &wrong)), "we fell into the trap {case}");
        }
    }
}

/// The text of that group in the trap's own words; each library handles it in its way, and ours must be one of them.
fn control_characters(case: &Value) {
    if string(case, "how").contains("drop") {
        let mut bytes = Vec::new();
        PaperText::new("a\u{1b}p\u{0}b").encode_into(&mut bytes);
        assert_eq!(bytes, hex(string(case, "hex")), "{case}");
    }
}

#[test]
fn a_job_with_everything_is_only_commands_and_text() {
    for job in jobs() {
        assert!(commands::read_back(&job).is_ok());
    }
    let (order, shop) = (sample::order(), sample::shop());
    let ticket = render(Template::Merchant, &sample::ticket(&order, &shop), Paper::mm80()).escpos();
    assert!(ticket.starts_with(b"\x1b@\x1c&") && ticket.ends_with(b"\x1dVB\x00"));
}

fn string<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {case}"))
}

/// Bytes in hexadecimal, spaces between them or none.
fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    assert!(digits.len().is_multiple_of(2), "{text:?}");
    let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(pair).collect()
}

fn holds(job: &[u8], bytes: &[u8]) -> bool {
    job.windows(bytes.len()).any(|window| window == bytes)
}
