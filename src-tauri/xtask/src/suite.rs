//! `cargo xtask test`: the cheapest checks first, each once; the first that fails ends the run.

use crate::step::{self, Failure, cargo};
use crate::{layers, licences, prepare};

pub(crate) fn run() -> Result<(), Failure> {
    prepare::everything()?;

    step::run("format", &mut cargo(["fmt", "--all", "--check"]))?;
    step::check("layers", "which crates must not reach which", layers::check)?;
    step::check("licences", "what we build on, against .deny.toml", licences::check)?;
    if prepare::is_installed("cargo-deny") {
        step::run("cargo-deny", &mut licences::cargo_deny())?;
    }
    step::run(
        "lints",
        &mut cargo(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    )?;
    step::run(
        "documentation",
        cargo(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    // The journeys start the program itself, which a test build of another package does not make.
    step::run("build", &mut cargo(["build", "--workspace", "--bins", "--locked"]))?;
    step::run("tests", &mut cargo(["test", "--workspace", "--locked"]))
}
