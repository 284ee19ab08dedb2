//! Takes the pictures of the README: the real window on the demo shop, always the same one, at the smallest and a large
//! size, light and dark, and once in each other language. `screenshots FOLDER` writes them there as PNG.
#![cfg_attr(
    target_os = "linux",
    expect(clippy::expect_used, clippy::panic, reason = "a picture that cannot be taken is a failure")
)]

#[cfg(target_os = "linux")]
mod pictures;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("Usage: screenshots FOLDER");
        return ExitCode::from(2);
    };
    #[cfg(target_os = "linux")]
    {
        pictures::take_all(folder.as_ref());
        ExitCode::SUCCESS
    }
    #[cfg(not(target_os = "linux"))]
    {
        eprintln!(
            "{}: pictures are taken on Linux, where the window has a display of its own",
            folder.display()
        );
        ExitCode::FAILURE
    }
}
