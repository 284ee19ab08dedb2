//! The refund desk: what people decide, checked against what is known, and written down before anything is sent.

use domain::id::RefundSubject;
use domain::payout::Payout;
use domain::staff::Act;
use domain::verify::Verified;
use domain::{Fen, OrderId, OutRefundNo, PayoutMode, RefundRequest, RefundRequestId};
use mirror::{Decision, LeaveOut, Moment, OrderRow, Revision};
use serde_json::json;

use crate::audit;
use crate::desk_row::{DeskRow, desk_row};
use crate::intent::{
    Wish, add, check_payable, intend, new_payout, paid_total, payouts_of_payment, refuse_changed_order,
    refuse_stale, refuse_while_in_flight, seen_of_order,
};
use crate::people::{About, Actor, Admission, called, second};
use crate::ports::Capabilities;
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
        let about = About::request(id, approval.amount);
        let decide = |admission| async move { self.approve_as(id, approval, &admission).await };
        self.people().admitted(&approval.actor, Act::Refund, about, decide).await
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
        let (now, time) = (self.now(), self.shop_time().await?);
        let (place, guards) = (self.parts.place.clone(), self.parts.guards);
        let (approval, admission) = (approval.clone(), admission.clone());
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                refuse_stale(tx, &request.id, approval.seen)?;
                let known = tx.payout_of_request(&request.id)?;
                let (request, order, approval) = (&request, &order, &approval);
                let wish = Wish { request, order, approval, admission: &admission, guards };
                let intent = intend(tx, &wish, &capabilities, &place, (now, time))?;
                if let Some(intent) = intent {
                    let noted = json!({
                        "out_refund_no": intent.out_refund_no, "amount": intent.amount.to_string(),
                        "actor": called(intent.actor.as_ref()), "second": called(second(intent.actor.as_ref())),
                    });
                    tx.note(&order.order.id, &Moment::with("refund_approved", noted), now)?;
                    tx.audit(&audit::approved(&place, request, known.as_ref(), &intent, approval), now)?;
                }
                Ok(())
            })
            .await
    }

    /// Agrees that the goods come back. No money moves.
    pub async fn agree_return(&self, id: &RefundRequestId, approval: &Approval) -> Result<DeskRow, Error> {
        let about = About::request(id, approval.amount);
        let decide = |admission| async move { self.agree_return_as(id, approval, admission).await };
        self.people().admitted(&approval.actor, Act::AgreeReturn, about, decide).await
    }

    /// Refuses a request, seen as in [`Approval::seen`].
    pub async fn reject(
        &self,
        id: &RefundRequestId,
        reason: &str,
        actor: &Actor,
        seen: Option<Revision>,
    ) -> Result<DeskRow, Error> {
        let about = About::request(id, None);
        let decide = |admission| async move { self.reject_as(id, reason, admission, seen).await };
        self.people().admitted(actor, Act::Refuse, about, decide).await
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
        let about = About::order(number, amount);
        let decide =
            |admission| async move { self.refund_order_as(number, amount, reason, &admission, seen).await };
        self.people().admitted(actor, Act::Refund, about, decide).await
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
        let (now, time) = (self.now(), self.shop_time().await?);
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
                let actor = admission.may_refund(tx, amount, LeaveOut::Nothing, time)?;
                let said = (reason.as_str(), actor.as_ref());
                let audit = audit::started(&place, wish, Some(&refund_no), amount, said, seen);
                let payout = Payout::wanted(refund_no, 1, amount, paid_total(&order), now);
                let decision = Decision {
                    version: order.order.version,
                    seen: seen_of_order(&order.order),
                    reason: Some(reason),
                    actor,
                };
                let new = new_payout(None, &order.order, &place, payout, (decision, time.at()), key)?;
                let id = add(tx, &new, &order.order, now)?;
                tx.audit(&audit, now)?;
                Ok(StartedRefund::Payout(id))
            })
            .await
    }

    /// The request and its order, fresh from the backend.
    pub(crate) async fn look_up(&self, id: &RefundRequestId) -> Result<(RefundRequest, OrderRow), Error> {
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

    pub(crate) async fn refund_capabilities(&self) -> Result<Capabilities, Error> {
        let capabilities = self.capabilities().await?;
        if capabilities.decide_refunds { Ok(capabilities) } else { Err(Error::NotOffered) }
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
