use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::built;
use crate::window::WINDOW_PROGRAM;
use crate::{Desktop, Ended, Program, Window, World, until};

/// The PC on the counter: folders of its own and a desktop session with a notification daemon. It outlives its windows.
pub struct Pc {
    folder: TempDir,
    desktop: Desktop,
}

impl Pc {
    /// A PC that has never seen the program, with a place for icons on its desktop.
    pub fn new() -> Pc {
        let folder = tempfile::tempdir().expect("a folder");
        for (_, name) in FOLDERS {
            // What the system demands of XDG_RUNTIME_DIR; the others may as well have it.
            DirBuilder::new().mode(0o700).create(folder.path().join(name)).expect("a folder");
        }
        let toolkit = folder.path().join("config/gtk-3.0");
        fs::create_dir_all(&toolkit).expect("a folder");
        // What moves is hard to click and looks different in each picture.
        fs::write(toolkit.join("settings.ini"), "[Settings]\ngtk-enable-animations=0\n").expect("a file");
        Pc { folder, desktop: Desktop::with_tray() }
    }

    /// Its desktop.
    pub fn desktop(&self) -> &Desktop {
        &self.desktop
    }

    /// All of its folders.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the program gets as `--data`.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("shops")
    }

    /// Opens the window.
    pub fn open(&self, arguments: &[&str]) -> Window {
        let data = self.data().display().to_string();
        Window::open(self.folder(), &self.environment(), &[&["--data", &data], arguments].concat())
    }

    /// Opens the window on the demo shop, with its simulated world.
    pub fn open_demo(&self, arguments: &[&str]) -> (Window, World) {
        let file = self.folder.path().join("demo.json");
        let name = file.display().to_string();
        let window = self.open(&[&["--demo-connection-file", &name], arguments].concat());
        let connection =
            until("the demo shop is there", || serde_json::from_str(&fs::read_to_string(&file).ok()?).ok());
        (window, World::of(connection))
    }

    /// Connects a shop without a window, with its secrets in a vault.
    pub fn connect(&self, connection: &Value) {
        let file = self.folder.path().join("connection.json");
        fs::write(&file, connection.to_string()).expect("a file");
        fs::write(self.passphrase(), "correct horse battery staple\n").expect("a file");
        self.command(&["connect", "--from", &file.display().to_string()]).done();
        fs::remove_file(file).expect("the file is there");
    }

    /// The command line on the connected shop, beside the window.
    pub fn command(&self, arguments: &[&str]) -> Ended {
        self.program(arguments).run()
    }

    /// The same before it runs, for what is typed into it.
    pub fn program(&self, arguments: &[&str]) -> Program {
        Program::new(&["--json"])
            .arg("--data")
            .arg(self.data())
            .arg("--vault-passphrase-file")
            .arg(self.passphrase())
            .args(arguments)
    }

    /// Opens the window on the shops that are connected, with what opens their vaults.
    pub fn open_shops(&self) -> Window {
        self.open(&["--vault-passphrase-file", &self.passphrase().display().to_string()])
    }

    fn passphrase(&self) -> PathBuf {
        self.folder.path().join("passphrase")
    }

    /// Starts the program as a person would who does not see that it runs.
    pub fn start_again(&self) -> Ended {
        let mut program = Program::at(&built().join(WINDOW_PROGRAM)).arg("--data").arg(self.data());
        for (name, folder) in self.environment() {
            program = program.env(name, &folder.display().to_string());
        }
        let mut second = program.start();
        until("the second start has ended", || second.has_ended().then_some(()));
        second.wait()
    }

    fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let own = FOLDERS.map(|(variable, name)| (variable, self.folder.path().join(name)));
        let bus = ("DBUS_SESSION_BUS_ADDRESS", PathBuf::from(self.desktop.address()));
        own.into_iter().chain([bus]).collect()
    }
}

impl Default for Pc {
    fn default() -> Pc {
        Pc::new()
    }
}

const FOLDERS: [(&str, &str); 5] = [
    ("HOME", "home"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_RUNTIME_DIR", "run"),
];
