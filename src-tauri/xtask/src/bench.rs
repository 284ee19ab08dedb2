//! `cargo xtask bench`: the release build measured against its baselines.

use std::path::Path;
use std::process::Command;

use crate::step::{self, Failure, cargo};

pub(crate) fn run() -> Result<(), Failure> {
    // All programs in one build, as the measuring ones make sure of it again: nothing is built twice.
    step::run("build", &mut cargo(["build", "--release", "--locked", "--workspace", "--bins"]))?;
    let own = std::env::current_exe().map_err(|source| Failure::File { path: "xtask".into(), source })?;
    let release = own.parent().and_then(Path::parent).unwrap_or(Path::new("target")).join("release");
    let program = release.join(format!("bench_delay{}", std::env::consts::EXE_SUFFIX));
    step::run("alert delay", &mut Command::new(program))
}
