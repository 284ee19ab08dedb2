//! What the backend tells, taken into the mirror with everything that it causes.

use domain::reconcile::{Alert, Arrival, Ask, Contact, Known, on_order, on_refund_request};
use domain::time::Timestamp;
use domain::verify::Verified;
use domain::{BackendPayoutState, Order, RefundRequest, RefundState};
use jiff::SignedDuration;
use mirror::{EffectKind, Moment, NewEffect, OrderRow, RereadKind, Tx};
use serde_json::json;

use crate::Error;
use crate::engine::{Event, alert_key, owe_for_order};
use crate::feed::Brought;
use crate::ports::{Change, Changes, Place};
use crate::tickets::withdraw_tickets;

/// Paid orders older than this are asked about only when a person wants it (`product.md` 6, `sync`).
const ASK_UP_TO: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How a told object is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// Only if its version is above the known one.
    Newer,
    /// As it is: the backend may have been restored from a backup.
    AsTold,
}

/// Takes a piece of the feed.
pub(crate) fn take_changes(
    tx: &Tx<'_>,
    place: &Place,
    changes: &Changes,
    take: Take,
    contact: Contact,
    now: Timestamp,
) -> Result<(Brought, Vec<Event>), Error> {
    let mut brought = Brought::default();
    let mut heard = Vec::new();
    for item in &changes.items {
        match item {
            Change::Order(order) => {
                let event = take_order(tx, place, order, take, contact, now)?;
                brought.orders += u64::from(event.is_some());
                heard.extend(event);
            }
            Change::RefundRequest(request) => {
                let event = take_refund_request(tx, request, take, contact, now)?;
                brought.refund_requests += u64::from(event.is_some());
                heard.extend(event);
            }
            Change::OrderNamed(id) => tx.add_reread(RereadKind::Order, id, now)?,
            Change::RefundRequestNamed(id) => tx.add_reread(RereadKind::RefundRequest, id, now)?,
        }
    }
    Ok((brought, heard))
}

/// Keeps an order with everything that it causes. `None` when it is not newer than what is known.
pub(crate) fn take_order(
    tx: &Tx<'_>,
    place: &Place,
    told: &Order,
    take: Take,
    contact: Contact,
    now: Timestamp,
) -> Result<Option<Event>, Error> {
    let known = tx.order(&told.id)?;
    if let Some(row) = &known
        && (row.order == *told || (take == Take::Newer && told.version <= row.order.version))
    {
        return Ok(None);
    }
    let before = known.as_ref().map(|row| Known {
        order: row.order.clone(),
        verified: row.verified,
        noise: row.noise,
    });
    let arrival = on_order(before.as_ref(), told, contact, now);
    let row = next_row(known, told, &arrival, now);
    tx.put_order(&row)?;
    let note = |moment: Moment| tx.note(&told.id, &moment, now);
    if before.is_none() {
        note(Moment::plain("seen"))?;
    }
    if arrival.newly_paid {
        note(Moment::with("paid", json!({ "amount": told.payment.total.to_string() })))?;
        // The notification was late, not lost.
        tx.close_alert(&alert_key(Alert::LostPayment, told), now)?;
    }
    if arrival.newly_dead {
        note(Moment::plain("cancelled"))?;
        // Whatever was still to come out is not to be made any more.
        withdraw_tickets(tx, place, &told.id, now)?;
    }
    if arrival.ask == Ask::AtOnce {
        // What WeChat confirmed before was something else; its ticket waits for the new word.
        withdraw_tickets(tx, place, &told.id, now)?;
    }
    owe_for_order(tx, told, &arrival.owed, now)?;
    Ok(Some(Event::Order { id: told.id.clone(), number: told.number.clone() }))
}

fn next_row(known: Option<OrderRow>, told: &Order, arrival: &Arrival, now: Timestamp) -> OrderRow {
    let planned = known.as_ref().and_then(|row| row.ask_at);
    let too_old =
        told.claims_paid() && now.duration_since(told.payment.paid_at.unwrap_or(told.placed_at)) > ASK_UP_TO;
    let ask_at = match arrival.ask {
        Ask::AtOnce if too_old => None,
        Ask::AtOnce => Some(now),
        Ask::AsPlanned => planned,
        Ask::Never => None,
    };
    let asks_anew = arrival.ask == Ask::AtOnce || arrival.verified == Verified::NotApplicable;
    let kept = known.filter(|_| !asks_anew);
    let (verified_at, evidence, ask_failures) = match &kept {
        Some(row) => (row.verified_at, row.evidence.clone(), row.ask_failures),
        None => (None, None, 0),
    };
    OrderRow {
        order: told.clone(),
        verified: arrival.verified,
        verified_at,
        evidence,
        ask_at,
        ask_failures,
        noise: arrival.noise,
        // Kept by the database for a known order.
        first_seen: now,
        revision: 0,
    }
}

/// Keeps a refund request with everything that it causes. `None` when it is not newer than what is known.
pub(crate) fn take_request(
    tx: &Tx<'_>,
    told: &RefundRequest,
    now: Timestamp,
) -> Result<Option<Event>, Error> {
    take_refund_request(tx, told, Take::Newer, Contact::Later, now)
}

pub(crate) fn take_refund_request(
    tx: &Tx<'_>,
    told: &RefundRequest,
    take: Take,
    contact: Contact,
    now: Timestamp,
) -> Result<Option<Event>, Error> {
    let known = tx.refund_request(&told.id)?.map(|row| row.request);
    if let Some(known) = &known
        && (known == told || (take == Take::Newer && told.version <= known.version))
    {
        return Ok(None);
    }
    tx.put_refund_request(told)?;
    let same =
        |known: &RefundRequest| (&known.state, &known.payout.state) == (&told.state, &told.payout.state);
    if !known.as_ref().is_some_and(same) {
        // Told anew of the same end, what was decided on it since may be on its way: its room is not given back.
        take_room(tx, told)?;
    }
    let order = tx.order(&told.order_id)?;
    if order.is_none() {
        tx.add_reread(RereadKind::Order, told.order_id.as_str(), now)?;
    }
    if known.is_none() {
        tx.note(
            &told.order_id,
            &Moment::with("refund_requested", json!({ "id": told.id, "amount": told.amount.to_string() })),
            now,
        )?;
    }
    if let Some(known) = &known
        && known.state != told.state
    {
        // Decided, here or elsewhere, or taken back: nobody is asked any more.
        tx.close_alert(&wish_key(known), now)?;
    }
    for owed in on_refund_request(known.as_ref(), told, contact, now) {
        let effect = NewEffect {
            key: wish_key(told),
            kind: EffectKind::Alert,
            order_id: Some(told.order_id.clone()),
            request_id: Some(told.id.clone()),
            payload: json!({ "alert": Alert::RefundRequested.as_str(), "amount": told.amount.to_string() }),
            due_at: owed.at,
        };
        tx.owe(&effect, now)?;
    }
    Ok(Some(Event::RefundRequest { id: told.id.clone(), state: told.state.as_str().to_owned() }))
}

/// Where the backend pays, its word decides whether what was decided here takes room in the limits of a day.
pub(crate) fn take_room(tx: &Tx<'_>, told: &RefundRequest) -> Result<(), mirror::Error> {
    match (&told.state, &told.payout.state) {
        // Of an abnormal one the money may still arrive.
        (
            _,
            BackendPayoutState::Processing
            | BackendPayoutState::Success
            | BackendPayoutState::Abnormal
            | BackendPayoutState::Other(_),
        )
        | (RefundState::Processing | RefundState::Succeeded, _) => tx.count_refund_by_backend_on(&told.id),
        (
            RefundState::Failed | RefundState::Rejected | RefundState::Withdrawn | RefundState::Closed,
            BackendPayoutState::None | BackendPayoutState::Failed | BackendPayoutState::Closed,
        ) => tx.drop_refunds_by_backend_on(&told.id),
        // What was decided may be on its way to the backend.
        (
            RefundState::Pending | RefundState::WaitingReturn | RefundState::Returned | RefundState::Other(_),
            BackendPayoutState::None | BackendPayoutState::Failed | BackendPayoutState::Closed,
        ) => Ok(()),
    }
}

/// One alert for each time that a request comes to the shop's turn.
fn wish_key(request: &RefundRequest) -> String {
    format!("alert:{}:{}:{}", Alert::RefundRequested.as_str(), request.id, request.state.as_str())
}
