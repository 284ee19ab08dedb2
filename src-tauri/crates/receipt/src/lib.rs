//! Lays an order out for paper, turns it into ESC/POS bytes, and gets them to a printer.
//!
//! Everything that a customer typed is hostile until it stands on paper. The way there has three steps, and each
//! takes only what the step before it makes:
//!
//! ```text
//!  any text ──sanitise──▶ PaperText ──lay out──▶ Sheet (lines with a style) ──encode──▶ bytes
//! ```
//!
//! - `text`: a `PaperText` holds no control character and nothing that the printer cannot draw. One function of it
//!   turns text into bytes, and no byte below 20 and no 7F comes out.
//! - `sheet`: lines by columns, where a column is a byte of GB18030; somebody else's text never begins a line.
//! - `commands`: the only place that knows commands. It takes lines, never bytes.
//!
//! [`render`] does the first two, [`Rendered::escpos`] the third, [`Rendered::text`] shows the same on a screen.
//! [`send`] carries bytes to a [`Target`] and says, when it fails, whether any may have left: what is on paper
//! cannot be taken back, so nothing here prints a second time by itself.
//!
//! [`reading`] is the way back from bytes to paper, for screens, and [`roll`] the paper of a printer that does not exist.

mod commands;
mod paper;
pub mod reading;
mod rendered;
pub mod roll;
#[cfg(test)]
mod sample;
mod sheet;
mod status;
mod target;
mod template;
mod text;
mod transport;
#[cfg(test)]
mod vectors;

pub use paper::{Cutter, InvalidPaper, Paper};
pub use rendered::Rendered;
pub use target::{InvalidTarget, Target, UsbId};
pub use template::{Marks, Refund, Template, Ticket, UnknownTemplate, render, test_page};
pub use transport::{
    Cause, Deadlines, FoundPrinter, Progress, Questions, SendError, SendOptions, Sent, Trouble, printers,
    send,
};
