//! Ten thousand lives, and what the simulation notices when a guard of the database is missing.

use engine::Guards;
use rusqlite::Connection;
use simulation::life::tell;
use simulation::run::run;
use simulation::world::Blank;

/// The same ones at every run.
const SEEDS: u64 = 10_000;

/// A missing trigger has to be noticed within so many lives (it is within the first few).
const SEEDS_WITHOUT: u64 = 200;

#[test]
fn whatever_happens_the_money_goes_back_once() {
    let outcome = run(0..SEEDS, &Blank::new(), Guards::default(), |_| {});
    assert_eq!(outcome.worst, None, "cargo xtask simulate --replay SEED shows all that happened");
    let lived = outcome.lived;
    assert_eq!(outcome.count, SEEDS);
    // That it would not pass because nothing happens.
    assert!(lived.moved > SEEDS / 2 && lived.sent > lived.moved && lived.ended > SEEDS / 2, "{lived:?}");
}

#[test]
fn a_missing_trigger_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mirror.db");
    drop(mirror::Mirror::open_without_threads(&file).unwrap());
    let schema = Connection::open(&file).unwrap();
    let mut triggers = schema.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let triggers: Vec<String> =
        triggers.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(triggers.len() >= 15, "{triggers:?}");
    for trigger in triggers {
        let blank = Blank::altered(&format!("DROP TRIGGER {trigger}"));
        let (_, found) = run(0..SEEDS_WITHOUT, &blank, Guards::default(), |_| {}).worst.unwrap();
        let named = |what: &String| what.contains("lets happen") || what.contains(&trigger);
        assert!(found.iter().any(named), "{trigger}: {found:?}");
    }
}

#[test]
fn a_seed_is_one_life() {
    for seed in 0..100 {
        let told = || told_alike(seed);
        assert_eq!(told(), told(), "seed {seed}");
    }
}

/// All that happens in a life. Numbers that come from a random key are told by when they first appear.
fn told_alike(seed: u64) -> Vec<String> {
    let (_, breach) = tell(seed, &Blank::new(), Guards::default());
    let mut numbers: Vec<String> = Vec::new();
    let mut name = |word: &str| {
        if !word.starts_with("mr") {
            return word.to_owned();
        }
        let known = numbers.iter().position(|number| number == word);
        let place = known.unwrap_or_else(|| {
            numbers.push(word.to_owned());
            numbers.len() - 1
        });
        format!("#{place}")
    };
    let lines = breach.journal.iter();
    lines.map(|line| line.split(' ').map(&mut name).collect::<Vec<_>>().join(" ")).collect()
}
