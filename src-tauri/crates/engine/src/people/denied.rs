use domain::staff::{Refusal, WeakPin};
use domain::time::Timestamp;
use thiserror::Error;

/// Somebody was not let in, or may not do what they wanted. Nothing was done and no money moved.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Denied {
    /// Staff is defined and nobody is signed in, or the PIN is not remembered any more.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The second person's sign-in was used or is too long ago.
    #[error("the second person has to sign in again")]
    SecondPersonLapsed,
    /// No PIN was given.
    #[error("no PIN was given")]
    PinMissing,
    /// The PIN is not theirs.
    #[error("the PIN is wrong")]
    PinWrong {
        /// How many more may be wrong before waiting begins.
        tries_left: u32,
        /// Until when nobody can sign in as them.
        locked_until: Option<Timestamp>,
    },
    /// Too many PINs were wrong.
    #[error("locked until {until}")]
    Locked {
        /// Until when.
        until: Timestamp,
    },
    /// Nobody has this id.
    #[error("no member of staff {id}")]
    Unknown {
        /// As asked for.
        id: String,
    },
    /// By their role or their limits.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The new PIN is not taken.
    #[error(transparent)]
    WeakPin(#[from] WeakPin),
    /// Nobody would be left who may change staff.
    #[error("no owner would be left")]
    NoOwnerLeft,
    /// The first one has to be an owner.
    #[error("the first member of staff has to be an owner")]
    FirstIsNoOwner,
    /// Ids are never given twice.
    #[error("there is a member of staff {id} already")]
    IdTaken {
        /// The id.
        id: String,
    },
    /// The name is empty, too long, or no line of text.
    #[error("that is no name")]
    NameInvalid,
    /// A limit below zero, or a PIN that would be remembered for longer than a shift.
    #[error("that is no rule")]
    RuleInvalid,
}
