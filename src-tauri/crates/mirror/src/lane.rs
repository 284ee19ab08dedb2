//! A connection on a thread of its own, reached by a channel.
//!
//! SQLite blocks; the engine is asynchronous. A lane keeps the blocking on one thread, and for the writer it is also
//! what makes it the only one: transactions queue up instead of failing with "busy".
//!
//! In simulated time there must be no second thread: which of two comes first would be another answer at each run. There
//! a lane works on the thread of whoever asks.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError, mpsc};
use std::task::Poll;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::Error;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

pub(crate) enum Lane {
    Thread { jobs: Option<mpsc::Sender<Job>>, thread: Option<JoinHandle<()>> },
    Here(Mutex<Connection>),
}

impl Lane {
    pub(crate) fn start(name: &str, mut connection: Connection) -> Result<Lane, Error> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while let Ok(job) = queue.recv() {
                    job(&mut connection);
                }
            })
            .map_err(|_| Error::Closed)?;
        Ok(Lane::Thread { jobs: Some(jobs), thread: Some(thread) })
    }

    /// A lane on the thread of whoever asks.
    pub(crate) fn here(connection: Connection) -> Lane {
        Lane::Here(Mutex::new(connection))
    }

    /// Runs the closure on the lane. On a thread of its own it runs to its end even if the caller stops waiting: a
    /// transaction is never left half done.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        // Nobody listens any more when the caller was dropped; the work is done all the same.
        self.queue(work, |outcome| drop(answer.send(outcome)))?;
        if let Lane::Here(_) = self {
            give_way().await;
        }
        answered.await.map_err(|_| Error::Closed)?
    }

    /// As [`Lane::run`], for callers that may block.
    pub(crate) fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = mpsc::channel();
        self.queue(work, move |outcome| drop(answer.send(outcome)))?;
        answered.recv().map_err(|_| Error::Closed)?
    }

    fn queue<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
        answer: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) -> Result<(), Error> {
        match self {
            Lane::Thread { jobs, .. } => {
                let job: Job = Box::new(move |connection| answer(guarded(work, connection)));
                jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or(Error::Closed)
            }
            Lane::Here(connection) => {
                answer(guarded(work, &mut connection.lock().unwrap_or_else(PoisonError::into_inner)));
                Ok(())
            }
        }
    }
}

/// A closure that panics rolls its transaction back on the way out, and must not take the lane with it: everything else
/// of the shop goes through here.
fn guarded<T>(
    work: impl FnOnce(&mut Connection) -> Result<T, Error>,
    connection: &mut Connection,
) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or(Err(Error::Panicked))
}

/// Lets others have their turn between the work and its answer, as a thread would: whoever ends the caller there finds
/// the work done and nobody who knows.
async fn give_way() {
    let mut waited = false;
    poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

impl Drop for Lane {
    fn drop(&mut self) {
        if let Lane::Thread { jobs, thread } = self {
            jobs.take();
            if let Some(thread) = thread.take() {
                // A lane that panicked has nothing left to finish.
                let _ = thread.join();
            }
        }
    }
}
