use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

/// What is printed by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Printing {
    /// One ticket for each rule that an order meets.
    pub rules: Vec<PrintRule>,
    /// Whether a ticket is printed, marked 未核实, while WeChat cannot be asked (`product.md` 2.4).
    pub print_unverified: bool,
    /// Whether orders that came in while the console was off are printed when it is back.
    pub print_missed: bool,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// When something happens, this template goes to that printer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrintRule {
    /// `merchant`, `customer`, `kitchen` or one of the owner's own.
    pub template: String,
    /// Which printer.
    pub target: PrintTarget,
    /// Its paper.
    pub width: PaperWidth,
    /// How many.
    pub copies: Copies,
    /// What causes it.
    pub when: PrintTrigger,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// Which printer a rule means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum PrintTarget {
    /// `auto`: the printer that is attached, if there is exactly one.
    Auto,
    /// A printer as `print --to` names it: `usb:…`, `tcp:HOST:PORT`, `spool:NAME`, `dev:PATH`, `file:PATH`.
    Printer(String),
}

/// What causes a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintTrigger {
    /// An order is paid, and WeChat says so too.
    Paid,
}

/// The paper's width in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum PaperWidth {
    /// 58 mm.
    Mm58,
    /// 80 mm.
    Mm80,
}

/// How many copies, 1 to 10: a slip of a key must not empty a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Copies(u8);

/// A number that a print rule cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{number} is not a possible {what}")]
pub struct InvalidPrintRule {
    what: &'static str,
    number: u8,
}

impl Default for Printing {
    fn default() -> Printing {
        Printing {
            rules: vec![PrintRule::default()],
            print_unverified: false,
            print_missed: false,
            unknown: Map::new(),
        }
    }
}

impl Default for PrintRule {
    /// One merchant's copy of each paid order, on 80 mm, at the printer that is there.
    fn default() -> PrintRule {
        PrintRule {
            template: "merchant".to_owned(),
            target: PrintTarget::Auto,
            width: PaperWidth::Mm80,
            copies: Copies::ONE,
            when: PrintTrigger::Paid,
            unknown: Map::new(),
        }
    }
}

impl Copies {
    /// One.
    pub const ONE: Copies = Copies(1);

    /// How many.
    pub fn count(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Copies {
    type Error = InvalidPrintRule;
    fn try_from(number: u8) -> Result<Copies, InvalidPrintRule> {
        if (1..=10).contains(&number) {
            Ok(Copies(number))
        } else {
            Err(InvalidPrintRule { what: "number of copies", number })
        }
    }
}

impl From<Copies> for u8 {
    fn from(copies: Copies) -> u8 {
        copies.0
    }
}

impl PaperWidth {
    /// The width in millimetres.
    pub fn millimetres(self) -> u8 {
        match self {
            PaperWidth::Mm58 => 58,
            PaperWidth::Mm80 => 80,
        }
    }
}

impl TryFrom<u8> for PaperWidth {
    type Error = InvalidPrintRule;
    fn try_from(number: u8) -> Result<PaperWidth, InvalidPrintRule> {
        match number {
            58 => Ok(PaperWidth::Mm58),
            80 => Ok(PaperWidth::Mm80),
            _ => Err(InvalidPrintRule { what: "paper width in millimetres", number }),
        }
    }
}

impl From<PaperWidth> for u8 {
    fn from(width: PaperWidth) -> u8 {
        width.millimetres()
    }
}

impl From<String> for PrintTarget {
    fn from(text: String) -> PrintTarget {
        if text == "auto" { PrintTarget::Auto } else { PrintTarget::Printer(text) }
    }
}

impl From<PrintTarget> for String {
    fn from(target: PrintTarget) -> String {
        target.to_string()
    }
}

impl fmt::Display for PrintTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PrintTarget::Auto => formatter.write_str("auto"),
            PrintTarget::Printer(name) => formatter.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_takes_only_what_can_be_printed() {
        let rule = |width: u8, copies: u8| {
            let value = serde_json::json!({
                "template": "kitchen", "target": "tcp:192.168.1.9:9100", "width": width, "copies": copies,
                "when": "paid"
            });
            serde_json::from_value::<PrintRule>(value)
        };
        let kitchen = rule(58, 2).unwrap();
        assert_eq!(kitchen.target, PrintTarget::Printer("tcp:192.168.1.9:9100".to_owned()));
        assert_eq!((kitchen.width.millimetres(), kitchen.copies.count()), (58, 2));
        for (width, copies) in [(57, 1), (80, 0), (80, 11)] {
            assert!(rule(width, copies).is_err(), "{width} mm, {copies} copies");
        }
    }
}
