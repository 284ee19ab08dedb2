//! The real window, worked as a person works it, on the demo shop and on a shop whose world is another process.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test whose set-up fails has failed")]

mod connecting;
mod day;
mod desktop;
mod fence;
mod look;
mod refunds;
mod staff;
mod who_may;

use journeys::{Pc, Place, Window, World};
use serde_json::Value;

/// The demo shop with some orders in its past, where nothing happens by itself.
fn quiet_demo(pc: &Pc) -> (Window, World) {
    let (window, world) = pc.open_demo(&["--demo-orders", "5", "--demo-rate", "0", "--demo-seed", "1"]);
    // What came before is read quietly; only then is an order a new one.
    window.text("正在读入以前的订单").vanish();
    window.role("grid", "订单列表").see();
    (window, world)
}

/// Goes to a screen by the rail.
fn go(window: &Window, screen: &str) {
    window.role("navigation", "页面").holding("button", screen).click();
}

/// Connects a shop by the text of its connection file, on the form for that, with its secrets in a vault.
fn connect(window: &Window, connection: &Value, passphrase: &str) {
    window.role("button", "粘贴内容").click();
    window.role("textbox", "连接文件的内容").write(&connection.to_string());
    window.role("button", "检查").click();
    window.text("检查通过，可以接入").see();
    window.text("保险箱文件").click();
    window.role("textbox", "保险箱口令").write(passphrase);
    window.role("textbox", "再输一次").write(passphrase);
    window.role("button", "接入").click();
}

/// An order's row in the list.
fn row<'a>(window: &'a Window, number: &str) -> Place<'a> {
    window.role("grid", "订单列表").holding("row", number)
}

/// What the demo shop's printer has printed, on the screen for it.
fn paper(window: &Window) -> Place<'_> {
    go(window, "打印");
    window.role("region", "纸卷")
}
