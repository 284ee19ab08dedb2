//! `cargo xtask run`: the program on a demo shop, until Ctrl-C.
//!
//! Three programs in one go: the simulated WeChat with its demo shop, a connection to it, and the console
//! without a window that watches it. The data folder is made anew each time, because the demo shop's
//! books live only as long as its process.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::step::{self, Failure, cargo, shown};

pub(crate) fn run() -> Result<(), Failure> {
    step::run("build", &mut cargo(["build", "--locked", "--package", "zhanggui-cli"]))?;
    let cli = Cli::prepare()?;

    let mut sandbox = cli.command("sandbox");
    sandbox.args(["--orders", "20", "--rate", "6"]).stdout(Stdio::piped());
    let mut sandbox = Running::start(&mut sandbox)?;
    let connection = sandbox.first_line()?;
    cli.connect(&connection)?;

    println!("\nThe demo shop is open: a new order about every ten seconds. Ctrl-C ends it.");
    println!("In another terminal, for example: {} orders", cli.typed());
    step::run("demo shop", cli.command("serve").args(cli.folder_options()))
}

/// The command line program and the demo shop's data folder.
struct Cli {
    program: PathBuf,
    folder: PathBuf,
}

impl Cli {
    fn prepare() -> Result<Cli, Failure> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Failure::File { path, source }
        };
        let own = std::env::current_exe().map_err(failed(Path::new("xtask")))?;
        let program = own.with_file_name(format!("zhanggui-cli{}", std::env::consts::EXE_SUFFIX));
        let folder = own.with_file_name("demo-shop");
        match fs::remove_dir_all(&folder) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(failed(&folder)(source)),
            Ok(()) | Err(_) => {}
        }
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        let cli = Cli { program, folder };
        // The demo shop's keys are made up at each start and open nothing, so this keeps them out of the
        // person's keychain and guards nothing.
        let passphrase = cli.passphrase_file();
        fs::write(&passphrase, "demo shop\n").map_err(failed(&passphrase))?;
        Ok(cli)
    }

    fn passphrase_file(&self) -> PathBuf {
        self.folder.join("passphrase")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(name);
        command
    }

    fn folder_options(&self) -> [PathBuf; 4] {
        ["--data".into(), self.folder.clone(), "--vault-passphrase-file".into(), self.passphrase_file()]
    }

    /// Sets the demo shop up from the connection JSON.
    fn connect(&self, connection: &str) -> Result<(), Failure> {
        let file = self.folder.join("connection.json");
        fs::write(&file, connection).map_err(|source| Failure::File { path: file.clone(), source })?;
        step::run("connect", self.command("connect").arg("--from").arg(&file).args(self.folder_options()))
    }

    /// The program with its options, as one would type it before a command's name.
    fn typed(&self) -> String {
        let options = self.folder_options().map(|option| option.display().to_string()).join(" ");
        format!("{} {options}", self.program.display())
    }
}

/// A program that is ended when this value goes out of scope.
struct Running {
    child: Child,
    command: String,
}

impl Running {
    fn start(command: &mut Command) -> Result<Running, Failure> {
        let shown = shown(command);
        match command.spawn() {
            Ok(child) => Ok(Running { child, command: shown }),
            Err(source) => Err(Failure::NotStarted { command: shown, source }),
        }
    }

    /// The first line that the program prints. What comes after is read and dropped, so that the program
    /// never waits for a reader.
    fn first_line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        if let Some(stdout) = self.child.stdout.take() {
            let mut lines = BufReader::new(stdout);
            lines
                .read_line(&mut line)
                .map_err(|source| Failure::NotStarted { command: self.command.clone(), source })?;
            thread::spawn(move || io::copy(&mut lines, &mut io::sink()));
        }
        if line.trim().is_empty() {
            let finding = format!("{} printed no connection", self.command);
            return Err(Failure::Check { heading: "demo shop", finding });
        }
        Ok(line)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
