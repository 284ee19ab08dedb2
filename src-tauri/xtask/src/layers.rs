//! What is deliberately absent: the arrows of `src-tauri/ARCHITECTURE.md` that must not exist.
//!
//! Absence cannot be seen in code, so it is looked for in what cargo would link.

use std::collections::BTreeSet;

use crate::step::{Failure, cargo, output};

/// A crate and what it must not reach, directly or through others.
const FORBIDDEN: [(&str, &[&str]); 9] = [
    // Pure: no I/O, no async.
    ("domain", &["tokio", "reqwest", "rusqlite", "rustls", "hyper", "async-trait", "getrandom"]),
    // The engine knows no HTTP, no printer and no desktop: its traits are filled in from outside.
    (
        "engine",
        &["reqwest", "hyper", "rustls", "axum", "wechat-pay", "merchant-api", "receipt", "notify-rust"],
    ),
    ("mirror", &["reqwest", "hyper", "rustls", "engine"]),
    ("wechat-pay", &["rusqlite", "mirror", "engine", "merchant-api"]),
    ("merchant-api", &["rusqlite", "mirror", "engine", "wechat-pay"]),
    ("receipt", &["rusqlite", "reqwest", "mirror", "engine"]),
    ("catalogue", &["domain", "tokio"]),
    // A real shop is never one import away from the simulated world.
    ("adapters", &["sandbox", "axum"]),
    // One TLS backend, which needs no C library of the system and no CMake.
    ("zhanggui-cli", &["openssl-sys", "native-tls", "aws-lc-sys"]),
];

pub(crate) fn check() -> Result<String, Failure> {
    let mut found = Vec::new();
    for (package, forbidden) in FORBIDDEN {
        let reached = reached_by(package)?;
        found.extend(
            forbidden
                .iter()
                .filter(|name| reached.contains(**name))
                .map(|name| format!("{package} reaches {name}")),
        );
    }
    if found.is_empty() {
        Ok(format!("{} crates keep to themselves", FORBIDDEN.len()))
    } else {
        Err(Failure::Check { heading: "layers", finding: found.join(", ") })
    }
}

fn reached_by(package: &str) -> Result<BTreeSet<String>, Failure> {
    let mut tree = cargo(["tree", "--locked", "--target", "all", "--edges", "normal", "--prefix", "none"]);
    let listing = output("layers", tree.args(["--format", "{p}", "--package", package]))?;
    Ok(listing.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}
