//! How a payout begins, and when a person may decide on it once more.

use jiff::Timestamp;

use super::table::{DENIALS, DENIED_FOR};
use super::{Claim, Payout, PayoutState, Report};
use crate::pace;
use crate::time::plus_seconds;
use crate::{Fen, OutRefundNo, PayoutError};

/// A backend that was told of a failure and says that the refund is under way hears of it again after this pause.
const TOLD_AGAIN_AFTER_S: i64 = 60;

/// Why a refund failed that waited for an approval: somebody refused it.
const GIVEN_UP: &str = "console:given_up";

/// Whether a payout that was found needs a person's approval before it may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Staff is defined, so somebody has to decide.
    Needed,
    /// Nobody is defined: whoever sits at the PC is the owner, whose decision the claim was.
    NotNeeded,
}

impl Payout {
    /// A payout that a person has just decided on: nothing is claimed or sent.
    pub fn wanted(out_refund_no: OutRefundNo, round: u32, amount: Fen, total: Fen, now: Timestamp) -> Payout {
        Payout {
            out_refund_no,
            round,
            amount,
            total,
            state: PayoutState::None,
            claim: Claim::Wanted,
            claim_in_doubt: false,
            in_doubt: false,
            refusal: None,
            awaits_approval: false,
            submissions: 0,
            on_wire_at: None,
            asking_since: None,
            not_found_since: None,
            denials: 0,
            failures: 0,
            next_at: now,
            known_at: now,
            refund_id: None,
            succeeded_at: None,
            error: None,
            report: Report::Nothing,
        }
    }

    /// A claim found at the backend in this terminal's name with no record here (a lost database): whether it was ever
    /// sent is not known, so WeChat is asked first, and one sending is taken as made.
    ///
    /// Where staff is defined, a person has to approve it here before this console sends: who decided was lost with the
    /// record, and a claim at the backend proves no decision of anybody who may decide.
    pub fn recovered(
        out_refund_no: OutRefundNo,
        round: u32,
        amount: Fen,
        total: Fen,
        claim_until: Option<Timestamp>,
        approval: Approval,
        now: Timestamp,
    ) -> Payout {
        Payout {
            state: PayoutState::Unknown,
            claim: Claim::Held { until: claim_until },
            in_doubt: true,
            awaits_approval: approval == Approval::Needed,
            submissions: 1,
            asking_since: Some(now),
            ..Payout::wanted(out_refund_no, round, amount, total, now)
        }
    }

    /// A claim that the backend says is ours, under a number of which this console holds that it is not (a backend restored
    /// from a backup, or an answer that did not come). What was never told to the backend is asked for at WeChat, and waits
    /// for a person in any case: whoever decided on it was told that it had not been paid. What was is told again.
    pub fn claimed_after_all(
        &self,
        amount: Fen,
        claim_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Payout> {
        let untold = match self.state {
            PayoutState::None => matches!(self.claim, Claim::Lost { .. }),
            PayoutState::Failed => self.report == Report::Nothing,
            PayoutState::Ready
            | PayoutState::Submitting
            | PayoutState::Unknown
            | PayoutState::Processing
            | PayoutState::Succeeded
            | PayoutState::Abnormal
            | PayoutState::Closed => false,
        };
        if untold {
            let number = self.out_refund_no.clone();
            let found =
                Payout::recovered(number, self.round, amount, self.total, claim_until, Approval::Needed, now);
            return Some(Payout {
                submissions: self.submissions.max(1),
                on_wire_at: self.on_wire_at,
                ..found
            });
        }
        let told = matches!(self.report, Report::Done | Report::Dropped);
        (self.state == PayoutState::Failed && told).then(|| Payout {
            report: Report::Owed,
            next_at: plus_seconds(now, TOLD_AGAIN_AFTER_S),
            ..self.clone()
        })
    }

    /// What waits for an approval that nobody gives: it fails, and the backend is told. Only once WeChat has denied it for as
    /// long as it takes to call a refund failed.
    pub fn given_up(&self, now: Timestamp) -> Option<Payout> {
        let denied = self.not_found_since.is_some_and(|since| now.duration_since(since) >= DENIED_FOR)
            && self.denials >= DENIALS;
        (self.state == PayoutState::Ready && self.awaits_approval && denied).then(|| Payout {
            state: PayoutState::Failed,
            in_doubt: false,
            awaits_approval: false,
            failures: 0,
            next_at: now,
            error: Some(PayoutError { code: GIVEN_UP.to_owned(), text: String::new() }),
            report: Report::Owed,
            ..self.clone()
        })
    }

    /// The same number decided on once more, as the contract's table of rounds allows after `failed` (the amount may
    /// change: WeChat has no such refund) and after `abnormal` (it may not).
    pub fn wanted_again(&self, amount: Fen, now: Timestamp) -> Option<Payout> {
        let again = match self.state {
            PayoutState::Failed => true,
            PayoutState::Abnormal => amount == self.amount,
            // A claim that was refused left nothing behind; the decision may be made again.
            PayoutState::None => matches!(self.claim, Claim::Lost { .. }),
            // The claim went to another terminal while the end was unknown: it may be taken back with the same amount.
            // So may one that waits for this very decision.
            PayoutState::Unknown => {
                (matches!(self.claim, Claim::Lost { .. }) || self.awaits_approval) && amount == self.amount
            }
            PayoutState::Ready => self.awaits_approval && amount == self.amount,
            PayoutState::Submitting
            | PayoutState::Processing
            | PayoutState::Succeeded
            | PayoutState::Closed => false,
        };
        again.then(|| Payout {
            in_doubt: self.in_doubt || self.state == PayoutState::Abnormal,
            submissions: self.submissions,
            on_wire_at: self.on_wire_at,
            ..Payout::wanted(self.out_refund_no.clone(), self.round, amount, self.total, now)
        })
    }

    /// The same number after the backend heard from another terminal that WeChat closed it. Only where nothing of this
    /// console's can be at WeChat: otherwise WeChat itself has to say so.
    pub fn closed_elsewhere(&self) -> Option<Payout> {
        let nothing_here = match self.state {
            PayoutState::None => matches!(self.claim, Claim::Lost { .. }),
            PayoutState::Failed => true,
            PayoutState::Ready
            | PayoutState::Submitting
            | PayoutState::Unknown
            | PayoutState::Processing
            | PayoutState::Succeeded
            | PayoutState::Abnormal
            | PayoutState::Closed => false,
        };
        nothing_here.then(|| Payout { state: PayoutState::Closed, ..self.clone() })
    }

    /// From when it may be sent, by WeChat's rule of one minute between two refunds of a payment; `None`: now. `others` are
    /// the payment's payouts. One that was on the wire later than now was so by a clock that ran ahead: how long ago is
    /// not known, and WeChat itself refuses what comes too early.
    pub fn spaced_until<'a>(
        &self,
        others: impl IntoIterator<Item = &'a Payout>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        others
            .into_iter()
            .filter(|other| other.out_refund_no != self.out_refund_no)
            .filter_map(|other| other.on_wire_at)
            .filter(|at| *at <= now)
            .map(|at| plus_seconds(at, pace::BETWEEN_REFUNDS_S))
            .filter(|until| *until > now)
            .max()
    }

    /// Whether the sum of what may have gone back has to count this payout's amount.
    pub fn counts(&self) -> bool {
        match self.state {
            PayoutState::None => !matches!(self.claim, Claim::Lost { .. }),
            PayoutState::Ready
            | PayoutState::Submitting
            | PayoutState::Unknown
            | PayoutState::Processing
            | PayoutState::Succeeded
            | PayoutState::Abnormal => true,
            PayoutState::Failed | PayoutState::Closed => false,
        }
    }
}
