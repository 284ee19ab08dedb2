//! Tables that people open in a spreadsheet.
//!
//! Rows as RFC 4180 has them, each cell in quotes and lines ended by CRLF, behind a byte order mark: without it the
//! spreadsheet of a Chinese Windows takes the text for GBK.

/// What a file begins with.
pub(crate) const BEGINNING: &str = "\u{feff}";

/// One line.
pub(crate) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| format!("\"{}\"", harmless(cell))).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that stays a text: what begins like a formula would be one, whoever typed it, and quotes do not keep a
/// spreadsheet from it. The full-width signs are those of a Chinese keyboard, which some programs take as well.
fn harmless(cell: &str) -> String {
    let quoted = cell.replace('"', "\"\"");
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{quoted}")
        }
        _ => quoted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_stays_a_text() {
        for typed in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A1"]
        {
            assert_eq!(line([typed]), format!("\"'{typed}\"\r\n"));
        }
        assert_eq!(line(["=HYPERLINK(\"x\")"]), "\"'=HYPERLINK(\"\"x\"\")\"\r\n");
        assert_eq!(line(["a=1", "1-1", " =1", ""]), "\"a=1\",\"1-1\",\" =1\",\"\"\r\n");
    }

    #[test]
    fn a_cell_cannot_end_before_its_end() {
        assert_eq!(line(["a\",\"b", "c\r\nd"]), "\"a\"\",\"\"b\",\"c\r\nd\"\r\n");
    }
}
