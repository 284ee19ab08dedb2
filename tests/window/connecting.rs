//! Connecting a real shop, which here is the world of another process.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use journeys::{Pc, World};
use serde_json::Value;

use crate::{connect, go, quiet_demo, row};

const PASSPHRASE: &str = "马到成功 horse battery";

#[test]
fn a_shop_is_connected_by_its_json_and_its_secrets_are_nowhere_to_be_read() {
    // Another one than the demo shop's, so that their secrets differ.
    let world = World::new(&["--orders", "5", "--rate", "0", "--seed", "2"]);
    let connection = world.connection();
    let pc = Pc::new();
    let (window, _demo) = quiet_demo(&pc);
    window.role("button", "接入我的店铺").click();
    connect(&window, &connection, PASSPHRASE);
    window.text("有口令的保险箱文件").see();
    go(&window, "订单");
    let before = world.place_paid(3780);
    row(&window, &before.order_id).text("收款已核实").see();
    assert_eq!(window.text("演示店铺：订单和钱都是模拟的").count(), 0, "this is no play");
    drop(window);

    // The next morning.
    let window = pc.open(&[]);
    let name = connection["shop"]["name"].as_str().unwrap();
    window.role("heading", &format!("{name}已锁定")).see();
    window.role("textbox", "保险箱口令").write("something else");
    window.role("button", "解锁").click();
    window.holding("alert", "口令").see();
    window.role("textbox", "保险箱口令").write(PASSPHRASE);
    window.role("button", "解锁").click();
    row(&window, &before.order_id).text("收款已核实").see();
    let after = world.place_paid(1250);
    row(&window, &after.order_id).text("收款已核实").see();
    drop(window);

    let secrets = secrets(&connection);
    assert!(secrets.len() >= 5, "token, two keys, a private key as text and as bytes, the passphrase");
    let mut read = 0;
    look_through(pc.folder(), &mut |file, bytes| {
        read += 1;
        for (what, secret) in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_slice());
            assert!(!found, "{what} can be read in {}", file.display());
        }
    });
    assert!(read > 5, "the shop's files were read");
}

fn secrets(connection: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let pay = &connection["wechat_pay"];
    let values = [
        ("the token", &connection["backend"]["token"]),
        ("the v2 key", &pay["api_v2_key"]),
        ("the v3 key", &pay["api_v3_key"]),
    ];
    let mut secrets: Vec<_> = values
        .iter()
        .filter_map(|(what, value)| Some((*what, value.as_str()?.as_bytes().to_vec())))
        .collect();
    let pem = fs::read_to_string(pay["key_file"].as_str().unwrap()).unwrap();
    let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    // Its head is the same in every key.
    secrets.push(("the private key's text", lines[lines.len() - 2].as_bytes().to_vec()));
    secrets.push(("the private key", BASE64.decode(lines.concat()).unwrap().split_off(64)));
    secrets.push(("the passphrase", PASSPHRASE.as_bytes().to_vec()));
    secrets
}

/// Every file below a folder.
pub(crate) fn look_through(folder: &Path, look: &mut impl FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            look_through(&entry.path(), look);
        } else if kind.is_file() {
            look(&entry.path(), &fs::read(entry.path()).unwrap());
        }
    }
}
