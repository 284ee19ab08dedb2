//! Drives refunds: one step at a time, each stored before the next.
//!
//! What to do is decided by [`domain::payout`]; this file only performs it. Exactly one process per data folder drives
//! (it has the [`crate::ports::Seat`]), so that `Submitting` on disk without a sender means a crash.

use domain::PayoutError;
use domain::payout::{Claim, Event as Fact, Payout, PayoutState, Step};
use domain::time::Timestamp;
use domain::{OutTradeNo, RefundRequest, TransactionId};
use mirror::{AuditKind, PayoutRow};

use crate::audit;
use crate::clocks::Clocks;
use crate::engine::Event;
use crate::guards::Guard;
use crate::payout_news::{moment, tell};
use crate::ports::{GatewayOutcome, PaymentNumber, PayoutFact, PayoutReport, SendRefund, SourceErrorKind};
use crate::taking::take_request;
use crate::tickets::queue_slip;
use crate::{Engine, Error, Trouble};

/// What one step came to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Progress {
    /// Something was done; look again.
    Stepped,
    /// Nothing before this instant.
    Waits(Timestamp),
    /// Nothing more to do.
    Rests,
}

impl Engine {
    /// Drives every refund for ever.
    pub(crate) async fn keep_paying(&self) -> Result<(), Error> {
        let mut changes = self.parts.mirror.changes();
        // After a fault of the disk in the middle of a step this starts again, and nobody is sending any more.
        let mut taken_over = false;
        loop {
            changes.borrow_and_update();
            let mut next: Option<Timestamp> = None;
            let mut stepped = false;
            if !self.drives().await? {
                // Another process pays; its seat is free when it ends.
                self.pause_until(None).await;
                continue;
            }
            if !std::mem::replace(&mut taken_over, true) {
                self.recover_payouts().await?;
            }
            self.adopt_lost_claims().await?;
            let open = self.parts.mirror.read::<_, Error>(|view| Ok(view.open_payouts()?)).await?;
            for row in open {
                // Whoever drives it now writes what comes of it, which wakes this loop.
                let Some(_turn) = self.turns.take_if_free(row.id) else { continue };
                if self.failing.rests(row.id) {
                    continue;
                }
                match self.step_alone(row.id).await? {
                    Progress::Stepped => stepped = true,
                    Progress::Waits(at) => next = Some(next.map_or(at, |known| known.min(at))),
                    Progress::Rests => {}
                }
            }
            if stepped {
                continue;
            }
            tokio::select! {
                biased;
                changed = changes.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                }
                () = self.pause_until(next) => {}
            }
        }
    }

    /// One step of one refund. One that cannot be written down must not keep the others from being driven: it is left alone
    /// for a while.
    async fn step_alone(&self, id: i64) -> Result<Progress, Error> {
        match self.step_noted(id).await {
            Err(error) if !matches!(error, Error::Mirror(mirror::Error::Closed)) => {
                tracing::error!(payout = id, %error, "a refund's step failed; it is tried again");
                self.hear(Event::Trouble(Trouble::fault(&error)));
                Ok(Progress::Rests)
            }
            outcome => outcome,
        }
    }

    /// As [`Engine::advance`], for whoever has its turn. A refund of which a step has failed is taken over as after a crash:
    /// it may have been on the wire.
    pub(crate) async fn step_noted(&self, id: i64) -> Result<Progress, Error> {
        if self.failing.has(id) {
            self.recover_payout(id).await?;
        }
        let outcome = self.step(id).await;
        self.failing.note(id, outcome.is_err());
        outcome
    }

    /// Does the next step of one refund, if it is due, once nobody else of this process is at it.
    pub(crate) async fn advance(&self, id: i64) -> Result<Progress, Error> {
        let _turn = if self.guard(Guard::Turns) { Some(self.turns.take(id).await) } else { None };
        self.step_noted(id).await
    }

    async fn step(&self, id: i64) -> Result<Progress, Error> {
        let Some(row) = self.parts.mirror.read::<_, Error>(move |view| Ok(view.payout(id)?)).await? else {
            return Ok(Progress::Rests);
        };
        let Clocks { now, told } = self.clocks();
        let step = row.payout.next_step(now, told);
        let ours = row.paid_from.mch_id == self.parts.place.merchant.mch_id.as_str();
        if !ours && matches!(step, Step::Claim | Step::Submit | Step::Query) {
            // The shop was connected with another merchant number since: under that one WeChat knows no such refund, and
            // "no such refund" would be a lie about the money.
            return Ok(Progress::Rests);
        }
        match step {
            Step::Claim => self.claim(&row).await?,
            Step::CheckClaim => self.check_claim(&row).await?,
            Step::Submit => self.submit(&row).await?,
            Step::Query => self.query_refund(&row).await?,
            Step::Report => self.report(&row).await?,
            Step::Wait(at) => return Ok(Progress::Waits(at)),
            Step::Rest => return Ok(Progress::Rests),
        }
        Ok(Progress::Stepped)
    }

    async fn submit(&self, row: &PayoutRow) -> Result<(), Error> {
        let (now, place) = (self.now(), self.parts.place.clone());
        let (id, spaces) = (row.id, self.guard(Guard::OneMinute));
        if !self.guard(Guard::WrittenFirst)
            && let Some(send) = sending_of(row)
        {
            let _ = self.parts.gateway.refund(&send).await;
        }
        // The state on disk decides: two that read Ready at the same time cannot both come to Submitting.
        let sending = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                let Some(mut row) = tx.payout(id)? else { return Ok(None) };
                let others = tx.payouts_of_payment(&row.paid_from)?;
                let until = row.payout.spaced_until(others.iter().map(|row| &row.payout), now);
                if let Some(until) = until.filter(|_| spaces) {
                    row.payout = row.payout.after(&Fact::Spaced { until }, now);
                    tx.put_payout(&row)?;
                    return Ok(None);
                }
                let next = row.payout.after(&Fact::Sending, now);
                if row.payout.state != PayoutState::Ready || next.state != PayoutState::Submitting {
                    return Ok(None);
                }
                let before = std::mem::replace(&mut row.payout, next);
                tx.put_payout(&row)?;
                tx.note(&row.order_id, &moment("refund_submitted", &row), now)?;
                audit::of_payout(tx, &place, AuditKind::RefundSubmitted, Some(&before), &row, now)?;
                Ok(Some(row))
            })
            .await?;
        let Some(row) = sending else { return Ok(()) };
        let Some(send) = sending_of(&row) else {
            let error = PayoutError { code: "console:no_payment_number".to_owned(), text: String::new() };
            return self.happened(row.id, Fact::NotSent(error), None).await;
        };
        let fact = match self.parts.gateway.refund(&send).await {
            Ok(refund_id) => Fact::Accepted { refund_id },
            Err(error) => {
                self.hear(Event::Trouble(Trouble::gateway(&error, row.payout.out_refund_no.as_str())));
                let reason = error.as_payout_error();
                match error.outcome {
                    GatewayOutcome::NotSent => Fact::NotSent(reason),
                    GatewayOutcome::Refused => Fact::Refused(reason),
                    GatewayOutcome::RefusedUnlessEarlier => Fact::RefusedUnlessEarlier(reason),
                    GatewayOutcome::Unknown => Fact::Unanswered(reason),
                }
            }
        };
        self.happened(row.id, fact, None).await
    }

    pub(crate) async fn query_refund(&self, row: &PayoutRow) -> Result<(), Error> {
        if !self.guard(Guard::AskedBeforeAgain) && row.payout.state == PayoutState::Unknown {
            return self.happened(row.id, Fact::NotFound, None).await;
        }
        let fact = match self.parts.gateway.query_refund(&row.payout.out_refund_no).await {
            Ok(Some(refund)) => Fact::Found(refund),
            Ok(None) => Fact::NotFound,
            Err(error) => {
                self.hear(Event::Trouble(Trouble::gateway(&error, row.payout.out_refund_no.as_str())));
                Fact::QueryFailed(error.as_payout_error())
            }
        };
        self.happened(row.id, fact, None).await
    }

    async fn report(&self, row: &PayoutRow) -> Result<(), Error> {
        let Some(request_id) = &row.request_id else {
            // The backend never got the request's id across; without it there is nobody to tell.
            return self.happened(row.id, Fact::ReportDropped, None).await;
        };
        let payout = &row.payout;
        let Some(fact) = fact_of(payout) else {
            return self.happened(row.id, Fact::ReportDropped, None).await;
        };
        let report = PayoutReport {
            request: request_id.clone(),
            fact,
            refund_no: payout.out_refund_no.clone(),
            amount: payout.amount,
        };
        match self.parts.source.report_payout(&report).await {
            Ok(request) => self.happened(row.id, Fact::Reported, Some(request)).await,
            Err(error) => {
                self.hear(Event::Trouble(Trouble::source(&error)));
                match error.kind {
                    // The backend knows better.
                    SourceErrorKind::Conflict { ref request, .. } => {
                        self.happened(row.id, Fact::ReportDropped, request.as_deref().cloned()).await
                    }
                    // "Repeated until 200 or 409" (contract R7): whatever stands in the way, the fact stays owed.
                    SourceErrorKind::Refused
                    | SourceErrorKind::NotFound
                    | SourceErrorKind::VersionConflict { .. }
                    | SourceErrorKind::Transient { .. }
                    | SourceErrorKind::Unauthenticated
                    | SourceErrorKind::Forbidden
                    | SourceErrorKind::CursorExpired => {
                        self.happened(row.id, error.as_unavailable(), None).await
                    }
                }
            }
        }
    }

    /// Keeps what happened, with everything that it causes, in one transaction.
    pub(crate) async fn happened(
        &self,
        id: i64,
        fact: Fact,
        request: Option<RefundRequest>,
    ) -> Result<(), Error> {
        let (now, place) = (self.now(), self.parts.place.clone());
        let tickets = self.tickets();
        let slips = tickets.rules.into_iter().next().filter(|_| tickets.print_refunds);
        let heard = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                let Some(mut row) = tx.payout(id)? else { return Ok(None) };
                let before = row.payout.clone();
                row.payout = before.after(&fact, now);
                if let Some(request) = &request {
                    take_request(tx, request, now)?;
                    row.request_id.get_or_insert_with(|| request.id.clone());
                }
                tx.put_payout(&row)?;
                tell(tx, &before, &row, now)?;
                audit::stepped(tx, &place, &before, &row, now)?;
                if let Some(rule) = slips
                    && row.payout.state == PayoutState::Succeeded
                    && before.state != PayoutState::Succeeded
                {
                    queue_slip(tx, &place, &row, &rule, now)?;
                }
                Ok(Some(Event::Payout {
                    out_refund_no: row.payout.out_refund_no.as_str().to_owned(),
                    state: row.payout.state.as_str(),
                }))
            })
            .await?;
        heard.iter().for_each(|event| self.hear(event.clone()));
        Ok(())
    }
}

/// What is sent to WeChat; `None`: the payment has no number there.
fn sending_of(row: &PayoutRow) -> Option<SendRefund> {
    Some(SendRefund {
        payment: payment_of(row)?,
        out_refund_no: row.payout.out_refund_no.clone(),
        total: row.payout.total,
        amount: row.payout.amount,
        reason: row.decision.reason.clone(),
    })
}

/// The payment as it was named when the refund was decided on: a repetition says the same.
fn payment_of(row: &PayoutRow) -> Option<PaymentNumber> {
    let by_wechat = row.paid_from.transaction_id.clone().and_then(|number| TransactionId::new(number).ok());
    by_wechat.map(PaymentNumber::TransactionId).or_else(|| {
        let by_shop = row.paid_from.out_trade_no.clone().and_then(|number| OutTradeNo::new(number).ok());
        by_shop.map(PaymentNumber::OutTradeNo)
    })
}

fn fact_of(payout: &Payout) -> Option<PayoutFact> {
    Some(match payout.state {
        PayoutState::Succeeded => {
            PayoutFact::Success { refund_id: payout.refund_id.clone()?, succeeded_at: payout.succeeded_at? }
        }
        PayoutState::Abnormal => PayoutFact::Abnormal,
        PayoutState::Closed => PayoutFact::Closed,
        PayoutState::Failed => PayoutFact::Failed {
            error: payout
                .error
                .clone()
                .unwrap_or(PayoutError { code: "console:refused".to_owned(), text: String::new() }),
        },
        PayoutState::None
        | PayoutState::Ready
        | PayoutState::Submitting
        | PayoutState::Unknown
        | PayoutState::Processing => return None,
    })
}

/// Whether a payout of this console still holds its order against another refund: it may be on the wire.
pub(crate) fn is_in_flight(payout: &Payout) -> bool {
    match payout.state {
        PayoutState::None => !matches!(payout.claim, Claim::Lost { .. }),
        // WeChat has said twice that it has no such refund, and nothing is sent before somebody approves it.
        PayoutState::Ready => !payout.awaits_approval,
        PayoutState::Submitting | PayoutState::Unknown => true,
        PayoutState::Processing
        | PayoutState::Succeeded
        | PayoutState::Failed
        | PayoutState::Abnormal
        | PayoutState::Closed => false,
    }
}
