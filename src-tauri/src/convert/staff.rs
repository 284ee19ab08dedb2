use domain::staff::{OwnLimits, Role, Rules};
use domain::time::Timestamp;
use engine::{NewStaff, RollEntry, Session, StaffChange};
use mirror::{RulesRow, StaffRow};

use crate::dto;
use crate::dto::Revision;
use crate::open_shop::known_id;

/// Who is at the PC, and who could be.
pub(crate) fn here(
    all: &[StaffRow],
    signed_in: Option<&(Session, Timestamp)>,
    rules: &Rules,
    now: Timestamp,
) -> dto::StaffHere {
    dto::StaffHere {
        defined: !all.is_empty(),
        signed_in: signed_in.map(|(session, until)| dto::SignedIn {
            id: session.id().to_string(),
            name: session.name().to_owned(),
            role: session.role().into(),
            until_ms: (*until).into(),
        }),
        pin_kept_s: rules.pin_kept_s,
        colleagues: all.iter().filter(|row| row.staff.active).map(|row| colleague(row, now)).collect(),
    }
}

fn colleague(row: &StaffRow, now: Timestamp) -> dto::Colleague {
    dto::Colleague {
        id: row.staff.id.to_string(),
        name: row.staff.name.clone(),
        role: row.staff.role.into(),
        locked_until_ms: row.locked_until.filter(|until| *until > now).map(Into::into),
    }
}

/// Somebody as the list of staff shows them.
pub(crate) fn member(RollEntry { row, refunded_today }: &RollEntry, now: Timestamp) -> dto::StaffMember {
    let staff = &row.staff;
    dto::StaffMember {
        id: staff.id.to_string(),
        revision: row.revision.into(),
        name: staff.name.clone(),
        role: staff.role.into(),
        active: staff.active,
        per_refund_fen: staff.limits.per_refund.map(Into::into),
        per_day_fen: staff.limits.per_day.map(Into::into),
        refunded_today_fen: (*refunded_today).into(),
        locked_until_ms: row.locked_until.filter(|until| *until > now).map(Into::into),
    }
}

/// Somebody new. An id that nobody can have is refused.
pub(crate) fn new_staff(new: dto::NewStaff) -> Result<NewStaff, adapters::fault::Fault> {
    let invalid = || adapters::fault::Fault::new("staff_id_invalid", Vec::new());
    Ok(NewStaff {
        id: known_id(new.id).map_err(|_| invalid())?,
        name: new.name,
        role: new.role.into(),
        limits: limits(new.per_refund_fen, new.per_day_fen),
    })
}

/// Somebody as they are to be, of whom the person saw `revision`.
pub(crate) fn change(change: dto::StaffChange, revision: Revision) -> StaffChange {
    StaffChange {
        name: Some(change.name),
        role: Some(change.role.into()),
        limits: Some(limits(change.per_refund_fen, change.per_day_fen)),
        active: Some(change.active),
        seen: Some(revision.into()),
    }
}

fn limits(per_refund: Option<dto::Fen>, per_day: Option<dto::Fen>) -> OwnLimits {
    OwnLimits { per_refund: per_refund.map(Into::into), per_day: per_day.map(Into::into) }
}

/// The shop's rules as they are.
pub(crate) fn rules(RulesRow { rules, revision }: &RulesRow) -> dto::SeenRules {
    dto::SeenRules {
        revision: (*revision).into(),
        rules: dto::StaffRules {
            per_refund_fen: rules.per_refund.map(Into::into),
            per_day_fen: rules.per_day.map(Into::into),
            per_person_a_day_fen: rules.per_person_a_day.map(Into::into),
            second_person_above_fen: rules.second_person_above.map(Into::into),
            pin_kept_s: rules.pin_kept_s,
        },
    }
}

/// Rules as they are to be.
pub(crate) fn rules_wished(rules: &dto::StaffRules) -> Rules {
    Rules {
        per_refund: rules.per_refund_fen.map(Into::into),
        per_day: rules.per_day_fen.map(Into::into),
        per_person_a_day: rules.per_person_a_day_fen.map(Into::into),
        second_person_above: rules.second_person_above_fen.map(Into::into),
        pin_kept_s: rules.pin_kept_s,
    }
}

impl From<Role> for dto::Role {
    fn from(role: Role) -> dto::Role {
        match role {
            Role::Clerk => dto::Role::Clerk,
            Role::Manager => dto::Role::Manager,
            Role::Owner => dto::Role::Owner,
        }
    }
}

impl From<dto::Role> for Role {
    fn from(role: dto::Role) -> Role {
        match role {
            dto::Role::Clerk => Role::Clerk,
            dto::Role::Manager => Role::Manager,
            dto::Role::Owner => Role::Owner,
        }
    }
}
