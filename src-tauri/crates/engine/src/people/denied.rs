use domain::staff::{Refusal, WeakPin};
use domain::time::Timestamp;
use domain::{Fen, StaffId};
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
    /// Somebody who changes their own PIN has not typed the present one.
    #[error("the present PIN was not given")]
    PresentPinMissing,
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
    Refused(#[from] Refused),
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

/// What somebody may not do, and who may.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{refusal}")]
pub struct Refused {
    /// Why not.
    pub refusal: Refusal,
    /// The amount that would have been sent back, where it is a refund and the amount is known.
    pub asked: Option<Fen>,
    /// Who else could do it by their role and their limits, a second person still being asked for where the rules want one.
    pub able: Vec<StaffId>,
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Denied {
        Denied::Refused(Refused { refusal, asked: None, able: Vec::new() })
    }
}
