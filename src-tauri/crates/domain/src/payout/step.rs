//! What is to be done in each state: the second half of the table in `table.md`.

use jiff::Timestamp;

use super::{Claim, Payout, PayoutState, Report, Step};
use crate::time::plus_seconds;

/// The backend tells its time in whole seconds, and its answer was under way: so many seconds more its clock may show.
const TOLD_TO_S: i64 = 2;

impl Payout {
    /// What to do at `now`, when the backend's clock shows `told`.
    pub fn next_step(&self, now: Timestamp, told: Timestamp) -> Step {
        let due = |step| {
            if self.next_at <= now || self.clock_was_put_back(now) { step } else { Step::Wait(self.next_at) }
        };
        match self.state {
            PayoutState::None => match &self.claim {
                Claim::Wanted => due(Step::Claim),
                // Held without Ready does not occur; asking again is harmless, the key is the same.
                Claim::Held { .. } => due(Step::Claim),
                Claim::Lost { .. } => Step::Rest,
            },
            // It waits for a person; somebody else may have sent it meanwhile, or holds the claim by now.
            PayoutState::Ready if self.awaits_approval => {
                due(if self.claim_is_over(told) { Step::CheckClaim } else { Step::Query })
            }
            PayoutState::Ready => match &self.claim {
                Claim::Wanted => due(Step::Claim),
                // By a clock that was put back nobody knows whether the claim is over.
                Claim::Held { until: Some(_) }
                    if self.claim_is_over(told) || self.clock_was_put_back(now) =>
                {
                    due(Step::CheckClaim)
                }
                // A payout once in doubt is asked for right before it is sent again.
                Claim::Held { .. } => due(Step::Submit),
                Claim::Lost { .. } => Step::Rest,
            },
            // Only a crash leaves this state to be asked about; `Started` turns it into Unknown.
            PayoutState::Submitting => Step::Rest,
            PayoutState::Unknown | PayoutState::Processing => due(Step::Query),
            PayoutState::Succeeded | PayoutState::Failed | PayoutState::Abnormal | PayoutState::Closed => {
                match self.report {
                    Report::Owed => due(Step::Report),
                    // Staff settle it in WeChat's merchant platform, which tells nobody: it is asked about, seldom.
                    Report::Nothing | Report::Done | Report::Dropped
                        if self.state == PayoutState::Abnormal =>
                    {
                        due(Step::Query)
                    }
                    Report::Nothing | Report::Done | Report::Dropped => Step::Rest,
                }
            }
        }
    }
    /// Whether another terminal may hold the claim by now.
    fn claim_is_over(&self, told: Timestamp) -> bool {
        match self.claim {
            Claim::Held { until: Some(until) } => until <= plus_seconds(told, TOLD_TO_S),
            Claim::Wanted | Claim::Held { until: None } | Claim::Lost { .. } => false,
        }
    }
}
