//! Printers behind the engine's trait: renders a ticket and hands its bytes to the device, on a thread of its own.

use async_trait::async_trait;
use catalogue::Language;
use domain::reconcile::TicketProof;
use domain::{ShopHead, time::Timestamp};
use engine::ports::{PrintError, Printed, Printer, Ticket};
use receipt::{Cause, Marks, Paper, SendOptions, Target, Template};

/// The word for "the printer that is attached".
pub const AUTO: &str = "auto";

pub(crate) struct Printers {
    shop: ShopHead,
    language: Language,
}

impl Printers {
    pub(crate) fn new(shop: ShopHead, language: Language) -> Printers {
        Printers { shop, language }
    }
}

#[async_trait]
impl Printer for Printers {
    async fn print(&self, ticket: &Ticket) -> Result<Printed, PrintError> {
        let (ticket, shop, language) = (ticket.clone(), self.shop.clone(), self.language);
        let target = ticket.target.clone();
        // Devices block, for minutes when the paper is out: never on the runtime's threads.
        let printing = tokio::task::spawn_blocking(move || print(&ticket, &shop, language));
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
                reprint: 0,
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
