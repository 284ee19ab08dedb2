use adapters::fault::Fault as Reason;
use catalogue::Language;
use engine::{Health, LinkState};
use mirror::Outstanding;

use super::counted;
use crate::dto;
use crate::error::Fault;

/// The status strip.
pub(crate) fn status(health: &Health, owed: &Outstanding, language: Language) -> dto::Status {
    dto::Status {
        backend: link(&health.backend, language),
        wechat: link(&health.wechat, language),
        printer: link(&health.printer, language),
        contact_at_ms: owed.contact_at.map(Into::into),
        unsent: dto::Unsent {
            reports: counted(owed.reports),
            refunds: counted(owed.refunds),
            tickets: counted(owed.tickets),
        },
        filling: owed.filling,
        open_alerts: counted(owed.open_alerts),
    }
}

fn link(link: &engine::Link, language: Language) -> dto::Link {
    dto::Link {
        state: match link.state {
            LinkState::Unknown => dto::LinkState::Unknown,
            LinkState::Working => dto::LinkState::Working,
            LinkState::Trouble => dto::LinkState::Trouble,
        },
        since_ms: link.since.map(Into::into),
        fault: link.trouble.as_ref().map(|trouble| Fault::stored(&Reason::from(trouble), language)),
        name: link.name.clone(),
    }
}
