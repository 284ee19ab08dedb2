//! How long from the backend's commit of a paid order to the alert and to the first printed byte, verification included:
//! real processes, real sockets, real TLS on loopback (`product.md` section 8).

use std::time::{Duration, SystemTime};

use journeys::{Desktop, PaperTape, World, measure, until};

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
        let committed = placed.committed_at();
        let slip = until("the ticket", || paper.with(&placed.out_trade_no).into_iter().next());
        let number = placed.document["number"].as_str().unwrap_or(&placed.order_id).to_owned();
        let shown = until("the alert", || desktop.with(&number).into_iter().next());
        if round >= WARM_UP {
            alerts.push(since(shown.at, committed));
            papers.push(since(slip.first_byte, committed));
        }
    }
    measure::heading(&format!(
        "from the backend's commit, {MEASURED} orders one after the other, loopback, verification included"
    ));
    let alert = measure::row("alert raised", &mut alerts, BAR);
    let paper = measure::row("first byte at printer", &mut papers, BAR);
    if alert.max(paper) > FIRST_BAR {
        println!("the first bar of {FIRST_BAR:?} is missed");
        std::process::exit(1);
    }
}

fn since(later: SystemTime, earlier: SystemTime) -> Duration {
    later.duration_since(earlier).unwrap_or(Duration::ZERO)
}
