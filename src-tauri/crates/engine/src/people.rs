//! Who is at the PC: signing in by PIN, and who may do what.
//!
//! ```text
//! sign in  ->  Session  ->  Actor  ->  Admission  ->  checked again in the transaction that writes the decision
//! ```
//!
//! A session is remembered in this process's memory alone, for as long as the owner's rules say after its last use. A
//! decision is admitted before anything is asked of the network, and what it may cost is checked where it is written
//! down, against everything that was written down before: two clicks, two windows or a command beside the window cannot
//! slip under one limit together.
//!
//! With nobody defined the caller is the owner, and none of this asks for anything.
//!
//! Limits know what this data folder knows. Another PC of the shop has staff, limits and sums of its own.

mod admission;
mod books;
mod changing;
mod denied;
mod session;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::staff::{Act, Staff, cool_down, tries_before_waiting, waits_until};
use domain::time::{SignedDuration, Timestamp, beijing_day, plus_seconds};
use domain::{Fen, Secret, StaffId, TerminalId};
use mirror::{LeaveOut, Mirror, RulesRow, StaffRow, Tx};
use tokio::time::Instant;

pub(crate) use admission::{About, Admission, ShopTime, called, second};
pub use changing::{NewPin, NewStaff, StaffChange};
pub use denied::{Denied, Refused};
pub use session::{Actor, Session};

use crate::Error;
use crate::ports::{Clock, PinHashing};
use books::{Place, Why};
use session::{Instants, Memory, Remembered};

/// The people of one shop on this PC. Clones share who is signed in.
#[derive(Clone)]
pub struct People {
    shared: Arc<Shared>,
}

struct Shared {
    mirror: Mirror,
    clock: Arc<dyn Clock>,
    pins: Arc<dyn PinHashing>,
    terminal: TerminalId,
    memory: Mutex<Memory>,
}

/// Somebody as a list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollEntry {
    /// Who.
    pub row: StaffRow,
    /// What they have decided to send back today and may have gone.
    pub refunded_today: Fen,
}

/// A try that was written down and is not compared yet.
struct Try {
    staff: Staff,
    pin: Secret<String>,
    wrong_pins: u32,
    locked_until: Option<Timestamp>,
}

impl People {
    /// The people of a mirror, at this terminal. Nobody is signed in.
    pub fn new(
        mirror: Mirror,
        clock: Arc<dyn Clock>,
        pins: Arc<dyn PinHashing>,
        terminal: TerminalId,
    ) -> People {
        People { shared: Arc::new(Shared { mirror, clock, pins, terminal, memory: Mutex::default() }) }
    }

    /// Signs somebody in, in place of whoever was.
    ///
    /// The try is written down as a wrong one before it is compared, so that neither a crash nor many tries at once are
    /// a way around the waiting; a right PIN takes that back. Errors: [`Denied`].
    pub async fn sign_in(&self, id: &StaffId, pin: &Secret<String>) -> Result<Session, Error> {
        let (staff, kept) = self.recognise(id, pin, Place::Here).await?;
        let remembered = Remembered::new(&staff, kept, self.instants());
        let session = remembered.session.clone();
        self.memory().here = Some(remembered);
        Ok(session)
    }

    /// Signs a second person in, for one decision and at most two minutes. Whoever works at the PC stays signed in.
    pub async fn sign_in_second(&self, id: &StaffId, pin: &Secret<String>) -> Result<Session, Error> {
        let (staff, kept) = self.recognise(id, pin, Place::Second).await?;
        let remembered = Remembered::new(&staff, kept, self.instants());
        let session = remembered.session.clone();
        self.memory().second = Some(remembered);
        Ok(session)
    }

    /// Forgets who is signed in, also where that cannot be written down.
    pub async fn sign_out(&self) -> Result<(), Error> {
        let Some(here) = self.memory().sign_out() else { return Ok(()) };
        let (people, now) = (self.clone(), self.now());
        self.shared.mirror.write::<_, Error>(move |tx| people.note_sign_out(tx, here.session.id(), now)).await
    }

    /// Who is signed in and would be taken for it now. `None` also where nobody is defined.
    pub async fn signed_in(&self) -> Result<Option<Session>, Error> {
        Ok(self.signed_in_until().await?.map(|(session, _)| session))
    }

    /// The same with the instant from which they have to type their PIN again; each decision of theirs puts it off.
    pub async fn signed_in_until(&self) -> Result<Option<(Session, Timestamp)>, Error> {
        let here = self.memory().here.clone();
        let Some(here) = here else { return Ok(None) };
        let now = self.instants();
        self.shared
            .mirror
            .read::<_, Error>(move |view| {
                let pin_kept_s = view.staff_rules()?.pin_kept_s;
                if !here.is_fresh(now, pin_kept_s) {
                    return Ok(None);
                }
                let until = here.fresh_until(pin_kept_s);
                Ok(here.present(view)?.map(|staff| (here.session.of(&staff), until)))
            })
            .await
    }

    /// Everybody, those who left too.
    pub async fn staff(&self) -> Result<Vec<StaffRow>, Error> {
        self.shared.mirror.read::<_, Error>(|view| Ok(view.staff()?)).await
    }

    /// Everybody, with what each has sent back today, or may have.
    pub async fn roll(&self) -> Result<Vec<RollEntry>, Error> {
        let today = beijing_day(self.now()).start;
        self.shared
            .mirror
            .read::<_, Error>(move |view| {
                let entry = |row: StaffRow| {
                    let refunded_today =
                        view.refunded_since(today, Some(&row.staff.id), LeaveOut::Nothing)?;
                    Ok(RollEntry { row, refunded_today })
                };
                view.staff()?.into_iter().map(entry).collect()
            })
            .await
    }

    /// The shop's rules for refunds, with the revision that a change of them names as seen.
    pub async fn rules(&self) -> Result<RulesRow, Error> {
        self.shared.mirror.read::<_, Error>(|view| Ok(view.staff_rules_row()?)).await
    }

    /// Whether this actor may do something that is no refund. It uses the sign-in as a decision does.
    pub async fn may(&self, actor: &Actor, act: Act) -> Result<(), Error> {
        self.may_do(actor, act, async { Ok(()) }).await
    }

    /// Whether anybody was ever defined. If not, the caller is the owner.
    pub async fn are_defined(&self) -> Result<bool, Error> {
        self.shared.mirror.read::<_, Error>(|view| Ok(view.has_staff()?)).await
    }

    /// Takes the PIN of somebody who works here. Returns them with the hash that it fitted.
    async fn recognise(
        &self,
        id: &StaffId,
        pin: &Secret<String>,
        place: Place,
    ) -> Result<(Staff, Secret<String>), Error> {
        if pin.expose().is_empty() {
            return Err(Denied::PinMissing.into());
        }
        let (asked, now) = (id.clone(), self.instants());
        let people = self.clone();
        let tried =
            self.shared.mirror.write::<_, Error>(move |tx| people.begin_try(tx, &asked, now)).await??;
        let (pins, typed, kept) = (self.shared.pins.clone(), pin.clone(), tried.pin.clone());
        let fits = tokio::task::spawn_blocking(move || pins.fits(&typed, &kept))
            .await
            .map_err(|_| Error::Panicked)??;
        let people = self.clone();
        let ended = self
            .shared
            .mirror
            .write::<_, Error>(move |tx| people.end_try(tx, tried, fits, place, now))
            .await?;
        Ok(ended?)
    }

    /// Hashes a new PIN.
    async fn hash(&self, pin: &Secret<String>) -> Result<Secret<String>, Error> {
        domain::staff::check_pin(pin).map_err(Denied::from)?;
        let (pins, pin) = (self.shared.pins.clone(), pin.clone());
        Ok(tokio::task::spawn_blocking(move || pins.hash(&pin)).await.map_err(|_| Error::Panicked)??)
    }

    fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    fn instants(&self) -> Instants {
        Instants { clock: self.now(), steady: Instant::now() }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A panic while it is held leaves somebody signed in or not, both of which are checked again.
        self.shared.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a try down. The inner error is a refusal that is kept: the transaction that tells of it is committed.
    fn begin_try(&self, tx: &Tx<'_>, id: &StaffId, at: Instants) -> Result<Result<Try, Denied>, Error> {
        let now = at.clock;
        let unknown = || Denied::Unknown { id: id.as_str().to_owned() };
        let Some(row) = tx.staff_member(id)? else {
            self.note_refusal(tx, id, Why::Unknown, now)?;
            return Ok(Err(unknown()));
        };
        if let Err(refusal) = row.staff.may(Act::See) {
            self.note_refusal(tx, id, Why::Inactive, now)?;
            return Ok(Err(refusal.into()));
        }
        // A new PIN ends the lock, whichever process gave it out.
        let untried = row.wrong_pins == 0;
        let left = if untried { SignedDuration::ZERO } else { self.memory().waits_for(id, at.steady) };
        if let Some(until) = waits_until(row.wrong_pins, row.locked_until, left, now) {
            if row.locked_until != Some(until) {
                tx.put_wrong_pins(id, row.wrong_pins, Some(until))?;
            }
            self.note_refusal(tx, id, Why::Locked, now)?;
            return Ok(Err(Denied::Locked { until }));
        }
        let wrong_pins = row.wrong_pins.saturating_add(1);
        let wait = cool_down(wrong_pins);
        let locked_until = wait.is_positive().then(|| plus_seconds(now, wait.as_secs()));
        tx.put_wrong_pins(id, wrong_pins, locked_until)?;
        self.memory().waits(id, at.steady, wait);
        let Some(pin) = tx.pin_of(id)? else { return Ok(Err(unknown())) };
        Ok(Ok(Try { staff: row.staff, pin, wrong_pins, locked_until }))
    }

    /// Writes down what became of a try.
    fn end_try(
        &self,
        tx: &Tx<'_>,
        tried: Try,
        fits: bool,
        place: Place,
        at: Instants,
    ) -> Result<Result<(Staff, Secret<String>), Denied>, Error> {
        let (id, now) = (&tried.staff.id, at.clock);
        // Somebody else may have got a new PIN, or have left, while this one was compared.
        let still = tx.pin_of(id)?.as_ref() == Some(&tried.pin);
        let present = tx.staff_member(id)?.map(|row| row.staff).filter(|staff| staff.active && still && fits);
        let Some(staff) = present else {
            self.note_refusal(tx, id, Why::PinWrong, now)?;
            return Ok(Err(Denied::PinWrong {
                tries_left: tries_before_waiting(tried.wrong_pins),
                locked_until: tried.locked_until,
            }));
        };
        tx.put_wrong_pins(id, 0, None)?;
        self.memory().waits(id, at.steady, SignedDuration::ZERO);
        self.note_sign_in(tx, id, place, now)?;
        Ok(Ok((staff, tried.pin)))
    }
}
