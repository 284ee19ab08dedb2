//! Set-up, tests and measurements of the project: `cargo xtask test`, `bench` and `run`.
//!
//! Nothing but the standard library, so that the first command on a fresh clone starts in seconds.

mod bench;
mod demo;
mod layers;
mod licences;
mod prepare;
mod step;
mod suite;

use std::process::ExitCode;
use std::time::Instant;

use step::{Failure, spoken};

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  test    install what is missing, then run every check and test
  bench   measure against the baselines and print the tables
  run     build the program and start it on a demo shop, until Ctrl-C

With CI=true in the environment nothing is asked: what is missing is installed.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (command, ending): (fn() -> Result<(), Failure>, &str) = match words.as_slice() {
        ["test"] => (suite::run, "everything passed in"),
        ["bench"] => (bench::run, "all measured in"),
        ["run"] => (demo::run, "the demo shop closed after"),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };

    let name = words.join(" ");
    let start = Instant::now();
    match command() {
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
