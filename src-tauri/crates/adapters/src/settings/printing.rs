use std::fmt;
use std::str::FromStr;

use receipt::{InvalidTarget, Target};
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
#[serde(try_from = "u32", into = "u32")]
pub enum PaperWidth {
    /// 58 mm.
    Mm58,
    /// 80 mm.
    Mm80,
}

/// How many copies, 1 to 10: a slip of a key must not empty a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Copies(u8);

/// The part of [`Printing`] that a person chooses in the window: the first rule, and the two switches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintingChoice {
    /// Which printer.
    pub target: PrintTarget,
    /// Its paper.
    pub width: PaperWidth,
    /// `merchant`, `customer`, `kitchen` or one of the owner's own.
    pub template: String,
    /// How many.
    pub copies: Copies,
    /// As [`Printing::print_unverified`].
    pub print_unverified: bool,
    /// As [`Printing::print_missed`].
    pub print_missed: bool,
}

/// A print rule cannot be like this.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidPrintRule {
    /// A number is out of its range.
    #[error("{number} is not a possible {what}")]
    Number {
        /// What the number is of.
        what: &'static str,
        /// The number.
        number: u32,
    },
    /// The text names no printer.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
}

impl InvalidPrintRule {
    /// The stable word by which the catalogues have a text and a hint.
    pub fn code(&self) -> &'static str {
        match self {
            InvalidPrintRule::Number { .. } => "print_rule_invalid",
            InvalidPrintRule::Target(_) => "printer_target_invalid",
        }
    }
}

impl Printing {
    /// What a person chooses of it in the window. Where there is no rule at all, what the standard one would be.
    pub fn choice(&self) -> PrintingChoice {
        let standard = PrintRule::default();
        let rule = self.rules.first().unwrap_or(&standard);
        PrintingChoice {
            target: rule.target.clone(),
            width: rule.width,
            template: rule.template.clone(),
            copies: rule.copies,
            print_unverified: self.print_unverified,
            print_missed: self.print_missed,
        }
    }

    /// Takes a person's choice over into the first rule, which is made if there is none. Further rules, and what a newer
    /// version added to this one, stay.
    pub fn choose(&mut self, choice: &PrintingChoice) {
        if self.rules.is_empty() {
            self.rules.push(PrintRule::default());
        }
        if let Some(rule) = self.rules.first_mut() {
            rule.target = choice.target.clone();
            rule.width = choice.width;
            rule.template = choice.template.clone();
            rule.copies = choice.copies;
        }
        self.print_unverified = choice.print_unverified;
        self.print_missed = choice.print_missed;
    }
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

impl TryFrom<u32> for Copies {
    type Error = InvalidPrintRule;
    fn try_from(number: u32) -> Result<Copies, InvalidPrintRule> {
        match u8::try_from(number) {
            Ok(count @ 1..=10) => Ok(Copies(count)),
            _ => Err(InvalidPrintRule::Number { what: "number of copies", number }),
        }
    }
}

impl From<Copies> for u32 {
    fn from(copies: Copies) -> u32 {
        u32::from(copies.0)
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

impl TryFrom<u32> for PaperWidth {
    type Error = InvalidPrintRule;
    fn try_from(number: u32) -> Result<PaperWidth, InvalidPrintRule> {
        match number {
            58 => Ok(PaperWidth::Mm58),
            80 => Ok(PaperWidth::Mm80),
            _ => Err(InvalidPrintRule::Number { what: "paper width in millimetres", number }),
        }
    }
}

impl From<PaperWidth> for u32 {
    fn from(width: PaperWidth) -> u32 {
        u32::from(width.millimetres())
    }
}

impl FromStr for PrintTarget {
    type Err = InvalidPrintRule;

    /// What a person typed or chose; unlike a stored rule it has to name a printer.
    fn from_str(text: &str) -> Result<PrintTarget, InvalidPrintRule> {
        match PrintTarget::from(text.to_owned()) {
            PrintTarget::Auto => Ok(PrintTarget::Auto),
            PrintTarget::Printer(name) => Ok(PrintTarget::Printer(name.parse::<Target>()?.to_string())),
        }
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
    fn a_choice_changes_the_first_rule_and_keeps_what_it_does_not_know() {
        let stored = serde_json::json!({
            "rules": [
                {"template": "merchant", "target": "auto", "width": 80, "copies": 1, "when": "paid", "filter": "tea"},
                {"template": "kitchen", "target": "tcp:10.0.0.9:9100", "width": 58, "copies": 2, "when": "paid"}],
            "print_unverified": false, "print_missed": false, "quiet": "22:00"
        });
        let mut printing: Printing = serde_json::from_value(stored.clone()).unwrap();
        let same = printing.choice();
        printing.choose(&same);
        assert_eq!(serde_json::to_value(&printing).unwrap(), stored);

        let choice = PrintingChoice {
            target: "usb:04B8:e15".parse().unwrap(),
            width: 58.try_into().unwrap(),
            copies: 3.try_into().unwrap(),
            print_missed: true,
            ..same
        };
        printing.choose(&choice);
        assert_eq!(printing.choice(), choice);
        let now = serde_json::to_value(&printing).unwrap();
        assert_eq!((&now["rules"][1], &now["quiet"]), (&stored["rules"][1], &stored["quiet"]));
        assert_eq!(
            (&now["rules"][0]["filter"], &now["rules"][0]["target"]),
            (&"tea".into(), &"usb:04b8:0e15".into())
        );
    }

    #[test]
    fn a_shop_without_a_rule_gets_one_by_choosing() {
        let mut printing = Printing { rules: Vec::new(), ..Printing::default() };
        assert_eq!(printing.choice(), Printing::default().choice());
        printing.choose(&printing.choice());
        assert_eq!(printing, Printing::default());
    }

    #[test]
    fn what_cannot_be_printed_is_not_chosen() {
        let target = |text: &str| text.parse::<PrintTarget>().map_err(|error| error.code());
        assert_eq!(target("auto"), Ok(PrintTarget::Auto));
        assert_eq!(target("the big one"), Err("printer_target_invalid"));
        for copies in [0, 11, 257] {
            assert_eq!(Copies::try_from(copies).unwrap_err().code(), "print_rule_invalid");
        }
        assert_eq!(PaperWidth::try_from(314).unwrap_err().code(), "print_rule_invalid");
    }

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
