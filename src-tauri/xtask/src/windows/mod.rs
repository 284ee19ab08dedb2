//! Windows, checked on a machine that is not: a shop's PC is most often one, and who works on Linux should
//! hear at once what breaks there.
//!
//! Everything is type-checked and linted, the window included. Tests run where they need no window, under wine.
//! What wine cannot show (windows, file locking, real printers) is for a real Windows, in
//! `.github/workflows/check.yml`.

mod wine;

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use wine::Wine;

use crate::prepare::is_installed;
use crate::step::{self, Failure, cargo, output, repository};

/// Of the two that are supported, the one whose linker a Linux system has.
const TARGET: &str = "x86_64-pc-windows-gnu";

/// A program that is called as cargo is and works for Windows, for machines with a way of their own to do so.
const OTHER_CARGO: &str = "ZHANGGUI_WINDOWS_CARGO";

const LINTS: &[&str] = &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];

/// Unit tests, and of the others those that open no connection. Left out are the shell (wine has no WebView2), the
/// journeys (they bring a desktop and a printer of Linux), this program (what it starts is this machine's), and all
/// that trusts a root certificate of its own, as the sandbox does: wine 8's CertCreateCertificateChainEngine refuses
/// the structure of Windows 8 and later, by which the system is told of such a root.
#[rustfmt::skip]
const TESTS: &[&str] = &[
    "test", "--workspace", "--exclude", "zhanggui", "--exclude", "journeys", "--exclude", "sandbox",
    "--exclude", "xtask", "--locked", "--lib", "--bins", "--test", "engine", "--test", "mirror",
    "--", "--skip", "client_tests::tls", "--skip", "trial_tests",
];

/// How this machine can work for Windows.
enum Means {
    /// A program that stands for cargo.
    OtherCargo(OsString),
    /// Rust's own library for Windows and a linker, and perhaps a wine.
    Cross(Option<Wine>),
}

pub(crate) fn check() -> Result<(), Failure> {
    if cfg!(windows) {
        println!("\n== Windows: this is one, and was checked above");
        return Ok(());
    }
    let Some(means) = Means::find()? else {
        println!(
            "\n== Windows: NOT checked. It takes `rustup target add {TARGET}` and a cross compiler; Debian's \
             packages are gcc-mingw-w64-x86-64-win32 and, for the tests, wine64"
        );
        return Ok(());
    };
    step::run("Windows: lints", &mut means.command(LINTS))?;
    if let Means::Cross(None) = means {
        println!("\n== Windows: tests NOT run. They take wine, in Debian's package wine64");
        return Ok(());
    }
    println!(
        "\n== Windows: left out are the shell, the journeys, the sandbox's tests and TLS under a root of our own"
    );
    step::run("Windows: tests", &mut means.command(TESTS))
}

impl Means {
    fn find() -> Result<Option<Means>, Failure> {
        if let Some(program) = env::var_os(OTHER_CARGO).filter(|program| !program.is_empty()) {
            return Ok(Some(Means::OtherCargo(program)));
        }
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        // Where it would be; without rustup it is the only way to ask, too.
        let library =
            output("Windows", Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]))?;
        if !Path::new(library.trim()).is_dir() || !is_installed(wine::CROSS_COMPILER) {
            return Ok(None);
        }
        Ok(Some(Means::Cross(Wine::find()?)))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        match self {
            Means::OtherCargo(program) => {
                let mut command = Command::new(program);
                command.args(arguments).current_dir(repository());
                command
            }
            Means::Cross(wine) => {
                let [subcommand, options @ ..] = arguments else { return cargo([]) };
                let mut command = cargo([subcommand, "--target", TARGET]);
                command.args(options);
                if let Some(wine) = wine {
                    wine.runs_what(&mut command);
                }
                command
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_the_machines_own_is_called_as_cargo_is() {
        let command = Means::OtherCargo("/some/where/check".into()).command(LINTS);
        assert_eq!(step::shown(&command), "check clippy --workspace --all-targets --locked -- -D warnings");
    }

    #[test]
    fn cargo_itself_is_told_the_target_before_what_is_passed_on() {
        let shown = step::shown(&Means::Cross(None).command(TESTS));
        assert!(shown.starts_with("cargo test --target x86_64-pc-windows-gnu --workspace"), "{shown}");
        assert!(shown.contains(" -- --skip "), "{shown}");
    }
}
