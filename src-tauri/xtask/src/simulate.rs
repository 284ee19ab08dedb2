//! `cargo xtask simulate`: refunds under faults and crashes, by seed, for as long as one likes.

use crate::step::{self, Failure, cargo};

pub(crate) fn run(passed_on: &[&str]) -> Result<(), Failure> {
    let mut simulate = cargo(["run", "--quiet", "--locked", "--package", "simulation", "--bin", "simulate"]);
    // A guard of the engine's can be taken away in a build for that alone.
    simulate.args(["--features", "guards-away", "--"]).args(passed_on);
    step::run("simulation", &mut simulate)
}
