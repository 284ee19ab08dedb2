//! The transitions of `table.md`. Every state is named in every match, so that a new one cannot slip through unseen.

use jiff::{SignedDuration, Timestamp};

use super::{Claim, Event, Payout, PayoutState, Report};
use crate::pace;
use crate::time::plus_seconds;
use crate::{PayoutError, RefundStatus, WechatRefund};

/// Two answers "no such refund" have to lie this far apart before the refund is sent again (`product.md` 6).
const NOT_FOUND_APART: SignedDuration = SignedDuration::from_secs(2);

/// How long the backend's word that the claim is ours counts, whatever end of the claim it names.
const CONFIRMED_FOR_SECONDS: i64 = 10;

/// For so long WeChat has to deny a refund of which an earlier sending is in doubt before a refusal of a later one is
/// called its end. Sending again under the same number is harmless even if its books lag behind; "failed" is not.
pub(super) const DENIED_FOR: SignedDuration = SignedDuration::from_secs(25);

/// For so long WeChat has to deny a sending of this console's, the claim of which it has lost, before it is given up. The
/// payment's other refunds wait for as long.
const LOST_FOR: SignedDuration = SignedDuration::from_mins(10);

/// So often WeChat has to deny a refund before it is called failed or given up: a clock that is put forward once between
/// two answers leaves the others their time.
pub(super) const DENIALS: u32 = 4;

/// Why a refund that may be sent waits: another one of its payment was sent less than a minute ago.
const ONE_MINUTE: &str = "console:one_minute";

/// Why a refund that WeChat does not know is not sent: nobody has approved it here.
const APPROVAL_NEEDED: &str = "console:approval_needed";

/// How often a refund is asked about of which WeChat has not told the end for longer than any schedule.
const A_DAY_S: i64 = 86_400;

/// The longest pause between two calls that fail.
const PAUSE_CAP_SECONDS: i64 = 600;

impl Payout {
    /// What is known after `event`. An event that does not fit the state changes nothing: late and double answers are
    /// normal.
    #[must_use]
    pub fn after(&self, event: &Event, now: Timestamp) -> Payout {
        let mut next = self.clone();
        if self.clock_was_put_back(now) {
            // Instants that are still to come by the right clock would be waited for in vain: counting begins anew.
            next.next_at = next.next_at.min(now);
            next.asking_since = next.asking_since.map(|since| since.min(now));
            next.on_wire_at = next.on_wire_at.map(|at| at.min(now));
            next.forget_denials();
            // Nobody knows whether the claim is over: until the backend confirms it, nothing is sent on it.
            if let Claim::Held { until: Some(until) } = &mut next.claim {
                *until = Timestamp::UNIX_EPOCH;
            }
        }
        next.known_at = now;
        match event {
            Event::Started => next.started(now),
            Event::Resumed => next.resumed(now),
            Event::Claimed { until } => next.claimed(*until, now),
            Event::ClaimConfirmed { until, told } => {
                // So that one call may follow even if the backend names an end that is over. A reply to the decision
                // itself gets no such grace: it may be a stored one, replayed days later.
                let grace = plus_seconds(*told, CONFIRMED_FOR_SECONDS);
                next.claimed(until.map(|until| until.max(grace)), now);
            }
            Event::ClaimLost(error) => next.claim_lost(error),
            Event::ClaimLostUnlessEarlier(error) if next.claim_in_doubt => next.pause(error, now),
            Event::ClaimLostUnlessEarlier(error) => next.claim_lost(error),
            Event::BackendUnavailable { error, retry_after_s } => {
                next.pause(error, now);
                next.doubt_claim();
                let asked = i64::try_from(retry_after_s.unwrap_or(0)).unwrap_or(0).min(PAUSE_CAP_SECONDS);
                next.next_at = next.next_at.max(plus_seconds(now, asked));
            }
            Event::Spaced { until } => next.spaced(*until),
            Event::Sending => next.sending(now),
            Event::Accepted { refund_id } => next.accepted(refund_id, now),
            Event::NotSent(error) => next.not_sent(error, now),
            Event::Refused(error) => next.refused(error, now),
            Event::RefusedUnlessEarlier(error) => next.refused_unless_earlier(error, now),
            Event::Unanswered(error) => next.unanswered(error, now),
            Event::Found(refund) => next.found(refund, now),
            Event::NotFound => next.not_found(now),
            Event::QueryFailed(error) => next.query_failed(error, now),
            Event::Reported => next.reported(Report::Done, now),
            Event::ReportDropped => next.reported(Report::Dropped, now),
        }
        next
    }

    /// Whether the clock shows less than when this was written down. It happens to PCs whose clock was wrong.
    pub(super) fn clock_was_put_back(&self, now: Timestamp) -> bool {
        now < self.known_at
    }

    fn started(&mut self, now: Timestamp) {
        self.doubt_claim();
        if self.state == PayoutState::Submitting {
            self.doubt(now);
            self.next_at = now;
        }
    }

    fn resumed(&mut self, now: Timestamp) {
        let waits = match self.state {
            PayoutState::None
            | PayoutState::Ready
            | PayoutState::Unknown
            | PayoutState::Processing
            | PayoutState::Succeeded
            | PayoutState::Failed
            | PayoutState::Abnormal
            | PayoutState::Closed => true,
            // Whoever drives it is sending it at this moment; that this ended in a crash is for `Started` to say.
            PayoutState::Submitting => false,
        };
        if waits {
            self.next_at = now;
        }
    }

    /// A claim that was asked for may have been granted, and its reply was lost.
    fn doubt_claim(&mut self) {
        self.claim_in_doubt |= self.state == PayoutState::None && self.claim == Claim::Wanted;
    }

    fn claimed(&mut self, until: Option<Timestamp>, now: Timestamp) {
        self.claim_in_doubt = false;
        match self.state {
            PayoutState::None => {
                self.claim = Claim::Held { until };
                self.error = None;
                self.failures = 0;
                if self.in_doubt {
                    // Decided again after `abnormal`: the number exists at WeChat, so its state is asked for.
                    self.state = PayoutState::Unknown;
                    self.asking_since = Some(now);
                } else {
                    self.state = PayoutState::Ready;
                }
                self.next_at = now;
            }
            PayoutState::Ready
            | PayoutState::Submitting
            | PayoutState::Unknown
            | PayoutState::Processing
            | PayoutState::Succeeded
            | PayoutState::Failed
            | PayoutState::Abnormal
            | PayoutState::Closed => self.claim = Claim::Held { until },
        }
    }

    fn claim_lost(&mut self, error: &PayoutError) {
        self.claim = Claim::Lost { error: error.clone() };
        self.claim_in_doubt = false;
        match self.state {
            // Decided on again while this console's own sending was in doubt: it goes on asking, and the amount counts.
            PayoutState::None if self.in_doubt && self.submissions > 0 => {
                self.state = PayoutState::Unknown;
                // Counted from the decision, so that the questions grow seldom as always.
                self.asking_since = Some(self.next_at);
                self.error = Some(error.clone());
            }
            PayoutState::None => self.error = Some(error.clone()),
            // Nothing is in doubt: this terminal has nothing at WeChat and steps back. In doubt it goes on asking.
            PayoutState::Ready if !self.in_doubt => {
                self.state = PayoutState::None;
                self.error = Some(error.clone());
            }
            PayoutState::Ready => {
                self.state = PayoutState::Unknown;
                self.error = Some(error.clone());
            }
            PayoutState::Submitting
            | PayoutState::Unknown
            | PayoutState::Processing
            | PayoutState::Succeeded
            | PayoutState::Failed
            | PayoutState::Abnormal
            | PayoutState::Closed => {}
        }
    }

    fn spaced(&mut self, until: Timestamp) {
        if self.state == PayoutState::Ready && !self.awaits_approval {
            self.next_at = self.next_at.max(until);
            self.error = Some(word(ONE_MINUTE));
        }
    }

    fn sending(&mut self, now: Timestamp) {
        if self.state == PayoutState::Ready && !self.awaits_approval {
            self.state = PayoutState::Submitting;
            self.submissions = self.submissions.saturating_add(1);
            self.on_wire_at = Some(now);
            self.forget_denials();
            self.refusal = None;
            self.error.take_if(|error| error.code == ONE_MINUTE);
        }
    }

    fn accepted(&mut self, refund_id: &str, now: Timestamp) {
        if matches!(self.state, PayoutState::Submitting | PayoutState::Unknown) {
            self.state = PayoutState::Processing;
            self.in_doubt = false;
            self.on_wire_at = Some(now);
            self.refund_id = Some(refund_id.to_owned());
            self.error = None;
            self.failures = 0;
            self.asking_since = Some(now);
            self.next_at = pace::next_refund(now, now).unwrap_or(now);
        }
    }

    fn not_sent(&mut self, error: &PayoutError, now: Timestamp) {
        if self.state != PayoutState::Submitting {
            return;
        }
        if self.in_doubt {
            self.unanswered(error, now);
        } else {
            self.state = PayoutState::Ready;
            self.on_wire_at = None;
            self.pause(error, now);
        }
    }

    fn refused(&mut self, error: &PayoutError, now: Timestamp) {
        if self.state != PayoutState::Submitting {
            return;
        }
        if self.in_doubt {
            // A wrong key or an empty account says nothing about the sending before it.
            self.refused_unless_earlier(error, now);
        } else {
            self.end(PayoutState::Failed, now);
            self.on_wire_at = Some(now);
            self.error = Some(error.clone());
            self.refund_id = None;
        }
    }

    fn refused_unless_earlier(&mut self, error: &PayoutError, now: Timestamp) {
        if self.state == PayoutState::Submitting {
            self.doubt(now);
            self.refusal = Some(error.clone());
            self.error = Some(error.clone());
        }
    }

    fn unanswered(&mut self, error: &PayoutError, now: Timestamp) {
        if self.state == PayoutState::Submitting {
            self.doubt(now);
            self.error = Some(error.clone());
        }
    }

    fn doubt(&mut self, now: Timestamp) {
        self.state = PayoutState::Unknown;
        self.in_doubt = true;
        self.on_wire_at = Some(now);
        self.forget_denials();
        self.failures = 0;
        self.asking_since = Some(now);
        self.next_at = pace::next_refund(now, now).unwrap_or(now);
    }

    fn found(&mut self, refund: &WechatRefund, now: Timestamp) {
        if refund.out_refund_no != self.out_refund_no {
            return;
        }
        let asked = match self.state {
            PayoutState::Unknown | PayoutState::Processing | PayoutState::Submitting => true,
            // Whoever claimed it had sent it, or another terminal has.
            PayoutState::Ready => self.awaits_approval,
            PayoutState::Abnormal => return self.found_abnormal(refund, now),
            PayoutState::None | PayoutState::Succeeded | PayoutState::Failed | PayoutState::Closed => false,
        };
        if !asked {
            return;
        }
        self.forget_denials();
        self.refusal = None;
        self.failures = 0;
        self.refund_id = Some(refund.refund_id.clone());
        if refund.amount != self.amount {
            // The number exists with another amount, so it was not ours that ran. Nothing is booked; people look.
            self.error = Some(PayoutError {
                code: "console:amount_differs".to_owned(),
                text: format!("{} / {}", self.amount, refund.amount),
            });
            self.ask_later(now);
            return;
        }
        self.in_doubt = false;
        self.awaits_approval = false;
        self.error = None;
        match &refund.status {
            RefundStatus::Success => {
                self.end(PayoutState::Succeeded, now);
                self.succeeded_at = Some(refund.succeeded_at.unwrap_or(now));
            }
            RefundStatus::Change => {
                self.end(PayoutState::Abnormal, now);
                self.asking_since = Some(now);
                self.error = Some(word("CHANGE"));
            }
            RefundStatus::Close | RefundStatus::Fail => {
                self.end(PayoutState::Closed, now);
                self.error = Some(word(refund.status.as_str()));
            }
            RefundStatus::Processing => {
                self.under_way(now);
            }
            RefundStatus::Other(status) => {
                // Shown as it is, nothing is booked.
                self.under_way(now);
                self.error = Some(word(status));
            }
        }
    }

    /// Staff settle it in the merchant platform: it arrives after all, or WeChat closes it. Whatever else WeChat says, the
    /// money is still with neither, and people were told.
    fn found_abnormal(&mut self, refund: &WechatRefund, now: Timestamp) {
        self.failures = 0;
        if refund.amount != self.amount {
            return self.ask_later(now);
        }
        match &refund.status {
            RefundStatus::Success => {
                self.end(PayoutState::Succeeded, now);
                self.error = None;
                self.refund_id = Some(refund.refund_id.clone());
                self.succeeded_at = Some(refund.succeeded_at.unwrap_or(now));
            }
            RefundStatus::Close | RefundStatus::Fail => {
                self.end(PayoutState::Closed, now);
                self.error = Some(word(refund.status.as_str()));
            }
            RefundStatus::Change | RefundStatus::Processing | RefundStatus::Other(_) => self.ask_later(now),
        }
    }

    fn under_way(&mut self, now: Timestamp) {
        if self.state != PayoutState::Processing {
            self.asking_since = Some(now);
        }
        self.state = PayoutState::Processing;
        self.ask_later(now);
    }

    fn not_found(&mut self, now: Timestamp) {
        match self.state {
            PayoutState::Unknown => {}
            // WeChat said that it has it: its own books lag behind. It is never sent again.
            PayoutState::Processing | PayoutState::Abnormal => return self.ask_later(now),
            PayoutState::Ready if self.awaits_approval => {
                self.not_found_since.get_or_insert(now);
                self.denials = self.denials.saturating_add(1);
                return self.ask_later(now);
            }
            PayoutState::None
            | PayoutState::Ready
            | PayoutState::Submitting
            | PayoutState::Succeeded
            | PayoutState::Failed
            | PayoutState::Closed => return,
        }
        self.failures = 0;
        let first = *self.not_found_since.get_or_insert(now);
        self.denials = self.denials.saturating_add(1);
        let (apart, denials) = self.denied_for();
        if now.duration_since(first) < apart || self.denials < denials {
            let again = first.saturating_add(NOT_FOUND_APART).unwrap_or(now);
            if again > now {
                self.next_at = again;
            } else {
                self.ask_later(now);
            }
            return;
        }
        match (&self.claim, self.refusal.take()) {
            (Claim::Held { .. }, Some(refusal)) => {
                self.end(PayoutState::Failed, now);
                self.error = Some(refusal);
            }
            (Claim::Held { .. }, None) if self.awaits_approval => {
                self.state = PayoutState::Ready;
                self.error = Some(word(APPROVAL_NEEDED));
                self.ask_later(now);
            }
            (Claim::Held { .. }, None) => {
                self.state = PayoutState::Ready;
                // At once the first time; a gateway that never answers is not hammered.
                let pause = pace::backoff(self.submissions, PAUSE_CAP_SECONDS);
                let again = if self.submissions > 1 { now.saturating_add(pause).unwrap_or(now) } else { now };
                self.next_at = again;
            }
            // Not ours to send any more, and what was sent never arrived: this terminal steps back.
            (Claim::Lost { error }, _) => {
                self.error = Some(error.clone());
                self.state = PayoutState::None;
                self.in_doubt = false;
                self.awaits_approval = false;
                self.asking_since = None;
                self.next_at = now;
            }
            // It does not occur: what is in doubt was claimed.
            (Claim::Wanted, refusal) => {
                self.refusal = refusal;
                self.ask_later(now);
            }
        }
    }

    /// For how long, and how often, WeChat has to say that it has no such refund before that is believed.
    fn denied_for(&self) -> (SignedDuration, u32) {
        match self.claim {
            Claim::Lost { .. } => (LOST_FOR, DENIALS),
            Claim::Wanted | Claim::Held { .. } if self.refusal.is_some() && self.submissions > 1 => {
                (DENIED_FOR, DENIALS)
            }
            Claim::Wanted | Claim::Held { .. } => (NOT_FOUND_APART, 2),
        }
    }

    fn forget_denials(&mut self) {
        self.not_found_since = None;
        self.denials = 0;
    }

    fn query_failed(&mut self, error: &PayoutError, now: Timestamp) {
        match self.state {
            PayoutState::Unknown | PayoutState::Processing => {
                self.error = Some(error.clone());
                self.ask_later(now);
            }
            // What people have to do about it is still to be done; the question is asked again.
            PayoutState::Abnormal => self.ask_later(now),
            PayoutState::Ready if self.awaits_approval => self.ask_later(now),
            PayoutState::None
            | PayoutState::Ready
            | PayoutState::Submitting
            | PayoutState::Succeeded
            | PayoutState::Failed
            | PayoutState::Closed => {}
        }
    }

    fn reported(&mut self, report: Report, now: Timestamp) {
        if self.report == Report::Owed {
            self.report = report;
            self.failures = 0;
            if self.state == PayoutState::Abnormal {
                self.ask_later(now);
            }
        }
    }

    fn end(&mut self, state: PayoutState, now: Timestamp) {
        self.state = state;
        self.in_doubt = false;
        self.awaits_approval = false;
        self.failures = 0;
        self.next_at = now;
        // Only the holder of the claim may report that WeChat refused (contract R7).
        let not_ours_to_tell =
            state == PayoutState::Failed && matches!(self.claim, Claim::Lost { .. } | Claim::Wanted);
        self.report = if not_ours_to_tell { Report::Nothing } else { Report::Owed };
    }

    /// The next question by the schedule; after its end once a day, so that a refund is never forgotten.
    fn ask_later(&mut self, now: Timestamp) {
        let since = self.asking_since.unwrap_or(now);
        self.next_at = if self.state == PayoutState::Abnormal {
            pace::next_abnormal(since, now)
        } else {
            pace::next_refund(since, now).unwrap_or_else(|| plus_seconds(now, A_DAY_S))
        };
    }

    fn pause(&mut self, error: &PayoutError, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        if !self.state.is_final() {
            // At an end the error is WeChat's reason, which the backend is still to hear.
            self.error = Some(error.clone());
        }
        let pause = pace::backoff(self.failures, PAUSE_CAP_SECONDS);
        self.next_at = now.saturating_add(pause).unwrap_or(now);
    }
}

/// A status of WeChat's as an error: the words for people come from the catalogue, by code.
fn word(code: &str) -> PayoutError {
    PayoutError { code: code.to_owned(), text: String::new() }
}
