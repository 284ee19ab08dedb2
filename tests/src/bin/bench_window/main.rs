//! How long from the backend's commit of a paid order to its row on the screen, and how a list of ten thousand scrolls:
//! the real window, real processes, real TLS on loopback, drawn without a graphics card (`product.md` section 8).
#![cfg_attr(
    target_os = "linux",
    expect(clippy::panic, reason = "a measurement whose set-up fails has failed")
)]

#[cfg(target_os = "linux")]
mod measuring;

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    return measuring::run();
    #[cfg(not(target_os = "linux"))]
    {
        eprintln!("the window is measured on Linux, where it has a display of its own");
        ExitCode::FAILURE
    }
}
