//! The window in another look.

use journeys::{Pc, Window};
use serde_json::{Value, json};

use crate::{go, quiet_demo, row};

#[test]
fn every_letter_takes_the_ink_of_a_new_look() {
    let pc = Pc::new();
    let (window, world) = quiet_demo(&pc);
    let placed = world.place_paid(3780);
    window.role("grid", "订单列表").holding("row", &placed.order_id).click();
    let detail = window.role("complementary", "订单详情");
    detail.holding("row", "金额").text("37.80").see();
    // Whoever opened it has seen it, which changes an ink of its own.
    row(&window, &placed.order_id).text("未看").vanish();
    let place = stand_somewhere(&window);
    for look in ["dark", "light"] {
        dress(&window, look);
        assert_eq!(stands(&window), place, "{look}: nothing moves, and the keyboard stays where it is");
        assert_eq!(stale_inks(&window), json!([]), "{look}: an order's letters");
    }
    go(&window, "退款");
    window.role("grid", "退款列表").holding("row", "待处理").click();
    window.role("complementary", "退款详情").text("还能退").see();
    for look in ["dark", "light"] {
        dress(&window, look);
        assert_eq!(stale_inks(&window), json!([]), "{look}: a refund's letters");
    }
}

/// Scrolls what can be scrolled, and puts the keyboard into the search.
fn stand_somewhere(window: &Window) -> Value {
    window.role("searchbox", "搜订单号、商品、顾客、电话尾号").click();
    let place = window.run(
        "const scroller = [...document.querySelectorAll('aside *')].find((one) =>
            one.scrollHeight > one.clientHeight + 50 && /auto|scroll/.test(getComputedStyle(one).overflowY));
        scroller.scrollTop = 40;
        window.journeyScroller = scroller;",
    );
    assert_eq!(place, Value::Null);
    let place = stands(window);
    assert_eq!(place, json!([40, "search"]));
    place
}

fn stands(window: &Window) -> Value {
    window.run("return [window.journeyScroller.scrollTop, document.activeElement.type];")
}

/// Changes the look while the screen stays as it is, as the system does at dusk.
fn dress(window: &Window, look: &str) {
    let script = format!(
        "const invoke = window.__TAURI_INTERNALS__.invoke;
        const {{ preferences }} = await invoke('console_state');
        await invoke('preferences_set', {{ preferences: {{ ...preferences, look: '{look}' }} }});
        while (document.documentElement.dataset.look !== '{look}') await new Promise(requestAnimationFrame);
        await Promise.allSettled(document.getAnimations().map(({{ finished }}) => finished));
        return {{}};"
    );
    assert_eq!(window.wait_for(&script), json!({}));
}

/// Letters that have another colour than they get when everything is drawn anew: the engine kept a look that is gone.
fn stale_inks(window: &Window) -> Value {
    window.run(
        "const inks = () => [...document.querySelectorAll('main *')].map((one) => getComputedStyle(one).color);
        const before = inks();
        document.body.style.display = 'none';
        document.body.offsetHeight;
        document.body.style.display = '';
        const after = inks();
        return [...document.querySelectorAll('main *')]
            .map((one, at) => ({ one, was: before[at], is: after[at] }))
            .filter(({ was, is }) => was !== is)
            .map(({ one, was, is }) => `${one.tagName} ${one.textContent.slice(0, 20)}: ${was} -> ${is}`);",
    )
}
