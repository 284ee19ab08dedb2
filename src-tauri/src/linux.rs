//! What only Linux and its relatives need.

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
