//! Staff, their PINs and the rules, changed by an owner.

use domain::staff::{Act, OwnLimits, Role, Rules, Staff, check_pin};
use domain::time::Timestamp;
use domain::{Fen, Secret, StaffId};
use mirror::{NO_OWNER_LEFT, Revision, RulesRow, StaffRow, Tx};

use super::books::Place;
use super::{About, Actor, Admission, Denied, People};
use crate::Error;

/// Somebody new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStaff {
    /// Under which they will sign in, for ever.
    pub id: StaffId,
    /// What people call them.
    pub name: String,
    /// What they are. The first one has to be an owner.
    pub role: Role,
    /// What they are given beside the shop's rules.
    pub limits: OwnLimits,
}

/// What is to change about somebody; `None`: it stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StaffChange {
    /// What people call them.
    pub name: Option<String>,
    /// What they are.
    pub role: Option<Role>,
    /// What they are given beside the shop's rules.
    pub limits: Option<OwnLimits>,
    /// Whether they work here: nobody is ever deleted.
    pub active: Option<bool>,
    /// The revision of the row that the owner saw; `None`: as it is, whatever it is. [`Error::Stale`] when it has changed.
    pub seen: Option<Revision>,
}

/// Another PIN for somebody.
#[derive(Debug, Clone)]
pub struct NewPin {
    /// What it is to be.
    pub new: Secret<String>,
    /// What it is, which everybody types who changes their own.
    pub present: Option<Secret<String>>,
}

impl People {
    /// Adds somebody. The first one has to be an owner; from then on nobody decides about money without a PIN. Errors:
    /// [`Denied`].
    pub async fn add(&self, actor: &Actor, new: NewStaff, pin: &Secret<String>) -> Result<StaffRow, Error> {
        let name = Staff::clean_name(&new.name).ok_or(Denied::NameInvalid)?;
        check_limits(&new.limits)?;
        let staff = Staff { id: new.id, name, role: new.role, active: true, limits: new.limits };
        let people = self.clone();
        self.change_as(actor, Act::SetStaff, Some(pin), move |tx, admission, pin, now| {
            if tx.staff_member(&staff.id)?.is_some() {
                return Err(Denied::IdTaken { id: staff.id.as_str().to_owned() }.into());
            }
            if staff.role != Role::Owner && !tx.has_staff()? {
                return Err(Denied::FirstIsNoOwner.into());
            }
            let pin = pin.ok_or(Denied::PinMissing)?;
            tx.add_staff(&staff, &pin, now).map_err(guarded)?;
            people.note_staff(tx, admission, (None, &staff), now)?;
            known(tx, &staff.id)
        })
        .await
    }

    /// Changes somebody. Errors: [`Denied`], [`Error::Stale`].
    pub async fn change(&self, actor: &Actor, id: &StaffId, change: StaffChange) -> Result<StaffRow, Error> {
        let (people, id) = (self.clone(), id.clone());
        self.change_as(actor, Act::SetStaff, None, move |tx, admission, _, now| {
            let row = known(tx, &id)?;
            if change.seen.is_some_and(|seen| seen != row.revision) {
                return Err(Error::Stale);
            }
            let mut staff = row.staff.clone();
            if let Some(name) = &change.name {
                staff.name = Staff::clean_name(name).ok_or(Denied::NameInvalid)?;
            }
            if let Some(limits) = change.limits {
                check_limits(&limits)?;
                staff.limits = limits;
            }
            staff.role = change.role.unwrap_or(staff.role);
            staff.active = change.active.unwrap_or(staff.active);
            tx.put_staff(&staff, now).map_err(guarded)?;
            people.note_staff(tx, admission, (Some(&row.staff), &staff), now)?;
            known(tx, &id)
        })
        .await
    }

    /// Gives somebody a new PIN: an owner anybody, everybody themselves. Whoever was signed in with the old one is not any
    /// more.
    ///
    /// Their own PIN nobody changes without typing the present one, signed in or not: whoever finds the PC as somebody left
    /// it must not take their name over. A wrong one counts as it does when signing in. Errors: [`Denied`].
    pub async fn set_pin(&self, actor: &Actor, id: &StaffId, pin: &NewPin) -> Result<StaffRow, Error> {
        let own = actor.id() == Some(id);
        let act = if own { Act::OwnPin } else { Act::SetStaff };
        let work = |admitted: Admission| async move {
            // What is no PIN costs nobody a try.
            check_pin(&pin.new).map_err(Denied::from)?;
            if own {
                let present = pin.present.as_ref().ok_or(Denied::PresentPinMissing)?;
                self.recognise(id, present, Place::OwnPin).await?;
            }
            let (people, id) = (self.clone(), id.clone());
            self.change_admitted(admitted, Some(&pin.new), move |tx, admission, pin, now| {
                known(tx, &id)?;
                tx.put_pin(&id, &pin.ok_or(Denied::PinMissing)?, now)?;
                people.note_pin(tx, admission, &id, now)?;
                known(tx, &id)
            })
            .await
        };
        self.admitted(actor, act, About::default(), work).await
    }

    /// Changes the shop's rules for refunds, of which the owner saw the revision `seen`; `None`: as they are, whatever they
    /// are. Errors: [`Denied`], [`Error::Stale`].
    pub async fn set_rules(
        &self,
        actor: &Actor,
        rules: Rules,
        seen: Option<Revision>,
    ) -> Result<RulesRow, Error> {
        let limits = [rules.per_refund, rules.per_day, rules.per_person_a_day, rules.second_person_above];
        if limits.into_iter().flatten().any(|limit| limit < Fen::ZERO)
            || rules.pin_kept_s > Rules::PIN_KEPT_MOST_S
        {
            return Err(Denied::RuleInvalid.into());
        }
        let people = self.clone();
        self.change_as(actor, Act::SetStaff, None, move |tx, admission, _, now| {
            let before = tx.staff_rules_row()?;
            if seen.is_some_and(|seen| seen != before.revision) {
                return Err(Error::Stale);
            }
            tx.put_staff_rules(&rules, now)?;
            people.note_rules(tx, admission, (&before.rules, &rules), now)?;
            Ok(tx.staff_rules_row()?)
        })
        .await
    }

    /// Changes something in one transaction, in which whoever changes it is looked at once more.
    async fn change_as<T: Send + 'static>(
        &self,
        actor: &Actor,
        act: Act,
        pin: Option<&Secret<String>>,
        change: impl Change<T>,
    ) -> Result<T, Error> {
        let work = |admitted| self.change_admitted(admitted, pin, change);
        self.admitted(actor, act, About::default(), work).await
    }

    async fn change_admitted<T: Send + 'static>(
        &self,
        admitted: Admission,
        pin: Option<&Secret<String>>,
        change: impl Change<T>,
    ) -> Result<T, Error> {
        let pin = match pin {
            Some(pin) => Some(self.hash(pin).await?),
            None => None,
        };
        let now = self.now();
        self.shared
            .mirror
            .write::<_, Error>(move |tx| {
                admitted.may(tx)?;
                change(tx, &admitted, pin, now)
            })
            .await
    }
}

/// What is changed, with the hash of a new PIN where there is one.
trait Change<T>:
    FnOnce(&Tx<'_>, &Admission, Option<Secret<String>>, Timestamp) -> Result<T, Error> + Send + 'static
{
}

impl<T, C> Change<T> for C where
    C: FnOnce(&Tx<'_>, &Admission, Option<Secret<String>>, Timestamp) -> Result<T, Error> + Send + 'static
{
}

fn known(tx: &Tx<'_>, id: &StaffId) -> Result<StaffRow, Error> {
    Ok(tx.staff_member(id)?.ok_or_else(|| Denied::Unknown { id: id.as_str().to_owned() })?)
}

fn check_limits(limits: &OwnLimits) -> Result<(), Denied> {
    let below_zero = |limit: Option<Fen>| limit.is_some_and(|limit| limit < Fen::ZERO);
    if below_zero(limits.per_refund) || below_zero(limits.per_day) {
        Err(Denied::RuleInvalid)
    } else {
        Ok(())
    }
}

/// The database refused: there would be no owner.
fn guarded(error: mirror::Error) -> Error {
    match error {
        mirror::Error::Guard { rule } if rule == NO_OWNER_LEFT => Denied::NoOwnerLeft.into(),
        other => Error::Mirror(other),
    }
}
