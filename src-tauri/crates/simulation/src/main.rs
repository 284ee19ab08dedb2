//! Lives any number of seeds, on all cores, and names the first one that ends badly.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use engine::{Guard, Guards};
use simulation::life::{self, Breach};
use simulation::run::run;
use simulation::world::Blank;

/// Refunds under faults, crashes and forgetfulness, by seed; the books at WeChat are checked after each.
#[derive(Debug, Parser)]
#[command(name = "simulate", bin_name = "cargo xtask simulate")]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,

    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,

    /// Lives this one seed and shows all that happens in it.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    replay: Option<u64>,

    /// Takes a trigger out of the database first, or one of the engine's own guards by its name, to see that the simulation
    /// notices.
    #[arg(long, value_name = "GUARD")]
    without: Option<String>,
}

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let (blank, guards) = match arguments.without.as_deref().map(missing) {
        Some(missing) => missing?,
        None => (Blank::new(), Guards::default()),
    };
    let mut out = io::stdout();
    if let Some(seed) = arguments.replay {
        return replay(seed, &blank, guards, &mut out);
    }
    // What panics in a life is caught and told with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let seeds = arguments.from..arguments.from.saturating_add(arguments.seeds);
    let outcome = run(seeds, &blank, guards, |done| {
        // Nobody reads it: then nobody misses it.
        let _ = writeln!(io::stdout(), "{done} after {} s", began.elapsed().as_secs());
    });
    let (count, lived) = (outcome.count, outcome.lived);
    if let Some((seed, found)) = outcome.worst {
        let without = arguments.without.map(|guard| format!(" without {guard}")).unwrap_or_default();
        for what in found {
            writeln!(out, "seed {seed}{without}: {what}")?;
        }
        writeln!(out, "after {count} lives. All that happened: cargo xtask simulate --replay {seed}")?;
        return Ok(ExitCode::FAILURE);
    }
    writeln!(
        out,
        "{count} lives in {:.1} s: {} refunds moved, sent {} times; {} ends of the program in the middle; every guard \
         tried {} times. Nothing moved twice, and nothing is unknown.",
        began.elapsed().as_secs_f64(),
        lived.moved,
        lived.sent,
        lived.ended,
        lived.attempts,
    )?;
    Ok(ExitCode::SUCCESS)
}

/// What is there without a guard of the engine's, or without a trigger.
fn missing(name: &str) -> io::Result<(Blank, Guards)> {
    match Guard::from_word(name) {
        #[cfg(feature = "guards-away")]
        Some(guard) => Ok((Blank::new(), Guards::without(guard))),
        #[cfg(not(feature = "guards-away"))]
        Some(_) => Err(io::Error::other("this build stands with all of them: --features guards-away")),
        None => {
            let drop = format!("DROP TRIGGER \"{}\"", name.replace('"', "\"\""));
            Ok((Blank::altered(&drop), Guards::default()))
        }
    }
}

fn replay(seed: u64, blank: &Blank, guards: Guards, out: &mut impl Write) -> io::Result<ExitCode> {
    match life::live(seed, blank, guards) {
        Ok(lived) => {
            writeln!(out, "seed {seed} ends well: {lived:?}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(Breach { found, journal }) => {
            for line in journal {
                writeln!(out, "{line}")?;
            }
            for what in found {
                writeln!(out, "seed {seed}: {what}")?;
            }
            Ok(ExitCode::FAILURE)
        }
    }
}
