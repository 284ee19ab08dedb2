//! What the project needs on the machine, and getting it there.

mod node;
mod packages;
mod root;
mod rust;

use std::env;

use crate::step::Failure;

pub(crate) use node::npm;
pub(crate) use rust::tauri_driver;

/// What somebody wants to do here. Whoever wants to test wants to run, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aim {
    /// Build the console and open it.
    Run,
    /// Run every check and test.
    Test,
}

/// Installs what is missing on the machine. Asks before it uses root on a person's machine. The page's packages
/// and the tests' tools, which stay inside the repository, have functions of their own.
pub(crate) fn machine(aim: Aim) -> Result<(), Failure> {
    // First, because nobody but the person can cure it.
    node::check()?;
    if aim == Aim::Test {
        rust::components()?;
    }
    if cfg!(target_os = "linux") { packages::install(aim) } else { Ok(()) }
}

/// Installs the page's packages as `ui/package-lock.json` names them, unless they are there.
pub(crate) fn page_packages() -> Result<(), Failure> {
    node::packages()
}

/// Whether a program of this name is on `PATH`.
pub(crate) fn is_installed(program: &str) -> bool {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(&file).is_file()))
}
