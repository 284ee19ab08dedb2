//! Bills as `downloadbill` and `downloadfundflow` print them (sheet sections 6.8 and 6.9).
//!
//! Every field of a data row starts with a back-tick, and there is no quoting: the separator is `` ,` ``. Columns are
//! found by name, since three layouts are in life and new columns come.

use std::io::Read;

use flate2::read::GzDecoder;
use thiserror::Error;

use super::Fields;
use super::xml;

/// The longest bill that is unpacked, in bytes: about a million rows.
pub const MAX_BILL_BYTES: u64 = 512 * 1024 * 1024;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];

/// A bill, all of its texts as they were printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The deals. A payment and each of its refunds have a row of their own.
    pub rows: Vec<Vec<String>>,
    /// The names of the sums.
    pub summary_header: Vec<String>,
    /// The sums. Counts may be printed as `45.0`.
    pub summary: Vec<String>,
}

impl Bill {
    /// The value of a row in the column of that name. A row that has not as many values as there are columns has none,
    /// because nobody can say which one is missing.
    pub fn value<'a>(&self, row: &'a [String], column: &str) -> Option<&'a str> {
        named(&self.header, row, column)
    }

    /// The sum of that name.
    pub fn sum(&self, name: &str) -> Option<&str> {
        named(&self.summary_header, &self.summary, name)
    }
}

/// Why there is no bill.
#[derive(Debug, Error)]
pub enum BillError {
    /// WeChat sent a message in place of the bill, unsigned as always here: `No Bill Exist` for a day without deals,
    /// `Bill Creating` before it is ready.
    #[error("WeChat sent a message in place of the bill: {}", fields.get("return_msg").unwrap_or("no text"))]
    Message {
        /// `return_code`, `return_msg`, and `error_code` or `err_code`.
        fields: Fields,
    },
    /// It could not be unpacked.
    #[error("the bill cannot be unpacked")]
    Gzip {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is longer than [`MAX_BILL_BYTES`].
    #[error("the bill is too large")]
    TooLarge,
    /// It is not in UTF-8.
    #[error("the bill is not in UTF-8")]
    Encoding,
    /// Neither a bill nor a message of WeChat.
    #[error("this is not a bill")]
    NotABill,
}

/// Reads a bill or the message that came in its place. Whether it is packed is told by its first two bytes, not by
/// headers.
pub fn read(body: &[u8]) -> Result<Bill, BillError> {
    if body.starts_with(GZIP_MAGIC) {
        let mut unpacked = Vec::new();
        GzDecoder::new(body)
            .take(MAX_BILL_BYTES + 1)
            .read_to_end(&mut unpacked)
            .map_err(|source| BillError::Gzip { source })?;
        read_plain(&unpacked)
    } else {
        read_plain(body)
    }
}

fn read_plain(body: &[u8]) -> Result<Bill, BillError> {
    if body.len() as u64 > MAX_BILL_BYTES {
        return Err(BillError::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| BillError::Encoding)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.trim_start().starts_with('<') {
        return Err(match xml::read(body) {
            Ok(fields) => BillError::Message { fields },
            Err(_) => BillError::NotABill,
        });
    }

    let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let mut lines = lines.filter(|line| !line.is_empty());
    let header = lines.next().filter(|line| !line.starts_with('`') && line.contains(','));
    let mut bill = Bill {
        header: names(header.ok_or(BillError::NotABill)?),
        rows: Vec::new(),
        summary_header: Vec::new(),
        summary: Vec::new(),
    };
    for line in lines {
        match line.strip_prefix('`') {
            None if bill.summary_header.is_empty() => bill.summary_header = names(line),
            Some(row) if bill.summary_header.is_empty() => bill.rows.push(values(row)),
            Some(row) if bill.summary.is_empty() => bill.summary = values(row),
            // Something behind the sums: no layout that is known, and guessing would move columns.
            None | Some(_) => return Err(BillError::NotABill),
        }
    }
    Ok(bill)
}

fn names(line: &str) -> Vec<String> {
    line.split(',').map(str::to_owned).collect()
}

fn values(row: &str) -> Vec<String> {
    row.split(",`").map(str::to_owned).collect()
}

fn named<'a>(names: &[String], values: &'a [String], name: &str) -> Option<&'a str> {
    if names.len() != values.len() {
        return None;
    }
    let column = names.iter().position(|known| known == name)?;
    values.get(column).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_are_found_by_name() {
        let bill =
            read("商户订单号,商品名称\n`T1,`梨,苹果\n`T2\n总交易单数,总金额\n`1,`0.02\n".as_bytes()).unwrap();
        assert_eq!(bill.value(&bill.rows[0], "商品名称"), Some("梨,苹果"));
        assert_eq!(bill.value(&bill.rows[0], "手续费"), None);
        assert_eq!(bill.value(&bill.rows[1], "商户订单号"), None, "a short row has no trusted columns");
        assert_eq!(bill.sum("总金额"), Some("0.02"));
    }

    #[test]
    fn what_is_no_bill_is_said_so() {
        for body in ["", "hello", "<html>", "`1,`2\n", "a,b\n`1,`2\nc,d\n`3,`4\n`5,`6\n"] {
            assert!(matches!(read(body.as_bytes()), Err(BillError::NotABill)), "{body:?}");
        }
        assert!(matches!(read(&[0x1f, 0x8b, 1, 2]), Err(BillError::Gzip { .. })));
        assert!(matches!(read(b"a,b\n`\xff"), Err(BillError::Encoding)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_bill_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
