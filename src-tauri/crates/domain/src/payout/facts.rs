use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Fen, OutRefundNo, PayoutError, WechatRefund};

/// Where a payout stands on this PC. The words are those of `refunds --json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutState {
    /// Nothing was claimed yet.
    None,
    /// Claimed; nothing is at WeChat under this number as far as we know, and it may be sent.
    Ready,
    /// Being sent: written down before the first byte leaves.
    Submitting,
    /// Sent, and no usable answer came: it may or may not have happened.
    Unknown,
    /// WeChat accepted it; the money is under way.
    Processing,
    /// The money arrived.
    Succeeded,
    /// WeChat refused it for certain; there is no such refund.
    Failed,
    /// The buyer's account cannot take it: staff act in WeChat's merchant platform.
    Abnormal,
    /// WeChat closed the number, no money moved.
    Closed,
}

impl PayoutState {
    /// All states, in the order of a refund's life.
    pub const ALL: [PayoutState; 9] = [
        PayoutState::None,
        PayoutState::Ready,
        PayoutState::Submitting,
        PayoutState::Unknown,
        PayoutState::Processing,
        PayoutState::Succeeded,
        PayoutState::Failed,
        PayoutState::Abnormal,
        PayoutState::Closed,
    ];

    /// The word as stored and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            PayoutState::None => "none",
            PayoutState::Ready => "ready",
            PayoutState::Submitting => "submitting",
            PayoutState::Unknown => "unknown",
            PayoutState::Processing => "processing",
            PayoutState::Succeeded => "succeeded",
            PayoutState::Failed => "failed",
            PayoutState::Abnormal => "abnormal",
            PayoutState::Closed => "closed",
        }
    }

    /// The state for a stored word.
    pub fn from_word(word: &str) -> Option<PayoutState> {
        PayoutState::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether WeChat's last word about the number is known.
    pub fn is_final(self) -> bool {
        match self {
            PayoutState::Succeeded | PayoutState::Failed | PayoutState::Abnormal | PayoutState::Closed => {
                true
            }
            PayoutState::None
            | PayoutState::Ready
            | PayoutState::Submitting
            | PayoutState::Unknown
            | PayoutState::Processing => false,
        }
    }
}

/// Whether the backend lets this terminal pay (contract R7, step 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Claim {
    /// To be asked for, with the same Idempotency-Key until it is answered.
    Wanted,
    /// Ours; no other terminal may take over before `until`.
    Held {
        /// The claim's end by the backend's clock, if it names one.
        until: Option<Timestamp>,
    },
    /// Refused, or taken over by another terminal: this one never sends again, and only reports facts.
    Lost {
        /// Why.
        error: PayoutError,
    },
}

/// Whether the backend has been told what became of the refund (contract R7, step 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// Nothing to tell.
    Nothing,
    /// To be told, until it answers.
    Owed,
    /// Told.
    Done,
    /// The backend answered that it knows better; its state was taken over.
    Dropped,
}

/// Everything known of one payout round. It is stored whole; the database's own columns repeat what its guards need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payout {
    /// The number at WeChat, fixed before anything is sent.
    pub out_refund_no: OutRefundNo,
    /// 1 for the first number of a request; one more only after WeChat closed the number before.
    pub round: u32,
    /// What goes back.
    pub amount: Fen,
    /// The whole payment (`total_fee`), which WeChat wants to see with every refund.
    pub total: Fen,
    /// Where it stands.
    pub state: PayoutState,
    /// Whether we may send.
    pub claim: Claim,
    /// Whether the backend may have carried out an earlier claim without our knowing. What it refuses before it looks for
    /// the key (contract R4) says nothing about that one then.
    #[serde(default)]
    pub claim_in_doubt: bool,
    /// Whether an earlier sending may have been executed without our knowing.
    pub in_doubt: bool,
    /// A refusal that counts only once WeChat says twice that it has no such refund, because an earlier sending
    /// under the number may have run.
    pub refusal: Option<PayoutError>,
    /// Whether a person has to approve it here before it is sent: it was found at the backend and nobody of this shop's
    /// staff is known to have decided on it. Until then WeChat is only asked about it.
    #[serde(default)]
    pub awaits_approval: bool,
    /// How often it was sent, or may have been.
    pub submissions: u32,
    /// When it was last on the wire: its sending, or the answer to that. WeChat wants time between two refunds of one
    /// payment, counted from when it heard of the first.
    #[serde(default)]
    pub on_wire_at: Option<Timestamp>,
    /// From when the questions are counted: acceptance, or the unknown answer.
    pub asking_since: Option<Timestamp>,
    /// When WeChat first said "no such refund" since the last sending.
    pub not_found_since: Option<Timestamp>,
    /// How often it has said so since. A clock that is put forward lengthens the time between two answers, not their
    /// number.
    #[serde(default)]
    pub denials: u32,
    /// How many calls failed in a row, for the pause between them.
    pub failures: u32,
    /// When the next step is due.
    pub next_at: Timestamp,
    /// When all this was written down, by the clock of then. A clock that shows less now was put back since.
    #[serde(default = "long_ago")]
    pub known_at: Timestamp,
    /// WeChat's number.
    pub refund_id: Option<String>,
    /// When the money arrived.
    pub succeeded_at: Option<Timestamp>,
    /// The last thing that went wrong.
    pub error: Option<PayoutError>,
    /// Whether the backend knows.
    pub report: Report,
}

/// What was written down before `known_at` was kept says nothing about the clock.
fn long_ago() -> Timestamp {
    Timestamp::MIN
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Ask the backend for the claim.
    Claim,
    /// Read the request at the backend: the claim's time is over, so somebody else may pay by now.
    CheckClaim,
    /// Store [`Event::Sending`], then send the refund to WeChat.
    Submit,
    /// Ask WeChat about the number.
    Query,
    /// Tell the backend the outcome.
    Report,
    /// Nothing before this instant.
    Wait(Timestamp),
    /// Nothing more to do.
    Rest,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The program starts: a sending that was under way has an unknown end.
    Started,
    /// A person asks for it: what waits is due now.
    Resumed,
    /// The backend granted or confirmed the claim.
    Claimed {
        /// Its end.
        until: Option<Timestamp>,
    },
    /// The request was read at the backend just now, and the claim is ours.
    ClaimConfirmed {
        /// Its end.
        until: Option<Timestamp>,
        /// The time by the backend's clock.
        told: Timestamp,
    },
    /// The backend refused the claim and every earlier one of this decision, or another terminal holds it.
    ClaimLost(PayoutError),
    /// The backend refused the claim, which says nothing about an earlier one of the same decision (contract R4).
    ClaimLostUnlessEarlier(PayoutError),
    /// The backend could not be asked; nothing is known.
    BackendUnavailable {
        /// Why.
        error: PayoutError,
        /// Seconds that it asked for before the next call (`Retry-After`).
        retry_after_s: Option<u64>,
    },
    /// Another refund of the payment was on the wire less than a minute ago (`wechat-pay-v2.md` 6.4): this one waits.
    Spaced {
        /// Until when.
        until: Timestamp,
    },
    /// About to send.
    Sending,
    /// WeChat accepted the refund.
    Accepted {
        /// WeChat's number.
        refund_id: String,
    },
    /// Nothing left this PC.
    NotSent(PayoutError),
    /// WeChat refused for certain.
    Refused(PayoutError),
    /// WeChat refused this sending, which says nothing about an earlier one under the same number.
    RefusedUnlessEarlier(PayoutError),
    /// No usable answer.
    Unanswered(PayoutError),
    /// WeChat has the refund.
    Found(WechatRefund),
    /// WeChat says that it has no such refund.
    NotFound,
    /// The question had no usable answer.
    QueryFailed(PayoutError),
    /// The backend took the report.
    Reported,
    /// The backend knows better (409).
    ReportDropped,
}
