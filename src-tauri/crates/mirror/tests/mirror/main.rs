//! The mirror from outside: what it keeps, and what it refuses to keep.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test whose set-up fails has failed")]

mod alerts;
mod audit;
mod audit_damage;
mod changes;
mod common;
mod guards;
mod migrations;
mod order_list;
mod staff;
mod store;
