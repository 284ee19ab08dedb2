//! `cargo xtask test`: the cheapest checks first, each once; the first that fails ends the run.

use std::process::Command;

use crate::desktop::Desktop;
use crate::page::{self, script};
use crate::prepare::{self, Aim};
use crate::step::{self, Failure, cargo};
use crate::{layers, licences, windows};

pub(crate) fn run() -> Result<(), Failure> {
    prepare::machine(Aim::Test)?;
    cheap()?;
    the_page()?;
    rust()?;
    if cfg!(target_os = "linux") {
        on_a_desktop()?;
    } else {
        println!("\n== window: its journeys run on Linux, where they have a display of their own");
    }
    windows::check()?;
    println!("\nWhat took how long:\n{}", step::table());
    Ok(())
}

/// Nothing of ours is built for these.
fn cheap() -> Result<(), Failure> {
    step::run("format", &mut cargo(["fmt", "--all", "--check"]))?;
    step::check("layers", "who must not reach whom", layers::check)?;
    step::check("licences", "what we build on, against .deny.toml", licences::check)?;
    if prepare::is_installed("cargo-deny") {
        step::run("cargo-deny", &mut licences::cargo_deny())?;
    }
    Ok(())
}

/// Before all that cargo builds: the program carries the page inside.
fn the_page() -> Result<(), Failure> {
    prepare::page_packages()?;
    step::run("page's lints", &mut script("lint"))?;
    step::run("page's types", &mut script("check"))?;
    step::run("page's unit tests", &mut script("test"))?;
    page::build()
}

/// The journeys through the real window. Named for the whole workspace, so that its crates are built with the
/// features that they have in the other steps, and nothing is built again.
const WINDOW: [&str; 2] = ["--test", "window"];

/// Lets the simulation take the engine's guards away. Lints look at that too; nothing else is built with it.
const WITHOUT_GUARDS: [&str; 2] = ["--features", "simulation/guards-away"];

fn rust() -> Result<(), Failure> {
    step::run("lints", lint(workspace("clippy").args(WITHOUT_GUARDS).arg("--all-targets")))?;
    // It wants a display, and so it is no test by default and not among all targets.
    step::run("lints of the window's", lint(workspace("clippy").args(WITHOUT_GUARDS).args(WINDOW)))?;
    step::run("documentation", workspace("doc").arg("--no-deps").env("RUSTDOCFLAGS", "-D warnings"))?;
    // The journeys start the programs themselves, which a test build of another package does not make.
    step::run("build", workspace("build").arg("--bins"))?;
    let mut tests = workspace("test");
    // The longest of them, the journeys, wait most of their time for other processes.
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get) * 2;
    tests.env("RUST_TEST_THREADS", threads.to_string());
    if !cfg!(target_os = "linux") {
        // They bring a notification daemon and an emulated USB printer, both of Linux.
        tests.args(["--exclude", "journeys"]);
    }
    step::run("tests", &mut tests)?;
    let mut without = workspace("test");
    step::run("missing guards", without.args(WITHOUT_GUARDS).args(["--test", "missing_guards"]))
}

fn on_a_desktop() -> Result<(), Failure> {
    prepare::tauri_driver()?;
    let desktop = Desktop::new()?;
    step::run("window", &mut desktop.command(workspace("test").args(WINDOW)))?;
    step::run("page's screens", &mut script("test:pages"))
}

fn workspace(subcommand: &str) -> Command {
    cargo([subcommand, "--workspace", "--locked"])
}

fn lint(clippy: &mut Command) -> &mut Command {
    clippy.args(["--", "-D", "warnings"])
}
