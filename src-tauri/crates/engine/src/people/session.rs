use domain::staff::{Role, Staff};
use domain::time::{Timestamp, plus_seconds};
use domain::{Secret, StaffId};
use mirror::View;

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
    used_at: Timestamp,
}

#[derive(Default)]
pub(super) struct Memory {
    /// Whoever works at the PC.
    pub(super) here: Option<Remembered>,
    /// A second person, for one decision.
    pub(super) second: Option<Remembered>,
    /// How often everybody was signed out: what was taken before is not given back afterwards.
    pub(super) sign_outs: u64,
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

impl Remembered {
    pub(super) fn new(staff: &Staff, pin: Secret<String>, now: Timestamp) -> Remembered {
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
    pub(super) fn is_fresh(&self, now: Timestamp, pin_kept_s: u32) -> bool {
        (self.used_at..self.fresh_until(pin_kept_s)).contains(&now)
    }

    /// From when on it has to be typed again.
    pub(super) fn fresh_until(&self, pin_kept_s: u32) -> Timestamp {
        let kept_s = if pin_kept_s == 0 { UNUSED_S } else { pin_kept_s };
        plus_seconds(self.used_at, i64::from(kept_s))
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
    pub(super) fn take(&mut self, session: &Session, now: Timestamp, pin_kept_s: u32) -> Option<Remembered> {
        let known = self.here.as_ref().filter(|here| here.is(session) && here.is_fresh(now, pin_kept_s))?;
        let taken = known.clone();
        if pin_kept_s == 0 {
            self.here = None;
        }
        Some(taken)
    }

    /// The second person's session, for its one decision.
    pub(super) fn take_second(&mut self, session: &Session, now: Timestamp) -> Option<Remembered> {
        self.second.take_if(|second| second.is(session)).filter(|second| second.is_fresh(now, 0))
    }

    /// It was used now.
    pub(super) fn used(&mut self, session: &Session, now: Timestamp) {
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
        let before = std::mem::take(self);
        self.sign_outs = before.sign_outs + 1;
        before.here
    }
}
