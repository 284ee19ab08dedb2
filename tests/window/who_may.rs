//! Who may do what the page asks for, whatever the page shows: connect shops, silence alerts; and what is written down.

use journeys::{Pc, Window, World};
use serde_json::{Value, json};

use crate::{connect, go};

/// What the vault of the shop was sealed with.
const PASSPHRASE: &str = "correct horse battery staple";

/// A PC with a shop of another world that is locked, with an owner, a manager and a clerk; the window is open.
fn locked_shop(pc: &Pc) -> (Window, World) {
    let world = World::new(&["--orders", "5", "--rate", "0", "--seed", "2"]);
    pc.connect(&world.connection());
    let add = |id: &'static str, role: &'static str| ["staff", "add", id, "--name", id, "--role", role];
    pc.program(&add("boss", "owner")).typing("2580\n").run().done();
    for (id, role, pin) in [("mia", "manager", "1357"), ("kim", "clerk", "7412")] {
        let by_owner = pc.program(&add(id, role)).args(&["--as", "boss"]);
        by_owner.typing(&format!("2580\n{pin}\n")).run().done();
    }
    let window = pc.open(&[]);
    let name = world.connection()["shop"]["name"].as_str().unwrap().to_owned();
    window.role("heading", &format!("{name}已锁定")).see();
    (window, world)
}

/// What a command answers to a page that asks without any manners: `{"done"}`, or the refusal.
fn ask(window: &Window, command: &str, arguments: &Value) -> Value {
    window.wait_for(&format!(
        "try {{
            return {{ done: (await window.__TAURI_INTERNALS__.invoke('{command}', {arguments})) ?? true }};
        }} catch (refusal) {{
            return refusal;
        }}"
    ))
}

fn sign_in(window: &Window, shop: &str, id: &str, pin: &str) {
    let answer = ask(window, "staff_sign_in", &json!({ "shop": shop, "signIn": { "id": id, "pin": pin } }));
    assert_eq!(answer["done"], true, "{answer}");
}

/// The rows of one kind, newest first: who, and what is told.
fn rows(window: &Window, shop: &str, kind: &str) -> Vec<(Value, Value)> {
    let query = json!({ "search": "", "kind": kind, "who": null, "fromMs": null, "untilMs": null });
    let wanted = json!({ "shop": shop, "query": query, "before": null, "count": 50 });
    let found = ask(window, "audit_page", &wanted);
    let row = |row: &Value| (row["who"].clone(), row["facts"].clone());
    assert!(found["done"].is_array(), "{found}");
    found["done"].as_array().unwrap().iter().map(row).collect()
}

fn says(facts: &Value, name: &str) -> Value {
    let fact = facts.as_array().unwrap().iter().find(|fact| fact["name"] == name);
    fact.map_or(Value::Null, |fact| json!([fact["before"], fact["after"]]))
}

#[test]
fn a_shop_that_is_locked_is_connected_again_by_its_owner_alone() {
    let pc = Pc::new();
    let (window, world) = locked_shop(&pc);
    let connection = world.connection();
    go(&window, "设置");
    window.role("tab", "接入店铺").click();
    connect(&window, &connection, PASSPHRASE);

    let name = connection["shop"]["name"].as_str().unwrap();
    let question = window.role("dialog", "登录后接着办");
    question.text(&format!("接入{name}")).see();
    question.css("label").text("kim").click();
    question.role("textbox", "kim 的 PIN").write("7412");
    question.role("button", "登录并办理").click();
    let refusal = window.holding("alert", "接入店铺");
    refusal.text("可以请：boss（老板）").see();
    refusal.role("button", "换人来办").click();
    let question = window.role("dialog", "换人来办");
    question.css("label").text("boss").click();
    question.role("textbox", "boss 的 PIN").write("2580");
    question.role("button", "登录并办理").click();
    window.text("有口令的保险箱文件").see();

    let rows = rows(&window, "root", "shop_connected");
    assert_eq!(rows.len(), 2, "once by the command line, once now: {rows:?}");
    assert_eq!(rows[0].0, "boss");
}

#[test]
fn a_merchant_who_has_a_shop_with_staff_is_not_connected_anew_around_them() {
    let pc = Pc::new();
    let (window, world) = locked_shop(&pc);
    let mut connection = world.connection();
    connection["shop"]["id"] = json!("round-the-corner");
    let source = json!({ "kind": "json", "text": connection.to_string() });
    let keep = json!({ "source": source, "place": { "kind": "vault", "passphrase": PASSPHRASE } });
    let refused = ask(&window, "connection_keep", &keep);
    assert_eq!(
        (&refused["code"], &refused["parameters"]["shop"]),
        (&json!("staff_sign_in_needed"), &json!("root")),
        "{refused}"
    );
    sign_in(&window, "root", "mia", "1357");
    let refused = ask(&window, "connection_keep", &keep);
    assert_eq!(
        (&refused["code"], &refused["parameters"]["able"]),
        (&json!("staff_not_allowed"), &json!("boss")),
        "{refused}"
    );
    sign_in(&window, "root", "boss", "2580");
    let answer = ask(&window, "connection_keep", &keep);
    let key = answer["done"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let connected = rows(&window, key, "shop_connected");
    assert_eq!((connected.len(), &connected[0].0), (1, &json!("boss")));
}

#[test]
fn alerts_are_silenced_by_whoever_may_and_all_of_it_is_written_down() {
    let pc = Pc::new();
    let (window, _world) = locked_shop(&pc);
    let code = |command: &str, arguments: Value| ask(&window, command, &arguments)["code"].clone();
    let mut quiet = ask(&window, "console_state", &json!({}))["done"]["preferences"].clone();
    quiet["sound"] = json!(false);
    let preferences = json!({ "preferences": quiet });
    assert_eq!(
        code("preferences_set", preferences.clone()),
        "staff_sign_in_needed",
        "while it is locked too"
    );
    window.role("textbox", "保险箱口令").write(PASSPHRASE);
    window.role("button", "解锁").click();
    window.role("grid", "订单列表").see();
    let unlocked = rows(&window, "root", "shop_unlocked");
    assert_eq!((unlocked.len(), says(&unlocked[0].1, "vault")), (1, json!(["locked", "open"])));

    let alerts = json!({ "shop": "root", "on": false });
    assert_eq!(code("shop_alerts_set", alerts.clone()), "staff_sign_in_needed");
    sign_in(&window, "root", "kim", "7412");
    assert_eq!(code("shop_alerts_set", alerts.clone()), "staff_not_allowed");
    assert_eq!(code("preferences_set", preferences.clone()), "staff_not_allowed");
    let dark = |preferences: &Value| {
        let mut dark = preferences["preferences"].clone();
        (dark["look"], dark["sound"]) = (json!("dark"), json!(true));
        json!({ "preferences": dark })
    };
    assert_eq!(ask(&window, "preferences_set", &dark(&preferences))["done"], true, "their own affair");
    sign_in(&window, "root", "mia", "1357");
    assert_eq!(ask(&window, "shop_alerts_set", &alerts)["done"], true);
    assert_eq!(ask(&window, "preferences_set", &preferences)["done"], true);
    let changed = rows(&window, "root", "setting_changed");
    assert_eq!((&changed[0].0, says(&changed[0].1, "sound")), (&json!("mia"), json!(["true", "false"])));
    assert_eq!((&changed[1].0, says(&changed[1].1, "alerts")), (&json!("mia"), json!(["true", "false"])));

    // What cannot be done is refused before anybody is asked who they are; what was tried is written down.
    let test = json!({ "shop": "root", "target": "tcp:127.0.0.1:9", "widthMm": 58 });
    assert_eq!(code("print_test", test), "printer_unreachable");
    let tested = rows(&window, "root", "test_printed");
    assert_eq!(
        (&tested[0].0, says(&tested[0].1, "printer")),
        (&json!("mia"), json!([null, "tcp:127.0.0.1:9"]))
    );
    assert_eq!(ask(&window, "staff_sign_out", &json!({ "shop": "root" }))["done"], true);
    let mut printing = ask(&window, "printing", &json!({ "shop": "root" }))["done"].clone();
    printing["target"] = json!("usb:dead:beef");
    let wished = json!({ "shop": "root", "printing": printing });
    assert_eq!(code("printing_set", wished), "printer_not_found");
}
