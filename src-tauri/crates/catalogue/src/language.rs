//! The languages and how a computer names them.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// A language that the program speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Chinese in simplified characters, the first language of the product and the default.
    #[default]
    ZhCn,
    /// Chinese in traditional characters, in the words used in Taiwan.
    ZhTw,
    /// English.
    En,
}

impl Language {
    /// Every language, the default first.
    pub const ALL: [Language; 3] = [Language::ZhCn, Language::ZhTw, Language::En];

    /// The BCP 47 tag, which is also the name of the catalogue's file: `zh-CN`, `zh-TW` or `en`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Language::ZhCn => "zh-CN",
            Language::ZhTw => "zh-TW",
            Language::En => "en",
        }
    }

    /// The language that an environment variable such as `LANG` or `LANGUAGE` asks for.
    ///
    /// `LANGUAGE` may hold several names between colons, the best first; the first known one wins.
    /// Nothing, `C`, `POSIX` and languages that we do not speak give the default, because a counter PC
    /// that was never told its language stands in a Chinese shop.
    #[must_use]
    pub fn from_environment_words(lang: Option<&str>) -> Language {
        lang.unwrap_or_default().split(':').find_map(|name| name.parse().ok()).unwrap_or_default()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Reads a BCP 47 tag or a POSIX locale name: `zh-TW`, `zh_TW.UTF-8`, `zh-Hant-HK`, `en_US`, in any
    /// case.
    ///
    /// # Errors
    ///
    /// [`UnknownLanguage`] if the language is neither Chinese nor English.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let locale = name.trim().split(['.', '@']).next().unwrap_or_default().to_ascii_lowercase();
        let mut subtags = locale.split(['-', '_']);
        match subtags.next() {
            Some("en") => Ok(Language::En),
            // The script decides where it is named; a region stands for the script used there.
            Some("zh") => Ok(match subtags.next() {
                Some("hant" | "tw" | "hk" | "mo") => Language::ZhTw,
                _ => Language::ZhCn,
            }),
            _ => Err(UnknownLanguage { name: name.to_owned() }),
        }
    }
}

/// A name of a language that the program does not speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLanguage {
    /// The name as it was given.
    pub name: String,
}

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the language {:?} is none of zh-CN, zh-TW and en", self.name)
    }
}

impl Error for UnknownLanguage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_reads_its_own_name() {
        for language in Language::ALL {
            assert_eq!(language.as_str().parse(), Ok(language));
            assert_eq!(language.to_string(), language.as_str());
        }
    }

    #[test]
    fn names_are_read_as_computers_write_them() {
        for (name, language) in [
            ("zh", Language::ZhCn),
            ("zh_CN.UTF-8", Language::ZhCn),
            ("zh-Hans-TW", Language::ZhCn),
            ("zh_SG", Language::ZhCn),
            ("ZH-tw", Language::ZhTw),
            ("zh_TW.UTF-8@radical", Language::ZhTw),
            ("zh-Hant", Language::ZhTw),
            ("zh-Hant-HK", Language::ZhTw),
            ("zh_HK", Language::ZhTw),
            (" en_US ", Language::En),
            ("en", Language::En),
        ] {
            assert_eq!(name.parse(), Ok(language), "{name}");
        }
    }

    #[test]
    fn languages_that_we_do_not_speak_are_refused_by_name() {
        for name in ["", "C", "POSIX", "fr_FR.UTF-8", "zhx", "english"] {
            assert_eq!(name.parse::<Language>(), Err(UnknownLanguage { name: name.to_owned() }));
        }
    }

    #[test]
    fn an_environment_without_a_language_of_ours_speaks_simplified_chinese() {
        for words in [None, Some(""), Some("C"), Some("C.UTF-8"), Some("POSIX"), Some("fr_FR.UTF-8")] {
            assert_eq!(Language::from_environment_words(words), Language::ZhCn, "{words:?}");
        }
        assert_eq!(Language::from_environment_words(Some("en_GB.UTF-8")), Language::En);
        assert_eq!(Language::from_environment_words(Some("fr:zh_TW:en")), Language::ZhTw);
    }
}
