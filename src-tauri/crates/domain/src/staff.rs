//! Who works in the shop, what each of them may do, and how much money each may send back.
//!
//! What a role may do without asking anybody:
//!
//! | act | clerk | manager | owner | what it is |
//! |---|---|---|---|---|
//! | see | yes | yes | yes | orders, refunds, the day's figures |
//! | print | yes | yes | yes | tickets, again too |
//! | resume | yes | yes | yes | ask about refunds that were decided before |
//! | own_pin | yes | yes | yes | choose a new PIN for oneself |
//! | refund | if given limits | yes | yes | send money back: approve a request, refund an order |
//! | agree_return | no | yes | yes | agree that goods come back |
//! | refuse | no | yes | yes | refuse a request |
//! | set_printing | no | yes | yes | what is printed, and where |
//! | set_alerts | no | yes | yes | whether alerts are heard and seen: desktop notifications, sound, volume |
//! | set_staff | no | no | yes | staff, their PINs, all limits |
//! | connect | no | no | yes | the shop's connection and its secrets |
//!
//! Limits bind clerks and managers ([`may_refund`]). An owner sets the limits and could lift one before every refund, so
//! that binding the owner would only pretend something; what an owner refunds counts against the shop's day all the same.
//!
//! As long as nobody is defined, whoever sits at the PC is the owner.

mod limits;
mod pin;
mod signature;

use serde::{Deserialize, Serialize};

pub use limits::{Day, LimitKind, OwnLimits, Refusal, Rules, may_refund};
pub use pin::{PIN_LENGTH, WeakPin, check_pin, cool_down, tries_before_waiting, waits_until};
pub use signature::Signature;

use crate::StaffId;

/// What somebody is in the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 店员: serves.
    Clerk,
    /// 店长: decides refunds.
    Manager,
    /// 老板: may everything.
    Owner,
}

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Look at orders, refunds and figures.
    See,
    /// Print tickets.
    Print,
    /// Ask about refunds that were decided before.
    Resume,
    /// Choose a new PIN for oneself.
    OwnPin,
    /// Send money back.
    Refund,
    /// Agree that goods come back.
    AgreeReturn,
    /// Refuse a request.
    Refuse,
    /// Say what is printed, and where.
    SetPrinting,
    /// Say whether alerts are heard and seen.
    SetAlerts,
    /// Change staff, PINs and limits.
    SetStaff,
    /// Connect the shop.
    Connect,
}

/// Somebody who works in the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Under which they sign in.
    pub id: StaffId,
    /// What people call them, 1 to 64 characters.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Whether they still work here. Nobody is ever deleted, so that every decision keeps its name.
    pub active: bool,
    /// What the owner has given them beside the shop's rules.
    pub limits: OwnLimits,
}

/// The longest name, in characters: as long as the contract lets an operator's name be.
pub const NAME_LENGTH: usize = 64;

impl Role {
    /// All of them, from least to most.
    pub const ALL: [Role; 3] = [Role::Clerk, Role::Manager, Role::Owner];

    /// The word for it, in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Clerk => "clerk",
            Role::Manager => "manager",
            Role::Owner => "owner",
        }
    }

    /// The role of this word.
    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

impl Act {
    /// All of them, as the table above has them.
    pub const ALL: [Act; 11] = [
        Act::See,
        Act::Print,
        Act::Resume,
        Act::OwnPin,
        Act::Refund,
        Act::AgreeReturn,
        Act::Refuse,
        Act::SetPrinting,
        Act::SetAlerts,
        Act::SetStaff,
        Act::Connect,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Act::See => "see",
            Act::Print => "print",
            Act::Resume => "resume",
            Act::OwnPin => "own_pin",
            Act::Refund => "refund",
            Act::AgreeReturn => "agree_return",
            Act::Refuse => "refuse",
            Act::SetPrinting => "set_printing",
            Act::SetAlerts => "set_alerts",
            Act::SetStaff => "set_staff",
            Act::Connect => "connect",
        }
    }
}

impl Staff {
    /// Whether they may do this at all; how much of it is [`may_refund`]'s to say.
    pub fn may(&self, act: Act) -> Result<(), Refusal> {
        if !self.active {
            return Err(Refusal::Inactive { name: self.name.clone() });
        }
        let may = match act {
            Act::See | Act::Print | Act::Resume | Act::OwnPin => true,
            Act::Refund => self.role != Role::Clerk || self.limits.are_given(),
            Act::AgreeReturn | Act::Refuse | Act::SetPrinting | Act::SetAlerts => self.role != Role::Clerk,
            Act::SetStaff | Act::Connect => self.role == Role::Owner,
        };
        if may { Ok(()) } else { Err(Refusal::NotForRole { role: self.role, act }) }
    }

    /// The name as it is kept: without space around it. `None` when it is empty, too long, or would break a line.
    pub fn clean_name(typed: &str) -> Option<String> {
        let name = typed.trim();
        let fits = (1..=NAME_LENGTH).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        fits.then(|| name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staff(role: Role, limits: OwnLimits) -> Staff {
        Staff { id: StaffId::new("7").unwrap(), name: "小李".to_owned(), role, active: true, limits }
    }

    /// The table of this file's documentation: act, then a cell per role.
    fn table() -> Vec<(&'static str, [&'static str; 3])> {
        include_str!("staff.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | "))
            .map(|line| line.split(" | ").collect::<Vec<_>>())
            .filter(|cells| cells[0] != "act")
            .map(|cells| (cells[0], [cells[1], cells[2], cells[3]]))
            .collect()
    }

    #[test]
    fn roles_may_do_what_the_table_says() {
        let table = table();
        let acts: Vec<&str> = table.iter().map(|(act, _)| *act).collect();
        assert_eq!(acts, Act::ALL.map(Act::as_str));
        for ((word, cells), act) in table.into_iter().zip(Act::ALL) {
            for (cell, role) in cells.into_iter().zip(Role::ALL) {
                let plain = staff(role, OwnLimits::default()).may(act).is_ok();
                let given = OwnLimits { per_refund: Some(crate::Fen::new(1)), per_day: None };
                let given = staff(role, given).may(act).is_ok();
                let expected = match cell {
                    "yes" => (true, true),
                    "no" => (false, false),
                    "if given limits" => (false, true),
                    other => panic!("{other:?} in the row of {word}"),
                };
                assert_eq!((plain, given), expected, "{word} of {role:?}");
            }
        }
    }

    #[test]
    fn who_left_may_nothing() {
        for (act, role) in Act::ALL.into_iter().flat_map(|act| Role::ALL.map(|role| (act, role))) {
            let gone = Staff { active: false, ..staff(role, OwnLimits::default()) };
            assert!(matches!(gone.may(act), Err(Refusal::Inactive { .. })), "{role:?} {act:?}");
        }
    }

    #[test]
    fn names_are_kept_clean() {
        assert_eq!(Staff::clean_name(" 小李 ").as_deref(), Some("小李"));
        let long = "李".repeat(NAME_LENGTH + 1);
        for wrong in ["", "  ", "a\nb", "\u{1b}p", long.as_str()] {
            assert_eq!(Staff::clean_name(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn words_are_those_of_json() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
            assert_eq!(Role::from_word(role.as_str()), Some(role));
        }
        for act in Act::ALL {
            assert_eq!(serde_json::to_value(act).unwrap(), act.as_str());
        }
        assert_eq!(Role::from_word("boss"), None);
    }
}
