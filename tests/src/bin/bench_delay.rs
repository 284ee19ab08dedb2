//! How long from the backend's commit of a paid order to the alert and to the first printed byte, verification included:
//! real processes, real sockets, real TLS on loopback (`product.md` section 8).
#![expect(clippy::expect_used, reason = "a measurement whose set-up fails has failed")]

use std::time::{Duration, SystemTime};

use journeys::{Desktop, PaperTape, World, until};
use serde_json::Value;

/// Orders that are measured, after some that warm up.
const MEASURED: usize = 200;
const WARM_UP: usize = 10;

/// The bar of the product, and the one that was due first.
const BAR: Duration = Duration::from_millis(150);
const FIRST_BAR: Duration = Duration::from_millis(500);

fn main() {
    let world = World::with_orders(200);
    let shop = world.shop();
    let (desktop, paper) = (Desktop::start(), PaperTape::start());
    let _serving = shop.serve(&paper, &desktop);
    until("the history is verified", || {
        let orders = shop.run(&["orders", "--limit", "1000"]).done();
        let orders = orders.as_array()?;
        (orders.len() >= 200
            && orders.iter().all(|order| order["payment"] != "paid" || order["verified"] != "pending"))
        .then_some(())
    });
    let (mut alerts, mut papers) = (Vec::new(), Vec::new());
    for round in 0..WARM_UP + MEASURED {
        let placed = world.place_paid(1_000 + i64::try_from(round).unwrap_or(0));
        let committed = committed_at(&placed.document);
        let slip = until("the ticket", || paper.with(&placed.out_trade_no).into_iter().next());
        let number = placed.document["number"].as_str().unwrap_or(&placed.order_id).to_owned();
        let shown = until("the alert", || desktop.with(&number).into_iter().next());
        if round >= WARM_UP {
            alerts.push(since(shown.at, committed));
            papers.push(since(slip.first_byte, committed));
        }
    }
    println!(
        "from the backend's commit, {MEASURED} orders one after the other, loopback, verification included"
    );
    println!("{:<22}{:>10}{:>10}{:>10}{:>10}   bar (p99)", "", "p50", "p95", "p99", "max");
    let met = row("alert raised", &mut alerts) & row("first byte at printer", &mut papers);
    if !met {
        println!("the first bar of {FIRST_BAR:?} is missed");
        std::process::exit(1);
    }
}

fn row(what: &str, delays: &mut [Duration]) -> bool {
    delays.sort();
    let at = |share: usize| delays[(delays.len() * share).div_ceil(100).saturating_sub(1)];
    let ms = |delay: Duration| format!("{:.1} ms", delay.as_secs_f64() * 1_000.0);
    let p99 = at(99);
    let verdict = if p99 <= BAR { "met" } else { "missed" };
    println!(
        "{what:<22}{:>10}{:>10}{:>10}{:>10}   {BAR:?} {verdict}",
        ms(at(50)),
        ms(at(95)),
        ms(p99),
        ms(delays[delays.len() - 1]),
    );
    p99 <= FIRST_BAR
}

fn committed_at(document: &Value) -> SystemTime {
    let text = document["committed_at"].as_str().expect("the control tells when it committed");
    let at: jiff::Timestamp = text.parse().expect("RFC 3339");
    let microseconds = u64::try_from(at.as_microsecond()).expect("after 1970");
    SystemTime::UNIX_EPOCH + Duration::from_micros(microseconds)
}

fn since(later: SystemTime, earlier: SystemTime) -> Duration {
    later.duration_since(earlier).unwrap_or(Duration::ZERO)
}
