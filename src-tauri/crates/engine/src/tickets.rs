//! Paper. At most once by itself: a job is written down as being sent before its first byte, and one that was being sent
//! when the program ended is in doubt until people decide (`printing.md` section 8).

use std::collections::HashSet;
use std::time::Duration;

use domain::reconcile::{Alert, TicketProof};
use domain::time::Timestamp;
use domain::verify::Verified;
use domain::{OrderId, pace};
use jiff::SignedDuration;
use mirror::{
    AuditKind, EffectKind, EffectRow, EffectState, JobState, Moment, NOT_WANTED, NewEffect, NewPrintJob,
    OrderRow, PayoutRow, PrintCause, PrintJobRow, Tx,
};
use serde_json::json;
use tokio::task::JoinSet;

use crate::audit;
use crate::engine::{Event, TicketRule, Tickets, ticket_key};
use crate::hand::{papers_before, proof_by_hand};
use crate::ports::{Place, PrintError, Printed, RefundSlip, Ticket, TicketClaim};
use crate::{Engine, Error};

/// A ticket that waited longer than this is no news any more: it is printed only if the owner wants missed ones.
const STALE_AFTER: SignedDuration = SignedDuration::from_hours(2);

/// How long the backend may take to say whether another terminal prints the ticket (`shop-backends.md` B.4.10).
const CLAIM_WITHIN: Duration = Duration::from_secs(5);

/// How long another terminal's claim on a ticket lasts (contract R8), and a little more.
const CLAIM_LASTS: SignedDuration = SignedDuration::from_secs(62);

/// The longest pause before a printer that took nothing is tried again.
const PAUSE_CAP_SECONDS: i64 = 30;

impl Engine {
    /// Turns what an earlier process was sending into doubts.
    pub(crate) async fn recover_tickets(&self) -> Result<(), Error> {
        let (now, place) = (self.now(), self.parts.place.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                for job in tx.interrupted_print_jobs()? {
                    let end = (JobState::Unknown, job.bytes_sent);
                    audit::end_paper(tx, &place, &job, end, Some("ticket_in_doubt"), now)?;
                    owe_trouble(tx, &job, Alert::TicketInDoubt, now)?;
                }
                Ok(())
            })
            .await
    }

    /// Prints whatever is owed, for ever: one ticket at a time on each printer.
    pub(crate) async fn keep_printing(&self) -> Result<(), Error> {
        let mut changes = self.parts.mirror.changes();
        // Also when this starts again after a fault: what was being sent then is in doubt.
        self.recover_tickets().await?;
        let mut printing: JoinSet<(String, Result<(), Error>)> = JoinSet::new();
        let mut busy: HashSet<String> = HashSet::new();
        loop {
            changes.borrow_and_update();
            self.queue_tickets().await?;
            let now = self.now();
            let (due, next_job, next_effect) = self
                .parts
                .mirror
                .read::<_, Error>(move |view| {
                    Ok((
                        view.due_print_jobs(now, 200)?,
                        view.next_print_job()?,
                        view.next_effect(EffectKind::Ticket)?,
                    ))
                })
                .await?;
            for job in due {
                if busy.insert(job.job.target.clone()) {
                    let engine = self.clone();
                    printing.spawn(async move { (job.job.target.clone(), engine.print_one(job).await) });
                }
            }
            let next = next_job.into_iter().chain(next_effect).filter(|at| *at > now).min();
            tokio::select! {
                biased;
                changed = changes.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                }
                Some(done) = printing.join_next() => {
                    let (target, outcome) = done.map_err(|_| Error::Panicked)?;
                    busy.remove(&target);
                    outcome?;
                }
                () = self.pause_until(next) => {}
            }
        }
    }

    /// Turns owed tickets into jobs by the owner's rules.
    async fn queue_tickets(&self) -> Result<(), Error> {
        let now = self.now();
        let due = self
            .parts
            .mirror
            .read::<_, Error>(move |view| Ok(view.due_effects(EffectKind::Ticket, now, 200)?))
            .await?;
        for effect in due {
            let (tickets, place) = (self.tickets(), self.parts.place.clone());
            let queue = move |tx: &Tx<'_>| queue_one(tx, &place, &effect, &tickets, now);
            self.parts.mirror.write::<_, Error>(queue).await?;
        }
        Ok(())
    }

    async fn print_one(&self, job: PrintJobRow) -> Result<(), Error> {
        let claim = self.claim_paper(&job).await?;
        if let Paper::Elsewhere | Paper::ElsewhereForNow = claim {
            let (now, place) = (self.now(), self.parts.place.clone());
            return self
                .parts
                .mirror
                .write::<_, Error>(move |tx| {
                    if claim == Paper::Elsewhere {
                        audit::end_paper(tx, &place, &job, (JobState::Elsewhere, 0), None, now)?;
                    } else {
                        // If the other terminal does not get it out before its claim ends, this one helps.
                        let again = now.saturating_add(CLAIM_LASTS).unwrap_or(now);
                        tx.requeue_print_job(job.id, again, Some("ticket_claimed"), now)?;
                    }
                    Ok(())
                })
                .await;
        }
        let (now, place) = (self.now(), self.parts.place.clone());
        let id = job.id;
        let tickets = self.tickets();
        let started = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                // Read again: the ticket may have been withdrawn while its paper was claimed.
                let jobs = tx.print_jobs_of_order(&job.job.order_id)?;
                let Some(mut job) =
                    jobs.into_iter().find(|job| job.id == id && job.state == JobState::Queued)
                else {
                    return Ok(None);
                };
                let order = tx.order(&job.job.order_id)?;
                let refund = match &job.job.out_refund_no {
                    Some(number) => match tx.payout_by_out_refund_no(number)? {
                        Some(row) => slip(tx, row)?,
                        None => None,
                    },
                    None => None,
                };
                let complete = job.job.out_refund_no.is_none() || refund.is_some();
                let unstarted = (JobState::FailedBeforeStart, 0);
                let Some(order) = order.filter(|_| complete) else {
                    audit::end_paper(tx, &place, &job, unstarted, Some("order_not_found"), now)?;
                    return Ok(None);
                };
                job.job.proof = match proof_now(&job, &order, &tickets, now) {
                    Ok(proof) => proof,
                    Err(code) => {
                        audit::end_paper(tx, &place, &job, unstarted, Some(code), now)?;
                        return Ok(None);
                    }
                };
                job.reprint = papers_before(tx, &job)?;
                tx.start_print_job(id, job.reprint, now)?;
                Ok(Some((job, order, refund)))
            })
            .await?;
        let Some((job, order, refund)) = started else { return Ok(()) };
        let ticket = Ticket {
            order: order.order,
            refund,
            template: job.job.template.clone(),
            target: job.job.target.clone(),
            width_mm: job.job.width_mm,
            proof: job.job.proof,
            possible_duplicate: claim == Paper::PossibleDuplicate,
            reprint: job.reprint,
            job: job.id,
            printed_at: now,
        };
        let outcome = self.parts.printer.print(&ticket).await;
        let number = ticket.order.number;
        let template = job.job.template.clone();
        let printed = outcome.is_ok();
        let (now, place) = (self.now(), self.parts.place.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| match outcome {
                Ok(printed) => keep_printed(tx, &place, &job, &printed, now),
                Err(error) => keep_failed(tx, &place, &job, &error, now),
            })
            .await?;
        if printed {
            self.hear(Event::Printed { number, template });
        }
        Ok(())
    }

    /// Makes sure that no other terminal prints the same ticket, where the backend can tell (contract R8).
    async fn claim_paper(&self, job: &PrintJobRow) -> Result<Paper, Error> {
        // Who asks for this paper gets it, whatever other terminals do.
        let unclaimed = job.job.out_refund_no.is_some() || job.job.cause == PrintCause::Hand;
        if unclaimed || !self.capabilities().await.is_ok_and(|known| known.print_claim) {
            return Ok(Paper::Ours);
        }
        let id = job.job.order_id.clone();
        let jobs = self.parts.mirror.read::<_, Error>(move |view| Ok(view.print_jobs_of_order(&id)?)).await?;
        if let Some(known) = known_claim(job, &jobs) {
            return Ok(known);
        }
        let ticket = ticket_name(&job.job.template);
        let answer =
            tokio::time::timeout(CLAIM_WITHIN, self.parts.source.claim_ticket(&job.job.order_id, ticket))
                .await;
        Ok(match answer {
            Ok(Ok(TicketClaim::Elsewhere)) => Paper::Elsewhere,
            Ok(Ok(TicketClaim::ElsewhereForNow)) => Paper::ElsewhereForNow,
            Ok(Ok(TicketClaim::Ours { claims })) if claims > 1 => Paper::PossibleDuplicate,
            Ok(Ok(TicketClaim::Ours { .. })) => Paper::Ours,
            // A missing ticket is worse than a double one; it says that it may be one.
            Ok(Err(error)) if error.is_transient() => Paper::PossibleDuplicate,
            Err(_) => Paper::PossibleDuplicate,
            Ok(Err(_)) => Paper::Ours,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paper {
    Ours,
    PossibleDuplicate,
    Elsewhere,
    ElsewhereForNow,
}

/// Whose the ticket is, if another copy or another printer of it has found out: the claim is the ticket's, and once it is
/// reported as printed nobody may claim it any more, its own terminal included.
fn known_claim(job: &PrintJobRow, jobs: &[PrintJobRow]) -> Option<Paper> {
    let others = || {
        jobs.iter().filter(|other| {
            other.id != job.id
                && other.job.template == job.job.template
                && other.job.out_refund_no.is_none()
                && other.job.cause == PrintCause::Rule
        })
    };
    let begun = |state| match state {
        JobState::Sending | JobState::Sent | JobState::Confirmed | JobState::Unknown => true,
        JobState::Queued | JobState::FailedBeforeStart | JobState::Elsewhere => false,
    };
    if others().any(|other| begun(other.state)) {
        Some(Paper::Ours)
    } else {
        others().any(|other| other.state == JobState::Elsewhere).then_some(Paper::Elsewhere)
    }
}

/// The contract's name for the paper of a template.
fn ticket_name(template: &str) -> &str {
    match template {
        "merchant" => "order",
        other => other,
    }
}

fn queue_one(
    tx: &Tx<'_>,
    place: &Place,
    effect: &EffectRow,
    tickets: &Tickets,
    now: Timestamp,
) -> Result<(), Error> {
    let proof: Option<TicketProof> =
        effect.payload.get("proof").cloned().and_then(|value| serde_json::from_value(value).ok());
    let order = match &effect.order_id {
        Some(id) => tx.order(id)?,
        None => None,
    };
    let wanted = match (&order, proof) {
        (Some(order), Some(proof)) => wanted(order, proof, effect.due_at, tickets, now),
        _ => None,
    };
    let (Some(order), Some(proof)) = (order, wanted) else {
        // Not done but withdrawn: WeChat's word may still come and owe it anew.
        return Ok(tx.settle(effect.id, EffectState::Withdrawn, Some("not wanted"), now)?);
    };
    for (rule_number, rule) in tickets.rules.iter().enumerate() {
        for copy in 1..=rule.copies {
            let job = NewPrintJob {
                key: format!(
                    "order:{}:paid:{}:{}:{rule_number}:{copy}",
                    order.order.id, rule.template, rule.target
                ),
                order_id: order.order.id.clone(),
                out_refund_no: None,
                template: rule.template.clone(),
                target: rule.target.clone(),
                width_mm: rule.width_mm,
                copy,
                proof,
                cause: PrintCause::Rule,
            };
            audit::queue(tx, place, &job, None, now)?;
        }
    }
    Ok(tx.settle(effect.id, EffectState::Done, None, now)?)
}

/// Queues the slip of a refund that arrived.
pub(crate) fn queue_slip(
    tx: &Tx<'_>,
    place: &Place,
    row: &PayoutRow,
    rule: &TicketRule,
    now: Timestamp,
) -> Result<(), mirror::Error> {
    let job = NewPrintJob {
        key: format!("refund:{}", row.payout.out_refund_no),
        order_id: row.order_id.clone(),
        out_refund_no: Some(row.payout.out_refund_no.clone()),
        template: "refund".to_owned(),
        target: rule.target.clone(),
        width_mm: rule.width_mm,
        copy: 1,
        proof: TicketProof::Verified,
        cause: PrintCause::Rule,
    };
    // On whose decision the money went back.
    let decided_by = row.decision.actor.as_ref().map(|actor| actor.id.as_str());
    audit::queue(tx, place, &job, decided_by, now)
}

/// What a queued ticket says of the money now, or the code of why it does not come out: what was true when it was queued
/// may not be any more.
fn proof_now(
    job: &PrintJobRow,
    order: &OrderRow,
    tickets: &Tickets,
    now: Timestamp,
) -> Result<TicketProof, &'static str> {
    if job.job.out_refund_no.is_some() {
        return Ok(job.job.proof);
    }
    match job.job.cause {
        PrintCause::Rule => wanted(order, job.job.proof, job.created_at, tickets, now).ok_or(NOT_WANTED),
        // It is refused for one reason only: WeChat contradicts the backend by now.
        PrintCause::Hand => proof_by_hand(order).map_err(|_| "ticket_contradicted"),
    }
}

/// What the ticket may say by now, or `None` when it is not to come out.
fn wanted(
    order: &OrderRow,
    proof: TicketProof,
    owed_since: Timestamp,
    tickets: &Tickets,
    now: Timestamp,
) -> Option<TicketProof> {
    if order.order.is_dead() || (now.duration_since(owed_since) > STALE_AFTER && !tickets.print_missed) {
        return None;
    }
    match (proof, order.verified) {
        (TicketProof::Verified, Verified::Verified) => Some(TicketProof::Verified),
        (TicketProof::Missed, Verified::Verified) if tickets.print_missed => Some(TicketProof::Missed),
        (TicketProof::Unverified, Verified::Pending | Verified::Unavailable) if tickets.print_unverified => {
            Some(TicketProof::Unverified)
        }
        (TicketProof::NotWechat, Verified::NotApplicable) => Some(TicketProof::NotWechat),
        // Whatever was believed when the ticket was owed, WeChat's word now decides.
        (
            TicketProof::Verified | TicketProof::Missed | TicketProof::Unverified | TicketProof::NotWechat,
            Verified::Pending
            | Verified::Verified
            | Verified::Mismatch
            | Verified::NotPaid
            | Verified::Unavailable
            | Verified::NotApplicable,
        ) => None,
    }
}

/// The refund of a slip; `None` when the backend never told of its request.
fn slip(tx: &Tx<'_>, row: mirror::PayoutRow) -> Result<Option<RefundSlip>, Error> {
    let Some(id) = &row.request_id else { return Ok(None) };
    Ok(tx.refund_request(id)?.map(|request| RefundSlip { request: request.request, payout: row.payout }))
}

/// Takes back every ticket of an order of which nothing has left. It is owed anew when WeChat's word allows it.
pub(crate) fn withdraw_tickets(
    tx: &Tx<'_>,
    place: &Place,
    id: &OrderId,
    now: Timestamp,
) -> Result<(), mirror::Error> {
    let key = ticket_key(id);
    tx.withdraw(&key, now)?;
    for withdrawn in tx.withdraw_print_jobs(id)? {
        tx.take_back(&key, now)?;
        let audit = audit::paper(place, AuditKind::PrintDropped, withdrawn.id, &withdrawn.job);
        tx.audit(&audit, now)?;
    }
    Ok(())
}

fn keep_printed(
    tx: &Tx<'_>,
    place: &Place,
    job: &PrintJobRow,
    printed: &Printed,
    now: Timestamp,
) -> Result<(), Error> {
    let state = if printed.confirmed { JobState::Confirmed } else { JobState::Sent };
    audit::end_paper(tx, place, job, (state, printed.bytes), None, now)?;
    let detail = json!({ "template": job.job.template, "target": job.job.target, "copy": job.job.copy });
    tx.note(&job.job.order_id, &Moment::with("printed", detail), now)?;
    tx.close_alert(&trouble_key(Alert::PrinterTrouble, job.id), now)?;
    // What a person got marked 未核实 is not yet the ticket that the order is to have.
    let preliminary = job.job.cause == PrintCause::Hand && job.job.proof == TicketProof::Unverified;
    if job.job.out_refund_no.is_none() && job.job.copy == 1 && !preliminary {
        let ticket = ticket_name(&job.job.template);
        let effect = NewEffect {
            key: format!("printed:{}:{ticket}", job.job.order_id),
            kind: EffectKind::Printed,
            order_id: Some(job.job.order_id.clone()),
            request_id: None,
            payload: json!({ "ticket": ticket }),
            due_at: now,
        };
        tx.owe(&effect, now)?;
    }
    Ok(())
}

fn keep_failed(
    tx: &Tx<'_>,
    place: &Place,
    job: &PrintJobRow,
    error: &PrintError,
    now: Timestamp,
) -> Result<(), Error> {
    let detail = json!({ "template": job.job.template, "printer": error.printer, "error": error.code });
    if error.bytes_sent > 0 {
        let end = (JobState::Unknown, error.bytes_sent);
        audit::end_paper(tx, place, job, end, Some(error.code), now)?;
        tx.note(&job.job.order_id, &Moment::with("print_failed", detail), now)?;
        return owe_trouble(tx, job, Alert::TicketInDoubt, now);
    }
    if now.duration_since(job.created_at) > STALE_AFTER {
        let end = (JobState::FailedBeforeStart, 0);
        audit::end_paper(tx, place, job, end, Some(error.code), now)?;
        tx.note(&job.job.order_id, &Moment::with("print_failed", detail), now)?;
        return Ok(());
    }
    // Nothing left: it is tried until the printer is there. A shop without any printer is not nagged.
    let due = now.saturating_add(pace::backoff(job.attempts + 1, PAUSE_CAP_SECONDS)).unwrap_or(now);
    tx.requeue_print_job(job.id, due, Some(error.code), now)?;
    if error.nothing_attached {
        return Ok(());
    }
    let effect = NewEffect {
        key: trouble_key(Alert::PrinterTrouble, job.id),
        kind: EffectKind::Alert,
        order_id: Some(job.job.order_id.clone()),
        request_id: None,
        payload: json!({ "alert": Alert::PrinterTrouble.as_str(), "printer": error.printer }),
        due_at: now,
    };
    Ok(tx.owe(&effect, now)?)
}

/// One alert per ticket and kind of trouble.
pub(crate) fn trouble_key(alert: Alert, job: i64) -> String {
    format!("alert:{}:{job}", alert.as_str())
}

fn owe_trouble(tx: &Tx<'_>, job: &PrintJobRow, alert: Alert, now: Timestamp) -> Result<(), Error> {
    let effect = NewEffect {
        key: trouble_key(alert, job.id),
        kind: EffectKind::Alert,
        order_id: Some(job.job.order_id.clone()),
        request_id: None,
        payload: json!({ "alert": alert.as_str(), "printer": job.job.target }),
        due_at: now,
    };
    Ok(tx.owe(&effect, now)?)
}
