//! What the audit log tells of a shop's day: each fact with who, before and after, and nothing of a customer.

use domain::staff::{OwnLimits, Role};
use domain::{PayoutMode, RefundState, Secret, StaffId};
use engine::{Actor, Approval, Error, NewStaff};
use mirror::{AuditFilter, AuditKind, AuditRow};
use serde_json::{Value, json};

use simulation::world::{
    Call, Console, Fault, Shop, When, fen, order_id, pass, play, request_id, rule, seconds, until,
};

/// A console that knows of a buyer who wants 500 of 3780 fen back.
async fn asked_for(shop: &Shop) -> Console {
    shop.sell("1", 3780);
    shop.want_back("r1", "1", 500);
    let console = shop.console();
    console.round().await.unwrap();
    console
}

/// Wang, who owns the shop and has typed their PIN.
async fn wang(console: &Console) -> Actor {
    let (people, id, pin) = (console.people(), StaffId::new("wang").unwrap(), Secret::new("2580".to_owned()));
    if people.staff().await.unwrap().is_empty() {
        let limits = OwnLimits::default();
        let new = NewStaff { id: id.clone(), name: "王姐".to_owned(), role: Role::Owner, limits };
        people.add(&Actor::nobody(), new, &pin).await.unwrap();
    }
    Actor::from(people.sign_in(&id, &pin).await.unwrap())
}

async fn by_wang(console: &Console, reason: &str) -> Approval {
    Approval { reason: Some(reason.to_owned()), actor: wang(console).await, ..Approval::default() }
}

/// The log without what it tells of people, oldest first, after it was checked.
async fn log(console: &Console) -> Vec<AuditRow> {
    let of_people = ["signed_in", "signed_out", "sign_in_refused", "staff_changed"];
    whole_log(console).await.into_iter().filter(|row| !of_people.contains(&row.kind.as_str())).collect()
}

/// The whole log, oldest first, after it was checked.
async fn whole_log(console: &Console) -> Vec<AuditRow> {
    let (check, rows) = console
        .mirror()
        .read::<_, mirror::Error>(|view| {
            Ok((view.verify_audit()?, view.audit_after(&AuditFilter::default(), 0, 1_000)?))
        })
        .await
        .unwrap();
    assert!(check.is_whole(), "{check:?}");
    rows
}

fn kinds(rows: &[AuditRow]) -> Vec<&str> {
    rows.iter().map(|row| row.kind.as_str()).collect()
}

fn of_kind(rows: &[AuditRow], kind: AuditKind) -> AuditRow {
    rows.iter().find(|row| row.kind == kind.as_str()).unwrap().clone()
}

/// The state of a payout before and after, as a row tells it.
fn way(row: &AuditRow) -> (Value, Value) {
    let state = |side: &Option<Value>| side.as_ref().map_or(Value::Null, |side| side["payout"].clone());
    (state(&row.before), state(&row.after))
}

#[test]
fn a_refund_is_told_from_the_decision_to_the_report() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.state().wechat.takes = seconds(5);
        let approval = by_wang(&console, "少了一杯").await;
        console.approve_and_wait(&request_id("r1"), &approval, seconds(60)).await.unwrap();
        let rows = log(&console).await;
        assert_eq!(
            kinds(&rows),
            [
                "refund_approved",
                "refund_claimed",
                "refund_submitted",
                "refund_accepted",
                "refund_succeeded",
                "refund_reported"
            ]
        );
        let number = console.payouts("1").await[0].payout.out_refund_no.to_string();
        for row in &rows {
            assert_eq!((row.who.as_deref(), row.terminal.as_str()), (Some("wang"), "till-1"));
            assert_eq!((row.order_id.as_deref(), row.request_id.as_deref()), (Some("1"), Some("r1")));
            assert_eq!(row.out_refund_no.as_deref(), Some(number.as_str()));
        }
        let version = console.desk("r1").await.payout.unwrap().decision.version;
        let decided = json!({"amount_fen": 500, "reason": "少了一杯", "version": version, "seen": null});
        assert_eq!(rows[0].after, Some(decided));
        let before = rows[0].before.clone().unwrap();
        assert_eq!((&before["state"], &before["payout"]), (&json!("pending"), &Value::Null));
        assert_eq!(way(&rows[2]), (json!("ready"), json!("submitting")));
        assert_eq!(way(&rows[4]), (json!("processing"), json!("succeeded")));
        assert_eq!(rows[4].after.as_ref().unwrap()["amount_fen"], 500);
        assert_eq!(rows[5].after, Some(json!({"payout": "succeeded", "taken": true})));
    });
}

#[test]
fn each_sending_and_each_doubt_has_a_row() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Refund, Fault::Silence(When::Before));
        console
            .approve_and_wait(&request_id("r1"), &by_wang(&console, "x").await, seconds(120))
            .await
            .unwrap();
        let rows = log(&console).await;
        assert_eq!(
            kinds(&rows)[1..7],
            [
                "refund_claimed",
                "refund_submitted",
                "refund_unknown",
                "refund_not_sent",
                "refund_submitted",
                "refund_accepted"
            ]
        );
        assert_eq!(way(&rows[3]), (json!("submitting"), json!("unknown")));
        assert_eq!(way(&rows[4]), (json!("unknown"), json!("ready")));
        assert_eq!(rows[5].after.as_ref().unwrap()["submissions"], 2);
    });
}

#[test]
fn a_crash_while_sending_is_told_by_the_next_start() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Refund, Fault::Hang(When::After));
        let (request, approval) = (request_id("r1"), by_wang(&console, "x").await);
        let wish = console.approve_and_wait(&request, &approval, seconds(600));
        assert!(until(wish, shop.world.hangs()).await.is_none());
        console.end().await;
        let console = shop.console();
        console.resume_and_wait(&wang(&console).await, seconds(60)).await.unwrap();
        let rows = log(&console).await;
        assert_eq!(way(&of_kind(&rows, AuditKind::RefundUnknown)), (json!("submitting"), json!("unknown")));
        assert_eq!(kinds(&rows).iter().filter(|kind| **kind == "refund_submitted").count(), 1);
        assert_eq!(kinds(&rows).last(), Some(&"refund_reported"));
    });
}

#[test]
fn a_second_click_and_a_refusal_of_this_console_decide_nothing() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        let too_much = Approval { amount: Some(fen(3_781)), ..by_wang(&console, "x").await };
        assert!(console.approve(&request_id("r1"), &too_much).await.is_err());
        let stale = Approval { seen: Some(1), ..by_wang(&console, "x").await };
        assert!(matches!(console.approve(&request_id("r1"), &stale).await, Err(Error::Stale)));
        assert_eq!(log(&console).await, []);
        console.approve(&request_id("r1"), &by_wang(&console, "x").await).await.unwrap();
        console.approve(&request_id("r1"), &by_wang(&console, "y").await).await.unwrap();
        assert_eq!(kinds(&log(&console).await), ["refund_approved"]);
    });
}

#[test]
fn a_refusal_is_written_down_before_it_is_sent_and_answered_after() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.once(Call::Reject, Fault::Silence(When::Before));
        let actor = wang(&console).await;
        console.reject(&request_id("r1"), "没有少", &actor, None).await.unwrap_err();
        let rows = log(&console).await;
        assert_eq!(kinds(&rows), ["refund_rejected", "decision_answered"]);
        assert!(rows[1].after.as_ref().unwrap()["error"].is_string(), "{:?}", rows[1]);

        console.reject(&request_id("r1"), "没有少", &actor, None).await.unwrap();
        let rows = log(&console).await;
        assert_eq!(kinds(&rows)[2..], ["refund_rejected", "decision_answered"]);
        assert_eq!(rows[2].before.as_ref().unwrap()["state"], "pending");
        assert_eq!(rows[2].after.as_ref().unwrap()["reason"], "没有少");
        assert_eq!(rows[3].after.as_ref().unwrap()["state"], "rejected");
        assert!(rows.iter().all(|row| row.who.as_deref() == Some("wang")));
        assert_eq!(shop.request("r1").state, RefundState::Rejected);
    });
}

#[test]
fn a_refund_that_the_shop_starts_names_its_number_and_reason() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        let who = wang(&console).await;
        console.refund_order_and_wait("1", fen(100), "多收了", &who, seconds(60)).await.unwrap();
        let rows = log(&console).await;
        let started = of_kind(&rows, AuditKind::RefundStarted);
        assert_eq!(started, rows[0]);
        assert_eq!(started.after.as_ref().unwrap()["reason"], "多收了");
        assert_eq!(started.after.as_ref().unwrap()["amount_fen"], 100);
        assert_eq!(started.out_refund_no, of_kind(&rows, AuditKind::RefundSucceeded).out_refund_no);
    });
}

#[test]
fn what_the_backend_pays_is_told_as_decided_and_answered() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
        let console = asked_for(&shop).await;
        console.approve(&request_id("r1"), &by_wang(&console, "x").await).await.unwrap();
        let who = wang(&console).await;
        console.refund_order("1", fen(100), "多收了", &who, None).await.unwrap();
        let rows = log(&console).await;
        let expected = ["refund_approved", "decision_answered", "refund_started", "decision_answered"];
        assert_eq!(kinds(&rows), expected);
        assert!(rows.iter().all(|row| row.order_id.as_deref() == Some("1")));
        assert!(rows[3].request_id.is_some(), "the backend has given it one");
    });
}

#[test]
fn papers_are_told_from_the_queue_to_their_end() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let console = shop.console();
        console.round().await.unwrap();
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(10).await;
            console.print_order(&order_id("1"), Some("merchant"), Some("wang".to_owned())).await.unwrap();
            pass(5).await;
        })
        .await;
        let rows = log(&console).await;
        assert_eq!(kinds(&rows), ["print_queued", "printed", "reprint_queued", "printed"]);
        let who: Vec<_> = rows.iter().map(|row| row.who.as_deref()).collect();
        assert_eq!(who, [None, None, Some("wang"), None]);
        let after: Vec<Value> = rows.iter().map(|row| row.after.clone().unwrap()).collect();
        assert_eq!((&after[0]["by_hand"], &after[2]["by_hand"]), (&json!(false), &json!(true)));
        assert_eq!((&after[2]["papers_before"], &after[3]["reprint"]), (&json!(1), &json!(1)));
        assert_eq!((&after[3]["job"], &after[3]["state"]), (&after[2]["job"], &json!("sent")));
    });
}

#[test]
fn papers_that_fail_and_papers_that_nobody_wants_any_more_are_told() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1), rule("kitchen", "stove", 1)];
        let console = shop.console();
        console.round().await.unwrap();
        shop.world.break_printer("counter", 100);
        shop.world.break_printer("stove", 0);
        until(console.serve(), async {
            let order = shop.sell("1", 3780);
            pass(10).await;
            let mut cancelled = order;
            cancelled.version += 1;
            cancelled.fulfilment = domain::Fulfilment::Cancelled;
            shop.world.state().backend.put_order(cancelled);
            pass(10).await;
        })
        .await;
        let rows = log(&console).await;
        assert_eq!(kinds(&rows), ["print_queued", "print_queued", "print_failed", "print_dropped"]);
        let failed = rows[2].after.clone().unwrap();
        assert_eq!((&failed["state"], &failed["bytes"]), (&json!("unknown"), &json!(100)));
        assert!(failed["error"].is_string());
        assert_eq!(rows[3].after.as_ref().unwrap()["template"], "kitchen");
    });
}

#[test]
fn whoever_acknowledges_is_named_once_and_only_where_something_was_open() {
    play(async |shop: Shop| {
        let console = shop.console();
        console.round().await.unwrap();
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(5).await;
        })
        .await;
        let open = console.open_alerts(10).await.unwrap();
        let keys: Vec<String> = open.into_iter().map(|alert| alert.key).collect();
        assert_eq!(keys, ["alert:new_order:1"]);
        let who = || Some("wang".to_owned());
        for _ in 0..2 {
            console.acknowledge(keys.clone(), who()).await.unwrap();
            console.acknowledge_order(&order_id("1"), who()).await.unwrap();
        }
        let rows = log(&console).await;
        assert_eq!(kinds(&rows), ["alert_acknowledged"]);
        assert_eq!((rows[0].who.as_deref(), rows[0].order_id.as_deref()), (Some("wang"), Some("1")));
        assert_eq!(rows[0].after, Some(json!({"alert": "alert:new_order:1", "count": 1})));
    });
}

#[test]
fn nothing_of_a_customer_and_nothing_that_others_say_in_words_is_written() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        shop.tickets.print_refunds = true;
        let mut order = shop.sell("1", 3780);
        order.version += 1;
        order.buyer =
            serde_json::from_value(json!({"id": "b1", "display_name": "李顾客", "note": "13800138000"}))
                .unwrap();
        order.merchant_note = Some("文一西路九号".to_owned());
        shop.world.state().backend.put_order(order);
        shop.want_back("r1", "1", 500);
        let wish = request_id("r1");
        shop.world.state().backend.requests.get_mut(&wish).unwrap().reason_text =
            Some("李顾客不要了".to_owned());
        let console = shop.console();
        console.round().await.unwrap();
        until(console.serve(), async {
            pass(5).await;
            console.approve(&wish, &by_wang(&console, "少了一杯").await).await.unwrap();
            console.print_order(&order_id("1"), None, None).await.unwrap();
            pass(60).await;
        })
        .await;
        let rows = log(&console).await;
        assert!(rows.len() > 8, "{:?}", kinds(&rows));
        let all = format!("{rows:?}");
        for private in ["李顾客", "13800138000", "文一西路", "豆浆"] {
            assert!(!all.contains(private), "{private} in {all}");
        }
        assert!(all.contains("少了一杯"));
    });
}

#[test]
fn a_payment_that_the_backend_was_told_of_stands_in_the_log_whenever_the_program_ends() {
    for commits in 1..12 {
        play(async |shop: Shop| {
            let order = shop.place("1", 3780);
            shop.pay_at_wechat(&order);
            let console = shop.console();
            let mut changes = console.mirror().changes();
            let last = changes.borrow().revision + commits;
            let crash = async {
                let _ = changes.wait_for(|changed| changed.revision > last).await;
            };
            until(console.round(), crash).await;
            console.end().await;
            let console = shop.console();
            let told = shop.world.count(Call::PaymentObserved) > 0;
            let (paid, rows) = console
                .mirror()
                .read::<_, mirror::Error>(|view| {
                    let paid = view.order(&order_id("1"))?.is_some_and(|row| row.order.claims_paid());
                    let rows = view.audit_after(&AuditFilter::default(), 0, 100)?;
                    Ok((paid, rows))
                })
                .await
                .unwrap();
            let noted = rows.iter().filter(|row| row.kind.as_str() == "payment_reported").count();
            assert!(!paid || (told && noted == 1), "after {commits} commits: {noted} rows");
        });
    }
}
