//! `zhanggui-cli audit`: the real program on a shop's folder, with documents and exit codes that others rely on.

#![expect(clippy::unwrap_used, reason = "what cannot be set up cannot be tested")]
use std::path::{Path, PathBuf};
use std::process::Command;

use adapters::connection::Connection;
use adapters::secrets::InMemory;
use adapters::shop::{MIRROR_FILE, Shop};
use domain::time::Timestamp;
use domain::{OrderId, OutRefundNo};
use mirror::{AuditKind, NewAudit};
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A connected shop in whose log a refund stands, in the folder that the program works on.
struct Counter {
    folder: TempDir,
}

struct Ended {
    code: Option<i32>,
    stdout: String,
}

impl Counter {
    async fn with_a_refund() -> Counter {
        let counter = Counter { folder: tempfile::tempdir().unwrap() };
        let world = Options {
            gateway_listen: "127.0.0.1:0".parse().unwrap(),
            seed: 7,
            orders: 0,
            rate_per_minute: 0.0,
            folder: counter.folder.path().join("world"),
        };
        let described = Sandbox::start(world).await.unwrap().connection().to_string();
        let connection = Connection::read(described.as_bytes(), Path::new(""), Timestamp::now()).unwrap();
        adapters::connection::connect(&counter.data(), &connection, &InMemory::default(), Some("li"))
            .unwrap();
        let shop = Shop::open(&counter.data()).unwrap();
        let terminal = shop.settings().terminal_id.clone();
        shop.mirror()
            .write::<_, mirror::Error>(move |tx| {
                let at = |text: &str| text.parse::<Timestamp>().unwrap();
                let of = |kind| {
                    NewAudit::new(kind, &terminal)
                        .by(Some("wang"))
                        .order(&OrderId::new("o1").unwrap())
                        .refund(Some(&OutRefundNo::new("mrr1-1").unwrap()))
                };
                // Late in the evening in Beijing, and early on the next day.
                let decided = of(AuditKind::RefundApproved).to(json!({"reason": "=HYPERLINK(\"x\")少了"}));
                tx.audit(&decided, at("2025-06-01T15:59:59Z"))?;
                let formula = of(AuditKind::RefundSucceeded).by(Some("=1+1"));
                tx.audit(&formula, at("2025-06-01T16:00:00Z"))
            })
            .await
            .unwrap();
        counter
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    fn run(&self, words: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhanggui-cli"));
        command.args(words).arg("--data").arg(self.data()).env("ZHANGGUI_LANG", "en");
        let output = command.output().unwrap();
        Ended { code: output.status.code(), stdout: String::from_utf8(output.stdout).unwrap() }
    }

    fn list(&self, words: &[&str]) -> Vec<i64> {
        let ended = self.run(&[&["--json", "audit", "list"], words].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stdout);
        let rows = ended.documents().remove(0);
        rows.as_array().unwrap().iter().map(|row| row["seq"].as_i64().unwrap()).collect()
    }

    /// What somebody does who has an SQLite tool.
    fn tamper(&self, sql: &str) {
        let mirror = rusqlite::Connection::open(self.data().join(MIRROR_FILE)).unwrap();
        mirror.execute_batch("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_kept;").unwrap();
        mirror.execute_batch(sql).unwrap();
    }
}

impl Ended {
    fn documents(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_whole_until_somebody_touches_it() {
    let counter = Counter::with_a_refund().await;
    let whole = counter.run(&["--json", "audit", "verify"]);
    assert_eq!(whole.code, Some(0), "{}", whole.stdout);
    let documents = whole.documents();
    assert_eq!(documents.len(), 1);
    let check = &documents[0];
    assert_eq!((&check["whole"], &check["rows"], &check["right"]), (&json!(true), &json!(3), &json!(3)));
    assert_eq!((&check["faults"], &check["head"]["seq"]), (&json!([]), &json!(3)));
    assert!(counter.run(&["audit", "verify"]).stdout.contains("3 rows"));

    counter.tamper("UPDATE audit SET who = NULL WHERE seq = 2; DELETE FROM audit WHERE seq = 3;");
    let damaged = counter.run(&["--json", "audit", "verify"]);
    assert_eq!(damaged.code, Some(1));
    let documents = damaged.documents();
    assert_eq!(documents.len(), 2, "the document, and the error as everywhere");
    let faults = documents[0]["faults"].as_array().unwrap();
    let guards: Vec<_> = faults[2..].iter().map(|fault| (&fault["fault"], &fault["guard"])).collect();
    let missing = json!("guard_missing");
    let (kept, not_changed) = (json!("audit_is_kept"), json!("audit_is_not_changed"));
    assert_eq!(guards, [(&missing, &kept), (&missing, &not_changed)]);
    assert_eq!((&faults[0]["fault"], &faults[0]["first"]), (&json!("changed"), &json!(2)));
    assert_eq!((&faults[1]["fault"], &faults[1]["last"]), (&json!("cut_off"), &json!(3)));
    assert_eq!(documents[1]["error"]["code"], "audit_damaged");
    let told = counter.run(&["audit", "verify"]).stdout;
    assert!(told.contains("Row 2 was changed") && told.contains("rows 3 to 3"), "{told}");
    assert!(told.contains("guard audit_is_kept is gone"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_searched_by_words_days_and_pages() {
    let counter = Counter::with_a_refund().await;
    assert_eq!(counter.list(&[]), [3, 2, 1]);
    for (words, expected) in [
        (vec!["--limit", "1", "--after", "3"], vec![2]),
        (vec!["--kind", "shop_connected"], vec![1]),
        (vec!["--who", "wang"], vec![2]),
        (vec!["--search", "mrr1"], vec![3, 2]),
        (vec!["--search", "少了"], vec![2]),
        (vec!["--from", "2025-06-01", "--to", "2025-06-01"], vec![2]),
        (vec!["--from", "2025-06-02", "--to", "2025-06-02"], vec![3]),
        (vec!["--to", "2025-06-02"], vec![3, 2]),
    ] {
        assert_eq!(counter.list(&words), expected, "{words:?}");
    }
    let rows = counter.run(&["--json", "audit", "list", "--kind", "shop_connected"]).documents().remove(0);
    let row = &rows[0];
    assert_eq!((&row["who"], &row["text"]), (&json!("li"), &json!("Shop connected")));
    assert!(row["hash"].as_str().unwrap().len() == 64 && row["after"]["secrets"].is_array());
    assert_eq!(counter.run(&["audit", "list", "--kind", "nonsense"]).code, Some(2));
    assert_eq!(counter.run(&["audit", "list", "--from", "June"]).code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_exported_oldest_first_and_holds_no_formula() {
    let counter = Counter::with_a_refund().await;
    let file = counter.folder.path().join("log");
    let path = file.to_str().unwrap();
    let ended = counter.run(&["--json", "audit", "export", "--format", "csv", "-o", path]);
    assert_eq!(ended.documents(), [json!({"rows": 3, "output": path})]);
    let table = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = table.strip_prefix('\u{feff}').unwrap().split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("\"seq\",\"at\",\"who\",\"terminal\",\"kind\""), "{}", lines[0]);
    assert!(lines[2].starts_with("\"2\",\"2025-06-01 23:59:59\",\"wang\""), "{}", lines[2]);
    assert!(lines[3].contains(",\"'=1+1\","), "a spreadsheet must not reckon: {}", lines[3]);

    let ended = counter.run(&["audit", "export", "--format", "json", "-o", "-", "--who", "wang"]);
    assert_eq!(ended.code, Some(0));
    let rows: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["after"]["reason"], "=HYPERLINK(\"x\")少了");
    let nobody = counter.run(&["audit", "export", "--format", "json", "-o", "-", "--who", "nobody"]);
    assert_eq!(serde_json::from_str::<Value>(&nobody.stdout).unwrap(), json!([]));
    let nowhere = counter.run(&["--json", "audit", "export", "--format", "csv", "-o", "/nonexistent/log"]);
    assert_eq!(
        (nowhere.code, &nowhere.documents()[0]["error"]["code"]),
        (Some(1), &json!("output_unwritable"))
    );
    // Whoever takes the log along stands in it.
    let taken = counter.run(&["--json", "audit", "list", "--kind", "audit_exported"]).documents().remove(0);
    let taken: Vec<&Value> = taken.as_array().unwrap().iter().map(|row| &row["after"]).collect();
    let one = |rows: u32, format: &str, file: &str| json!({ "rows": rows, "format": format, "file": file });
    assert_eq!(taken, [&one(0, "json", "-"), &one(1, "json", "-"), &one(3, "csv", "log")]);
}
