//! Orders come in while somebody looks.

use journeys::{Line, Pc, Window, World, until};
use serde_json::json;

use crate::{go, paper, quiet_demo, row};

#[test]
fn with_nothing_connected_a_demo_shop_is_alive() {
    let pc = Pc::new();
    let (window, _world) = pc.open_demo(&["--demo-orders", "20", "--demo-rate", "60", "--demo-seed", "1"]);
    window.text("演示店铺：订单和钱都是模拟的").see();
    window.role("button", "接入我的店铺").see();
    let strip = window.role("region", "状态");
    for link in ["店铺系统", "微信支付"] {
        strip.holding("button", link).text("正常").see();
    }
    // The row of the headings counts too.
    until("the week before is there", || listed(&window).filter(|&count| count >= 21));
    let before = listed(&window);
    until("a customer has bought something", || listed(&window).filter(|count| Some(*count) > before));
}

#[test]
fn who_tries_the_demo_shop_plays_the_customer() {
    let pc = Pc::new();
    let (window, _world) = quiet_demo(&pc);
    let before = listed(&window).unwrap();
    window.role("button", "来一单").click();
    until("an order has come", || listed(&window).filter(|count| *count == before + 1));
    window.text("1 笔退款待处理").see();
    window.role("button", "顾客申请退款").click();
    window.text("2 笔退款待处理").see();
}

/// The rows that the list of orders has, drawn or not, and the one of its headings.
fn listed(window: &Window) -> Option<u32> {
    window.role("grid", "订单列表").attribute("aria-rowcount")?.parse().ok()
}

#[test]
fn a_paid_order_appears_by_itself_verified_and_printed() {
    let pc = Pc::new();
    let (window, world) = quiet_demo(&pc);
    window.run("window.journeySamePage = true;");
    let placed = world.place_paid(3780);
    let row = row(&window, &placed.order_id);
    row.text("收款已核实").see();
    row.text("37.80").see();
    row.role("img", "小票已打印").see();
    window.role("region", "状态").holding("button", "打印机").text("正常").see();
    let slip = paper(&window).holding("img", &placed.order_id);
    let words = slip.name();
    assert!(words.contains("37.80"), "{words}");
    assert_eq!(window.run("return window.journeySamePage;"), true, "nobody loaded the page again");
}

#[test]
fn what_the_shop_and_wechat_say_differently_is_a_red_alert_and_no_ticket() {
    let pc = Pc::new();
    let (window, world) = quiet_demo(&pc);
    // WeChat tells one fen more than the shop's system.
    world.faults(json!({ "gateway": { "wrong_total_in_query": "always" } }));
    let placed = world.place_paid(3780);

    let alert = window.role("region", "要紧的事");
    let title = alert.text(&format!("收款对不上：订单 {}", placed.order_id));
    title.see();
    assert!(title.is_red(), "{}", title.words());
    row(&window, &placed.order_id).text("对不上").see();
    alert.role("button", "打开").click();
    let detail = window.role("complementary", "订单详情");
    let amount = detail.holding("row", "金额");
    amount.role("img", "不一致").see();
    let words = amount.words();
    assert!(words.contains("37.80") && words.contains("37.81"), "both truths: {words}");
    assert_eq!(detail.role("img", "不一致").count(), 1, "and nothing else differs");

    // An order that came later, about which WeChat is not asked, has its ticket; this one has none.
    let offline = json!({ "count": 1, "total_fen": 1250, "method": "offline" });
    let other = world.control("POST", "orders", Some(offline))[0]["order_id"].as_str().unwrap().to_owned();
    go(&window, "订单");
    row(&window, &other).role("img", "小票已打印").see();
    let paper = paper(&window);
    paper.holding("img", &other).see();
    assert_eq!(paper.holding("img", &placed.order_id).count(), 0, "no ticket for it");
}

#[test]
fn a_backend_that_was_away_is_said_to_be_and_caught_up_with() {
    let world = World::with_orders(5);
    let mut connection = world.connection();
    let address = connection["backend"]["base_url"].as_str().unwrap().to_owned();
    let port = address.split([':', '/']).find_map(|part| part.parse().ok()).unwrap();
    let line = Line::to(port);
    connection["backend"]["base_url"] = json!(address.replace(&port.to_string(), &line.port().to_string()));
    let pc = Pc::new();
    pc.connect(&connection);
    let window = pc.open_shops();
    let backend = window.role("region", "状态").holding("button", "店铺系统");
    backend.text("正常").see();
    let before = world.place_paid(1250);
    row(&window, &before.order_id).text("收款已核实").see();

    line.cut();
    backend.text("有问题").see();
    backend.click();
    window.role("dialog", "店铺系统").text("连不上店铺系统").see();
    window.press("\u{e00c}");
    let meanwhile = world.place_paid(3780);
    assert_eq!(row(&window, &meanwhile.order_id).count(), 0, "nobody has told");

    line.mend();
    backend.text("正常").see();
    row(&window, &meanwhile.order_id).text("收款已核实").see();
}
