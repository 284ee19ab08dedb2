//! Carries bytes to a printer.
//!
//! USB, TCP and device nodes are different [`Link`]s below one loop, [`drive`], which knows about deadlines, paper
//! and cancelling. Files and print queues take everything at once and need no loop.
//!
//! What "sent" means: the last byte was taken over by the printer, the kernel or the queue. It does not mean
//! "printed": nothing here can know that (`printing.md`, section 6).

mod drive;
mod error;
mod file;
mod found;
#[cfg(unix)]
mod node;
mod spool;
mod tcp;
mod usb;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use error::{Cause, SendError};
pub use found::{FoundPrinter, printers};

use crate::status::Condition;
use crate::target::Target;
use drive::{Failed, Link, drive};

/// Sends a ticket and waits until it is handed over, or for ever certain not to be.
///
/// It blocks, for up to [`Deadlines::total`] while a printer says that it has no paper: call it on a thread of its
/// own, one job at a time for each printer. It never sends a byte twice.
///
/// # Errors
///
/// [`SendError`], which says whether any byte may have left.
pub fn send(target: &Target, bytes: &[u8], options: &SendOptions<'_>) -> Result<Sent, SendError> {
    let outcome = match target {
        Target::Usb(id) => through(usb::UsbLink::open(id.as_ref()), bytes, options),
        Target::Tcp { host, port } => through(tcp::TcpLink::open(host, *port, options), bytes, options),
        Target::Device(path) => through_node(path, bytes, options),
        Target::File(path) => file::replace(path, bytes).map_err(|cause| (0, cause)),
        Target::Roll(path) => file::append(path, bytes),
        Target::Spool(name) => spool::submit(name, bytes, options),
    };
    outcome.map_err(|(bytes_sent, cause)| SendError::new(target, bytes_sent, cause))
}

fn through<L: Link>(link: Result<L, Cause>, bytes: &[u8], options: &SendOptions<'_>) -> Result<Sent, Failed> {
    let mut link = link.map_err(|cause| (0, cause))?;
    drive(&mut link, bytes, options)
}

/// What to heed while sending. The default has [`Deadlines::default`], no cancelling, no observer and no questions.
#[derive(Clone, Copy, Default)]
pub struct SendOptions<'a> {
    /// How long to wait for what.
    pub deadlines: Deadlines,
    /// Set it to give the job up between two chunks. What has left has left.
    pub cancel: Option<&'a AtomicBool>,
    /// Hears how far the job is and what it waits for, on the sending thread.
    pub observer: Option<&'a dyn Fn(Progress)>,
    /// Whether to ask the printer before the job.
    pub questions: Questions,
}

impl SendOptions<'_> {
    fn is_cancelled(&self) -> bool {
        self.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed))
    }

    fn tell(&self, progress: Progress) {
        if let Some(observer) = self.observer {
            observer(progress);
        }
    }
}

impl fmt::Debug for SendOptions<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SendOptions")
            .field("deadlines", &self.deadlines)
            .field("cancelled", &self.is_cancelled())
            .field("questions", &self.questions)
            .finish_non_exhaustive()
    }
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Resolving a name and connecting.
    pub connect: Duration,
    /// Without one byte taken and without a word about paper or cover: then the printer counts as dead. Also how long
    /// a printer without paper is waited for before the first byte.
    pub progress: Duration,
    /// The whole job, waiting for paper included.
    pub total: Duration,
}

/// 3 s, 10 s and 5 minutes. Shorter ones cut receipts: printers that print while they receive take seconds for a
/// buffer (`printing.md`, 7.1).
impl Default for Deadlines {
    fn default() -> Deadlines {
        Deadlines {
            connect: Duration::from_secs(3),
            progress: Duration::from_secs(10),
            total: Duration::from_secs(300),
        }
    }
}

/// Whether to put the question `DLE EOT` before the job, to learn of missing paper and an open cover while nothing has
/// been sent.
///
/// Many printers never answer, and cheap ones print what they do not know: ask only printers that answered when they
/// were set up. USB printers are asked through the USB class in any case, which costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Questions {
    /// The job's bytes and no others.
    #[default]
    Never,
    /// Ask, and wait up to half a second for an answer.
    BeforeTheJob,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes have left.
    Sent {
        /// Since the beginning.
        bytes: usize,
    },
    /// The printer says why it does not go on. Told again about every second.
    Waiting(Trouble),
}

/// What a printer says is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No paper.
    PaperOut,
    /// The cover is open; over USB: any fault but paper.
    CoverOpen,
    /// Something else: the cutter, the head, or only "offline".
    Fault,
}

impl Trouble {
    fn of(condition: Condition) -> Option<Trouble> {
        match condition {
            Condition::Ready | Condition::PaperLow => None,
            Condition::PaperOut => Some(Trouble::PaperOut),
            Condition::CoverOpen => Some(Trouble::CoverOpen),
            Condition::Error | Condition::Offline => Some(Trouble::Fault),
        }
    }

    fn cause(self) -> Cause {
        match self {
            Trouble::PaperOut => Cause::PaperOut,
            Trouble::CoverOpen => Cause::CoverOpen,
            Trouble::Fault => Cause::Timeout,
        }
    }
}

/// A ticket that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// All its bytes.
    pub bytes: usize,
    /// What the printer says is wrong all the same: the ticket is in its memory and comes out once that is cured.
    pub trouble: Option<Trouble>,
}

#[cfg(unix)]
fn through_node(path: &std::path::Path, bytes: &[u8], options: &SendOptions<'_>) -> Result<Sent, Failed> {
    through(node::NodeLink::open(path), bytes, options)
}

/// Device nodes are a thing of Unix; on Windows a printer has a queue, or a path that is a file.
#[cfg(not(unix))]
fn through_node(_path: &std::path::Path, _bytes: &[u8], _options: &SendOptions<'_>) -> Result<Sent, Failed> {
    let source = std::io::Error::from(std::io::ErrorKind::Unsupported);
    Err((0, Cause::Connect { source }))
}
