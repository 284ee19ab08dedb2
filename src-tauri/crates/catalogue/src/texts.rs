//! The texts themselves, flattened to dotted keys once per run.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::Language;

/// The text of a key, word for word, placeholders included.
///
/// A key that the language lacks is looked up in simplified Chinese; one that nobody has is returned
/// itself, because a screen with an odd word on it is better than no screen. For a key put together at
/// run time [`find`] gives a text that outlives the key.
#[must_use]
pub fn text(language: Language, key: &str) -> &str {
    find(language, key).unwrap_or(key)
}

/// The text of a key with the placeholders replaced: `{name}` by the value of `name`.
///
/// Values go in as they are and are never read again for placeholders, so a customer called
/// `{amount}` stays one. A placeholder without a value stays as it is.
#[must_use]
pub fn fill(language: Language, key: &str, values: &[(&str, &str)]) -> String {
    let mut rest = text(language, key);
    let mut filled = String::with_capacity(rest.len());
    while let Some(placeholder) = next_placeholder(rest) {
        filled.push_str(placeholder.before);
        match values.iter().find(|(name, _)| *name == placeholder.name) {
            Some((_, value)) => filled.push_str(value),
            None => filled.extend(["{", placeholder.name, "}"]),
        }
        rest = placeholder.after;
    }
    filled.push_str(rest);
    filled
}

/// The text of a key, or nothing where no catalogue has it.
#[must_use]
pub fn find(language: Language, key: &str) -> Option<&'static str> {
    let default = || catalogue(Language::default()).get(key);
    catalogue(language).get(key).or_else(default).map(String::as_str)
}

/// Whether there is a text for this key.
#[must_use]
pub fn has(key: &str) -> bool {
    find(Language::default(), key).is_some()
}

/// The text of one file, by dotted key.
type Catalogue = BTreeMap<String, String>;

fn catalogue(language: Language) -> &'static Catalogue {
    static ZH_CN: LazyLock<Catalogue> = LazyLock::new(|| read(source(Language::ZhCn)));
    static ZH_TW: LazyLock<Catalogue> = LazyLock::new(|| read(source(Language::ZhTw)));
    static EN: LazyLock<Catalogue> = LazyLock::new(|| read(source(Language::En)));
    match language {
        Language::ZhCn => &ZH_CN,
        Language::ZhTw => &ZH_TW,
        Language::En => &EN,
    }
}

fn source(language: Language) -> &'static str {
    match language {
        Language::ZhCn => include_str!("../../../../ui/src/locales/zh-CN.json"),
        Language::ZhTw => include_str!("../../../../ui/src/locales/zh-TW.json"),
        Language::En => include_str!("../../../../ui/src/locales/en.json"),
    }
}

#[expect(clippy::expect_used, reason = "the files are built in, and no test passes unless they are JSON")]
fn read(source: &str) -> Catalogue {
    let mut texts = Catalogue::new();
    flatten(String::new(), serde_json::from_str(source).expect("the catalogue is JSON"), &mut texts);
    texts
}

fn flatten(key: String, value: Value, texts: &mut Catalogue) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                flatten(key, member, texts);
            }
        }
        Value::String(text) => {
            texts.insert(key, text);
        }
        // A list or a number would be a mistake in the file; the tests refuse it.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
    }
}

struct Placeholder<'a> {
    before: &'a str,
    name: &'a str,
    after: &'a str,
}

/// The first `{name}` whose name is lower-case ASCII letters, digits and underscores. Other braces are
/// plain text.
fn next_placeholder(text: &str) -> Option<Placeholder<'_>> {
    text.match_indices('{').find_map(|(start, _)| {
        let (name, after) = text[start + 1..].split_once('}')?;
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        (!name.is_empty() && name.bytes().all(is_name)).then_some(Placeholder {
            before: &text[..start],
            name,
            after,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn placeholders(mut text: &str) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        while let Some(placeholder) = next_placeholder(text) {
            names.insert(placeholder.name);
            text = placeholder.after;
        }
        names
    }

    fn every_text() -> impl Iterator<Item = (Language, &'static String, &'static String)> {
        Language::ALL
            .into_iter()
            .flat_map(|language| catalogue(language).iter().map(move |(key, text)| (language, key, text)))
    }

    #[test]
    fn all_catalogues_have_the_same_keys() {
        let keys = |language| catalogue(language).keys().map(String::as_str).collect::<BTreeSet<_>>();
        let expected = keys(Language::ZhCn);
        assert!(!expected.is_empty());
        for language in [Language::ZhTw, Language::En] {
            let found = keys(language);
            let missing: Vec<_> = expected.difference(&found).collect();
            let surplus: Vec<_> = found.difference(&expected).collect();
            assert!(missing.is_empty(), "{language} lacks {missing:?}");
            assert!(surplus.is_empty(), "only {language} has {surplus:?}");
        }
    }

    #[test]
    fn a_text_has_the_same_placeholders_in_every_language() {
        for (language, key, text) in every_text() {
            let expected = placeholders(&catalogue(Language::ZhCn)[key]);
            assert_eq!(placeholders(text), expected, "{key} in {language}");
        }
    }

    #[test]
    fn braces_in_a_text_are_always_placeholders() {
        for (language, key, text) in every_text() {
            let braces = text.matches(['{', '}']).count();
            let mut rest = text.as_str();
            let mut found = 0;
            while let Some(placeholder) = next_placeholder(rest) {
                found += 1;
                rest = placeholder.after;
            }
            assert_eq!(braces, 2 * found, "{key} in {language}: {text}");
        }
    }

    #[test]
    fn no_text_is_empty_or_has_space_around_it() {
        for (language, key, text) in every_text() {
            assert!(!text.is_empty(), "{key} in {language} is empty");
            assert_eq!(text.trim(), text, "{key} in {language}");
        }
    }

    #[test]
    fn an_ellipsis_is_one_character() {
        for (language, key, text) in every_text() {
            assert!(!text.contains("..."), "{key} in {language}: {text}");
        }
    }

    #[test]
    fn a_catalogue_holds_texts_and_groups_of_texts_only() {
        fn check(language: Language, value: &Value) {
            match value {
                Value::Object(members) => {
                    assert!(!members.is_empty(), "an empty group in {language}");
                    members.values().for_each(|member| check(language, member));
                }
                value => assert!(value.is_string(), "{value} in {language} is not a text"),
            }
        }
        for language in Language::ALL {
            check(language, &serde_json::from_str(source(language)).unwrap());
        }
    }

    #[test]
    fn every_error_says_what_happened_and_what_to_do() {
        for (language, key, _) in every_text() {
            let Some((code, part)) = key.strip_prefix("error.").and_then(|rest| rest.rsplit_once('.')) else {
                continue;
            };
            let other = match part {
                "message" => "hint",
                "hint" => "message",
                other => panic!("{key} in {language}: an error has no {other}"),
            };
            assert!(
                catalogue(language).contains_key(&format!("error.{code}.{other}")),
                "{key} in {language}"
            );
        }
    }

    #[test]
    fn values_replace_their_placeholders() {
        let filled = fill(Language::En, "error.order_not_found.message", &[("number", "20250601001")]);
        assert!(filled.contains("20250601001"), "{filled}");
        assert!(!filled.contains('{'), "{filled}");
    }

    #[test]
    fn a_placeholder_in_a_value_is_never_expanded() {
        let values = [("a", "{b}"), ("b", "{a}")];
        assert_eq!(fill(Language::En, "{a} and {b}", &values), "{b} and {a}");
    }

    #[test]
    fn what_is_no_placeholder_stays_as_it_is() {
        let values = [("b", "x"), ("", "y")];
        assert_eq!(fill(Language::En, "{a} {} { {b} {b", &values), "{a} {} { x {b");
    }

    #[test]
    fn an_unknown_key_is_shown_itself() {
        assert_eq!(text(Language::ZhTw, "no.such.key"), "no.such.key");
        assert_eq!(find(Language::ZhTw, "no.such.key"), None);
        assert!(!has("no.such.key"));
        assert!(has("error.internal.message"));
    }

    #[test]
    fn a_group_is_not_a_text() {
        assert!(!has("error"));
        assert!(!has("error.internal"));
        assert!(!has(""));
    }
}
