//! Print queues of CUPS, through its own `lp`: the queue keeps the job, its backend prints it.

use super::drive::Failed;
use super::{Cause, SendOptions, Sent};

/// Hands a ticket to the queue as raw bytes.
#[cfg(unix)]
pub(super) fn submit(queue: &str, bytes: &[u8], options: &SendOptions<'_>) -> Result<Sent, Failed> {
    cups::submit(std::path::Path::new("lp"), queue, bytes, options)
}

/// Windows has the spooler's own functions, which are not used yet.
#[cfg(not(unix))]
pub(super) fn submit(_queue: &str, _bytes: &[u8], _options: &SendOptions<'_>) -> Result<Sent, Failed> {
    Err((0, Cause::SpoolUnsupported))
}

#[cfg(unix)]
mod cups {
    use std::io::{self, Read, Write};
    use std::path::Path;
    use std::process::{Child, Command, ExitStatus, Stdio};
    use std::time::{Duration, Instant};

    use super::{Cause, Failed, SendOptions, Sent};

    /// How often to look whether `lp` has ended.
    const TICK: Duration = Duration::from_millis(20);
    /// Of what `lp` complains, as much as is kept.
    const COMPLAINT: u64 = 2_000;

    pub(super) fn submit(
        lp: &Path,
        queue: &str,
        bytes: &[u8],
        options: &SendOptions<'_>,
    ) -> Result<Sent, Failed> {
        if !is_queue_name(queue) {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "no queue of CUPS can be called this");
            return Err((0, Cause::NotFound { source: Some(source) }));
        }
        let spawned = Command::new(lp)
            // `-o raw`: the bytes as they are. `--`, `-`: from here on, what comes in.
            .args(["-d", queue, "-o", "raw", "--", "-"])
            // The one message that is looked for is in English.
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err((0, Cause::SpoolUnsupported));
            }
            Err(error) => return Err((0, Cause::opening(error))),
        };
        let input = child.stdin.take();
        let complaints = child.stderr.take();
        std::thread::scope(|scope| {
            // `lp` ends early when it refuses, which breaks the pipe; its exit status tells more than that error.
            scope.spawn(move || input.map(|mut input| input.write_all(bytes)));
            let complaint = scope.spawn(move || {
                let mut text = String::new();
                let read = complaints.map(|pipe| pipe.take(COMPLAINT).read_to_string(&mut text));
                read.and_then(Result::ok).map_or_else(String::new, |_| text)
            });
            let status = wait(&mut child, options).map_err(|cause| (bytes.len(), cause))?;
            if status.success() {
                return Ok(Sent { bytes: bytes.len(), trouble: None });
            }
            // `lp` accepts a job whole or not at all, and it did not.
            Err((0, refused(complaint.join().unwrap_or_default())))
        })
    }

    /// A name that CUPS allows: printable, without space, `/`, `#`, quotes; and none that `lp` takes for an option.
    fn is_queue_name(name: &str) -> bool {
        let allowed = |c: char| !c.is_whitespace() && !c.is_control() && !"/#?'\"\\".contains(c);
        name.len() <= 127 && !name.is_empty() && !name.starts_with('-') && name.chars().all(allowed)
    }

    /// The end of `lp`, which is killed when it takes too long or is not wanted any more. What it has handed over by
    /// then nobody knows.
    fn wait(child: &mut Child, options: &SendOptions<'_>) -> Result<ExitStatus, Cause> {
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait().map_err(|source| Cause::Write { source })? {
                return Ok(status);
            }
            let cause = match () {
                () if options.is_cancelled() => Cause::Cancelled,
                () if started.elapsed() >= options.deadlines.total => Cause::Timeout,
                () => {
                    std::thread::sleep(TICK);
                    continue;
                }
            };
            child.kill().and_then(|()| child.wait()).map_err(|source| Cause::Write { source })?;
            return Err(cause);
        }
    }

    fn refused(complaint: String) -> Cause {
        let source = io::Error::other(complaint.trim().to_owned());
        if complaint.contains("does not exist") || complaint.contains("No such file") {
            Cause::NotFound { source: Some(source) }
        } else {
            Cause::Write { source }
        }
    }

    #[cfg(test)]
    mod tests {
        use std::sync::atomic::AtomicBool;

        use super::*;
        use crate::transport::Deadlines;

        /// `tests/lp.sh` behaves as the queue's name says.
        fn submit_to(queue: &str, options: &SendOptions<'_>) -> Result<Sent, (usize, &'static str)> {
            let lp = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lp.sh");
            submit(&lp, queue, b"\x1b@ticket\n", options).map_err(|(sent, cause)| (sent, cause.as_str()))
        }

        #[test]
        fn a_queue_takes_the_bytes_as_they_are() {
            let sent = submit_to("taking", &SendOptions::default());
            assert_eq!(sent, Ok(Sent { bytes: 9, trouble: None }));
        }

        #[test]
        fn a_queue_that_refuses_has_nothing() {
            let options = SendOptions::default();
            assert_eq!(submit_to("missing", &options), Err((0, "not_found")));
            assert_eq!(submit_to("refusing", &options), Err((0, "write")));
            let nowhere = submit(Path::new("/nowhere/lp"), "taking", b"x", &options);
            assert!(matches!(nowhere, Err((0, Cause::SpoolUnsupported))));
        }

        #[test]
        fn an_lp_that_hangs_is_given_up_and_may_have_the_job() {
            let total = Duration::from_millis(200);
            let deadlines = Deadlines { total, ..Deadlines::default() };
            let options = SendOptions { deadlines, ..SendOptions::default() };
            assert_eq!(submit_to("hanging", &options), Err((9, "timeout")));
            let cancel = AtomicBool::new(true);
            let options = SendOptions { cancel: Some(&cancel), ..SendOptions::default() };
            assert_eq!(submit_to("hanging", &options), Err((9, "cancelled")));
        }

        #[test]
        fn names_that_lp_would_misread_are_refused() {
            for name in ["", "-d", "--", "a b", "a/b", "a#b", "a\nb", "'x'"] {
                assert_eq!(submit_to(name, &SendOptions::default()), Err((0, "not_found")), "{name:?}");
            }
            for name in ["kitchen", "XP-80C", "厨房_2", "a@b"] {
                assert!(is_queue_name(name), "{name:?}");
            }
        }
    }
}
