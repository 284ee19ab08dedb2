//! What the audit log tells of people: who signed in and out, who could not, and what of the staff changed.

use domain::StaffId;
use domain::staff::{Act, Refusal, Rules, Staff};
use domain::time::Timestamp;
use mirror::{AuditKind, NewAudit, Tx};
use serde_json::{Value, json};

use super::{About, Actor, Admission, People, Refused};
use crate::Error;

/// Why a sign-in was refused, as the log has it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Why {
    PinWrong,
    Locked,
    Unknown,
    Inactive,
}

/// For what somebody signs in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// To work at the PC.
    Here,
    /// To agree to one decision of somebody else's.
    Second,
    /// To change their own PIN, as somebody who is signed in already.
    OwnPin,
}

impl People {
    fn row(&self, kind: AuditKind) -> NewAudit {
        NewAudit::new(kind, &self.shared.terminal)
    }

    /// Writes down what somebody did with what is kept elsewhere than in the mirror, and does `keep` in the same transaction:
    /// where one of the two fails neither is done. Blocks for some milliseconds.
    pub fn write_down<E: From<mirror::Error> + Send + 'static>(
        &self,
        kind: AuditKind,
        actor: &Actor,
        (before, after): (Option<Value>, Value),
        keep: impl FnOnce() -> Result<(), E> + Send + 'static,
    ) -> Result<(), E> {
        let row = self.row(kind).by(actor.id().map(StaffId::as_str)).to(after);
        let (row, now) = (NewAudit { before, ..row }, self.now());
        self.shared.mirror.write_blocking(move |tx| {
            tx.audit(&row, now)?;
            keep()
        })
    }

    /// Somebody signed in. Of a second person's sign-in the decision tells more.
    pub(super) fn note_sign_in(
        &self,
        tx: &Tx<'_>,
        id: &StaffId,
        place: Place,
        now: Timestamp,
    ) -> Result<(), Error> {
        let row = self.row(AuditKind::SignedIn).by(Some(id.as_str()));
        let row = match place {
            Place::Here => row,
            Place::Second => row.to(json!({ "as": "second" })),
            // Nobody comes who was not there; the new PIN has a row of its own.
            Place::OwnPin => return Ok(()),
        };
        tx.audit(&row, now)?;
        Ok(())
    }

    /// Somebody may not do what they wanted, by their role or a limit. Nothing of it was done.
    pub(super) async fn note_refused(
        &self,
        actor: &Actor,
        act: Act,
        about: About,
        Refused { refusal, asked, .. }: &Refused,
    ) -> Result<(), Error> {
        let amount = asked.or(about.amount);
        let mut why = json!({ "act": act.as_str(), "amount_fen": amount, "why": word(refusal) });
        if let (Refusal::AboveLimit { limit, at_most, left }, Value::Object(members)) = (refusal, &mut why) {
            members.insert("limit".to_owned(), json!(limit.as_str()));
            members.insert("at_most_fen".to_owned(), json!(at_most));
            members.insert("left_fen".to_owned(), json!(left));
        }
        if let (Some(second), Value::Object(members)) = (actor.second(), &mut why) {
            members.insert("second".to_owned(), json!(second.id()));
        }
        let row = self.row(AuditKind::ActRefused).by(actor.id().map(StaffId::as_str));
        let row = NewAudit { order_id: about.order, request_id: about.request, ..row }.to(why);
        let now = self.now();
        self.shared.mirror.write::<_, Error>(move |tx| Ok(tx.audit(&row, now).map(drop)?)).await
    }

    /// Somebody signed out.
    pub(super) fn note_sign_out(&self, tx: &Tx<'_>, id: &StaffId, now: Timestamp) -> Result<(), Error> {
        tx.audit(&self.row(AuditKind::SignedOut).by(Some(id.as_str())), now)?;
        Ok(())
    }

    /// Somebody could not sign in as this member of staff; who it was is not known.
    pub(super) fn note_refusal(
        &self,
        tx: &Tx<'_>,
        id: &StaffId,
        why: Why,
        now: Timestamp,
    ) -> Result<(), Error> {
        let why = match why {
            Why::PinWrong => "pin_wrong",
            Why::Locked => "locked",
            Why::Unknown => "unknown",
            Why::Inactive => "inactive",
        };
        tx.audit(&self.row(AuditKind::SignInRefused).to(json!({ "staff": id, "why": why })), now)?;
        Ok(())
    }

    /// Somebody was added or changed.
    pub(super) fn note_staff(
        &self,
        tx: &Tx<'_>,
        admission: &Admission,
        (before, after): (Option<&Staff>, &Staff),
        now: Timestamp,
    ) -> Result<(), Error> {
        let row = self.row(AuditKind::StaffChanged).by(admission.id().map(StaffId::as_str));
        let row = match before {
            Some(before) => row.from(facts(before)),
            None => row,
        };
        tx.audit(&row.to(facts(after)), now)?;
        Ok(())
    }

    /// Somebody has a new PIN.
    pub(super) fn note_pin(
        &self,
        tx: &Tx<'_>,
        admission: &Admission,
        id: &StaffId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let row = self.row(AuditKind::StaffChanged).by(admission.id().map(StaffId::as_str));
        tx.audit(&row.to(json!({ "staff": id, "pin": "new" })), now)?;
        Ok(())
    }

    /// The shop's rules changed.
    pub(super) fn note_rules(
        &self,
        tx: &Tx<'_>,
        admission: &Admission,
        (before, after): (&Rules, &Rules),
        now: Timestamp,
    ) -> Result<(), Error> {
        let row = self.row(AuditKind::StaffChanged).by(admission.id().map(StaffId::as_str));
        tx.audit(&row.from(json!({ "rules": before })).to(json!({ "rules": after })), now)?;
        Ok(())
    }
}

fn word(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Inactive { .. } => "inactive",
        Refusal::NotForRole { .. } => "not_for_role",
        Refusal::AboveLimit { .. } => "above_limit",
        Refusal::SecondPersonNeeded { .. } => "second_person_needed",
        Refusal::SecondPersonIsTheFirst => "second_person_is_the_first",
        Refusal::SecondPersonMayNot { .. } => "second_person_may_not",
    }
}

fn facts(staff: &Staff) -> Value {
    json!({
        "staff": staff.id, "name": staff.name, "role": staff.role, "active": staff.active,
        "per_refund_fen": staff.limits.per_refund, "per_day_fen": staff.limits.per_day,
    })
}
