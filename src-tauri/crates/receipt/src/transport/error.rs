use std::io;

use thiserror::Error;

use crate::target::Target;

/// A ticket did not reach its printer, or not for certain.
#[derive(Debug, Error)]
#[error("{target}: {cause} ({bytes_sent} bytes had left)")]
pub struct SendError {
    target: Target,
    bytes_sent: u64,
    #[source]
    cause: Cause,
}

impl SendError {
    pub(super) fn new(target: &Target, bytes_sent: usize, cause: Cause) -> SendError {
        let bytes_sent = u64::try_from(bytes_sent).unwrap_or(u64::MAX);
        SendError { target: target.clone(), bytes_sent, cause }
    }

    /// How many bytes of the ticket have left, or may have. 0: certainly none, so that sending again cannot print
    /// twice. Above 0: part of the ticket, or all of it, may be on paper.
    pub fn bytes_sent(&self) -> u64 {
        self.bytes_sent
    }

    /// Why.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Where it should have gone.
    pub fn target(&self) -> &Target {
        &self.target
    }
}

/// Why a ticket did not reach its printer.
#[derive(Debug, Error)]
pub enum Cause {
    /// There is no such printer, queue or path.
    #[error("there is no such printer")]
    NotFound {
        /// What the system said, if it was asked.
        #[source]
        source: Option<io::Error>,
    },
    /// This user may not use it.
    #[error("no permission to use the printer")]
    Permission {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another program uses it.
    #[error("another program uses the printer")]
    Busy {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It was there and is no more.
    #[error("the printer was unplugged or switched off")]
    Unplugged {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It takes nothing and does not say why.
    #[error("the printer does not take any data")]
    Timeout,
    /// It says that it has no paper.
    #[error("the printer has no paper")]
    PaperOut,
    /// It says that its cover is open, or over USB that something other than the paper is wrong.
    #[error("the printer's cover is open")]
    CoverOpen,
    /// It could not be reached or opened.
    #[error("the printer cannot be reached")]
    Connect {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The connection broke, or the file could not be written.
    #[error("the ticket could not be written")]
    Write {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// This system's print queues cannot be used.
    #[error("print queues are not supported on this system")]
    SpoolUnsupported,
    /// The caller did not want it any more.
    #[error("cancelled")]
    Cancelled,
}

impl Cause {
    /// The stable word: `not_found`, `permission`, `busy`, `unplugged`, `timeout`, `paper_out`, `cover_open`,
    /// `connect`, `write`, `spool_unsupported` or `cancelled`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Cause::NotFound { .. } => "not_found",
            Cause::Permission { .. } => "permission",
            Cause::Busy { .. } => "busy",
            Cause::Unplugged { .. } => "unplugged",
            Cause::Timeout => "timeout",
            Cause::PaperOut => "paper_out",
            Cause::CoverOpen => "cover_open",
            Cause::Connect { .. } => "connect",
            Cause::Write { .. } => "write",
            Cause::SpoolUnsupported => "spool_unsupported",
            Cause::Cancelled => "cancelled",
        }
    }

    /// What an error means while a printer is being opened.
    pub(super) fn opening(source: io::Error) -> Cause {
        match source.kind() {
            io::ErrorKind::NotFound => Cause::NotFound { source: Some(source) },
            io::ErrorKind::PermissionDenied => Cause::Permission { source },
            io::ErrorKind::ResourceBusy => Cause::Busy { source },
            _ => Cause::Connect { source },
        }
    }
}
