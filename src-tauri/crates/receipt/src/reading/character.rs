//! What the printer draws for the bytes of a text.

use encoding_rs::{Encoding, IBM866, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254};
use encoding_rs::{WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258};

use crate::text::charset;

/// What stands for a place that is empty in the printer's font.
const BOX: char = '□';

/// PC437, the code page after power-on, from byte 80 on. Browsers do not know it, so the library does not.
const PC437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

/// The character of a lead byte and of whatever follows it.
pub(super) fn double(pair: [u8; 2]) -> char {
    charset::character(pair).unwrap_or(BOX)
}

/// Whether a byte in double-byte mode takes the next one along.
pub(super) fn is_lead(byte: u8) -> bool {
    matches!(byte, 0x81..=0xFE)
}

/// The character of a byte from 20 on, in the code page that `ESC t` numbers so (Epson's numbers, which others follow).
/// Pages that nobody here knows show boxes.
pub(super) fn single(byte: u8, page: u8) -> char {
    let Some(high) = byte.checked_sub(0x80) else { return char::from(byte) };
    let of_the_page = match page {
        0 => PC437.chars().nth(usize::from(high)),
        16 => decoded(WINDOWS_1252, byte),
        17 => decoded(IBM866, byte),
        45 => decoded(WINDOWS_1250, byte),
        46 => decoded(WINDOWS_1251, byte),
        47 => decoded(WINDOWS_1253, byte),
        48 => decoded(WINDOWS_1254, byte),
        49 => decoded(WINDOWS_1255, byte),
        50 => decoded(WINDOWS_1256, byte),
        51 => decoded(WINDOWS_1257, byte),
        52 => decoded(WINDOWS_1258, byte),
        _ => None,
    };
    of_the_page.unwrap_or(BOX)
}

fn decoded(encoding: &'static Encoding, byte: u8) -> Option<char> {
    let bytes = [byte];
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes)?;
    text.chars().next().filter(|character| !character.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_show_what_they_hold() {
        assert_eq!(PC437.chars().count(), 128);
        for (byte, page, character) in [
            (b'A', 0, 'A'),
            (0x82, 0, 'é'),
            (0xFE, 0, '■'),
            (0x80, 16, '€'),
            (0x81, 16, BOX),
            (0x8F, 17, 'П'),
            (0xE9, 46, 'й'),
            (0x82, 2, BOX),
        ] {
            assert_eq!(single(byte, page), character, "{byte:02x} of page {page}");
        }
    }

    #[test]
    fn two_bytes_are_one_character_or_a_box() {
        assert_eq!(double([0xB2, 0xE2]), '测');
        assert_eq!(double([0xA2, 0xE3]), BOX, "the euro sign is not in GBK fonts");
        for second in [0x00, 0x0A, 0x1B, 0x30, 0x39, 0x7F, 0xFF] {
            assert_eq!(double([0x81, second]), BOX, "{second:02x}");
        }
    }
}
