//! The real program, killed again and again in the middle of refunds, against a gateway and a backend that fail.
//!
//! What the simulation shows for any instant of virtual time, this shows for real processes, files, sockets and TLS.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::{Placed, Shop, World};

/// What the gateway does wrong: each on either side of the money's move, and each kind of answer that says nothing.
const GATEWAY: [&str; 14] = [
    "refund_timeout_after_moving",
    "refund_timeout_before_moving",
    "refund_connection_reset",
    "http_502_html",
    "html_200",
    "truncated",
    "huge",
    "entity_bomb",
    "unsigned",
    "bad_sign",
    "system_error_after_moving",
    "system_error_before_moving",
    "bizerr_need_retry",
    "frequency_limited",
];

const BACKEND: [&str; 4] = ["unavailable", "rate_limited", "malformed_json", "drop_connection_after_commit"];

/// How often both counters try once nothing fails any more: a counter has to wait for the other one's claim at most once.
const PASSES: usize = 6;

/// What came of some rounds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tortured {
    /// How often the program was killed in the middle.
    pub killed: u32,
    /// Refunds that moved, each once.
    pub moved: u32,
}

/// One world with two counters, which refunds are tried in.
pub struct Torture {
    world: World,
    tills: [Shop; 2],
}

/// A refund that a person approves.
struct Wish {
    request: String,
    placed: Placed,
    amount: i64,
}

impl Torture {
    /// Opens the world.
    #[must_use]
    pub fn open() -> Torture {
        let world = World::with_orders(0);
        let tills = [world.shop(), world.shop()];
        Torture { world, tills }
    }

    /// One round by its seed: some refunds are approved, the program is killed where it happens to be, the world is healed,
    /// and everything that was approved has to be known, moved once, and reported.
    ///
    /// # Panics
    ///
    /// When it is not.
    pub fn round(&self, seed: u64) -> Tortured {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let wishes = self.wishes(&mut rng);
        for till in &self.tills {
            till.run(&["sync"]).done();
        }
        let mut tortured = Tortured::default();
        for _ in 0..rng.random_range(1..4) {
            self.world.faults(faults(&mut rng));
            let mut running = Vec::new();
            for wish in &wishes {
                // Mostly at one counter, sometimes at the other, sometimes at both at once.
                let tills = match rng.random_range(0..10) {
                    0..2 => &self.tills[..0],
                    2..6 => &self.tills[..1],
                    6..8 => &self.tills[1..],
                    _ => &self.tills[..],
                };
                let approving = ["refund", "approve", &wish.request, "--wait", "20"];
                running.extend(tills.iter().map(|till| till.program(&approving).start()));
            }
            // Where it is by then nobody knows: that is the point.
            std::thread::sleep(Duration::from_millis(rng.random_range(20..1_500)));
            for mut program in running {
                if program.has_ended() {
                    continue;
                }
                program.kill();
                tortured.killed += 1;
            }
        }
        self.world.faults(json!({ "gateway": { "refund_stays_processing_ms": 300 } }));
        for wish in &wishes {
            self.finish(wish, seed);
            let moved = self.world.refunds_moved(&wish.placed.out_trade_no);
            assert_eq!(moved, [wish.amount], "seed {seed}: {} moved once", wish.request);
            tortured.moved += 1;
        }
        for till in &self.tills {
            let log = till.run(&["audit", "verify"]);
            assert_eq!(log.code, Some(0), "seed {seed}: {} {}", log.stdout, log.stderr);
        }
        tortured
    }

    fn wishes(&self, rng: &mut ChaCha8Rng) -> Vec<Wish> {
        let count = rng.random_range(1..3);
        let wish = |rng: &mut ChaCha8Rng| {
            let total = rng.random_range(100..5_000);
            let amount = if rng.random_bool(0.3) { total } else { rng.random_range(1..=total) };
            let placed = self.world.place_paid(total);
            let request = self.world.ask_refund(&placed.order_id, amount);
            Wish { request, placed, amount }
        };
        (0..count).map(|_| wish(rng)).collect()
    }

    /// Both counters take up what they had begun, and a person who sees the refund open approves it again.
    fn finish(&self, wish: &Wish, seed: u64) {
        let mut states = Vec::new();
        for _ in 0..PASSES {
            states.clear();
            for till in &self.tills {
                till.run(&["refund", "resume", "--wait", "60"]);
                // Refused where the other counter is at it or has done it.
                till.run(&["refund", "approve", &wish.request, "--wait", "60"]);
                till.run(&["sync"]);
                states.push(row(till, &wish.request));
            }
            if states.iter().all(|row| row["state"] == "succeeded") {
                return;
            }
        }
        panic!("seed {seed}: no end of {}: {states:?}", wish.request);
    }
}

fn row(till: &Shop, request: &str) -> Value {
    let rows = till.run(&["refunds"]).done();
    let rows = rows.as_array().cloned().unwrap_or_default();
    rows.into_iter().find(|row| row["id"] == request).unwrap_or_default()
}

fn faults(rng: &mut ChaCha8Rng) -> Value {
    let mut gateway = json!({ "refund_stays_processing_ms": 300 });
    let mut backend = json!({});
    for _ in 0..rng.random_range(0..3) {
        gateway[GATEWAY[rng.random_range(0..GATEWAY.len())]] = json!({ "times": 1, "only": "refund" });
    }
    if rng.random_bool(0.3) {
        gateway["query_unavailable"] = json!(1);
    }
    for _ in 0..rng.random_range(0..2) {
        backend[BACKEND[rng.random_range(0..BACKEND.len())]] = json!(1);
    }
    json!({ "gateway": gateway, "backend": backend })
}
