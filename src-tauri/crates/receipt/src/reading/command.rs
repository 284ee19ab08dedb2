//! Tells where a command ends, and what it asks for.
//!
//! Lengths are those of Epson's command reference, which the manuals of other makers repeat; where they differ,
//! `printing.md`, section 2.

use super::code::{Label, QrLevel, Symbology};
use super::slip::{Align, Font, Knife, Pin};

const DLE: u8 = 0x10;
const ESC: u8 = 0x1B;
const FS: u8 = 0x1C;
const GS: u8 = 0x1D;

/// The longest content of a bar code.
const LONGEST_BARCODE: usize = 255;
/// Most tab stops.
const MOST_TAB_STOPS: usize = 32;

/// What a printer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command<'a> {
    /// `ESC @`.
    Initialise,
    /// LF.
    LineFeed,
    /// `ESC d n`: the line and so many lines.
    FeedLines(u8),
    /// `ESC J n`: the line and so many dots.
    FeedDots(u8),
    /// `ESC 2`, or `ESC 3 n` with dots.
    LineSpacing(Option<u8>),
    /// HT.
    Tab,
    /// `ESC D`: columns, ascending.
    TabStops(&'a [u8]),
    Align(Align),
    Bold(bool),
    DoubleStrike(bool),
    Inverse(bool),
    /// `ESC -`: of single-byte text.
    Underline(bool),
    /// `FS -`: of double-byte text.
    DoubleByteUnderline(bool),
    /// `GS !`: of all text.
    Size {
        wide: u8,
        tall: u8,
    },
    /// `FS W`, `FS !`: of double-byte text.
    DoubleByteSize {
        wide: u8,
        tall: u8,
    },
    /// `ESC !`: of single-byte text.
    Mode(u8),
    /// `FS !`: of double-byte text.
    DoubleByteMode(u8),
    Font(Font),
    /// `FS &`, `FS .`.
    DoubleByte(bool),
    /// `ESC t`.
    CodePage(u8),
    Cut {
        knife: Knife,
        feed_dots: u8,
    },
    Drawer(Pin),
    /// `GS v 0`. The data may be short where the bytes end.
    Raster {
        wide: u8,
        tall: u8,
        bytes_across: usize,
        data: &'a [u8],
    },
    QrModel(u8),
    QrModule(u8),
    QrLevel(QrLevel),
    QrStore(&'a [u8]),
    QrPrint,
    BarcodeHeight(u8),
    BarcodeModule(u8),
    BarcodeLabel(Label),
    Barcode {
        symbology: Symbology,
        content: &'a [u8],
    },
    /// Something that leaves no trace on this paper.
    Nothing,
}

/// The command at the beginning of `bytes`, which is a byte below 20 or a 7F, and its length. `None` if its end is
/// missing.
pub(super) fn parse(bytes: &[u8]) -> Option<(Command<'_>, usize)> {
    match *bytes {
        [DLE, ref rest @ ..] => real_time(rest).map(|length| (Command::Nothing, 1 + length)),
        [ESC, letter, ref rest @ ..] => escape(letter, rest).map(|(command, length)| (command, 2 + length)),
        [FS, letter, ref rest @ ..] => {
            double_byte(letter, rest).map(|(command, length)| (command, 2 + length))
        }
        [GS, letter, ref rest @ ..] => group(letter, rest).map(|(command, length)| (command, 2 + length)),
        [ESC | FS | GS] | [] => None,
        [b'\n', ..] => Some((Command::LineFeed, 1)),
        [b'\t', ..] => Some((Command::Tab, 1)),
        // Carriage returns too: a printer that feeds by itself is one that was set so for parallel ports.
        _ => Some((Command::Nothing, 1)),
    }
}

/// What follows DLE.
fn real_time(rest: &[u8]) -> Option<usize> {
    Some(match *rest.first()? {
        // DLE EOT n, with one byte more for ink and peelers; DLE ENQ n.
        0x04 if matches!(rest.get(1)?, 7 | 8 | 18) => 3,
        0x04 | 0x05 => 2,
        // DLE DC4 fn.
        0x14 => match *rest.get(1)? {
            1..=3 => 4,
            7 => 3,
            8 => 9,
            _ => 2,
        },
        _ => 0,
    })
    .filter(|length| rest.len() >= *length)
}

/// What follows ESC and a letter.
fn escape(letter: u8, rest: &[u8]) -> Option<(Command<'_>, usize)> {
    let with = |command: fn(u8) -> Command<'static>| rest.first().map(|n| (command(*n), 1));
    match letter {
        b'@' => Some((Command::Initialise, 0)),
        b'!' => with(Command::Mode),
        b'2' => Some((Command::LineSpacing(None), 0)),
        b'3' => with(|dots| Command::LineSpacing(Some(dots))),
        b'-' => with(|n| switch(n).map_or(Command::Nothing, Command::Underline)),
        b'D' => tab_stops(rest),
        b'E' => with(|n| Command::Bold(n & 1 == 1)),
        b'G' => with(|n| Command::DoubleStrike(n & 1 == 1)),
        b'J' => with(Command::FeedDots),
        b'M' => with(|n| match n {
            0 | b'0' => Command::Font(Font::A),
            1 | b'1' => Command::Font(Font::B),
            _ => Command::Nothing,
        }),
        b'a' => with(|n| match n {
            0 | b'0' => Command::Align(Align::Left),
            1 | b'1' => Command::Align(Align::Centre),
            2 | b'2' => Command::Align(Align::Right),
            _ => Command::Nothing,
        }),
        b'd' => with(Command::FeedLines),
        b'i' => Some((Command::Cut { knife: Knife::Full, feed_dots: 0 }, 0)),
        b'm' => Some((Command::Cut { knife: Knife::Partial, feed_dots: 0 }, 0)),
        b'p' => rest.get(..3).map(|parameters| {
            let second = matches!(parameters.first(), Some(1 | b'1'));
            (Command::Drawer(if second { Pin::Five } else { Pin::Two }), 3)
        }),
        b't' => with(Command::CodePage),
        b'&' => passed(user_defined_characters(rest)?, rest),
        b'(' => passed(counted(rest)?, rest),
        b'*' => passed(column_picture(rest)?, rest),
        b' ' | b'%' | b'=' | b'?' | b'K' | b'R' | b'T' | b'U' | b'V' | b'e' | b'r' | b'u' | b'{' => {
            passed(1, rest)
        }
        b'$' | b'\\' | b'B' | b'c' => passed(2, rest),
        b'W' => passed(8, rest),
        _ => Some((Command::Nothing, 0)),
    }
}

/// What follows FS and a letter.
fn double_byte(letter: u8, rest: &[u8]) -> Option<(Command<'_>, usize)> {
    let with = |command: fn(u8) -> Command<'static>| rest.first().map(|n| (command(*n), 1));
    match letter {
        b'&' => Some((Command::DoubleByte(true), 0)),
        b'.' => Some((Command::DoubleByte(false), 0)),
        b'!' => with(Command::DoubleByteMode),
        b'-' => with(|n| switch(n).map_or(Command::Nothing, Command::DoubleByteUnderline)),
        b'W' => with(|n| {
            let factor = 1 + (n & 1);
            Command::DoubleByteSize { wide: factor, tall: factor }
        }),
        b'(' => passed(counted(rest)?, rest),
        b'C' => passed(1, rest),
        b'?' | b'S' | b'p' => passed(2, rest),
        // A character of 24 × 24 dots.
        b'2' => passed(2 + 72, rest),
        b'q' => passed(stored_pictures(rest)?, rest),
        _ => Some((Command::Nothing, 0)),
    }
}

/// What follows GS and a letter.
fn group(letter: u8, rest: &[u8]) -> Option<(Command<'_>, usize)> {
    let with = |command: fn(u8) -> Command<'static>| rest.first().map(|n| (command(*n), 1));
    match letter {
        b'!' => with(|n| Command::Size { wide: 1 + (n >> 4 & 7), tall: 1 + (n & 7) }),
        b'B' => with(|n| Command::Inverse(n & 1 == 1)),
        b'H' => with(|n| match n {
            0 | b'0' => Command::BarcodeLabel(Label::None),
            1 | b'1' => Command::BarcodeLabel(Label::Above),
            2 | b'2' => Command::BarcodeLabel(Label::Below),
            3 | b'3' => Command::BarcodeLabel(Label::Both),
            _ => Command::Nothing,
        }),
        b'V' => cut(rest),
        b'h' => with(|n| if n == 0 { Command::Nothing } else { Command::BarcodeHeight(n) }),
        b'w' => with(|n| match n {
            2..=6 => Command::BarcodeModule(n),
            _ => Command::Nothing,
        }),
        b'k' => barcode(rest),
        b'v' => raster(rest),
        b'(' => {
            let length = counted(rest)?;
            let function = rest.get(3..length)?;
            let command =
                if rest.first() == Some(&b'k') { two_dimensional(function) } else { Command::Nothing };
            Some((command, length))
        }
        b'*' => {
            let [across, down] = *rest.first_chunk()?;
            passed(2 + usize::from(across) * usize::from(down) * 8, rest)
        }
        b'8' => {
            let [_, a, b, c, d] = *rest.first_chunk()?;
            passed(usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?.checked_add(5)?, rest)
        }
        b'/' | b'E' | b'I' | b'T' | b'a' | b'b' | b'f' | b'j' | b'r' => passed(1, rest),
        b'$' | b'L' | b'P' | b'W' | b'\\' => passed(2, rest),
        b'^' => passed(3, rest),
        b'g' => passed(4, rest),
        _ => Some((Command::Nothing, 0)),
    }
}

/// A command that leaves nothing, if all of it is there.
fn passed(length: usize, rest: &[u8]) -> Option<(Command<'_>, usize)> {
    (rest.len() >= length).then_some((Command::Nothing, length))
}

/// On or off where 1 and 2 are two thicknesses of a line.
fn switch(n: u8) -> Option<bool> {
    match n {
        0 | b'0' => Some(false),
        1 | 2 | b'1' | b'2' => Some(true),
        _ => None,
    }
}

/// The length of `x pL pH` and the bytes that the two count.
fn counted(rest: &[u8]) -> Option<usize> {
    let [_, low, high] = *rest.first_chunk()?;
    Some(3 + usize::from(u16::from_le_bytes([low, high]))).filter(|length| rest.len() >= *length)
}

/// `ESC D n… NUL`; a stop that is not behind the last one ends them too, and is a byte of its own.
fn tab_stops(rest: &[u8]) -> Option<(Command<'_>, usize)> {
    let mut last = 0;
    for (index, stop) in rest.iter().take(MOST_TAB_STOPS + 1).enumerate() {
        if *stop <= last {
            let terminator = usize::from(*stop == 0);
            return Some((Command::TabStops(rest.get(..index)?), index + terminator));
        }
        last = *stop;
    }
    let stops = rest.get(..MOST_TAB_STOPS)?;
    Some((Command::TabStops(stops), MOST_TAB_STOPS))
}

/// `ESC & y c1 c2 [x d…]…`.
fn user_defined_characters(rest: &[u8]) -> Option<usize> {
    let [bytes_down, first, last] = *rest.first_chunk()?;
    let mut length = 3;
    for _ in first..=last {
        length += 1 + usize::from(bytes_down) * usize::from(*rest.get(length)?);
    }
    Some(length)
}

/// `ESC * m nL nH d…`; modes from 32 on are three bytes high.
fn column_picture(rest: &[u8]) -> Option<usize> {
    let [mode, low, high] = *rest.first_chunk()?;
    let bytes_down = if mode >= 32 { 3 } else { 1 };
    Some(3 + bytes_down * usize::from(u16::from_le_bytes([low, high])))
}

/// `FS q n [xL xH yL yH d…]…`, both sizes in bytes.
fn stored_pictures(rest: &[u8]) -> Option<usize> {
    let mut length = 1;
    for _ in 0..*rest.first()? {
        let [a, b, c, d] = *rest.get(length..)?.first_chunk()?;
        let (across, down) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
        length = usize::from(across).checked_mul(usize::from(down) * 8)?.checked_add(length + 4)?;
    }
    Some(length)
}

/// `GS V m` or `GS V m n`.
fn cut(rest: &[u8]) -> Option<(Command<'_>, usize)> {
    let cut = |knife, feed_dots| Command::Cut { knife, feed_dots };
    Some(match *rest.first()? {
        0 | b'0' => (cut(Knife::Full, 0), 1),
        1 | b'1' => (cut(Knife::Partial, 0), 1),
        // To the knife, and so many dots further.
        65 => (cut(Knife::Full, *rest.get(1)?), 2),
        66 => (cut(Knife::Partial, *rest.get(1)?), 2),
        // Set a place, and feed to it.
        97 | 103 => (cut(Knife::Full, *rest.get(1)?), 2),
        98 | 104 => (cut(Knife::Partial, *rest.get(1)?), 2),
        _ => (Command::Nothing, 1),
    })
}

/// `GS v 0 m xL xH yL yH d…`.
fn raster(rest: &[u8]) -> Option<(Command<'_>, usize)> {
    let [kind, mode, x_low, x_high, y_low, y_high] = *match rest.first_chunk::<6>() {
        Some(head) => head,
        None if rest.first().is_some_and(|kind| *kind != b'0') => return Some((Command::Nothing, 0)),
        None => return None,
    };
    let (wide, tall) = match mode {
        0 | b'0' => (1, 1),
        1 | b'1' => (2, 1),
        2 | b'2' => (1, 2),
        3 | b'3' => (2, 2),
        _ => return Some((Command::Nothing, 0)),
    };
    if kind != b'0' {
        return Some((Command::Nothing, 0));
    }
    let bytes_across = usize::from(u16::from_le_bytes([x_low, x_high]));
    let length = bytes_across * usize::from(u16::from_le_bytes([y_low, y_high]));
    let data = rest.get(6..)?;
    let data = data.get(..length).unwrap_or(data);
    // Where it is cut off, the printer goes on waiting for the rest of it, whatever comes.
    Some((Command::Raster { wide, tall, bytes_across, data }, 6 + length))
}

/// `GS k m d… NUL` for m from 0 to 6, `GS k m n d…` from 65 on.
fn barcode(rest: &[u8]) -> Option<(Command<'_>, usize)> {
    let kind = *rest.first()?;
    let symbology = match kind {
        0 | 65 => Symbology::UpcA,
        1 | 66 => Symbology::UpcE,
        2 | 67 => Symbology::Ean13,
        3 | 68 => Symbology::Ean8,
        4 | 69 => Symbology::Code39,
        5 | 70 => Symbology::Itf,
        6 | 71 => Symbology::Codabar,
        72 => Symbology::Code93,
        73 => Symbology::Code128,
        // GS1 codes, which nobody prints on a ticket, are passed over with their content.
        74..=79 => return passed(2 + usize::from(*rest.get(1)?), rest),
        _ => return Some((Command::Nothing, 1)),
    };
    if kind >= 65 {
        let length = usize::from(*rest.get(1)?);
        let content = rest.get(2..2 + length)?;
        return Some((Command::Barcode { symbology, content }, 2 + length));
    }
    let body = rest.get(1..)?;
    match body.iter().take(LONGEST_BARCODE + 1).position(|byte| *byte == 0) {
        Some(length) => Some((Command::Barcode { symbology, content: body.get(..length)? }, 1 + length + 1)),
        None if body.len() > LONGEST_BARCODE => Some((Command::Nothing, 1)),
        None => None,
    }
}

/// `GS ( k pL pH cn fn …`, from cn on.
fn two_dimensional(function: &[u8]) -> Command<'_> {
    match *function {
        [b'1', 65, model, ..] => Command::QrModel(model),
        [b'1', 67, dots @ 1..=16] => Command::QrModule(dots),
        [b'1', 69, level] => match level {
            b'0' => Command::QrLevel(QrLevel::L),
            b'1' => Command::QrLevel(QrLevel::M),
            b'2' => Command::QrLevel(QrLevel::Q),
            b'3' => Command::QrLevel(QrLevel::H),
            _ => Command::Nothing,
        },
        [b'1', 80, b'0', ref content @ ..] => Command::QrStore(content),
        [b'1', 81, b'0'] => Command::QrPrint,
        _ => Command::Nothing,
    }
}
