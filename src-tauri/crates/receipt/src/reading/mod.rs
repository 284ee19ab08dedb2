//! Reads ESC/POS: what stands on the paper after a printer got these bytes.
//!
//! The way back of this crate's encoder, for whatever shows paper on a screen. It is a printer of the generic profile
//! (`printing.md`, section 2) without a head and a motor, and reads any bytes as one would, not only ours:
//!
//! ```text
//!  bytes ──command──▶ one command or character at a time ──printer──▶ rows ──▶ slips
//! ```
//!
//! What it does as a printer does:
//!
//! - It starts in double-byte mode as Chinese models do. A byte from 81 to FE and the one behind it are a character of
//!   two cells, whatever the second byte is: the four-byte codes of GB 18030 come out as boxes, and a lead byte that is
//!   left alone swallows the command behind it. After `FS .` bytes from 80 on are those of the code page.
//! - Text waits in the line until LF or a full line. What waits when the bytes end, or at `ESC @`, is never printed.
//! - Alignment, cut, pictures and codes work at the start of a line only, and are passed over elsewhere.
//! - A command that it does not know loses its first two bytes and prints the others as text. Those that only some
//!   printers know (page mode, user-defined characters, graphics in memory, margins, positions) are passed over with
//!   their parameters, and leave nothing.
//! - A command whose parameters are cut off waits for the rest, so that nothing behind it is read. Of a picture cut off
//!   the whole rows are there.
//!
//! A slip ends at a cut. Where there is no knife a person tears it off, so that the next job's `ESC @` ends it too.
//!
//! Any bytes can be read. What comes of them takes memory in proportion to their number: codes are kept as their
//! content and drawn when somebody asks, pictures keep the bits that they came with.

mod character;
mod code;
mod command;
mod picture;
mod printer;
mod slip;
#[cfg(test)]
mod tests;

pub use code::{Barcode, Label, Modules, QrCode, QrLevel, Symbology};
pub use picture::Picture;
pub use slip::{Align, End, Font, Knife, LINE_DOTS, Look, Pin, Row, Slip, Span};

use crate::paper::Paper;
use printer::Printer;

/// The slips that a printer with this paper makes of the bytes, the first one first.
///
/// The paper's knife does not matter, only its width: the bytes say where they cut.
pub fn read(bytes: &[u8], paper: Paper) -> Vec<Slip> {
    slips(bytes, paper).collect()
}

/// The same, one at a time.
pub(crate) fn slips(bytes: &[u8], paper: Paper) -> impl Iterator<Item = Slip> {
    Printer::new(bytes, paper)
}
