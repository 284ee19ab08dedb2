//! A customer asks for the money back: one click, and it leaves once.

use journeys::{Pc, Place, Window, World};
use serde_json::json;

use crate::{go, paper, quiet_demo, row};

/// A paid order whose buyer wants some of it back, with the request open at the desk.
pub(crate) struct Asked {
    order: String,
    pub(crate) out_trade_no: String,
}

pub(crate) fn asked(window: &Window, world: &World, total_fen: i64, amount_fen: i64) -> Asked {
    let placed = world.place_paid(total_fen);
    world.ask_refund(&placed.order_id, amount_fen);
    go(window, "退款");
    window.role("grid", "退款列表").holding("row", &placed.order_id).click();
    detail(window).text(&placed.order_id).see();
    Asked { order: placed.order_id, out_trade_no: placed.out_trade_no }
}

pub(crate) fn detail(window: &Window) -> Place<'_> {
    window.role("complementary", "退款详情")
}

/// Where its states stand; the steps that are still to come have the same words below.
pub(crate) fn head(window: &Window) -> Place<'_> {
    detail(window).css("header")
}

#[test]
fn one_click_moves_the_money_once_and_tells_when_it_arrived() {
    let pc = Pc::new();
    let (window, world) = quiet_demo(&pc);
    let asked = asked(&window, &world, 3780, 500);
    let approve = detail(&window).holding("button", "同意退款");
    assert!(approve.see().words().contains("5.00"), "the amount is on the button");
    approve.click();
    head(&window).text("已到账").see();
    assert_eq!(world.refunds_moved(&asked.out_trade_no), [500]);
    let slips = paper(&window);
    let slip = slips.holding("img", "退款");
    let words = slip.name();
    assert!(words.contains("5.00") && words.contains(&asked.order), "the refund's slip: {words}");
    go(&window, "订单");
    row(&window, &asked.order).text("5.00").see();
}

#[test]
fn two_clicks_are_one_refund() {
    let pc = Pc::new();
    let (window, world) = quiet_demo(&pc);
    let clicks: [fn(&Place<'_>); 2] = [|place| place.double_click(), |place| place.click_twice_at_once()];
    for click in clicks {
        let asked = asked(&window, &world, 2600, 700);
        click(&detail(&window).holding("button", "同意退款"));
        head(&window).text("已到账").see();
        assert_eq!(world.refunds_moved(&asked.out_trade_no), [700]);
    }
}

#[test]
fn a_page_that_is_loaded_again_in_the_middle_of_a_refund_shows_it_on_its_way() {
    let pc = Pc::new();
    let (window, world) = quiet_demo(&pc);
    let asked = asked(&window, &world, 5000, 1200);
    // WeChat takes its time to answer, and then holds the money until it is told to let go.
    let slow = json!({ "ms": 2000, "times": 1, "only": "refund" });
    world.faults(json!({ "gateway": { "slow_ms": slow, "refund_stays_processing_ms": 3_600_000 } }));
    detail(&window).holding("button", "同意退款").click();
    head(&window).text("等微信").see();
    window.reload();
    go(&window, "退款");
    window.holding("tab", "退款中").click();
    window.role("grid", "退款列表").holding("row", &asked.order).click();
    head(&window).text("已受理").see();
    assert_eq!(detail(&window).holding("button", "同意退款").count(), 0, "nobody is asked to decide again");
    world.faults(json!({ "gateway": { "refund_stays_processing_ms": 0 } }));
    window.role("button", "查询全部进度").click();
    head(&window).text("已到账").see();
    assert_eq!(detail(&window).holding("button", "同意退款").count(), 0, "nobody is asked to decide again");
    assert_eq!(world.refunds_moved(&asked.out_trade_no), [1200]);
    window.holding("tab", "已完成").click();
    window.role("grid", "退款列表").holding("row", &asked.order).text("已到账").see();
}
