use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde_json::Value;

use crate::PATIENCE;

/// One call of `zhanggui-cli`.
pub struct Program {
    command: Command,
}

/// What a call came to.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; `None` when it was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// A call that goes on in the background. It is killed when dropped.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    stderr: Arc<Mutex<String>>,
}

/// The folder of the built programs: the one that this test's own executable is in, where they are built first, so that
/// a test run alone never drives old ones; or what `ZHANGGUI_PROGRAMS` names, where they are taken as they are.
pub(crate) fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        if let Some(folder) = std::env::var_os("ZHANGGUI_PROGRAMS") {
            return folder.into();
        }
        let test = std::env::current_exe().expect("a running program has a path");
        let folder = test
            .ancestors()
            .find(|folder| folder.file_name().is_some_and(|name| name == "debug" || name == "release"))
            .expect("cargo puts tests below its profile's folder");
        let mut build = Command::new(env!("CARGO"));
        // The whole workspace's programs, as `cargo xtask test` builds them: the same features, nothing built twice.
        build.args(["build", "--quiet", "--locked", "--workspace", "--bins"]);
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        // Cargo sets it for this test, and build scripts would run again for it.
        build.env_remove("CARGO_MANIFEST_DIR");
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo runs").success(), "the programs do not build");
        folder.to_owned()
    })
}

impl Program {
    /// A call with these arguments.
    pub fn new(arguments: &[&str]) -> Program {
        Program::at(&Program::file()).args(arguments)
    }

    /// A call of another program.
    pub(crate) fn at(file: &Path) -> Program {
        let mut command = Command::new(file);
        command.stdin(Stdio::null()).env("ZHANGGUI_LANG", "en");
        // Whatever desktop the tests run on must not hear of them.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        Program { command }
    }

    /// The program's file, for a machine that runs it elsewhere.
    pub fn file() -> PathBuf {
        built().join("zhanggui-cli")
    }

    /// One more argument.
    pub fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Program {
        self.command.arg(argument);
        self
    }

    /// A variable of its environment.
    pub fn env(mut self, name: &str, value: &str) -> Program {
        self.command.env(name, value);
        self
    }

    /// What it finds on its standard input.
    pub fn typing(mut self, text: &str) -> Program {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(text.as_bytes()).and_then(|()| file.rewind()).expect("a file");
        self.command.stdin(file);
        self
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Ended {
        let output = self.command.output().expect("zhanggui-cli starts");
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Starts it and lets it go on.
    pub fn start(mut self) -> Running {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("zhanggui-cli starts");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut errors = child.stderr.take().expect("stderr is piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let stderr = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&stderr);
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = errors.read(&mut piece) {
                let text = String::from_utf8_lossy(&piece[..length]).into_owned();
                heard.lock().expect("nobody panics with it").push_str(&text);
            }
        });
        Running { child, lines, seen: Vec::new(), stderr }
    }
}

impl Ended {
    /// The one JSON document on stdout.
    pub fn json(&self) -> Value {
        let mut lines = self.stdout.lines();
        let line = lines.next().unwrap_or_else(|| panic!("nothing on stdout; stderr: {}", self.stderr));
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// The JSON document after checking that the program says it went well.
    pub fn done(&self) -> Value {
        assert_eq!(self.code, Some(0), "stdout: {} stderr: {}", self.stdout, self.stderr);
        self.json()
    }

    /// The error that stands on the last line of stdout, after checking the exit code for it.
    pub fn error(&self) -> Value {
        assert_eq!(self.code, Some(1), "stdout: {} stderr: {}", self.stdout, self.stderr);
        let line = self.stdout.lines().last().unwrap_or_else(|| panic!("nothing on stdout: {}", self.stderr));
        let document: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let error = document["error"].clone();
        for member in ["code", "message", "hint"] {
            let text = error[member].as_str().unwrap_or_else(|| panic!("no {member}: {line}"));
            assert!(!text.is_empty() && !text.contains('{'), "{member}: {text}");
        }
        error
    }

    /// The error's code.
    pub fn error_code(&self) -> String {
        self.error()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Running {
    /// The next line of stdout.
    pub fn line(&mut self) -> String {
        let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no line; {}", self.errors()));
        self.seen.push(line.clone());
        line
    }

    /// The next line of stdout that is JSON and fits.
    pub fn event(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let began = std::time::Instant::now();
        while began.elapsed() < PATIENCE {
            let Ok(line) = self.lines.recv_timeout(Duration::from_secs(1)) else { continue };
            self.seen.push(line.clone());
            if let Ok(document) = serde_json::from_str::<Value>(&line)
                && fits(&document)
            {
                return document;
            }
        }
        panic!("no {what} among {:#?}; {}", self.seen, self.errors())
    }

    /// What it said on stderr so far.
    pub fn errors(&self) -> String {
        self.stderr.lock().expect("nobody panics with it").clone()
    }

    /// Whether it has come to its own end.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the program can be asked").is_some()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no chance to tidy up.
    pub fn kill(mut self) {
        self.child.kill().expect("the program runs");
        self.child.wait().expect("the program can be waited for");
    }

    /// Waits for its own end.
    pub fn wait(mut self) -> Ended {
        let status = self.child.wait().expect("the program can be waited for");
        let rest: Vec<String> = std::mem::take(&mut self.seen).into_iter().chain(self.lines.iter()).collect();
        Ended { code: status.code(), stdout: rest.join("\n"), stderr: self.errors() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
