//! Whoever watches learns which kinds of rows changed, whoever wrote them.

use crate::common::{at, audit, mirror, order, payout, row};
use domain::OrderId;
use domain::staff::Rules;
use mirror::{AuditKind, Changed, EffectKind, Error, Mirror, NewEffect, SyncState, Tx};
use serde_json::json;

/// What changed between two looks, by name.
fn kinds(before: Changed, now: Changed) -> Vec<&'static str> {
    [
        ("orders", now.orders > before.orders),
        ("refunds", now.refunds > before.refunds),
        ("papers", now.papers > before.papers),
        ("alerts", now.alerts > before.alerts),
        ("sync", now.sync > before.sync),
        ("audit", now.audit > before.audit),
        ("staff", now.staff > before.staff),
    ]
    .into_iter()
    .filter_map(|(name, changed)| changed.then_some(name))
    .collect()
}

fn effect(kind: EffectKind) -> NewEffect {
    NewEffect {
        key: format!("{}:1", kind.as_str()),
        kind,
        order_id: Some(OrderId::new("1").unwrap()),
        request_id: None,
        payload: json!({"alert": "new_order"}),
        due_at: at(0),
    }
}

type Write = fn(&Tx<'_>) -> Result<(), Error>;

#[tokio::test]
async fn a_commit_says_which_kinds_it_changed() {
    let (_folder, mirror) = mirror();
    let cases: [(&str, Write); 9] = [
        ("orders", |tx| tx.put_order(&row(order("1", 0)))),
        // The order shows its refunds.
        ("orders refunds", |tx| tx.add_payout(&payout("r1", 1, 500), at(0)).map(drop)),
        ("papers", |tx| tx.owe(&effect(EffectKind::Ticket), at(0))),
        ("alerts", |tx| tx.owe(&effect(EffectKind::Alert), at(0))),
        ("alerts", |tx| tx.acknowledge("alert:1", at(0)).map(drop)),
        ("sync", |tx| tx.owe(&effect(EffectKind::Printed), at(0))),
        ("sync", |tx| tx.set_sync_state(&SyncState::default())),
        ("audit", |tx| tx.audit(&audit(AuditKind::SignedIn, "w1"), at(0)).map(drop)),
        ("staff", |tx| tx.put_staff_rules(&Rules::default(), at(0))),
    ];
    for (expected, write) in cases {
        let before = *mirror.changes().borrow();
        mirror.write::<_, Error>(write).await.unwrap();
        let now = *mirror.changes().borrow();
        assert_eq!(kinds(before, now).join(" "), expected);
        assert_eq!(now.revision, before.revision + 1);
    }
}

#[tokio::test]
async fn a_watcher_that_comes_late_has_lost_no_kind() {
    let (_folder, mirror) = mirror();
    let mut changes = mirror.changes();
    let before = *changes.borrow_and_update();
    mirror.write::<_, Error>(|tx| tx.put_order(&row(order("1", 0)))).await.unwrap();
    mirror.write::<_, Error>(|tx| tx.owe(&effect(EffectKind::Alert), at(0))).await.unwrap();
    assert_eq!(kinds(before, *changes.borrow_and_update()), ["orders", "alerts"]);
}

#[tokio::test]
async fn what_another_process_wrote_is_found_and_may_be_anything() {
    let (folder, mirror) = mirror();
    let other = Mirror::open(&folder.path().join("mirror.db")).unwrap();
    mirror.look_for_others().await.unwrap();
    let mut changes = mirror.changes();
    let before = *changes.borrow_and_update();

    mirror.write::<_, Error>(|tx| tx.put_order(&row(order("1", 0)))).await.unwrap();
    changes.borrow_and_update();
    mirror.look_for_others().await.unwrap();
    assert!(!changes.has_changed().unwrap(), "this process's own commits are no news");

    other.write::<_, Error>(|tx| tx.put_order(&row(order("2", 0)))).await.unwrap();
    mirror.look_for_others().await.unwrap();
    assert!(changes.has_changed().unwrap());
    let now = *changes.borrow_and_update();
    assert_eq!(kinds(before, now), ["orders", "refunds", "papers", "alerts", "sync", "audit", "staff"]);
    assert_eq!(now.revision, before.revision + 2);

    mirror.look_for_others().await.unwrap();
    assert!(!changes.has_changed().unwrap(), "and once only");
}
