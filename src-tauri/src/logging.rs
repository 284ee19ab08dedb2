//! The log: lines on stderr for whoever starts the program by hand, and a file a day beside the data for support.

use std::path::Path;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

/// Days that are kept.
const KEPT_FILES: usize = 14;

/// Everything that a shop owner would ask about; `RUST_LOG` says otherwise.
const FILTER: &str = "info,wry=warn,tao=warn";

/// Starts the log below the root folder. A disk that takes no log must not keep the shop closed.
pub(crate) fn start(root: &Path) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(FILTER));
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let folder = root.join("logs");
    // The appender would say on stderr that it is not there; a disk that takes no folder takes no log either.
    let _ = std::fs::create_dir_all(&folder);
    let file = tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("zhanggui")
        .filename_suffix("log")
        .max_log_files(KEPT_FILES)
        .build(folder);
    let registry = tracing_subscriber::registry().with(filter).with(lines);
    // Somebody else's subscriber, as in tests, stays.
    let _ = match file {
        Ok(file) => registry.with(fmt::layer().with_writer(file).with_ansi(false)).try_init(),
        Err(error) => {
            let started = registry.try_init();
            tracing::warn!(%error, "no log file");
            started
        }
    };
}
