//! `cargo xtask bench`: the release build measured against its baselines.

use std::process::Command;

use crate::desktop::Desktop;
use crate::page;
use crate::prepare::{self, Aim};
use crate::step::{self, Failure, cargo};

pub(crate) fn run() -> Result<(), Failure> {
    prepare::machine(Aim::Test)?;
    prepare::page_packages()?;
    page::build()?;
    // All programs in one build, as the measuring ones make sure of it again: nothing is built twice.
    step::run("build", &mut cargo(["build", "--release", "--locked", "--workspace", "--bins"]))?;
    step::run("alert delay", &mut measuring("bench_delay")?)?;
    prepare::tauri_driver()?;
    let desktop = Desktop::new()?;
    step::run("window", &mut desktop.command(&measuring("bench_window")?))
}

fn measuring(name: &str) -> Result<Command, Failure> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(Command::new(step::target()?.join("release").join(file)))
}
