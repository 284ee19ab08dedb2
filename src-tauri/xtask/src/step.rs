//! One step: a command with a heading, a sign of life while it is slow, and the time it took.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A quiet step says after this time that it is still at work.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);

/// What each step took, for the table at the end. The one thing that is remembered between steps: handing it
/// from step to step would cost every function an argument.
static TAKEN: Mutex<Vec<(&'static str, Duration)>> = Mutex::new(Vec::new());

/// Why a command of ours stopped.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A program of a step ended badly; its own output says why.
    Step { heading: &'static str, command: String, status: ExitStatus },
    /// A program could not be started.
    NotStarted { command: String, source: io::Error },
    /// A file or folder could not be used.
    File { path: PathBuf, source: io::Error },
    /// A check of our own found something.
    Check { heading: &'static str, finding: String },
    /// Something is missing on this machine that we may not or cannot install.
    Missing { advice: String },
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Step { heading, command, status } => {
                write!(formatter, "{heading} ended with {status}; the reason stands above. Alone: {command}")
            }
            Failure::NotStarted { command, source } => write!(formatter, "cannot start {command}: {source}"),
            Failure::File { path, source } => write!(formatter, "{}: {source}", path.display()),
            Failure::Check { heading, finding } => write!(formatter, "{heading}: {finding}"),
            Failure::Missing { advice } => formatter.write_str(advice),
        }
    }
}

/// Cargo in the repository's top folder.
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(repository());
    // Set by the cargo that runs this program. Build scripts look at it, and they and all that stands on them would
    // be built anew whenever a person's own cargo and this one take turns.
    command.env_remove("CARGO_MANIFEST_DIR");
    command
}

/// The repository's top folder.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The folder that cargo builds into.
pub(crate) fn target() -> Result<PathBuf, Failure> {
    // This program is `debug/xtask` in it, wherever the person's settings have put it.
    let own = std::env::current_exe().map_err(|source| Failure::File { path: "xtask".into(), source })?;
    Ok(own.ancestors().nth(2).unwrap_or(Path::new("target")).to_owned())
}

/// One of our own programs as `cargo build` made it.
pub(crate) fn program(name: &str) -> Result<Command, Failure> {
    Ok(Command::new(target()?.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))))
}

/// Runs a step with its output on ours.
pub(crate) fn run(heading: &'static str, command: &mut Command) -> Result<(), Failure> {
    let shown = shown(command);
    println!("\n== {heading}: {shown}");
    let start = Instant::now();
    let status = watched(heading, start, || command.status());
    match status {
        Ok(status) if status.success() => {
            done(heading, start, None);
            Ok(())
        }
        Ok(status) => Err(Failure::Step { heading, command: shown, status }),
        Err(source) => Err(Failure::NotStarted { command: shown, source }),
    }
}

/// Runs a program and gives what it wrote on stdout.
pub(crate) fn output(heading: &'static str, command: &mut Command) -> Result<String, Failure> {
    let shown = shown(command);
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|source| Failure::NotStarted { command: shown.clone(), source })?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Failure::Step { heading, command: shown, status: output.status })
    }
}

/// A check of our own as a step.
pub(crate) fn check(
    heading: &'static str,
    what: &str,
    check: impl FnOnce() -> Result<String, Failure>,
) -> Result<(), Failure> {
    println!("\n== {heading}: {what}");
    let start = Instant::now();
    let verdict = watched(heading, start, check)?;
    done(heading, start, Some(&verdict));
    Ok(())
}

/// What the steps took, a line each, for a run of many.
pub(crate) fn table() -> String {
    let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let row = |(heading, time): &(&str, Duration)| format!("   {heading:<22} {:>12}", spoken(*time));
    taken.iter().map(row).collect::<Vec<_>>().join("\n")
}

fn done(heading: &'static str, start: Instant, verdict: Option<&str>) {
    let time = start.elapsed();
    let verdict = verdict.map(|verdict| format!("{verdict}, ")).unwrap_or_default();
    println!("   {heading}: {verdict}{}", spoken(time));
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner).push((heading, time));
}

/// Does the work and prints a line now and then while it lasts.
fn watched<T>(heading: &str, start: Instant, work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (finished, ended) = mpsc::channel::<()>();
        scope.spawn(move || {
            while ended.recv_timeout(SIGN_OF_LIFE) == Err(RecvTimeoutError::Timeout) {
                println!("   … {heading} is still at work after {}", spoken(start.elapsed()));
            }
        });
        let result = work();
        drop(finished);
        result
    })
}

/// The command as one would type it. Cargo stands for whatever path it was called by.
pub(crate) fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_stem().unwrap_or(command.get_program()).to_string_lossy().into_owned();
    let settings = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}={}", name.to_string_lossy(), quoted(&value?.to_string_lossy())))
    });
    let arguments = command.get_args().map(|argument| quoted(&argument.to_string_lossy()));
    settings.chain([name]).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if word.contains(' ') { format!("'{word}'") } else { word.to_owned() }
}

/// A duration as people say it: `8 min 12 s`, or `3.4 s` when short.
pub(crate) fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_spoken_as_people_say_them() {
        assert_eq!(spoken(Duration::from_millis(3_440)), "3.4 s");
        assert_eq!(spoken(Duration::from_millis(60_900)), "1 min 0 s");
        assert_eq!(spoken(Duration::from_secs(8 * 60 + 12)), "8 min 12 s");
    }

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/some/where/cargo");
        command.args(["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(shown(&command), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps");
    }

    #[cfg(unix)]
    #[test]
    fn a_step_that_ends_badly_names_its_command() {
        let failure = run("a step", Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(failure.contains("a step") && failure.contains("sh -c 'exit 3'"), "{failure}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failure = run("a step", &mut Command::new("no-such-program")).unwrap_err().to_string();
        assert!(failure.contains("no-such-program"), "{failure}");
    }
}
