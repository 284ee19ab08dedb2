//! A refund's way from the claim to "money arrived", as pure decisions.
//!
//! [`Payout`] holds what is known; [`Payout::next_step`] says what to do, [`Payout::after`] what is known after
//! something happened. Whoever drives it (the engine, a simulation) stores the new facts **before** it acts on them,
//! so that a crash at any instruction finds the number, the amount and the doubt on disk.
//!
//! The rule that everything here serves: what is not *known* to have failed is asked for before it is sent again, and
//! always under the same `out_refund_no` (`product.md` 2.6, `wechat-pay-v2.md` 6.4).
//!
//! ```text
//!           claim 200          sending            accepted           SUCCESS
//!  Wanted ────────────▶ Ready ─────────▶ Submitting ──────▶ Processing ──────▶ Succeeded
//!    │ claim refused      ▲  │ nothing left   │ no usable        │ CHANGE       Abnormal
//!    ▼                    │  ◀────────────────┤ answer           │ REFUNDCLOSE  Closed
//!  Dropped                │ no such refund,   ▼                  │
//!                         └─ twice ────── Unknown ──── found ────┘
//!                                             └─ refused, and no such refund, twice ──▶ Failed
//! ```
#![doc = include_str!("payout/table.md")]

mod decided;
mod facts;
mod step;
mod table;

pub use decided::Approval;
pub use facts::{Claim, Event, Payout, PayoutState, Report, Step};

#[cfg(test)]
mod fact_tests;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;
