//! Packages of a Linux system: which are needed for what, how to see that they are there, and installing them
//! with apt or telling the person which they are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Aim, is_installed, root};
use crate::step::{self, Failure};

/// A thing that must be there, and the packages that bring it.
struct Needed {
    /// The earliest aim that it is needed for.
    aim: Aim,
    sign: Sign,
    purpose: &'static str,
    debian: &'static str,
    /// Fedora's and Arch's package, where a person may well develop on them.
    elsewhere: Option<[&'static str; 2]>,
}

/// How a thing shows that it is there.
enum Sign {
    /// A program of this name on `PATH`.
    Program(&'static str),
    /// A library to build with, by its name for pkg-config.
    ToBuildWith(&'static str),
    /// A library that is opened when the program runs, by its file's name.
    ToOpen(&'static str),
    /// A font with Chinese characters.
    ChineseFont,
    /// A font with coloured emoji.
    EmojiFont,
}

/// A C compiler is not among them: this program could not have been built without one. The rest of the virtual
/// printer (kernel, QEMU, busybox) is fetched by its own script, which needs no root.
#[rustfmt::skip]
const NEEDED: [Needed; 15] = {
    use Aim::{Run, Test};
    use Sign::{ChineseFont, EmojiFont, Program, ToBuildWith, ToOpen};
    const fn needed(
        aim: Aim, sign: Sign, purpose: &'static str, debian: &'static str, elsewhere: Option<[&'static str; 2]>,
    ) -> Needed {
        Needed { aim, sign, purpose, debian, elsewhere }
    }
    [
        needed(Run, Program("pkg-config"), "tells the build where libraries are", "pkg-config", Some(["pkgconf-pkg-config", "pkgconf"])),
        needed(Run, ToBuildWith("gtk+-3.0"), "the window", "libgtk-3-dev", Some(["gtk3-devel", "gtk3"])),
        needed(Run, ToBuildWith("webkit2gtk-4.1"), "the page in the window", "libwebkit2gtk-4.1-dev", Some(["webkit2gtk4.1-devel", "webkit2gtk-4.1"])),
        needed(Run, ToOpen("libayatana-appindicator3.so.1"), "the tray icon", "libayatana-appindicator3-1", Some(["libayatana-appindicator-gtk3", "libayatana-appindicator"])),
        needed(Run, ChineseFont, "Chinese characters in the window", "fonts-noto-cjk", Some(["google-noto-sans-cjk-fonts", "noto-fonts-cjk"])),
        needed(Run, EmojiFont, "the emoji that customers type", "fonts-noto-color-emoji", Some(["google-noto-color-emoji-fonts", "noto-fonts-emoji"])),
        needed(Test, Program("Xvfb"), "a display that nobody sees", "xvfb", None),
        needed(Test, Program("xvfb-run"), "starts that display", "xvfb", None),
        needed(Test, Program("xauth"), "keeps that display to the tests", "xauth", None),
        needed(Test, Program("dbus-run-session"), "a session bus of the tests' own", "dbus", None),
        needed(Test, Program("dbus-daemon"), "a notification bus of the tests' own", "dbus", None),
        needed(Test, Program("WebKitWebDriver"), "drives the real window", "webkit2gtk-driver", None),
        needed(Test, Program("chromium"), "tests the page alone", "chromium", None),
        needed(Test, Program("xz"), "unpacks the virtual printer's kernel", "xz-utils", None),
        needed(Test, Program("zstd"), "unpacks the virtual printer's kernel", "zstd", None),
    ]
};

/// Installs what is missing for the aim, by apt; on a system without apt the failure says what to install.
pub(super) fn install(aim: Aim) -> Result<(), Failure> {
    let missing: Vec<&Needed> =
        NEEDED.iter().filter(|needed| needed.aim <= aim && !needed.sign.shows()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing on this machine:");
    for needed in &missing {
        println!("  {:<30} {}", needed.sign.name(), needed.purpose);
    }
    if !is_installed("apt-get") {
        return Err(Failure::Missing { advice: advice(&missing) });
    }

    let root = root::find()?;
    // Another program may be at work with apt, such as the daily upgrade.
    let patience = ["-o", "DPkg::Lock::Timeout=600"];
    let mut install = root.command();
    install.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(patience);
    install.args(["install", "--yes", "--no-install-recommends"]);
    install.args(distinct(missing.iter().map(|needed| needed.debian)));
    println!("To be installed: {}", step::shown(&install));
    root.agreed(&install)?;
    if let Err(failure) =
        step::run("package lists", root.command().arg("apt-get").args(patience).args(["update", "--quiet"]))
    {
        // One broken source among many is no reason to stop: what is needed may well be in another.
        println!("   The package lists may be old: {failure}");
    }
    step::run("system packages", &mut install)
}

impl Sign {
    fn shows(&self) -> bool {
        match self {
            Sign::Program(name) => is_installed(name),
            Sign::ToBuildWith(name) if is_installed("pkg-config") => Command::new("pkg-config")
                .args(["--exists", name])
                .status()
                .is_ok_and(|status| status.success()),
            // The library may be there all the same; then it need not be named to the person.
            Sign::ToBuildWith(name) => is_in_one_of(&library_folders(), &format!("pkgconfig/{name}.pc")),
            Sign::ToOpen(file) => is_in_one_of(&library_folders(), file),
            Sign::ChineseFont => has_font(":lang=zh"),
            Sign::EmojiFont => has_font(":lang=und-zsye"),
        }
    }

    fn name(&self) -> String {
        match self {
            Sign::Program(name) => (*name).to_owned(),
            Sign::ToBuildWith(name) => format!("{name}, to build with"),
            Sign::ToOpen(file) => (*file).to_owned(),
            Sign::ChineseFont => "a Chinese font".to_owned(),
            Sign::EmojiFont => "a font with emoji".to_owned(),
        }
    }
}

/// Whether fontconfig knows a font that fits the pattern.
fn has_font(pattern: &str) -> bool {
    let found = Command::new("fc-list").args([pattern, "family"]).stderr(Stdio::null()).output();
    found.is_ok_and(|found| !found.stdout.is_empty())
}

/// Where libraries are on Debian (a folder for each kind of processor), Fedora, Arch, and self-made ones.
fn library_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        ["/usr/lib64", "/usr/lib", "/usr/share", "/usr/local/lib64", "/usr/local/lib"]
            .map(Into::into)
            .to_vec();
    let triples = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders.extend(triples.map(|entry| entry.path()).filter(|path| path.is_dir()));
    folders.extend(env::var_os("LD_LIBRARY_PATH").iter().flat_map(env::split_paths));
    folders
}

fn is_in_one_of(folders: &[PathBuf], file: &str) -> bool {
    folders.iter().any(|folder: &PathBuf| Path::new(folder).join(file).exists())
}

/// What to install by hand where apt is not.
fn advice(missing: &[&Needed]) -> String {
    let things: Vec<String> = missing.iter().map(|needed| needed.sign.name()).collect();
    let mut advice = format!("no apt-get here; please install first: {}.", things.join("; "));
    for (system, command, column) in [("Fedora", "dnf install", 0), ("Arch", "pacman -S --needed", 1)] {
        let named: Vec<&str> = distinct(missing.iter().filter_map(|needed| Some(needed.elsewhere?[column])));
        if !named.is_empty() {
            advice.push_str(&format!(" On {system}: sudo {command} {}", named.join(" ")));
            advice.push(if named.len() < things.len() { '…' } else { '.' });
        }
    }
    advice
}

/// Each once, in the order of the table.
fn distinct(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut distinct = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Scratch;

    #[test]
    fn running_needs_no_tool_of_the_tests() {
        let named: Vec<&str> =
            NEEDED.iter().filter(|needed| needed.aim <= Aim::Run).map(|needed| needed.debian).collect();
        assert!(named.contains(&"libwebkit2gtk-4.1-dev"), "{named:?}");
        assert!(!named.contains(&"xvfb"), "{named:?}");
    }

    #[test]
    fn a_package_that_brings_two_things_is_named_once() {
        let both = NEEDED.iter().filter(|needed| needed.debian == "xvfb").map(|needed| needed.debian);
        assert_eq!(distinct(both), ["xvfb"]);
    }

    #[test]
    fn without_apt_the_person_hears_what_each_system_calls_it() {
        let missing: Vec<&Needed> =
            NEEDED.iter().filter(|needed| matches!(needed.sign, Sign::ToBuildWith(_))).collect();
        let advice = advice(&missing);
        for part in
            ["webkit2gtk-4.1, to build with", "sudo dnf install gtk3-devel webkit2gtk4.1-devel.", "pacman"]
        {
            assert!(advice.contains(part), "{part}: {advice}");
        }
    }

    #[test]
    fn what_only_some_systems_packages_are_known_for_is_not_called_complete() {
        let all: Vec<&Needed> = NEEDED.iter().collect();
        assert!(advice(&all).contains("google-noto-color-emoji-fonts…"), "{}", advice(&all));
    }

    #[test]
    fn a_library_is_found_by_its_file_where_pkg_config_is_missing() {
        let folder = Scratch::new("libraries");
        folder.file("pkgconfig/webkit2gtk-4.1.pc", "", 1);
        let folders = [folder.0.join("elsewhere"), folder.0.clone()];
        assert!(is_in_one_of(&folders, "pkgconfig/webkit2gtk-4.1.pc"));
        assert!(!is_in_one_of(&folders, "pkgconfig/webkit2gtk-4.0.pc"));
    }

    #[test]
    fn a_program_that_is_not_there_shows_no_sign() {
        assert!(!Sign::Program("no-such-program").shows());
    }
}
