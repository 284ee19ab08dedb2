//! Takes refunds up where an earlier process, or an earlier database, left them.

use domain::payout::{Approval, Event as Fact, Payout};
use domain::staff::Act;
use domain::time::Timestamp;
use domain::{BackendPayoutState, RefundRequest, StaffId};
use mirror::{AuditKind, Decision, NewAudit, PayoutRow, RefundFilter, Tx};
use serde_json::json;

use crate::audit;
use crate::guards::Guard;
use crate::intent::{add, new_payout, paid_total, seen_of_request};
use crate::payout_news::moment;
use crate::ports::Place;
use crate::{Actor, Engine, Error};

/// More requests are never under way at once.
const MOST: u32 = 10_000;

impl Engine {
    /// Takes over whatever an earlier process left: what was being sent has an unknown end.
    pub(crate) async fn recover_payouts(&self) -> Result<(), Error> {
        let (now, place) = (self.now(), self.parts.place.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                tx.open_payouts()?.into_iter().try_for_each(|row| recover(tx, &place, row, now))
            })
            .await
    }

    /// The same for one of which a step has failed.
    pub(crate) async fn recover_payout(&self, id: i64) -> Result<(), Error> {
        let (now, place) = (self.now(), self.parts.place.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| match tx.payout(id)? {
                Some(row) => recover(tx, &place, row, now),
                None => Ok(()),
            })
            .await
    }

    /// Takes up claims of this terminal at the backend that have no record here, or one that says otherwise: a lost database,
    /// here or there. Whether they were ever sent is not known, so WeChat is asked first; where staff is defined,
    /// nothing is sent before one of them approves it.
    pub(crate) async fn adopt_lost_claims(&self) -> Result<(), Error> {
        let (now, terminal) = (self.now(), self.parts.place.terminal.clone());
        let lost = self
            .parts
            .mirror
            .read::<_, Error>(move |view| {
                let filter =
                    RefundFilter { state: Some("processing".to_owned()), order_id: None, limit: MOST };
                let mut lost = Vec::new();
                for row in view.refund_requests(&filter)? {
                    let claim = &row.request.payout;
                    let ours = claim.state == BackendPayoutState::Processing
                        && claim.terminal.as_ref() == Some(&terminal);
                    let Some(number) = &claim.refund_no else { continue };
                    let Some(amount) = claim.amount.filter(|_| ours) else { continue };
                    let known = view.payout_by_out_refund_no(number)?;
                    if known.is_none_or(|known| {
                        known.payout.claimed_after_all(amount, claim.claim_until, now).is_some()
                    }) {
                        lost.push(row.request);
                    }
                }
                Ok(lost)
            })
            .await?;
        for request in lost {
            let id = request.id.clone();
            // Each on its own: one that cannot be taken up must not keep the others from it.
            if let Err(error) = self.adopt(request).await {
                tracing::warn!(request = id.as_str(), %error, "a claim of this terminal could not be taken up");
            }
        }
        Ok(())
    }

    async fn adopt(&self, request: RefundRequest) -> Result<(), Error> {
        let now = self.now();
        let decided_at = self.told().unwrap_or(now);
        let (place, asks_people) = (self.parts.place.clone(), self.guard(Guard::Approval));
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                let claim = &request.payout;
                let (Some(number), Some(amount)) = (&claim.refund_no, claim.amount) else { return Ok(()) };
                let Some(order) = tx.order(&request.order_id)? else { return Ok(()) };
                if let Some(mut row) = tx.payout_by_out_refund_no(number)? {
                    let Some(next) = row.payout.claimed_after_all(amount, claim.claim_until, now) else {
                        return Ok(());
                    };
                    let before = std::mem::replace(&mut row.payout, next);
                    row.request_id.get_or_insert_with(|| request.id.clone());
                    tx.put_payout(&row)?;
                    return Ok(audit::of_payout(
                        tx,
                        &place,
                        AuditKind::RefundRecovered,
                        Some(&before),
                        &row,
                        now,
                    )?);
                }
                let (round, total) = (claim.round.max(1), paid_total(&order));
                let approval =
                    if asks_people && tx.has_staff()? { Approval::Needed } else { Approval::NotNeeded };
                let until = claim.claim_until;
                let payout = Payout::recovered(number.clone(), round, amount, total, until, approval, now);
                let decision = Decision {
                    version: request.version,
                    seen: seen_of_request(&request),
                    reason: None,
                    actor: None,
                };
                let key = uuid::Uuid::new_v4().to_string();
                let new = new_payout(
                    Some(request.id.clone()),
                    &order.order,
                    &place,
                    payout,
                    (decision, decided_at),
                    key,
                )?;
                let id = add(tx, &new, &order.order, now)?;
                if let Some(row) = tx.payout(id)? {
                    audit::of_payout(tx, &place, AuditKind::RefundRecovered, None, &row, now)?;
                }
                Ok(())
            })
            .await
    }

    /// Makes whatever waits due now, because a person asks for it: what was decided on before, and nothing new. Returns
    /// the row numbers of all refunds that are not at their end.
    pub async fn resume_refunds(&self, actor: &Actor) -> Result<Vec<i64>, Error> {
        self.people().may(actor, Act::Resume).await?;
        self.take_up(Some(actor.clone())).await
    }

    /// As [`Engine::resume_refunds`], by itself.
    pub(crate) async fn take_up_refunds(&self) -> Result<Vec<i64>, Error> {
        self.take_up(None).await
    }

    /// `by`: the person who asks for it.
    async fn take_up(&self, by: Option<Actor>) -> Result<Vec<i64>, Error> {
        self.adopt_lost_claims().await?;
        let (now, terminal) = (self.now(), self.parts.place.terminal.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                let mut ids = Vec::new();
                for mut row in tx.open_payouts()? {
                    row.payout = row.payout.after(&Fact::Resumed, now);
                    tx.put_payout(&row)?;
                    ids.push(row.id);
                }
                if let Some(by) = by {
                    let row =
                        NewAudit::new(AuditKind::RefundsResumed, &terminal).by(by.id().map(StaffId::as_str));
                    tx.audit(&row.to(json!({ "refunds": ids.len() })), now)?;
                }
                Ok(ids)
            })
            .await
    }
}

fn recover(tx: &Tx<'_>, place: &Place, mut row: PayoutRow, now: Timestamp) -> Result<(), Error> {
    let next = row.payout.after(&Fact::Started, now);
    if next.state == row.payout.state && next.claim_in_doubt == row.payout.claim_in_doubt {
        return Ok(());
    }
    let before = std::mem::replace(&mut row.payout, next);
    tx.put_payout(&row)?;
    if row.payout.state != before.state {
        tx.note(&row.order_id, &moment("refund_unknown", &row), now)?;
        audit::stepped(tx, place, &before, &row, now)?;
    }
    Ok(())
}
