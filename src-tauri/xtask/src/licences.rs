//! Whether everything that we build on may be used, by the list of licences in `.deny.toml`.
//!
//! cargo-deny does this and more, but a stranger does not have it, and a check that only runs on some
//! machines is no check.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use crate::step::{Failure, cargo, output, repository};

const HEADING: &str = "licences";

pub(crate) fn check() -> Result<String, Failure> {
    let path = repository().join(".deny.toml");
    let settings = fs::read_to_string(&path).map_err(|source| Failure::File { path, source })?;
    let allowed = allowed_licences(&settings);

    let mut tree = cargo(["tree", "--workspace", "--locked", "--target", "all", "--no-dedupe"]);
    let listing = output(
        HEADING,
        tree.args(["--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}\t{l}"]),
    )?;
    let packages: BTreeMap<&str, &str> = listing
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| line.split_once('\t').unwrap_or((line, "")))
        .collect();
    let refused: Vec<String> = packages
        .iter()
        .filter(|(_, licence)| !is_met(licence, &allowed))
        .map(|(package, licence)| format!("{package} is under {licence:?}"))
        .collect();
    if packages.is_empty() {
        return Err(Failure::Check { heading: HEADING, finding: "cargo tree named no package".to_owned() });
    }
    if refused.is_empty() {
        Ok(format!("{} packages under licences that we accept", packages.len()))
    } else {
        Err(Failure::Check { heading: HEADING, finding: refused.join("; ") })
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

/// The quoted words of `allow = [ … ]` below `[licenses]`.
fn allowed_licences(settings: &str) -> BTreeSet<&str> {
    settings
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[licenses]")
        .skip_while(|line| !line.starts_with("allow"))
        .take_while(|line| *line != "]")
        .filter_map(|line| line.strip_prefix('"')?.split_once('"'))
        .map(|(licence, _)| licence)
        .collect()
}

/// Whether an SPDX expression can be met with the allowed licences alone. Older crates write `/` for `OR`.
/// What cannot be read is not met.
fn is_met(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    reader.any() == Some(true) && reader.words.is_empty()
}

/// Reads an expression from the left. `OR` binds less than `AND`, `AND` less than `WITH` (SPDX
/// specification 2.3, annex D.4).
struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a BTreeSet<&'a str>,
}

impl<'a> Reader<'a> {
    fn any(&mut self) -> Option<bool> {
        let mut met = self.all()?;
        while self.take("OR") {
            met |= self.all()?;
        }
        Some(met)
    }

    fn all(&mut self) -> Option<bool> {
        let mut met = self.one()?;
        while self.take("AND") {
            met &= self.one()?;
        }
        Some(met)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let met = self.any()?;
            return self.take(")").then_some(met);
        }
        let licence = self.next()?;
        if self.take("WITH") {
            let exception = self.next()?;
            return Some(self.allowed.contains(format!("{licence} WITH {exception}").as_str()));
        }
        Some(self.allowed.contains(licence))
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        if is_next {
            self.words = &self.words[1..];
        }
        is_next
    }

    fn next(&mut self) -> Option<&'a str> {
        let (word, rest) = self.words.split_first()?;
        self.words = rest;
        let is_licence = !["OR", "AND", "WITH", "(", ")"].contains(word);
        is_licence.then_some(*word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_met_by_mit_and_isc(expression: &str) -> bool {
        is_met(expression, &BTreeSet::from(["MIT", "ISC"]))
    }

    #[test]
    fn one_of_several_licences_is_enough() {
        for expression in
            ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "Apache-2.0 / MIT", "Zlib OR (GPL-3.0 OR ISC)"]
        {
            assert!(is_met_by_mit_and_isc(expression), "{expression}");
        }
    }

    #[test]
    fn licences_that_go_together_must_all_be_allowed() {
        assert!(is_met_by_mit_and_isc("MIT AND ISC"));
        assert!(is_met_by_mit_and_isc("(MIT OR GPL-3.0) AND ISC"));
        assert!(!is_met_by_mit_and_isc("MIT AND GPL-3.0"));
        assert!(!is_met_by_mit_and_isc("(MIT OR ISC) AND GPL-3.0"));
        // AND binds closer than OR, so MIT alone meets this one.
        assert!(is_met_by_mit_and_isc("MIT OR ISC AND GPL-3.0"));
    }

    #[test]
    fn an_exception_is_a_licence_of_its_own() {
        assert!(!is_met_by_mit_and_isc("MIT WITH LLVM-exception"));
        assert!(is_met_by_mit_and_isc("Apache-2.0 WITH LLVM-exception OR MIT"));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for expression in
            ["", "GPL-3.0", "MIT MIT", "(MIT", "MIT)", "MIT OR", "OR MIT", "MIT AND (", "MIT WITH"]
        {
            assert!(!is_met_by_mit_and_isc(expression), "{expression}");
        }
    }

    #[test]
    fn the_list_is_read_from_the_licence_section_only() {
        let settings = "[bans]\nallow = [\n  \"GPL-3.0\",\n]\n[licenses]\n# why\nallow = [\n  \"MIT\",\n  \"ISC\", # why\n]\n[x]\n\"Zlib\"\n";
        assert_eq!(allowed_licences(settings), BTreeSet::from(["ISC", "MIT"]));
    }

    #[test]
    fn our_own_licence_is_on_our_list() {
        let settings = fs::read_to_string(repository().join(".deny.toml")).unwrap();
        assert!(is_met(env!("CARGO_PKG_LICENSE"), &allowed_licences(&settings)));
    }
}
