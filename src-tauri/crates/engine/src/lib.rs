//! The shop's day: polls, verifies, reconciles, records, then performs what is owed.
//!
//! ```text
//! feed  ->  mirror  ->  decision  ->  effect
//! ```
//!
//! [`Engine`] owns no socket and no device: it speaks to the world through the traits of [`ports`], and keeps everything
//! it knows in the mirror. Each task works at its own pace and only ever reads its next piece of work from the mirror,
//! so that a crash at any instruction loses nothing: the next start reads the same rows and goes on.
//!
//! - `feed`: reads the backend's changes. `taking`: keeps them with what they owe, in one transaction with the cursor.
//! - `asking`: WeChat's word on each order.
//! - `people`: who is at the PC, and what they may do.
//! - `desk`: decisions of people about refunds; `by_backend`: those that the backend carries out; `cases`: what they decide by; `following`: a refund until its
//!   end is known. `payouts`: their way to "money arrived";
//!   `payout_news`: what people learn of it; `recovery`: those that an earlier process left; `turns`: one step of a
//!   refund at a time.
//! - `reports`: what is owed to the backend. `alerts`, `tickets`: what is owed to people. `open_alerts`: what waits for
//!   one of them to look. `hand`: paper that a person asks for.
//! - `guards`: the names of the guards of the money.
//! - `audit`: what of all this goes into the audit log.
//! - `in_full`: one order with everything that is known of it.
//! - `health`: how the lines are.
//! - `round`: all of it once. `day`: all of it for ever.

mod alerts;
mod asking;
mod audit;
mod by_backend;
mod cases;
mod certificate;
mod claims;
mod clocks;
mod day;
mod desk;
mod desk_row;
mod engine;
mod error;
mod failing;
mod feed;
mod following;
mod giving_up;
mod guards;
mod hand;
mod health;
mod in_full;
mod intent;
mod open_alerts;
mod payout_news;
mod payouts;
mod people;
pub mod ports;
mod recovery;
mod reports;
mod round;
mod taking;
mod tickets;
mod turns;

pub use asking::Asked;
pub use cases::{Choices, RefundCase, RefundDesk, RefundGroup};
pub use desk::{Approval, StartedRefund};
pub use desk_row::{DeskRow, refund_desk};
pub use engine::{Engine, Event, Observer, Parts, TicketRule, Tickets};
pub use error::{Error, Trouble};
pub use guards::{Guard, Guards};
pub use health::{Health, Link, LinkState};
pub use in_full::OrderInFull;
pub use open_alerts::{AlertTarget, OpenAlert};
pub use people::{Actor, Denied, NewPin, NewStaff, People, Refused, RollEntry, Session, StaffChange};
pub use round::Round;
