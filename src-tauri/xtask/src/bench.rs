//! `cargo xtask bench`: the release build measured against its baselines.

use crate::step::{self, Failure, cargo};

pub(crate) fn run() -> Result<(), Failure> {
    step::run("build", &mut cargo(["build", "--release", "--locked", "--package", "zhanggui-cli"]))?;
    step::run(
        "alert delay",
        &mut cargo(["run", "--release", "--locked", "--package", "journeys", "--bin", "bench_delay"]),
    )
}
