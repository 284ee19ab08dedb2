//! A file of every older version is brought to the newest without losing a word.

use domain::{Fen, OrderId};
use mirror::{Error, JobState, Mirror, OrderGroup, OrderQuery, PrintCause, PrintState};

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
