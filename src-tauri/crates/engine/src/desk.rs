//! The refund desk: what people decide, checked against what is known, and written down before anything is sent.

use domain::id::RefundSubject;
use domain::payout::Payout;
use domain::staff::{Act, Signature};
use domain::verify::Verified;
use domain::{Fen, OrderId, OutRefundNo, PayoutMode, RefundRequest, RefundRequestId, RefundState};
use mirror::{AuditKind, Decision, LeaveOut, Moment, NewAudit, OrderRow, Revision, Tx};
use serde_json::json;

use crate::audit;
use crate::desk_row::{DeskRow, desk_row};
use crate::intent::{
    Wish, add, check_amount, check_decidable, check_payable, digest, intend, intend_at_backend, new_payout,
    paid_total, payouts_of_payment, refuse_changed_order, refuse_stale, refuse_while_in_flight,
    seen_of_order,
};
use crate::people::{Actor, Admission, called, second};
use crate::ports::{Approve, Capabilities, RefundOrder, Reject};
use crate::{Engine, Error};

/// What a person approves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Approval {
    /// Another amount than asked for.
    pub amount: Option<Fen>,
    /// Why, for the buyer and the books.
    pub reason: Option<String>,
    /// Who.
    pub actor: Actor,
    /// The revision of the desk's row that the person saw; `None`: as it is, whatever it is. Refused as [`Error::Stale`]
    /// when the row has changed since, in the transaction that writes the decision down.
    pub seen: Option<Revision>,
}

impl Engine {
    /// One row of the desk.
    pub async fn refund(&self, id: &RefundRequestId) -> Result<DeskRow, Error> {
        let wanted = id.clone();
        self.parts
            .mirror
            .read::<_, Error>(move |view| {
                let row = view
                    .refund_request(&wanted)?
                    .ok_or_else(|| Error::NoRefundRequest { id: wanted.as_str().to_owned() })?;
                desk_row(view, row.request)
            })
            .await
    }

    /// Approves a request's payout and writes the intent down. It is sent by whoever drives the refunds; see
    /// [`Engine::approve_and_wait`].
    pub async fn approve(&self, id: &RefundRequestId, approval: &Approval) -> Result<(), Error> {
        let admission = self.people().admit(&approval.actor, Act::Refund).await?;
        let outcome = self.approve_as(id, approval, &admission).await;
        self.people().settle(admission, outcome.is_ok());
        outcome
    }

    async fn approve_as(
        &self,
        id: &RefundRequestId,
        approval: &Approval,
        admission: &Admission,
    ) -> Result<(), Error> {
        let (request, order) = self.look_up(id).await?;
        let capabilities = self.refund_capabilities().await?;
        if Engine::payer(&capabilities, request.payout.mode) == PayoutMode::Backend {
            return self.approve_at_backend(&request, approval, &capabilities, admission).await;
        }
        // What the person saw is the desk's row, of which the order is no part.
        let order = self.confirmed(order, None).await?;
        check_payable(&order, &capabilities, &self.parts.place)?;
        let now = self.now();
        let place = self.parts.place.clone();
        let (approval, admission) = (approval.clone(), admission.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                refuse_stale(tx, &request.id, approval.seen)?;
                let known = tx.payout_of_request(&request.id)?;
                let wish = Wish { request: &request, order: &order, approval: &approval, admission: &admission };
                let intent = intend(tx, &wish, &capabilities, &place, now)?;
                if let Some(intent) = intent {
                    let noted = json!({
                        "out_refund_no": intent.out_refund_no, "amount": intent.amount.to_string(),
                        "actor": called(intent.actor.as_ref()), "second": called(second(intent.actor.as_ref())),
                    });
                    tx.note(&order.order.id, &Moment::with("refund_approved", noted), now)?;
                    tx.audit(&audit::approved(&place, &request, known.as_ref(), &intent, &approval), now)?;
                }
                Ok(())
            })
            .await
    }

    /// Agrees that the goods come back. No money moves.
    pub async fn agree_return(&self, id: &RefundRequestId, approval: &Approval) -> Result<DeskRow, Error> {
        let admission = self.people().admit(&approval.actor, Act::AgreeReturn).await?;
        let outcome = self.agree_return_as(id, approval, &admission).await;
        self.people().settle(admission, outcome.is_ok());
        outcome
    }

    async fn agree_return_as(
        &self,
        id: &RefundRequestId,
        approval: &Approval,
        admission: &Admission,
    ) -> Result<DeskRow, Error> {
        let (request, _) = self.look_up(id).await?;
        self.refund_capabilities().await?;
        if request.state != RefundState::Pending {
            return Err(Error::NotDecidable { state: request.state.as_str().to_owned() });
        }
        let amount = approval.amount.unwrap_or(request.amount);
        let actor = self.signature(admission).await?;
        let kind = AuditKind::ReturnAgreed;
        let decision =
            audit::decision(&self.parts.place, kind, &request, Some(amount), approval, actor.as_ref());
        let approve = self.without_number("agree_return", &request, amount, approval, actor);
        self.decide(id, approval.seen, &decision).await?;
        self.keep_answer_to(&decision, self.parts.source.agree_return(&approve).await).await?;
        self.refund(id).await
    }

    /// Refuses a request, seen as in [`Approval::seen`].
    pub async fn reject(
        &self,
        id: &RefundRequestId,
        reason: &str,
        actor: &Actor,
        seen: Option<Revision>,
    ) -> Result<DeskRow, Error> {
        let admission = self.people().admit(actor, Act::Refuse).await?;
        let outcome = self.reject_as(id, reason, &admission, seen).await;
        self.people().settle(admission, outcome.is_ok());
        outcome
    }

    async fn reject_as(
        &self,
        id: &RefundRequestId,
        reason: &str,
        admission: &Admission,
        seen: Option<Revision>,
    ) -> Result<DeskRow, Error> {
        let (request, order) = self.look_up(id).await?;
        self.refund_capabilities().await?;
        self.refuse_stale(id, seen).await?;
        let state = self.refund(id).await?;
        if state.payout.as_ref().is_some_and(|row| row.payout.counts()) {
            return Err(Error::AlreadyRunning {
                out_refund_no: state.payout.map(|row| row.payout.out_refund_no.into()).unwrap_or_default(),
            });
        }
        let actor = self.signature(admission).await?;
        let reject = Reject {
            request: request.id.clone(),
            version: request.version,
            idempotency_key: decision_key(
                "reject",
                &request,
                request.amount,
                &self.said(Some(reason), actor.as_ref()),
            ),
            reason: reason.to_owned(),
            actor: actor.clone(),
        };
        let said = Approval { reason: Some(reason.to_owned()), seen, ..Approval::default() };
        let kind = AuditKind::RefundRejected;
        let decision = audit::decision(&self.parts.place, kind, &request, None, &said, actor.as_ref());
        self.decide(id, seen, &decision).await?;
        self.keep_answer_to(&decision, self.parts.source.reject(&reject).await).await?;
        let now = self.now();
        let (order_id, noted) =
            (order.order.id.clone(), json!({ "reason": reason, "actor": called(actor.as_ref()) }));
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                Ok(tx.note(&order_id, &Moment::with("refund_rejected", noted), now)?)
            })
            .await?;
        self.refund(id).await
    }

    /// Starts a refund that nobody asked for and writes the intent down. `seen` is the revision of the order's row that the
    /// person saw, as in [`Approval::seen`]. Returns its payout's row number, or in backend mode the new request's id.
    pub async fn refund_order(
        &self,
        number: &str,
        amount: Fen,
        reason: &str,
        actor: &Actor,
        seen: Option<Revision>,
    ) -> Result<StartedRefund, Error> {
        let admission = self.people().admit(actor, Act::Refund).await?;
        let outcome = self.refund_order_as(number, amount, reason, &admission, seen).await;
        self.people().settle(admission, outcome.is_ok());
        outcome
    }

    async fn refund_order_as(
        &self,
        number: &str,
        amount: Fen,
        reason: &str,
        admission: &Admission,
        seen: Option<Revision>,
    ) -> Result<StartedRefund, Error> {
        let order = self.look_up_order(number).await?;
        if seen.is_some_and(|seen| seen != order.revision) {
            return Err(Error::Stale);
        }
        let capabilities = self.refund_capabilities().await?;
        if !capabilities.initiate_refunds {
            return Err(Error::NotOffered);
        }
        if !amount.is_positive() {
            return Err(Error::AmountInvalid);
        }
        if amount > order.order.amounts.refundable {
            return Err(Error::AmountAbove { max: order.order.amounts.refundable });
        }
        if capabilities.payout == PayoutMode::Backend {
            return self.refund_at_backend(&order, amount, reason, admission, seen).await;
        }
        let order = self.confirmed(order, seen).await?;
        check_payable(&order, &capabilities, &self.parts.place)?;
        let now = self.now();
        let place = self.parts.place.clone();
        let (reason, admission) = (reason.to_owned(), admission.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                // WeChat's word of a moment ago is a change that this call made itself.
                refuse_changed_order(tx, &order, seen)?;
                refuse_while_in_flight(&payouts_of_payment(tx, &order.order, &place)?, None)?;
                let key = uuid::Uuid::new_v4().to_string();
                let subject = RefundSubject::New { order: &order.order.id, idempotency_key: &key };
                let refund_no = OutRefundNo::derive(&place.shop, &subject, 1);
                let wish = (&order.order.id, order.order.version);
                let actor = admission.may_refund(tx, amount, LeaveOut::Nothing, now)?;
                let said = (reason.as_str(), actor.as_ref());
                let audit = audit::started(&place, wish, Some(&refund_no), amount, said, seen);
                let payout = Payout::wanted(refund_no, 1, amount, paid_total(&order), now);
                let decision = Decision {
                    version: order.order.version,
                    seen: seen_of_order(&order.order),
                    reason: Some(reason),
                    actor,
                };
                let new = new_payout(None, &order.order, &place, payout, decision, key)?;
                let id = add(tx, &new, &order.order, now)?;
                tx.audit(&audit, now)?;
                Ok(StartedRefund::Payout(id))
            })
            .await
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
        let said = self.said(approval.reason.as_deref(), actor.as_ref());
        Approve {
            request: request.id.clone(),
            version: request.version,
            idempotency_key: decision_key(decision, request, amount, &said),
            amount,
            refund_no: None,
            reason: approval.reason.clone(),
            actor,
        }
    }

    /// Writes a decision down that the backend is to carry out, unless what it is about has changed since the person
    /// looked.
    async fn decide(
        &self,
        id: &RefundRequestId,
        seen: Option<Revision>,
        decision: &NewAudit,
    ) -> Result<(), Error> {
        let (id, decision, now) = (id.clone(), decision.clone(), self.now());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                refuse_stale(tx, &id, seen)?;
                tx.audit(&decision, now)?;
                Ok(())
            })
            .await
    }

    /// For decisions that the backend carries out; its own check of the version has the last word.
    async fn refuse_stale(&self, id: &RefundRequestId, seen: Option<Revision>) -> Result<(), Error> {
        let id = id.clone();
        self.parts.mirror.read::<_, Error>(move |view| refuse_stale(view, &id, seen)).await
    }

    /// What makes a decision's body differ, beside what it decides.
    fn said<'a>(&'a self, reason: Option<&'a str>, actor: Option<&'a Signature>) -> [Option<&'a str>; 3] {
        [Some(self.parts.place.terminal.as_str()), reason, actor.map(|actor| actor.id.as_str())]
    }

    /// Who decides, for a decision that moves no money.
    async fn signature(&self, admission: &Admission) -> Result<Option<Signature>, Error> {
        let admission = admission.clone();
        self.parts.mirror.read::<_, Error>(move |view| admission.may(view)).await
    }

    /// The request and its order, fresh from the backend.
    async fn look_up(&self, id: &RefundRequestId) -> Result<(RefundRequest, OrderRow), Error> {
        let told = self.parts.source.refund_request(id).await?;
        let Some(told) = told else { return Err(Error::NoRefundRequest { id: id.as_str().to_owned() }) };
        let order_id = told.order_id.clone();
        self.keep_refund_request(Some(told), None).await?;
        let order = self.fresh_order(&order_id).await?;
        let row = self.refund(id).await?;
        let request = row.request.ok_or_else(|| Error::NoRefundRequest { id: id.as_str().to_owned() })?;
        Ok((request, order))
    }

    async fn look_up_order(&self, number: &str) -> Result<OrderRow, Error> {
        let wanted = number.to_owned();
        let known =
            self.parts.mirror.read::<_, Error>(move |view| Ok(view.order_by_any_number(&wanted)?)).await?;
        let no_order = || Error::NoOrder { number: number.to_owned() };
        let id = match known {
            Some(row) => row.order.id,
            None => OrderId::new(number).map_err(|_| no_order())?,
        };
        self.fresh_order(&id).await
    }

    async fn fresh_order(&self, id: &OrderId) -> Result<OrderRow, Error> {
        let told = self.parts.source.order(id).await?;
        if told.is_none() {
            return Err(Error::NoOrder { number: id.as_str().to_owned() });
        }
        self.keep_order(told, None).await?;
        let wanted = id.clone();
        self.parts
            .mirror
            .read::<_, Error>(move |view| Ok(view.order(&wanted)?))
            .await?
            .ok_or_else(|| Error::NoOrder { number: id.as_str().to_owned() })
    }

    async fn refund_capabilities(&self) -> Result<Capabilities, Error> {
        let capabilities = self.capabilities().await?;
        if capabilities.decide_refunds { Ok(capabilities) } else { Err(Error::NotOffered) }
    }

    /// Starts a refund that the backend pays. Its key is kept from before the first sending until a definite answer, so
    /// that the same wish repeated after a time-out is the same refund, also to the limits.
    async fn refund_at_backend(
        &self,
        order: &OrderRow,
        amount: Fen,
        reason: &str,
        admission: &Admission,
        seen: Option<Revision>,
    ) -> Result<StartedRefund, Error> {
        let wish = digest(&["refund_order/1", order.order.id.as_str(), &amount.get().to_string(), reason]);
        let fresh = uuid::Uuid::new_v4().to_string();
        let subject = (&order.order.id, order.order.version);
        let signature = self.signature(admission).await?;
        let said = (reason, signature.as_ref());
        let decision = audit::started(&self.parts.place, subject, None, amount, said, seen);
        let (name, row, noted, now) = (wish.clone(), order.clone(), decision.clone(), self.now());
        let admission = admission.clone();
        let (key, actor) = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                refuse_changed_order(tx, &row, seen)?;
                let key = tx.keep_key(&name, &fresh)?;
                let actor = intend_at_backend(tx, &admission, &key, None, &row.order.id, amount, now)?;
                tx.audit(&noted, now)?;
                Ok((key, actor))
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
        // Kept before the key is forgotten: whoever would be given a new one finds that the order has changed.
        let answer = match self.keep_answer_to(&decision, answer).await {
            Err(Error::Source(error)) if !error.is_transient() => Err(error),
            answer => Ok(answer?),
        };
        let refused = answer.is_err();
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                if refused {
                    tx.drop_refund_by_backend(&key)?;
                }
                Ok(tx.forget_key(&wish)?)
            })
            .await?;
        Ok(StartedRefund::Request(answer?.id))
    }

    async fn approve_at_backend(
        &self,
        request: &RefundRequest,
        approval: &Approval,
        capabilities: &Capabilities,
        admission: &Admission,
    ) -> Result<(), Error> {
        check_decidable(request)?;
        let amount = check_amount(request, approval.amount.unwrap_or(request.amount), capabilities)?;
        let actor = self.signature(admission).await?;
        let kind = AuditKind::RefundApproved;
        let decision =
            audit::decision(&self.parts.place, kind, request, Some(amount), approval, actor.as_ref());
        let approve = self.without_number("refund", request, amount, approval, actor);
        let (key, noted) = (approve.idempotency_key.clone(), decision.clone());
        let (wanted, seen, now, admission) = (request.clone(), approval.seen, self.now(), admission.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                refuse_stale(tx, &wanted.id, seen)?;
                if wanted.state == RefundState::Failed {
                    tx.drop_failed_refunds_by_backend(&wanted.id)?;
                }
                intend_at_backend(tx, &admission, &key, Some(&wanted.id), &wanted.order_id, amount, now)?;
                tx.audit(&noted, now)?;
                Ok(())
            })
            .await?;
        let answer = self.parts.source.approve(&approve).await;
        let refused = answer.as_ref().is_err_and(|error| !error.is_transient());
        let kept = self.keep_answer_to(&decision, answer).await;
        if refused {
            let key = approve.idempotency_key;
            let dropped = move |tx: &Tx<'_>| Ok(tx.drop_refund_by_backend(&key)?);
            self.parts.mirror.write::<_, Error>(dropped).await?;
        }
        kept.map(drop)
    }

    /// The order after WeChat was asked about it, if its money is not confirmed yet: a wrong number from the backend must
    /// not send another customer's money back.
    ///
    /// `seen` is the order's revision that the person saw. WeChat's word does not make it stale, but whatever else changed
    /// meanwhile does.
    async fn confirmed(&self, order: OrderRow, seen: Option<Revision>) -> Result<OrderRow, Error> {
        if !order.order.is_wechat() || order.verified == Verified::Verified {
            return Ok(order);
        }
        let asked = self.ask_about(&order).await?;
        if seen.is_some() && asked.as_ref().map(|asked| asked.before) != seen {
            return Err(Error::Stale);
        }
        match asked {
            Some(asked) => Ok(asked.row),
            None => self.fresh_order(&order.order.id).await,
        }
    }
}

/// A refund that the shop started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartedRefund {
    /// This console pays it: its payout's row number.
    Payout(i64),
    /// The backend pays it.
    Request(RefundRequestId),
}

/// The same decision of the same terminal on the same version has the same key, so that it may be repeated after a crash
/// without having been written down. Only for decisions that move no money from this PC.
fn decision_key(decision: &str, request: &RefundRequest, amount: Fen, said: &[Option<&str>]) -> String {
    let (version, amount) = (request.version.to_string(), amount.get().to_string());
    let mut parts = vec!["decision/2", decision, request.id.as_str(), &version, &amount];
    parts.extend(said.iter().map(|part| part.unwrap_or_default()));
    digest(&parts)
}
