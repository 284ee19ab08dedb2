//! The loop that every link to a printer runs in.

use std::time::{Duration, Instant};

use super::{Cause, Progress, Questions, SendOptions, Sent, Trouble};
use crate::status::{Condition, real_time, real_time_question};

/// Bytes offered at a time. Between two chunks the job can be cancelled.
const CHUNK: usize = 4096;
/// How long one offer may take before deadlines and cancelling are looked at.
const TICK: Duration = Duration::from_millis(100);
/// How often a printer that cannot print yet is looked at.
const READY_TICK: Duration = Duration::from_millis(500);
/// How often a printer that takes nothing is asked why.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How long a printer may take to answer a question in the data.
const ANSWER: Duration = Duration::from_millis(500);

/// Bytes that may have left, and why no more did.
pub(super) type Failed = (usize, Cause);

/// A way to a printer.
pub(super) trait Link {
    /// Offers `bytes`, which are not empty, and waits at most `wait` for some of them to be taken. How many were; 0
    /// if none yet. Until something is taken the same bytes are offered again, so a link may have them under way.
    fn offer(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, Cause>;

    /// Gives up what is under way. How many bytes of it have left after all.
    fn withdraw(&mut self) -> usize {
        0
    }

    /// Waits at most `wait` for what was taken to be really gone. Whether it is.
    fn settle(&mut self, wait: Duration) -> Result<bool, Cause>;

    /// What the printer says of itself beside the job's bytes.
    fn condition(&mut self) -> Option<Condition> {
        None
    }

    /// Puts a question into the data and waits for bytes that come back.
    fn ask(&mut self, question: &[u8], wait: Duration) -> Vec<u8>;
}

/// Sends `bytes` through `link`.
pub(super) fn drive(link: &mut dyn Link, bytes: &[u8], options: &SendOptions<'_>) -> Result<Sent, Failed> {
    let mut job =
        Job { link, options, started: Instant::now(), patient_since: Instant::now(), asked_at: None };
    job.wait_until_ready().map_err(|cause| (0, cause))?;
    job.patient_since = Instant::now();
    let mut sent = 0;
    while let Some(chunk) = bytes.get(sent..).and_then(|rest| rest.chunks(CHUNK).next()) {
        match job.step(|link| link.offer(chunk, TICK)) {
            Ok(0) => {}
            Ok(taken) => {
                sent += taken;
                options.tell(Progress::Sent { bytes: sent });
            }
            Err(cause) => return Err((sent + job.link.withdraw(), cause)),
        }
    }
    while job.step(|link| link.settle(TICK).map(usize::from)).map_err(|cause| (sent, cause))? == 0 {}
    let trouble = job.link.condition().and_then(Trouble::of);
    Ok(Sent { bytes: sent, trouble })
}

struct Job<'a, 'b> {
    link: &'a mut dyn Link,
    options: &'a SendOptions<'b>,
    started: Instant,
    /// Since when nothing was taken and nothing explains it.
    patient_since: Instant,
    asked_at: Option<Instant>,
}

impl Job<'_, '_> {
    /// Waits for a printer that says it cannot print, as long as nothing has been sent and the job can be given up
    /// without a trace.
    fn wait_until_ready(&mut self) -> Result<(), Cause> {
        while let Some(trouble) = self.trouble_before_the_job() {
            self.options.tell(Progress::Waiting(trouble));
            if self.started.elapsed() >= self.options.deadlines.progress {
                return Err(trouble.cause());
            }
            self.check_cancelled()?;
            std::thread::sleep(READY_TICK.min(self.options.deadlines.progress / 2));
        }
        self.check_cancelled()
    }

    fn trouble_before_the_job(&mut self) -> Option<Trouble> {
        let beside = self.link.condition().and_then(Trouble::of);
        match self.options.questions {
            Questions::Never => beside,
            // 2 tells why a printer is offline, 4 knows the paper sensor.
            Questions::BeforeTheJob => beside.or_else(|| [2, 4].into_iter().find_map(|n| self.ask(n))),
        }
    }

    fn ask(&mut self, n: u8) -> Option<Trouble> {
        let answer = self.link.ask(&real_time_question(n), ANSWER);
        answer.iter().rev().find_map(|byte| real_time(n, *byte)).and_then(Trouble::of)
    }

    /// One step that takes at most a tick and answers how far it came; 0 is no progress, which is borne as long as
    /// the deadlines allow.
    fn step(&mut self, act: impl FnOnce(&mut dyn Link) -> Result<usize, Cause>) -> Result<usize, Cause> {
        self.check_cancelled()?;
        let progress = act(self.link)?;
        if progress > 0 {
            self.patient_since = Instant::now();
            return Ok(progress);
        }
        let deadlines = self.options.deadlines;
        let trouble = if self.is_time_to_ask() { self.link.condition().and_then(Trouble::of) } else { None };
        if let Some(trouble) = trouble {
            self.options.tell(Progress::Waiting(trouble));
            self.patient_since = Instant::now();
        }
        let is_late = self.started.elapsed() >= deadlines.total;
        if self.patient_since.elapsed() < deadlines.progress && !is_late {
            return Ok(0);
        }
        // What is under way may have moved without being done: a slow printer in the middle of a chunk.
        match self.link.withdraw() {
            0 => Err(self.link.condition().and_then(Trouble::of).map_or(Cause::Timeout, Trouble::cause)),
            taken => {
                self.patient_since = Instant::now();
                Ok(taken)
            }
        }
    }

    fn is_time_to_ask(&mut self) -> bool {
        let every = ASK_EVERY.min(self.options.deadlines.progress / 2);
        let due =
            self.patient_since.elapsed() >= every && self.asked_at.is_none_or(|at| at.elapsed() >= every);
        if due {
            self.asked_at = Some(Instant::now());
        }
        due
    }

    fn check_cancelled(&self) -> Result<(), Cause> {
        if self.options.is_cancelled() { Err(Cause::Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::transport::Deadlines;

    /// What a link does when it is offered bytes; after the last one it takes everything.
    enum Act {
        Take(usize),
        Nothing,
        Fail,
    }

    /// A link that follows a script. Time passes only where it takes nothing.
    #[derive(Default)]
    struct Scripted {
        acts: VecDeque<Act>,
        conditions: VecDeque<Condition>,
        under_way: usize,
        received: Vec<u8>,
    }

    impl Link for Scripted {
        fn offer(&mut self, bytes: &[u8], wait: Duration) -> Result<usize, Cause> {
            let count = match self.acts.pop_front() {
                Some(Act::Take(count)) => count.min(bytes.len()),
                Some(Act::Fail) => {
                    return Err(Cause::Unplugged { source: std::io::ErrorKind::NotConnected.into() });
                }
                Some(Act::Nothing) => {
                    std::thread::sleep(wait);
                    return Ok(0);
                }
                None => bytes.len(),
            };
            self.received.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn withdraw(&mut self) -> usize {
            std::mem::take(&mut self.under_way)
        }

        fn settle(&mut self, _wait: Duration) -> Result<bool, Cause> {
            Ok(true)
        }

        fn condition(&mut self) -> Option<Condition> {
            if self.conditions.len() > 1 {
                self.conditions.pop_front()
            } else {
                self.conditions.front().copied()
            }
        }

        fn ask(&mut self, _question: &[u8], _wait: Duration) -> Vec<u8> {
            Vec::new()
        }
    }

    fn impatient() -> SendOptions<'static> {
        let connect = Duration::from_secs(1);
        let deadlines =
            Deadlines { connect, progress: Duration::from_millis(250), total: Duration::from_millis(900) };
        SendOptions { deadlines, ..SendOptions::default() }
    }

    fn nothing(times: usize) -> impl Iterator<Item = Act> {
        std::iter::repeat_with(|| Act::Nothing).take(times)
    }

    #[test]
    fn every_byte_is_offered_once_and_in_order() {
        let ticket: Vec<u8> = (0..10_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        let acts = [Act::Take(1), Act::Nothing, Act::Take(4_095), Act::Take(100)].into();
        let mut link = Scripted { acts, ..Scripted::default() };
        assert_eq!(drive(&mut link, &ticket, &impatient()).unwrap(), Sent { bytes: 10_000, trouble: None });
        assert_eq!(link.received, ticket);
    }

    #[test]
    fn a_silent_printer_times_out_with_the_bytes_that_left() {
        let acts = [Act::Take(100)].into_iter().chain(nothing(99)).collect();
        let mut link = Scripted { acts, ..Scripted::default() };
        let (sent, cause) = drive(&mut link, &[0; 500], &impatient()).unwrap_err();
        assert_eq!((sent, cause.as_str()), (100, "timeout"));
    }

    #[test]
    fn a_slow_printer_in_the_middle_of_a_chunk_is_not_dead() {
        let mut link = Scripted { acts: nothing(4).collect(), under_way: 60, ..Scripted::default() };
        assert_eq!(drive(&mut link, &[7; 500], &impatient()).unwrap().bytes, 500);
        assert_eq!(link.received.len(), 440, "the 60 that were under way are not sent again");
    }

    #[test]
    fn bytes_of_a_broken_chunk_count_as_left() {
        let acts = [Act::Take(100), Act::Fail].into();
        let mut link = Scripted { acts, under_way: 50, ..Scripted::default() };
        let (sent, cause) = drive(&mut link, &[0; 500], &impatient()).unwrap_err();
        assert_eq!((sent, cause.as_str()), (150, "unplugged"));
    }

    #[test]
    fn a_printer_that_breaks_before_the_first_byte_is_safe_to_retry() {
        let mut link = Scripted { acts: [Act::Fail].into(), ..Scripted::default() };
        assert_eq!(drive(&mut link, &[0; 500], &impatient()).unwrap_err().0, 0);
    }

    #[test]
    fn missing_paper_stretches_the_patience_but_not_for_ever() {
        let conditions = || [Condition::Ready, Condition::PaperOut].into();
        let acts = || [Act::Take(100)].into_iter().chain(nothing(5));
        let mut link = Scripted { acts: acts().collect(), conditions: conditions(), ..Scripted::default() };
        let sent = drive(&mut link, &[0; 500], &impatient()).unwrap();
        assert_eq!(
            sent,
            Sent { bytes: 500, trouble: Some(Trouble::PaperOut) },
            "it is in the printer's memory"
        );
        let acts = acts().chain(nothing(99)).collect();
        let mut link = Scripted { acts, conditions: conditions(), ..Scripted::default() };
        let (sent, cause) = drive(&mut link, &[0; 500], &impatient()).unwrap_err();
        assert_eq!((sent, cause.as_str()), (100, "paper_out"));
    }

    #[test]
    fn nothing_is_offered_while_the_cover_is_open() {
        let mut link = Scripted { conditions: [Condition::CoverOpen].into(), ..Scripted::default() };
        let (sent, cause) = drive(&mut link, &[0; 500], &impatient()).unwrap_err();
        assert_eq!((sent, cause.as_str(), link.received.len()), (0, "cover_open", 0));
    }

    #[test]
    fn cancelling_stops_between_chunks() {
        let cancel = AtomicBool::new(false);
        let observer = |_| cancel.store(true, Ordering::Relaxed);
        let options = SendOptions { cancel: Some(&cancel), observer: Some(&observer), ..impatient() };
        let (sent, cause) = drive(&mut Scripted::default(), &[0; 10_000], &options).unwrap_err();
        assert_eq!((sent, cause.as_str()), (CHUNK, "cancelled"));
    }
}
