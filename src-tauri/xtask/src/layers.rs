//! What is deliberately absent: the arrows of `src-tauri/ARCHITECTURE.md` that must not exist.
//!
//! Absence cannot be seen in code, so it is looked for in what cargo would link and in what the page imports.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::files::{at, below};
use crate::page;
use crate::step::{Failure, cargo, output};

const HEADING: &str = "layers";

/// The one package that knows Tauri, and that nobody knows.
const SHELL: &str = "zhanggui";

/// A crate and what it must not reach, directly or through others.
const FORBIDDEN: [(&str, &[&str]); 11] = [
    // Pure: no I/O, no async.
    ("domain", &["tokio", "reqwest", "rusqlite", "rustls", "hyper", "async-trait", "getrandom"]),
    // The engine knows no HTTP, no printer and no desktop: its traits are filled in from outside.
    (
        "engine",
        &["reqwest", "hyper", "rustls", "axum", "wechat-pay", "merchant-api", "receipt", "notify-rust"],
    ),
    // What it plays is the engine's own work, and nothing that could reach a real shop.
    ("simulation", &["reqwest", "hyper", "rustls", "adapters", "sandbox"]),
    ("mirror", &["reqwest", "hyper", "rustls", "engine"]),
    ("wechat-pay", &["rusqlite", "mirror", "engine", "merchant-api"]),
    ("merchant-api", &["rusqlite", "mirror", "engine", "wechat-pay"]),
    ("receipt", &["rusqlite", "reqwest", "mirror", "engine"]),
    ("catalogue", &["domain", "tokio"]),
    // A real shop is never one import away from the simulated world.
    ("adapters", &["sandbox", "axum"]),
    // One TLS backend, which needs no C library of the system and no CMake.
    ("zhanggui-cli", &["openssl-sys", "native-tls", "aws-lc-sys"]),
    (SHELL, &["openssl-sys", "native-tls", "aws-lc-sys"]),
];

/// What no package but the shell must reach.
const THE_SHELLS: [&str; 3] = [SHELL, "tauri", "wry"];

pub(crate) fn check() -> Result<String, Failure> {
    let packages = listing(cargo(["tree", "--workspace", "--depth", "0"]))?;
    let mut found = Vec::new();
    for package in &packages {
        let reached = listing(cargo(["tree", "--target", "all", "--edges", "normal", "--package", package]))?;
        let own = FORBIDDEN.iter().find(|(name, _)| name == package).map_or([].as_slice(), |(_, own)| own);
        let of_all = if package == SHELL { [].as_slice() } else { &THE_SHELLS };
        let forbidden = own.iter().chain(of_all);
        found.extend(
            forbidden.filter(|name| reached.contains(**name)).map(|name| format!("{package} reaches {name}")),
        );
    }
    // A rule about a crate that was renamed would hold for ever.
    let ruled = FORBIDDEN.iter().map(|(name, _)| *name);
    found.extend(
        ruled.filter(|name| !packages.contains(*name)).map(|name| format!("there is no package {name}")),
    );
    found.extend(
        strangers_to_the_host(&page::folder().join("src"))?
            .iter()
            .map(|file| format!("{} imports @tauri-apps, which only ui/src/ipc may", file.display())),
    );
    if found.is_empty() {
        Ok(format!("{} packages and the page keep to themselves", packages.len()))
    } else {
        Err(Failure::Check { heading: HEADING, finding: found.join(", ") })
    }
}

/// The names of the packages that `cargo tree` lists.
fn listing(mut tree: std::process::Command) -> Result<BTreeSet<String>, Failure> {
    let listing = output(HEADING, tree.args(["--locked", "--prefix", "none", "--format", "{p}"]))?;
    Ok(listing.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}

/// The page's files outside `ipc/` that name a package of Tauri's. The page has one seam to its host, so that it
/// runs on a scripted one as well.
fn strangers_to_the_host(sources: &Path) -> Result<Vec<PathBuf>, Failure> {
    let seam = sources.join("ipc");
    let mut strangers = Vec::new();
    for path in below(sources, |path| path != seam)? {
        let is_code = ["ts", "tsx", "js", "jsx", "mts"]
            .iter()
            .any(|extension| path.extension() == Some(OsStr::new(extension)));
        if is_code && fs::read_to_string(&path).map_err(at(&path))?.contains("@tauri-apps/") {
            strangers.push(path);
        }
    }
    Ok(strangers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Scratch;

    #[test]
    fn only_the_seam_imports_the_host() {
        let folder = Scratch::new("seam");
        let import = "import { invoke } from \"@tauri-apps/api/core\";\n";
        folder.file("src/ipc/client.ts", import, 1);
        let outside = folder.file("src/features/orders/view.tsx", import, 1);
        folder.file("src/features/orders/queries.ts", "import { client } from \"../../ipc/client\";\n", 1);
        assert_eq!(strangers_to_the_host(&folder.0.join("src")).unwrap(), [outside]);
    }
}
