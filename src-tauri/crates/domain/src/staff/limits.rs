//! How much money somebody may send back.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Act, Role, Staff};
use crate::Fen;

/// What the owner has given one member of staff. It narrows the shop's rules and never widens them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OwnLimits {
    /// Most that one refund may be; `None`: as the shop's rules have it.
    pub per_refund: Option<Fen>,
    /// Most that all refunds of a day may be together; `None`: as the shop's rules have it.
    pub per_day: Option<Fen>,
}

/// The shop's rules for refunds, in fen. `None` everywhere: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Most that one refund may be.
    pub per_refund: Option<Fen>,
    /// Most that all refunds of a day may be together, whoever decided on them.
    pub per_day: Option<Fen>,
    /// Most that the refunds of one member of staff may be together in a day.
    pub per_person_a_day: Option<Fen>,
    /// Above this a second person must agree.
    pub second_person_above: Option<Fen>,
    /// How long a PIN is remembered after its last use, in seconds; 0: it is typed for every decision.
    pub pin_kept_s: u32,
}

impl Rules {
    /// How long a PIN is remembered unless the owner chose otherwise, in seconds.
    pub const PIN_KEPT_S: u32 = 300;
    /// The longest that a PIN may be remembered, in seconds: a shift. Beyond it the PIN would protect nothing.
    pub const PIN_KEPT_MOST_S: u32 = 12 * 3_600;
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            per_refund: None,
            per_day: None,
            per_person_a_day: None,
            second_person_above: None,
            pin_kept_s: Rules::PIN_KEPT_S,
        }
    }
}

impl OwnLimits {
    /// Whether the owner gave any: a clerk may refund only then.
    pub fn are_given(&self) -> bool {
        self.per_refund.is_some() || self.per_day.is_some()
    }
}

/// What may have gone back already on the shop's day ([`crate::time::beijing_day`]), the refund in question left out.
///
/// The rule of which day that is: the backend's, as its answers tell the time, because every decision is preceded by an
/// answer of it and nobody at the counter sets its clock. The PC's own clock only counts where the backend tells no time.
/// The day is counted from its beginning and has no end, so that what was decided by a clock that ran ahead counts today;
/// as soon as the backend tells the time, what is dated later than that is dated then, so that it counts for one day and
/// locks nobody out for longer. The PC's own clock dates nothing anew: put back for a moment it would move today's
/// refunds to a day that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Day {
    /// Of the whole shop.
    pub shop: Fen,
    /// Of the one who decides.
    pub person: Fen,
}

/// Which limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// One refund, by what the owner gave this member of staff.
    OwnRefund,
    /// One refund, by the shop's rules.
    Refund,
    /// A day of this member of staff, by what the owner gave them.
    OwnDay,
    /// A day of any one member of staff, by the shop's rules.
    PersonDay,
    /// A day of the whole shop.
    ShopDay,
}

impl LimitKind {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [LimitKind; 5] = [
        LimitKind::OwnRefund,
        LimitKind::Refund,
        LimitKind::OwnDay,
        LimitKind::PersonDay,
        LimitKind::ShopDay,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            LimitKind::OwnRefund => "own_refund",
            LimitKind::Refund => "refund",
            LimitKind::OwnDay => "own_day",
            LimitKind::PersonDay => "person_day",
            LimitKind::ShopDay => "shop_day",
        }
    }
}

/// Why somebody may not. Nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// They do not work here any more.
    #[error("{name} does not work here any more")]
    Inactive {
        /// What people called them.
        name: String,
    },
    /// Their role has no such right.
    #[error("a {} may not {}", .role.as_str(), .act.as_str())]
    NotForRole {
        /// Their role.
        role: Role,
        /// What they wanted to do.
        act: Act,
    },
    /// More than may go back.
    #[error("above the limit {} of {at_most}: {left} is left", .limit.as_str())]
    AboveLimit {
        /// By which limit.
        limit: LimitKind,
        /// The limit.
        at_most: Fen,
        /// What it still leaves room for now; never below zero.
        left: Fen,
    },
    /// So much needs a second person.
    #[error("above {above} a second person has to agree")]
    SecondPersonNeeded {
        /// The amount above which it does.
        above: Fen,
    },
    /// One person is not two.
    #[error("the second person is the first one")]
    SecondPersonIsTheFirst,
    /// The second person could not decide on so much either.
    #[error("{name} may not agree to this refund")]
    SecondPersonMayNot {
        /// What people call them.
        name: String,
        /// Why not.
        #[source]
        reason: Box<Refusal>,
    },
}

/// Whether somebody may send `amount` back, with a second person or without one.
///
/// A second person does not lift a limit: whoever may refund more can sign in and decide it. They have to be able to
/// decide on such an amount themselves; their own day is not counted, since it is not their refund.
pub fn may_refund(
    who: &Staff,
    second: Option<&Staff>,
    amount: Fen,
    day: &Day,
    rules: &Rules,
) -> Result<(), Refusal> {
    who.may(Act::Refund)?;
    if let Some(second) = second {
        agrees(who, second, amount, rules)?;
    }
    if who.role == Role::Owner {
        return Ok(());
    }
    one_refund(who, amount, rules)?;
    within(LimitKind::OwnDay, who.limits.per_day, day.person, amount)?;
    within(LimitKind::PersonDay, rules.per_person_a_day, day.person, amount)?;
    within(LimitKind::ShopDay, rules.per_day, day.shop, amount)?;
    match rules.second_person_above {
        Some(above) if amount > above && second.is_none() => Err(Refusal::SecondPersonNeeded { above }),
        Some(_) | None => Ok(()),
    }
}

/// Whether the second person counts. One who was asked for nothing is checked all the same: a name under a refund has to
/// mean something.
fn agrees(who: &Staff, second: &Staff, amount: Fen, rules: &Rules) -> Result<(), Refusal> {
    if second.id == who.id {
        return Err(Refusal::SecondPersonIsTheFirst);
    }
    let able = second.may(Act::Refund).and_then(|()| match second.role {
        Role::Owner => Ok(()),
        Role::Clerk | Role::Manager => one_refund(second, amount, rules),
    });
    able.map_err(|reason| Refusal::SecondPersonMayNot { name: second.name.clone(), reason: Box::new(reason) })
}

fn one_refund(who: &Staff, amount: Fen, rules: &Rules) -> Result<(), Refusal> {
    within(LimitKind::OwnRefund, who.limits.per_refund, Fen::ZERO, amount)?;
    within(LimitKind::Refund, rules.per_refund, Fen::ZERO, amount)
}

fn within(limit: LimitKind, at_most: Option<Fen>, already: Fen, amount: Fen) -> Result<(), Refusal> {
    let Some(at_most) = at_most else { return Ok(()) };
    if already.checked_add(amount).is_some_and(|sum| sum <= at_most) {
        return Ok(());
    }
    let left = at_most.checked_sub(already).unwrap_or(Fen::ZERO).max(Fen::ZERO);
    Err(Refusal::AboveLimit { limit, at_most, left })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::StaffId;

    fn fen(amount: i64) -> Fen {
        Fen::new(amount)
    }

    fn staff(id: &str, role: Role, per_refund: Option<i64>, per_day: Option<i64>) -> Staff {
        let limits = OwnLimits { per_refund: per_refund.map(fen), per_day: per_day.map(fen) };
        Staff { id: StaffId::new(id).unwrap(), name: id.to_owned(), role, active: true, limits }
    }

    fn manager() -> Staff {
        staff("m", Role::Manager, None, None)
    }

    fn above(limit: LimitKind, at_most: i64, left: i64) -> Result<(), Refusal> {
        Err(Refusal::AboveLimit { limit, at_most: fen(at_most), left: fen(left) })
    }

    #[test]
    fn each_limit_holds_to_the_fen_and_says_what_is_left() {
        let none = Rules::default();
        let day = Day { shop: fen(700), person: fen(300) };
        let own = |per_refund, per_day| staff("c", Role::Clerk, per_refund, per_day);
        // Who decides, by which rules, the most that passes, and what one fen more is told.
        let cases = [
            (own(Some(100), None), none, 100, above(LimitKind::OwnRefund, 100, 100)),
            (own(None, Some(500)), none, 200, above(LimitKind::OwnDay, 500, 200)),
            (manager(), Rules { per_refund: Some(fen(90)), ..none }, 90, above(LimitKind::Refund, 90, 90)),
            (
                manager(),
                Rules { per_person_a_day: Some(fen(310)), ..none },
                10,
                above(LimitKind::PersonDay, 310, 10),
            ),
            (manager(), Rules { per_day: Some(fen(701)), ..none }, 1, above(LimitKind::ShopDay, 701, 1)),
            (
                manager(),
                Rules { second_person_above: Some(fen(50)), ..none },
                50,
                Err(Refusal::SecondPersonNeeded { above: fen(50) }),
            ),
        ];
        for (who, rules, most, refusal) in cases {
            assert_eq!(may_refund(&who, None, fen(most), &day, &rules), Ok(()), "{refusal:?}");
            assert_eq!(may_refund(&who, None, fen(most + 1), &day, &rules), refusal);
        }
    }

    #[test]
    fn a_limit_that_is_used_up_leaves_nothing() {
        let rules = Rules { per_day: Some(fen(500)), ..Rules::default() };
        let day = Day { shop: fen(900), person: fen(0) };
        assert_eq!(
            may_refund(&manager(), None, fen(1), &day, &rules),
            above(LimitKind::ShopDay, 500, 0),
            "the limit was lowered in the middle of the day"
        );
    }

    #[test]
    fn the_owner_is_not_bound() {
        let nothing = Some(Fen::ZERO);
        let rules = Rules {
            per_refund: nothing,
            per_day: nothing,
            per_person_a_day: nothing,
            second_person_above: nothing,
            ..Rules::default()
        };
        let owner = staff("o", Role::Owner, Some(0), Some(0));
        let day = Day { shop: fen(1), person: fen(1) };
        assert_eq!(may_refund(&owner, None, fen(1_000_000), &day, &rules), Ok(()));
    }

    #[test]
    fn a_second_person_is_another_one_who_could_decide_it() {
        let rules = Rules { second_person_above: Some(fen(50)), ..Rules::default() };
        let day = Day::default();
        let with = |second: &Staff| may_refund(&manager(), Some(second), fen(60), &day, &rules);
        assert_eq!(with(&staff("m2", Role::Manager, None, None)), Ok(()));
        assert_eq!(with(&staff("o", Role::Owner, None, None)), Ok(()));
        assert_eq!(with(&staff("c", Role::Clerk, Some(60), None)), Ok(()));
        assert_eq!(with(&manager()), Err(Refusal::SecondPersonIsTheFirst));
        let refused = [
            staff("c", Role::Clerk, None, None),
            staff("c", Role::Clerk, Some(59), None),
            Staff { active: false, ..staff("o", Role::Owner, None, None) },
        ];
        for second in refused {
            let outcome = with(&second);
            assert!(matches!(outcome, Err(Refusal::SecondPersonMayNot { .. })), "{second:?}: {outcome:?}");
        }
    }

    #[test]
    fn a_second_person_lifts_no_limit() {
        let rules = Rules { per_refund: Some(fen(50)), ..Rules::default() };
        let owner = staff("o", Role::Owner, None, None);
        assert_eq!(
            may_refund(&manager(), Some(&owner), fen(51), &Day::default(), &rules),
            above(LimitKind::Refund, 50, 50)
        );
    }

    fn limit() -> impl Strategy<Value = Option<Fen>> {
        prop_oneof![Just(None), (0..2_000i64).prop_map(|limit| Some(Fen::new(limit)))]
    }

    fn person(id: &'static str) -> impl Strategy<Value = Staff> {
        (0..3usize, limit(), limit(), any::<bool>()).prop_map(move |(role, per_refund, per_day, active)| {
            Staff {
                id: StaffId::new(id).unwrap(),
                name: id.to_owned(),
                role: Role::ALL[role],
                active,
                limits: OwnLimits { per_refund, per_day },
            }
        })
    }

    proptest! {
        /// Whatever is decided in a day, one after another: the sums of those who are bound stay within every limit.
        #[test]
        fn no_row_of_refunds_passes_a_limit(
            who in person("a"),
            second in proptest::option::of(person("b")),
            rules in (limit(), limit(), limit(), limit()).prop_map(|(a, b, c, d)| Rules {
                per_refund: a, per_day: b, per_person_a_day: c, second_person_above: d, ..Rules::default()
            }),
            amounts in proptest::collection::vec(1..1_500i64, 1..12),
        ) {
            let mut day = Day::default();
            for amount in amounts.into_iter().map(Fen::new) {
                if may_refund(&who, second.as_ref(), amount, &day, &rules).is_err() {
                    continue;
                }
                day = Day {
                    shop: day.shop.checked_add(amount).unwrap(),
                    person: day.person.checked_add(amount).unwrap(),
                };
                prop_assert!(who.active);
                if who.role == Role::Owner {
                    continue;
                }
                let held = |limit: Option<Fen>, sum: Fen| limit.is_none_or(|limit| sum <= limit);
                prop_assert!(held(who.limits.per_refund, amount) && held(rules.per_refund, amount));
                prop_assert!(held(who.limits.per_day, day.person) && held(rules.per_person_a_day, day.person));
                prop_assert!(held(rules.per_day, day.shop));
                prop_assert!(held(rules.second_person_above, amount) || second.is_some());
                prop_assert!(who.role != Role::Clerk || who.limits.are_given());
            }
        }

        /// What is told to be left is exactly what passes, unless something else stands in the way.
        #[test]
        fn what_is_left_is_what_passes(
            who in person("a"),
            rules in (limit(), limit(), limit()).prop_map(|(a, b, c)| Rules {
                per_refund: a, per_day: b, per_person_a_day: c, ..Rules::default()
            }),
            (shop, own) in (0..2_000i64, 0..2_000i64),
            amount in 1..3_000i64,
        ) {
            let day = Day { shop: Fen::new(shop + own), person: Fen::new(own) };
            let Err(Refusal::AboveLimit { limit, left, at_most }) =
                may_refund(&who, None, Fen::new(amount), &day, &rules) else { return Ok(()) };
            prop_assert!(left >= Fen::ZERO && left <= at_most && left < Fen::new(amount));
            if !left.is_positive() {
                return Ok(());
            }
            match may_refund(&who, None, left, &day, &rules) {
                Ok(()) => {}
                Err(Refusal::AboveLimit { limit: narrower, .. }) => prop_assert!(narrower != limit),
                Err(other) => prop_assert!(false, "{other:?}"),
            }
        }

        /// The ends of the number line are no way around a limit.
        #[test]
        fn sums_that_overflow_are_above_every_limit(amount in (i64::MAX - 5)..=i64::MAX) {
            let rules = Rules { per_day: Some(Fen::new(i64::MAX)), ..Rules::default() };
            let day = Day { shop: Fen::new(100), person: Fen::ZERO };
            prop_assert!(may_refund(&manager(), None, Fen::new(amount), &day, &rules).is_err());
        }
    }
}
