//! What somebody with an SQLite tool can do to the audit log, and that a check finds and names it.

use crate::common::{at, audit, mirror};
use domain::OrderId;
use mirror::{AuditCheck, AuditFault, AuditFilter, AuditKind, Error, MOST_AUDIT_FAULTS, Mirror};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rusqlite::Connection;
use serde_json::json;

/// A log and the connection of somebody who took the guards away.
struct Tampered {
    _folder: tempfile::TempDir,
    mirror: Mirror,
    sql: Connection,
    /// The guards as they were made: put back before each check, so that it tells of the rows alone.
    guards: Vec<String>,
}

const GUARDS_AWAY: &str = "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_kept;
    DROP TRIGGER audit_grows_at_its_end; DROP TRIGGER audit_knows_its_kinds;";

impl Tampered {
    fn with_rows(count: i64) -> Tampered {
        let (folder, mirror) = mirror();
        write(&mirror, count);
        let sql = Connection::open(folder.path().join("mirror.db")).unwrap();
        let guards = {
            let mut guards = sql
                .prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'")
                .unwrap();
            guards.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        sql.execute_batch(GUARDS_AWAY).unwrap();
        Tampered { _folder: folder, mirror, sql, guards }
    }

    fn run(&self, sql: &str) {
        self.sql.execute_batch(sql).unwrap();
    }

    fn check(&self) -> AuditCheck {
        self.guards.iter().for_each(|guard| self.run(guard));
        let check = self.check_as_it_is();
        self.run(GUARDS_AWAY);
        check
    }

    fn check_as_it_is(&self) -> AuditCheck {
        let (answer, answered) = std::sync::mpsc::channel();
        self.mirror
            .write_blocking::<_, Error>(move |tx| {
                drop(answer.send(tx.verify_audit()?));
                Ok(())
            })
            .unwrap();
        answered.recv().unwrap()
    }

    fn faults_after(&self, sql: &str) -> Vec<AuditFault> {
        self.run(sql);
        let check = self.check();
        assert_eq!(check.is_whole(), check.faults.is_empty());
        check.faults
    }
}

fn write(mirror: &Mirror, count: i64) {
    mirror
        .write_blocking::<_, Error>(move |tx| {
            for number in 0..count {
                let new = audit(AuditKind::RefundApproved, "w1")
                    .order(&OrderId::new(format!("o{number}")).unwrap())
                    .from(json!({"payout": null}))
                    .to(json!({"amount_fen": number, "reason": "少了一杯"}));
                tx.audit(&new, at(number))?;
            }
            Ok(())
        })
        .unwrap();
}

/// Writes a row anew with a hash that fits, as somebody does who knows the form of the log.
fn rehash(log: &Tampered, seq: i64) {
    use sha2::{Digest, Sha256};
    let mut bytes = b"zhanggui audit row 1\n".to_vec();
    let mut feed = |value: rusqlite::types::Value| match value {
        rusqlite::types::Value::Integer(number) => {
            bytes.push(1);
            bytes.extend(number.to_be_bytes());
        }
        rusqlite::types::Value::Text(text) => {
            bytes.push(2);
            bytes.extend((text.len() as u64).to_be_bytes());
            bytes.extend(text.into_bytes());
        }
        other => {
            assert_eq!(other, rusqlite::types::Value::Null);
            bytes.push(0);
        }
    };
    log.sql
        .query_row(
            "SELECT previous_hash, at_ms, who, terminal, kind, order_id, request_id, out_refund_no, before, after, seq
             FROM audit WHERE seq = ?1",
            [seq],
            |row| {
                (0..11).try_for_each(|place| {
                    feed(row.get(place)?);
                    Ok(())
                })
            },
        )
        .unwrap();
    let hash = hex::encode(Sha256::digest(&bytes));
    log.sql.execute("UPDATE audit SET hash = ?2 WHERE seq = ?1", (seq, hash)).unwrap();
}

const SWAP_3_AND_6: &str = "UPDATE audit SET seq = 99 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 6;
    UPDATE audit SET seq = 6 WHERE seq = 99;";

#[test]
fn rows_that_are_missing_are_named_by_their_numbers() {
    let removed = |first, last| vec![AuditFault::Removed { first, last }];
    let cut_off = |first, last| vec![AuditFault::CutOff { first, last, noted_at: None }];
    for (sql, expected) in [
        ("DELETE FROM audit WHERE seq = 4", removed(4, 4)),
        ("DELETE FROM audit WHERE seq BETWEEN 3 AND 7", removed(3, 7)),
        ("DELETE FROM audit WHERE seq = 1", removed(1, 1)),
        ("DELETE FROM audit WHERE seq = 9", cut_off(9, 9)),
        ("DELETE FROM audit WHERE seq > 6", cut_off(7, 9)),
        ("DELETE FROM audit", cut_off(1, 9)),
    ] {
        assert_eq!(Tampered::with_rows(9).faults_after(sql), expected, "{sql}");
    }
    let log = Tampered::with_rows(9);
    let both = log.faults_after("DELETE FROM audit WHERE seq IN (2, 5, 6, 9)");
    assert_eq!(both, [removed(2, 2), removed(5, 6), cut_off(9, 9)].concat());
    let check = log.check();
    assert_eq!((check.rows, check.right), (5, 5));
}

#[test]
fn a_row_that_was_changed_is_named_and_no_other() {
    for change in
        ["who = 'w9'", "after = NULL", "at_ms = at_ms + 1", "hash = upper(hash)", "previous_hash = hash"]
    {
        let log = Tampered::with_rows(9);
        let faults = log.faults_after(&format!("UPDATE audit SET {change} WHERE seq = 4"));
        assert_eq!(faults, [AuditFault::Changed { seq: 4 }], "{change}");
        assert_eq!(log.check().right, 8);
        let log = Tampered::with_rows(9);
        let faults = log.faults_after(&format!("UPDATE audit SET {change} WHERE seq = 9"));
        assert_eq!(faults, [AuditFault::Changed { seq: 9 }], "{change} of the newest row");
    }
}

#[test]
fn a_row_that_was_written_anew_with_its_hash_no_longer_carries_the_next() {
    let log = Tampered::with_rows(9);
    log.run("UPDATE audit SET who = 'w9' WHERE seq = 4");
    rehash(&log, 4);
    assert_eq!(log.check().faults, [AuditFault::NotChained { seq: 5 }]);
    let log = Tampered::with_rows(9);
    log.run("UPDATE audit SET who = 'w9' WHERE seq = 9");
    rehash(&log, 9);
    assert_eq!(log.check().faults, [AuditFault::Replaced { seq: 9, noted_at: None }]);
}

#[test]
fn rows_that_changed_places_are_named_with_where_they_were() {
    let faults = Tampered::with_rows(9).faults_after(SWAP_3_AND_6);
    assert_eq!(faults, [AuditFault::Moved { seq: 3, from: 6 }, AuditFault::Moved { seq: 6, from: 3 }]);
    // A gap that was closed.
    let closed = Tampered::with_rows(6).faults_after(
        "DELETE FROM audit WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5;
         UPDATE audit SET seq = 5 WHERE seq = 6;",
    );
    let moved = |seq| AuditFault::Moved { seq, from: seq + 1 };
    assert_eq!(closed, [moved(4), moved(5), AuditFault::CutOff { first: 6, last: 6, noted_at: None }]);
}

#[test]
fn a_row_that_was_put_in_is_found() {
    let copy = |seq: i64| {
        format!(
            "INSERT INTO audit SELECT {seq}, at_ms, who, terminal, kind, order_id, request_id, out_refund_no, before,
             after, previous_hash, hash FROM audit WHERE seq = 4"
        )
    };
    let log = Tampered::with_rows(9);
    let faults = log.faults_after(&copy(10));
    let added = AuditFault::Added { first: 10, last: 10, noted_at: None };
    assert_eq!(faults, [AuditFault::Moved { seq: 10, from: 4 }, added.clone()]);
    // With the right hashes, as somebody does who knows the form: the head still says that there is no such row.
    log.run("UPDATE audit SET previous_hash = (SELECT hash FROM audit WHERE seq = 9) WHERE seq = 10");
    rehash(&log, 10);
    assert_eq!(log.check().faults, [added]);
    let log = Tampered::with_rows(9);
    assert_eq!(log.faults_after(&copy(0)), [AuditFault::NotChained { seq: 0 }]);
    // In the middle, behind which everything moves on.
    let log = Tampered::with_rows(4);
    log.run("UPDATE audit SET seq = 5 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 3;");
    log.run(
        "INSERT INTO audit SELECT 3, at_ms, 'w9', terminal, kind, NULL, NULL, NULL, NULL, NULL, hash, hash
         FROM audit WHERE seq = 2",
    );
    rehash(&log, 3);
    let moved = |seq| AuditFault::Moved { seq, from: seq - 1 };
    assert_eq!(
        log.check().faults,
        [moved(4), moved(5), AuditFault::Added { first: 5, last: 5, noted_at: None }]
    );
}

#[test]
fn a_missing_head_is_a_fault_of_its_own() {
    for sql in
        ["DELETE FROM meta WHERE key = 'audit_head'", "UPDATE meta SET value = 'x' WHERE key = 'audit_head'"]
    {
        let faults = Tampered::with_rows(3).faults_after(sql);
        assert_eq!(faults, [AuditFault::HeadMissing { noted_at: None }], "{sql}");
    }
    let faults = Tampered::with_rows(0).faults_after("DELETE FROM meta WHERE key = 'audit_head'");
    assert_eq!(faults, [AuditFault::HeadMissing { noted_at: None }], "an empty log has one too");
}

#[test]
fn a_log_that_goes_on_after_its_end_was_cut_off_says_so_for_ever() {
    let log = Tampered::with_rows(9);
    log.run("DELETE FROM audit WHERE seq > 6");
    write(&log.mirror, 5);
    let cut_off = AuditFault::CutOff { first: 7, last: 9, noted_at: Some(7) };
    assert_eq!(log.check().faults, std::slice::from_ref(&cut_off));
    let kinds = AuditFilter { kind: Some(AuditKind::AuditBroken), ..AuditFilter::default() };
    let noted = log.mirror.write_blocking::<_, Error>(move |tx| tx.audit_page(&kinds, None, 10)).unwrap();
    assert_eq!((noted.len(), noted[0].seq, noted[0].who.as_deref()), (1, 7, None));
    let check = log.check();
    assert_eq!((check.rows, check.right, check.head.unwrap().seq), (12, 12, 12));

    log.run("DELETE FROM meta WHERE key = 'audit_head'");
    write(&log.mirror, 1);
    assert_eq!(log.check().faults, [cut_off, AuditFault::HeadMissing { noted_at: Some(13) }]);
    log.run("DELETE FROM audit WHERE seq = 7");
    assert_eq!(
        log.check().faults[0],
        AuditFault::Removed { first: 7, last: 7 },
        "nor can that be taken away"
    );
}

#[test]
fn a_check_names_so_many_faults_and_counts_the_others() {
    let count = i64::try_from(MOST_AUDIT_FAULTS).unwrap() + 50;
    let log = Tampered::with_rows(count);
    log.run("UPDATE audit SET who = 'w9'");
    let check = log.check();
    assert_eq!((check.faults.len(), check.unlisted, check.right), (MOST_AUDIT_FAULTS, 50, 0));
    assert_eq!(check.rows, u64::try_from(count).unwrap());
}

#[test]
fn a_log_that_was_tampered_with_is_shown_all_the_same() {
    let log = Tampered::with_rows(3);
    log.run(
        "UPDATE audit SET at_ms = 9223372036854775807, kind = 'nonsense', after = 'no json',
         who = CAST(x'ff41' AS TEXT) WHERE seq = 2",
    );
    let rows =
        log.mirror.write_blocking::<_, Error>(|tx| tx.audit_page(&AuditFilter::default(), None, 10)).unwrap();
    assert_eq!((rows[1].kind.as_str(), rows[1].who.as_deref()), ("nonsense", Some("\u{fffd}A")));
    assert_eq!(rows[1].after, Some(json!("no json")));
    assert_eq!(log.check().faults, [AuditFault::Changed { seq: 2 }]);
}

/// A change of one member of one row: the column, and what it becomes.
fn change(rows: i64) -> impl Strategy<Value = (i64, &'static str, String)> {
    let texts = [
        "who",
        "terminal",
        "kind",
        "order_id",
        "request_id",
        "out_refund_no",
        "before",
        "after",
        "previous_hash",
        "hash",
    ];
    let byte = (prop::sample::select(texts.to_vec()), any::<u8>(), any::<prop::sample::Index>()).prop_map(
        |(column, byte, place)| {
            // One byte of the text, whichever it is; a member that is null or empty gets its first.
            let place = place.index(64);
            let at = format!("({place} % max(length(CAST({column} AS BLOB)), 1))");
            let sql = format!(
                "CAST(coalesce(substr(CAST({column} AS BLOB), 1, {at}), x'') || x'{byte:02x}'
                 || coalesce(substr(CAST({column} AS BLOB), {at} + 2), x'') AS TEXT)"
            );
            (column, sql)
        },
    );
    let null = prop::sample::select(vec!["who", "order_id", "before", "after"])
        .prop_map(|column| (column, format!("CASE WHEN {column} IS NULL THEN '' END")));
    let number = (any::<i64>(),).prop_map(|(number,)| ("at_ms", number.to_string()));
    let place = (1..200_i64).prop_map(move |place| ("seq", (rows + place).to_string()));
    (1..=rows, prop_oneof![6 => byte, 1 => null, 1 => number, 1 => place])
        .prop_map(|(seq, (column, sql))| (seq, column, sql))
}

#[test]
fn no_byte_of_any_row_can_be_changed_unseen() {
    const ROWS: i64 = 7;
    let log = Tampered::with_rows(ROWS);
    log.run("PRAGMA synchronous = off; CREATE TABLE kept AS SELECT * FROM audit;");
    let mut runner = TestRunner::new(Config { cases: 1_000, ..Config::default() });
    runner
        .run(&change(ROWS), |(seq, column, sql)| {
            log.run(&format!("UPDATE audit SET {column} = {sql} WHERE seq = {seq}"));
            let same = "SELECT NOT EXISTS (SELECT * FROM audit EXCEPT SELECT * FROM kept)";
            let same: bool = log.sql.query_row(same, [], |row| row.get(0)).unwrap();
            let check = log.check();
            log.run("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept;");
            let names =
                |fault: &AuditFault| fault.rows().is_some_and(|(first, last)| first <= seq && seq <= last);
            prop_assert_eq!(check.is_whole(), same, "{:?}", check);
            prop_assert!(same || check.faults.iter().any(names), "row {}: {:?}", seq, check);
            Ok(())
        })
        .unwrap();
    assert!(log.check().is_whole(), "what was put back is what was written");
}

#[test]
fn a_guard_that_was_taken_away_changed_or_added_is_told() {
    let log = Tampered::with_rows(3);
    let missing = |name: &str| AuditFault::GuardMissing { name: name.to_owned() };
    assert_eq!(
        log.check_as_it_is().faults,
        [
            missing("audit_grows_at_its_end"),
            missing("audit_is_kept"),
            missing("audit_is_not_changed"),
            missing("audit_knows_its_kinds"),
        ]
    );
    log.guards.iter().for_each(|guard| log.run(guard));
    assert!(log.check_as_it_is().is_whole());
    log.run(
        "DROP TRIGGER payouts_are_kept;
         CREATE TRIGGER payouts_are_kept BEFORE DELETE ON payouts WHEN false BEGIN SELECT 1; END;
         CREATE TRIGGER audit_swallows BEFORE INSERT ON audit BEGIN SELECT raise(IGNORE); END;
         ALTER TABLE meta RENAME TO meta_of_before;
         CREATE TABLE meta (key TEXT, value TEXT);
         INSERT INTO meta SELECT * FROM meta_of_before;",
    );
    let faults = log.check_as_it_is().faults;
    let foreign = AuditFault::GuardForeign { name: "audit_swallows".to_owned() };
    assert_eq!(faults, [missing("meta"), missing("payouts_are_kept"), foreign]);
    assert_eq!(faults[2].guard(), Some("audit_swallows"));
}
