//! Speaks the contract with the shop's backend (`merchant-api.yaml`): wire types and client.
//!
//! - [`Client`]: the operations that the console uses, in the domain's types. One call is one request; nothing is
//!   repeated, cached or stored in here.
//! - [`Error`]: why a call did not do what it should, and what that means for a write.
//! - [`wire`]: the schemas of the contract as they stand on the wire, for the client and for servers.
//! - [`hmac`]: the signature of R10, for both sides.
//!
//! What is absent on purpose: redirects, cookies, and any way to switch the check of a certificate off.

mod action;
mod client;
#[cfg(test)]
mod client_tests;
mod connection;
mod convert;
mod error;
mod feed;
pub mod hmac;
mod problem;
mod query;
mod read;
mod server_clock;
mod transport;
pub mod wire;
mod words;

pub use action::{Actor, Decision, NewRefund, PayoutOutcome, PayoutReport, Restock};
pub use client::{Client, Config, Credentials};
pub use convert::order_from_json;
pub use error::{Error, Operation, Outcome};
pub use feed::{BadItem, Change, ChangePage, Page, Subject};
pub use problem::{Current, Problem};
pub use query::{ChangesQuery, OrdersQuery};
pub use read::{InvalidMember, read_json};
pub use wire::{AckRequest, Capabilities, Cursor, PaymentObserved};
pub use words::{AckKind, ChangeReason, Feature, ObjectKind, ObservedTradeState, ProblemCode, TicketState};
