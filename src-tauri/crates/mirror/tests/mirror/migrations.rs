//! A file of every older version is brought to the newest without losing a word.

use crate::common::{at, audit};
use domain::staff::Rules;
use domain::{Fen, OrderId, StaffId};
use mirror::{
    AuditFilter, AuditKind, Error, JobState, LeaveOut, Mirror, OrderGroup, OrderQuery, PrintCause, PrintState,
};

/// A file of each older version.
const ALL: [&str; 6] = [
    include_str!("stored/0001.sql"),
    include_str!("stored/0002.sql"),
    include_str!("stored/0003.sql"),
    include_str!("stored/0004.sql"),
    include_str!("stored/0005.sql"),
    include_str!("stored/0006.sql"),
];

/// A mirror made of a stored file of an older version.
fn migrated(dump: &str) -> (tempfile::TempDir, Mirror) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(dump).unwrap();
    let mirror = Mirror::open(&path).unwrap();
    (folder, mirror)
}

#[tokio::test]
async fn the_first_version_is_read_with_what_the_second_added() {
    let (_folder, mirror) = migrated(include_str!("stored/0001.sql"));
    let (attention, histories, open, listed, jobs) = mirror
        .read::<_, Error>(|view| {
            let query = OrderQuery { group: OrderGroup::Attention, ..OrderQuery::default() };
            Ok((
                view.order_window(&query, 0, 10)?,
                view.buyer_histories(&["b1"])?,
                view.open_alerts(10)?,
                view.listed_order(&OrderId::new("1").unwrap())?.unwrap(),
                view.recent_print_jobs(10)?,
            ))
        })
        .await
        .unwrap();
    let ids: Vec<&str> = attention.rows.iter().map(|listed| listed.row.order.id.as_str()).collect();
    assert_eq!(ids, ["4", "3", "2"], "mismatch, discounts that do not sum up, a total that does not");
    for listed in &attention.rows {
        let contradictory = !listed.row.order.amounts_add_up();
        assert_eq!(contradictory, listed.row.order.id.as_str() != "4", "SQL and `Order` agree");
    }
    assert_eq!((histories["b1"].orders, histories["b1"].refunded), (1, Fen::new(500)));
    let keys: Vec<&str> = open.iter().map(|alert| alert.effect.key.as_str()).collect();
    assert_eq!(keys, ["alert:mismatch:4:1"], "what was told counts as seen, what is owed does not");
    assert_eq!((listed.has_open_alert, listed.printed), (false, PrintState::Printed));
    assert_eq!((jobs[0].state, jobs[0].job.cause, jobs[0].reprint), (JobState::Sent, PrintCause::Rule, 0));
    assert_eq!(jobs[0].order_number.as_deref(), Some("1"));
    assert_eq!(mirror.changes().borrow().revision, 7);
}

#[tokio::test]
async fn a_file_of_every_older_version_gets_an_audit_log_that_is_empty_and_whole() {
    for dump in ALL {
        let (_folder, mirror) = migrated(dump);
        let check = mirror.read::<_, Error>(|view| view.verify_audit()).await.unwrap();
        assert!(check.is_whole(), "{check:?}");
        assert_eq!((check.rows, check.head.unwrap().seq), (0, 0));
        assert_eq!(mirror.changes().borrow().revision, 7, "nothing of what was there has changed");
        let seq = mirror
            .write::<_, Error>(|tx| {
                let order = OrderId::new("1").unwrap();
                tx.audit(&audit(AuditKind::PrintQueued, "w1").order(&order), at(0))
            })
            .await
            .unwrap();
        assert_eq!(seq, 1);
        let newest = |tx: &mirror::Tx<'_>| tx.audit(&audit(AuditKind::ShopUnlocked, "w1"), at(1));
        assert_eq!(mirror.write::<_, Error>(newest).await.unwrap(), 2, "a kind of this version");
        // By a number that only an order of the old file has.
        let filter = AuditFilter { order: Some("421".to_owned()), ..AuditFilter::default() };
        let rows = mirror.read::<_, Error>(move |view| view.audit_page(&filter, None, 10)).await.unwrap();
        assert_eq!(rows.len(), 1);
    }
}

#[tokio::test]
async fn decisions_of_an_older_version_keep_who_typed_what_and_when() {
    for dump in &ALL[1..3] {
        let (_folder, mirror) = migrated(dump);
        let (payouts, sums, staff) = mirror
            .read::<_, Error>(|view| {
                let payouts = [view.payout(1)?.unwrap(), view.payout(2)?.unwrap()];
                let day = domain::time::beijing_day(payouts[0].created_at).start;
                let sum = |by: Option<&StaffId>| view.refunded_since(day, by, LeaveOut::Nothing);
                let sums = (sum(None)?, sum(Some(&StaffId::new("ann").unwrap()))?);
                Ok((payouts, sums, (view.has_staff()?, view.staff_rules()?)))
            })
            .await
            .unwrap();
        assert_eq!(payouts[0].decision.actor, None);
        assert_eq!(payouts[1].decision.actor.as_ref().unwrap().id, "ann");
        assert!(payouts.iter().all(|payout| payout.decided_at == payout.created_at));
        assert_eq!(
            sums,
            (Fen::new(1_200), Fen::new(700)),
            "they count on the day on which they were decided"
        );
        assert_eq!(staff, (false, Rules::default()), "nobody is defined: the caller stays the owner");
        assert_eq!(mirror.changes().borrow().revision, 7);
    }
}

#[tokio::test]
async fn an_abnormal_refund_is_open_again_and_what_failed_at_the_backend_gives_its_room_back() {
    let (_folder, mirror) = migrated(ALL[3]);
    let (open, owed, sum) = mirror
        .read::<_, Error>(|view| {
            let open: Vec<i64> = view.open_payouts()?.into_iter().map(|row| row.id).collect();
            let day = domain::time::beijing_day(at(0)).start;
            let sum = view.refunded_since(day, Some(&StaffId::new("ann").unwrap()), LeaveOut::Nothing)?;
            Ok((open, view.outstanding()?.refunds, sum))
        })
        .await
        .unwrap();
    assert_eq!(open, [1, 2, 3], "ready, processing, abnormal");
    assert_eq!(owed, 1, "only the first waits for this PC");
    assert_eq!(sum, Fen::new(780), "700 at WeChat and 80 by the backend; 900 failed");
    let audited = mirror
        .write::<_, Error>(|tx| tx.audit(&audit(AuditKind::RefundsResumed, "w1"), at(0)))
        .await
        .unwrap();
    assert_eq!(audited, 1);
}
