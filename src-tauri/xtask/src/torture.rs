//! `cargo xtask torture`: the real program, killed in the middle of what it does, for as long as one likes.

use crate::page;
use crate::prepare::{self, Aim};
use crate::step::{self, Failure, cargo};

pub(crate) fn run(passed_on: &[&str]) -> Result<(), Failure> {
    prepare::machine(Aim::Test)?;
    prepare::page_packages()?;
    page::build()?;
    let mut torture =
        cargo(["run", "--quiet", "--locked", "--package", "journeys", "--bin", "torture", "--"]);
    step::run("torture", torture.args(passed_on))
}
