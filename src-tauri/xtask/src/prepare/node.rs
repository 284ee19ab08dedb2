//! Node.js, which builds the page, and the page's packages.

use std::fs;
use std::io;
use std::process::Command;

use crate::files::at;
use crate::page;
use crate::step::{self, Failure};

/// Major and minor number of the oldest Node.js that Vite runs on; `ui/package.json` says the same.
const OLDEST: (u32, u32) = (20, 19);

/// Whether a fitting Node.js is there. We do not install one: a person who has an old one has it for a reason,
/// and many systems' packages are too old.
pub(super) fn check() -> Result<(), Failure> {
    let (major, minor) = OLDEST;
    let missing = |found: &str| {
        let advice = format!(
            "Node.js {major}.{minor} or newer, with npm, builds the page in the window, and {found}; \
             it comes from https://nodejs.org or your system's packages"
        );
        Failure::Missing { advice }
    };
    let said = |command: &mut Command| {
        let output = command.arg("--version").output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let found = said(&mut Command::new("node")).ok_or_else(|| missing("there is no `node` on PATH"))?;
    if version(&found).is_none_or(|version| version < OLDEST) {
        return Err(missing(&format!("this one is {found}")));
    }
    said(&mut npm([])).map(|_| ()).ok_or_else(|| missing("there is no `npm` on PATH"))
}

/// npm in the page's folder.
pub(crate) fn npm<const N: usize>(arguments: [&str; N]) -> Command {
    // On Windows it is a batch file, which is only found by its whole name.
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments).current_dir(page::folder());
    command
}

/// Installs what `package-lock.json` names, exactly, unless that was done before.
pub(super) fn packages() -> Result<(), Failure> {
    let lock = page::folder().join("package-lock.json");
    let wanted = fs::read(&lock).map_err(at(&lock))?;
    // A copy of what was installed. It goes with the folder, and npm begins by taking that away, so it never
    // stands for half an installation; times would deceive after a checkout.
    let stamp = page::folder().join("node_modules/.installed-package-lock.json");
    match fs::read(&stamp) {
        Ok(installed) if installed == wanted => return Ok(()),
        Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(at(&stamp)(source)),
        Ok(_) | Err(_) => {}
    }
    step::run("page's packages", &mut npm(["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, wanted).map_err(at(&stamp))
}

/// The numbers of `v20.19.1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("v20.19.1"), Some((20, 19)));
        assert!(version("v9.99.0").unwrap() < OLDEST, "as text it would be later");
        assert!(version("v22.0.0").unwrap() > OLDEST);
        assert_eq!(version("not node at all"), None);
    }

    #[test]
    fn the_page_asks_for_the_same_node() {
        let package = fs::read_to_string(page::folder().join("package.json")).unwrap();
        assert!(package.contains(&format!("\"node\": \">={}.{}\"", OLDEST.0, OLDEST.1)), "{package}");
    }
}
