//! What the tests need on the machine, and getting it there.

use std::env;
use std::io::{self, BufRead, IsTerminal, Write};
use std::process::{Command, Stdio};

use crate::step::{self, Failure, cargo};

/// A program that the tests start, and the Debian package that brings it.
struct Needed {
    program: &'static str,
    package: &'static str,
    purpose: &'static str,
}

/// The rest of the virtual printer (kernel, QEMU, busybox) is fetched by its own script, which needs no
/// root. A C compiler is there, or this program would not be.
const NEEDED: [Needed; 3] = [
    Needed { program: "dbus-daemon", package: "dbus", purpose: "a notification bus of the tests' own" },
    Needed { program: "xz", package: "xz-utils", purpose: "unpacks the virtual printer's kernel" },
    Needed { program: "zstd", package: "zstd", purpose: "unpacks the virtual printer's kernel" },
];

/// Installs what is missing. Asks before it uses root on a person's machine.
pub(crate) fn everything() -> Result<(), Failure> {
    rust_components()?;
    if cfg!(target_os = "linux") { system_packages() } else { Ok(()) }
}

/// Whether a program of this name is on `PATH`.
pub(crate) fn is_installed(program: &str) -> bool {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(&file).is_file()))
}

fn rust_components() -> Result<(), Failure> {
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

fn system_packages() -> Result<(), Failure> {
    let missing: Vec<&Needed> = NEEDED.iter().filter(|needed| !is_installed(needed.program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing on this machine:");
    for needed in &missing {
        println!("  {:<12} from package {:<16} ({})", needed.program, needed.package, needed.purpose);
    }
    let packages: Vec<&str> = missing.iter().map(|needed| needed.package).collect();
    if !is_installed("apt-get") {
        let programs: Vec<&str> = missing.iter().map(|needed| needed.program).collect();
        return Err(Failure::Missing {
            advice: format!("no apt-get here; please install these programs first: {}", programs.join(", ")),
        });
    }

    let root = root()?;
    let mut install = root.command();
    install.args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "--yes",
        "--no-install-recommends",
    ]);
    install.args(packages);
    println!("To be installed: {}", step::shown(&install));
    root.agreed(&install)?;
    step::run("package lists", root.command().args(["apt-get", "update", "--quiet"]))?;
    step::run("system packages", &mut install)
}

/// How we come to root, and whether somebody has to agree first.
struct Root {
    is_root: bool,
}

fn root() -> Result<Root, Failure> {
    let is_root = step::output("user", Command::new("id").arg("-u"))?.trim() == "0";
    Ok(Root { is_root })
}

impl Root {
    fn command(&self) -> Command {
        // `env` where we are root already: both take settings and a command line after them.
        Command::new(if self.is_root { "env" } else { "sudo" })
    }

    /// Asks the person at the terminal. Under CI=true nobody is there, and where no terminal is either
    /// only root itself has agreed by being root.
    fn agreed(&self, install: &Command) -> Result<(), Failure> {
        let refused = || Failure::Missing {
            advice: format!("nothing was installed; please run it yourself: {}", step::shown(install)),
        };
        if env::var("CI").is_ok_and(|value| value == "true") {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return if self.is_root { Ok(()) } else { Err(refused()) };
        }
        print!("This needs root. Go on? [y/N] ");
        let mut answer = String::new();
        let read = io::stdout().flush().and_then(|()| io::stdin().lock().read_line(&mut answer));
        match read {
            Ok(_) if matches!(answer.trim(), "y" | "Y" | "yes") => Ok(()),
            Ok(_) | Err(_) => Err(refused()),
        }
    }
}
