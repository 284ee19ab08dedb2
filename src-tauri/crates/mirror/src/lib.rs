//! The local SQLite copy of one shop: one writer, typed queries, migrations, and the list of effects still owed.
//!
//! [`Mirror`] is the open file. [`Mirror::write`] runs a closure in one transaction on the writer's thread: rows, cursor
//! and owed effects of one cause go in together, and a crash leaves all of them or none. [`Mirror::read`] runs one on a
//! read-only connection. After each commit [`Mirror::changes`] ticks, and whoever shows or performs something reads again.
//!
//! Queries are methods of [`View`] (reading) and [`Tx`] (writing), in a file per subject beside their SQL.

mod alerts;
mod audit;
mod buyers;
mod changes;
mod clock;
mod effects;
mod error;
mod lane;
mod meta;
mod order_list;
mod orders;
mod outstanding;
mod payouts;
mod print_jobs;
mod refund_requests;
mod refunded;
mod rereads;
mod schema;
mod staff;
mod store;
mod timeline;

pub use alerts::OpenAlertRow;
pub use audit::{
    AuditCheck, AuditFault, AuditFilter, AuditKind, AuditLink, AuditRow, MOST_AUDIT_FAULTS, NewAudit,
};
pub use buyers::BuyerHistory;
pub use changes::Changed;
pub use effects::{EffectKind, EffectRow, EffectState, NewEffect};
pub use error::Error;
pub use meta::{SyncPhase, SyncState};
pub use order_list::{GroupCounts, ListedOrder, OrderGroup, OrderQuery, OrderWindow, PrintState};
pub use orders::{Evidence, OrderFilter, OrderKey, OrderRow};
pub use outstanding::Outstanding;
pub use payouts::{Decision, NewPayout, PaidFrom, PayoutRow};
pub use print_jobs::{JobState, NOT_WANTED, NewPrintJob, PrintCause, PrintJobRow};
pub use refund_requests::{RefundFilter, RefundRequestRow};
pub use refunded::{LeaveOut, RefundByBackend, Sending};
pub use rereads::{Reread, RereadKind};
pub use staff::{NO_OWNER_LEFT, RulesRow, StaffRow};
pub use store::{Mirror, Revision, Tx, View};
pub use timeline::{Moment, MomentRow};
