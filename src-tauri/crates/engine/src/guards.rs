//! The engine's own guards of the money, by name, so that a simulation can take one away and see that it is missed.
//!
//! In the program all of them stand: without the feature there is nothing that could say otherwise.

/// A guard of the engine's. Where it stands, the code says what it keeps from happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Nothing is sent without the backend's claim.
    Claim,
    /// A sending is on disk before its first byte leaves.
    WrittenFirst,
    /// What is not known to have failed is asked for before it is sent again.
    AskedBeforeAgain,
    /// What another terminal may have sent is asked for before this one sends it.
    AskedAfterAnother,
    /// After the end of the claim the request is read before anything is sent.
    ClaimReadAgain,
    /// One refund of a payment is on the wire at a time.
    OneInFlight,
    /// A minute lies between two refunds of a payment.
    OneMinute,
    /// Each refund is driven by one task at a time.
    Turns,
    /// A claim that nobody is known to have approved here waits for a person.
    Approval,
}

/// Which guards stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Guards {
    #[cfg(feature = "guards-away")]
    missing: Option<Guard>,
}

impl Guard {
    /// All of them.
    pub const ALL: [Guard; 9] = [
        Guard::Claim,
        Guard::WrittenFirst,
        Guard::AskedBeforeAgain,
        Guard::AskedAfterAnother,
        Guard::ClaimReadAgain,
        Guard::OneInFlight,
        Guard::OneMinute,
        Guard::Turns,
        Guard::Approval,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Guard::Claim => "claim",
            Guard::WrittenFirst => "written_first",
            Guard::AskedBeforeAgain => "asked_before_again",
            Guard::AskedAfterAnother => "asked_after_another",
            Guard::ClaimReadAgain => "claim_read_again",
            Guard::OneInFlight => "one_in_flight",
            Guard::OneMinute => "one_minute",
            Guard::Turns => "turns",
            Guard::Approval => "approval",
        }
    }

    /// The guard of this word.
    pub fn from_word(word: &str) -> Option<Guard> {
        Guard::ALL.into_iter().find(|guard| guard.as_str() == word)
    }
}

impl Guards {
    /// All but one.
    #[cfg(feature = "guards-away")]
    pub fn without(guard: Guard) -> Guards {
        Guards { missing: Some(guard) }
    }

    #[cfg(feature = "guards-away")]
    pub(crate) fn stands(self, guard: Guard) -> bool {
        self.missing != Some(guard)
    }

    #[cfg(not(feature = "guards-away"))]
    pub(crate) fn stands(self, _: Guard) -> bool {
        true
    }
}
