//! The list of orders by group, search and position.

use std::time::{Duration, Instant};

use crate::common::{at, mirror, order, payout, row};
use domain::reconcile::TicketProof;
use domain::verify::Verified;
use domain::{
    BackendPayout, BackendPayoutState, Fen, Fulfilment, Order, OrderId, PaymentState, RefundKind,
    RefundRequest, RefundRequestId, RefundState,
};
use mirror::{
    EffectKind, Error, Mirror, NewEffect, NewPrintJob, OrderGroup, OrderQuery, OrderWindow, PrintCause,
    PrintState, Tx,
};
use serde_json::json;

fn query(group: OrderGroup, search: &str) -> OrderQuery {
    OrderQuery { group, search: search.to_owned() }
}

async fn window(mirror: &Mirror, query: OrderQuery, first: u64, count: u32) -> OrderWindow {
    mirror.read::<_, Error>(move |view| view.order_window(&query, first, count)).await.unwrap()
}

fn ids(window: &OrderWindow) -> Vec<&str> {
    window.rows.iter().map(|listed| listed.row.order.id.as_str()).collect()
}

fn put(tx: &Tx<'_>, id: &str, change: impl FnOnce(&mut Order)) -> Result<(), Error> {
    let mut order = order(id, 0);
    change(&mut order);
    tx.put_order(&row(order))
}

fn request(id: &str, order: &str, state: RefundState) -> RefundRequest {
    RefundRequest {
        id: RefundRequestId::new(id).unwrap(),
        order_id: OrderId::new(order).unwrap(),
        version: 1,
        state,
        kind: RefundKind::RefundOnly,
        requested_by: "buyer".to_owned(),
        amount: Fen::new(500),
        max: Fen::new(3780),
        reason_code: None,
        reason_text: None,
        lines: Vec::new(),
        requested_at: at(0),
        deadline_at: None,
        payout: BackendPayout {
            mode: None,
            state: BackendPayoutState::None,
            round: 0,
            refund_no: None,
            amount: None,
            refund_id: None,
            terminal: None,
            claim_until: None,
            succeeded_at: None,
            error: None,
        },
    }
}

/// One order of each kind that a group speaks of.
async fn every_kind(mirror: &Mirror) {
    mirror
        .write::<_, Error>(|tx| {
            put(tx, "aUnpaid", |order| {
                order.fulfilment = Fulfilment::Unpaid;
                order.payment.state = PaymentState::Unpaid;
            })?;
            put(tx, "bPaid", |_| {})?;
            put(tx, "cPartlyshipped", |order| order.fulfilment = Fulfilment::PartiallyShipped)?;
            put(tx, "dShipped", |order| order.fulfilment = Fulfilment::Shipped)?;
            put(tx, "eCompleted", |order| order.fulfilment = Fulfilment::Completed)?;
            put(tx, "fGivenback", |order| order.payment.state = PaymentState::Refunded)?;
            put(tx, "gCancelled", |order| {
                order.fulfilment = Fulfilment::Cancelled;
                order.payment.state = PaymentState::Refunded;
            })?;
            put(tx, "hClosed", |order| order.fulfilment = Fulfilment::Closed)?;
            put(tx, "iUnknown", |order| order.fulfilment = Fulfilment::Other("teleported".to_owned()))?;
            let mut mismatch = row(order("jMismatch", 0));
            mismatch.verified = Verified::Mismatch;
            tx.put_order(&mismatch)?;
            let mut not_paid = row(order("kNotpaid", 0));
            not_paid.verified = Verified::NotPaid;
            tx.put_order(&not_paid)?;
            let mut nobody_paid = row(order("lNobodypaid", 0));
            nobody_paid.verified = Verified::NotPaid;
            nobody_paid.order.fulfilment = Fulfilment::Unpaid;
            nobody_paid.order.payment.state = PaymentState::Unpaid;
            tx.put_order(&nobody_paid)?;
            put(tx, "mWrongsum", |order| {
                order.amounts.goods = Some(Fen::new(1));
                order.amounts.freight = Some(Fen::ZERO);
                order.amounts.discount = Some(Fen::ZERO);
            })?;
            put(tx, "1", |order| order.fulfilment = Fulfilment::Completed)?;
            tx.add_payout(&payout("r1", 1, 500), at(0))?;
            tx.put_refund_request(&request("r2", "dShipped", RefundState::Pending))?;
            tx.put_refund_request(&request("r3", "eCompleted", RefundState::Rejected))?;
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn each_group_holds_the_orders_that_it_says() {
    let (_folder, mirror) = mirror();
    every_kind(&mirror).await;
    let expected = [
        (OrderGroup::Unpaid, vec!["lNobodypaid", "aUnpaid"]),
        (OrderGroup::ToFulfil, vec!["mWrongsum", "kNotpaid", "jMismatch", "cPartlyshipped", "bPaid"]),
        (OrderGroup::Refunding, vec!["dShipped", "1"]),
        (OrderGroup::Attention, vec!["mWrongsum", "kNotpaid", "jMismatch"]),
        (OrderGroup::Done, vec!["fGivenback", "eCompleted", "dShipped", "1"]),
        (OrderGroup::Cancelled, vec!["hClosed", "gCancelled"]),
    ];
    let counts = mirror.read::<_, Error>(|view| view.order_counts("")).await.unwrap();
    assert_eq!(counts[0], (OrderGroup::All, 14));
    for ((group, list), counted) in expected.into_iter().zip(&counts[1..]) {
        let found = window(&mirror, query(group, ""), 0, 100).await;
        assert_eq!(ids(&found), list, "{group:?}");
        assert_eq!(*counted, (group, found.total), "{group:?}");
        assert_eq!(found.total, list.len() as u64, "{group:?}");
    }
}

#[tokio::test]
async fn stretches_follow_each_other_and_every_order_knows_its_place() {
    let (_folder, mirror) = mirror();
    mirror
        .write::<_, Error>(|tx| {
            // Several in the same instant: the id breaks the tie.
            (0..25).try_for_each(|number| tx.put_order(&row(order(&format!("{number:02}"), number / 4))))
        })
        .await
        .unwrap();
    for (search, total) in [("", 25), ("豆浆", 25), ("1", 12), ("t1", 10), ("nothing like it", 0)] {
        let mut seen = Vec::new();
        for first in (0..30).step_by(7) {
            let found = window(&mirror, query(OrderGroup::All, search), first, 7).await;
            assert_eq!(found.total, total, "{search:?}");
            seen.extend(found.rows.into_iter().map(|listed| listed.row.order.id));
        }
        assert_eq!(seen.len() as u64, total, "{search:?}");
        assert!(seen.is_sorted_by(|one, next| one > next), "{search:?}: newest first, none twice");
        for (place, id) in seen.into_iter().enumerate() {
            let query = query(OrderGroup::All, search);
            let found = mirror.read::<_, Error>(move |view| view.order_position(&query, &id)).await.unwrap();
            assert_eq!(found, Some(place as u64), "{search:?}");
        }
    }
    let elsewhere = query(OrderGroup::Cancelled, "");
    let id = OrderId::new("01").unwrap();
    let found = mirror.read::<_, Error>(move |view| view.order_position(&elsewhere, &id)).await.unwrap();
    assert_eq!(found, None, "an order of another group has no place in this one");
}

#[tokio::test]
async fn a_row_says_what_this_pc_did_about_the_order() {
    let (_folder, mirror) = mirror();
    let job = |order: &str, template: &str| NewPrintJob {
        key: format!("{order}:{template}"),
        order_id: OrderId::new(order).unwrap(),
        out_refund_no: None,
        template: template.to_owned(),
        target: "auto".to_owned(),
        width_mm: 80,
        copy: 1,
        proof: TicketProof::Verified,
        cause: PrintCause::Rule,
    };
    mirror
        .write::<_, Error>(move |tx| {
            put(tx, "1", |_| {})?;
            put(tx, "2", |_| {})?;
            tx.owe(
                &NewEffect {
                    key: "alert:new_order:2".to_owned(),
                    kind: EffectKind::Alert,
                    order_id: Some(OrderId::new("2").unwrap()),
                    request_id: None,
                    payload: json!({"alert": "new_order"}),
                    due_at: at(0),
                },
                at(0),
            )?;
            tx.add_payout(&payout("r1", 1, 500), at(0))?;
            tx.queue_print_job(&job("1", "kitchen"), at(0)).map(drop)
        })
        .await
        .unwrap();
    let found = window(&mirror, OrderQuery::default(), 0, 10).await;
    let axis: Vec<_> =
        found.rows.iter().map(|listed| (listed.has_open_alert, listed.refunding, listed.printed)).collect();
    assert_eq!(axis, [(true, false, PrintState::No), (false, true, PrintState::Queued)]);
}

/// The plans behind the promise that a long list scrolls like a short one.
#[tokio::test]
async fn counting_and_skipping_never_open_an_order() {
    let (folder, _mirror) = mirror();
    let sql = rusqlite::Connection::open(folder.path().join("mirror.db")).unwrap();
    let plan = |query: &str| -> String {
        let mut statement = sql.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let lines = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        lines.map(Result::unwrap).collect::<Vec<_>>().join(" / ")
    };
    let attention = "verified = 'mismatch' OR amounts_add_up = 0";
    for condition in ["TRUE", attention, "instr(search, 'soy') > 0"] {
        let counted = plan(&format!("SELECT count(*) FROM orders WHERE {condition}"));
        assert!(counted.contains("COVERING INDEX"), "{condition}: {counted}");
        let listed = plan(&format!(
            "SELECT body FROM orders WHERE {condition} ORDER BY placed_at_ms DESC, id DESC LIMIT 100 OFFSET 5000"
        ));
        assert!(listed.contains("USING INDEX orders_list") && !listed.contains("TEMP B-TREE"), "{listed}");
    }
}

/// Ten thousand orders, with time to spare for a busy machine and an unoptimised build; `cargo xtask bench` measures.
#[tokio::test]
async fn ten_thousand_orders_are_listed_without_a_pause() {
    let (_folder, mirror) = mirror();
    mirror
        .write::<_, Error>(|tx| {
            (0..10_000).try_for_each(|number| tx.put_order(&row(order(&format!("{number:05}"), number))))
        })
        .await
        .unwrap();
    for (group, search, first) in [
        (OrderGroup::All, "", 9_900),
        (OrderGroup::ToFulfil, "", 9_900),
        (OrderGroup::All, "4207", 0),
        (OrderGroup::Refunding, "", 0),
    ] {
        let (mut listed, mut counted) = (Duration::MAX, Duration::MAX);
        for _ in 0..20 {
            let began = Instant::now();
            window(&mirror, query(group, search), first, 100).await;
            listed = listed.min(began.elapsed());
            let began = Instant::now();
            mirror.read::<_, Error>(move |view| view.order_counts(search)).await.unwrap();
            counted = counted.min(began.elapsed());
        }
        println!("{group:?} {search:?} from {first}: window {listed:?}, counts {counted:?}");
        assert!(listed.max(counted) < Duration::from_secs(1), "{group:?} {search:?}");
    }
}

#[tokio::test]
async fn a_buyers_history_counts_the_refunds_that_gave_money_back() {
    let (_folder, mirror) = mirror();
    mirror
        .write::<_, Error>(|tx| {
            for id in ["a", "b", "c"] {
                put(tx, id, |order| {
                    order.buyer =
                        serde_json::from_value(json!({"id": "b1", "display_name": "小王", "note": null}))
                            .unwrap();
                    order.amounts.refunded = if id == "a" { Fen::new(500) } else { Fen::ZERO };
                })?;
            }
            tx.put_refund_request(&request("r1", "a", RefundState::Succeeded))?;
            tx.put_refund_request(&request("r2", "b", RefundState::Pending))?;
            tx.put_refund_request(&request("r3", "c", RefundState::Rejected))
        })
        .await
        .unwrap();
    let histories = mirror.read::<_, Error>(|view| view.buyer_histories(&["b1"])).await.unwrap();
    let history = histories["b1"];
    assert_eq!((history.orders, history.refunds, history.refunded), (3, 1, Fen::new(500)));
}
