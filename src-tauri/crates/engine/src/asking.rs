//! WeChat's word on each order: paid ones before anybody is told, unpaid ones because a payment notification may have
//! been lost.

use std::collections::HashSet;

use domain::reconcile::{Alert, on_judgement};
use domain::time::Timestamp;
use domain::verify::{Judgement, KnownRefund, Merchant, Verified, judge};
use domain::{BackendPayoutState, Order, OrderId, RefundRequest, WechatPayment, pace};
use jiff::SignedDuration;
use mirror::{Evidence, Moment, OrderRow, RefundFilter, Revision, Tx};
use serde_json::json;
use tokio::task::JoinSet;

use crate::engine::{Event, alert_key, owe_for_order};
use crate::intent::paid_from;
use crate::ports::{GatewayError, GatewayOutcome, PaymentNumber, Place};
use crate::reports::Owed;
use crate::tickets::withdraw_tickets;
use crate::{Engine, Error, Trouble};

/// How many questions may be on their way at once: a backlog goes fast, and WeChat is not flooded by one shop.
const AT_ONCE: usize = 8;

/// How many orders are read from the mirror in one go.
const BATCH: u32 = 200;

/// Failures in a row after which the line counts as troubled: single orders fail for reasons of their own.
const TROUBLED_AFTER: u32 = 3;

/// The longest pause before a troubled line is tried again.
const LINE_PAUSE_CAP_SECONDS: i64 = 30;

/// A round stops trying when every question failed for this long.
const DEAD_AFTER: SignedDuration = SignedDuration::from_secs(20);

/// The longest pause before an order is asked about again that WeChat could not be asked about.
const PAUSE_CAP_SECONDS: i64 = 60;

/// WeChat's answer about one order, held against the mirror.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The order as it is in the mirror now.
    pub row: OrderRow,
    /// WeChat's answer; `None` when it knows no such payment.
    pub payment: Option<WechatPayment>,
    /// What follows from it.
    pub judgement: Judgement,
    /// The row's revision up to this answer. Another one than that of the row that was asked about: somebody else changed
    /// the row, or a refund of the order, while WeChat was asked.
    pub before: Revision,
}

/// What a round of questions brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AskedRound {
    /// Answers, by the word of `verified`.
    pub answers: Vec<&'static str>,
    /// Lost payment notifications that were found.
    pub lost_payments: u64,
    /// Questions without a usable answer.
    pub troubles: Vec<Trouble>,
}

impl Engine {
    /// Asks WeChat about one order, whatever its turn, and keeps the answer.
    pub async fn ask(&self, number: &str) -> Result<Asked, Error> {
        let wanted = number.to_owned();
        let row = self
            .parts
            .mirror
            .read::<_, Error>(move |view| Ok(view.order_by_any_number(&wanted)?))
            .await?
            .ok_or_else(|| Error::NoOrder { number: number.to_owned() })?;
        if !row.order.is_wechat() {
            return Err(Error::NotWechat);
        }
        self.ask_about(&row).await?.ok_or_else(|| Error::NoOrder { number: number.to_owned() })
    }

    /// Asks about every order whose turn it is, with [`Owed::All`] also about every paid one that is not verified; newest
    /// first, each once.
    pub(crate) async fn ask_all(&self, owed: Owed) -> Result<AskedRound, Error> {
        let mut round = AskedRound::default();
        let mut asked: HashSet<OrderId> = HashSet::new();
        let mut still_due = 0;
        let mut line = Line::default();
        let now = self.now();
        loop {
            let limit = BATCH.saturating_add(still_due);
            let found = self
                .parts
                .mirror
                .read::<_, Error>(move |view| {
                    Ok(match owed {
                        Owed::Due => view.orders_to_ask(now, limit)?,
                        Owed::All => view.orders_to_ask_in_round(now, limit)?,
                    })
                })
                .await?;
            let (known, due): (Vec<_>, Vec<_>) =
                found.into_iter().partition(|row| asked.contains(&row.order.id));
            still_due = u32::try_from(known.len()).unwrap_or(u32::MAX);
            if due.is_empty() {
                return Ok(round);
            }
            asked.extend(due.iter().map(|row| row.order.id.clone()));
            let mut questions = JoinSet::new();
            let mut due = due.into_iter();
            loop {
                while questions.len() < AT_ONCE
                    && let Some(row) = due.next()
                {
                    let engine = self.clone();
                    let dead = line.dead_for_long(self.now());
                    questions.spawn(async move {
                        match dead {
                            Some(error) => engine.give_up(&row, error).await,
                            None => engine.ask_and_note(row).await,
                        }
                    });
                }
                match questions.join_next().await {
                    Some(outcome) => {
                        let noted = outcome.map_err(|_| Error::Panicked)??;
                        line.heard(&noted, self.now());
                        round.count(noted);
                    }
                    None => break,
                }
            }
        }
    }

    /// Asks whenever it is an order's turn, for ever.
    pub(crate) async fn keep_asking(&self) -> Result<(), Error> {
        let mut changes = self.parts.mirror.changes();
        let mut questions: JoinSet<(OrderId, Result<Noted, Error>)> = JoinSet::new();
        let mut on_their_way: HashSet<OrderId> = HashSet::new();
        let mut line = Line::default();
        loop {
            changes.borrow_and_update();
            let now = self.now();
            let (due, next) = self
                .parts
                .mirror
                .read::<_, Error>(move |view| {
                    Ok((view.orders_to_ask(now, 4 * AT_ONCE as u32)?, view.next_ask()?))
                })
                .await?;
            for row in due {
                if questions.len() >= line.at_once(now) {
                    break;
                }
                if on_their_way.insert(row.order.id.clone()) {
                    let engine = self.clone();
                    questions.spawn(async move { (row.order.id.clone(), engine.ask_and_note(row).await) });
                }
            }
            let next = next.filter(|at| *at > now);
            tokio::select! {
                biased;
                // Answers first: a mirror that never rests must not keep them waiting.
                Some(done) = questions.join_next() => {
                    let (id, outcome) = done.map_err(|_| Error::Panicked)?;
                    on_their_way.remove(&id);
                    line.heard(&outcome?, self.now());
                }
                changed = changes.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                }
                () = self.pause_until(next) => {}
            }
        }
    }

    /// Notes that WeChat could not be asked, without trying: it has not answered anybody for long.
    async fn give_up(&self, row: &OrderRow, error: GatewayError) -> Result<Noted, Error> {
        let (id, now, kept) = (row.order.id.clone(), self.now(), error.clone());
        self.parts.mirror.write::<_, Error>(move |tx| keep_failure(tx, &id, &kept, now)).await?;
        Ok(Noted::Trouble(Trouble::gateway(&error, &row.order.number), error))
    }

    async fn ask_and_note(&self, row: OrderRow) -> Result<Noted, Error> {
        let number = row.order.number.clone();
        match self.ask_about(&row).await {
            Ok(Some(asked)) => Ok(Noted::Answered {
                verified: asked.row.verified.as_str(),
                lost: asked.judgement == Judgement::Agrees && !asked.row.order.claims_paid(),
            }),
            Ok(None) => Ok(Noted::Gone),
            Err(Error::Gateway(error)) => Ok(Noted::Trouble(Trouble::gateway(&error, &number), error)),
            Err(other) => Err(other),
        }
    }

    pub(crate) async fn ask_about(&self, row: &OrderRow) -> Result<Option<Asked>, Error> {
        let Some(number) = PaymentNumber::of(&row.order) else {
            return Err(Error::NotPaid);
        };
        let asked_as_paid = row.order.claims_paid();
        let outcome = self.parts.gateway.query(&number).await;
        let now = self.now();
        let id = row.order.id.clone();
        match outcome {
            Ok(payment) => {
                let place = self.parts.place.clone();
                let asked = self
                    .parts
                    .mirror
                    .write::<_, Error>(move |tx| {
                        keep_answer(tx, &id, &number, asked_as_paid, payment, &place, now)
                    })
                    .await?;
                if let Some(asked) = &asked {
                    self.hear(Event::Asked {
                        number: asked.row.order.number.clone(),
                        verified: asked.row.verified.as_str(),
                    });
                }
                Ok(asked)
            }
            Err(error) => {
                let kept = error.clone();
                self.parts.mirror.write::<_, Error>(move |tx| keep_failure(tx, &id, &kept, now)).await?;
                self.hear(Event::Trouble(Trouble::gateway(&error, &row.order.number)));
                Err(Error::Gateway(error))
            }
        }
    }
}

/// How the line to WeChat is: when nobody gets an answer, a backlog is not thrown at it all the same.
#[derive(Debug, Clone, Default)]
struct Line {
    failures: u32,
    failing_since: Option<Timestamp>,
    quiet_until: Option<Timestamp>,
    error: Option<GatewayError>,
}

impl Line {
    fn heard(&mut self, noted: &Noted, now: Timestamp) {
        match noted {
            Noted::Answered { .. } => *self = Line::default(),
            Noted::Gone => {}
            Noted::Trouble(_, error) => {
                match error.outcome {
                    GatewayOutcome::NotSent | GatewayOutcome::Unknown => {}
                    // WeChat answered: the line is fine, only this order is not.
                    GatewayOutcome::Refused | GatewayOutcome::RefusedUnlessEarlier => return,
                }
                self.failures = self.failures.saturating_add(1);
                self.failing_since.get_or_insert(now);
                self.error = Some(error.clone());
                if self.failures > TROUBLED_AFTER {
                    let pause = pace::backoff(self.failures - TROUBLED_AFTER, LINE_PAUSE_CAP_SECONDS);
                    self.quiet_until = now.saturating_add(pause).ok();
                }
            }
        }
    }

    /// How many questions may be on their way: many, or one to try a line that failed.
    fn at_once(&self, now: Timestamp) -> usize {
        match self.quiet_until {
            None => AT_ONCE,
            // A pause that seems longer than any pause is one that was planned by a clock since set back.
            Some(until)
                if until <= now
                    || until.duration_since(now) > SignedDuration::from_secs(LINE_PAUSE_CAP_SECONDS) =>
            {
                1
            }
            Some(_) => 0,
        }
    }

    /// The error of a line that has been dead for so long that trying on would keep a person waiting for hours.
    fn dead_for_long(&self, now: Timestamp) -> Option<GatewayError> {
        let since = self.failing_since?;
        (now.duration_since(since) > DEAD_AFTER).then(|| self.error.clone()).flatten()
    }
}

enum Noted {
    Answered { verified: &'static str, lost: bool },
    Gone,
    Trouble(Trouble, GatewayError),
}

impl AskedRound {
    fn count(&mut self, noted: Noted) {
        match noted {
            Noted::Answered { verified, lost } => {
                self.answers.push(verified);
                self.lost_payments += u64::from(lost);
            }
            Noted::Gone => {}
            Noted::Trouble(trouble, _) => {
                self.answers.push(Verified::Unavailable.as_str());
                self.troubles.push(trouble);
            }
        }
    }
}

/// Keeps WeChat's answer and what follows from it. The order is read again: it may have changed while WeChat was asked.
fn keep_answer(
    tx: &Tx<'_>,
    id: &OrderId,
    number: &PaymentNumber,
    asked_as_paid: bool,
    payment: Option<WechatPayment>,
    place: &Place,
    now: Timestamp,
) -> Result<Option<Asked>, Error> {
    let merchant = &place.merchant;
    let Some(mut row) = tx.order(id)? else { return Ok(None) };
    let same_question =
        PaymentNumber::of(&row.order).as_ref() == Some(number) && row.order.claims_paid() == asked_as_paid;
    if !same_question {
        // The answer is about a number that is the order's no more, or older than the news that it is paid: it is asked
        // about anew.
        row.ask_at = Some(now);
        tx.put_order(&row)?;
        return Ok(None);
    }
    let known_refund = known_refund(tx, &row.order, merchant)?;
    let judgement = judge(&row.order, merchant, payment.as_ref(), known_refund);
    let (before, revision_before) = (row.verified, row.revision);
    row.verified = judgement.verified();
    row.verified_at = Some(now);
    let contradicted = row.order.claims_paid() && judgement != Judgement::Agrees;
    row.ask_failures = if contradicted && matches!(before, Verified::NotPaid | Verified::Mismatch) {
        row.ask_failures.saturating_add(1)
    } else {
        0
    };
    let differences = match &judgement {
        Judgement::Differs(list) => list.clone(),
        Judgement::Agrees | Judgement::NotPaid { .. } => Vec::new(),
    };
    row.evidence = Some(Evidence { payment: payment.clone(), differences, error: None });
    row.ask_at = next_question(&row, &judgement, now);
    tx.put_order(&row)?;
    row.revision = tx.revision();
    if before != row.verified {
        note_verdict(tx, &row, &judgement, now)?;
    }
    // The word is there: nobody needs to hear any more that it is missing.
    tx.close_alert(&alert_key(Alert::Unverified, &row.order), now)?;
    if before == Verified::Pending || before == Verified::Unavailable || row.verified != Verified::Verified {
        withdraw_tickets(tx, place, id, now)?;
    }
    if before != row.verified {
        // The same word once more owes nothing: a ticket that was not wanted must not come out because somebody asked.
        owe_for_order(tx, &row.order, &on_judgement(&row.order, row.noise, &judgement, now), now)?;
    }
    Ok(Some(Asked { row, payment, judgement, before: revision_before }))
}

fn next_question(row: &OrderRow, judgement: &Judgement, now: Timestamp) -> Option<Timestamp> {
    match judgement {
        Judgement::Agrees => None,
        // Whatever made them disagree may be over: an amount corrected at WeChat, a payment that was seconds old.
        Judgement::Differs(_) => pace::next_contradicted(row.ask_failures + 1, now),
        Judgement::NotPaid { .. } if row.order.claims_paid() => {
            pace::next_contradicted(row.ask_failures + 1, now)
        }
        Judgement::NotPaid { trade_state } => {
            let over = matches!(trade_state.as_str(), "CLOSED" | "REVOKED") || row.order.is_dead();
            if over { None } else { pace::next_unpaid(row.first_seen, row.order.placed_at, now) }
        }
    }
}

/// Whether anybody here knows of a refund of the payment, be it of another order that shares it.
fn known_refund(tx: &Tx<'_>, order: &Order, merchant: &Merchant) -> Result<KnownRefund, mirror::Error> {
    if tx.orders_of_payment(order)?.iter().any(|row| KnownRefund::of(&row.order) == KnownRefund::Yes) {
        return Ok(KnownRefund::Yes);
    }
    let filter = RefundFilter { state: None, order_id: Some(order.id.clone()), limit: 100 };
    let claimed = |request: &RefundRequest| request.payout.state != BackendPayoutState::None;
    if tx.refund_requests(&filter)?.iter().any(|row| claimed(&row.request)) {
        return Ok(KnownRefund::Yes);
    }
    let Some(payment) = paid_from(order, merchant) else { return Ok(KnownRefund::of(order)) };
    let sent = tx.payouts_of_payment(&payment)?.iter().any(|row| row.payout.submissions > 0);
    Ok(if sent { KnownRefund::Yes } else { KnownRefund::of(order) })
}

fn note_verdict(
    tx: &Tx<'_>,
    row: &OrderRow,
    judgement: &Judgement,
    now: Timestamp,
) -> Result<(), mirror::Error> {
    let moment = match (judgement, row.order.claims_paid()) {
        (Judgement::Agrees, true) => Moment::plain("verified"),
        (Judgement::Agrees, false) => Moment::plain("lost_payment"),
        (Judgement::Differs(list), _) => Moment::with("mismatch", json!({ "differences": list })),
        (Judgement::NotPaid { trade_state }, true) => {
            Moment::with("not_paid", json!({ "trade_state": trade_state }))
        }
        // That an unpaid order is not paid is no news.
        (Judgement::NotPaid { .. }, false) => return Ok(()),
    };
    tx.note(&row.order.id, &moment, now)
}

/// WeChat could not be asked: what it said before stands, and it is asked again.
fn keep_failure(tx: &Tx<'_>, id: &OrderId, error: &GatewayError, now: Timestamp) -> Result<(), Error> {
    let Some(mut row) = tx.order(id)? else { return Ok(()) };
    row.ask_failures = row.ask_failures.saturating_add(1);
    let pause = pace::backoff(row.ask_failures, PAUSE_CAP_SECONDS);
    let again = now.saturating_add(pause).unwrap_or(now);
    row.ask_at = if row.order.claims_paid() {
        if row.verified == Verified::Pending {
            row.verified = Verified::Unavailable;
        }
        Some(again)
    } else {
        // An order that is too old to be asked about again was still to be asked about this once.
        let next = pace::next_unpaid(row.first_seen, row.order.placed_at, now);
        Some(next.map_or(again, |next| next.max(again)))
    };
    let evidence = row.evidence.get_or_insert_default();
    evidence.error = Some(error.code.to_owned());
    tx.put_order(&row)?;
    Ok(())
}
