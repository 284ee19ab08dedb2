//! The audit log as it is written, shown and searched, and what the database refuses to do with it.

use crate::common::{at, audit, mirror, order, row};
use domain::{OrderId, OutRefundNo, RefundRequestId};
use mirror::{AuditFilter, AuditKind, AuditRow, Error, Mirror, NewAudit};
use serde_json::json;

async fn write(mirror: &Mirror, rows: Vec<NewAudit>) {
    mirror
        .write::<_, Error>(move |tx| {
            (0..).zip(&rows).try_for_each(|(second, new)| tx.audit(new, at(second)).map(drop))
        })
        .await
        .unwrap();
}

/// A refund's way and two sign-ins.
async fn a_day(mirror: &Mirror) {
    let (order, request) = (OrderId::new("o1").unwrap(), RefundRequestId::new("r1").unwrap());
    let number = OutRefundNo::new("mrr1-1").unwrap();
    let about = |kind, who| audit(kind, who).order(&order).request(Some(&request)).refund(Some(&number));
    write(
        mirror,
        vec![
            audit(AuditKind::SignedIn, "w1"),
            about(AuditKind::RefundApproved, "w1")
                .from(json!({"payout": null}))
                .to(json!({"payout": "none", "reason": "少了一杯 Soy"})),
            about(AuditKind::RefundSubmitted, "w1"),
            about(AuditKind::RefundSucceeded, "w1").to(json!({"payout": "succeeded"})),
            audit(AuditKind::SignInRefused, "w2"),
        ],
    )
    .await;
}

async fn found(mirror: &Mirror, filter: AuditFilter) -> Vec<i64> {
    let rows = mirror.read::<_, Error>(move |view| view.audit_page(&filter, None, 100)).await.unwrap();
    rows.iter().map(|row| row.seq).collect()
}

#[tokio::test]
async fn a_row_reads_back_as_it_was_written() {
    let (_folder, mirror) = mirror();
    a_day(&mirror).await;
    let rows =
        mirror.read::<_, Error>(|view| view.audit_after(&AuditFilter::default(), 0, 100)).await.unwrap();
    let AuditRow { previous_hash, hash, .. } = rows[1].clone();
    assert_eq!(previous_hash, rows[0].hash);
    assert_eq!(rows[0].previous_hash, "0".repeat(64));
    assert_eq!(hash.len(), 64);
    let expected = AuditRow {
        seq: 2,
        at: at(1),
        who: Some("w1".to_owned()),
        terminal: "till-1".to_owned(),
        kind: "refund_approved".to_owned(),
        order_id: Some("o1".to_owned()),
        request_id: Some("r1".to_owned()),
        out_refund_no: Some("mrr1-1".to_owned()),
        before: Some(json!({"payout": null})),
        after: Some(json!({"payout": "none", "reason": "少了一杯 Soy"})),
        previous_hash,
        hash,
    };
    assert_eq!(rows[1], expected);
    let head = mirror.read::<_, Error>(|view| view.audit_head()).await.unwrap().unwrap();
    assert_eq!((head.seq, head.hash.as_str()), (5, rows[4].hash.as_str()));
}

#[tokio::test]
async fn a_row_goes_with_the_fact_or_not_at_all() {
    let (_folder, mirror) = mirror();
    let outcome = mirror
        .write::<(), Error>(|tx| {
            tx.audit(&audit(AuditKind::SignedIn, "w1"), at(0))?;
            Err(Error::Closed)
        })
        .await;
    assert!(outcome.is_err());
    let check = mirror.read::<_, Error>(|view| view.verify_audit()).await.unwrap();
    assert!(check.is_whole() && check.rows == 0, "{check:?}");
    a_day(&mirror).await;
    let check = mirror.read::<_, Error>(|view| view.verify_audit()).await.unwrap();
    assert!(check.is_whole(), "{check:?}");
    assert_eq!((check.rows, check.right, check.head.unwrap().seq), (5, 5, 5));
}

#[tokio::test]
async fn the_log_is_searched_by_whatever_is_known() {
    let (_folder, mirror) = mirror();
    a_day(&mirror).await;
    let mut known = row(order("o1", 0));
    known.order.number = "20250615-007".to_owned();
    mirror.write::<_, Error>(move |tx| tx.put_order(&known)).await.unwrap();

    let text = |text: &str| AuditFilter { search: Some(text.to_owned()), ..AuditFilter::default() };
    assert_eq!(found(&mirror, AuditFilter::default()).await, [5, 4, 3, 2, 1]);
    assert_eq!(found(&mirror, text("  ")).await, [5, 4, 3, 2, 1], "nothing is looked for");
    for (words, expected) in [
        ("少了一杯 soy", vec![2]),
        ("SUCCEEDED", vec![4]),
        ("mrr1", vec![4, 3, 2]),
        ("w2", vec![5]),
        ("20250615-007", vec![4, 3, 2]),
        ("42o1", vec![4, 3, 2]),
        ("%", vec![]),
        ("w1till", vec![]),
    ] {
        assert_eq!(found(&mirror, text(words)).await, expected, "{words:?}");
    }
    let all = AuditFilter::default;
    for (filter, expected) in [
        (AuditFilter { kind: Some(AuditKind::SignInRefused), ..all() }, vec![5]),
        (AuditFilter { who: Some("w1".to_owned()), ..all() }, vec![4, 3, 2, 1]),
        (AuditFilter { order: Some("To1".to_owned()), ..all() }, vec![4, 3, 2]),
        (AuditFilter { order: Some("20250615-00".to_owned()), ..all() }, vec![]),
        (AuditFilter { out_refund_no: Some("mrr1-1".to_owned()), ..all() }, vec![4, 3, 2]),
        (AuditFilter { from: Some(at(1)), until: Some(at(3)), ..all() }, vec![3, 2]),
        (AuditFilter { who: Some("w1".to_owned()), until: Some(at(2)), ..text("soy") }, vec![2]),
    ] {
        assert_eq!(found(&mirror, filter.clone()).await, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn an_order_that_the_mirror_has_no_more_is_found_by_its_id() {
    let (_folder, mirror) = mirror();
    a_day(&mirror).await;
    let filter = AuditFilter { order: Some("o1".to_owned()), ..AuditFilter::default() };
    assert_eq!(found(&mirror, filter).await, [4, 3, 2]);
}

#[tokio::test]
async fn pages_of_the_log_follow_each_other_in_both_directions() {
    let (_folder, mirror) = mirror();
    write(&mirror, (0..25).map(|_| audit(AuditKind::Printed, "w1")).collect()).await;
    let (mut newest_first, mut before) = (Vec::new(), None);
    let (mut oldest_first, mut after) = (Vec::new(), 0);
    loop {
        let (back, forth) = mirror
            .read::<_, Error>(move |view| {
                let all = AuditFilter::default();
                Ok((view.audit_page(&all, before, 4)?, view.audit_after(&all, after, 4)?))
            })
            .await
            .unwrap();
        let (Some(last), Some(next)) = (back.last(), forth.last()) else { break };
        (before, after) = (Some(last.seq), next.seq);
        newest_first.extend(back.iter().map(|row| row.seq));
        oldest_first.extend(forth.iter().map(|row| row.seq));
    }
    let expected: Vec<i64> = (1..=25).collect();
    assert_eq!(oldest_first, expected);
    assert_eq!(newest_first, expected.into_iter().rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn every_kind_is_known_to_the_database_and_no_other() {
    let (folder, mirror) = mirror();
    write(&mirror, AuditKind::ALL.map(|kind| audit(kind, "w1")).to_vec()).await;
    for kind in AuditKind::ALL {
        assert_eq!(AuditKind::from_word(kind.as_str()), Some(kind));
        assert_eq!(found(&mirror, AuditFilter { kind: Some(kind), ..AuditFilter::default() }).await.len(), 1);
    }
    let sql = rusqlite::Connection::open(folder.path().join("mirror.db")).unwrap();
    let insert = "INSERT INTO audit (seq, at_ms, terminal, kind, previous_hash, hash)
        SELECT seq + 1, at_ms, terminal, 'nonsense', hash, hash FROM audit ORDER BY seq DESC LIMIT 1";
    let refused = sql.execute(insert, []).unwrap_err().to_string();
    assert!(refused.contains("guard: no such kind of audit row"), "{refused}");
}

#[tokio::test]
async fn the_database_refuses_to_change_shorten_or_reorder_the_log() {
    let (folder, mirror) = mirror();
    a_day(&mirror).await;
    let sql = rusqlite::Connection::open(folder.path().join("mirror.db")).unwrap();
    let copy = |seq: &str, previous: &str| {
        format!(
            "INSERT OR REPLACE INTO audit (seq, at_ms, terminal, kind, previous_hash, hash)
             SELECT {seq}, at_ms, terminal, kind, {previous}, hash FROM audit WHERE seq = 5"
        )
    };
    for (change, rule) in [
        ("UPDATE audit SET who = 'w9' WHERE seq = 2".to_owned(), "the audit log is never changed"),
        ("UPDATE OR REPLACE audit SET seq = 1 WHERE seq = 2".to_owned(), "the audit log is never changed"),
        ("DELETE FROM audit".to_owned(), "the audit log is never shortened"),
        ("DELETE FROM audit WHERE seq = 5".to_owned(), "the audit log is never shortened"),
        (copy("7", "hash"), "the audit log grows at its end only"),
        (copy("5", "previous_hash"), "the audit log grows at its end only"),
        (copy("0", "hash"), "the audit log grows at its end only"),
        (copy("NULL", "hash"), "the audit log grows at its end only"),
        (copy("6", "previous_hash"), "the audit log grows at its end only"),
    ] {
        let refused = sql.execute(&change, []).map_err(|error| error.to_string()).unwrap_err();
        assert!(refused.contains(&format!("guard: {rule}")), "{change}: {refused}");
    }
    let check = mirror.read::<_, Error>(|view| view.verify_audit()).await.unwrap();
    assert!(check.is_whole() && check.rows == 5, "{check:?}");
}

#[test]
fn a_thread_that_blocks_writes_as_well() {
    let (_folder, mirror) = mirror();
    let seq = mirror.write_blocking::<_, Error>(|tx| tx.audit(&audit(AuditKind::SignedOut, "w1"), at(0)));
    assert_eq!(seq.unwrap(), 1);
    let refused =
        mirror.write_blocking::<(), Error>(|_| Err(Error::Stored { what: "x", source: None })).unwrap_err();
    assert!(matches!(refused, Error::Stored { .. }));
}
