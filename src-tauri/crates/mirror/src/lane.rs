//! A connection on a thread of its own, reached by a channel.
//!
//! SQLite blocks; the engine is asynchronous. A lane keeps the blocking on one thread, and for the writer it is also
//! what makes it the only one: transactions queue up instead of failing with "busy".

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::Error;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

pub(crate) struct Lane {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
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
        Ok(Lane { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs the closure on the lane's thread. The closure runs to its end even if the caller stops waiting: a
    /// transaction is never left half done.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        // Nobody listens any more when the caller was dropped; the work is done all the same.
        self.queue(work, |outcome| drop(answer.send(outcome)))?;
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
        let job: Job = Box::new(move |connection| {
            // A closure that panics rolls its transaction back on the way out, and must not take the lane with it:
            // everything else of the shop goes through here.
            answer(catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or(Err(Error::Panicked)));
        });
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or(Error::Closed)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.jobs.take();
        if let Some(thread) = self.thread.take() {
            // A lane that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}
