//! The kitchen's copy: what to make, large enough to read from a step away. No price, no name, no address.

use super::order::line_details;
use super::words::Words;
use super::{TITLE, TITLE_LINES, Ticket, cancelled, copy_and_marks, note, order_facts, pickup_code};
use crate::sheet::{Sheet, Size, Style, Weight};
use crate::text::PaperText;

pub(super) fn lay_out(sheet: &mut Sheet, ticket: &Ticket<'_>, words: Words) {
    let order = ticket.order;
    pickup_code(sheet, order, words);
    copy_and_marks(sheet, &words.text("receipt.copy.kitchen"), ticket, words);
    cancelled(sheet, order, words);
    sheet.rule();
    order_facts(sheet, order, words);
    for line in &order.lines {
        sheet.rule();
        // The quantity stands first: it is ours, and nobody overlooks a second portion there.
        let name = format!("{}×", line.quantity);
        let name = PaperText::new(&name).then(&PaperText::limited(&line.title, TITLE));
        let weight = if line.quantity > 1 { Weight::Bold } else { Weight::Regular };
        sheet.hanging(&name, Style { size: Size::Double, weight, ..Style::default() }, TITLE_LINES);
        line_details(sheet, line, words);
    }
    sheet.rule();
    let buyer_note = order.buyer.as_ref().and_then(|buyer| buyer.note.as_deref());
    if buyer_note.is_some_and(|text| !text.trim().is_empty()) {
        note(sheet, words, "receipt.buyer_note", buyer_note);
        sheet.rule();
    }
}
