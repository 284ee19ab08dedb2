//! What the simulation notices when a guard of the engine is missing.

use engine::{Guard, Guards};
use simulation::run::run;
use simulation::world::Blank;

/// Within so many lives it has to be noticed.
const SEEDS: u64 = 10_000;

#[test]
fn a_missing_guard_of_the_engine_is_noticed_and_named() {
    for guard in Guard::ALL {
        let outcome = run(0..SEEDS, &Blank::new(), Guards::without(guard), |_| {});
        let Some((seed, found)) = outcome.worst else { panic!("nobody misses {}", guard.as_str()) };
        let names = by_its_absence(guard).map(|guard| format!("[{}]", guard.as_str()));
        let named = |what: &String| names.iter().any(|name| what.contains(name));
        assert!(found.iter().any(named), "{names:?} at seed {seed}: {found:?}");
    }
}

/// By which rules it shows that a guard is missing. Two of them stand behind another one: who does not read the claim again
/// sends what another terminal has, and two drivers of one refund do not both wait for the answers that they count.
fn by_its_absence(guard: Guard) -> [Guard; 2] {
    let behind = match guard {
        Guard::ClaimReadAgain => Guard::AskedAfterAnother,
        Guard::Turns => Guard::AskedBeforeAgain,
        Guard::Claim
        | Guard::WrittenFirst
        | Guard::AskedBeforeAgain
        | Guard::AskedAfterAnother
        | Guard::OneInFlight
        | Guard::OneMinute
        | Guard::Approval => guard,
    };
    [guard, behind]
}
