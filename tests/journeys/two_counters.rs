//! Two counters of one shop: each a process with a data folder, a desktop and a printer of its own.

use journeys::{Desktop, PaperTape, Running, Shop, World, until};
use serde_json::Value;

struct Counter {
    shop: Shop,
    desktop: Desktop,
    paper: PaperTape,
}

impl Counter {
    fn of(world: &World) -> Counter {
        Counter { shop: world.shop(), desktop: Desktop::start(), paper: PaperTape::start() }
    }

    fn serve(&self) -> Running {
        self.shop.serve(&self.paper, &self.desktop)
    }

    fn refund(&self, request: &str) -> Value {
        let rows = self.shop.run(&["refunds"]).done();
        let rows = rows.as_array().cloned().unwrap_or_default();
        rows.into_iter().find(|row| row["id"] == request).unwrap_or_default()
    }
}

#[test]
fn a_refund_that_both_counters_approve_at_once_moves_once_and_has_one_slip() {
    let world = World::with_orders(0);
    let counters = [Counter::of(&world), Counter::of(&world)];
    let _serving = counters.each_ref().map(Counter::serve);
    let wishes: Vec<_> = [(2600, 2600), (1900, 700), (4400, 4300)]
        .into_iter()
        .map(|(total, amount)| {
            let placed = world.place_paid(total);
            let request = world.ask_refund(&placed.order_id, amount);
            (placed, request, amount)
        })
        .collect();
    for (_, request, _) in &wishes {
        for counter in &counters {
            until("both counters know of the wish", || {
                (counter.refund(request)["state"] == "pending").then_some(())
            });
        }
        let approving = counters
            .each_ref()
            .map(|counter| counter.shop.program(&["refund", "approve", request, "--wait", "30"]).start());
        let ended = approving.map(Running::wait);
        let paid = ended.iter().filter(|ended| ended.code == Some(0)).count();
        assert!(paid >= 1, "{ended:?}");
    }
    for (placed, request, amount) in &wishes {
        assert_eq!(world.refunds_moved(&placed.out_trade_no), [*amount]);
        for counter in &counters {
            until("both counters know its end", || {
                (counter.refund(request)["state"] == "succeeded").then_some(())
            });
        }
        let slips = || counters.iter().map(|counter| counter.paper.with(request).len()).sum::<usize>();
        until("the slip", || (slips() > 0).then_some(()));
        let tickets =
            counters.iter().map(|counter| counter.paper.with(&placed.order_id).len()).sum::<usize>();
        // The order's ticket and the refund's slip, each at one counter.
        assert_eq!((tickets, slips()), (2, 1), "{request}");
    }
    for counter in &counters {
        let shown = counter.desktop.shown();
        let mut told: Vec<_> = shown.iter().map(|one| (one.id, &one.title, &one.body)).collect();
        let all = told.len();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), all, "nobody hears the same twice: {shown:?}");
    }
}
