//! A claim that was found at the backend and that nobody approves: to refuse it ends the payout first, and then the request.

use domain::payout::PayoutState;
use domain::{RefundRequest, RefundState};
use mirror::{AuditKind, Moment, PayoutRow, Revision};
use serde_json::json;

use crate::audit;
use crate::intent::{already_running, refuse_stale};
use crate::people::{Admission, called};
use crate::{Engine, Error};

impl Engine {
    /// Ends the payout of a request that waits for an approval, if there is one, and tells the backend; what WeChat has, or
    /// may have, cannot be given up. Returns the request as the backend has it since; `None`: nothing waits.
    pub(crate) async fn give_up_claim(
        &self,
        request: &RefundRequest,
        reason: &str,
        admission: &Admission,
        seen: Option<Revision>,
    ) -> Result<Option<RefundRequest>, Error> {
        let wanted = request.id.clone();
        let row = self
            .parts
            .mirror
            .read::<_, Error>(move |view| {
                let row = view.payout_of_request(&wanted)?.filter(waits);
                if row.is_some() {
                    refuse_stale(view, &wanted, seen)?;
                }
                Ok(row)
            })
            .await?;
        let Some(row) = row else { return Ok(None) };
        if row.paid_from.mch_id != self.parts.place.merchant.mch_id.as_str() {
            // Under another merchant number WeChat knows no such refund, which says nothing.
            return Err(Error::OtherMerchant { found: row.paid_from.mch_id });
        }
        // Whoever drives it could be hearing at this moment that WeChat has it.
        if !self.drives().await? {
            return Err(already_running(&row));
        }
        let _turn = self.turns.take(row.id).await;
        self.query_refund(&row).await?;
        self.fail_unapproved(&row, reason, admission).await?;
        self.step_noted(row.id).await?;
        let (id, wanted) = (row.id, request.id.clone());
        let told = self
            .parts
            .mirror
            .read::<_, Error>(move |view| Ok((view.payout(id)?, view.refund_request(&wanted)?)))
            .await?;
        match told {
            (_, Some(told)) if told.request.state != RefundState::Processing => Ok(Some(told.request)),
            (Some(now), _) if now.payout.state == PayoutState::Failed => Err(Error::EndedHere),
            (now, _) => Err(already_running(&now.unwrap_or(row))),
        }
    }

    /// Ends it, if WeChat has denied it since it stood as in `asked`: what it said before may be long ago.
    async fn fail_unapproved(
        &self,
        asked: &PayoutRow,
        reason: &str,
        admission: &Admission,
    ) -> Result<(), Error> {
        let (now, place) = (self.now(), self.parts.place.clone());
        let (admission, reason) = (admission.clone(), reason.to_owned());
        let (id, denials) = (asked.id, asked.payout.denials);
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                let actor = admission.may(tx)?;
                let row = tx.payout(id)?.ok_or(mirror::Error::Stored { what: "payout", source: None })?;
                let given_up = row.payout.given_up(now).filter(|_| row.payout.denials > denials);
                let Some(payout) = given_up else { return Err(already_running(&row)) };
                let before = row.payout.clone();
                let mut row = PayoutRow { payout, ..row };
                row.decision.actor = actor;
                tx.put_payout(&row)?;
                let noted = json!({ "reason": reason, "actor": called(row.decision.actor.as_ref()) });
                tx.note(&row.order_id, &Moment::with("refund_failed", noted), now)?;
                audit::of_payout(tx, &place, AuditKind::RefundFailed, Some(&before), &row, now)?;
                Ok(())
            })
            .await
    }
}

/// Whether nothing is sent before somebody approves it.
fn waits(row: &PayoutRow) -> bool {
    row.payout.state == PayoutState::Ready && row.payout.awaits_approval
}
