//! The real program against the sandbox, over real sockets.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test whose set-up fails has failed")]

mod bad_days;
mod command_line;
mod main_job;
mod refunds;
mod usb_printer;
