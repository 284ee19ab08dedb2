//! The real program against the sandbox, over real sockets.

mod bad_days;
mod command_line;
mod main_job;
mod refunds;
mod staff;
mod two_counters;
mod usb_printer;
