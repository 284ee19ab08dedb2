//! The page in the window: `ui/`, built by npm into `ui/dist`, which the program carries inside.

use std::path::PathBuf;

use crate::files;
use crate::prepare::npm;
use crate::step::{self, Failure, repository};

/// The page's folder.
pub(crate) fn folder() -> PathBuf {
    repository().join("ui")
}

/// Builds the page unless what was built last is younger than all it is made from. Cargo wants it to be there
/// before it so much as looks at the program.
pub(crate) fn build() -> Result<(), Failure> {
    if files::is_up_to_date(&folder().join("dist/index.html"), &sources()?)? {
        println!("\n== page: built already, and nothing has changed");
        return Ok(());
    }
    step::run("page", &mut script("build"))
}

/// A script of `ui/package.json`.
pub(crate) fn script(name: &str) -> std::process::Command {
    let mut command = npm(["run"]);
    command.arg(name);
    command
}

/// What the page is made from, its packages included.
fn sources() -> Result<Vec<PathBuf>, Failure> {
    let folder = folder();
    let others = ["dist", "node_modules", "tests"].map(|name| folder.join(name));
    let mut sources = files::below(&folder, |path| !others.iter().any(|other| other == path))?;
    sources.push(folder.join("node_modules/.installed-package-lock.json"));
    Ok(sources)
}
