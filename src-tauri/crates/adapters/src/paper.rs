//! Printers behind the engine's trait: renders a ticket and hands its bytes to the device, on a thread of its own.

mod queues;

use async_trait::async_trait;
use catalogue::Language;
use domain::reconcile::TicketProof;
use domain::{ShopHead, time::Timestamp};
use engine::ports::{PrintError, Printed, Printer, Ticket};
use receipt::{Cause, FoundPrinter, Marks, Paper, SendOptions, Target, Template};

use crate::fault::Fault;
use crate::settings::{InvalidPrintRule, LiveSettings, PaperWidth, PrintTarget};

/// The word for "the printer that is attached".
pub const AUTO: &str = "auto";

pub(crate) struct Printers {
    settings: LiveSettings,
}

impl Printers {
    pub(crate) fn new(settings: LiveSettings) -> Printers {
        Printers { settings }
    }
}

#[async_trait]
impl Printer for Printers {
    async fn print(&self, ticket: &Ticket) -> Result<Printed, PrintError> {
        let (ticket, settings) = (ticket.clone(), self.settings.current());
        let target = ticket.target.clone();
        // Devices block, for minutes when the paper is out: never on the runtime's threads.
        let printing =
            tokio::task::spawn_blocking(move || print(&ticket, &settings.head(), settings.language()));
        match printing.await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(%error, "printing ended in a panic");
                // What left is not known; one byte stands for "maybe".
                Err(PrintError { code: "internal", bytes_sent: 1, printer: target, nothing_attached: false })
            }
        }
    }
}

fn print(ticket: &Ticket, shop: &ShopHead, language: Language) -> Result<Printed, PrintError> {
    let refused = |code, nothing_attached| PrintError {
        code,
        bytes_sent: 0,
        printer: ticket.target.clone(),
        nothing_attached,
    };
    let template: Template = ticket.template.parse().map_err(|_| refused("printer_target_invalid", false))?;
    let target = match ticket.target.as_str() {
        AUTO => attached().ok_or_else(|| refused("printer_not_found", true))?,
        named => named.parse::<Target>().map_err(|_| refused("printer_target_invalid", false))?,
    };
    let job = ticket.job.to_string();
    let paper = paper(ticket.width_mm).ok_or_else(|| refused("printer_target_invalid", false))?;
    let rendered = receipt::render(
        template,
        &receipt::Ticket {
            order: &ticket.order,
            shop,
            marks: Marks {
                unverified: ticket.proof == TicketProof::Unverified,
                possible_duplicate: ticket.possible_duplicate,
                reprint: ticket.reprint,
            },
            printed_at: ticket.printed_at,
            language,
            job: Some(&job),
            refund: ticket
                .refund
                .as_ref()
                .map(|slip| receipt::Refund { request: &slip.request, payout: Some(&slip.payout) }),
        },
        paper,
    );
    send(&target, &rendered.escpos())
}

/// Hands bytes to a printer and waits until it has them. Blocks.
pub fn send(target: &Target, bytes: &[u8]) -> Result<Printed, PrintError> {
    match receipt::send(target, bytes, &SendOptions::default()) {
        Ok(sent) => Ok(Printed { bytes: sent.bytes as u64, confirmed: false }),
        Err(error) => {
            tracing::warn!(%error, cause = error.cause().as_str(), "a ticket was not printed");
            Err(PrintError {
                code: message_code(error.cause()),
                bytes_sent: error.bytes_sent(),
                printer: target.to_string(),
                nothing_attached: false,
            })
        }
    }
}

/// Every printer that a ticket can go to without knowing an address: attached by USB, device nodes, and the print queues
/// of the system. One printer may be in the list more than once, for each way to it. Takes up to some seconds.
pub fn found() -> Vec<FoundPrinter> {
    let mut found = receipt::printers();
    found.extend(queues::queues());
    found
}

/// Prints a test page on the printer that `target` names, or on the one that is attached for [`AUTO`]. Blocks.
pub fn print_test(
    target: &str,
    width_mm: u32,
    shop: &ShopHead,
    language: Language,
) -> Result<Printed, Fault> {
    let target = match target.parse::<PrintTarget>()? {
        PrintTarget::Printer(named) => named.parse().map_err(InvalidPrintRule::from)?,
        PrintTarget::Auto => {
            attached().ok_or_else(|| Fault::new("printer_not_found", vec![("printer", AUTO.to_owned())]))?
        }
    };
    let paper = match PaperWidth::try_from(width_mm)? {
        PaperWidth::Mm58 => Paper::mm58(),
        PaperWidth::Mm80 => Paper::mm80(),
    };
    Ok(send(&target, &test_page(shop, language, paper, Timestamp::now()))?)
}

/// The printer that is attached by USB: the first one found.
pub fn attached() -> Option<Target> {
    receipt::printers().into_iter().map(|found| found.target).find(|target| matches!(target, Target::Usb(_)))
}

/// The paper of a width in mm.
pub fn paper(width_mm: u32) -> Option<Paper> {
    match width_mm {
        58 => Some(Paper::mm58()),
        80 => Some(Paper::mm80()),
        _ => None,
    }
}

/// A test page for the printer's paper.
pub fn test_page(shop: &ShopHead, language: Language, paper: Paper, now: Timestamp) -> Vec<u8> {
    receipt::test_page(shop, language, now, paper).escpos()
}

fn message_code(cause: &Cause) -> &'static str {
    match cause {
        Cause::NotFound { .. } => "printer_not_found",
        Cause::Permission { .. } => "printer_permission",
        Cause::Busy { .. } => "printer_busy",
        Cause::Unplugged { .. } => "printer_unplugged",
        Cause::Timeout | Cause::Cancelled => "printer_timeout",
        Cause::PaperOut => "printer_paper_out",
        Cause::CoverOpen => "printer_cover_open",
        Cause::Connect { .. } | Cause::Write { .. } | Cause::SpoolUnsupported => "printer_unreachable",
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::example;

    use super::*;

    fn ticket(file: &std::path::Path) -> Ticket {
        let order = serde_json::json!({
            "id": "1", "number": "20260601-001", "version": 2, "currency": "CNY", "state": "paid", "kind": "pickup",
            "placed_at": "2026-06-01T01:00:00Z",
            "payment": {"state": "paid", "method": "wechat", "total_fen": 2200, "out_trade_no": "T1"},
            "amounts": {"total_fen": 2200, "refunded_fen": 0, "refundable_fen": 2200},
            "lines": [{"id": "1", "title": "拿铁", "qty": 1, "total_fen": 2200}]
        });
        Ticket {
            order: merchant_api::order_from_json(order.to_string().as_bytes()).unwrap().0,
            refund: None,
            template: "merchant".to_owned(),
            target: format!("file:{}", file.display()),
            width_mm: 80,
            proof: TicketProof::Verified,
            possible_duplicate: false,
            reprint: 0,
            job: 1,
            printed_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn the_next_ticket_follows_the_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("paper.bin");
        example().save(folder.path()).unwrap();
        let live = LiveSettings::new(folder.path(), example());
        let printers = Printers::new(live.clone());
        let words = |language| {
            let bytes = std::fs::read(&file).unwrap();
            let label = receipt_word(language);
            bytes.windows(label.len()).any(|piece| piece == label)
        };
        printers.print(&ticket(&file)).await.unwrap();
        assert!(words(Language::ZhCn) && !words(Language::En));
        live.change(|settings| settings.language = Language::En.to_string()).unwrap();
        printers.print(&ticket(&file)).await.unwrap();
        assert!(words(Language::En) && !words(Language::ZhCn));
    }

    /// A word that stands on every merchant's copy, as the printer gets it.
    fn receipt_word(language: Language) -> Vec<u8> {
        encoding_rs::GB18030.encode(catalogue::text(language, "receipt.paid")).0.into_owned()
    }

    #[test]
    fn a_test_page_goes_where_it_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("paper.bin");
        let shop = ShopHead { name: "示例小店".to_owned(), address: None, phone: None };
        let printed = print_test(&format!("file:{}", file.display()), 58, &shop, Language::ZhCn).unwrap();
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(printed.bytes, bytes.len() as u64);
        assert!(bytes.starts_with(b"\x1b@"), "a ticket begins with the reset");
    }

    #[test]
    fn a_test_page_that_cannot_be_printed_says_why() {
        let shop = ShopHead::default();
        let code = |target: &str, width| print_test(target, width, &shop, Language::En).unwrap_err().code;
        assert_eq!(code("the big one", 80), "printer_target_invalid");
        assert_eq!(code("file:/nowhere/at/all/paper.bin", 80), "printer_not_found");
        assert_eq!(code("file:/nowhere/at/all/paper.bin", 57), "print_rule_invalid");
    }
}
