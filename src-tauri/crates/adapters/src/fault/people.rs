use domain::StaffId;
use domain::staff::{Refusal, WeakPin};
use domain::time::{Timestamp, to_spaced};
use engine::{Denied, Refused};

use super::Fault;

/// The parameter with the ids of those who may do what was refused.
const ABLE: &str = "able";

impl From<&Denied> for Fault {
    fn from(denied: &Denied) -> Fault {
        let (code, parameters) = match denied {
            Denied::NotSignedIn => ("staff_sign_in_needed", Vec::new()),
            Denied::SecondPersonLapsed => ("staff_second_person_lapsed", Vec::new()),
            Denied::PinMissing => ("pin_missing", Vec::new()),
            Denied::PresentPinMissing => ("pin_present_missing", Vec::new()),
            Denied::PinWrong { locked_until: Some(until), .. } => ("pin_wrong_wait", until_when(*until)),
            Denied::PinWrong { tries_left, locked_until: None } => {
                ("pin_wrong", vec![("tries", tries_left.to_string())])
            }
            Denied::Locked { until } => ("pin_locked", until_when(*until)),
            Denied::Unknown { id } => ("staff_unknown", vec![("id", id.clone())]),
            Denied::Refused(refused) => return refused.into(),
            Denied::WeakPin(WeakPin::Form) => ("pin_form", Vec::new()),
            Denied::WeakPin(WeakPin::Repeated | WeakPin::Sequence) => ("pin_weak", Vec::new()),
            Denied::NoOwnerLeft => ("staff_no_owner_left", Vec::new()),
            Denied::FirstIsNoOwner => ("staff_first_is_no_owner", Vec::new()),
            Denied::IdTaken { id } => ("staff_id_taken", vec![("id", id.clone())]),
            Denied::NameInvalid => ("staff_name_invalid", Vec::new()),
            Denied::RuleInvalid => ("staff_rule_invalid", Vec::new()),
        };
        Fault::new(code, parameters).caused(denied)
    }
}

impl From<&Refused> for Fault {
    fn from(Refused { refusal, able, .. }: &Refused) -> Fault {
        let mut fault = Fault::from(refusal);
        if !able.is_empty() {
            // No text names them: the page does, by what people call them. No id has a comma.
            let able: Vec<&str> = able.iter().map(StaffId::as_str).collect();
            fault.parameters.push((ABLE, able.join(",")));
        }
        fault
    }
}

impl From<&Refusal> for Fault {
    fn from(refusal: &Refusal) -> Fault {
        let (code, parameters) = match refusal {
            Refusal::Inactive { name } => ("staff_inactive", vec![("name", name.clone())]),
            Refusal::NotForRole { role, act } => (
                "staff_not_allowed",
                vec![("role", role.as_str().to_owned()), ("act", act.as_str().to_owned())],
            ),
            Refusal::AboveLimit { limit, at_most, left } => (
                "refund_above_limit",
                vec![
                    ("limit", limit.as_str().to_owned()),
                    ("at_most", at_most.to_string()),
                    ("left", left.to_string()),
                ],
            ),
            Refusal::SecondPersonNeeded { above } => {
                ("refund_second_person_needed", vec![("above", above.to_string())])
            }
            Refusal::SecondPersonIsTheFirst => ("refund_second_person_same", Vec::new()),
            Refusal::SecondPersonMayNot { name, .. } => {
                ("refund_second_person_may_not", vec![("name", name.clone())])
            }
        };
        Fault::new(code, parameters).caused(refusal)
    }
}

fn until_when(until: Timestamp) -> Vec<(&'static str, String)> {
    vec![("until", to_spaced(until))]
}

#[cfg(test)]
mod tests {
    use catalogue::Language;
    use domain::Fen;
    use domain::staff::{Act, LimitKind, Role};

    use super::*;

    fn everything() -> Vec<Denied> {
        let text = || "x".to_owned();
        let at = Timestamp::from_second(1_750_000_000).unwrap();
        let refused = [
            Refusal::Inactive { name: text() },
            Refusal::SecondPersonNeeded { above: Fen::new(1) },
            Refusal::SecondPersonIsTheFirst,
            Refusal::SecondPersonMayNot {
                name: text(),
                reason: Box::new(Refusal::Inactive { name: text() }),
            },
        ];
        let roles =
            Role::ALL.into_iter().flat_map(|role| Act::ALL.map(|act| Refusal::NotForRole { role, act }));
        let limits = LimitKind::ALL.map(|limit| Refusal::AboveLimit {
            limit,
            at_most: Fen::new(10),
            left: Fen::new(3),
        });
        let refused = refused.into_iter().chain(roles).chain(limits).map(Denied::from);
        let weak = [WeakPin::Form, WeakPin::Repeated, WeakPin::Sequence].map(Denied::WeakPin);
        let others = [
            Denied::NotSignedIn,
            Denied::SecondPersonLapsed,
            Denied::PinMissing,
            Denied::PresentPinMissing,
            Denied::PinWrong { tries_left: 2, locked_until: None },
            Denied::PinWrong { tries_left: 0, locked_until: Some(at) },
            Denied::Locked { until: at },
            Denied::Unknown { id: text() },
            Denied::NoOwnerLeft,
            Denied::FirstIsNoOwner,
            Denied::IdTaken { id: text() },
            Denied::NameInvalid,
            Denied::RuleInvalid,
        ];
        refused.chain(weak).chain(others).collect()
    }

    #[test]
    fn every_refusal_has_its_texts_in_every_language() {
        for denied in everything() {
            let fault = Fault::from(&denied);
            assert!(catalogue::has(&format!("error.{}.message", fault.code)), "{}", fault.code);
            for language in Language::ALL {
                for text in [fault.message(language), fault.hint(language)] {
                    assert!(!text.is_empty() && !text.contains('{'), "{}: {text}", fault.code);
                }
                for (name, value) in fault.worded(language) {
                    let is_word = matches!(name.as_str(), "role" | "act" | "limit");
                    assert!(!is_word || !value.contains('_'), "{name} {value} in {language}");
                }
            }
            assert!(!fault.may_be_repeated(), "{}: somebody has to do something first", fault.code);
        }
    }

    #[test]
    fn whoever_may_do_it_is_named_by_id() {
        let refusal = Refusal::NotForRole { role: Role::Clerk, act: Act::Refuse };
        let able = ["boss", "mia"].map(|id| StaffId::new(id).unwrap()).to_vec();
        let fault = Fault::from(&Denied::Refused(Refused { refusal, asked: None, able }));
        assert_eq!(fault.worded(Language::ZhCn)["able"], "boss,mia");
    }

    #[test]
    fn a_limit_says_which_one_and_what_is_left() {
        let refusal = Refusal::AboveLimit {
            limit: LimitKind::ShopDay,
            at_most: Fen::new(100_000),
            left: Fen::new(1_250),
        };
        let message = Fault::from(&refusal).message(Language::En);
        assert!(message.contains("1000.00") && message.contains("12.50"), "{message}");
    }
}
