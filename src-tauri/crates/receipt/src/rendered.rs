use crate::commands;
use crate::paper::Paper;
use crate::sheet::{Align, Sheet};

/// A ticket laid out for one kind of paper, not yet bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    sheet: Sheet,
    paper: Paper,
}

impl Rendered {
    pub(crate) fn new(sheet: Sheet, paper: Paper) -> Rendered {
        Rendered { sheet, paper }
    }

    /// The bytes for the printer: ESC/POS commands of the generic profile and text in GB18030, from `ESC @` to the
    /// cut. Hand them to [`send`](crate::send) as they are.
    pub fn escpos(&self) -> Vec<u8> {
        commands::ticket(self.sheet.lines(), self.paper.cutter())
    }

    /// What will stand on the paper, a line of text for each line of paper, every one ended by LF.
    ///
    /// Each line is at most [`Paper::columns`] wide where a Chinese character counts two (the test page's ruler
    /// excepted, whose purpose is to be too long). Size and weight are not shown; what is centred is moved by spaces.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in self.sheet.lines() {
            if line.style.align == Align::Centre {
                let width = line.text.columns() * usize::from(line.style.size.factor());
                let left = self.sheet.columns().saturating_sub(width) / 2;
                text.extend(std::iter::repeat_n(' ', left));
            }
            text.push_str(line.text.as_str());
            text.push('\n');
        }
        text
    }

    /// The paper that it was laid out for.
    pub fn paper(&self) -> Paper {
        self.paper
    }

    #[cfg(test)]
    pub(crate) fn sheet(&self) -> &Sheet {
        &self.sheet
    }
}
