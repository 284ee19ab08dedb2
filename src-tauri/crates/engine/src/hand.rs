//! Paper that a person asks for: beside the rules, and marked as what it is.

use domain::OrderId;
use domain::reconcile::{Alert, TicketProof};
use domain::verify::Verified;
use mirror::{AuditKind, JobState, NewPrintJob, OrderRow, PrintCause, PrintJobRow, Tx, View};
use serde_json::json;

use crate::audit;
use crate::engine::Tickets;
use crate::tickets::trouble_key;
use crate::{Engine, Error};

/// The template where no rule names one: everything that the order has.
const FULL_TEMPLATE: &str = "merchant";

/// Where no rule names a printer: the one that is attached, on wide paper.
const ANY_PRINTER: (&str, u32) = ("auto", 80);

impl Engine {
    /// Queues one ticket of an order, because a person asks for it: by the rule of this template, or else at the printer
    /// of the first rule; `None` is the first rule's template. Whoever serves prints it. It says that it is a repetition
    /// where the template came out before, and 未核实 where WeChat has not confirmed the money; while WeChat contradicts
    /// the backend it is refused ([`Error::Mismatch`], [`Error::NotPaid`]). `actor` is who asks.
    pub async fn print_order(
        &self,
        id: &OrderId,
        template: Option<&str>,
        actor: Option<String>,
    ) -> Result<(), Error> {
        let (id, now, tickets) = (id.clone(), self.now(), self.tickets());
        let place = self.parts.place.clone();
        let first = || tickets.rules.first().map_or(FULL_TEMPLATE, |rule| &rule.template);
        let template = template.unwrap_or_else(first).to_owned();
        let (target, width_mm) = printer_of(&tickets, &template).unwrap_or_else(|| {
            let (target, width_mm) = ANY_PRINTER;
            tickets
                .rules
                .first()
                .map_or((target.to_owned(), width_mm), |rule| (rule.target.clone(), rule.width_mm))
        });
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                let order =
                    tx.order(&id)?.ok_or_else(|| Error::NoOrder { number: id.as_str().to_owned() })?;
                let proof = proof_by_hand(&order)?;
                let job = NewPrintJob {
                    key: by_hand_key(),
                    order_id: id,
                    out_refund_no: None,
                    template,
                    target,
                    width_mm,
                    copy: 1,
                    proof,
                    cause: PrintCause::Hand,
                };
                Ok(audit::queue(tx, &place, &job, actor.as_deref(), now)?)
            })
            .await
    }

    /// Prints the paper of a job once more, because a person asks for it: after a failure, in doubt, or whenever it is
    /// wanted twice. The present rule of its template says where. A job that still waits for its printer is tried now
    /// instead; one that is being sent is left alone ([`Error::PrintRunning`]).
    pub async fn print_again(&self, id: i64, actor: Option<String>) -> Result<(), Error> {
        let (now, tickets, place) = (self.now(), self.tickets(), self.parts.place.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                let row = tx.print_job(id)?.ok_or(Error::NoPrintJob { id })?;
                match row.state {
                    JobState::Queued => {
                        let audit = audit::paper(&place, AuditKind::PrintQueued, id, &row.job);
                        let was = json!({ "state": row.state.as_str(), "error": row.error });
                        tx.audit(&audit.by(actor.as_deref()).from(was), now)?;
                        return Ok(tx.requeue_print_job(id, now, row.error.as_deref(), now)?);
                    }
                    JobState::Sending => return Err(Error::PrintRunning { id }),
                    JobState::Sent
                    | JobState::Confirmed
                    | JobState::FailedBeforeStart
                    | JobState::Unknown
                    | JobState::Elsewhere => {}
                }
                let order = tx
                    .order(&row.job.order_id)?
                    .ok_or_else(|| Error::NoOrder { number: row.job.order_id.as_str().to_owned() })?;
                let proof = match row.job.out_refund_no {
                    // A refund that arrived is on paper whatever is thought of its order.
                    Some(_) => row.job.proof,
                    None => proof_by_hand(&order)?,
                };
                let (target, width_mm) = printer_of(&tickets, &row.job.template)
                    .unwrap_or_else(|| (row.job.target.clone(), row.job.width_mm));
                let cause = PrintCause::Hand;
                let job = NewPrintJob { key: by_hand_key(), target, width_mm, proof, cause, ..row.job };
                audit::queue(tx, &place, &job, actor.as_deref(), now)?;
                // Somebody has looked at the paper that is meant.
                for alert in [Alert::TicketInDoubt, Alert::PrinterTrouble] {
                    tx.acknowledge(&trouble_key(alert, id), now)?;
                }
                Ok(())
            })
            .await
    }
}

/// Each click is a cause of its own.
fn by_hand_key() -> String {
    format!("hand:{}", uuid::Uuid::new_v4())
}

/// Where the rules want a template, and on which paper width in mm.
fn printer_of(tickets: &Tickets, template: &str) -> Option<(String, u32)> {
    let rule = tickets.rules.iter().find(|rule| rule.template == template)?;
    Some((rule.target.clone(), rule.width_mm))
}

/// What a ticket says of the money that a person asks for. Nothing is printed of money that WeChat contradicts.
pub(crate) fn proof_by_hand(row: &OrderRow) -> Result<TicketProof, Error> {
    match row.verified {
        Verified::Verified => Ok(TicketProof::Verified),
        Verified::NotApplicable => Ok(TicketProof::NotWechat),
        Verified::Mismatch => Err(Error::mismatch(row)),
        Verified::NotPaid if row.order.claims_paid() => Err(Error::NotPaid),
        Verified::NotPaid | Verified::Pending | Verified::Unavailable => Ok(TicketProof::Unverified),
    }
}

/// Which repetition a job's paper is: how often its template came out of this order before. Copies and printers of the
/// rules are one time together.
pub(crate) fn papers_before(tx: &Tx<'_>, job: &PrintJobRow) -> Result<u32, mirror::Error> {
    let same = |other: &&PrintJobRow| {
        other.id != job.id
            && other.job.template == job.job.template
            && other.job.out_refund_no == job.job.out_refund_no
            && may_be_on_paper(other.state)
    };
    let jobs = tx.print_jobs_of_order(&job.job.order_id)?;
    let of = |cause| jobs.iter().filter(same).filter(move |other| other.job.cause == cause).count();
    let by_rule = match job.job.cause {
        // Its own copies are no repetitions.
        PrintCause::Rule => 0,
        PrintCause::Hand => of(PrintCause::Rule).min(1),
    };
    let elsewise = if job.job.out_refund_no.is_none() { papers_by_command(tx, job)? } else { 0 };
    Ok(u32::try_from(by_rule + of(PrintCause::Hand) + elsewise).unwrap_or(u32::MAX))
}

/// Papers of `zhanggui-cli print`, which goes past the ledger: its moments name no copy.
fn papers_by_command(view: &View<'_>, job: &PrintJobRow) -> Result<usize, mirror::Error> {
    let template = |moment: &mirror::MomentRow| {
        moment.detail.get("template").and_then(|name| name.as_str()) == Some(&job.job.template)
    };
    let moments = view.timeline(&job.job.order_id)?;
    Ok(moments
        .iter()
        .filter(|moment| moment.kind == "printed" && moment.detail.get("copy").is_none() && template(moment))
        .count())
}

fn may_be_on_paper(state: JobState) -> bool {
    match state {
        JobState::Sending
        | JobState::Sent
        | JobState::Confirmed
        | JobState::Unknown
        | JobState::Elsewhere => true,
        JobState::Queued | JobState::FailedBeforeStart => false,
    }
}
