//! Text that may stand on paper.

pub(crate) mod charset;
mod sanitise;
mod wrap;

use std::fmt;

use charset::Code;
use sanitise::{REPLACEMENT, sanitise};
pub(crate) use wrap::wrap;

/// Text that is safe to print: no control character, nothing that the printer cannot draw, one line.
///
/// Layout and encoder take nothing else, so that text can reach the printer on this way only, and commands on none
/// of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PaperText(String);

impl PaperText {
    /// Any text, made harmless, without a limit of length. For our own texts and for what has a limit elsewhere.
    pub(crate) fn new(text: &str) -> PaperText {
        PaperText(sanitise(text, usize::MAX))
    }

    /// Any text, made harmless and cut after `limit` characters.
    pub(crate) fn limited(text: &str, limit: usize) -> PaperText {
        PaperText(sanitise(text, limit))
    }

    /// Columns of spaces.
    pub(crate) fn spaces(columns: usize) -> PaperText {
        PaperText(" ".repeat(columns))
    }

    /// The dashes of a rule. Not `─`, which is two columns wide.
    pub(crate) fn dashes(columns: usize) -> PaperText {
        PaperText("-".repeat(columns))
    }

    /// This text and then `other`.
    pub(crate) fn then(mut self, other: &PaperText) -> PaperText {
        self.0.push_str(&other.0);
        self
    }

    /// This text, moved to the right edge of a field; unchanged if it is as wide as the field or wider.
    pub(crate) fn right_in(self, columns: usize) -> PaperText {
        PaperText::spaces(columns.saturating_sub(self.columns())).then(&self)
    }

    /// This text and spaces up to the width of a field.
    pub(crate) fn left_in(self, columns: usize) -> PaperText {
        let missing = columns.saturating_sub(self.columns());
        self.then(&PaperText::spaces(missing))
    }

    /// The width in columns of font A at normal size: one for a one-byte code, two for a two-byte code.
    pub(crate) fn columns(&self) -> usize {
        columns(&self.0)
    }

    /// The same text for a screen.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends the bytes of this text: the one place where text becomes bytes. It lets nothing out below 20 and no
    /// 7F, because no [`Code`] holds such a byte; a character without a code comes out as a box.
    pub(crate) fn encode_into(&self, bytes: &mut Vec<u8>) {
        for character in self.0.chars() {
            match charset::code(character).or_else(|| charset::code(REPLACEMENT)) {
                Some(Code::One(byte)) => bytes.push(byte),
                Some(Code::Two(pair)) => bytes.extend(pair),
                None => {}
            }
        }
    }

    /// A piece of an already harmless text.
    fn piece(text: &str) -> PaperText {
        PaperText(text.to_owned())
    }
}

impl fmt::Display for PaperText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(character: char) -> usize {
    charset::code(character).map_or(2, Code::columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_are_the_encoded_bytes() {
        assert_eq!(PaperText::new("测试").columns(), 4);
        assert_eq!(PaperText::new("A×…°C").columns(), 8);
        assert_eq!(PaperText::new("￥12.00").columns(), 7);
    }

    #[test]
    fn fields_are_filled_by_columns() {
        assert_eq!(PaperText::new("中").right_in(4).as_str(), "  中");
        assert_eq!(PaperText::new("中").left_in(4).as_str(), "中  ");
        assert_eq!(PaperText::new("中中中").left_in(4).as_str(), "中中中");
    }

    proptest! {
        #[test]
        fn no_text_becomes_a_control_byte(text in any::<String>(), limit in 1_usize..300) {
            let text = PaperText::limited(&text, limit);
            let mut bytes = Vec::new();
            text.encode_into(&mut bytes);
            prop_assert!(bytes.iter().all(|byte| *byte >= 0x20 && *byte != 0x7F));
            prop_assert_eq!(bytes.len(), text.columns());
            prop_assert!(text.as_str().chars().count() <= limit);
            // What is on the screen is what is on the paper.
            prop_assert_eq!(encoding_rs::GB18030.decode(&bytes).0, text.as_str());
        }

        #[test]
        fn raw_bytes_read_as_text_are_harmless_too(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = Vec::new();
            PaperText::new(&String::from_utf8_lossy(&raw)).encode_into(&mut bytes);
            prop_assert!(bytes.iter().all(|byte| *byte >= 0x20 && *byte != 0x7F));
        }
    }
}
