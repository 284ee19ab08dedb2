//! What goes into the audit log, and with which particulars.
//!
//! A row is written in the transaction of the fact that it tells of. Where a decision is sent to the backend and not
//! written down as a payout first, the row comes before the sending: a decision that the backend carried out and of which
//! nobody here knows would be the worst. Its answer gets a row of its own.
//!
//! Ids, amounts, states, codes, and the reason that a staff member typed. What WeChat and the backend say in words stays
//! out, because it may name a customer.

use domain::payout::{Claim, Payout, PayoutState, Report};
use domain::staff::Signature;
use domain::time::Timestamp;
use domain::{Fen, OrderId, OutRefundNo, RefundRequest};
use mirror::{AuditKind, JobState, NewAudit, NewPrintJob, PayoutRow, PrintCause, PrintJobRow, Revision, Tx};
use serde_json::{Value, json};

use crate::desk::Approval;
use crate::hand::papers_before;
use crate::intent::Intent;
use crate::payout_news::{has_other_amount, pays_elsewhere};
use crate::people::second;
use crate::ports::{Place, SourceError};

/// A decision about a request: how the request was, and what was decided on which of its versions.
pub(crate) fn decision(
    place: &Place,
    kind: AuditKind,
    request: &RefundRequest,
    amount: Option<Fen>,
    approval: &Approval,
    actor: Option<&Signature>,
) -> NewAudit {
    let mut decided = json!({
        "amount_fen": amount, "reason": approval.reason, "version": request.version, "seen": approval.seen,
    });
    add_second(&mut decided, actor);
    NewAudit::new(kind, &place.terminal)
        .by(id(actor))
        .order(&request.order_id)
        .request(Some(&request.id))
        .from(standing(request))
        .to(decided)
}

/// An approval that this console pays out: the decision, the number that it goes out under, and what was there before.
pub(crate) fn approved(
    place: &Place,
    request: &RefundRequest,
    known: Option<&PayoutRow>,
    intent: &Intent,
    approval: &Approval,
) -> NewAudit {
    let (kind, amount) = (AuditKind::RefundApproved, Some(intent.amount));
    let audit = decision(place, kind, request, amount, approval, intent.actor.as_ref());
    let before = json!({
        "state": request.state.as_str(), "version": request.version,
        "payout": known.map(|row| row.payout.state.as_str()),
        "amount_fen": known.map(|row| row.payout.amount),
    });
    audit.refund(Some(&intent.out_refund_no)).from(before)
}

/// A refund that the shop starts. `payout` is the one that this console pays, if it pays it.
pub(crate) fn started(
    place: &Place,
    (order, version): (&OrderId, u64),
    payout: Option<&OutRefundNo>,
    amount: Fen,
    (reason, actor): (&str, Option<&Signature>),
    seen: Option<Revision>,
) -> NewAudit {
    let mut wished = json!({ "amount_fen": amount, "reason": reason, "version": version, "seen": seen });
    add_second(&mut wished, actor);
    NewAudit::new(AuditKind::RefundStarted, &place.terminal)
        .by(id(actor))
        .order(order)
        .refund(payout)
        .to(wished)
}

/// Whoever agreed, where a second person did.
fn add_second(decided: &mut Value, actor: Option<&Signature>) {
    if let (Some(second), Value::Object(members)) = (second(actor), decided) {
        members.insert("second".to_owned(), Value::String(second.id.clone()));
    }
}

fn id(actor: Option<&Signature>) -> Option<&str> {
    actor.map(|actor| actor.id.as_str())
}

/// The backend's answer to a decision that is its own to carry out.
pub(crate) fn answered(decision: &NewAudit, answer: Result<&RefundRequest, &SourceError>) -> NewAudit {
    let audit = NewAudit { kind: AuditKind::DecisionAnswered, before: None, ..decision.clone() };
    match answer {
        Ok(request) => audit.request(Some(&request.id)).to(standing(request)),
        Err(error) => audit.to(json!({ "error": error.code, "problem": error.problem })),
    }
}

fn standing(request: &RefundRequest) -> Value {
    json!({ "state": request.state.as_str(), "version": request.version })
}

/// Writes a payout's row: how it was, and how it is.
pub(crate) fn of_payout(
    tx: &Tx<'_>,
    place: &Place,
    kind: AuditKind,
    before: Option<&Payout>,
    row: &PayoutRow,
    now: Timestamp,
) -> Result<(), mirror::Error> {
    let audit = NewAudit::new(kind, &place.terminal)
        .by(id(row.decision.actor.as_ref()))
        .order(&row.order_id)
        .request(row.request_id.as_ref())
        .refund(Some(&row.payout.out_refund_no))
        .to(facts(&row.payout));
    let audit = match before {
        Some(before) => audit.from(facts(before)),
        None => audit,
    };
    tx.audit(&audit, now).map(drop)
}

fn facts(payout: &Payout) -> Value {
    json!({
        "payout": payout.state.as_str(),
        "amount_fen": payout.amount,
        "submissions": payout.submissions,
        "refund_id": payout.refund_id,
        "error": payout.error.as_ref().map(|error| &error.code),
    })
}

/// Writes down whatever a payout's step came to; nothing where it stands as it stood.
pub(crate) fn stepped(
    tx: &Tx<'_>,
    place: &Place,
    before: &Payout,
    row: &PayoutRow,
    now: Timestamp,
) -> Result<(), mirror::Error> {
    let after = &row.payout;
    if let Some(kind) = kind_of_step(before, after) {
        of_payout(tx, place, kind, Some(before), row, now)?;
    }
    if before.report == Report::Owed && matches!(after.report, Report::Done | Report::Dropped) {
        let kept = after.report == Report::Done;
        let audit = NewAudit::new(AuditKind::RefundReported, &place.terminal)
            .by(id(row.decision.actor.as_ref()))
            .order(&row.order_id)
            .request(row.request_id.as_ref())
            .refund(Some(&after.out_refund_no))
            .to(json!({ "payout": after.state.as_str(), "taken": kept }));
        tx.audit(&audit, now)?;
    }
    Ok(())
}

fn kind_of_step(before: &Payout, after: &Payout) -> Option<AuditKind> {
    let lost = |payout: &Payout| matches!(payout.claim, Claim::Lost { .. });
    if lost(after) && !lost(before) {
        return Some(AuditKind::RefundClaimLost);
    }
    if has_other_amount(after) && !has_other_amount(before) {
        return Some(AuditKind::RefundAbnormal);
    }
    if before.state == after.state {
        return None;
    }
    match after.state {
        PayoutState::None if pays_elsewhere(after) => Some(AuditKind::RefundClaimLost),
        PayoutState::None => Some(AuditKind::RefundFailed),
        PayoutState::Ready if before.state == PayoutState::None => Some(AuditKind::RefundClaimed),
        PayoutState::Ready => Some(AuditKind::RefundNotSent),
        PayoutState::Submitting => Some(AuditKind::RefundSubmitted),
        PayoutState::Unknown => Some(AuditKind::RefundUnknown),
        PayoutState::Processing => Some(AuditKind::RefundAccepted),
        PayoutState::Succeeded => Some(AuditKind::RefundSucceeded),
        PayoutState::Failed => Some(AuditKind::RefundFailed),
        PayoutState::Abnormal => Some(AuditKind::RefundAbnormal),
        PayoutState::Closed => Some(AuditKind::RefundClosed),
    }
}

/// Queues a ticket, and writes down who wanted it; nothing where its cause was queued before.
pub(crate) fn queue(
    tx: &Tx<'_>,
    place: &Place,
    job: &NewPrintJob,
    actor: Option<&str>,
    now: Timestamp,
) -> Result<(), mirror::Error> {
    let Some(id) = tx.queue_print_job(job, now)? else { return Ok(()) };
    let before = match job.cause {
        PrintCause::Rule => 0,
        PrintCause::Hand => tx.print_job(id)?.map_or(Ok(0), |row| papers_before(tx, &row))?,
    };
    let kind = if before > 0 { AuditKind::ReprintQueued } else { AuditKind::PrintQueued };
    let audit = paper(place, kind, id, job).by(actor);
    let wanted = json!({
        "job": id, "template": job.template, "printer": job.target, "copy": job.copy, "proof": job.proof,
        "by_hand": job.cause == PrintCause::Hand, "papers_before": before,
    });
    tx.audit(&audit.to(wanted), now).map(drop)
}

/// Keeps how a ticket ended, and writes it down.
pub(crate) fn end_paper(
    tx: &Tx<'_>,
    place: &Place,
    job: &PrintJobRow,
    (state, bytes): (JobState, u64),
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), mirror::Error> {
    tx.end_print_job(job.id, state, bytes, error, now)?;
    let kind = match state {
        JobState::Sent | JobState::Confirmed => AuditKind::Printed,
        JobState::FailedBeforeStart if error == Some(mirror::NOT_WANTED) => AuditKind::PrintDropped,
        JobState::Elsewhere => AuditKind::PrintDropped,
        JobState::FailedBeforeStart | JobState::Unknown => AuditKind::PrintFailed,
        // No ends.
        JobState::Queued | JobState::Sending => return Ok(()),
    };
    let ended = json!({
        "job": job.id, "state": state.as_str(), "bytes": bytes, "error": error, "reprint": job.reprint,
    });
    tx.audit(&paper(place, kind, job.id, &job.job).to(ended), now).map(drop)
}

/// A row about a ticket.
pub(crate) fn paper(place: &Place, kind: AuditKind, id: i64, job: &NewPrintJob) -> NewAudit {
    NewAudit::new(kind, &place.terminal)
        .order(&job.order_id)
        .refund(job.out_refund_no.as_ref())
        .to(json!({ "job": id, "template": job.template }))
}
