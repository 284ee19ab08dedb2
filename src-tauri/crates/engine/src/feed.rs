//! The backend's changes into the mirror (`shop-backends.md` B.5).
//!
//! First contact: the feed's present end is noted, then the lists are read quietly, then the feed from the noted place;
//! a backend without lists is read from the feed's start. After a lost cursor the same, but what the backend says counts
//! even with a lower version, and new orders are news.

use domain::reconcile::Contact;
use domain::time::Timestamp;
use domain::{Order, OrderId, RefundRequest, RefundRequestId};
use jiff::SignedDuration;
use mirror::{NewAudit, Reread, RereadKind, SyncPhase, SyncState, Tx};

use crate::audit;
use crate::engine::Event;
use crate::ports::{SourceError, SourceErrorKind};
use crate::taking::{Take, take_changes, take_order, take_refund_request};
use crate::{Engine, Error, Trouble};

/// A poll that found nothing twice at the same place with `has_more` is a fault of the backend.
const STUCK_PAUSE_S: u64 = 5;

/// A backend that loses its own cursor again so soon is not read from the start again without a pause.
const LOST_AGAIN_WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// What reading the feed brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Brought {
    /// Orders that were new or changed.
    pub orders: u64,
    /// Refund requests that were new or changed.
    pub refund_requests: u64,
    /// Whether nothing more is there by now.
    pub at_end: bool,
    /// Whether the place in the feed has not moved. Entries that are known already are no news, and yet a move: whoever
    /// pauses after them is late for what comes next.
    pub unmoved: bool,
}

impl Brought {
    pub(crate) fn add(&mut self, other: Brought) {
        self.orders += other.orders;
        self.refund_requests += other.refund_requests;
        self.at_end = other.at_end;
    }
}

impl Engine {
    /// Reads the next piece of the feed or of the history, and keeps it with its place in one transaction.
    pub(crate) async fn read_feed(&self, wait_s: u32) -> Result<Brought, Error> {
        let state = self.parts.mirror.read::<_, mirror::Error>(|view| view.sync_state()).await?;
        let lost_before = state.cursor_lost_at;
        // A place lost while the history is first filled in is no resync: nothing of it is news.
        let known_shop = state.phase == SyncPhase::Live || state.resync;
        let step = match state.phase {
            SyncPhase::New => self.begin(state).await,
            SyncPhase::OrderHistory => self.read_order_history(state).await,
            SyncPhase::RefundHistory => self.read_refund_history(state).await,
            SyncPhase::FeedHistory => self.read_changes(state, 0).await,
            SyncPhase::Live => self.read_changes(state, wait_s).await,
        };
        match step {
            Err(Error::Source(error)) if error.kind == SourceErrorKind::CursorExpired => {
                let now = self.now();
                let again = lost_before.is_some_and(|at| now.duration_since(at).abs() < LOST_AGAIN_WITHIN);
                if again {
                    return Err(Error::Source(error));
                }
                self.restart_history(known_shop, now).await?;
                Ok(Brought::default())
            }
            other => other,
        }
    }

    async fn begin(&self, mut state: SyncState) -> Result<Brought, Error> {
        let capabilities = self.refresh_capabilities().await?;
        if capabilities.history {
            state.cursor = Some(self.parts.source.feed_end().await?);
            state.phase = SyncPhase::OrderHistory;
        } else {
            state.cursor = None;
            state.phase = SyncPhase::FeedHistory;
        }
        state.contact_at = Some(self.now());
        self.parts.mirror.write::<_, Error>(move |tx| Ok(tx.set_sync_state(&state)?)).await?;
        Ok(Brought::default())
    }

    async fn restart_history(&self, resync: bool, now: Timestamp) -> Result<(), Error> {
        self.parts
            .mirror
            .write::<_, Error>(move |tx| {
                let state = SyncState { resync, cursor_lost_at: Some(now), ..SyncState::default() };
                Ok(tx.set_sync_state(&state)?)
            })
            .await
    }

    async fn read_order_history(&self, mut state: SyncState) -> Result<Brought, Error> {
        let page = self.parts.source.order_history(state.history_page.as_deref()).await?;
        let (now, place) = (self.now(), self.parts.place.clone());
        let (take, contact) = manner(&state);
        state.contact_at = Some(now);
        state.history_page = page.next.clone();
        if page.next.is_none() {
            state.phase = SyncPhase::RefundHistory;
        }
        let (brought, heard) = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                let mut heard = Vec::new();
                for order in &page.items {
                    heard.extend(take_order(tx, &place, order, take, contact, now)?);
                }
                for id in &page.unreadable {
                    tx.add_reread(RereadKind::Order, id, now)?;
                }
                tx.set_sync_state(&state)?;
                Ok((Brought { orders: heard.len() as u64, ..Brought::default() }, heard))
            })
            .await?;
        heard.iter().for_each(|event| self.hear(event.clone()));
        Ok(brought)
    }

    async fn read_refund_history(&self, mut state: SyncState) -> Result<Brought, Error> {
        let page = self.parts.source.refund_history(state.history_page.as_deref()).await?;
        let now = self.now();
        let (take, contact) = manner(&state);
        state.contact_at = Some(now);
        state.history_page = page.next.clone();
        if page.next.is_none() {
            state.phase = SyncPhase::Live;
            state.resync = false;
        }
        let (brought, heard) = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                let mut heard = Vec::new();
                for request in &page.items {
                    heard.extend(take_refund_request(tx, request, take, contact, now)?);
                }
                for id in &page.unreadable {
                    tx.add_reread(RereadKind::RefundRequest, id, now)?;
                }
                tx.set_sync_state(&state)?;
                Ok((Brought { refund_requests: heard.len() as u64, ..Brought::default() }, heard))
            })
            .await?;
        heard.iter().for_each(|event| self.hear(event.clone()));
        Ok(brought)
    }

    async fn read_changes(&self, mut state: SyncState, wait_s: u32) -> Result<Brought, Error> {
        let changes = self.parts.source.changes(state.cursor.as_deref(), wait_s).await?;
        if changes.has_more
            && changes.items.is_empty()
            && state.cursor.as_deref() == Some(&changes.next_cursor)
        {
            return Err(Error::Source(stuck()));
        }
        let now = self.now();
        let (take, contact) = manner(&state);
        let at_end = !changes.has_more;
        let quiet_idle = changes.items.is_empty()
            && state.cursor.as_deref() == Some(&changes.next_cursor)
            && state.phase == SyncPhase::Live;
        if quiet_idle {
            // Nothing to keep but the time of contact, and that only now and then: a long poll that ends empty every
            // 25 s should not cost a flush of the disk each.
            let stale =
                state.contact_at.is_none_or(|at| now.duration_since(at) > SignedDuration::from_secs(20));
            if stale {
                state.contact_at = Some(now);
                self.parts.mirror.write::<_, Error>(move |tx| Ok(tx.set_sync_state(&state)?)).await?;
            }
            return Ok(Brought { at_end, unmoved: true, ..Brought::default() });
        }
        let unmoved = state.cursor.as_deref() == Some(&changes.next_cursor);
        state.contact_at = Some(now);
        state.cursor = Some(changes.next_cursor.clone());
        if state.phase == SyncPhase::FeedHistory && at_end {
            state.phase = SyncPhase::Live;
            state.resync = false;
        }
        let place = self.parts.place.clone();
        let (mut brought, heard) = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                let outcome = take_changes(tx, &place, &changes, take, contact, now)?;
                tx.set_sync_state(&state)?;
                Ok(outcome)
            })
            .await?;
        heard.iter().for_each(|event| self.hear(event.clone()));
        brought.at_end = at_end;
        brought.unmoved = unmoved;
        Ok(brought)
    }

    /// Reads objects singly that the feed named without a readable body. One that cannot be read does not stop the rest.
    pub(crate) async fn read_singly(&self) -> Result<Brought, Error> {
        let now = self.now();
        let due = self.parts.mirror.read::<_, Error>(move |view| Ok(view.due_rereads(now, 200)?)).await?;
        let mut brought = Brought::default();
        for reread in due {
            match self.read_one(&reread).await {
                Ok(one) => brought.add(one),
                Err(Error::Source(error)) => {
                    self.hear(Event::Trouble(Trouble {
                        number: Some(reread.id.clone()),
                        ..Trouble::source(&error)
                    }));
                    let nobody_answers =
                        error.is_transient() || error.kind == SourceErrorKind::Unauthenticated;
                    let pause = domain::pace::backoff(reread.failures + 1, 3_600);
                    let due_at = now.saturating_add(pause).unwrap_or(now);
                    self.parts
                        .mirror
                        .write::<_, Error>(move |tx| {
                            Ok(tx.postpone_reread(reread.kind, &reread.id, due_at)?)
                        })
                        .await?;
                    if nobody_answers {
                        return Ok(brought);
                    }
                }
                Err(other) => return Err(other),
            }
        }
        Ok(brought)
    }

    async fn read_one(&self, reread: &Reread) -> Result<Brought, Error> {
        let (kind, text) = (reread.kind, reread.id.clone());
        match kind {
            RereadKind::Order => {
                let order = match OrderId::new(text.clone()) {
                    Ok(id) => self.parts.source.order(&id).await?,
                    // An id that cannot stand in a path names nothing that could be read.
                    Err(_) => None,
                };
                self.keep_order(order, Some(text)).await
            }
            RereadKind::RefundRequest => {
                let request = match RefundRequestId::new(text.clone()) {
                    Ok(id) => self.parts.source.refund_request(&id).await?,
                    Err(_) => None,
                };
                self.keep_refund_request(request, Some(text)).await
            }
        }
    }

    /// Keeps an order that was read singly.
    pub(crate) async fn keep_order(
        &self,
        order: Option<Order>,
        reread: Option<String>,
    ) -> Result<Brought, Error> {
        let place = self.parts.place.clone();
        let kept = self
            .keep_singly(RereadKind::Order, reread, move |tx, contact, now| match &order {
                Some(order) => take_order(tx, &place, order, Take::Newer, contact, now),
                None => Ok(None),
            })
            .await?;
        Ok(Brought { orders: u64::from(kept), ..Brought::default() })
    }

    /// Keeps a refund request that was read singly.
    pub(crate) async fn keep_refund_request(
        &self,
        request: Option<RefundRequest>,
        reread: Option<String>,
    ) -> Result<Brought, Error> {
        let kept = self
            .keep_singly(RereadKind::RefundRequest, reread, move |tx, contact, now| match &request {
                Some(request) => take_refund_request(tx, request, Take::Newer, contact, now),
                None => Ok(None),
            })
            .await?;
        Ok(Brought { refund_requests: u64::from(kept), ..Brought::default() })
    }

    /// Keeps what the backend answered to a decision that it carries out, with the answer's row of the audit log and
    /// whatever else follows from it.
    pub(crate) async fn keep_answer_to(
        &self,
        decision: &NewAudit,
        answer: Result<RefundRequest, SourceError>,
        follow: impl FnOnce(&Tx<'_>, Result<&RefundRequest, &SourceError>) -> Result<(), Error> + Send + 'static,
    ) -> Result<RefundRequest, Error> {
        let audit = audit::answered(decision, answer.as_ref());
        let kept = answer.clone();
        self.keep_singly(RereadKind::RefundRequest, None, move |tx, contact, now| {
            tx.audit(&audit, now)?;
            let heard = match &kept {
                Ok(request) => take_refund_request(tx, request, Take::Newer, contact, now)?,
                Err(_) => None,
            };
            follow(tx, kept.as_ref())?;
            Ok(heard)
        })
        .await?;
        Ok(answer?)
    }

    /// Whether what was read singly was news.
    async fn keep_singly(
        &self,
        kind: RereadKind,
        reread: Option<String>,
        take: impl FnOnce(&Tx<'_>, Contact, Timestamp) -> Result<Option<Event>, Error> + Send + 'static,
    ) -> Result<bool, Error> {
        let now = self.now();
        let heard = self
            .parts
            .mirror
            .write::<_, Error>(move |tx| {
                if let Some(id) = &reread {
                    tx.remove_reread(kind, id)?;
                }
                let contact = contact(&tx.sync_state()?);
                take(tx, contact, now)
            })
            .await?;
        heard.iter().for_each(|event| self.hear(event.clone()));
        Ok(heard.is_some())
    }
}

fn manner(state: &SyncState) -> (Take, Contact) {
    (if state.resync { Take::AsTold } else { Take::Newer }, contact(state))
}

pub(crate) fn contact(state: &SyncState) -> Contact {
    match state.phase {
        SyncPhase::Live => Contact::Later,
        _ if state.resync => Contact::Later,
        SyncPhase::New | SyncPhase::OrderHistory | SyncPhase::RefundHistory | SyncPhase::FeedHistory => {
            Contact::First
        }
    }
}

fn stuck() -> SourceError {
    SourceError {
        kind: SourceErrorKind::Transient { retry_after_s: Some(STUCK_PAUSE_S) },
        code: "backend_bad_answer",
        problem: "console:feed_stuck".to_owned(),
        text: "has_more without items or a new cursor".to_owned(),
    }
}
