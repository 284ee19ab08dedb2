//! The packages of npm that end up in the page, as `ui/package-lock.json` names them.

use std::process::Command;

use super::{HEADING, Package};
use crate::page;
use crate::step::{Failure, output};

/// Node reads the file: it is there, and JSON is its own. Packages that only build or test the page are left out,
/// as they are not given to anybody.
const LIST: &str = r#"
const lock = JSON.parse(require("fs").readFileSync("package-lock.json", "utf8"));
for (const [path, { version, license, dev }] of Object.entries(lock.packages)) {
  const name = path.split("node_modules/").at(-1);
  if (name && !dev) console.log(`${name} v${version}\t${license ?? ""}`);
}
"#;

pub(super) fn shipped() -> Result<Vec<Package>, Failure> {
    Ok(packages(&output(HEADING, Command::new("node").args(["--eval", LIST]).current_dir(page::folder()))?))
}

fn packages(listing: &str) -> Vec<Package> {
    let package = |line: &str| {
        let (package, licence) = line.split_once('\t')?;
        Some((package.to_owned(), licence.to_owned()))
    };
    listing.lines().filter_map(package).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Scratch;

    #[test]
    fn packages_that_only_build_the_page_are_left_out() {
        let folder = Scratch::new("lock");
        folder.file(
            "package-lock.json",
            r#"{"packages": {
                "": {"name": "ui", "version": "0.1.0"},
                "node_modules/vite": {"version": "8.3.8", "license": "MIT", "dev": true},
                "node_modules/@a/b": {"version": "1.0.0", "license": "ISC"},
                "node_modules/@a/b/node_modules/c": {"version": "2.0.0"}
            }}"#,
            1,
        );
        let listing =
            output(HEADING, Command::new("node").args(["--eval", LIST]).current_dir(&folder.0)).unwrap();
        let expected = [("@a/b v1.0.0", "ISC"), ("c v2.0.0", "")];
        assert_eq!(packages(&listing), expected.map(|(package, licence)| (package.into(), licence.into())));
    }
}
