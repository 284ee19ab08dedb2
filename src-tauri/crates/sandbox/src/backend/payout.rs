//! Reports of what became of a refund at WeChat (contract R7, table of reports).

use domain::{BackendPayoutState, Fen, RefundState, time};
use merchant_api::wire::{ChangeReason, PayoutReport, ProblemCode, RefundRequest, ReportedState};

use super::problem::{self, Refused};
use super::{Backend, CLAIM_S, Call, Reply};

/// What a report does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It is news.
    News,
    /// It is known already: 200, and nothing changes.
    Same,
    /// It contradicts what is known: 409.
    Conflict,
}

/// The table of R7: what a report does after what is known.
fn effect(known: &BackendPayoutState, reported: ReportedState) -> Effect {
    use BackendPayoutState as Known;
    use ReportedState as Report;
    match (known, reported) {
        (Known::Processing, _) => Effect::News,
        (Known::Failed, Report::Failed)
        | (Known::Abnormal, Report::Abnormal)
        | (Known::Closed, Report::Closed)
        | (Known::Success, Report::Success) => Effect::Same,
        (Known::Failed, Report::Processing | Report::Success | Report::Closed | Report::Abnormal)
        | (Known::Abnormal, Report::Processing | Report::Success | Report::Closed)
        | (Known::Closed, Report::Success) => Effect::News,
        (Known::Abnormal, Report::Failed)
        | (Known::Closed, Report::Processing | Report::Abnormal | Report::Failed)
        | (Known::Success, Report::Processing | Report::Closed | Report::Abnormal | Report::Failed)
        | (Known::None | Known::Other(_), _) => Effect::Conflict,
    }
}

impl Backend {
    pub(super) fn report_payout(&self, id: &str, call: &Call) -> Result<Reply, Refused> {
        let report: PayoutReport = call.read()?;
        check_shape(&report)?;
        let mut store = self.store();
        let request = store.request(id).ok_or_else(problem::not_found)?;
        let payout = &request.payout;
        if payout.refund_no.as_ref() != Some(&report.refund_no) {
            return Err(problem::refund_conflict(request, "退款单号与当前打款不一致"));
        }
        let effect = effect(&payout.state, report.state);
        let from_holder = payout.terminal.as_ref() == Some(&call.terminal);
        let stranger_failed = report.state == ReportedState::Failed && !from_holder;
        if effect == Effect::Conflict || (stranger_failed && effect == Effect::News) {
            return Err(problem::refund_conflict(request, "该打款结果与已知结果冲突"));
        }
        if payout.amount_fen != Some(report.amount_fen) {
            let title = "退款金额与打款金额不一致";
            return Err(problem::unprocessable(ProblemCode::AmountMismatch, "amount_fen", title));
        }
        let repeats = payout.state == BackendPayoutState::Processing
            && report.state == ReportedState::Processing
            && !from_holder
            && payout.error == report.error;
        if effect == Effect::Same || repeats {
            return Ok(Reply::versioned(request, request.version));
        }
        let succeeded = report.state == ReportedState::Success;
        let reason = if succeeded { ChangeReason::Refunded } else { ChangeReason::RefundChanged };
        let moves_claim = (from_holder && report.state == ReportedState::Processing)
            .then(|| time::plus_seconds(call.now, CLAIM_S));
        let amount = report.amount_fen;
        let changed = store.change_request_and_order(
            id,
            reason,
            call.now,
            |request| apply(request, report, moves_claim),
            |order| {
                if succeeded {
                    let sum: Fen = [order.amounts.refunded_fen, amount].into_iter().sum();
                    order.amounts.refunded_fen = sum;
                }
            },
        );
        let request = changed.ok_or_else(problem::not_found)?;
        Ok(Reply::versioned(&request, request.version))
    }
}

fn apply(request: &mut RefundRequest, report: PayoutReport, claim_until: Option<domain::time::Timestamp>) {
    let rejected = request.state == RefundState::Rejected;
    let (payout, state) = match report.state {
        ReportedState::Processing => (BackendPayoutState::Processing, Some(RefundState::Processing)),
        ReportedState::Success => (BackendPayoutState::Success, Some(RefundState::Succeeded)),
        ReportedState::Abnormal => (BackendPayoutState::Abnormal, Some(RefundState::Failed)),
        // No money moved: a rejection made meanwhile stands.
        ReportedState::Closed => (BackendPayoutState::Closed, (!rejected).then_some(RefundState::Failed)),
        ReportedState::Failed => (BackendPayoutState::Failed, (!rejected).then_some(RefundState::Failed)),
    };
    request.payout.state = payout;
    if let Some(state) = state {
        request.state = state;
    }
    if report.state == ReportedState::Processing {
        request.payout.claim_until = claim_until.or(request.payout.claim_until);
    } else {
        request.payout.claim_until = None;
    }
    if report.refund_id.is_some() {
        request.payout.refund_id = report.refund_id;
    }
    request.payout.succeeded_at = report.succeeded_at;
    request.payout.error = report.error;
}

fn check_shape(report: &PayoutReport) -> Result<(), Refused> {
    let missing = |field: &str| Err(problem::invalid(field, "缺少该字段"));
    if !report.amount_fen.is_positive() || report.amount_fen > Fen::CONTRACT_MAX {
        return Err(problem::invalid("amount_fen", "须为正整数"));
    }
    match report.state {
        ReportedState::Success if report.refund_id.is_none() => missing("refund_id"),
        ReportedState::Success if report.succeeded_at.is_none() => missing("succeeded_at"),
        ReportedState::Failed if report.error.is_none() => missing("error"),
        ReportedState::Success
        | ReportedState::Failed
        | ReportedState::Processing
        | ReportedState::Closed
        | ReportedState::Abnormal => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as `merchant-api.yaml` prints it, row by row: processing, success, closed, abnormal, failed.
    #[test]
    fn reports_follow_the_table_of_the_contract() {
        use BackendPayoutState as Known;
        use Effect::{Conflict as No, News as Ok, Same};
        let reports = [
            ReportedState::Processing,
            ReportedState::Success,
            ReportedState::Closed,
            ReportedState::Abnormal,
            ReportedState::Failed,
        ];
        for (known, row) in [
            (Known::Processing, [Ok, Ok, Ok, Ok, Ok]),
            (Known::Failed, [Ok, Ok, Ok, Ok, Same]),
            (Known::Abnormal, [Ok, Ok, Ok, Same, No]),
            (Known::Closed, [No, Ok, Same, No, No]),
            (Known::Success, [No, Same, No, No, No]),
            (Known::None, [No; 5]),
        ] {
            assert_eq!(reports.map(|report| effect(&known, report)), row, "after {known:?}");
        }
    }
}
