//! All of it for ever: the console's day, every task at its own pace.

use std::future::Future;
use std::time::Duration;

use domain::pace;
use domain::reconcile::Alert;
use domain::time::Timestamp;
use jiff::SignedDuration;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::engine::Event;
use crate::open_alerts::CONTACT_LOST;
use crate::ports::SourceErrorKind;
use crate::{Engine, Error, Trouble};

/// Between two polls of a backend that cannot hold a reply open.
const POLL_EVERY: Duration = Duration::from_secs(5);

/// A long poll that comes back empty faster than this was not held; the next one waits a little.
const TOO_FAST: Duration = Duration::from_secs(1);

/// The longest that a reply is held open: proxies cut at 30 s and more.
const LONGEST_POLL_S: u32 = 25;

/// Without contact for this long, people are told.
const CONTACT_LOST_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// Nobody sleeps longer than this in one go: the PC's clock may be set, and another process may have written the mirror.
const LONGEST_NAP: Duration = Duration::from_secs(1);

/// A clock that goes back by more than this was set, and did not just run fast.
const CLOCK_SET_BACK: SignedDuration = SignedDuration::from_secs(60);

/// A task that ran for so long before it failed starts anew without a long pause.
const STEADY_AFTER: Duration = Duration::from_secs(300);

/// The longest pause between two attempts to reach the backend.
const PAUSE_CAP_SECONDS: i64 = 60;

/// How much of the day's work this process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Mirror, verification, refunds and words to the backend.
    Watch,
    /// All of it: alerts and tickets too.
    Serve,
}

impl Engine {
    /// Mirrors, verifies, pays and reports for ever; alerts and tickets are left to whoever serves.
    pub async fn watch(&self) -> Result<(), Error> {
        self.work(Work::Watch).await
    }

    /// The console's whole day. It ends only when the mirror does.
    pub async fn serve(&self) -> Result<(), Error> {
        self.work(Work::Serve).await
    }

    async fn work(&self, work: Work) -> Result<(), Error> {
        let mut tasks = JoinSet::new();
        tasks.spawn(self.clone().for_ever("reading", |engine| async move { engine.keep_reading().await }));
        tasks.spawn(self.clone().for_ever("time", |engine| async move { engine.keep_time().await }));
        tasks.spawn(self.clone().for_ever("asking", |engine| async move { engine.keep_asking().await }));
        tasks.spawn(self.clone().for_ever("paying", |engine| async move { engine.keep_paying().await }));
        tasks.spawn(
            self.clone().for_ever("telling", |engine| async move { engine.keep_telling_backend().await }),
        );
        if work == Work::Serve {
            tasks.spawn(
                self.clone().for_ever("alerting", |engine| async move { engine.keep_alerting().await }),
            );
            tasks.spawn(
                self.clone().for_ever("certificate", |engine| async move { engine.keep_certificate().await }),
            );
            tasks.spawn(
                self.clone().for_ever("printing", |engine| async move { engine.keep_printing().await }),
            );
        }
        while let Some(ended) = tasks.join_next().await {
            ended.map_err(|_| Error::Panicked)??;
        }
        Ok(())
    }

    /// Runs a task again and again: a full disk or a passing fault pauses it, a closed mirror ends it.
    async fn for_ever<F, Fut>(self, name: &'static str, task: F) -> Result<(), Error>
    where
        F: Fn(Engine) -> Fut,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let mut failures = 0;
        loop {
            let started = Instant::now();
            // In a set of its own: a panic ends the task and not the day, and whoever drops the day drops the task.
            let mut running = JoinSet::new();
            running.spawn(task(self.clone()));
            let outcome = match running.join_next().await {
                Some(ended) => ended.unwrap_or(Err(Error::Panicked)),
                None => Ok(()),
            };
            match outcome {
                Ok(()) => return Ok(()),
                Err(Error::Mirror(mirror::Error::Closed)) => {
                    return Err(Error::Mirror(mirror::Error::Closed));
                }
                Err(error) => {
                    if started.elapsed() > STEADY_AFTER {
                        failures = 0;
                    }
                    failures += 1;
                    tracing::error!(task = name, %error, "a task failed and will be started again");
                    self.hear(Event::Trouble(Trouble::fault(&error)));
                    sleep(pace::backoff(failures, PAUSE_CAP_SECONDS)).await;
                }
            }
        }
    }

    /// Notices that the PC's clock was set back: whatever was planned by the wrong time is due now. And that another
    /// process has written the mirror: whoever watches it looks again.
    async fn keep_time(self) -> Result<(), Error> {
        let mut before = self.now();
        loop {
            self.pause_until(None).await;
            self.parts.mirror.look_for_others().await?;
            let now = self.now();
            if before.duration_since(now) > CLOCK_SET_BACK {
                tracing::warn!(seconds = before.duration_since(now).as_secs(), "the clock was set back");
                self.parts.mirror.write::<_, Error>(move |tx| Ok(tx.bring_forward(now)?)).await?;
            }
            before = now;
        }
    }

    async fn keep_reading(self) -> Result<(), Error> {
        let mut failures = 0;
        let mut contact = self.now();
        // An outage that an earlier process told of and whose end nobody has seen.
        let mut told_lost =
            self.parts.mirror.read::<_, Error>(|view| Ok(view.alert_stands(CONTACT_LOST)?)).await?;
        let mut capabilities_known = false;
        loop {
            match self.read_once(&mut capabilities_known).await {
                Ok(()) => {
                    failures = 0;
                    contact = self.now();
                    if std::mem::take(&mut told_lost) {
                        self.tell_contact(Alert::ContactBack).await?;
                    }
                }
                // A fault of this PC, as a full disk, is no lost contact.
                Err(error @ Error::Mirror(_)) => return Err(error),
                Err(error) => {
                    failures += 1;
                    let now = self.now();
                    let pause = pause_after(&error, failures);
                    if let Error::Source(error) = &error {
                        self.hear(Event::Trouble(Trouble::source(error)));
                    }
                    tracing::warn!(%error, pause_s = pause.as_secs(), "the backend could not be read");
                    let silent = matches!(&error, Error::Source(error)
                        if error.is_transient() || error.kind == SourceErrorKind::Unauthenticated);
                    if silent && now.duration_since(contact) >= CONTACT_LOST_AFTER && !told_lost {
                        told_lost = true;
                        self.tell_contact(Alert::ContactLost).await?;
                    }
                    sleep(pause).await;
                }
            }
        }
    }

    async fn read_once(&self, capabilities_known: &mut bool) -> Result<(), Error> {
        if !*capabilities_known {
            self.refresh_capabilities().await?;
            *capabilities_known = true;
        }
        let long_poll = self.capabilities().await?.long_poll_s.filter(|seconds| *seconds > 0);
        let wait_s = long_poll.unwrap_or(0).min(LONGEST_POLL_S);
        let began = tokio::time::Instant::now();
        let brought = self.read_feed(wait_s).await?;
        self.read_singly().await?;
        let idle = brought.at_end && brought.unmoved;
        if idle && long_poll.is_none() {
            tokio::time::sleep(POLL_EVERY).await;
        } else if idle && began.elapsed() < TOO_FAST {
            tokio::time::sleep(TOO_FAST).await;
        }
        Ok(())
    }

    /// Sleeps until the instant, or for a nap: the caller looks again in either case.
    pub(crate) async fn pause_until(&self, at: Option<Timestamp>) {
        let nap = match at {
            Some(at) => {
                Duration::try_from(at.duration_since(self.now())).unwrap_or(Duration::ZERO).min(LONGEST_NAP)
            }
            None => LONGEST_NAP,
        };
        tokio::time::sleep(nap).await;
    }
}

/// Sleeps by the machine's own count of time, whatever its clock is set to meanwhile.
async fn sleep(pause: SignedDuration) {
    tokio::time::sleep(Duration::try_from(pause).unwrap_or(Duration::ZERO)).await;
}

fn pause_after(error: &Error, failures: u32) -> SignedDuration {
    let usual = pace::backoff(failures, PAUSE_CAP_SECONDS);
    match error {
        Error::Source(error) => match error.kind {
            SourceErrorKind::Transient { retry_after_s: Some(seconds) } => {
                usual.max(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(3_600).min(3_600)))
            }
            // Nothing changes by itself: somebody has to connect anew.
            SourceErrorKind::Unauthenticated | SourceErrorKind::Forbidden => {
                SignedDuration::from_secs(PAUSE_CAP_SECONDS)
            }
            _ => usual,
        },
        _ => usual,
    }
}
