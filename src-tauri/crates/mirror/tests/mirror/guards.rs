//! The database itself refuses what would cost the shop money, also by raw SQL.

use crate::common::{at, mirror, payout};
use domain::Fen;
use domain::payout::{Event, PayoutState};
use mirror::{Error, NewPayout};

fn raw(folder: &tempfile::TempDir) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.path().join("mirror.db")).unwrap()
}

async fn add(mirror: &mirror::Mirror, new: NewPayout) -> Result<i64, Error> {
    mirror.write(move |tx| tx.add_payout(&new, at(0))).await
}

fn refused<T: std::fmt::Debug, E: std::fmt::Display>(outcome: Result<T, E>, rule: &str) {
    let text = outcome.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(text.contains(rule), "{text:?} does not speak of {rule:?}");
}

#[tokio::test]
async fn refunds_never_exceed_the_payment() {
    let (folder, mirror) = mirror();
    add(&mirror, payout("r1", 1, 2000)).await.unwrap();
    add(&mirror, payout("r2", 1, 1780)).await.unwrap();
    refused(add(&mirror, payout("r3", 1, 1)).await, "refunds exceed the payment");
    let sql = raw(&folder);
    refused(
        sql.execute("UPDATE payouts SET amount_fen = 2001 WHERE id = 1", []),
        "refunds exceed the payment",
    );
    // What is known not to have happened gives its room back, and takes it again only while there is room.
    sql.execute("UPDATE payouts SET state = 'failed', counts = 0 WHERE id = 1", []).unwrap();
    add(&mirror, payout("r4", 1, 2000)).await.unwrap();
    refused(
        sql.execute("UPDATE payouts SET state = 'ready', counts = 1 WHERE id = 1", []),
        "refunds exceed the payment",
    );
    refused(
        sql.execute("UPDATE payouts SET counts = 0 WHERE id = 2 AND state = 'none'", [])
            .and_then(|_| sql.execute("UPDATE payouts SET state = 'processing' WHERE id = 2", [])),
        "CHECK constraint failed",
    );
}

#[tokio::test]
async fn refunds_of_orders_that_share_a_payment_are_summed_up() {
    let (_folder, mirror) = mirror();
    add(&mirror, payout("r1", 1, 3000)).await.unwrap();
    // The sibling order knows the payment by one of its numbers only.
    let mut sibling = payout("r2", 1, 781);
    sibling.order_id = domain::OrderId::new("2").unwrap();
    sibling.paid_from.out_trade_no = None;
    refused(add(&mirror, sibling).await, "refunds exceed the payment");
}

#[tokio::test]
async fn a_round_has_one_number_and_the_next_waits_for_closed() {
    let (folder, mirror) = mirror();
    add(&mirror, payout("r1", 1, 500)).await.unwrap();
    refused(add(&mirror, payout("r1", 2, 500)).await, "the number before is not closed");
    let sql = raw(&folder);
    sql.execute("UPDATE payouts SET state = 'closed', counts = 0", []).unwrap();
    add(&mirror, payout("r1", 2, 500)).await.unwrap();
    let mut stolen = payout("r9", 1, 500);
    stolen.payout.out_refund_no = payout("r1", 2, 500).payout.out_refund_no;
    refused(add(&mirror, stolen).await.map_err(|error| format!("{error:?}")), "UNIQUE");
    for change in [
        "out_refund_no = 'mr9-x'",
        "round = 7",
        "transaction_id = NULL",
        "order_id = '2'",
        "request_id = 'r2'",
    ] {
        refused(
            sql.execute(&format!("UPDATE payouts SET {change} WHERE id = 2"), []),
            "a refund keeps its number",
        );
    }
}

#[tokio::test]
async fn success_is_never_left_and_nothing_is_deleted() {
    let (folder, mirror) = mirror();
    add(&mirror, payout("r1", 1, 500)).await.unwrap();
    let sql = raw(&folder);
    sql.execute("UPDATE payouts SET state = 'processing'", []).unwrap();
    refused(sql.execute("UPDATE payouts SET amount_fen = 400", []), "a refund keeps its amount");
    sql.execute("UPDATE payouts SET state = 'succeeded'", []).unwrap();
    for state in PayoutState::ALL.into_iter().filter(|state| *state != PayoutState::Succeeded) {
        refused(sql.execute("UPDATE payouts SET state = ?1", [state.as_str()]), "success is final");
    }
    refused(sql.execute("DELETE FROM payouts", []), "refunds are never deleted");
}

#[tokio::test]
async fn a_payout_reads_back_as_it_was_kept() {
    let (_folder, mirror) = mirror();
    let id = add(&mirror, payout("r1", 1, 500)).await.unwrap();
    let kept = mirror
        .write::<_, Error>(move |tx| {
            let mut row = tx.payout(id)?.ok_or(Error::Closed)?;
            row.payout = row
                .payout
                .after(&Event::Claimed { until: Some(at(300)) }, at(1))
                .after(&Event::Sending, at(1));
            tx.put_payout(&row)?;
            Ok(row.payout)
        })
        .await
        .unwrap();
    let open = mirror.read::<_, Error>(|view| view.open_payouts()).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].payout, kept);
    assert_eq!((kept.state, kept.amount), (PayoutState::Submitting, Fen::new(500)));
}
