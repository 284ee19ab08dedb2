//! Which characters a Chinese receipt printer can draw, and the bytes that ask for them.
//!
//! The double-byte font of such a printer is a GBK or GB18030 ROM. It draws what has a one-byte or a two-byte code;
//! a four-byte code comes out as wrong characters and digits. So this module knows one- and two-byte codes only, and
//! no control character: whatever bytes it hands out, none of them is a command.

use std::sync::LazyLock;

use encoding_rs::GB18030;
use unicode_general_category::{GeneralCategory, get_general_category};

/// The code of a character that the printer draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// One column: a byte from 20 to 7E.
    One(u8),
    /// Two columns: a lead byte from 81 to FE and a trail byte from 40 to FE, never 7F.
    Two([u8; 2]),
}

impl Code {
    /// The width on paper in columns of font A. The printer draws what has two bytes 24 dots wide, whatever Unicode
    /// says of its width, so `…` and `×` take two.
    pub(crate) fn columns(self) -> usize {
        match self {
            Code::One(_) => 1,
            Code::Two(_) => 2,
        }
    }
}

/// The code of `character`, or `None` for what the printer cannot draw, control characters among it.
pub(crate) fn code(character: char) -> Option<Code> {
    let [lead, trail] = TABLE.get(character as usize).copied().unwrap_or_default().to_be_bytes();
    match (lead, trail) {
        (0, 0) => None,
        (0, single) => Some(Code::One(single)),
        pair => Some(Code::Two(pair.into())),
    }
}

/// What the printer draws for a lead and a trail byte, or `None` where its font is empty.
pub(crate) fn character(pair: [u8; 2]) -> Option<char> {
    let (text, _) = GB18030.decode_without_bom_handling(&pair);
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if is_drawn(character) => Some(character),
        _ => None,
    }
}

/// By UTF-16 unit, the one- or two-byte code; 0 where there is none.
///
/// The library's encoder searches its tables linearly for each Chinese character; a receipt of a thousand lines
/// would take a tenth of a second. Turning its decoder around once costs a millisecond.
static TABLE: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let mut table = vec![0; 0x1_0000].into_boxed_slice();
    for ascii in 0x20..0x7F_u8 {
        table[usize::from(ascii)] = u16::from(ascii);
    }
    for lead in 0x81..=0xFE_u8 {
        for trail in (0x40..=0xFE_u8).filter(|trail| *trail != 0x7F) {
            let pair = [lead, trail];
            if let Some(character) = character(pair)
                && let Some(entry @ 0) = table.get_mut(character as usize)
            {
                *entry = u16::from_be_bytes(pair);
            }
        }
    }
    table
});

/// Whether a character with a two-byte code is in the printers' fonts: the rows for private use are empty, and the
/// euro sign came with GB 18030, which GBK fonts do not know.
fn is_drawn(character: char) -> bool {
    let category = get_general_category(character);
    !matches!(character, '€' | char::REPLACEMENT_CHARACTER)
        && !matches!(category, GeneralCategory::PrivateUse | GeneralCategory::Unassigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_library_encodes() {
        for character in (0..=0xFFFF_u32).filter_map(char::from_u32) {
            let Some(code) = code(character) else { continue };
            let text = character.to_string();
            let (bytes, _, _) = GB18030.encode(&text);
            match code {
                Code::One(byte) => assert_eq!(*bytes, [byte], "{character:?}"),
                Code::Two(pair) => assert_eq!(*bytes, pair, "{character:?}"),
            }
        }
    }

    #[test]
    fn every_two_byte_character_outside_private_use_is_known() {
        let known = (0..=0xFFFF_u32).filter_map(char::from_u32).filter(|c| code(*c).is_some()).count();
        // 95 of ASCII and about 21,900 Chinese characters and signs.
        assert!((21_900..22_400).contains(&known), "{known}");
    }

    #[test]
    fn no_code_holds_a_control_byte() {
        for character in (0..=0x10_FFFF_u32).filter_map(char::from_u32) {
            match code(character) {
                None => {}
                Some(Code::One(byte)) => assert!((0x20..0x7F).contains(&byte), "{character:?}"),
                Some(Code::Two([lead, trail])) => {
                    assert!(lead >= 0x81 && trail >= 0x40 && trail != 0x7F, "{character:?}");
                }
            }
        }
    }
}
