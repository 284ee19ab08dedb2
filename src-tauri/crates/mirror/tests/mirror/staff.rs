//! Staff as the mirror keeps them, what it refuses of itself, and what limits are held against.

use domain::payout::{Event, PayoutState};
use domain::staff::{OwnLimits, Role, Rules, Signature, Staff};
use domain::{Fen, OrderId, PayoutError, RefundRequestId, Secret, StaffId};
use mirror::{Error, LeaveOut, NO_OWNER_LEFT, NewPayout, RefundByBackend, Tx};

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

#[tokio::test]
async fn a_day_sums_up_whatever_may_have_gone_back() {
    let (_folder, mirror) = mirror();
    let today = at(0)..at(1_000);
    let sums = move |tx: &Tx<'_>| {
        let sum = |by: Option<&StaffId>| tx.refunded_on(&today, by, LeaveOut::Nothing).map(Fen::get);
        Ok::<_, Error>((sum(None)?, sum(Some(&id("mia")))?, sum(Some(&id("max")))?))
    };
    let (one, all) = mirror
        .write::<_, Error>({
            let sums = sums.clone();
            move |tx| {
                tx.add_payout(&signed(payout("r0", 1, 9), "mia"), at(-1))?;
                let one = tx.add_payout(&signed(payout("r1", 1, 100), "mia"), at(0))?;
                tx.add_payout(&signed(payout("r2", 1, 200), "max"), at(999))?;
                tx.add_payout(&payout("r3", 1, 400), at(5))?;
                tx.add_payout(&signed(payout("r4", 1, 9), "max"), at(1_000))?;
                Ok((one, sums(tx)?))
            }
        })
        .await
        .unwrap();
    assert_eq!(all, (700, 100, 200), "nobody's own counts for the shop");
    let (without, failed, again) = mirror
        .write::<_, Error>({
            let sums = sums.clone();
            move |tx| {
                let without = tx.refunded_on(&(at(0)..at(1_000)), None, LeaveOut::Payout(one))?;
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
            }
        })
        .await
        .unwrap();
    assert_eq!(without, 600);
    assert_eq!(failed, (600, 0, 200), "what is known not to have happened");
    assert_eq!(again, ((600, 0, 200), at(2_000)), "it counts on the day of the decision that holds");

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
            tx.add_refund_by_backend(&by_backend("k2", 3), at(1))?;
            assert_eq!(sums(tx)?, (633, 33, 200), "the same key counts once");
            let but = tx.refunded_on(&(at(0)..at(1_000)), None, LeaveOut::ByBackend("k1"))?;
            assert_eq!(but, Fen::new(603));
            tx.drop_refund_by_backend("k1")?;
            assert_eq!(sums(tx)?, (603, 3, 200));
            tx.drop_failed_refunds_by_backend(&RefundRequestId::new("r9").unwrap())?;
            assert_eq!(sums(tx)?, (600, 0, 200));
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
