//! What is written is read back, whole or not at all.

use crate::common::{at, mirror, order, row};
use domain::OrderId;
use domain::verify::Verified;
use mirror::{EffectKind, EffectState, Error, Mirror, Moment, NewEffect, OrderFilter, SyncPhase, SyncState};
use serde_json::json;

fn effect(key: &str) -> NewEffect {
    NewEffect {
        key: key.to_owned(),
        kind: EffectKind::Alert,
        order_id: Some(OrderId::new("1").unwrap()),
        request_id: None,
        payload: json!({"alert": "new_order"}),
        due_at: at(5),
    }
}

#[tokio::test]
async fn an_order_reads_back_and_is_found_by_every_number() {
    let (_folder, mirror) = mirror();
    mirror.write::<_, Error>(|tx| tx.put_order(&row(order("1", 0)))).await.unwrap();
    for number in ["1", "T1", "421"] {
        let found =
            mirror.read::<_, Error>(move |view| view.order_by_any_number(number)).await.unwrap().unwrap();
        assert_eq!(found.order, order("1", 0));
        assert_eq!((found.verified, found.revision), (Verified::Pending, 1));
    }
    for words in ["豆浆", "SOY", "大杯", "t1"] {
        let filter = OrderFilter { search: Some(words.to_owned()), limit: 10, ..OrderFilter::default() };
        assert_eq!(
            mirror.read::<_, Error>(move |view| view.orders(&filter)).await.unwrap().len(),
            1,
            "{words}"
        );
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let (_folder, mirror) = mirror();
    mirror
        .write::<_, Error>(|tx| {
            // Several orders in the same instant: the id breaks the tie.
            (0..25).try_for_each(|number| tx.put_order(&row(order(&format!("{number:02}"), number / 4))))
        })
        .await
        .unwrap();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let filter = OrderFilter { after: after.clone(), limit: 4, ..OrderFilter::default() };
        let page = mirror.read::<_, Error>(move |view| view.orders(&filter)).await.unwrap();
        let Some(last) = page.last() else { break };
        // The key travels as text.
        after = Some(last.key().to_string().parse().unwrap());
        seen.extend(page.iter().map(|row| row.order.id.as_str().to_owned()));
    }
    let mut expected: Vec<String> = (0..25).map(|number| format!("{number:02}")).collect();
    expected.reverse();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_failed_transaction_leaves_nothing() {
    let (_folder, mirror) = mirror();
    let outcome = mirror
        .write::<(), Error>(|tx| {
            tx.put_order(&row(order("1", 0)))?;
            tx.owe(&effect("alert:new_order:1"), at(0))?;
            Err(Error::Closed)
        })
        .await;
    assert!(outcome.is_err());
    assert_eq!(mirror.read::<_, Error>(|view| view.count_orders()).await.unwrap(), 0);
    assert_eq!(mirror.read::<_, Error>(|view| view.count_owed(EffectKind::Alert)).await.unwrap(), 0);
    assert_eq!(mirror.read::<_, Error>(|view| view.revision()).await.unwrap(), 0);
}

#[tokio::test]
async fn the_same_cause_is_owed_once_even_after_it_was_settled() {
    let (_folder, mirror) = mirror();
    let owe = |mirror: Mirror| async move {
        mirror.write::<_, Error>(|tx| tx.owe(&effect("alert:new_order:1"), at(0))).await.unwrap();
        mirror.read::<_, Error>(|view| view.due_effects(EffectKind::Alert, at(5), 10)).await.unwrap()
    };
    let due = owe(mirror.clone()).await;
    assert_eq!(due.len(), 1);
    assert_eq!(
        mirror.read::<_, Error>(|view| view.due_effects(EffectKind::Alert, at(4), 10)).await.unwrap(),
        [],
        "not before its time"
    );
    let id = due[0].id;
    mirror.write::<_, Error>(move |tx| tx.settle(id, EffectState::Done, None, at(6))).await.unwrap();
    assert_eq!(owe(mirror.clone()).await, []);
    let withdrawn = mirror.write::<_, Error>(|tx| tx.withdraw("alert:new_order:1", at(7))).await.unwrap();
    assert!(!withdrawn, "what was done cannot be withdrawn");
}

#[tokio::test]
async fn a_commit_ticks_and_a_reopened_file_goes_on() {
    let (folder, mirror) = mirror();
    let mut changes = mirror.changes();
    let state = SyncState {
        phase: SyncPhase::Live,
        cursor: Some("000000018432".to_owned()),
        history_page: None,
        resync: false,
        cursor_lost_at: None,
        contact_at: Some(at(3)),
    };
    let kept = state.clone();
    mirror
        .write::<_, Error>(move |tx| {
            tx.set_sync_state(&kept)?;
            tx.note(&OrderId::new("1").unwrap(), &Moment::with("paid", json!({"amount": "37.80"})), at(3))
        })
        .await
        .unwrap();
    assert!(changes.has_changed().unwrap());
    assert_eq!(changes.borrow_and_update().revision, 1);
    mirror.write::<_, Error>(|_| Ok(())).await.unwrap();
    assert!(!changes.has_changed().unwrap(), "nothing changed, nothing ticks");
    drop(mirror);
    let again = Mirror::open(&folder.path().join("mirror.db")).unwrap();
    assert_eq!(again.read::<_, Error>(|view| view.sync_state()).await.unwrap(), state);
    let timeline = again.read::<_, Error>(|view| view.timeline(&OrderId::new("1").unwrap())).await.unwrap();
    assert_eq!((timeline[0].kind.as_str(), timeline[0].at), ("paid", at(3)));
    assert_eq!(again.changes().borrow().revision, 1);
}

#[test]
fn a_file_that_is_no_database_is_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror.db");
    std::fs::write(&path, "这不是数据库".repeat(500)).unwrap();
    assert!(matches!(Mirror::open(&path), Err(Error::Damaged(_))));
}

#[test]
fn a_file_of_a_later_version_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror.db");
    drop(Mirror::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Mirror::open(&path), Err(Error::Newer { found: 99, known: 7 })));
}
