//! `cargo xtask torture refunds --rounds N`: refunds by real processes that are killed with SIGKILL.

use std::process::ExitCode;
use std::time::Instant;

use journeys::{Torture, Tortured};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (rounds, from) = match words.as_slice() {
        ["refunds"] => (Ok(10), Ok(0)),
        ["refunds", "--rounds", rounds] => (rounds.parse::<u64>(), Ok(0)),
        ["refunds", "--rounds", rounds, "--from", from] => (rounds.parse(), from.parse::<u64>()),
        _ => return usage(),
    };
    let (Ok(rounds), Ok(from)) = (rounds, from) else { return usage() };
    let (began, torture) = (Instant::now(), Torture::open());
    let mut all = Tortured::default();
    for seed in from..from.saturating_add(rounds) {
        let round = torture.round(seed);
        all.killed += round.killed;
        all.moved += round.moved;
        println!(
            "round {seed}: {} killed, {} moved; {} s",
            round.killed,
            round.moved,
            began.elapsed().as_secs()
        );
    }
    println!("{rounds} rounds: killed {} times, {} refunds moved, each once", all.killed, all.moved);
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("Usage: cargo xtask torture refunds [--rounds N [--from SEED]]");
    ExitCode::from(2)
}
