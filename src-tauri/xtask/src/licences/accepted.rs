//! Which licences `.deny.toml` accepts, of everybody and of single packages.

use std::collections::{BTreeMap, BTreeSet};

use super::Package;
use super::expression::is_met;

/// The lists below `[licenses]`.
pub(super) struct Accepted<'a> {
    of_everybody: BTreeSet<&'a str>,
    of_one: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Accepted<'a> {
    /// Reads the file as it is laid out: an entry a line.
    pub(super) fn read(settings: &'a str) -> Accepted<'a> {
        let of_one = entries(settings, "exceptions").filter_map(|line| {
            // { crate = "name", allow = ["licence", …] }
            let mut words = quoted(line);
            Some((words.next()?, words.collect()))
        });
        Accepted {
            of_everybody: entries(settings, "allow").flat_map(quoted).collect(),
            of_one: of_one.collect(),
        }
    }

    /// Why a package may not be used.
    pub(super) fn objection(&self, (package, licence): &Package) -> Option<String> {
        let fits = is_met(licence, &self.of_everybody) || self.is_excepted(package, licence);
        (!fits).then(|| format!("{package} is under {licence:?}"))
    }

    /// Exceptions that no package needs any more, or never did.
    pub(super) fn idle(&self, packages: &[Package]) -> Vec<String> {
        let is_needed = |name: &str| {
            packages
                .iter()
                .any(|(package, licence)| name_of(package) == name && !is_met(licence, &self.of_everybody))
        };
        let idle = self.of_one.keys().filter(|name| !is_needed(name));
        idle.map(|name| format!("no exception is needed for {name}")).collect()
    }

    fn is_excepted(&self, package: &str, licence: &str) -> bool {
        self.of_one
            .get(name_of(package))
            .is_some_and(|own| is_met(licence, &self.of_everybody.union(own).copied().collect()))
    }
}

/// The name in `name v1.0.0 (proc-macro)`.
fn name_of(package: &str) -> &str {
    package.split(' ').next().unwrap_or(package)
}

/// The lines of `key = [ … ]` below `[licenses]`, without remarks.
fn entries<'a>(settings: &'a str, key: &str) -> impl Iterator<Item = &'a str> {
    let opening = format!("{key} = [");
    settings
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[licenses]")
        .skip(1)
        .take_while(|line| !(line.starts_with('[') && line.ends_with(']')))
        .skip_while(move |line| *line != opening)
        .skip(1)
        .take_while(|line| *line != "]")
        .map(|line| line.split_once('#').map_or(line, |(entry, _)| entry))
}

/// What stands between quotation marks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::step::repository;

    const SETTINGS: &str = r#"
[bans]
allow = [
    "GPL-3.0",
]

[licenses]
# why "not this"
allow = [
    "MIT",
    "ISC", # why "nor this"
]
exceptions = [
    # Only builds.
    { crate = "one", allow = ["MPL-2.0"] },
]

[sources]
allow = [
    "Zlib",
]
"#;

    fn package(name: &str, licence: &str) -> Package {
        (format!("{name} v1.0.0"), licence.to_owned())
    }

    #[test]
    fn the_lists_are_read_from_the_licence_section_only() {
        let accepted = Accepted::read(SETTINGS);
        assert_eq!(accepted.of_everybody, BTreeSet::from(["ISC", "MIT"]));
        assert_eq!(accepted.of_one, BTreeMap::from([("one", BTreeSet::from(["MPL-2.0"]))]));
    }

    #[test]
    fn an_exception_is_for_one_package_alone() {
        let accepted = Accepted::read(SETTINGS);
        assert_eq!(accepted.objection(&package("one", "MPL-2.0 AND MIT")), None);
        assert!(accepted.objection(&package("two", "MPL-2.0")).is_some());
        assert!(accepted.objection(&package("one", "GPL-3.0")).is_some());
        assert!(accepted.objection(&package("two", "")).is_some(), "no licence is no permission");
    }

    #[test]
    fn an_exception_that_nobody_needs_is_told() {
        let accepted = Accepted::read(SETTINGS);
        assert!(accepted.idle(&[package("one", "MPL-2.0")]).is_empty());
        for unneeding in [package("one", "MIT"), package("two", "MPL-2.0")] {
            assert_eq!(accepted.idle(std::slice::from_ref(&unneeding)).len(), 1, "{unneeding:?}");
        }
    }

    #[test]
    fn our_own_licence_is_on_our_list() {
        let settings = fs::read_to_string(repository().join(".deny.toml")).unwrap();
        assert_eq!(Accepted::read(&settings).objection(&package("ours", env!("CARGO_PKG_LICENSE"))), None);
    }
}
