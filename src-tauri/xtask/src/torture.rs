//! `cargo xtask torture`: the real program, killed in the middle of what it does, for as long as one likes.

use crate::step::{self, Failure, cargo};

pub(crate) fn run(passed_on: &[&str]) -> Result<(), Failure> {
    let mut torture =
        cargo(["run", "--quiet", "--locked", "--package", "journeys", "--bin", "torture", "--"]);
    step::run("torture", torture.args(passed_on))
}
