//! The window among the other things of the desktop.

use std::fs::{self, File};

use journeys::{Pc, until};

use crate::{go, quiet_demo, row};

#[test]
fn a_second_start_ends_at_once_and_shows_the_first_window() {
    let pc = Pc::new();
    let (window, world) = quiet_demo(&pc);
    let process = window.process();
    let second = pc.start_again();
    assert_eq!(second.code, Some(0), "{second:?}");
    assert_eq!(window.process(), process);
    let placed = world.place_paid(1250);
    row(&window, &placed.order_id).text("收款已核实").see();
}

#[test]
fn who_starts_it_again_while_it_ends_gets_a_window() {
    let pc = Pc::new();
    pc.desktop().with_an_ending_program();
    let (window, _world) = quiet_demo(&pc);
    assert!(window.is_seen());
}

#[test]
fn a_shop_that_another_program_watches_is_left_to_it_and_taken_over_once_that_one_ends() {
    let pc = Pc::new();
    let folder = pc.data().join("demo");
    fs::create_dir_all(&folder).unwrap();
    let theirs = folder.join("theirs");
    fs::write(&theirs, "not ours to remove").unwrap();
    let held = File::create(folder.join("serve.lock")).unwrap();
    held.lock().unwrap();
    let window = pc.open(&["--demo-orders", "5", "--demo-rate", "0", "--demo-seed", "1"]);
    let elsewhere = window.text("另一个掌柜程序正在看这家店");
    elsewhere.see();
    window.role("button", "再试一次").click();
    elsewhere.see();
    assert!(theirs.exists());
    drop(held);
    window.role("button", "再试一次").click();
    elsewhere.vanish();
    window.role("grid", "订单列表").see();
}

#[test]
fn a_window_that_is_closed_keeps_watching_beside_the_clock() {
    let pc = Pc::new();
    let (window, world) = quiet_demo(&pc);
    until("the icon is beside the clock", || (pc.desktop().icons().len() == 1).then_some(()));
    assert!(window.is_seen());
    window.close();
    until("the window is gone", || (!window.is_seen()).then_some(()));
    let placed = world.place_paid(3780);
    let shown = until("people hear of it all the same", || pc.desktop().with(&placed.order_id).pop());
    assert!(shown.body.contains("37.80"), "{shown:?}");
    // Whoever does not see the icon starts the program once more.
    assert_eq!(pc.start_again().code, Some(0));
    until("the window is back", || window.is_seen().then_some(()));
    row(&window, &placed.order_id).text("收款已核实").see();
}

#[test]
fn who_quits_in_the_settings_ends_the_program() {
    let pc = Pc::new();
    let (window, _world) = quiet_demo(&pc);
    go(&window, "设置");
    window.role("tab", "关于").click();
    window.role("button", "退出掌柜").click_to_end();
}

#[test]
fn a_notification_leads_to_its_order() {
    let pc = Pc::new();
    let (window, world) = quiet_demo(&pc);
    go(&window, "退款");
    let placed = world.place_paid(3780);
    let shown = until("the notification", || pc.desktop().with(&placed.order_id).pop());
    assert!(shown.body.contains("收款已核实"), "{shown:?}");
    for action in ["default", "print"] {
        assert!(shown.actions.iter().any(|known| known == action), "{action}: {shown:?}");
    }
    // The program listens to clicks once it knows that the notification is shown, and no person is faster than that.
    until("the click leads there", || {
        pc.desktop().click(&shown, "default");
        (window.role("complementary", "订单详情").role("heading", &placed.order_id).count() == 1)
            .then_some(())
    });
    // Somebody has seen it now.
    window.role("button", "提醒，0 条需要处理").see();
}
