//! Staff as the mirror keeps them, what it refuses of itself, and what limits are held against.

use domain::payout::{Event, PayoutState};
use domain::staff::{OwnLimits, Role, Rules, Signature, Staff};
use domain::{Fen, OrderId, PayoutError, RefundRequestId, Secret, StaffId};
use mirror::{Error, LeaveOut, NO_OWNER_LEFT, NewPayout, RefundByBackend, Sending, Tx};

use crate::common::{at, mirror, payout};

fn id(text: &str) -> StaffId {
    StaffId::new(text).unwrap()
}

fn staff(who: &str, role: Role) -> Staff {
    Staff { id: id(who), name: who.to_uppercase(), role, active: true, limits: OwnLimits::default() }
}

fn hash(text: &str) -> Secret<String> {
    Secret::new(format!("$argon2id${text}"))
}

fn add(tx: &Tx<'_>, who: &str, role: Role) -> Result<(), Error> {
    tx.add_staff(&staff(who, role), &hash(who), at(0))
}

fn guard<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Guard { rule }) => rule,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn staff_read_back_as_they_were_kept() {
    let (_folder, mirror) = mirror();
    let limits = OwnLimits { per_refund: Some(Fen::new(300)), per_day: None };
    let kim = Staff { limits, ..staff("kim", Role::Clerk) };
    let rules = Rules { per_day: Some(Fen::new(9)), pin_kept_s: 0, ..Rules::default() };
    let (wanted, row, pin, kept) = mirror
        .write::<_, Error>(move |tx| {
            assert!(!tx.has_staff()?);
            assert_eq!(tx.staff_rules()?, Rules::default());
            add(tx, "boss", Role::Owner)?;
            tx.add_staff(&kim, &hash("kim"), at(1))?;
            tx.put_wrong_pins(&kim.id, 3, Some(at(31)))?;
            tx.put_staff_rules(&rules, at(1))?;
            tx.put_staff_rules(&rules, at(2))?;
            Ok((kim.clone(), tx.staff_member(&kim.id)?.unwrap(), tx.pin_of(&kim.id)?, tx.staff_rules()?))
        })
        .await
        .unwrap();
    assert_eq!((row.staff, row.wrong_pins, row.locked_until), (wanted, 3, Some(at(31))));
    assert_eq!((pin, kept), (Some(hash("kim")), rules));
    let names = |rows: Vec<mirror::StaffRow>| rows.into_iter().map(|row| row.staff.name).collect::<Vec<_>>();
    let listed = mirror
        .write::<_, Error>(|tx| {
            tx.put_pin(&id("kim"), &hash("new"), at(3))?;
            let kim = tx.staff_member(&id("kim"))?.unwrap();
            assert_eq!((kim.wrong_pins, kim.locked_until), (0, None), "a new PIN begins anew");
            tx.put_staff(&Staff { active: false, ..kim.staff }, at(3))?;
            add(tx, "ann", Role::Manager)?;
            tx.staff()
        })
        .await
        .unwrap();
    assert_eq!(names(listed), ["BOSS", "ANN", "KIM"], "owners first, who left last");
}

#[tokio::test]
async fn there_is_always_an_owner_and_nobody_is_deleted() {
    let (folder, mirror) = mirror();
    let first = mirror.write::<_, Error>(|tx| add(tx, "kim", Role::Clerk)).await;
    assert_eq!(guard(first), NO_OWNER_LEFT);
    mirror.write::<_, Error>(|tx| add(tx, "boss", Role::Owner)).await.unwrap();
    mirror.write::<_, Error>(|tx| add(tx, "kim", Role::Clerk)).await.unwrap();
    for left in [staff("boss", Role::Manager), Staff { active: false, ..staff("boss", Role::Owner) }] {
        assert_eq!(guard(mirror.write(move |tx| tx.put_staff(&left, at(1))).await), NO_OWNER_LEFT);
    }
    let sql = rusqlite::Connection::open(folder.path().join("mirror.db")).unwrap();
    for (change, rule) in [
        ("DELETE FROM staff WHERE id = 'kim'", "staff are never deleted"),
        ("UPDATE staff SET id = 'tim' WHERE id = 'kim'", "staff keep their id"),
        ("UPDATE staff SET role = 'clerk'", NO_OWNER_LEFT),
        ("UPDATE staff SET pin = '2580' WHERE id = 'kim'", "CHECK constraint failed"),
    ] {
        let text = sql.execute(change, []).unwrap_err().to_string();
        assert!(text.contains(rule), "{change}: {text}");
    }
}

fn signed(new: NewPayout, who: &str) -> NewPayout {
    let actor = Signature::of(&staff(who, Role::Manager));
    NewPayout { decision: mirror::Decision { actor: Some(actor), ..new.decision.clone() }, ..new }
}

fn on(seconds: i64, new: NewPayout) -> NewPayout {
    NewPayout { decided_at: at(seconds), ..new }
}

#[tokio::test]
async fn what_a_clock_that_ran_ahead_dated_is_dated_anew_by_one_that_is_right() {
    let (_folder, mirror) = mirror();
    let days = mirror
        .write::<_, Error>(|tx| {
            tx.add_payout(&on(999_999, payout("r1", 1, 100)), at(0))?;
            tx.add_payout(&on(5, payout("r2", 1, 20)), at(0))?;
            let refund = RefundByBackend {
                key: "k1".to_owned(),
                request_id: None,
                order_id: OrderId::new("9").unwrap(),
                amount: Fen::new(3),
                decided_by: None,
            };
            assert_eq!(tx.add_refund_by_backend(&refund, at(999_999))?, Sending::First);
            assert_eq!(tx.add_refund_by_backend(&refund, at(999_999))?, Sending::Again);
            assert_eq!(tx.keep_latest_told(at(10))?, at(10));
            assert_eq!(tx.keep_latest_told(at(7))?, at(10), "the backend's clock was put back");
            assert_eq!(tx.redate_decisions(at(10), at(7))?, 2);
            assert_eq!(tx.redate_decisions(at(10), at(7))?, 0);
            let since = |seconds| tx.refunded_since(at(seconds), None, LeaveOut::Nothing).map(Fen::get);
            Ok([since(0)?, since(6)?, since(7)?, since(8)?])
        })
        .await
        .unwrap();
    assert_eq!(days, [123, 103, 103, 0]);
}

#[tokio::test]
async fn a_day_sums_up_whatever_may_have_gone_back() {
    let (_folder, mirror) = mirror();
    let today = at(0);
    let sums = move |tx: &Tx<'_>| {
        let sum = |by: Option<&StaffId>| tx.refunded_since(today, by, LeaveOut::Nothing).map(Fen::get);
        Ok::<_, Error>((sum(None)?, sum(Some(&id("mia")))?, sum(Some(&id("max")))?))
    };
    let (one, all) = mirror
        .write::<_, Error>(move |tx| {
            tx.add_payout(&on(-1, signed(payout("r0", 1, 9), "mia")), at(0))?;
            let one = tx.add_payout(&on(0, signed(payout("r1", 1, 100), "mia")), at(0))?;
            tx.add_payout(&on(999, signed(payout("r2", 1, 150), "max")), at(0))?;
            tx.add_payout(&on(5, payout("r3", 1, 400)), at(0))?;
            tx.add_payout(&on(999_999, signed(payout("r4", 1, 50), "max")), at(0))?;
            Ok((one, sums(tx)?))
        })
        .await
        .unwrap();
    assert_eq!(
        all,
        (700, 100, 200),
        "nobody's own counts for the shop, and so does what seems to be to come"
    );
    let (without, failed, again) = mirror
        .write::<_, Error>(move |tx| {
            let without = tx.refunded_since(at(0), None, LeaveOut::Payout(one))?;
            let mut row = tx.payout(one)?.unwrap();
            let error = PayoutError { code: "NOTENOUGH".to_owned(), text: String::new() };
            row.payout = row
                .payout
                .after(&Event::Claimed { until: Some(at(300)) }, at(1))
                .after(&Event::Sending, at(1))
                .after(&Event::Refused(error), at(1));
            assert_eq!(row.payout.state, PayoutState::Failed);
            tx.put_payout(&row)?;
            let failed = sums(tx)?;
            // Decided on anew, by somebody else and on another day.
            row.payout = row.payout.wanted_again(Fen::new(50), at(2_000)).unwrap();
            row.decision.actor = Some(Signature::of(&staff("max", Role::Manager)));
            row.decided_at = at(2_000);
            tx.put_payout(&row)?;
            Ok((without.get(), failed, (sums(tx)?, tx.payout(one)?.unwrap().decided_at)))
        })
        .await
        .unwrap();
    assert_eq!(without, 600);
    assert_eq!(failed, (600, 0, 200), "what is known not to have happened");
    assert_eq!(again, ((650, 0, 250), at(2_000)), "it counts on the day of the decision that holds");

    let by_backend = |key: &str, amount| RefundByBackend {
        key: key.to_owned(),
        request_id: Some(RefundRequestId::new("r9").unwrap()),
        order_id: OrderId::new("9").unwrap(),
        amount: Fen::new(amount),
        decided_by: Some("mia".to_owned()),
    };
    mirror
        .write::<_, Error>(move |tx| {
            for _ in 0..2 {
                tx.add_refund_by_backend(&by_backend("k1", 30), at(1))?;
            }
            tx.add_refund_by_backend(&by_backend("k2", 3), at(2))?;
            assert_eq!(
                sums(tx)?,
                (680, 30, 250),
                "a key counts once, and so does a request: by the larger amount"
            );
            let request = RefundRequestId::new("r9").unwrap();
            let but = |key, request| tx.refunded_since(at(0), None, LeaveOut::ByBackend { key, request });
            assert_eq!(but("k1", None)?, Fen::new(650), "the smaller one is not the whole truth");
            assert_eq!(but("k3", Some(&request))?, Fen::new(650));
            let today = |from| tx.refunded_since(at(from), None, LeaveOut::Nothing);
            assert_eq!(today(2)?.get() - today(3)?.get(), 3, "a larger one of the day before hides nothing");
            let repeated = RefundByBackend { decided_by: Some("max".to_owned()), ..by_backend("k1", 30) };
            assert_eq!(tx.add_refund_by_backend(&repeated, at(9))?, Sending::Again);
            assert_eq!(sums(tx)?, (680, 30, 250), "it stays with whoever decided on it first");
            tx.drop_refund_by_backend("k1")?;
            assert_eq!(sums(tx)?, (653, 3, 250));
            tx.drop_refunds_by_backend_on(&request)?;
            assert_eq!(sums(tx)?, (650, 0, 250));
            for _ in 0..2 {
                tx.count_refund_by_backend_on(&request)?;
                assert_eq!(sums(tx)?, (653, 3, 250), "it was paid after all: the last decision counts");
            }
            Ok(())
        })
        .await
        .unwrap();
}

#[test]
fn a_hash_is_not_printed_with_its_owner() {
    let row = format!("{:?} {:?}", staff("kim", Role::Clerk), hash("kim"));
    assert!(!row.contains("argon2id"), "{row}");
}
