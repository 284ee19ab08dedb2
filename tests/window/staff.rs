//! Staff: set up in the window, bound by limits, and written down.

use journeys::{Pc, Place, Window};

use crate::connecting::look_through;
use crate::refunds::{asked, detail, head};
use crate::{go, quiet_demo};

/// So long that it is found wherever it stands.
const MANAGERS_PIN: &str = "803164297501";

#[test]
fn above_a_clerks_limit_a_manager_decides_on_the_spot_and_the_money_leaves_once() {
    let pc = Pc::new();
    let (window, world) = quiet_demo(&pc);
    go(&window, "员工");
    window.text("还没有设员工").see();
    window.role("button", "先添加老板").click();
    add(&window, "林晴川", "2580");
    member(&window, "林晴川").text("老板").see();

    // From now on only the owner adds anybody; that is asked for right there.
    let manager = opened(&window);
    manager.text("店长").click();
    add(&window, "小李", MANAGERS_PIN);
    sign_in(&window, "登录后接着办", "林晴川", "2580", "登录并办理");
    member(&window, "小李").text("店长").see();
    let clerk = opened(&window);
    clerk.role("textbox", "本人单笔最多").write("10");
    add(&window, "阿敏", "7412");
    member(&window, "阿敏").text("单笔 ¥10.00").see();

    // Another shift.
    who(&window).click();
    sign_in(&window, "登录", "阿敏", "7412", "登录");
    who(&window).text("阿敏").see();
    let asked = asked(&window, &world, 3780, 2500);
    detail(&window).holding("button", "同意退款").click();
    let refusal = detail(&window).holding("alert", "本人的单笔额度 10.00 元");
    refusal.text("小李（店长）").see();
    assert_eq!(world.refunds_moved(&asked.out_trade_no), Vec::<i64>::new(), "nothing was sent");

    refusal.role("button", "换人来办").click();
    window.role("dialog", "换人来办").text("退 ¥25.00").see();
    sign_in(&window, "换人来办", "小李", "7412", "登录并办理");
    window.role("dialog", "换人来办").holding("alert", "PIN 不对").see();
    sign_in(&window, "换人来办", "小李", MANAGERS_PIN, "登录并办理");
    head(&window).text("已到账").see();
    assert_eq!(world.refunds_moved(&asked.out_trade_no), [2500]);
    who(&window).text("未登录").see();

    go(&window, "日志");
    let log = window.role("grid", "日志列表");
    let approved = log.holding("row", "同意退款");
    approved.text("小李").see();
    approved.text("¥25.00").see();
    log.holding("row", "退款到账").see();
    log.holding("row", "登录被拒绝").see();
    assert_eq!(approved.count(), 1, "one decision");
    window.role("button", "检查").click();
    window.holding("status", "日志完整").see();
    approved.click();
    let row = window.role("complementary", "日志详情");
    row.text("小李（2）").see();
    row.role("button", "看退款").click();
    head(&window).text("已到账").see();
    drop(window);

    let mut read = 0;
    look_through(pc.folder(), &mut |file, bytes| {
        read += 1;
        let found = bytes.windows(MANAGERS_PIN.len()).any(|window| window == MANAGERS_PIN.as_bytes());
        assert!(!found, "the PIN can be read in {}", file.display());
    });
    assert!(read > 5, "the shop's files were read");
}

/// The form for somebody new, opened from the list.
fn opened(window: &Window) -> Place<'_> {
    window.role("region", "员工").role("button", "添加员工").click();
    window.role("dialog", "添加员工")
}

/// Fills the rest of the form and sends it.
fn add(window: &Window, name: &str, pin: &str) {
    let form = window.role("dialog", "添加员工");
    form.role("textbox", "名字").write(name);
    form.role("textbox", "新 PIN").write(pin);
    form.role("textbox", "再输一次").write(pin);
    form.role("button", "添加员工").click();
}

fn sign_in(window: &Window, title: &str, name: &str, pin: &str, button: &str) {
    let question = window.role("dialog", title);
    question.css("label").text(name).click();
    question.role("textbox", &format!("{name} 的 PIN")).write(pin);
    question.role("button", button).click();
}

/// Somebody in the list.
fn member<'a>(window: &'a Window, name: &str) -> Place<'a> {
    window.role("region", "员工").holding("listitem", name)
}

/// Who is signed in, at the top.
fn who(window: &Window) -> Place<'_> {
    window.holding("button", "登录的人")
}
