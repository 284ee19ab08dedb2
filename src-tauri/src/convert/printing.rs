use adapters::fault::Fault as Reason;
use adapters::settings::{InvalidPrintRule, PrintingChoice};
use catalogue::{Language, text};
use mirror::{JobState, PrintJobRow};
use receipt::{FoundPrinter, Target};

use crate::demo::Demo;
use crate::dto::{self, PrinterKind, TicketTemplate};
use crate::error::Fault;

/// A ticket in the queue or the history.
pub(crate) fn paper(row: &PrintJobRow, language: Language) -> dto::Paper {
    let job = &row.job;
    let failed = match row.state {
        JobState::FailedBeforeStart | JobState::Unknown | JobState::Queued => row.error.as_deref(),
        JobState::Sending | JobState::Sent | JobState::Confirmed | JobState::Elsewhere => None,
    };
    let about = vec![
        ("printer", job.target.clone()),
        ("number", row.order_number.clone().unwrap_or_else(|| job.order_id.to_string())),
    ];
    dto::Paper {
        id: i32::try_from(row.id).unwrap_or(i32::MAX),
        order_id: job.order_id.to_string(),
        order_number: row.order_number.clone(),
        template: job.template.clone(),
        target: job.target.clone(),
        copy: job.copy,
        state: row.state.as_str().to_owned(),
        fault: failed.map(|code| Fault::stored(&Reason::new(code, about), language)),
        created_at_ms: row.created_at.into(),
        updated_at_ms: row.updated_at.into(),
        attempts: row.attempts,
    }
}

/// Printers that tickets can go to, the demo shop's paper roll first.
pub(crate) fn found_printers(
    found: &[FoundPrinter],
    demo: Option<&Demo>,
    language: Language,
) -> Vec<dto::FoundPrinter> {
    let roll = demo.map(|demo| dto::FoundPrinter {
        target: demo.printer().to_string(),
        name: text(language, "window.printing.demo_printer").to_owned(),
        kind: PrinterKind::Demo,
        detail: None,
    });
    let real = found.iter().map(|one| {
        let kind = match &one.target {
            Target::Usb(_) => PrinterKind::Usb,
            Target::Device(_) => PrinterKind::Device,
            _ => PrinterKind::Spool,
        };
        let target = one.target.to_string();
        let told = [one.maker.as_deref(), one.model.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        let name = if told.is_empty() { target.clone() } else { told.join(" ") };
        dto::FoundPrinter { name, kind, detail: Some(target.clone()), target }
    });
    roll.into_iter().chain(real).collect()
}

/// Which ticket comes out where.
pub(crate) fn printing(choice: &PrintingChoice) -> dto::Printing {
    dto::Printing {
        target: choice.target.to_string(),
        width_mm: choice.width.millimetres().into(),
        template: TicketTemplate::of(&choice.template),
        copies: choice.copies.count().into(),
        print_unverified: choice.print_unverified,
        print_missed: choice.print_missed,
    }
}

/// What a person chose, as the settings keep it.
pub(crate) fn print_rule(printing: &dto::Printing) -> Result<PrintingChoice, InvalidPrintRule> {
    Ok(PrintingChoice {
        target: printing.target.parse()?,
        width: printing.width_mm.try_into()?,
        template: printing.template.as_str().to_owned(),
        copies: printing.copies.try_into()?,
        print_unverified: printing.print_unverified,
        print_missed: printing.print_missed,
    })
}

impl TicketTemplate {
    /// The template of a word; the owner's own templates have none here, and the shop's copy is the nearest.
    fn of(word: &str) -> TicketTemplate {
        match word {
            "customer" => TicketTemplate::Customer,
            "kitchen" => TicketTemplate::Kitchen,
            _ => TicketTemplate::Merchant,
        }
    }

    /// The word that rules and jobs use.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            TicketTemplate::Merchant => "merchant",
            TicketTemplate::Customer => "customer",
            TicketTemplate::Kitchen => "kitchen",
        }
    }
}
