use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The paper in a printer, as far as a ticket in text mode depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Paper {
    columns: u8,
    cutter: Cutter,
}

/// What separates a ticket from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cutter {
    /// No knife: a dashed line to tear along.
    None,
    /// A knife that leaves a bridge, so that tickets do not fall to the floor.
    Partial,
    /// A knife that cuts through.
    Full,
}

/// No printer has this many columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a line has 32, 34, 36, 42 or 48 columns, not {columns}")]
pub struct InvalidPaper {
    /// The number that was refused.
    pub columns: u8,
}

impl Paper {
    /// The line widths in columns of font A (12 dots) that printers have: 384, 408, 432, 504 and 576 dots.
    pub const COLUMNS: [u8; 5] = [32, 34, 36, 42, 48];

    /// A 58 mm roll: 32 columns, no knife.
    pub const fn mm58() -> Paper {
        Paper { columns: 32, cutter: Cutter::None }
    }

    /// An 80 mm roll: 48 columns, partial cut. Printers of 180 dpi (Epson TM-T88) have 42: see
    /// [`Paper::with_columns`].
    pub const fn mm80() -> Paper {
        Paper { columns: 48, cutter: Cutter::Partial }
    }

    /// The same paper with another line width, one of [`Paper::COLUMNS`]. A test page shows which is right.
    ///
    /// # Errors
    ///
    /// [`InvalidPaper`] for any other number.
    pub fn with_columns(self, columns: u8) -> Result<Paper, InvalidPaper> {
        if Paper::COLUMNS.contains(&columns) {
            Ok(Paper { columns, ..self })
        } else {
            Err(InvalidPaper { columns })
        }
    }

    /// The same paper with another knife.
    pub const fn with_cutter(self, cutter: Cutter) -> Paper {
        Paper { cutter, ..self }
    }

    /// Characters of font A in a line; a Chinese character takes two.
    pub const fn columns(self) -> u8 {
        self.columns
    }

    /// What separates a ticket from the next.
    pub const fn cutter(self) -> Cutter {
        self.cutter
    }
}

/// How settings hold it: reading them goes through the same checks.
#[derive(Serialize, Deserialize)]
struct Stored {
    columns: u8,
    cutter: Cutter,
}

impl TryFrom<Stored> for Paper {
    type Error = InvalidPaper;

    fn try_from(stored: Stored) -> Result<Paper, InvalidPaper> {
        Paper::mm80().with_cutter(stored.cutter).with_columns(stored.columns)
    }
}

impl From<Paper> for Stored {
    fn from(paper: Paper) -> Stored {
        Stored { columns: paper.columns, cutter: paper.cutter }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_widths_that_printers_have_are_taken() {
        for columns in Paper::COLUMNS {
            assert_eq!(Paper::mm80().with_columns(columns).map(Paper::columns), Ok(columns));
        }
        for columns in [0, 16, 33, 47, 49, 255] {
            assert_eq!(Paper::mm58().with_columns(columns), Err(InvalidPaper { columns }));
        }
    }

    #[test]
    fn settings_keep_paper_and_refuse_a_wrong_width() {
        let text = serde_json::to_string(&Paper::mm58()).unwrap();
        assert_eq!(text, r#"{"columns":32,"cutter":"none"}"#);
        assert_eq!(serde_json::from_str::<Paper>(&text).unwrap(), Paper::mm58());
        assert!(serde_json::from_str::<Paper>(r#"{"columns":31,"cutter":"none"}"#).is_err());
    }
}
