//! The code, held against the tables of `table.md` for every state, every event and every combination of facts.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::tests::{at, error, number, refund};
use super::{Claim, Event, Payout, PayoutState, Report, Step};
use crate::time::plus_seconds;
use crate::{Fen, OutRefundNo, RefundStatus};

const NOW: i64 = 1_000;
/// The backend's clock is another one.
const TOLD: i64 = 5_000;

/// The rows of one of the document's tables, which begins with this cell.
fn rows(first: &str, cells: usize) -> Vec<Vec<&'static str>> {
    let lines =
        include_str!("table.md").lines().skip_while(|line| !line.starts_with(&format!("| {first} |")));
    let rows: Vec<Vec<&str>> = lines
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(
        rows.iter().all(|row| row.len() == cells && row.last().is_some_and(|why| !why.is_empty())),
        "{rows:?}"
    );
    rows
}

/// Every event by its word in the table, with everything that it may carry.
fn events() -> Vec<(&'static str, Event)> {
    let found = |status| Event::Found(refund(status, 500));
    let until = Some(at(NOW + 300));
    vec![
        ("started", Event::Started),
        ("resumed", Event::Resumed),
        ("claimed", Event::Claimed { until }),
        ("claim_confirmed", Event::ClaimConfirmed { until, told: at(NOW) }),
        ("claim_lost", Event::ClaimLost(error("state_conflict"))),
        ("claim_lost_unless_earlier", Event::ClaimLostUnlessEarlier(error("forbidden"))),
        (
            "backend_unavailable",
            Event::BackendUnavailable { error: error("console:timeout"), retry_after_s: None },
        ),
        ("spaced", Event::Spaced { until: at(NOW + 60) }),
        ("sending", Event::Sending),
        ("accepted", Event::Accepted { refund_id: "5".to_owned() }),
        ("not_sent", Event::NotSent(error("console:unreachable"))),
        ("refused", Event::Refused(error("NOTENOUGH"))),
        ("refused_unless_earlier", Event::RefusedUnlessEarlier(error("INVALID_REQUEST"))),
        ("unanswered", Event::Unanswered(error("console:timeout"))),
        ("found_success", found(RefundStatus::Success)),
        ("found_processing", found(RefundStatus::Processing)),
        ("found_change", found(RefundStatus::Change)),
        ("found_closed", found(RefundStatus::Close)),
        ("found_closed", found(RefundStatus::Fail)),
        ("found_other_status", found(RefundStatus::Other("NEW".to_owned()))),
        ("found_other_amount", Event::Found(refund(RefundStatus::Success, 499))),
        ("found_other_number", {
            let other = OutRefundNo::new("mr1-0").unwrap();
            Event::Found(crate::WechatRefund { out_refund_no: other, ..refund(RefundStatus::Success, 500) })
        }),
        ("not_found", Event::NotFound),
        ("query_failed", Event::QueryFailed(error("SYSTEMERROR"))),
        ("reported", Event::Reported),
        ("report_dropped", Event::ReportDropped),
    ]
}

/// A word for each event, so that a new one cannot be left out of [`events`].
fn is_listed(event: &Event) -> bool {
    match event {
        Event::Started
        | Event::Resumed
        | Event::Claimed { .. }
        | Event::ClaimConfirmed { .. }
        | Event::ClaimLost(_)
        | Event::ClaimLostUnlessEarlier(_)
        | Event::BackendUnavailable { .. }
        | Event::Spaced { .. }
        | Event::Sending
        | Event::Accepted { .. }
        | Event::NotSent(_)
        | Event::Refused(_)
        | Event::RefusedUnlessEarlier(_)
        | Event::Unanswered(_)
        | Event::Found(_)
        | Event::NotFound
        | Event::QueryFailed(_)
        | Event::Reported
        | Event::ReportDropped => true,
    }
}

/// Every combination of the facts that decide.
fn payouts() -> Vec<Payout> {
    let claims = [
        Claim::Wanted,
        Claim::Held { until: None },
        Claim::Held { until: Some(at(TOLD + 2)) },
        Claim::Held { until: Some(at(TOLD + 3)) },
        Claim::Lost { error: error("state_conflict") },
    ];
    // The denials that are just long enough and just too short, for each length, and those that are one too few. The
    // one that the event brings is still to be counted.
    let denied =
        [(None, 0), (Some(0), 1), (Some(1), 1), (Some(2), 1), (Some(24), 3), (Some(25), 2), (Some(25), 3)];
    let given_up = [(Some(599), 3), (Some(600), 2), (Some(600), 3)];
    let denied = [&denied[..], &given_up[..]].concat();
    let denied: Vec<(Option<Timestamp>, u32)> = denied
        .into_iter()
        .map(|(seconds, times)| (seconds.map(|seconds: i64| at(NOW - seconds)), times))
        .collect();
    let plain = Payout::wanted(number(), 1, Fen::new(500), Fen::new(3_780), at(0));
    let mut all = Vec::new();
    for state in PayoutState::ALL {
        for claim in &claims {
            for (in_doubt, awaits_approval) in [(false, false), (false, true), (true, false), (true, true)] {
                for (submissions, refusal, claim_in_doubt) in [
                    (0, false, true),
                    (0, false, false),
                    (0, true, false),
                    (1, false, true),
                    (1, false, false),
                    (1, true, false),
                    (2, false, false),
                    (2, true, false),
                ] {
                    for (not_found_since, denials) in denied.clone() {
                        for report in [Report::Nothing, Report::Owed, Report::Done, Report::Dropped] {
                            all.push(Payout {
                                state,
                                claim: claim.clone(),
                                claim_in_doubt,
                                in_doubt,
                                awaits_approval,
                                submissions,
                                refusal: refusal.then(|| error("NOTENOUGH")),
                                not_found_since,
                                denials,
                                asking_since: Some(at(0)),
                                report,
                                ..plain.clone()
                            });
                        }
                    }
                }
            }
        }
    }
    all
}

/// Whether a condition of the table holds.
fn holds(condition: &str, payout: &Payout, now: Timestamp) -> bool {
    let (long, often) = match payout.claim {
        Claim::Lost { .. } => (600, 4),
        _ if payout.refusal.is_some() && payout.submissions > 1 => (25, 4),
        _ => (2, 2),
    };
    let denied = payout.not_found_since.is_some_and(|since| plus_seconds(since, long) <= now)
        && payout.denials + 1 >= often;
    let over = matches!(payout.claim, Claim::Held { until: Some(until) } if until <= at(TOLD + 2));
    match condition {
        "in doubt" => payout.in_doubt,
        "not in doubt" => !payout.in_doubt,
        "sent before" => payout.submissions > 0,
        "never sent" => payout.submissions == 0,
        "approval awaited" => payout.awaits_approval,
        "no approval awaited" => !payout.awaits_approval,
        "denied for long enough" => denied,
        "denied for too short" => !denied,
        "refusal kept" => payout.refusal.is_some(),
        "no refusal kept" => payout.refusal.is_none(),
        "claim wanted" => payout.claim == Claim::Wanted,
        "claim held" => matches!(payout.claim, Claim::Held { .. }),
        "claim in doubt" => payout.claim_in_doubt,
        "claim not in doubt" => !payout.claim_in_doubt,
        "claim lost" => matches!(payout.claim, Claim::Lost { .. }),
        "claim over" => over,
        "claim not over" => !over,
        "report owed" => payout.report == Report::Owed,
        "report not owed" => payout.report != Report::Owed,
        other => panic!("nobody knows what {other:?} means"),
    }
}

fn fits(states: &str, conditions: &str, payout: &Payout, named: &BTreeSet<&str>) -> bool {
    let state = payout.state.as_str();
    let here = if states == "others" {
        !named.contains(state)
    } else {
        states.split(", ").any(|named| {
            assert!(PayoutState::from_word(named).is_some(), "{named:?} is no state");
            named == state
        })
    };
    let mut conditions = conditions.split("; ").filter(|condition| !condition.is_empty());
    here && conditions.all(|condition| holds(condition, payout, at(NOW)))
}

#[test]
fn every_event_in_every_state_does_what_the_table_says() {
    let rows = rows("what happened", 5);
    let events = events();
    let words: BTreeSet<&str> = events.iter().map(|(word, _)| *word).collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<BTreeSet<_>>(), words);
    let payouts = payouts();
    let mut used = BTreeSet::new();
    for (word, event) in events {
        assert!(is_listed(&event));
        let of_event: Vec<&Vec<&str>> = rows.iter().filter(|row| row[0] == word).collect();
        let named: BTreeSet<&str> = of_event.iter().flat_map(|row| row[1].split(", ")).collect();
        for payout in &payouts {
            let fitting: Vec<&&Vec<&str>> =
                of_event.iter().filter(|row| fits(row[1], row[2], payout, &named)).collect();
            assert_eq!(fitting.len(), 1, "{word} for {payout:?}: {fitting:?}");
            let row = fitting[0];
            used.insert(*row);
            let becomes = if row[3] == "same" { payout.state.as_str() } else { row[3] };
            assert_eq!(payout.after(&event, at(NOW)).state.as_str(), becomes, "{row:?} for {payout:?}");
        }
    }
    assert_eq!(used.len(), rows.len(), "no row is there for nothing");
}

#[test]
fn what_is_done_in_every_state_is_what_the_table_says() {
    let rows = rows("in", 4);
    let mut used = BTreeSet::new();
    for payout in payouts() {
        let fitting: Vec<&Vec<&str>> =
            rows.iter().filter(|row| fits(row[0], row[1], &payout, &BTreeSet::new())).collect();
        assert_eq!(fitting.len(), 1, "{payout:?}: {fitting:?}");
        used.insert(fitting[0]);
        let step = match payout.next_step(at(NOW), at(TOLD)) {
            Step::Claim => "claim",
            Step::CheckClaim => "check_claim",
            Step::Submit => "submit",
            Step::Query => "query",
            Step::Report => "report",
            Step::Rest => "rest",
            Step::Wait(until) => panic!("it is due, and waits until {until}: {payout:?}"),
        };
        assert_eq!(step, fitting[0][2], "{payout:?}");
        let later = Payout { next_at: at(NOW + 1), known_at: at(NOW), ..payout.clone() };
        let waits = if step == "rest" { Step::Rest } else { Step::Wait(at(NOW + 1)) };
        assert_eq!(later.next_step(at(NOW), at(TOLD)), waits, "{payout:?}");
        let put_back = Payout { known_at: at(NOW + 2), next_at: at(NOW + 1), ..payout };
        assert!(!matches!(put_back.next_step(at(NOW), at(TOLD)), Step::Wait(_)), "{put_back:?}");
    }
    assert_eq!(used.len(), rows.len(), "no row is there for nothing");
}
