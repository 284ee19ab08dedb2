//! What is owed to the backend beside refunds: lost payments that were found, tickets that are on paper.

use domain::reconcile::Alert;
use domain::time::Timestamp;
use domain::{Fen, Order, OrderId, TradeState, pace};
use mirror::{AuditKind, EffectKind, EffectRow, EffectState, Moment, NewAudit, OrderRow};
use serde_json::json;

use crate::engine::{Event, alert_key};
use crate::feed::contact;
use crate::ports::{PaymentObserved, SourceError, SourceErrorKind};
use crate::taking::{Take, take_order};
use crate::{Engine, Error, Trouble};

/// The longest pause between two attempts to tell the backend.
const PAUSE_CAP_SECONDS: i64 = 600;

/// Kinds of effects that this file performs.
const KINDS: [EffectKind; 2] = [EffectKind::PaymentObserved, EffectKind::Printed];

/// Which words to the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owed {
    /// Those that are due.
    Due,
    /// Those in a pause after a failure as well.
    All,
}

enum Told {
    /// That WeChat has the money.
    Payment {
        /// The order as the backend has it since.
        order: Box<Order>,
        /// How much.
        total: Fen,
    },
    /// That a ticket of this order is on paper.
    Printed(OrderId),
    /// There is nothing to tell any more, or nobody who listens.
    NotNeeded(&'static str),
}

impl Engine {
    /// Tells the backend whatever is due, each once. Returns how many words arrived, and what went wrong.
    pub(crate) async fn tell_backend(&self, owed: Owed) -> Result<(u64, Vec<Trouble>), Error> {
        let mut told = 0;
        let mut troubles = Vec::new();
        for kind in KINDS {
            let now = match owed {
                Owed::Due => self.now(),
                Owed::All => Timestamp::MAX,
            };
            let due = self
                .parts
                .mirror
                .read::<_, Error>(move |view| Ok(view.due_effects(kind, now, 1_000)?))
                .await?;
            for effect in due {
                match self.tell_one(&effect).await? {
                    Ok(Some(())) => told += 1,
                    Ok(None) => {}
                    Err(trouble) => troubles.push(trouble),
                }
            }
        }
        Ok((told, troubles))
    }

    /// Tells the backend whatever is owed to it, for ever.
    pub(crate) async fn keep_telling_backend(&self) -> Result<(), Error> {
        let mut changes = self.parts.mirror.changes();
        loop {
            changes.borrow_and_update();
            self.tell_backend(Owed::Due).await?;
            let next = self
                .parts
                .mirror
                .read::<_, Error>(|view| {
                    let due: Result<Vec<Option<Timestamp>>, mirror::Error> =
                        KINDS.iter().map(|kind| view.next_effect(*kind)).collect();
                    Ok(due?.into_iter().flatten().min())
                })
                .await?;
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

    async fn tell_one(&self, effect: &EffectRow) -> Result<Result<Option<()>, Trouble>, Error> {
        let outcome = match (effect.kind, effect.order_id.clone()) {
            (EffectKind::PaymentObserved, Some(order)) => self.tell_payment(&order).await?,
            (EffectKind::Printed, Some(order)) => self.tell_printed(&order, effect).await?,
            _ => Ok(Told::NotNeeded("nothing to tell")),
        };
        let now = self.now();
        let (id, attempts) = (effect.id, effect.attempts);
        let error = match outcome {
            Ok(told) => {
                let arrived = matches!(told, Told::Payment { .. } | Told::Printed(_)).then_some(());
                self.settle_told(id, told).await?;
                return Ok(Ok(arrived));
            }
            Err(error) => error,
        };
        let trouble = Trouble::source(&error);
        self.hear(Event::Trouble(trouble.clone()));
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                match error.kind {
                    SourceErrorKind::Transient { .. }
                    | SourceErrorKind::Unauthenticated
                    | SourceErrorKind::Forbidden
                    | SourceErrorKind::CursorExpired => {
                        let due =
                            now.saturating_add(pace::backoff(attempts + 1, PAUSE_CAP_SECONDS)).unwrap_or(now);
                        tx.postpone(id, due, &error.problem)?;
                    }
                    SourceErrorKind::NotFound
                    | SourceErrorKind::Conflict { .. }
                    | SourceErrorKind::VersionConflict { .. }
                    | SourceErrorKind::Refused => {
                        tx.settle(id, EffectState::NeedsAttention, Some(&error.problem), now)?;
                    }
                }
                Ok(())
            })
            .await?;
        Ok(Err(trouble))
    }

    /// Keeps that the backend was told, with all that follows from it: whoever finds the effect settled finds its row in
    /// the audit log.
    async fn settle_told(&self, id: i64, told: Told) -> Result<(), Error> {
        let (now, place) = (self.now(), self.parts.place.clone());
        let heard = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                let (state, why) = match &told {
                    Told::Payment { .. } | Told::Printed(_) => (EffectState::Done, None),
                    Told::NotNeeded(why) => (EffectState::Withdrawn, Some(*why)),
                };
                tx.settle(id, state, why, now)?;
                match told {
                    Told::Payment { order, total } => {
                        let contact = contact(&tx.sync_state()?);
                        let heard = take_order(tx, &place, &order, Take::Newer, contact, now)?;
                        let knows = order.claims_paid();
                        if knows {
                            // Found and settled before anybody had to be told.
                            tx.close_alert(&alert_key(Alert::LostPayment, &order), now)?;
                        }
                        let audit = NewAudit::new(AuditKind::PaymentReported, &place.terminal)
                            .order(&order.id)
                            .to(json!({ "amount_fen": total, "taken": knows }));
                        tx.audit(&audit, now)?;
                        tx.note(&order.id, &Moment::plain("payment_observed"), now)?;
                        Ok(heard)
                    }
                    Told::Printed(order) => {
                        tx.note(&order, &Moment::plain("acked"), now)?;
                        Ok(None)
                    }
                    Told::NotNeeded(_) => Ok(None),
                }
            })
            .await?;
        heard.iter().for_each(|event| self.hear(event.clone()));
        Ok(())
    }

    async fn tell_payment(&self, id: &OrderId) -> Result<Result<Told, SourceError>, Error> {
        if !self.capabilities().await?.payment_observed {
            return Ok(Ok(Told::NotNeeded("not offered")));
        }
        let wanted = id.clone();
        let Some(row) = self.parts.mirror.read::<_, Error>(move |view| Ok(view.order(&wanted)?)).await?
        else {
            return Ok(Ok(Told::NotNeeded("no such order")));
        };
        if row.order.claims_paid() {
            return Ok(Ok(Told::NotNeeded("the backend knows")));
        }
        let Some(observed) = observed(&row) else { return Ok(Ok(Told::NotNeeded("nothing observed"))) };
        match self.parts.source.payment_observed(&observed).await {
            Ok(order) => Ok(Ok(Told::Payment { order: Box::new(order), total: observed.total })),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn tell_printed(
        &self,
        id: &OrderId,
        effect: &EffectRow,
    ) -> Result<Result<Told, SourceError>, Error> {
        if !self.capabilities().await?.ack {
            return Ok(Ok(Told::NotNeeded("not offered")));
        }
        let ticket = effect.payload.get("ticket").and_then(|value| value.as_str()).unwrap_or("order");
        match self.parts.source.ticket_printed(id, ticket, effect.due_at).await {
            Ok(()) => Ok(Ok(Told::Printed(id.clone()))),
            Err(error) => Ok(Err(error)),
        }
    }
}

fn observed(row: &OrderRow) -> Option<PaymentObserved> {
    let payment = row.evidence.as_ref()?.payment.as_ref()?;
    if !payment.trade_state.is_paid() {
        return None;
    }
    let observed_at = row.verified_at?;
    Some(PaymentObserved {
        order: row.order.id.clone(),
        transaction_id: payment.transaction_id.clone()?,
        out_trade_no: payment.out_trade_no.clone().or_else(|| row.order.payment.out_trade_no.clone())?,
        total: payment.total?,
        refunded: payment.trade_state == TradeState::Refund,
        paid_at: payment.paid_at.unwrap_or(observed_at),
        observed_at,
    })
}
