//! What stands on each kind of ticket.

mod kitchen;
mod order;
mod refund;
mod test_page;
mod words;

use std::fmt;
use std::str::FromStr;

use catalogue::Language;
use domain::payout::Payout;
use domain::{Order, RefundRequest, ShopHead};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::paper::{Cutter, Paper};
use crate::rendered::Rendered;
use crate::sheet::{Sheet, Size, Weight};
use crate::text::PaperText;
use words::Words;

/// Most characters of a note, a title and anything shorter that are printed (`printing.md`, section 10).
const NOTE: usize = 200;
const TITLE: usize = 120;
const ATTRIBUTE: usize = 60;
/// Most lines that the same may take.
const NOTE_LINES: usize = 16;
const TITLE_LINES: usize = 10;
const ATTRIBUTE_LINES: usize = 5;

/// Which ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// 商家联, the shop's copy: everything.
    Merchant,
    /// 顾客联, the customer's copy: without the shop's own note, the receiver masked.
    Customer,
    /// 后厨联, the kitchen's copy: large goods, no price, no personal data.
    Kitchen,
    /// 退款小票: money that goes back.
    Refund,
    /// A test page: how wide is a line, which characters come out.
    Test,
}

/// No template is called this.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no template is called {name:?}")]
pub struct UnknownTemplate {
    /// The name as it was given.
    pub name: String,
}

impl Template {
    /// Every template.
    pub const ALL: [Template; 5] =
        [Template::Merchant, Template::Customer, Template::Kitchen, Template::Refund, Template::Test];

    /// The name as the command line and settings write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Template::Merchant => "merchant",
            Template::Customer => "customer",
            Template::Kitchen => "kitchen",
            Template::Refund => "refund",
            Template::Test => "test",
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Template {
    type Err = UnknownTemplate;

    fn from_str(name: &str) -> Result<Template, UnknownTemplate> {
        let unknown = || UnknownTemplate { name: name.chars().take(80).collect() };
        Template::ALL.into_iter().find(|template| template.as_str() == name).ok_or_else(unknown)
    }
}

/// What a ticket is printed from.
#[derive(Debug, Clone, Copy)]
pub struct Ticket<'a> {
    /// The order.
    pub order: &'a Order,
    /// The shop as the head names it.
    pub shop: &'a ShopHead,
    /// What the reader has to be warned of.
    pub marks: Marks,
    /// When it is printed.
    pub printed_at: Timestamp,
    /// The language of our own words.
    pub language: Language,
    /// The print job, so that two slips of paper can be told apart; at most 60 characters are printed.
    pub job: Option<&'a str>,
    /// The refund, for [`Template::Refund`]; the others do not read it.
    pub refund: Option<Refund<'a>>,
}

/// A refund as a ticket needs it.
#[derive(Debug, Clone, Copy)]
pub struct Refund<'a> {
    /// What the backend says.
    pub request: &'a RefundRequest,
    /// What this PC knows of the money. It wins over what the backend says of it.
    pub payout: Option<&'a Payout>,
}

/// Warnings on a ticket. That amounts do not add up and that an order was not paid through WeChat is seen in the
/// order itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// 未核实: WeChat has not confirmed the payment.
    pub unverified: bool,
    /// 可能重复: the same ticket may be on paper already, here or at another terminal.
    pub possible_duplicate: bool,
    /// 【补打】第n次: how often it was printed before. 0 for the first print.
    pub reprint: u32,
}

/// Lays a ticket out.
///
/// Any order can be laid out, whatever its texts hold: see the crate's documentation. [`Template::Test`] reads the
/// shop, the language and the time only; [`test_page`] prints it without an order.
pub fn render(template: Template, ticket: &Ticket<'_>, paper: Paper) -> Rendered {
    let mut sheet = Sheet::new(paper.columns());
    let words = Words::new(ticket.language);
    match template {
        Template::Merchant => order::lay_out(&mut sheet, ticket, words, order::Copy::Merchant),
        Template::Customer => order::lay_out(&mut sheet, ticket, words, order::Copy::Customer),
        Template::Kitchen => kitchen::lay_out(&mut sheet, ticket, words),
        Template::Refund => refund::lay_out(&mut sheet, ticket, words),
        Template::Test => return test_page(ticket.shop, ticket.language, ticket.printed_at, paper),
    }
    printed_at(&mut sheet, words, ticket.printed_at, ticket.job);
    finish(sheet, paper)
}

/// Lays the test page out, which needs no order: rulers that show how many columns a line has, and characters that
/// come out wrong if the printer is set to another code than GB18030.
pub fn test_page(shop: &ShopHead, language: Language, now: Timestamp, paper: Paper) -> Rendered {
    let mut sheet = Sheet::new(paper.columns());
    let words = Words::new(language);
    test_page::lay_out(&mut sheet, shop, words, paper);
    printed_at(&mut sheet, words, now, None);
    finish(sheet, paper)
}

fn finish(mut sheet: Sheet, paper: Paper) -> Rendered {
    if paper.cutter() == Cutter::None {
        let dash_and_space = usize::from(paper.columns()) / 2;
        sheet.own(&PaperText::new(&"- ".repeat(dash_and_space)), Weight::Regular);
    }
    Rendered::new(sheet, paper)
}

/// The shop's name, twice as large.
fn head(sheet: &mut Sheet, shop: &ShopHead) {
    sheet.centred(&PaperText::limited(&shop.name, ATTRIBUTE), Size::Double, Weight::Bold, ATTRIBUTE_LINES);
}

/// The code that the buyer says, larger than anything else.
fn pickup_code(sheet: &mut Sheet, order: &Order, words: Words) {
    let code = order.pickup.as_ref().and_then(|pickup| pickup.code.as_deref()).unwrap_or_default();
    let code = PaperText::limited(code, ATTRIBUTE);
    if !code.is_empty() {
        sheet.centred(&words.text("receipt.pickup_code"), Size::Normal, Weight::Regular, 1);
        sheet.centred_largest(&code, ATTRIBUTE_LINES);
    }
}

/// Which copy it is, and every warning.
fn copy_and_marks(sheet: &mut Sheet, copy: &PaperText, ticket: &Ticket<'_>, words: Words) {
    sheet.centred(copy, Size::Normal, Weight::Bold, 1);
    let mut mark = |text: PaperText, size| sheet.centred(&text, size, Weight::Bold, ATTRIBUTE_LINES);
    let marks = ticket.marks;
    if marks.reprint > 0 {
        mark(words.fill("receipt.reprint", &[("count", &marks.reprint.to_string())]), Size::Normal);
    }
    if marks.possible_duplicate {
        mark(words.text("receipt.possible_duplicate"), Size::Double);
    }
    if marks.unverified {
        mark(words.text("receipt.unverified"), Size::Double);
    }
}

/// A warning that nobody waits for these goods any more.
fn cancelled(sheet: &mut Sheet, order: &Order, words: Words) {
    if order.is_dead() {
        sheet.centred(&words.text("receipt.cancelled"), Size::Double, Weight::Bold, ATTRIBUTE_LINES);
    }
}

/// Kind, number and time of an order.
fn order_facts(sheet: &mut Sheet, order: &Order, words: Words) {
    let kind = words.word("receipt.kind", order.kind.as_str());
    attribute(sheet, words, "receipt.kind_label", &kind);
    attribute(sheet, words, "receipt.number", &PaperText::limited(&order.number, ATTRIBUTE));
    attribute(sheet, words, "receipt.placed_at", &words.time(order.placed_at));
}

/// A label and a short text.
fn attribute(sheet: &mut Sheet, words: Words, label: &str, value: &PaperText) {
    sheet.labelled(&words.label(label), value, Weight::Regular, ATTRIBUTE_LINES);
}

/// A label and a short text of somebody else's, if there is one.
fn foreign_attribute(sheet: &mut Sheet, words: Words, label: &str, value: Option<&str>) {
    attribute(sheet, words, label, &PaperText::limited(value.unwrap_or_default(), ATTRIBUTE));
}

fn note(sheet: &mut Sheet, words: Words, label: &str, text: Option<&str>) {
    let text = PaperText::limited(text.unwrap_or_default(), NOTE);
    sheet.labelled(&words.label(label), &text, Weight::Bold, NOTE_LINES);
}

fn printed_at(sheet: &mut Sheet, words: Words, now: Timestamp, job: Option<&str>) {
    attribute(sheet, words, "receipt.printed_at", &words.time(now));
    foreign_attribute(sheet, words, "receipt.job", job);
}

#[cfg(test)]
mod tests;
