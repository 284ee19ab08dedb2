//! The engine in a small scripted world: a backend that keeps the contract's rules, WeChat's books, a desktop and
//! printers. Time is virtual, the mirror is a real file, and a crash is a future that is dropped.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test whose set-up fails has failed")]

mod acknowledging;
mod alerts;
mod audit;
mod by_hand;
mod certificate;
mod desk_groups;
mod feed;
mod health;
mod others;
mod refund_claims;
mod refund_crashes;
mod refund_faults;
mod refund_rules;
mod refund_terminals;
mod refund_waits;
mod rounds;
mod staff;
mod staff_days;
mod staff_elsewhere;
mod stale;
mod ticket_changes;
mod tickets;
mod verification;
