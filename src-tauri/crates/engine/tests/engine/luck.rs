//! Refunds under random faults and crashes: a few hundred fixed seeds.

use domain::{RefundState, RefundStatus};
use engine::ports::{GatewayOutcome, SourceErrorKind};
use engine::{Approval, Error};
use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::world::{Call, Console, Fault, Shop, When, fen, pass, play, request_id, seconds, until, whole};

/// How many lives of a refund are played. Where each commit waits for a real disk, fewer.
const SEEDS: u64 = if cfg!(target_os = "linux") { 200 } else { 40 };

/// Calls that a refund makes.
const CALLS: [Call; 6] =
    [Call::RefundRequest, Call::Order, Call::Approve, Call::Refund, Call::QueryRefund, Call::Report];

/// What a call of either side may meet.
fn fault(rng: &mut ChaCha8Rng, call: Call) -> Fault {
    let when = if rng.random_bool(0.5) { When::Before } else { When::After };
    let at_wechat = matches!(call, Call::Refund | Call::QueryRefund);
    match rng.random_range(0..6) {
        0 | 1 => Fault::Hang(when),
        2 | 3 => Fault::Silence(when),
        4 if call == Call::Refund => {
            let refusals = [
                Fault::Gateway(GatewayOutcome::Refused, "NOTENOUGH"),
                Fault::Gateway(GatewayOutcome::RefusedUnlessEarlier, "INVALID_REQUEST"),
                Fault::Gateway(GatewayOutcome::NotSent, "console:unreachable"),
            ];
            refusals[rng.random_range(0..refusals.len())].clone()
        }
        4 if at_wechat => Fault::Gateway(GatewayOutcome::Refused, "SIGNERROR"),
        4 => Fault::Source(SourceErrorKind::Transient { retry_after_s: Some(2) }),
        _ => Fault::Slow(std::time::Duration::from_secs(rng.random_range(1..40))),
    }
}

/// A person at one of the tills wants the refund done, and the program may end while it tries.
async fn try_once(shop: &Shop, till: &str, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(0..4) {
        let call = CALLS[rng.random_range(0..CALLS.len())];
        shop.world.once(call, fault(rng, call));
    }
    let console = shop.console_of(till);
    let patience = rng.random_range(1..25);
    let crash = async {
        let power_cut = std::time::Duration::from_millis(rng.random_range(0..25_000));
        tokio::select! {
            () = shop.world.hangs() => {}
            () = tokio::time::sleep(power_cut) => {}
        }
    };
    let work = async {
        let _ = console.resume_and_wait(seconds(patience)).await;
        let _ = console.approve_and_wait(&request_id("r1"), &whole(), seconds(patience)).await;
    };
    until(work, crash).await;
    console.end().await;
    pass(rng.random_range(0..30)).await;
    if rng.random_bool(0.1) {
        // Long enough for the other till to take over.
        pass(301).await;
    }
}

/// No more faults: both tills do what they can until the backend knows an end.
async fn settle(shop: &Shop) {
    shop.world.heal();
    for _ in 0..6 {
        for till in ["till-1", "till-2"] {
            let console = shop.console_of(till);
            console.round().await.unwrap();
            console.resume_and_wait(seconds(30)).await.unwrap();
            match shop.request("r1").state {
                RefundState::Succeeded => return,
                RefundState::Processing => {}
                _ => approve_again(&console).await,
            }
        }
        pass(301).await;
    }
}

async fn approve_again(console: &Console) {
    match console.approve_and_wait(&request_id("r1"), &Approval::default(), seconds(60)).await {
        Ok(_) | Err(Error::AlreadyRunning { .. } | Error::HeldElsewhere { .. } | Error::AlreadyDone) => {}
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn whatever_happens_the_money_goes_back_once() {
    for seed in 0..SEEDS {
        play(async |shop: Shop| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            shop.sell("1", 3780);
            shop.want_back("r1", "1", 500);
            {
                let mut state = shop.world.state();
                state.wechat.takes = seconds(rng.random_range(0..20));
                state.wechat.lag = seconds([0, 0, 0, 5][rng.random_range(0..4)]);
                let ends = [RefundStatus::Success, RefundStatus::Success, RefundStatus::Close];
                state.wechat.ends = ends[rng.random_range(0..ends.len())].clone();
            }
            for till in ["till-1", "till-2"] {
                shop.console_of(till).round().await.unwrap();
            }
            for _ in 0..rng.random_range(1..5) {
                let till = if rng.random_bool(0.7) { "till-1" } else { "till-2" };
                try_once(&shop, till, &mut rng).await;
            }
            shop.world.state().wechat.ends = RefundStatus::Success;
            settle(&shop).await;
            let moved = shop.world.movements();
            assert_eq!(moved.len(), 1, "seed {seed}: {moved:?}");
            assert_eq!(moved[0].1, 500, "seed {seed}");
            let request = shop.request("r1");
            assert_eq!(request.state, RefundState::Succeeded, "seed {seed}");
            assert_eq!(request.payout.refund_no.unwrap().as_str(), moved[0].0, "seed {seed}");
            let order = shop.world.state().backend.orders.values().next().unwrap().clone();
            assert_eq!(order.amounts.refunded, fen(500), "seed {seed}: booked once");
        });
    }
}
