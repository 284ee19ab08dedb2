//! Set-up, tests and measurements of the project: `cargo xtask run`, `test` and so on.
//!
//! Nothing but the standard library, so that the first command on a fresh clone starts in seconds.

mod bench;
mod desktop;
mod files;
mod icons;
mod layers;
mod licences;
mod page;
mod prepare;
mod run;
mod screenshots;
mod simulate;
mod step;
mod suite;
mod torture;
mod windows;

use std::process::ExitCode;
use std::time::Instant;

use step::spoken;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  run [-- ARGUMENT…]   install what running needs, build, and open the console on the demo shop
  test                 install what is missing, then run every check and test
  bench                measure against the baselines and print the tables
  simulate [OPTION…]   live refunds under faults and crashes: --seeds N, --from N, --replay SEED, --without GUARD
  torture refunds      kill the real program in the middle of refunds: --rounds N, --from SEED
  icons                make the bundle's icons from icons/zhanggui.svg
  screenshots          make the pictures in .github/screenshots

With CI=true in the environment nothing is asked: what is missing is installed.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let start = Instant::now();
    let (outcome, ending) = match words.as_slice() {
        ["run"] => (run::run(&[]), "the console was closed after"),
        ["run", "--", passed_on @ ..] => (run::run(passed_on), "the console was closed after"),
        ["test"] => (suite::run(), "everything passed in"),
        ["bench"] => (bench::run(), "all measured in"),
        ["simulate", passed_on @ ..] => (simulate::run(passed_on), "lived in"),
        ["torture", passed_on @ ..] => (torture::run(passed_on), "survived in"),
        ["icons"] => (icons::make(), "icons made in"),
        ["screenshots"] => (screenshots::make(), "pictures made in"),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };

    let name = words.first().copied().unwrap_or_default();
    match outcome {
        Ok(()) => {
            println!("\nxtask {name}: {ending} {}", spoken(start.elapsed()));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("\nxtask {name}: FAILED after {}: {failure}", spoken(start.elapsed()));
            ExitCode::FAILURE
        }
    }
}
