//! Who may decide, on the command line: PINs on standard input, limits that hold, and money that stays where it is.

use journeys::{Ended, Shop, World};
use serde_json::json;

const OWNER: [&str; 2] = ["--as", "boss"];

/// A shop with an owner (PIN 2580), a manager (1357) and a clerk (7412), and a buyer who wants 500 of 3780 fen back.
fn staffed(world: &World) -> (Shop, String, String) {
    let shop = world.shop();
    let owner = ["staff", "add", "boss", "--name", "老板", "--role", "owner"];
    let owner = shop.program(&owner).typing("2580\n").run().done();
    assert_eq!((&owner["role"], &owner["active"]), (&json!("owner"), &json!(true)), "{owner}");
    for (id, role, pin) in [("mia", "manager", "1357"), ("kim", "clerk", "7412")] {
        let add = ["staff", "add", id, "--name", id, "--role", role];
        shop.program(&add).args(&OWNER).typing(&format!("2580\n{pin}\n")).run().done();
    }
    let placed = world.place_paid(3780);
    let request = world.ask_refund(&placed.order_id, 500);
    shop.run(&["sync"]).done();
    (shop, placed.out_trade_no, request)
}

fn as_staff(shop: &Shop, id: &str, pins: &str, command: &[&str]) -> Ended {
    shop.program(command).args(&["--as", id]).typing(pins).run()
}

#[test]
fn once_staff_exist_nothing_is_decided_without_a_pin() {
    let world = World::with_orders(0);
    let (shop, number, request) = staffed(&world);
    let approve = ["refund", "approve", &request];
    let refused = shop.run(&approve);
    assert_eq!((refused.code, refused.error_code().as_str()), (Some(1), "staff_sign_in_needed"));
    assert_eq!(shop.run(&["refund", "resume"]).error_code(), "staff_sign_in_needed");
    assert_eq!(as_staff(&shop, "eve", "2580\n", &approve).error_code(), "staff_unknown");
    assert_eq!(as_staff(&shop, "mia", "", &approve).error_code(), "pin_missing");
    assert_eq!(as_staff(&shop, "mia", "2580\n", &approve).error_code(), "pin_wrong");
    assert_eq!(as_staff(&shop, "kim", "7412\n", &approve).error_code(), "staff_not_allowed");
    assert_eq!(world.refunds_moved(&number), Vec::<i64>::new());
    let row = as_staff(&shop, "mia", "1357\r\n", &approve).done();
    assert_eq!(row["payout"], "succeeded", "{row}");
    assert_eq!(world.refunds_moved(&number), [500]);
    // Looking needs nobody.
    assert_eq!(shop.run(&["refunds"]).done()[0]["payout"], "succeeded");
    let listed = shop.run(&["staff", "list"]).done();
    let mia = listed.as_array().unwrap().iter().find(|row| row["id"] == "mia").unwrap();
    assert_eq!(mia["refunded_today_fen"], 500, "{listed}");
}

#[test]
fn wrong_pins_lock_over_calls_and_a_new_pin_unlocks() {
    let world = World::with_orders(0);
    let (shop, _, request) = staffed(&world);
    let approve = ["refund", "approve", &request];
    for code in ["pin_wrong", "pin_wrong", "pin_wrong_wait", "pin_locked"] {
        assert_eq!(as_staff(&shop, "mia", "0001\n", &approve).error_code(), code);
    }
    let weak = as_staff(&shop, "boss", "2580\n1234\n", &["staff", "pin", "mia"]);
    assert_eq!(weak.error_code(), "pin_weak");
    as_staff(&shop, "boss", "2580\n9517\n", &["staff", "pin", "mia"]).done();
    assert_eq!(as_staff(&shop, "mia", "1357\n", &approve).error_code(), "pin_wrong");
    let row = as_staff(&shop, "mia", "9517\n", &approve);
    assert_eq!(row.done()["payout"], "succeeded");
}

#[test]
fn ones_own_pin_is_changed_with_the_present_one_that_was_typed_for_the_call() {
    let world = World::with_orders(0);
    let (shop, _, _) = staffed(&world);
    let own = ["staff", "pin", "mia"];
    assert_eq!(as_staff(&shop, "mia", "0001\n9517\n", &own).error_code(), "pin_wrong");
    as_staff(&shop, "mia", "1357\n9517\n", &own).done();
    assert_eq!(as_staff(&shop, "mia", "1357\n2479\n", &own).error_code(), "pin_wrong");
    as_staff(&shop, "mia", "9517\n2479\n", &own).done();
    assert_eq!(
        as_staff(&shop, "mia", "2479\n9517\n", &["staff", "pin", "boss"]).error_code(),
        "staff_not_allowed"
    );
}

#[test]
fn limits_and_the_second_person_hold_for_commands() {
    let world = World::with_orders(0);
    let (shop, number, request) = staffed(&world);
    let none = shop.run(&["staff", "limits"]).done();
    assert_eq!((&none["per_refund_fen"], &none["pin_kept_s"]), (&json!(null), &json!(300)));
    let limits = ["staff", "limits", "--per-person", "800", "--second-above", "400"];
    assert_eq!(as_staff(&shop, "mia", "1357\n", &limits).error_code(), "staff_not_allowed");
    let limits = as_staff(&shop, "boss", "2580\n", &limits).done();
    assert_eq!(limits["second_person_above_fen"], 400, "{limits}");

    let approve = ["refund", "approve", &request];
    assert_eq!(as_staff(&shop, "mia", "1357\n", &approve).error_code(), "refund_second_person_needed");
    let with = ["refund", "approve", &request, "--second", "boss"];
    assert_eq!(as_staff(&shop, "mia", "1357\n0001\n", &with).error_code(), "pin_wrong");
    assert_eq!(world.refunds_moved(&number), Vec::<i64>::new());
    as_staff(&shop, "mia", "1357\n2580\n", &with).done();
    let more = ["refund", "order", &number, "--amount", "301", "--reason", "少了一件"];
    let above = as_staff(&shop, "mia", "1357\n", &more);
    assert_eq!(above.error_code(), "refund_above_limit");
    assert!(above.stdout.contains("3.00"), "what is left today: {}", above.stdout);
    let change = ["staff", "change", "kim", "--per-refund", "300"];
    as_staff(&shop, "boss", "2580\n", &change).done();
    let less = ["refund", "order", &number, "--amount", "300", "--reason", "少了一件"];
    as_staff(&shop, "kim", "7412\n", &less).done();
    assert_eq!(world.refunds_moved(&number), [500, 300]);
}

#[test]
fn only_the_owner_changes_staff_and_the_connection_and_one_stays() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let add = |id: &str, role: &str| shop.program(&["staff", "add", id, "--name", id, "--role", role]);
    assert_eq!(add("kim", "clerk").typing("7412\n").run().error_code(), "staff_first_is_no_owner");
    add("boss", "owner").typing("2580\n").run().done();
    assert_eq!(add("kim", "clerk").typing("7412\n").run().error_code(), "staff_sign_in_needed");
    let removed = as_staff(&shop, "boss", "2580\n", &["staff", "remove", "boss"]);
    assert_eq!(removed.error_code(), "staff_no_owner_left");
    assert_eq!(shop.run(&["staff", "add", "小李", "--name", "x", "--role", "clerk"]).code, Some(2));
    add("kim", "clerk").args(&OWNER).typing("2580\n7412\n").run().done();
    let gone = as_staff(&shop, "boss", "2580\n", &["staff", "remove", "kim"]).done();
    assert_eq!(gone["active"], false);
    assert_eq!(as_staff(&shop, "kim", "7412\n", &["refund", "resume"]).error_code(), "staff_inactive");

    assert_eq!(shop.connect(&world.connection()).error_code(), "staff_sign_in_needed");
    let again = format!("2580\n{}", world.connection());
    as_staff(&shop, "boss", &again, &["connect", "--from", "-"]).done();
}

#[test]
fn a_pin_is_in_no_file_and_in_no_word() {
    const PIN: &str = "803164297501";
    let world = World::with_orders(0);
    let (shop, _, request) = staffed(&world);
    let set = as_staff(&shop, "boss", &format!("2580\n{PIN}\n"), &["staff", "pin", "mia"]);
    let wrong = as_staff(&shop, "kim", &format!("{PIN}\n"), &["refund", "resume"]);
    let approve = shop.program(&["refund", "approve", &request]).args(&["--as", "mia"]);
    let right = approve.env("ZHANGGUI_LOG", "trace").typing(&format!("{PIN}\n")).run();
    right.done();
    for ended in [&set, &wrong, &right] {
        assert!(!ended.stdout.contains(PIN) && !ended.stderr.contains(PIN), "{ended:?}");
    }
    assert!(right.stderr.contains("TRACE"), "the log is on: {}", right.stderr);
    let mut files = 0;
    for entry in std::fs::read_dir(shop.data()).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let found = bytes.windows(PIN.len()).any(|window| window == PIN.as_bytes());
            assert!(!found, "{}", entry.path().display());
            files += 1;
        }
    }
    assert!(files > 1, "mirror and settings are there");
}
