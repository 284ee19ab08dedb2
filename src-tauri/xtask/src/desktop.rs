//! A desktop for programs with a window that nobody sees: an X display, a session bus, and folders of its own,
//! so that neither the person's programs nor the tests hear of each other.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::{self, at};
use crate::step::Failure;

/// Wide enough for the widest window that is looked at, in pixels and bits of colour.
const SCREEN: &str = "-screen 0 1600x1000x24";

/// The folders of one such desktop, gone with this value.
pub(crate) struct Desktop {
    folder: PathBuf,
}

impl Desktop {
    pub(crate) fn new() -> Result<Desktop, Failure> {
        // Not below the target folder: the path of a socket has a hundred letters at most.
        let folder = env::temp_dir().join(format!("zhanggui-desktop-{}", std::process::id()));
        create(&folder)?;
        let desktop = Desktop { folder };
        for (_, name) in FOLDERS {
            create(&desktop.folder.join(name))?;
        }
        Ok(desktop)
    }

    /// The same command on this desktop.
    pub(crate) fn command(&self, inside: &Command) -> Command {
        let mut command = Command::new("xvfb-run");
        // The display first, then the bus: what the bus starts inherits the display.
        command.args(["-a", "-s", SCREEN, "dbus-run-session", "--"]);
        command.arg(inside.get_program()).args(inside.get_args());
        for (name, value) in inside.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(folder) = inside.get_current_dir() {
            command.current_dir(folder);
        }
        // Rust's own folders are in the home that is about to change.
        for (name, usual) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let usual = || Some(env::home_dir()?.join(usual).into_os_string());
            command.envs(env::var_os(name).or_else(usual).map(|folder| (name, folder)));
        }
        command.envs(FOLDERS.map(|(variable, name)| (variable, self.folder.join(name))));
        // The person's desktop, which would be preferred to the display.
        command.env_remove("WAYLAND_DISPLAY").env_remove("DBUS_SESSION_BUS_ADDRESS");
        // Either makes pictures through WebDriver hang on some pages.
        command.env_remove("WEBKIT_DISABLE_DMABUF_RENDERER").env_remove("WEBKIT_DISABLE_COMPOSITING_MODE");
        command
    }
}

const FOLDERS: [(&str, &str); 5] = [
    ("HOME", "home"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_RUNTIME_DIR", "run"),
];

/// Makes a folder for this user alone, which the system demands of XDG_RUNTIME_DIR.
fn create(folder: &Path) -> Result<(), Failure> {
    fs::create_dir(folder).map_err(at(folder))?;
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(at(folder))?;
    Ok(())
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // A program that is just ending may still write into it; the folder for such things is emptied anyway.
        let _ = files::remove(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_goes_onto_the_desktop_as_it_is() {
        let desktop = Desktop::new().unwrap();
        let mut inside = Command::new("journey");
        inside.args(["--exact", "a b"]).env("A", "1").env_remove("B").current_dir("/here");
        let command = desktop.command(&inside);
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_str().unwrap()).collect();
        assert_eq!(arguments[3..], ["dbus-run-session", "--", "journey", "--exact", "a b"]);
        assert_eq!(command.get_current_dir(), Some(Path::new("/here")));
        let setting = |name: &str| {
            command.get_envs().find(|(key, _)| *key == name).and_then(|(_, value)| value).unwrap().to_owned()
        };
        assert_eq!(setting("A"), "1");
        assert!(command.get_envs().any(|(name, value)| name == "B" && value.is_none()));
        assert!(Path::new(&setting("HOME")).starts_with(&desktop.folder));
        assert!(
            !Path::new(&setting("CARGO_HOME")).starts_with(&desktop.folder),
            "nothing is downloaded again"
        );

        let folder = desktop.folder.clone();
        assert!(folder.join("run").is_dir());
        drop(desktop);
        assert!(!folder.exists());
    }
}
