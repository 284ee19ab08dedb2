//! The crates that we build with, as cargo names them.

use std::collections::BTreeMap;

use super::{HEADING, Package};
use crate::step::{Failure, cargo, output};

/// Those of every system, of builds and of tests too: nobody has to know which is which to use our code.
pub(super) fn linked() -> Result<Vec<Package>, Failure> {
    let mut tree = cargo(["tree", "--workspace", "--locked", "--target", "all"]);
    let listing = output(
        HEADING,
        tree.args(["--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}\t{l}"]),
    )?;
    let packages: BTreeMap<&str, &str> = listing
        .lines()
        .filter(|line| !line.is_empty())
        // The mark of a package whose own dependencies stand further up. To have them all repeated takes half a
        // minute.
        .map(|line| line.trim_end_matches(" (*)"))
        .map(|line| line.split_once('\t').unwrap_or((line, "")))
        .collect();
    Ok(packages.into_iter().map(|(package, licence)| (package.to_owned(), licence.to_owned())).collect())
}
