//! `cargo xtask screenshots`: pictures of the real window, for the README.

use crate::desktop::Desktop;
use crate::page;
use crate::prepare::{self, Aim};
use crate::step::{self, Failure, cargo, repository};

pub(crate) fn make() -> Result<(), Failure> {
    prepare::machine(Aim::Test)?;
    prepare::page_packages()?;
    prepare::tauri_driver()?;
    page::build()?;
    step::run("build", &mut cargo(["build", "--locked", "--workspace", "--bins"]))?;
    let mut photographer = step::program("screenshots")?;
    // A dot-folder, so that the top level stays as it is.
    photographer.arg(repository().join(".github/screenshots"));
    let desktop = Desktop::new()?;
    step::run("pictures", &mut desktop.command(&photographer))
}
