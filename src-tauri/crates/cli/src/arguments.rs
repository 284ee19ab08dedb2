//! What can be typed (`product.md` section 6). Other programs rely on the names.

mod staff;

use std::path::PathBuf;

use catalogue::Language;
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::time::{Timestamp, beijing};

pub(crate) use staff::{Limit, LimitArguments, OwnLimitArguments, StaffCommand};

/// The console of a WeChat shop, without a window.
#[derive(Debug, Parser)]
#[command(name = "zhanggui-cli", version, about, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// The shop's data folder; default: the platform's
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Secrets in the sealed vault, opened with the passphrase in this file, instead of the keychain
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) vault_passphrase_file: Option<PathBuf>,
    /// Who acts, once staff exist; the PIN is read from the first line of standard input
    #[arg(long = "as", global = true, value_name = "STAFF")]
    pub(crate) staff: Option<String>,
    /// One JSON document on one line on stdout, and nothing else there
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// zh-CN, zh-TW or en; default: ZHANGGUI_LANG, else the system's language if it is one of these
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub(crate) lang: Option<Language>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// The language of what people read.
    pub(crate) fn language(&self) -> Language {
        self.lang.unwrap_or_else(|| {
            let words = ["ZHANGGUI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
            Language::from_environment_words(words.as_deref())
        })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a simulated WeChat gateway and a demo shop until killed
    Sandbox(SandboxArguments),
    /// Set a shop up from its connection JSON
    Connect {
        /// The JSON file, or - for standard input
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Mirror the shop and verify its payments: one full round, or for ever
    Sync {
        /// One full round (the default)
        #[arg(long, conflicts_with = "watch")]
        once: bool,
        /// For ever
        #[arg(long)]
        watch: bool,
    },
    /// List orders of the mirror, newest first
    Orders(OrdersArguments),
    /// Show one order of the mirror
    Order {
        /// Order id, number, out_trade_no or transaction_id
        #[arg(value_name = "NO")]
        number: String,
    },
    /// List refund requests of the mirror, newest first
    Refunds {
        /// Only requests in this state of the contract
        #[arg(long)]
        state: Option<String>,
    },
    /// The refund desk
    #[command(subcommand)]
    Refund(RefundCommand),
    /// Who works here, and how much each may refund
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Ask WeChat about one order and say whether it agrees with the mirror
    Query {
        /// Order id, number, out_trade_no or transaction_id
        #[arg(value_name = "NO")]
        number: String,
    },
    /// Render a ticket
    Receipt(ReceiptArguments),
    /// Print an order's ticket
    Print(PrintArguments),
    /// List the printers that are attached
    Printers,
    /// The console's whole day: watch, alert, print by the rules
    Serve {
        /// Another printer than the rules name
        #[arg(long, value_name = "TARGET")]
        print_to: Option<receipt::Target>,
        /// Another paper width in mm than the rules name
        #[arg(long, value_name = "MM")]
        width: Option<Width>,
    },
    /// The audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Check everything that has to work, and say what does not
    Doctor,
}

#[derive(Debug, Args)]
pub(crate) struct SandboxArguments {
    /// The gateway's address; the backend takes a free port of the same host
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub(crate) listen: std::net::SocketAddr,
    /// The same seed makes the same shop
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Orders that are there at the start
    #[arg(long, default_value_t = 20)]
    pub(crate) orders: u32,
    /// New orders per minute
    #[arg(long, default_value_t = 6.0, value_name = "PER_MIN", value_parser = rate)]
    pub(crate) rate: f64,
}

#[derive(Debug, Args)]
pub(crate) struct OrdersArguments {
    /// Only orders in this state of the contract
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Any part of a number, a name of goods or a note
    #[arg(long, value_name = "Q")]
    pub(crate) search: Option<String>,
    /// 1 to 1000
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000), value_name = "N")]
    pub(crate) limit: u32,
    /// The `key` of the row that the page before ended with
    #[arg(long, value_name = "KEY", value_parser = order_key)]
    pub(crate) after: Option<mirror::OrderKey>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RefundCommand {
    /// Approve a request and pay it out
    Approve {
        /// The request's id
        #[arg(value_name = "ID")]
        id: String,
        /// Another amount than asked for, in fen
        #[arg(long, value_name = "FEN")]
        amount: Option<i64>,
        /// Why
        #[arg(long, value_name = "T")]
        reason: Option<String>,
        /// How long to wait for the outcome, in seconds
        #[arg(long, default_value_t = 60, value_name = "SECONDS")]
        wait: u32,
        /// Who agrees, where two people have to; their PIN is the second line of standard input
        #[arg(long, value_name = "STAFF")]
        second: Option<String>,
        /// Only agree that the goods come back; no money moves
        #[arg(long)]
        agree_return: bool,
    },
    /// Refuse a request
    Reject {
        /// The request's id
        #[arg(value_name = "ID")]
        id: String,
        /// Why; the buyer reads it
        #[arg(long, value_name = "T")]
        reason: String,
    },
    /// Refund an order that nobody asked about
    Order {
        /// Order id, number, out_trade_no or transaction_id
        #[arg(value_name = "NO")]
        number: String,
        /// How much, in fen
        #[arg(long, value_name = "FEN")]
        amount: i64,
        /// Why; the buyer reads it
        #[arg(long, value_name = "T")]
        reason: String,
        /// How long to wait for the outcome, in seconds
        #[arg(long, default_value_t = 60, value_name = "SECONDS")]
        wait: u32,
        /// Who agrees, where two people have to; their PIN is the second line of standard input
        #[arg(long, value_name = "STAFF")]
        second: Option<String>,
    },
    /// Take up every refund whose outcome is not known yet
    Resume {
        /// How long to wait for the outcomes, in seconds
        #[arg(long, default_value_t = 60, value_name = "SECONDS")]
        wait: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Say whether any row was changed, removed or reordered, and which
    Verify,
    /// List rows, newest first
    List {
        #[command(flatten)]
        filter: AuditFilterArguments,
        /// 1 to 1000
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000), value_name = "N")]
        limit: u32,
        /// The `seq` of the row that the page before ended with
        #[arg(long, value_name = "SEQ")]
        after: Option<i64>,
    },
    /// Write rows into a file, oldest first
    Export {
        #[command(flatten)]
        filter: AuditFilterArguments,
        /// What to make
        #[arg(long)]
        format: ExportFormat,
        /// Where to, or - for standard output
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AuditFilterArguments {
    /// Any part of who, what, a number, or of what was before and after; or an order's whole number
    #[arg(long, value_name = "Q")]
    pub(crate) search: Option<String>,
    /// Only rows of this kind
    #[arg(long, value_parser = audit_kind)]
    pub(crate) kind: Option<mirror::AuditKind>,
    /// Only rows of this staff member
    #[arg(long)]
    pub(crate) who: Option<String>,
    /// From this day on, as 2025-06-01 in Beijing time
    #[arg(long, value_name = "D", value_parser = day)]
    pub(crate) from: Option<Day>,
    /// Up to and with this day
    #[arg(long, value_name = "D", value_parser = day)]
    pub(crate) to: Option<Day>,
}

/// A day in Beijing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    /// Its first instant.
    pub(crate) begins: Timestamp,
    /// The first instant of the next one.
    pub(crate) ends: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A table for a spreadsheet
    Csv,
    /// One array, as `audit list --json` has it
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiptArguments {
    /// A file with an order of the merchant contract, else an order of the mirror
    #[arg(value_name = "FILE|NO")]
    pub(crate) source: String,
    /// What to make
    #[arg(long)]
    pub(crate) format: ReceiptFormat,
    /// Paper width in mm
    #[arg(long, default_value = "80", value_name = "MM")]
    pub(crate) width: Width,
    /// How the ticket is drawn
    #[arg(long, default_value = "text")]
    pub(crate) mode: Mode,
    /// merchant, customer, kitchen, refund or test
    #[arg(long, default_value = "merchant", value_name = "NAME")]
    pub(crate) template: receipt::Template,
    /// Where to, or - for standard output
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct PrintArguments {
    /// Order id, number, out_trade_no or transaction_id
    #[arg(value_name = "NO")]
    pub(crate) number: String,
    /// The printer
    #[arg(
        long,
        value_name = "TARGET",
        help = "usb[:VID:PID[:SERIAL]], tcp:HOST:PORT, spool:NAME, dev:PATH or file:PATH"
    )]
    pub(crate) to: receipt::Target,
    /// Paper width in mm
    #[arg(long, default_value = "80", value_name = "MM")]
    pub(crate) width: Width,
    /// merchant, customer or kitchen
    #[arg(long, default_value = "merchant", value_name = "NAME")]
    pub(crate) template: receipt::Template,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReceiptFormat {
    /// Bytes for a printer
    Escpos,
    /// What stands on the paper
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// With the printer's own characters
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Width {
    /// 32 columns
    #[value(name = "58")]
    Mm58,
    /// 48 columns
    #[value(name = "80")]
    Mm80,
}

impl Width {
    pub(crate) fn millimetres(self) -> u32 {
        match self {
            Width::Mm58 => 58,
            Width::Mm80 => 80,
        }
    }

    pub(crate) fn paper(self) -> receipt::Paper {
        match self {
            Width::Mm58 => receipt::Paper::mm58(),
            Width::Mm80 => receipt::Paper::mm80(),
        }
    }
}

fn order_key(text: &str) -> Result<mirror::OrderKey, String> {
    text.parse().map_err(|_| "not the key of a row".to_owned())
}

fn audit_kind(text: &str) -> Result<mirror::AuditKind, String> {
    mirror::AuditKind::from_word(text).ok_or_else(|| {
        let words = mirror::AuditKind::ALL.map(mirror::AuditKind::as_str);
        format!("one of {}", words.join(", "))
    })
}

fn day(text: &str) -> Result<Day, String> {
    let wrong = || "a day as 2025-06-01".to_owned();
    let date: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
    let midnight = |date: jiff::civil::Date| beijing().to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| wrong());
    Ok(Day { begins: midnight(date)?, ends: midnight(date.tomorrow().map_err(|_| wrong())?)? })
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && (0.0..=6_000.0).contains(&rate) => Ok(rate),
        _ => Err("0 to 6000 orders per minute".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_day_in_beijing() {
        let first = day("2025-06-01").unwrap();
        assert_eq!(first.begins, "2025-05-31T16:00:00Z".parse().unwrap());
        assert_eq!(first.ends, "2025-06-01T16:00:00Z".parse().unwrap());
        for wrong in ["", "2025-06-31", "yesterday", "9999-12-31"] {
            assert!(day(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_log_is_asked_for_by_words_that_it_knows() {
        let parse = |words: &[&str]| Arguments::try_parse_from(["zhanggui-cli", "audit"].iter().chain(words));
        assert!(parse(&["list", "--kind", "signed_in", "--from", "2025-06-01", "--after", "12"]).is_ok());
        assert!(parse(&["export", "--format", "csv", "-o", "-", "--who", "wang"]).is_ok());
        assert!(parse(&["verify"]).is_ok());
        assert!(parse(&["list", "--kind", "nonsense"]).is_err());
        assert!(parse(&["export", "--format", "csv"]).is_err());
        assert!(parse(&["list", "--limit", "1001"]).is_err());
    }
}
