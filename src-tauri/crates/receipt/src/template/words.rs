use catalogue::Language;
use domain::Fen;
use domain::time::{Timestamp, to_spaced};

use super::ATTRIBUTE;
use crate::text::PaperText;

/// Our own words in one language, fit for paper.
#[derive(Clone, Copy)]
pub(super) struct Words {
    language: Language,
}

impl Words {
    pub(super) fn new(language: Language) -> Words {
        Words { language }
    }

    pub(super) fn text(self, key: &str) -> PaperText {
        PaperText::new(catalogue::text(self.language, key))
    }

    pub(super) fn fill(self, key: &str, values: &[(&str, &str)]) -> PaperText {
        PaperText::new(&catalogue::fill(self.language, key, values))
    }

    /// The text and a colon, ready for a value to follow.
    pub(super) fn label(self, key: &str) -> PaperText {
        let colon = self.text("receipt.colon");
        // The full-width colon has its space inside.
        let space = PaperText::spaces(usize::from(colon.columns() == 1));
        self.text(key).then(&colon).then(&space)
    }

    /// Our name for one of the contract's open words, `receipt.kind.express` for `express` below `receipt.kind`; a
    /// word that no catalogue knows is shown as it came.
    pub(super) fn word(self, group: &str, word: &str) -> PaperText {
        match catalogue::find(self.language, &format!("{group}.{word}")) {
            Some(text) => PaperText::new(text),
            None => PaperText::limited(word, ATTRIBUTE),
        }
    }

    /// Beijing time, to the second.
    pub(super) fn time(self, time: Timestamp) -> PaperText {
        PaperText::new(&to_spaced(time))
    }
}

/// An amount with its sign before the currency: `￥37.80`, `-￥2.00`.
pub(super) fn money(amount: Fen) -> PaperText {
    let text = amount.to_string();
    PaperText::new(&match text.strip_prefix('-') {
        Some(digits) => format!("-￥{digits}"),
        None => format!("￥{text}"),
    })
}

/// What is taken off: `-￥2.00`; nothing taken off is `￥0.00`.
pub(super) fn money_off(amount: Fen) -> PaperText {
    match Fen::ZERO.checked_sub(amount) {
        Some(negative) => money(negative),
        None => money(amount),
    }
}

pub(super) fn quantity(pieces: u32) -> PaperText {
    PaperText::new(&format!("×{pieces}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_stands_before_the_currency() {
        assert_eq!(money(Fen::new(3780)).as_str(), "￥37.80");
        assert_eq!(money(Fen::new(-5)).as_str(), "-￥0.05");
        assert_eq!(money_off(Fen::new(200)).as_str(), "-￥2.00");
        assert_eq!(money_off(Fen::ZERO).as_str(), "￥0.00");
        assert_eq!(money(Fen::new(i64::MIN)).as_str(), "-￥92233720368547758.08");
        assert_eq!(money_off(Fen::new(i64::MIN)).as_str(), "-￥92233720368547758.08");
    }

    #[test]
    fn labels_end_as_the_language_writes_them() {
        assert_eq!(Words::new(Language::ZhCn).label("receipt.number").as_str(), "订单号：");
        assert_eq!(Words::new(Language::En).label("receipt.number").as_str(), "Order no.: ");
    }

    #[test]
    fn a_word_of_a_later_contract_is_shown_as_it_came() {
        let words = Words::new(Language::ZhCn);
        assert_eq!(words.word("receipt.kind", "pickup").as_str(), "自提");
        assert_eq!(words.word("receipt.kind", "drone\u{1b}@").as_str(), "drone@");
    }
}
