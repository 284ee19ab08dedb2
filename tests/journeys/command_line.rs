//! Names, shapes and exit codes that other programs rely on.

use journeys::{PaperTape, Program, Shop, World};
use serde_json::json;

#[test]
fn wrong_usage_is_2_and_options_may_stand_anywhere() {
    assert_eq!(Program::new(&["frobnicate"]).run().code, Some(2));
    assert_eq!(Program::new(&["refund", "approve"]).run().code, Some(2));
    assert_eq!(Program::new(&["orders", "--limit", "0"]).run().code, Some(2));
    assert_eq!(Program::new(&["orders", "--limit", "1001"]).run().code, Some(2));
    assert_eq!(Program::new(&["--help"]).run().code, Some(0));
    let shop = Shop::unconnected();
    let data = shop.data();
    let before = Program::new(&["--json", "--data"]).arg(&data).arg("orders").run();
    let after = Program::new(&["orders", "--data"]).arg(&data).arg("--json").run();
    assert_eq!(
        (before.error_code(), after.error_code()),
        ("shop_not_connected".to_owned(), "shop_not_connected".to_owned())
    );
}

#[test]
fn errors_are_told_in_the_language_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for (language, word) in [("zh-CN", "接入"), ("zh-TW", "接入"), ("en", "connect")] {
        let ended = Program::new(&["orders", "--lang", language, "--data"]).arg(folder.path()).run();
        assert_eq!(ended.code, Some(1));
        assert!(ended.stderr.to_lowercase().contains(word), "{language}: {}", ended.stderr);
    }
}

#[test]
fn a_ticket_is_designed_without_a_shop() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("order.json");
    let order = json!({
        "id": "77", "number": "77", "version": 1, "currency": "CNY", "state": "paid",
        "payment": { "state": "paid", "method": "wechat", "total_fen": 1250, "out_trade_no": "T77" },
        "placed_at": "2025-06-01T02:20:11Z", "kind": "pickup",
        "amounts": { "total_fen": 1250, "refunded_fen": 0, "refundable_fen": 1250 },
        "lines": [{ "id": "1", "title": "现磨豆浆\u{1b}p\u{0}", "qty": 2, "total_fen": 1250 }],
        "shop": { "name": "示例小店" }
    });
    std::fs::write(&file, order.to_string()).unwrap();
    let out = folder.path().join("ticket");
    for width in ["58", "80"] {
        let text = Program::new(&["receipt", "--format", "text", "--width", width])
            .arg(&file)
            .arg("-o")
            .arg(&out)
            .run();
        assert_eq!(text.code, Some(0), "{}", text.stderr);
        let ticket = std::fs::read_to_string(&out).unwrap();
        assert!(
            ticket.contains("示例小店") && ticket.contains("现磨豆浆") && ticket.contains("12.50"),
            "{ticket}"
        );
        assert!(!ticket.contains('\u{1b}'), "what was typed is no command");
        let bytes = Program::new(&["receipt", "--format", "escpos", "--width", width])
            .arg(&file)
            .args(&["-o", "-"])
            .run();
        assert_eq!(bytes.code, Some(0), "{}", bytes.stderr);
        assert!(bytes.stdout.starts_with("\u{1b}@"));
    }
    std::fs::write(&file, "{\"id\":\"77\"}").unwrap();
    let foul = Program::new(&["--json", "receipt", "--format", "text", "-o", "-"]).arg(&file).run();
    assert_eq!(foul.error_code(), "receipt_file_invalid");
}

#[test]
fn an_order_is_printed_anywhere_and_a_reprint_says_so() {
    let world = World::with_orders(0);
    let shop = world.shop();
    let placed = world.place_paid(3780);
    shop.run(&["sync"]).done();
    let paper = PaperTape::start();
    let file = world.folder().join("slip.bin");
    let targets = [paper.target(), format!("file:{}", file.display())];
    // Printing needs no secret.
    let print = |target: &str| {
        Program::new(&["--json", "print", &placed.order_id, "--to", target])
            .arg("--data")
            .arg(shop.data())
            .run()
    };
    let sizes: Vec<u64> =
        targets.iter().map(|target| print(target).done()["bytes"].as_u64().unwrap()).collect();
    assert_eq!(std::fs::metadata(&file).unwrap().len(), sizes[1]);
    assert!(sizes[1] > sizes[0], "the second says that it is one");
    assert_eq!(print("tcp:127.0.0.1:9").error_code(), "printer_unreachable");
    assert_eq!(print("nowhere").code, Some(2));
}

#[test]
fn the_doctor_finds_what_is_wrong() {
    let world = World::with_orders(1);
    let shop = world.shop();
    let checks = shop.run(&["doctor"]).done();
    for check in checks.as_array().unwrap() {
        assert!(check["ok"] == true || check["check"] == "printer", "{check}");
    }
    let mut connection = world.connection();
    connection["backend"]["token"] = json!("wrong-token");
    shop.connect(&connection).done();
    let ended = shop.run(&["doctor"]);
    assert_eq!(ended.error_code(), "backend_unauthenticated");
    assert!(
        ended
            .json()
            .as_array()
            .unwrap()
            .iter()
            .any(|check| check["check"] == "wechat_pay" && check["ok"] == true)
    );
}
