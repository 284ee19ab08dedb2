use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use journeys::{Pc, Window, World, measure, until};
use serde_json::Value;

/// Orders that are measured, after some that warm up.
const MEASURED: usize = 100;
const WARM_UP: usize = 10;

/// Orders in the list that is scrolled.
const LIST: u32 = 10_000;

/// The bars of the product; a graphics card would spare most of a frame.
const DELAY: Duration = Duration::from_millis(150);
const FRAME: Duration = Duration::from_millis(33);

/// As far as WeChat's answer may be behind the row: it is another journey over the network and another commit. Beyond it,
/// or where a place in sight was bare, something is wrong on any machine.
const VERIFIED_AT_WORST: Duration = Duration::from_millis(500);

pub(crate) fn run() -> ExitCode {
    let met = [delay(), scrolling()];
    if met == [true; 2] { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn delay() -> bool {
    let world = World::with_orders(200);
    let (_pc, window) = opened(&world, 200);
    window.run(include_str!("watch_rows.js"));
    let (mut rows, mut verified) = (Vec::new(), Vec::new());
    for round in 0..WARM_UP + MEASURED {
        let placed = world.place_paid(1_000 + i64::try_from(round).unwrap_or(0));
        // Asked once and answered when it is known: asking again and again would keep the page busy.
        let seen = window.wait_for(&format!("return await window.benchSeen('{}');", placed.order_id));
        let since_commit = |what: &str| {
            let at = seen[what].as_u64().unwrap_or_else(|| panic!("never seen: {seen}"));
            let at = SystemTime::UNIX_EPOCH + Duration::from_millis(at);
            at.duration_since(placed.committed_at()).unwrap_or_default()
        };
        let (row, checked) = (since_commit("row"), since_commit("verified"));
        if round >= WARM_UP {
            rows.push(row);
            verified.push(checked);
        }
    }
    measure::heading(&format!(
        "from the backend's commit, {MEASURED} orders one after the other, in the real window"
    ));
    let row = measure::row("row on screen", &mut rows, DELAY);
    let checked = measure::row("verified on screen", &mut verified, DELAY);
    row <= DELAY && checked <= VERIFIED_AT_WORST
}

fn scrolling() -> bool {
    let world = World::with_orders(LIST);
    let (_pc, window) = opened(&world, LIST);
    measure::heading(&format!("between frames while {LIST} rows are scrolled, without a graphics card"));
    let mut whole = true;
    let ways = [
        // What this machine takes for a frame in which nothing changes.
        ("at rest", "scroll(200, () => {})"),
        ("at a wheel's pace", "scroll(600, wheel)"),
        ("by its bar", "scroll(200, drag)"),
    ];
    for (what, call) in ways {
        let part = window.wait_for(&format!("{}\nreturn await {call};", include_str!("scroll_rows.js")));
        let times = part["times"].as_array().unwrap_or_else(|| panic!("no times: {part}"));
        let mut times: Vec<Duration> =
            times.iter().filter_map(Value::as_f64).map(|ms| Duration::from_secs_f64(ms / 1_000.0)).collect();
        measure::row(what, &mut times, FRAME);
        let (bare, waiting) = (&part["bare"], &part["waiting"]);
        println!(
            "{:<24}{} frames, {bare} with a bare place, {waiting} with a row still to come",
            "",
            times.len()
        );
        whole &= *bare == 0;
    }
    whole
}

/// A window on the world's shop, whose past is read and checked.
fn opened(world: &World, orders: u32) -> (Pc, Window) {
    let pc = Pc::new();
    pc.connect(&world.connection());
    // Reads and checks the past first; the window finds it done.
    pc.command(&["sync"]).done();
    let window = pc.open_shops();
    window.resize(1280, 800);
    let list = window.role("grid", "订单列表");
    let all = (orders + 1).to_string();
    until("the whole list", || (list.attribute("aria-rowcount")? == all).then_some(()));
    (pc, window)
}
