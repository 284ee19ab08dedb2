//! What people see and hold in their hands.

use std::collections::BTreeMap;

use async_trait::async_trait;
use engine::ports::{Notice, Notifier, NotifyError, PrintError, Printed, Printer, Ticket};

use super::faults::Failure;
use super::{Call, Fault, Till, World};

/// What people saw and hold in their hands.
#[derive(Default)]
pub struct Desktop {
    /// Everything they were told.
    pub notices: Vec<Notice>,
    /// Everything that came out of a printer.
    pub papers: Vec<Ticket>,
    /// Printers that stop, and after how many bytes.
    broken: BTreeMap<String, u64>,
}

impl World {
    /// The alerts that were shown, as "word number", or "word ×count".
    pub fn alerts(&self) -> Vec<String> {
        self.state().desktop.notices.iter().map(in_short).collect()
    }

    /// This printer stops after so many bytes from now on.
    pub fn break_printer(&self, target: &str, after_bytes: u64) {
        self.state().desktop.broken.insert(target.to_owned(), after_bytes);
    }

    /// It works again.
    pub fn mend_printer(&self, target: &str) {
        self.state().desktop.broken.remove(target);
    }

    /// The tickets that came out, as "printer template order".
    pub fn papers(&self) -> Vec<String> {
        let state = self.state();
        let papers = state.desktop.papers.iter();
        papers.map(|paper| format!("{} {} {}", paper.target, paper.template, paper.order.number)).collect()
    }
}

fn in_short(notice: &Notice) -> String {
    let word = notice.alert.as_str();
    let number = notice.parameters.iter().find(|(name, _)| *name == "number");
    match number {
        Some((_, number)) => format!("{word} {number}"),
        None => format!("{word} ×{}", notice.count),
    }
}

#[async_trait]
impl Notifier for Till {
    async fn notify(&self, notice: &Notice) -> Result<(), NotifyError> {
        self.perform(Call::Notify, in_short(notice), |state, _| {
            state.desktop.notices.push(notice.clone());
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Printer for Till {
    async fn print(&self, ticket: &Ticket) -> Result<Printed, PrintError> {
        let about = format!("{} {} {}", ticket.target, ticket.template, ticket.order.number);
        self.perform(Call::Print, about, |state, _| {
            if let Some(bytes) = state.desktop.broken.get(&ticket.target) {
                return Err(PrintError::of(&Fault::Jam(*bytes)));
            }
            state.desktop.papers.push(ticket.clone());
            Ok(Printed { bytes: 300, confirmed: false })
        })
        .await
    }
}
