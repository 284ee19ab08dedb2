//! The engine in a small scripted world: a backend that keeps the contract's rules, WeChat's books, a desktop and
//! printers. Time is virtual, the mirror is a real file, and a crash is a future that is dropped.
//!
//! The engine's tests play their scenes in it. [`life`] plays a refund's life by a seed: people, faults, crashes, lost and
//! restored mirrors; what must be true whatever happens is in [`books`], and [`guards`] tries what the database has to
//! refuse. [`run`] plays many.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a scene whose set-up fails has failed")]

pub mod books;
pub mod guards;
pub mod life;
pub mod run;
pub mod world;
