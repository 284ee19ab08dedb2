//! Makes any text harmless and printable.
//!
//! Names, notes and addresses are typed by strangers. Before anything is measured or laid out, on Unicode:
//!
//! 1. every white space and line break becomes one space, at the ends none;
//! 2. control, format (bidirectional marks, zero-width characters), surrogate, private and unassigned characters go;
//! 3. what the printer cannot draw is written another way where there is one (`−` as `-`, half-width kana as kana,
//!    `ñ` as `n`), or else becomes [`REPLACEMENT`], one for each thing that a reader would count as one;
//! 4. a long row of replacements becomes a number, and the whole is cut at a limit.

use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization;

use super::charset;

/// Stands for one thing that the printer cannot draw.
pub(super) const REPLACEMENT: char = '□';

/// More replacements than this in a row are counted instead of drawn: nobody reads 5,000 boxes.
const REPLACEMENTS_DRAWN: usize = 3;

/// The text of at most `limit` characters, every one of which has a [`charset::code`].
pub(super) fn sanitise(text: &str, limit: usize) -> String {
    if is_plain(text) && text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let mut writer = Writer { limit, ..Writer::default() };
    for character in text.chars().map(full_width).nfc() {
        if writer.is_full() {
            break;
        }
        writer.take(character);
    }
    writer.finish()
}

/// Whether there is nothing to do, as in almost every text.
fn is_plain(text: &str) -> bool {
    let mut after_space = true;
    for character in text.chars() {
        let space = character == ' ';
        if (space && after_space) || character == '\u{3000}' || charset::code(character).is_none() {
            return false;
        }
        after_space = space;
    }
    !after_space || text.is_empty()
}

#[derive(Default)]
struct Writer {
    out: String,
    length: usize,
    limit: usize,
    space_owed: bool,
    replaced: usize,
    cluster: Cluster,
}

/// What the character before was, as far as it decides whether the next one belongs to it.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Cluster {
    #[default]
    None,
    /// Something that was replaced: an emoji, a foreign letter.
    Replaced,
    /// The same, and a zero-width joiner that ties the next character to it.
    Joined,
    /// Half a flag.
    Flag,
}

impl Writer {
    fn take(&mut self, character: char) {
        if character.is_whitespace() {
            self.end_of_run();
            self.space_owed = self.length > 0;
            return;
        }
        if charset::code(character).is_some() {
            self.write_char(character);
            return;
        }
        match get_general_category(character) {
            GeneralCategory::Format if character == '\u{200D}' => {
                if self.cluster == Cluster::Replaced {
                    self.cluster = Cluster::Joined;
                }
            }
            GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned => {}
            // Marks that did not compose with their letter belong to what stands before.
            GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::EnclosingMark => {}
            _ => match respelt(character) {
                Some(text) => text.chars().for_each(|part| self.write_char(part)),
                None => self.replace(character),
            },
        }
    }

    fn write_char(&mut self, character: char) {
        self.end_of_run();
        self.push_space();
        self.push(character);
    }

    fn replace(&mut self, character: char) {
        let is_flag = ('\u{1F1E6}'..='\u{1F1FF}').contains(&character);
        let is_skin_tone = ('\u{1F3FB}'..='\u{1F3FF}').contains(&character);
        let belongs_to_the_last = match self.cluster {
            Cluster::Joined => true,
            Cluster::Flag => is_flag,
            Cluster::Replaced => is_skin_tone,
            Cluster::None => false,
        };
        self.replaced += usize::from(!belongs_to_the_last);
        self.cluster = if is_flag && !belongs_to_the_last { Cluster::Flag } else { Cluster::Replaced };
    }

    fn end_of_run(&mut self) {
        let count = std::mem::take(&mut self.replaced);
        self.cluster = Cluster::None;
        if count == 0 {
            return;
        }
        self.push_space();
        if count <= REPLACEMENTS_DRAWN {
            (0..count).for_each(|_| self.push(REPLACEMENT));
        } else {
            format!("{REPLACEMENT}×{count}").chars().for_each(|part| self.push(part));
        }
    }

    fn push_space(&mut self) {
        if std::mem::take(&mut self.space_owed) {
            self.push(' ');
        }
    }

    fn push(&mut self, character: char) {
        self.length += 1;
        if self.length <= self.limit {
            self.out.push(character);
        }
    }

    fn is_full(&self) -> bool {
        self.length > self.limit
    }

    fn finish(mut self) -> String {
        self.end_of_run();
        if self.is_full() {
            self.out.pop();
            self.out.push('…');
        }
        self.out
    }
}

/// Half-width kana as kana, before anything is composed: the voicing mark is a character of its own among them.
fn full_width(character: char) -> char {
    match character {
        '\u{FF65}'..='\u{FF9F}' => std::iter::once(character).nfkc().next().unwrap_or(character),
        other => other,
    }
}

/// Another way to write a character that the printer cannot draw.
fn respelt(character: char) -> Option<String> {
    let fixed = match character {
        '¥' => "￥",
        '£' => "￡",
        '¢' => "￠",
        '€' => "EUR",
        '−' | '‑' => "-",
        '•' | '‧' | '∙' | '⋅' => "·",
        '™' => "TM",
        '©' => "(C)",
        '®' => "(R)",
        '⁄' => "/",
        '«' => "《",
        '»' => "》",
        '✓' | '✔' => "√",
        '✕' | '✖' | '✗' | '✘' => "×",
        _ => "",
    };
    if !fixed.is_empty() {
        return Some(fixed.to_owned());
    }
    let drawn = |text: &String| !text.is_empty() && text.chars().all(|part| charset::code(part).is_some());
    let compatible: String = std::iter::once(character).nfkc().flat_map(simpler).collect();
    if drawn(&compatible) {
        return Some(compatible);
    }
    // A letter with an accent that GBK lacks is still readable without it.
    let bare: String =
        std::iter::once(character).nfkd().filter(|part| !is_mark(*part)).flat_map(simpler).collect();
    Some(bare).filter(drawn)
}

/// The one character that normalisation leaves in fractions and that has an equal in ASCII.
fn simpler(character: char) -> Option<char> {
    Some(if character == '⁄' { '/' } else { character })
}

fn is_mark(character: char) -> bool {
    matches!(
        get_general_category(character),
        GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(text: &str) -> String {
        sanitise(text, usize::MAX)
    }

    #[test]
    fn control_characters_and_line_breaks_are_gone() {
        assert_eq!(clean("a\x1bp\x00b"), "apb");
        assert_eq!(clean(" a \t\r\n\u{2028}\u{3000}b\u{a0}"), "a b");
        assert_eq!(clean("\x10\x04\x01\x1d\x56\x41"), "VA");
        assert_eq!(clean("\u{202e}倒\u{2066}着\u{200b}写\u{feff}"), "倒着写");
        assert_eq!(clean("\n \t"), "");
        assert_eq!(clean("\u{e000}\u{f8ff}\u{e005}"), "");
    }

    #[test]
    fn what_has_a_code_stays_as_it_is() {
        for text in ["宫保鸡丁（大份）", "臺灣龍體", "A-1 / 100% “好”", "Привет é ü", "℃㎡№①", "<b>&amp;</b>"]
        {
            assert_eq!(clean(text), text);
        }
    }

    #[test]
    fn what_can_be_written_another_way_is() {
        for (text, printed) in [
            ("¥10", "￥10"),
            ("5€", "5EUR"),
            ("−3", "-3"),
            ("ｱｲｳ", "アイウ"),
            ("ﾊﾞ", "バ"),
            ("𝟙", "1"),
            ("Coca™", "CocaTM"),
            ("piñata", "pinata"),
            ("½", "1/2"),
            ("e\u{301}", "é"),
            ("1\u{fe0f}\u{20e3}", "1"),
        ] {
            assert_eq!(clean(text), printed);
        }
    }

    #[test]
    fn one_thing_is_replaced_once() {
        for (text, printed) in [
            ("😀", "□"),
            ("👨\u{200d}👩\u{200d}👧", "□"),
            ("👍🏽", "□"),
            ("❤\u{fe0f}", "□"),
            ("🇨🇳🇨🇳", "□□"),
            ("กำ", "□□"),
            ("한국어", "□□□"),
            ("𠮷野家", "□野家"),
            ("ﷺ", "□"),
            ("a😀b", "a□b"),
            ("a\u{300}\u{301}\u{302}\u{303}b", "àb"),
        ] {
            assert_eq!(clean(text), printed, "{text:?}");
        }
    }

    #[test]
    fn five_thousand_emoji_are_a_number() {
        assert_eq!(clean(&"😀".repeat(5_000)), "□×5000");
        assert_eq!(sanitise(&"😀 ".repeat(5_000), 200).chars().count(), 200);
    }

    #[test]
    fn long_text_is_cut_at_the_limit_and_says_so() {
        assert_eq!(sanitise("一二三四", 4), "一二三四");
        assert_eq!(sanitise("一二三四五", 4), "一二三…");
        assert_eq!(sanitise("一 二\n三四五", 4), "一 二…");
        assert_eq!(sanitise(&"字".repeat(1_000_000), 200).chars().count(), 200);
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        for text in ["😀".repeat(40), "a  b".to_owned(), "¥ñ½".to_owned(), "\u{1b}@".to_owned()] {
            assert_eq!(clean(&clean(&text)), clean(&text));
        }
    }
}
