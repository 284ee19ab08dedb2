//! The print queues of the system, by CUPS' own `lpstat`.

use receipt::FoundPrinter;

/// The queues that raw tickets can be handed to. A system without CUPS has none.
#[cfg(unix)]
pub(super) fn queues() -> Vec<FoundPrinter> {
    let queue = |name| FoundPrinter {
        target: receipt::Target::Spool(name),
        vendor: None,
        product: None,
        serial: None,
        maker: None,
        model: None,
    };
    cups::names(std::path::Path::new("lpstat")).into_iter().map(queue).collect()
}

/// Windows has the spooler's own functions, which tickets do not go through yet.
#[cfg(not(unix))]
pub(super) fn queues() -> Vec<FoundPrinter> {
    Vec::new()
}

#[cfg(unix)]
mod cups {
    use std::io::Read;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    /// `lpstat` looks for printers in the network as well, and a person waits for the list.
    const DEADLINE: Duration = Duration::from_secs(3);
    /// How often to look whether it has ended.
    const TICK: Duration = Duration::from_millis(20);
    /// As much as is read of what it says; a shop has a handful of queues.
    const LIMIT: u64 = 64 * 1024;

    /// The names of the queues, one on each line of `lpstat -e`.
    pub(super) fn names(lpstat: &Path) -> Vec<String> {
        let spawned = Command::new(lpstat)
            .arg("-e")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => {
                tracing::debug!(%error, "print queues cannot be listed");
                return Vec::new();
            }
        };
        let output = child.stdout.take();
        let text = std::thread::scope(|scope| {
            let read = scope.spawn(move || {
                let mut text = Vec::new();
                // What came before an error is as good as the rest.
                let _ = output.map(|pipe| pipe.take(LIMIT).read_to_end(&mut text));
                text
            });
            end(&mut child);
            read.join().unwrap_or_default()
        });
        String::from_utf8_lossy(&text)
            .lines()
            .map(str::trim)
            .filter(|name| is_name(name))
            .map(str::to_owned)
            .collect()
    }

    /// Waits for its end, which is made when it does not come.
    fn end(child: &mut Child) {
        let started = Instant::now();
        while let Ok(None) = child.try_wait() {
            if started.elapsed() >= DEADLINE {
                tracing::debug!("listing print queues took too long");
                let _ = child.kill();
                let _ = child.wait();
                return;
            }
            std::thread::sleep(TICK);
        }
    }

    /// Whatever is no name of a queue would be none to print on either.
    fn is_name(name: &str) -> bool {
        !name.is_empty() && !name.contains(|letter: char| letter.is_whitespace() || letter.is_control())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn queues_are_read_by_name() {
            let lpstat = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lpstat.sh");
            assert_eq!(names(&lpstat), ["kitchen", "XP-80C", "厨房_2"]);
        }

        #[test]
        fn a_system_without_cups_has_no_queues() {
            assert_eq!(names(Path::new("/nowhere/lpstat")), Vec::<String>::new());
        }
    }
}
