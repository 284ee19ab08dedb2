//! Many lives, on all cores.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use engine::Guards;

use crate::life::{self, Lived};
use crate::world::Blank;

/// How often a line says how far it is.
const EVERY: Duration = Duration::from_secs(10);

/// What came of them.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The lives that ended well, all together.
    pub lived: Lived,
    /// How many were lived.
    pub count: u64,
    /// Of those that ended badly the lowest seed, and what was wrong.
    pub worst: Option<(u64, Vec<String>)>,
}

/// Lives all seeds, or as many as it takes to find one that ends badly. `progress` hears now and then how many there were.
pub fn run(seeds: Range<u64>, blank: &Blank, guards: Guards, progress: impl Fn(u64) + Sync) -> Outcome {
    let work = Work {
        next: AtomicU64::new(seeds.start),
        end: seeds.end,
        over: AtomicBool::new(false),
        outcome: Mutex::default(),
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| work.go_on(blank, guards));
        }
        scope.spawn(|| work.report(seeds.start, &progress));
    });
    work.outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

struct Work {
    next: AtomicU64,
    end: u64,
    over: AtomicBool,
    outcome: Mutex<Outcome>,
}

impl Work {
    fn go_on(&self, blank: &Blank, guards: Guards) {
        while !self.over.load(Ordering::Relaxed) {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.end {
                self.over.store(true, Ordering::Relaxed);
                return;
            }
            let lived = catch_unwind(AssertUnwindSafe(|| life::live(seed, blank, guards)));
            let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
            outcome.count += 1;
            let found = match lived {
                Ok(Ok(lived)) => {
                    outcome.lived.add(lived);
                    continue;
                }
                Ok(Err(breach)) => breach.found,
                Err(panic) => vec![format!("panicked: {}", words(panic.as_ref()))],
            };
            if outcome.worst.as_ref().is_none_or(|(worst, _)| seed < *worst) {
                outcome.worst = Some((seed, found));
            }
            self.over.store(true, Ordering::Relaxed);
        }
    }

    fn report(&self, start: u64, progress: &(impl Fn(u64) + Sync)) {
        let mut said = Instant::now();
        while !self.over.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(50));
            if said.elapsed() >= EVERY {
                said = Instant::now();
                progress(self.next.load(Ordering::Relaxed).min(self.end) - start);
            }
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word").to_owned()
}
