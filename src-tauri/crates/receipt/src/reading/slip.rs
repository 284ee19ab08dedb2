use super::code::{Barcode, QrCode};
use super::picture::Picture;

/// Dots from one line of text to the next, unless the bytes set another spacing: 3.75 mm at 203 dpi, the 30 units of
/// the manuals.
pub const LINE_DOTS: u32 = 30;

/// A piece of paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// Where its first byte stands, counted from the first byte of what was read; for a roll, of the file.
    pub offset: u64,
    /// How wide the printer prints, in dots: 12 for each column.
    pub width_dots: u32,
    /// How many characters of font A a line holds; a Chinese one takes two.
    pub columns: u8,
    /// What stands on it, from the top.
    pub rows: Vec<Row>,
    /// How it ends.
    pub end: End,
}

/// How a slip ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The knife cut it.
    Cut(Knife),
    /// The next job begins: it was torn off.
    Torn,
    /// It still hangs in the printer: nothing came after it.
    Hanging,
}

/// How the knife cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knife {
    /// Through.
    Full,
    /// It leaves a bridge.
    Partial,
}

/// What stands below the row before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A line of text, with the paper that it takes: [`LINE_DOTS`], or its tallest character if that is taller.
    Text {
        /// Where it stands.
        align: Align,
        /// Its pieces, from the left; at least one.
        spans: Vec<Span>,
    },
    /// Blank paper.
    Feed {
        /// How much: an empty line is [`LINE_DOTS`].
        dots: u32,
    },
    /// A QR code that the printer draws itself.
    Qr {
        /// Where it stands.
        align: Align,
        /// What it says.
        code: QrCode,
    },
    /// A bar code that the printer draws itself.
    Barcode {
        /// Where it stands.
        align: Align,
        /// What it says.
        code: Barcode,
    },
    /// Dots.
    Picture {
        /// Where it stands.
        align: Align,
        /// The dots.
        picture: Picture,
    },
    /// Nothing on the paper: the cash drawer opened here.
    Drawer {
        /// Which drawer.
        pin: Pin,
    },
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right edge.
    Right,
}

/// The plug of a cash drawer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    /// Pin 2, the first drawer.
    Two,
    /// Pin 5, the second.
    Five,
}

/// A piece of a line that looks the same throughout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text; `□` is what the printer has no character for.
    pub text: String,
    /// How it looks.
    pub look: Look,
    /// How many cells it takes before [`Look::wide`] counts: one for a single-byte character, two for a Chinese one.
    pub columns: u32,
}

impl Span {
    /// How much of the line it takes.
    pub fn width_dots(&self) -> u32 {
        self.look.cell_dots().saturating_mul(self.columns)
    }
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Emphasised or struck twice.
    pub bold: bool,
    /// Underlined.
    pub underline: bool,
    /// White on black.
    pub inverse: bool,
    /// Times its normal width, 1 to 8.
    pub wide: u8,
    /// Times its normal height, 1 to 8.
    pub tall: u8,
    /// Which characters. Chinese ones are always font A.
    pub font: Font,
}

impl Look {
    /// How wide a cell is.
    pub(super) fn cell_dots(self) -> u32 {
        let normal = match self.font {
            Font::A => 12,
            Font::B => 9,
        };
        normal * u32::from(self.wide)
    }

    /// How tall a character is.
    pub(super) fn height_dots(self) -> u32 {
        let normal = match self.font {
            Font::A => 24,
            Font::B => 17,
        };
        normal * u32::from(self.tall)
    }
}

/// Which characters of the printer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Font {
    /// 12 × 24 dots; Chinese 24 × 24.
    #[default]
    A,
    /// 9 × 17 dots.
    B,
}
