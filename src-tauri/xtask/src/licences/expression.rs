//! Licence expressions as packages carry them.

use std::collections::BTreeSet;

/// Whether an SPDX expression can be met with the allowed licences alone. Older crates write `/` for `OR`.
/// What cannot be read is not met.
pub(super) fn is_met(expression: &str, allowed: &BTreeSet<&str>) -> bool {
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
}
