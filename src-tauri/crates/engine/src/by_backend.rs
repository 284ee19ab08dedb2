//! Decisions that the backend carries out: a refusal, a return that is agreed to, and every refund where the backend pays.
//!
//! Who decides is looked at in the transaction that writes the decision down, and what stands there is what is sent. Where
//! money moves, the sum of the day keeps the room until a refusal proves that nothing was carried out. A refusal of a
//! repetition proves that only where the contract looks at the key first (R4): a token that is not accepted says nothing
//! about the sending before it.

use domain::staff::Signature;
use domain::{Fen, RefundRequest, RefundRequestId, RefundState};
use jiff::SignedDuration;
use mirror::{AuditKind, Moment, NewAudit, OrderRow, Revision, Sending};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audit;
use crate::desk::{Approval, StartedRefund};
use crate::desk_row::DeskRow;
use crate::intent::{
    check_amount, check_decidable, digest, intend_at_backend, refuse_changed_order, refuse_stale,
};
use crate::people::{Admission, called};
use crate::ports::{Approve, Capabilities, RefundOrder, Reject, SourceError};
use crate::taking::take_room;
use crate::{Engine, Error};

/// Within this time the same wish is the same refund, where nobody knew whether it had been carried out.
const SAME_WISH: SignedDuration = SignedDuration::from_mins(10);

impl Engine {
    pub(crate) async fn agree_return_as(
        &self,
        id: &RefundRequestId,
        approval: &Approval,
        admission: Admission,
    ) -> Result<DeskRow, Error> {
        let (request, _) = self.look_up(id).await?;
        self.refund_capabilities().await?;
        if request.state != RefundState::Pending {
            return Err(Error::NotDecidable { state: request.state.as_str().to_owned() });
        }
        let amount = approval.amount.unwrap_or(request.amount);
        let decided =
            Decided { kind: AuditKind::ReturnAgreed, request: &request, amount: Some(amount), approval };
        let (actor, decision) = self.decide(decided, admission).await?;
        let approve = self.without_number("agree_return", &request, amount, approval, actor);
        let answer = self.parts.source.agree_return(&approve).await;
        self.keep_answer_to(&decision, answer, |_, _| Ok(())).await?;
        self.refund(id).await
    }

    pub(crate) async fn reject_as(
        &self,
        id: &RefundRequestId,
        reason: &str,
        admission: Admission,
        seen: Option<Revision>,
    ) -> Result<DeskRow, Error> {
        let (request, order) = self.look_up(id).await?;
        self.refund_capabilities().await?;
        let given_up = self.give_up_claim(&request, reason, &admission, seen).await?;
        // What was just given up is a change that this call made itself.
        let seen = seen.filter(|_| given_up.is_none());
        let request = given_up.unwrap_or(request);
        let said = Approval { reason: Some(reason.to_owned()), seen, ..Approval::default() };
        let decided =
            Decided { kind: AuditKind::RefundRejected, request: &request, amount: None, approval: &said };
        let (actor, decision) = self.decide(decided, admission).await?;
        let terminal = self.parts.place.terminal.as_str();
        let reject = Reject {
            request: request.id.clone(),
            version: request.version,
            idempotency_key: decision_key(
                "reject",
                &request,
                request.amount,
                terminal,
                &said,
                actor.as_ref(),
            ),
            reason: reason.to_owned(),
            actor: actor.clone(),
        };
        let answer = self.parts.source.reject(&reject).await;
        let noted = json!({ "reason": reason, "actor": called(actor.as_ref()) });
        let (order_id, now) = (order.order.id, self.now());
        self.keep_answer_to(&decision, answer, move |tx, answer| {
            if answer.is_ok() {
                tx.note(&order_id, &Moment::with("refund_rejected", noted), now)?;
            }
            Ok(())
        })
        .await?;
        self.refund(id).await
    }

    /// Starts a refund that the backend pays. Its key is kept from before the first sending until a definite answer, so
    /// that the same wish repeated after a time-out is the same refund, also to the limits.
    pub(crate) async fn refund_at_backend(
        &self,
        order: &OrderRow,
        amount: Fen,
        reason: &str,
        admission: &Admission,
        seen: Option<Revision>,
    ) -> Result<StartedRefund, Error> {
        let wish = digest(&["refund_order/1", order.order.id.as_str(), &amount.get().to_string(), reason]);
        let fresh = uuid::Uuid::new_v4().to_string();
        let (name, row, place, said) =
            (wish.clone(), order.clone(), self.parts.place.clone(), reason.to_owned());
        let (now, time, admission) = (self.now(), self.shop_time().await?, admission.clone());
        let (key, actor, decision, sending) = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                refuse_changed_order(tx, &row, seen)?;
                let new = KeptWish { key: fresh, actor: admission.may(tx)? };
                let KeptWish { key, actor: sent_by } =
                    KeptWish::read(&tx.keep_key(&name, &new.text())?, &new);
                let (actor, _) = intend_at_backend(tx, &admission, &key, None, &row.order.id, amount, time)?;
                let subject = (&row.order.id, row.order.version);
                let decision = audit::started(&place, subject, None, amount, (&said, actor.as_ref()), seen);
                tx.audit(&decision, now)?;
                let sending = if key == new.key { Sending::First } else { Sending::Again };
                Ok((key, sent_by, decision, sending))
            })
            .await?;
        let refund = RefundOrder {
            order: order.order.id.clone(),
            version: order.order.version,
            idempotency_key: key.clone(),
            amount,
            refund_no: None,
            reason: reason.to_owned(),
            actor,
        };
        let answer = self.parts.source.refund_order(&refund).await;
        // In one transaction with the answer: whoever would be given a new key finds that the order has changed.
        let request = self
            .keep_answer_to(&decision, answer, move |tx, answer| {
                match settled(answer, sending) {
                    Settled::Done(request) => {
                        tx.name_refund_by_backend(&key, &request.id)?;
                        // The feed may have told of its end before this answer came.
                        if let Some(known) = tx.refund_request(&request.id)? {
                            take_room(tx, &known.request)?;
                        }
                    }
                    Settled::Undone => tx.drop_refund_by_backend(&key)?,
                    Settled::Open => return Ok(()),
                }
                Ok(tx.forget_key(&wish)?)
            })
            .await?;
        let long_ago = self.told().is_some_and(|told| told.duration_since(request.requested_at) > SAME_WISH);
        if sending == Sending::Again && long_ago {
            // Whoever asks for the same so much later means another refund, which is one decision more.
            return Err(Error::DoneEarlier { at: request.requested_at });
        }
        Ok(StartedRefund::Request(request.id))
    }

    pub(crate) async fn approve_at_backend(
        &self,
        request: &RefundRequest,
        approval: &Approval,
        capabilities: &Capabilities,
        admission: &Admission,
    ) -> Result<(), Error> {
        check_decidable(request)?;
        let amount = check_amount(request, approval.amount.unwrap_or(request.amount), capabilities)?;
        let (place, wanted, approved) = (self.parts.place.clone(), request.clone(), approval.clone());
        let (now, time, admission) = (self.now(), self.shop_time().await?, admission.clone());
        let (actor, key, decision, sending) = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                refuse_stale(tx, &wanted.id, approved.seen)?;
                let actor = admission.may(tx)?;
                let terminal = place.terminal.as_str();
                let key = decision_key("refund", &wanted, amount, terminal, &approved, actor.as_ref());
                let (order, id) = (&wanted.order_id, Some(&wanted.id));
                let (actor, sending) = intend_at_backend(tx, &admission, &key, id, order, amount, time)?;
                let kind = AuditKind::RefundApproved;
                let decision =
                    audit::decision(&place, kind, &wanted, Some(amount), &approved, actor.as_ref());
                tx.audit(&decision, now)?;
                Ok((actor, key, decision, sending))
            })
            .await?;
        let approve = self.without_number("refund", request, amount, approval, actor);
        let answer = self.parts.source.approve(&approve).await;
        self.keep_answer_to(&decision, answer, move |tx, answer| {
            match settled(answer, sending) {
                Settled::Undone => tx.drop_refund_by_backend(&key)?,
                Settled::Done(_) | Settled::Open => {}
            }
            Ok(())
        })
        .await
        .map(drop)
    }

    /// An approval that pays nothing from this PC.
    fn without_number(
        &self,
        decision: &str,
        request: &RefundRequest,
        amount: Fen,
        approval: &Approval,
        actor: Option<Signature>,
    ) -> Approve {
        let terminal = self.parts.place.terminal.as_str();
        Approve {
            request: request.id.clone(),
            version: request.version,
            idempotency_key: decision_key(decision, request, amount, terminal, approval, actor.as_ref()),
            amount,
            refund_no: None,
            reason: approval.reason.clone(),
            actor,
        }
    }

    /// Writes a decision down that moves no money and that the backend is to carry out, unless whoever decides may not any
    /// more, a payout is under way, or what it is about has changed since the person looked. The backend's own check of
    /// the version has the last word.
    async fn decide(
        &self,
        decided: Decided<'_>,
        admission: Admission,
    ) -> Result<(Option<Signature>, NewAudit), Error> {
        let (place, now) = (self.parts.place.clone(), self.now());
        let Decided { kind, request, amount, approval } = decided;
        let (request, approval) = (request.clone(), approval.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                let actor = admission.may(tx)?;
                refuse_stale(tx, &request.id, approval.seen)?;
                if let Some(row) = tx.payout_of_request(&request.id)?
                    && row.payout.counts()
                {
                    let out_refund_no = row.payout.out_refund_no.into();
                    return Err(Error::AlreadyRunning { out_refund_no });
                }
                let decision = audit::decision(&place, kind, &request, amount, &approval, actor.as_ref());
                tx.audit(&decision, now)?;
                Ok((actor, decision))
            })
            .await
    }
}

/// A wish as it was sent first. Whoever repeats it, the repetition says the same word for word: with another person's name
/// under it the backend would take it for another one under the same key, and refuse it for ever.
#[derive(Serialize, Deserialize)]
struct KeptWish {
    key: String,
    actor: Option<Signature>,
}

impl KeptWish {
    fn text(&self) -> String {
        json!(self).to_string()
    }

    /// What was kept of it. Before names were kept it was the key alone.
    fn read(kept: &str, new: &KeptWish) -> KeptWish {
        serde_json::from_str(kept)
            .unwrap_or_else(|_| KeptWish { key: kept.to_owned(), actor: new.actor.clone() })
    }
}

/// A decision that moves no money.
struct Decided<'a> {
    kind: AuditKind,
    request: &'a RefundRequest,
    amount: Option<Fen>,
    approval: &'a Approval,
}

/// What an answer tells of a refund by the backend.
enum Settled<'a> {
    /// It was carried out.
    Done(&'a RefundRequest),
    /// It was not, neither now nor at an earlier sending.
    Undone,
    /// It may have been.
    Open,
}

fn settled<'a>(answer: Result<&'a RefundRequest, &SourceError>, sending: Sending) -> Settled<'a> {
    match (answer, sending) {
        (Ok(request), _) => Settled::Done(request),
        (Err(error), _) if error.is_transient() => Settled::Open,
        (Err(_), Sending::First) => Settled::Undone,
        (Err(error), Sending::Again) if error.denies_earlier() => Settled::Undone,
        (Err(_), Sending::Again) => Settled::Open,
    }
}

/// The same decision of the same terminal on the same version has the same key, so that it may be repeated after a crash
/// without having been written down. Only for decisions that move no money from this PC.
fn decision_key(
    decision: &str,
    request: &RefundRequest,
    amount: Fen,
    terminal: &str,
    approval: &Approval,
    actor: Option<&Signature>,
) -> String {
    let (version, amount) = (request.version.to_string(), amount.get().to_string());
    let (reason, actor) = (approval.reason.as_deref(), actor.map(|actor| actor.id.as_str()));
    let mut parts = vec!["decision/2", decision, request.id.as_str(), &version, &amount, terminal];
    parts.extend([reason, actor].map(Option::unwrap_or_default));
    digest(&parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SourceErrorKind;

    #[test]
    fn a_repetition_is_undone_only_by_what_the_backend_says_after_it_looked_for_the_key() {
        let refused = |kind: SourceErrorKind, problem: &str| SourceError {
            kind,
            code: "backend_refused",
            problem: problem.to_owned(),
            text: String::new(),
        };
        let none = || (None, None);
        let conflict = |(request, order)| SourceErrorKind::Conflict { request, order };
        let version = |(request, order)| SourceErrorKind::VersionConflict { request, order };
        let undone = [
            refused(conflict(none()), "state_conflict"),
            refused(version(none()), "version_conflict"),
            refused(SourceErrorKind::Refused, "amount_exceeds_refundable"),
        ];
        let open = [
            refused(SourceErrorKind::Unauthenticated, "unauthenticated"),
            refused(SourceErrorKind::Forbidden, "forbidden"),
            refused(SourceErrorKind::NotFound, "not_found"),
            refused(SourceErrorKind::Refused, "invalid_request"),
            refused(SourceErrorKind::Refused, "idempotency_key_reused"),
            refused(SourceErrorKind::Refused, "console:invalid_argument"),
        ];
        for error in undone.iter().chain(&open) {
            assert!(matches!(settled(Err(error), Sending::First), Settled::Undone), "{error:?}");
        }
        for error in &undone {
            assert!(matches!(settled(Err(error), Sending::Again), Settled::Undone), "{error:?}");
        }
        for error in &open {
            assert!(matches!(settled(Err(error), Sending::Again), Settled::Open), "{error:?}");
        }
        let silence = refused(SourceErrorKind::Transient { retry_after_s: None }, "console:timeout");
        for sending in [Sending::First, Sending::Again] {
            assert!(matches!(settled(Err(&silence), sending), Settled::Open));
        }
    }
}
