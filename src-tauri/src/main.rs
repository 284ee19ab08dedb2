//! The console's window. Everything is in the library beside it, where tests reach it.

// A release on Windows opens no terminal beside its window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    zhanggui::run()
}
