//! Parts of Rust, and a program of the tests' that comes from crates.io.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::is_installed;
use crate::step::{self, Failure, cargo};

/// The version that was tried with our Tauri.
const TAURI_DRIVER: &str = "2.1.0";

/// What `cargo fmt` and `cargo clippy` are.
pub(super) fn components() -> Result<(), Failure> {
    let works = |subcommand| {
        cargo([subcommand, "--version"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let missing: Vec<&str> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(command, _)| !works(command))
        .map(|(_, name)| name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_installed("rustup") {
        let advice =
            format!("please install {} for this Rust; there is no rustup to do it", missing.join(" and "));
        return Err(Failure::Missing { advice });
    }
    println!("Installing {} with rustup, for this user only.", missing.join(" and "));
    step::run("Rust components", Command::new("rustup").args(["component", "add"]).args(missing))
}

/// Puts `tauri-driver`, which stands between the window's journeys and the system's WebDriver, into `tools/bin` of
/// the target folder, where they look for it. The person's own programs are left alone.
pub(crate) fn tauri_driver() -> Result<(), Failure> {
    let tools = step::target()?.join("tools");
    if has_tauri_driver(&tools) {
        return Ok(());
    }
    let mut install = cargo(["install", "tauri-driver", "--locked", "--version", TAURI_DRIVER]);
    // It passes messages on; built without optimisation it is there in half the time.
    install.arg("--debug").arg("--root").arg(&tools);
    step::run("tauri-driver", &mut install)
}

/// By the list that `cargo install` keeps beside what it installed.
fn has_tauri_driver(tools: &Path) -> bool {
    fs::read_to_string(tools.join(".crates.toml"))
        .is_ok_and(|list| list.contains(&format!("\"tauri-driver {TAURI_DRIVER} ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Scratch;

    #[test]
    fn another_version_of_the_driver_is_not_ours() {
        let folder = Scratch::new("tools");
        assert!(!has_tauri_driver(&folder.0));
        for (version, is_ours) in [(TAURI_DRIVER, true), ("2.0.9", false)] {
            let source = "registry+https://github.com/rust-lang/crates.io-index";
            folder.file(
                ".crates.toml",
                &format!("[v1]\n\"tauri-driver {version} ({source})\" = [\"tauri-driver\"]\n"),
                1,
            );
            assert_eq!(has_tauri_driver(&folder.0), is_ours, "{version}");
        }
    }
}
