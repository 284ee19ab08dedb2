//! Who works in the shop, and who of them is at the PC.

use domain::Secret;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Fen, Milliseconds, Revision};

/// A PIN as it was typed. It comes from the page and never goes back: it prints as a secret and has no `Serialize`.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Pin(
    #[serde(deserialize_with = "typed")]
    #[cfg_attr(test, specta(type = String))]
    pub(crate) Secret<String>,
);

fn typed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret<String>, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

/// Somebody and their PIN.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct SignIn {
    /// Their id.
    pub(crate) id: String,
    /// What they typed.
    pub(crate) pin: Pin,
}

/// What somebody is in the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum Role {
    /// Serves.
    Clerk,
    /// Decides refunds.
    Manager,
    /// May everything.
    Owner,
}

/// Who is at the PC, and who could be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct StaffHere {
    /// Whether anybody was ever defined. If not, whoever is at the PC is the owner.
    pub(crate) defined: bool,
    /// Who is signed in.
    pub(crate) signed_in: Option<SignedIn>,
    /// How long a PIN is remembered after its last use, in seconds; 0: it is typed for every decision.
    pub(crate) pin_kept_s: u32,
    /// Who could sign in.
    pub(crate) colleagues: Vec<Colleague>,
}

/// Somebody who typed their PIN.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct SignedIn {
    /// Their id.
    pub(crate) id: String,
    /// What people call them.
    pub(crate) name: String,
    /// What they are.
    pub(crate) role: Role,
    /// From when on they have to type it again.
    pub(crate) until_ms: Milliseconds,
}

/// Somebody to choose when signing in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Colleague {
    /// Their id.
    pub(crate) id: String,
    /// What people call them.
    pub(crate) name: String,
    /// What they are.
    pub(crate) role: Role,
    /// Until when nobody can sign in as them.
    pub(crate) locked_until_ms: Option<Milliseconds>,
}

/// Somebody as the list of staff shows them, those who left too.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct StaffMember {
    /// Their id, for ever.
    pub(crate) id: String,
    /// What a change of them names as seen.
    pub(crate) revision: Revision,
    /// What people call them.
    pub(crate) name: String,
    /// What they are.
    pub(crate) role: Role,
    /// Whether they work here.
    pub(crate) active: bool,
    /// Most that one of their refunds may be; none: as the shop's rules have it.
    pub(crate) per_refund_fen: Option<Fen>,
    /// Most that their refunds of a day may be together.
    pub(crate) per_day_fen: Option<Fen>,
    /// What they have decided to send back today and may have gone.
    pub(crate) refunded_today_fen: Fen,
    /// Until when nobody can sign in as them.
    pub(crate) locked_until_ms: Option<Milliseconds>,
}

/// Somebody new.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct NewStaff {
    /// Under which they will sign in, for ever.
    pub(crate) id: String,
    /// What people call them.
    pub(crate) name: String,
    /// What they are.
    pub(crate) role: Role,
    /// As [`StaffMember`] has it.
    pub(crate) per_refund_fen: Option<Fen>,
    /// As [`StaffMember`] has it.
    pub(crate) per_day_fen: Option<Fen>,
}

/// Somebody as they are to be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct StaffChange {
    /// What people call them.
    pub(crate) name: String,
    /// What they are.
    pub(crate) role: Role,
    /// Whether they work here.
    pub(crate) active: bool,
    /// As [`StaffMember`] has it.
    pub(crate) per_refund_fen: Option<Fen>,
    /// As [`StaffMember`] has it.
    pub(crate) per_day_fen: Option<Fen>,
}

/// The shop's rules for refunds; none: no limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct StaffRules {
    /// Most that one refund may be.
    pub(crate) per_refund_fen: Option<Fen>,
    /// Most that all refunds of a day may be together.
    pub(crate) per_day_fen: Option<Fen>,
    /// Most that the refunds of one member of staff may be together in a day.
    pub(crate) per_person_a_day_fen: Option<Fen>,
    /// Above this a second person must agree.
    pub(crate) second_person_above_fen: Option<Fen>,
    /// How long a PIN is remembered after its last use, in seconds; 0: it is typed for every decision.
    pub(crate) pin_kept_s: u32,
}

/// The rules as the person sees them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct SeenRules {
    /// What a change of them names as seen.
    pub(crate) revision: Revision,
    /// The rules.
    pub(crate) rules: StaffRules,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_does_not_print() {
        let typed: SignIn = serde_json::from_str(r#"{"id":"mia","pin":"803164297501"}"#).unwrap();
        assert_eq!(typed.pin.0.expose(), "803164297501");
        assert!(!format!("{typed:?} {typed:#?}").contains("8031"));
    }
}
