//! What only Linux and its relatives need.

use std::process::ExitCode;

/// Whether the library that draws tray icons is there. It is opened at run time, and whoever opens it does not come back
/// where it is missing; other systems have the icon built in.
pub(crate) fn has_tray_library() -> bool {
    #[cfg(target_os = "linux")]
    {
        const NAMES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];
        const FOLDERS: [&str; 6] = [
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/lib64",
            "/usr/local/lib",
        ];
        FOLDERS.iter().any(|folder| NAMES.iter().any(|name| std::path::Path::new(folder).join(name).exists()))
    }
    #[cfg(not(target_os = "linux"))]
    {
        true
    }
}

/// Whatever this program writes (orders with names and addresses, the log) is for this user alone. Windows keeps a user's
/// folders so by itself.
pub(crate) fn keep_files_private() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Says how often this start was begun anew.
#[cfg(unix)]
const STARTED_OVER: &str = "ZHANGGUI_STARTED_OVER";

/// Begins this start anew: a program that was found running ended before it could show its window. Answers only where that
/// does not work.
pub(crate) fn start_over(reason: &str) -> ExitCode {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;

        let before: u8 = std::env::var(STARTED_OVER).ok().and_then(|count| count.parse().ok()).unwrap_or(0);
        if let Ok(program) = std::env::current_exe()
            && before < 5
        {
            let mut again = std::process::Command::new(program);
            again.args(std::env::args_os().skip(1)).env(STARTED_OVER, (before + 1).to_string());
            let error = again.exec();
            tracing::error!(%error, "the program cannot be started anew");
        }
    }
    tracing::error!(reason, "the program seems to run already and does not answer");
    ExitCode::FAILURE
}
