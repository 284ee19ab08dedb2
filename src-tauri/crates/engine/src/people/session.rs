use std::collections::HashMap;
use std::time::Duration;

use domain::staff::{Role, Staff};
use domain::time::{SignedDuration, Timestamp, plus_seconds, since};
use domain::{Secret, StaffId};
use mirror::View;
use tokio::time::Instant;

use crate::Error;

/// How long a sign-in waits for the one decision that it is good for, in seconds: a second person's, and everybody's
/// where the PIN is typed every time.
const UNUSED_S: u32 = 120;

/// Somebody who typed their PIN. It is only worth something to the [`People`](super::People) who gave it out, and only as
/// long as they remember it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Tells apart two times that the same person signed in, and two shops of one process.
    number: uuid::Uuid,
    id: StaffId,
    name: String,
    role: Role,
}

/// Who does something: whoever is signed in, and a second person where one is needed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Actor {
    first: Option<Session>,
    second: Option<Session>,
}

/// A session with what it takes to trust it.
#[derive(Clone)]
pub(super) struct Remembered {
    pub(super) session: Session,
    /// The hash that the PIN fitted: with another PIN the session is over.
    pin: Secret<String>,
    used_at: Instants,
}

/// Now, by the PC's clock, which anybody may set and which goes on over restarts, and by the machine's own count of time,
/// which nobody sets and which begins anew with each start. What is to be waited for is over when both say so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instants {
    pub(super) clock: Timestamp,
    pub(super) steady: Instant,
}

#[derive(Default)]
pub(super) struct Memory {
    /// Whoever works at the PC.
    pub(super) here: Option<Remembered>,
    /// A second person, for one decision.
    pub(super) second: Option<Remembered>,
    /// How often everybody was signed out: what was taken before is not given back afterwards.
    pub(super) sign_outs: u64,
    /// Until when nobody signs in as somebody whose PIN was wrong too often.
    locked: HashMap<StaffId, Instant>,
}

impl Session {
    /// Who.
    pub fn id(&self) -> &StaffId {
        &self.id
    }

    /// What people call them.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What they are.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The same, as the mirror has them now.
    pub(super) fn of(&self, staff: &Staff) -> Session {
        Session { number: self.number, id: staff.id.clone(), name: staff.name.clone(), role: staff.role }
    }
}

impl Actor {
    /// Nobody: the owner as long as nobody is defined, and refused afterwards.
    pub fn nobody() -> Actor {
        Actor::default()
    }

    /// Whoever is signed in, if anybody.
    pub fn of(session: Option<Session>) -> Actor {
        Actor { first: session, second: None }
    }

    /// The id of whoever is signed in.
    pub fn id(&self) -> Option<&StaffId> {
        self.first.as_ref().map(Session::id)
    }

    /// The same with a second person who agrees.
    pub fn with_second(self, second: Option<Session>) -> Actor {
        Actor { second, ..self }
    }

    pub(super) fn first(&self) -> Option<&Session> {
        self.first.as_ref()
    }

    pub(super) fn second(&self) -> Option<&Session> {
        self.second.as_ref()
    }
}

impl From<Session> for Actor {
    fn from(session: Session) -> Actor {
        Actor::of(Some(session))
    }
}

/// How long a PIN that the rules remember for so long stands without being used, in seconds.
fn kept_s(pin_kept_s: u32) -> u32 {
    if pin_kept_s == 0 { UNUSED_S } else { pin_kept_s }
}

impl Remembered {
    pub(super) fn new(staff: &Staff, pin: Secret<String>, now: Instants) -> Remembered {
        let session = Session {
            number: uuid::Uuid::new_v4(),
            id: staff.id.clone(),
            name: staff.name.clone(),
            role: staff.role,
        };
        Remembered { session, pin, used_at: now }
    }

    fn is(&self, session: &Session) -> bool {
        self.session.number == session.number
    }

    /// Whether the PIN does not have to be typed again. A clock that was put back ends it: by how far is not known.
    pub(super) fn is_fresh(&self, now: Instants, pin_kept_s: u32) -> bool {
        let kept_s = kept_s(pin_kept_s);
        let (clock, used) = (now.clock, self.used_at.clock);
        let by_clock = clock >= used && (0..i64::from(kept_s)).contains(&since(clock, used).as_secs());
        by_clock && now.steady.duration_since(self.used_at.steady).as_secs() < u64::from(kept_s)
    }

    /// From when on it has to be typed again, by a clock that is not set meanwhile.
    pub(super) fn fresh_until(&self, pin_kept_s: u32) -> Timestamp {
        plus_seconds(self.used_at.clock, i64::from(kept_s(pin_kept_s)))
    }

    /// Whoever it is, as long as they work here and have this PIN.
    pub(super) fn present(&self, view: &View<'_>) -> Result<Option<Staff>, Error> {
        if view.pin_of(&self.session.id)?.as_ref() != Some(&self.pin) {
            return Ok(None);
        }
        Ok(view.staff_member(&self.session.id)?.map(|row| row.staff).filter(|staff| staff.active))
    }
}

impl Memory {
    /// The session at the PC, for a decision. Where the PIN is typed every time, this was its one decision.
    pub(super) fn take(&mut self, session: &Session, now: Instants, pin_kept_s: u32) -> Option<Remembered> {
        let known = self.here.as_ref().filter(|here| here.is(session) && here.is_fresh(now, pin_kept_s))?;
        let taken = known.clone();
        if pin_kept_s == 0 {
            self.here = None;
        }
        Some(taken)
    }

    /// The second person's session, for its one decision.
    pub(super) fn take_second(&mut self, session: &Session, now: Instants) -> Option<Remembered> {
        self.second.take_if(|second| second.is(session)).filter(|second| second.is_fresh(now, 0))
    }

    /// It was used now.
    pub(super) fn used(&mut self, session: &Session, now: Instants) {
        if let Some(here) = self.here.as_mut().filter(|here| here.is(session)) {
            here.used_at = now;
        }
    }

    /// Nothing came of the decision: nobody has to type a PIN again because of it.
    pub(super) fn give_back(&mut self, first: Option<Remembered>, second: Option<Remembered>) {
        self.here = self.here.take().or(first);
        self.second = self.second.take().or(second);
    }

    /// Forgets everybody. Returns who worked at the PC.
    pub(super) fn sign_out(&mut self) -> Option<Remembered> {
        self.sign_outs += 1;
        self.second = None;
        self.here.take()
    }

    /// Nobody signs in as this one for so long.
    pub(super) fn waits(&mut self, id: &StaffId, now: Instant, wait: SignedDuration) {
        match Duration::try_from(wait) {
            Ok(wait) if !wait.is_zero() => drop(self.locked.insert(id.clone(), now + wait)),
            Ok(_) | Err(_) => drop(self.locked.remove(id)),
        }
    }

    /// For how long nobody signs in as this one.
    pub(super) fn waits_for(&self, id: &StaffId, now: Instant) -> SignedDuration {
        let left = self.locked.get(id).map(|until| until.saturating_duration_since(now));
        left.and_then(|left| SignedDuration::try_from(left).ok()).unwrap_or_default()
    }
}
