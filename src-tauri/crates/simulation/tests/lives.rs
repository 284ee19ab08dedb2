//! Ten thousand lives, and what the simulation notices when a guard is missing.

use rusqlite::Connection;
use simulation::run::run;
use simulation::world::Blank;

/// The same ones at every run.
const SEEDS: u64 = 10_000;

/// A missing guard has to be noticed within so many lives (it is within the first few).
const SEEDS_WITHOUT: u64 = 200;

#[test]
fn whatever_happens_the_money_goes_back_once() {
    let outcome = run(0..SEEDS, &Blank::new(), |_| {});
    assert_eq!(outcome.worst, None, "cargo xtask simulate --replay SEED shows all that happened");
    let lived = outcome.lived;
    assert_eq!(outcome.count, SEEDS);
    // That it would not pass because nothing happens.
    assert!(lived.moved > SEEDS / 2 && lived.sent > lived.moved && lived.ended > SEEDS / 2, "{lived:?}");
}

#[test]
fn a_missing_guard_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mirror.db");
    drop(mirror::Mirror::open_without_threads(&file).unwrap());
    let schema = Connection::open(&file).unwrap();
    let mut triggers = schema
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'payouts'")
        .unwrap();
    let triggers: Vec<String> =
        triggers.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(triggers.len() >= 7, "{triggers:?}");
    for trigger in triggers {
        let blank = Blank::altered(&format!("DROP TRIGGER {trigger}"));
        let outcome = run(0..SEEDS_WITHOUT, &blank, |_| {});
        assert!(outcome.worst.is_some(), "nobody misses {trigger}");
    }
}
