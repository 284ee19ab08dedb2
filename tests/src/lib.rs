//! Drives the real program from outside: processes, sockets, a notification daemon, paper.
//!
//! - [`Program`]: `zhanggui-cli` as a person or another program calls it.
//! - [`World`]: a sandbox process with its control, standing for WeChat and the shop's backend.
//! - [`Shop`]: a data folder connected to it.
//! - [`Desktop`]: a D-Bus session of its own with a notification daemon that remembers.
//! - [`Line`]: a network that can be cut.
//! - [`Torture`]: refunds by processes that are killed.
//! - [`PaperTape`]: a network printer that remembers.
//! - `Pc`: the PC on the counter, with the real `Window` on it; only on Linux, which has displays that nobody sees.
#![expect(clippy::expect_used, clippy::panic, reason = "a test whose set-up fails has failed")]

mod desktop;
mod http;
mod line;
pub mod measure;
mod paper;
#[cfg(target_os = "linux")]
mod pc;
mod program;
mod torture;
#[cfg(target_os = "linux")]
mod window;
mod world;

pub use desktop::{Desktop, Shown};
pub use line::Line;
pub use paper::{PaperTape, Slip};
#[cfg(target_os = "linux")]
pub use pc::Pc;
pub use program::{Ended, Program, Running};
pub use torture::{Torture, Tortured};
#[cfg(target_os = "linux")]
pub use window::{Place, Window};
pub use world::{Placed, Shop, World};

use std::time::{Duration, Instant};

/// How long anything that should happen may take. Far above what it does take: a loaded machine must not fail a test.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Looks until `question` has an answer.
///
/// # Panics
///
/// When it has none within [`PATIENCE`].
pub fn until<T>(what: &str, mut question: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
