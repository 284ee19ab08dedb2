//! What people learn of a refund's way: a moment in the order's timeline for each step, an alert for each end.

use domain::payout::{Claim, Payout, PayoutState, Report};
use domain::reconcile::Alert;
use domain::time::Timestamp;
use mirror::{EffectKind, Moment, NewEffect, PayoutRow, Tx};
use serde_json::json;

use crate::people::called;

/// Notes a step in the order's timeline, and tells people of an end.
pub(crate) fn tell(
    tx: &Tx<'_>,
    before: &Payout,
    row: &PayoutRow,
    now: Timestamp,
) -> Result<(), mirror::Error> {
    let after = &row.payout;
    if before.report == Report::Owed && after.report == Report::Done {
        tx.note(&row.order_id, &moment("refund_reported", row), now)?;
    }
    if has_other_amount(after) && !has_other_amount(before) {
        tx.note(&row.order_id, &moment("refund_abnormal", row), now)?;
        return owe_alert(tx, Alert::RefundAbnormal, row, now);
    }
    if before.state == after.state && !claim_refused(before, after) {
        return Ok(());
    }
    let (kind, alert) = match after.state {
        // Where another terminal pays, the refund goes on and its state tells.
        PayoutState::None if pays_elsewhere(after) => ("refund_claim_lost", None),
        PayoutState::None => ("refund_failed", Some(Alert::RefundFailed)),
        PayoutState::Ready if before.state == PayoutState::None => ("refund_claimed", None),
        PayoutState::Ready if after.awaits_approval => {
            ("refund_needs_approval", Some(Alert::RefundRequested))
        }
        PayoutState::Ready | PayoutState::Submitting => return Ok(()),
        PayoutState::Unknown => ("refund_unknown", None),
        PayoutState::Processing => ("refund_accepted", None),
        PayoutState::Succeeded => ("refund_succeeded", Some(Alert::RefundSucceeded)),
        PayoutState::Failed => ("refund_failed", Some(Alert::RefundFailed)),
        PayoutState::Abnormal => ("refund_abnormal", Some(Alert::RefundAbnormal)),
        PayoutState::Closed => ("refund_closed", Some(Alert::RefundClosed)),
    };
    tx.note(&row.order_id, &moment(kind, row), now)?;
    alert.map_or(Ok(()), |alert| owe_alert(tx, alert, row, now))
}

fn owe_alert(tx: &Tx<'_>, alert: Alert, row: &PayoutRow, now: Timestamp) -> Result<(), mirror::Error> {
    let payout = &row.payout;
    let effect = NewEffect {
        key: format!("alert:{}:{}:{}", alert.as_str(), payout.out_refund_no, row.revision),
        kind: EffectKind::Alert,
        order_id: Some(row.order_id.clone()),
        request_id: row.request_id.clone(),
        payload: json!({ "alert": alert.as_str(), "amount": payout.amount.to_string() }),
        due_at: now,
    };
    tx.owe(&effect, now)
}

/// Whether WeChat has the number with another amount: nothing is booked, people have to look.
pub(crate) fn has_other_amount(payout: &Payout) -> bool {
    payout.error.as_ref().is_some_and(|error| error.code == "console:amount_differs")
}

pub(crate) fn pays_elsewhere(payout: &Payout) -> bool {
    payout.error.as_ref().is_some_and(|error| error.code == "state_conflict")
}

/// Whether the backend has just refused to let anybody pay: a decision of which nobody would hear otherwise. Where
/// another terminal pays, the refund goes on and its state tells.
fn claim_refused(before: &Payout, after: &Payout) -> bool {
    let lost = |payout: &Payout| matches!(payout.claim, Claim::Lost { .. });
    after.state == PayoutState::None && lost(after) && !lost(before) && !pays_elsewhere(after)
}

pub(crate) fn moment(kind: &'static str, row: &PayoutRow) -> Moment {
    let payout = &row.payout;
    Moment::with(
        kind,
        json!({
            "out_refund_no": payout.out_refund_no,
            "amount": payout.amount.to_string(),
            "actor": called(row.decision.actor.as_ref()),
            "error": payout.error,
        }),
    )
}
