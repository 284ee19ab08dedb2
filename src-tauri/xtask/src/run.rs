//! `cargo xtask run`: from a fresh clone to the console on its demo shop.
//!
//! There is no second way here that starts the demo shop without a window: the command line has its own
//! (`zhanggui-cli sandbox` and `serve`, shown in the README), and what two commands do is kept working twice.

use std::env;
use std::path::Path;

use crate::page;
use crate::prepare::{self, Aim};
use crate::step::{self, Failure, cargo};

/// Installs what is missing, builds, and opens the console with these arguments until it is closed.
pub(crate) fn run(passed_on: &[&str]) -> Result<(), Failure> {
    display()?;
    prepare::machine(Aim::Run)?;
    prepare::page_packages()?;
    page::build()?;
    let mut console = step::program("zhanggui")?;
    if !Path::new(console.get_program()).exists() {
        println!("\nThe first build takes some minutes.");
    }
    // The same features of every crate as `cargo xtask test` builds with, so that neither builds again what the
    // other has built.
    step::run("build", &mut cargo(["build", "--locked", "--workspace", "--bin", "zhanggui"]))?;
    step::run("console", console.args(passed_on))
}

/// Said at once, not after minutes of building.
fn display() -> Result<(), Failure> {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        return Ok(());
    }
    let advice = "the console is a window, and this session has no display (neither DISPLAY nor WAYLAND_DISPLAY \
                  is set). The console without a window: cargo run --package zhanggui-cli -- serve";
    Err(Failure::Missing { advice: advice.to_owned() })
}
