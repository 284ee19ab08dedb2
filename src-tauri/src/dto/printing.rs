//! Paper.

use serde::{Deserialize, Serialize};

use super::Milliseconds;
use crate::error::Fault;

/// A printer that tickets can go to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct FoundPrinter {
    /// As `print --to` names it.
    pub(crate) target: String,
    /// What people call it.
    pub(crate) name: String,
    /// How it is attached.
    pub(crate) kind: PrinterKind,
    /// Where, or its numbers.
    pub(crate) detail: Option<String>,
}

/// How a printer is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum PrinterKind {
    /// USB, spoken to directly.
    Usb,
    /// A queue of the system.
    Spool,
    /// A device node.
    Device,
    /// The demo shop's paper roll.
    Demo,
}

/// Which ticket comes out where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Printing {
    /// `auto`, or a printer.
    pub(crate) target: String,
    /// 58 or 80.
    pub(crate) width_mm: u32,
    /// Which ticket.
    pub(crate) template: TicketTemplate,
    /// How many, 1 to 10.
    pub(crate) copies: u32,
    /// Whether orders that WeChat could not be asked about are printed, marked.
    pub(crate) print_unverified: bool,
    /// Whether orders that were paid while this PC was away are printed.
    pub(crate) print_missed: bool,
}

/// A ticket of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum TicketTemplate {
    /// For the shop.
    Merchant,
    /// For the customer.
    Customer,
    /// For the kitchen.
    Kitchen,
}

/// A ticket in the queue or the history.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Paper {
    /// Its number.
    pub(crate) id: i32,
    /// Its order.
    pub(crate) order_id: String,
    /// That order's number.
    pub(crate) order_number: Option<String>,
    /// Which ticket.
    pub(crate) template: String,
    /// Which printer.
    pub(crate) target: String,
    /// Which copy.
    pub(crate) copy: u32,
    /// A word of `paper.state`.
    pub(crate) state: String,
    /// Why it did not come out.
    pub(crate) fault: Option<Fault>,
    /// Since when.
    pub(crate) created_at_ms: Milliseconds,
    /// Its last change.
    pub(crate) updated_at_ms: Milliseconds,
    /// How often it was tried.
    pub(crate) attempts: u32,
}

/// A piece of paper, as it looks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Slip {
    /// Its number on the roll.
    pub(crate) id: u32,
    /// How wide the printer prints, in dots.
    pub(crate) width_dots: u32,
    /// How many columns of 12 dots.
    pub(crate) columns: u32,
    /// From top to bottom.
    pub(crate) rows: Vec<PaperRow>,
}

/// One row of a slip.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum PaperRow {
    /// Text.
    Text {
        /// Where it stands.
        align: Align,
        /// The pieces.
        spans: Vec<PaperSpan>,
    },
    /// Blank paper.
    Feed {
        /// How many lines.
        lines: u32,
    },
    /// A QR code.
    Qr {
        /// Where it stands.
        align: Align,
        /// SVG path data, one unit a module.
        svg: String,
        /// Modules a side.
        modules: u32,
        /// Its side on the paper, in dots.
        side_dots: u32,
    },
    /// A picture.
    Picture {
        /// Where it stands.
        align: Align,
        /// Its width in dots.
        width_dots: u32,
        /// Its height in dots.
        height_dots: u32,
        /// The picture as a data URL.
        png: String,
    },
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum Align {
    /// Left.
    Left,
    /// In the middle.
    Centre,
    /// Right.
    Right,
}

/// A piece of text in one manner.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct PaperSpan {
    /// The text.
    pub(crate) text: String,
    /// Bold.
    pub(crate) bold: bool,
    /// Underlined.
    pub(crate) underline: bool,
    /// White on black.
    pub(crate) inverse: bool,
    /// Width factor, 1 to 8.
    pub(crate) wide: u32,
    /// Height factor, 1 to 8.
    pub(crate) tall: u32,
    /// Cells of 12 dots, before the width factor.
    pub(crate) columns: u32,
}
