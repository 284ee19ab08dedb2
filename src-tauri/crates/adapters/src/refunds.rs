//! Why a refund did not (yet) come to its end, as a person should hear it.
//!
//! Where the money is decides what may be said: as long as the end is not known, no error of a single call may claim
//! that nothing happened.

use domain::payout::{Claim, Payout, PayoutState};
use domain::{BackendPayoutState, Fen, PayoutError};
use engine::DeskRow;

use crate::fault::Fault;
use crate::gateway::payout_message_code;

/// Why the refund did not (yet) come to its end; `None` when nothing is known to be wrong.
pub fn why_unfinished(row: &DeskRow) -> Option<Fault> {
    reason_of(row).map(|error| explain(&error, row))
}

/// The failure that the refund ended with; `None` when it succeeded or is still on its way.
pub fn failure(row: &DeskRow) -> Option<Fault> {
    let failed = match &row.payout {
        Some(row) => match row.payout.state {
            PayoutState::Failed | PayoutState::Abnormal | PayoutState::Closed => true,
            PayoutState::None => matches!(row.payout.claim, Claim::Lost { .. }),
            PayoutState::Ready
            | PayoutState::Submitting
            | PayoutState::Unknown
            | PayoutState::Processing
            | PayoutState::Succeeded => false,
        },
        None => matches!(row.payout_word(), "failed" | "abnormal" | "closed"),
    };
    let unknown = PayoutError { code: "console:refused".to_owned(), text: String::new() };
    let own = row.payout.as_ref().and_then(|row| row.payout.error.clone());
    failed.then(|| explain(&own.or_else(|| reason_of(row)).unwrap_or(unknown), row))
}

/// The same as [`why_unfinished`] in the protocol's words: WeChat's `err_code`, a problem code of the contract, or a
/// `console:` word.
pub fn reason_of(row: &DeskRow) -> Option<PayoutError> {
    let told = row.request.as_ref().map(|request| &request.payout);
    match (row.own_payout(), &row.payout) {
        (Some(own), _) => own.payout.error.clone(),
        // A claim that was refused is told as long as nobody else has gone on from there.
        (None, Some(refused)) if told.is_none_or(|told| told.state == BackendPayoutState::None) => {
            refused.payout.error.clone()
        }
        (None, _) => told.and_then(|told| told.error.clone()),
    }
}

/// An error of the refund, worded by where its money is.
pub fn explain(error: &PayoutError, row: &DeskRow) -> Fault {
    let refundable = row.order.as_ref().map_or(Fen::ZERO, |row| row.order.amounts.refundable);
    let parameters = vec![
        ("code", error.code.clone()),
        ("text", error.text.clone()),
        ("terminal", error.text.clone()),
        ("state", error.text.clone()),
        ("max", refundable.to_string()),
        ("time", row.next_at().map(domain::time::to_spaced).unwrap_or_default()),
    ];
    let detail = Some(format!("{} {}", error.code, error.text).trim().to_owned());
    let payout = row.own_payout().map(|row| &row.payout);
    Fault { detail, ..Fault::new(message_code(error, payout), parameters) }
}

fn message_code(error: &PayoutError, payout: Option<&Payout>) -> &'static str {
    match payout {
        Some(payout) => match payout.state {
            PayoutState::Submitting | PayoutState::Unknown | PayoutState::Processing => "refund_unknown",
            PayoutState::Ready if payout.awaits_approval => payout_message_code(&error.code),
            PayoutState::Ready if payout.in_doubt => "refund_unknown",
            PayoutState::None if error.code == "unauthenticated" => "backend_unauthenticated",
            PayoutState::None => "refund_claim_waiting",
            PayoutState::Ready
            | PayoutState::Succeeded
            | PayoutState::Failed
            | PayoutState::Abnormal
            | PayoutState::Closed => payout_message_code(&error.code),
        },
        None => payout_message_code(&error.code),
    }
}

#[cfg(test)]
mod tests {
    use domain::OutRefundNo;
    use domain::payout::Event;
    use domain::time::Timestamp;

    use super::*;

    fn error(code: &str) -> PayoutError {
        PayoutError { code: code.to_owned(), text: String::new() }
    }

    fn after(events: &[Event]) -> Payout {
        let number = OutRefundNo::new("mr1-0").unwrap();
        let wanted = Payout::wanted(number, 1, Fen::new(5), Fen::new(5), Timestamp::UNIX_EPOCH);
        events.iter().fold(wanted, |payout, event| payout.after(event, Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn no_error_of_one_call_claims_that_nothing_happened_while_the_end_is_open() {
        let claimed = || vec![Event::Claimed { until: None }, Event::Sending];
        let mut unanswered = claimed();
        unanswered.push(Event::Unanswered(error("console:timeout")));
        let mut accepted = claimed();
        accepted.push(Event::Accepted { refund_id: "5".to_owned() });
        // Each of these would be worded as "nothing happened" if it were the only call.
        for code in ["console:unreachable", "NOTENOUGH", "SYSTEMERROR", "ORDERNOTEXIST"] {
            for events in [claimed(), unanswered.clone(), accepted.clone()] {
                let payout = after(&events);
                assert_eq!(message_code(&error(code), Some(&payout)), "refund_unknown", "{:?}", payout.state);
            }
        }
    }

    #[test]
    fn what_a_refund_waits_for_is_told() {
        let spaced = after(&[Event::Claimed { until: None }, Event::Spaced { until: Timestamp::UNIX_EPOCH }]);
        let why = spaced.error.clone().unwrap();
        assert_eq!(message_code(&why, Some(&spaced)), "refund_waits_minute");
        let found = Payout { awaits_approval: true, in_doubt: true, ..spaced };
        assert_eq!(message_code(&error("console:approval_needed"), Some(&found)), "refund_needs_approval");
    }

    #[test]
    fn before_the_claim_nothing_has_gone_out() {
        let waiting = after(&[]);
        assert_eq!(
            message_code(&error("console:backend_unreachable"), Some(&waiting)),
            "refund_claim_waiting"
        );
        assert_eq!(message_code(&error("unauthenticated"), Some(&waiting)), "backend_unauthenticated");
    }

    #[test]
    fn a_certain_refusal_is_told_by_its_own_code() {
        let events =
            [Event::Claimed { until: None }, Event::Sending, Event::Refused(error("USER_ACCOUNT_ABNORMAL"))];
        let refused = after(&events);
        assert_eq!(refused.state, PayoutState::Failed);
        let code = message_code(&error("USER_ACCOUNT_ABNORMAL"), Some(&refused));
        assert_eq!(code, "wechat_user_account_abnormal");
        assert_eq!(message_code(&error("CHANGE"), None), "wechat_refund_abnormal", "as the backend tells it");
    }
}
