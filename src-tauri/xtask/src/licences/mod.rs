//! Whether everything that we build on may be used, by the lists of licences in `.deny.toml`.
//!
//! cargo-deny does this for crates and more, but a stranger does not have it, and a check that only runs on some
//! machines is no check. It knows nothing of the page's packages either.

mod accepted;
mod crates;
mod expression;
mod npm;

use std::fs;
use std::process::Command;

use accepted::Accepted;

use crate::step::{Failure, cargo, repository};

const HEADING: &str = "licences";

/// A package with its version, and its licence expression; empty where it names none.
type Package = (String, String);

pub(crate) fn check() -> Result<String, Failure> {
    let path = repository().join(".deny.toml");
    let settings = fs::read_to_string(&path).map_err(|source| Failure::File { path, source })?;
    let accepted = Accepted::read(&settings);

    let crates = crates::linked()?;
    let page = npm::shipped()?;
    let mut findings: Vec<String> =
        crates.iter().chain(&page).filter_map(|package| accepted.objection(package)).collect();
    findings.extend(accepted.idle(&crates));
    if crates.is_empty() || page.is_empty() {
        findings.push(format!("only {} crates and {} packages of npm are named", crates.len(), page.len()));
    }
    if findings.is_empty() {
        Ok(format!("{} crates and {} packages of the page's may be used", crates.len(), page.len()))
    } else {
        Err(Failure::Check { heading: HEADING, finding: findings.join("; ") })
    }
}

/// cargo-deny on what can be checked without the network: known faults only where their list was fetched
/// before.
pub(crate) fn cargo_deny() -> Command {
    let mut command =
        cargo(["deny", "--locked", "--offline", "--all-features", "check", "licenses", "bans", "sources"]);
    let home = std::env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    if home.is_some_and(|home| home.join("advisory-dbs").is_dir()) {
        command.arg("advisories");
    }
    command
}
