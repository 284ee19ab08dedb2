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
//! - `feed`: the backend's changes into the mirror, with what they owe, in one transaction with the cursor.
//! - `asking`: WeChat's word on each order.
//! - `desk`: decisions of people about refunds. `payouts`: their way to "money arrived".
//! - `reports`: what is owed to the backend. `alerts`, `tickets`: what is owed to people.
//! - `round`: all of it once. `day`: all of it for ever.

mod alerts;
mod asking;
mod day;
mod desk;
mod engine;
mod error;
mod feed;
mod intent;
mod payouts;
pub mod ports;
mod recovery;
mod reports;
mod round;
mod tickets;

pub use asking::Asked;
pub use desk::{Approval, DeskRow, refund_desk};
pub use engine::{Engine, Event, Observer, Parts, TicketRule, Tickets};
pub use error::{Error, Trouble};
pub use round::Round;
