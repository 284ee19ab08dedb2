//! Lays text out in lines of a given number of columns.
//!
//! Lines that begin at the left edge are ours; what a customer typed begins behind a label of ours or is indented by
//! [`INDENT`], also where it goes on in the next line. So no note can look like `实付 ￥0.00`.

use crate::text::{PaperText, wrap};

/// Columns before text that is not ours.
const INDENT: usize = 2;
/// Columns of an item's amount at the right edge: `￥99999999.99` and a space.
const AMOUNT_COLUMNS: usize = 14;
/// Columns of an item's quantity before it.
const QUANTITY_COLUMNS: usize = 6;
/// From this width on an item whose name is short takes one line.
const ONE_LINE_ITEM_COLUMNS: usize = 42;

/// A ticket's lines, from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    columns: usize,
    lines: Vec<Line>,
}

/// One line on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: PaperText,
    pub(crate) style: Style,
}

/// How a line is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Style {
    pub(crate) align: Align,
    pub(crate) size: Size,
    pub(crate) weight: Weight,
}

/// Where a line stands. There is no right: amounts are moved there by spaces, which every printer can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Align {
    #[default]
    Left,
    Centre,
}

/// How much larger than font A a line is, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Size {
    #[default]
    Normal,
    Double,
    Triple,
}

impl Size {
    /// Times font A.
    pub(crate) fn factor(self) -> u8 {
        match self {
            Size::Normal => 1,
            Size::Double => 2,
            Size::Triple => 3,
        }
    }
}

/// How dark a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Weight {
    #[default]
    Regular,
    Bold,
}

impl Sheet {
    pub(crate) fn new(columns: u8) -> Sheet {
        Sheet { columns: usize::from(columns), lines: Vec::new() }
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The dashes between two parts.
    pub(crate) fn rule(&mut self) {
        self.left(PaperText::dashes(self.columns), Weight::Regular);
    }

    /// A line of exactly so many columns, their number at its end, whatever the paper holds.
    pub(crate) fn ruler(&mut self, columns: u8) {
        let number = PaperText::new(&columns.to_string());
        let dashes = usize::from(columns).saturating_sub(number.columns());
        self.left(PaperText::dashes(dashes).then(&number), Weight::Regular);
    }

    /// A text in the middle.
    pub(crate) fn centred(&mut self, text: &PaperText, size: Size, weight: Weight, max_lines: usize) {
        let room = self.room(size);
        let style = Style { align: Align::Centre, size, weight };
        let lines = wrap(text, room, room, max_lines);
        self.lines.extend(lines.into_iter().map(|text| Line { text, style }));
    }

    /// A text in the middle as large as one line can hold it.
    pub(crate) fn centred_largest(&mut self, text: &PaperText, max_lines: usize) {
        let fits = |size: &Size| text.columns() <= self.room(*size);
        let size = [Size::Triple, Size::Double].into_iter().find(fits).unwrap_or(Size::Double);
        self.centred(text, size, Weight::Bold, max_lines);
    }

    /// A text of ours from the left edge.
    pub(crate) fn own(&mut self, text: &PaperText, weight: Weight) {
        for line in wrap(text, self.columns, self.columns, usize::MAX) {
            self.left(line, weight);
        }
    }

    /// Our label and somebody's text, as in `备注：少辣`. Nothing if the text is empty.
    pub(crate) fn labelled(
        &mut self,
        label: &PaperText,
        value: &PaperText,
        weight: Weight,
        max_lines: usize,
    ) {
        if !value.is_empty() {
            self.hanging(&label.clone().then(value), Style { weight, ..Style::default() }, max_lines);
        }
    }

    /// Somebody's text, indented.
    pub(crate) fn indented(&mut self, text: &PaperText, weight: Weight, max_lines: usize) {
        let room = self.columns - INDENT;
        for line in wrap(text, room, room, max_lines) {
            self.left(PaperText::spaces(INDENT).then(&line), weight);
        }
    }

    /// A text that begins with something of ours and goes on with what is not: the lines after the first are
    /// indented.
    pub(crate) fn hanging(&mut self, text: &PaperText, style: Style, max_lines: usize) {
        let room = self.room(style.size);
        for (index, line) in wrap(text, room, room - INDENT, max_lines).into_iter().enumerate() {
            let indent = if index == 0 { 0 } else { INDENT };
            self.lines.push(Line { text: PaperText::spaces(indent).then(&line), style });
        }
    }

    /// A text at the left edge and an amount at the right one. The amount stays in one piece: where it does not fit
    /// behind the text it takes the next line.
    pub(crate) fn pair(&mut self, text: &PaperText, amount: &PaperText, weight: Weight) {
        let first = self.lines.len();
        self.hanging(text, Style { weight, ..Style::default() }, usize::MAX);
        let fits = |line: &&mut Line| line.text.columns() + 1 + amount.columns() <= self.columns;
        match self.lines[first..].last_mut().filter(fits) {
            Some(last) => {
                let field = self.columns - amount.columns();
                last.text = last.text.clone().left_in(field).then(amount);
            }
            None => self.left(amount.clone().right_in(self.columns), weight),
        }
    }

    /// The line over the items that says what stands where.
    pub(crate) fn item_head(&mut self, name: &PaperText, quantity: &PaperText, amount: &PaperText) {
        match self.item_numbers(quantity, amount) {
            Some(numbers) => self.pair(name, &numbers, Weight::Regular),
            None => self.pair(name, amount, Weight::Regular),
        }
    }

    /// An item: the name, and at the right edge quantity and amount, in one line if it fits on wide paper, else
    /// below the name.
    pub(crate) fn item(
        &mut self,
        name: &PaperText,
        quantity: &PaperText,
        amount: &PaperText,
        max_lines: usize,
    ) {
        let numbers = self.item_numbers(quantity, amount);
        let name_columns = self.columns.saturating_sub(QUANTITY_COLUMNS + AMOUNT_COLUMNS);
        let one_line = self.columns >= ONE_LINE_ITEM_COLUMNS && name.columns() <= name_columns;
        match numbers {
            Some(numbers) if one_line && numbers.columns() == QUANTITY_COLUMNS + AMOUNT_COLUMNS => {
                self.left(name.clone().left_in(name_columns).then(&numbers), Weight::Regular);
            }
            numbers => {
                self.hanging(name, Style::default(), max_lines);
                match numbers {
                    Some(numbers) => self.left(numbers.right_in(self.columns), Weight::Regular),
                    None => {
                        self.left(quantity.clone().right_in(self.columns), Weight::Regular);
                        self.left(amount.clone().right_in(self.columns), Weight::Regular);
                    }
                }
            }
        }
    }

    /// Quantity and amount side by side, each right-aligned in its field where it fits, or `None` if a line cannot
    /// hold both.
    fn item_numbers(&self, quantity: &PaperText, amount: &PaperText) -> Option<PaperText> {
        let amount_field = AMOUNT_COLUMNS.max(amount.columns() + 1);
        let amount = amount.clone().right_in(amount_field);
        let numbers = quantity.clone().right_in(QUANTITY_COLUMNS).then(&amount);
        (numbers.columns() <= self.columns).then_some(numbers)
    }

    fn left(&mut self, text: PaperText, weight: Weight) {
        self.lines.push(Line { text, style: Style { weight, ..Style::default() } });
    }

    /// Columns that a line of this size has.
    fn room(&self, size: Size) -> usize {
        self.columns / usize::from(size.factor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(text: &str) -> PaperText {
        PaperText::new(text)
    }

    fn shown(sheet: &Sheet) -> Vec<&str> {
        sheet.lines().iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn a_note_cannot_begin_a_line_of_its_own() {
        let mut sheet = Sheet::new(32);
        sheet.labelled(
            &text("备注："),
            &text("请在门口等一下我马上下来拿谢谢啦 实付 ￥0.00"),
            Weight::Regular,
            9,
        );
        assert_eq!(shown(&sheet), ["备注：请在门口等一下我马上下来拿", "  谢谢啦 实付 ￥0.00"]);
    }

    #[test]
    fn amounts_stand_at_the_right_edge() {
        let mut sheet = Sheet::new(32);
        sheet.pair(&text("实付"), &text("￥37.80"), Weight::Bold);
        assert_eq!(shown(&sheet), ["实付                     ￥37.80"]);
        assert_eq!(sheet.lines()[0].text.columns(), 32);
    }

    #[test]
    fn short_items_take_one_line_on_wide_paper_and_two_on_narrow() {
        let item = |columns| {
            let mut sheet = Sheet::new(columns);
            sheet.item(&text("1.宫保鸡丁"), &text("×2"), &text("￥36.00"), 8);
            shown(&sheet).join("\n")
        };
        assert_eq!(item(48), "1.宫保鸡丁                     ×2       ￥36.00");
        assert_eq!(item(32), "1.宫保鸡丁\n               ×2       ￥36.00");
    }

    #[test]
    fn a_code_is_as_large_as_it_fits() {
        for (code, size) in
            [("8231", Size::Triple), ("A-20250601", Size::Triple), ("A-202506012", Size::Double)]
        {
            let mut sheet = Sheet::new(32);
            sheet.centred_largest(&text(code), 2);
            assert_eq!(sheet.lines()[0].style.size, size, "{code}");
        }
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_paper_and_no_amount_is_broken(
            name in "\\PC{0,120}",
            quantity in "×[0-9]{1,10}",
            amount in "-?￥[0-9]{1,17}\\.[0-9]{2}",
            columns in proptest::sample::select(vec![32_u8, 34, 36, 42, 48]),
        ) {
            let mut sheet = Sheet::new(columns);
            let (name, quantity, amount) = (text(&name), text(&quantity), text(&amount));
            sheet.item(&name, &quantity, &amount, 8);
            sheet.pair(&name, &amount, Weight::Bold);
            sheet.labelled(&amount, &name, Weight::Regular, 8);
            sheet.indented(&name, Weight::Regular, 8);
            sheet.centred(&name, Size::Double, Weight::Bold, 3);
            sheet.centred_largest(&name, 3);
            for line in sheet.lines() {
                let width = line.text.columns() * usize::from(line.style.size.factor());
                prop_assert!(width <= usize::from(columns), "{line:?}");
            }
            let whole = sheet.lines().iter().filter(|line| line.text.as_str().ends_with(amount.as_str())).count();
            prop_assert!(whole >= 2);
        }
    }
}
