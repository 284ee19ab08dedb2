//! What the tables do not show: the facts beside the state, and the instants.

use jiff::Timestamp;

use super::tests::{at, error, number, refund};
use super::{Approval, Claim, Event, Payout, PayoutState, Report, Step};
use crate::{Fen, RefundStatus};

const DAY: i64 = 86_400;

fn wanted() -> Payout {
    Payout::wanted(number(), 1, Fen::new(500), Fen::new(3_780), at(0))
}

fn run(payout: Payout, events: &[(i64, Event)]) -> Payout {
    events.iter().fold(payout, |payout, (seconds, event)| payout.after(event, at(*seconds)))
}

fn claimed() -> (i64, Event) {
    (0, Event::Claimed { until: None })
}

fn unanswered(seconds: i64) -> (i64, Event) {
    (seconds, Event::Unanswered(error("console:timeout")))
}

fn recovered(approval: Approval) -> Payout {
    Payout::recovered(number(), 1, Fen::new(500), Fen::new(3_780), Some(at(300)), approval, at(0))
}

/// A claim that was found, and of which WeChat has said twice that it knows nothing.
fn awaiting() -> Payout {
    run(recovered(Approval::Needed), &[(0, Event::NotFound), (2, Event::NotFound)])
}

#[test]
fn a_claim_that_was_found_may_have_been_sent_once() {
    for (approval, awaits) in [(Approval::Needed, true), (Approval::NotNeeded, false)] {
        let found = recovered(approval);
        let expected = Payout {
            state: PayoutState::Unknown,
            claim: Claim::Held { until: Some(at(300)) },
            in_doubt: true,
            awaits_approval: awaits,
            submissions: 1,
            asking_since: Some(at(0)),
            ..wanted()
        };
        assert_eq!(found, expected);
        assert_eq!(found.next_step(at(0), at(0)), Step::Query);
    }
}

#[test]
fn without_a_need_of_approval_it_is_sent_once_wechat_denied_it_twice() {
    let denied = run(recovered(Approval::NotNeeded), &[(0, Event::NotFound), (2, Event::NotFound)]);
    assert_eq!((denied.state, denied.error.clone()), (PayoutState::Ready, None));
    assert_eq!(denied.next_step(at(2), at(2)), Step::Submit);
}

#[test]
fn what_awaits_an_approval_says_so_and_is_asked_about_by_the_schedule() {
    let waits = awaiting();
    assert_eq!(
        (waits.state, waits.error.clone()),
        (PayoutState::Ready, Some(error("console:approval_needed")))
    );
    assert!(waits.counts(), "the backend holds its amount");
    assert_eq!(waits.next_step(at(2), at(2)), Step::Wait(at(3)));
    for event in [Event::NotFound, Event::QueryFailed(error("SYSTEMERROR"))] {
        let later = waits.after(&event, at(3));
        assert_eq!(later.next_step(at(3), at(3)), Step::Wait(at(7)), "{event:?}");
        assert_eq!(later.error, Some(error("console:approval_needed")), "{event:?}");
    }
    let sent = waits.after(&Event::Found(refund(RefundStatus::Processing, 500)), at(3));
    assert!(!sent.awaits_approval, "there is nothing to approve any more");
}

#[test]
fn what_is_ready_and_approved_takes_no_answer_to_a_question() {
    let ready = run(wanted(), &[claimed()]);
    for event in [Event::NotFound, Event::QueryFailed(error("SYSTEMERROR"))] {
        assert_eq!(ready.after(&event, at(9)), Payout { known_at: at(9), ..ready.clone() }, "{event:?}");
    }
}

#[test]
fn an_approval_keeps_the_amount_and_the_doubt() {
    let found = recovered(Approval::Needed);
    for waits in [awaiting(), found] {
        assert_eq!(waits.wanted_again(Fen::new(499), at(9)), None);
        let again = waits.wanted_again(Fen::new(500), at(9)).unwrap();
        let expected = Payout { in_doubt: true, submissions: 1, next_at: at(9), known_at: at(9), ..wanted() };
        assert_eq!(again, expected);
        let claimed = again.after(&Event::Claimed { until: None }, at(10));
        assert_eq!((claimed.state, claimed.next_step(at(10), at(10))), (PayoutState::Unknown, Step::Query));
    }
    assert_eq!(recovered(Approval::NotNeeded).wanted_again(Fen::new(500), at(9)), None, "under way");
    let ready = run(wanted(), &[claimed()]);
    assert_eq!(ready.wanted_again(Fen::new(500), at(9)), None, "under way");
}

#[test]
fn after_abnormal_the_number_may_exist_and_after_failed_it_does_not() {
    let ended = |event| run(wanted(), &[claimed(), (0, Event::Sending), (1, event)]);
    let abnormal = ended(Event::Found(refund(RefundStatus::Change, 500)));
    let again = abnormal.wanted_again(Fen::new(500), at(9)).unwrap();
    assert_eq!((again.in_doubt, again.on_wire_at), (true, Some(at(0))));
    let failed = ended(Event::Refused(error("NOTENOUGH")));
    let again = failed.wanted_again(Fen::new(400), at(9)).unwrap();
    assert_eq!((again.in_doubt, again.on_wire_at), (false, Some(at(1))));
}

#[test]
fn a_minute_lies_between_two_refunds_of_a_payment() {
    let other = crate::OutRefundNo::new("mr1-0").unwrap();
    let second = Payout { out_refund_no: other, ..run(wanted(), &[claimed()]) };
    let first = |event: Event| run(wanted(), &[claimed(), (0, Event::Sending), (10, event)]);
    let at_wire = [
        (run(wanted(), &[claimed(), (0, Event::Sending)]), Some(0)),
        (first(Event::Accepted { refund_id: "5".to_owned() }), Some(10)),
        (first(Event::Unanswered(error("console:timeout"))), Some(10)),
        (first(Event::Refused(error("NOTENOUGH"))), Some(10)),
        (first(Event::RefusedUnlessEarlier(error("INVALID_REQUEST"))), Some(10)),
        (first(Event::NotSent(error("console:unreachable"))), None),
        (run(wanted(), &[claimed()]), None),
    ];
    for (first, seconds) in at_wire {
        assert_eq!(first.on_wire_at, seconds.map(at), "{:?}", first.state);
        let until = seconds.map(|seconds| at(seconds + 60));
        assert_eq!(second.spaced_until([&first], at(10)), until);
        assert_eq!(first.spaced_until([&first], at(10)), None, "the number itself is no other refund");
    }
    let sent = Payout { on_wire_at: Some(at(10)), ..wanted() };
    let earlier = Payout { on_wire_at: Some(at(5)), ..wanted() };
    let spaced = |now| second.spaced_until([&earlier, &sent], at(now));
    assert_eq!((spaced(69), spaced(70), spaced(71)), (Some(at(70)), None, None));
    assert_eq!(spaced(9), Some(at(65)), "one that was later was so by a clock that ran ahead");
    assert_eq!(second.spaced_until([&sent], at(9)), None);
}

#[test]
fn a_wait_for_the_minute_is_shown_and_forgotten() {
    let ready = run(wanted(), &[claimed()]);
    let spaced = ready.after(&Event::Spaced { until: at(60) }, at(5));
    assert_eq!(
        (spaced.error.clone(), spaced.next_step(at(5), at(5))),
        (Some(error("console:one_minute")), Step::Wait(at(60)))
    );
    let sooner = spaced.after(&Event::Spaced { until: at(50) }, at(6));
    assert_eq!(sooner.next_at, at(60), "what is planned for later stays so");
    let sent = spaced.after(&Event::Sending, at(60));
    assert_eq!((sent.error, sent.on_wire_at), (None, Some(at(60))));
    let failed_before = Payout { error: Some(error("console:unreachable")), ..ready };
    assert!(failed_before.after(&Event::Sending, at(1)).error.is_some(), "until the answer is there");
    for untouched in [awaiting(), wanted(), run(wanted(), &[claimed(), (0, Event::Sending)])] {
        let after = untouched.after(&Event::Spaced { until: at(60) }, at(5));
        assert_eq!(after, Payout { known_at: at(5), ..untouched });
    }
}

#[test]
fn a_clock_that_is_put_back_shortens_the_minute() {
    let ahead = run(wanted(), &[claimed(), (9_000, Event::Sending), unanswered(9_000)]);
    assert_eq!(ahead.after(&Event::Resumed, at(20)).on_wire_at, Some(at(20)));
}

#[test]
fn resuming_makes_whatever_waits_due() {
    let accepted = Event::Accepted { refund_id: "5".to_owned() };
    let processing = run(wanted(), &[claimed(), (0, Event::Sending), (1, accepted)]);
    assert_eq!(processing.next_step(at(1), at(1)), Step::Wait(at(2)));
    assert_eq!(processing.after(&Event::Resumed, at(1)).next_step(at(1), at(1)), Step::Query);
}

#[test]
fn a_backend_that_is_away_is_told_as_the_reason_until_there_is_an_end() {
    let away = Event::BackendUnavailable { error: error("console:timeout"), retry_after_s: None };
    assert_eq!(wanted().after(&away, at(0)).error, Some(error("console:timeout")));
}

#[test]
fn questions_are_counted_from_the_acceptance() {
    let unknown = run(wanted(), &[claimed(), (0, Event::Sending), unanswered(5)]);
    let found = || Event::Found(refund(RefundStatus::Processing, 500));
    let accepted = unknown.after(&found(), at(100));
    assert_eq!((accepted.asking_since, accepted.next_at), (Some(at(100)), at(101)));
    let again = accepted.after(&found(), at(101));
    assert_eq!((again.asking_since, again.next_at), (Some(at(100)), at(103)));
    let failed = unknown.after(&Event::QueryFailed(error("SYSTEMERROR")), at(6));
    assert_eq!((failed.error.clone(), failed.next_at), (Some(error("SYSTEMERROR")), at(8)));
}

#[test]
fn what_no_schedule_covers_any_more_is_asked_about_once_a_day() {
    let unknown = run(wanted(), &[claimed(), (0, Event::Sending), unanswered(0)]);
    let old = unknown.after(&Event::QueryFailed(error("SYSTEMERROR")), at(11 * DAY));
    assert_eq!(old.next_at, at(12 * DAY));
}

#[test]
fn between_two_denials_it_is_asked_again_as_soon_as_they_count() {
    let unknown = run(wanted(), &[claimed(), (0, Event::Sending), unanswered(0)]);
    let denied = unknown.after(&Event::NotFound, at(1));
    assert_eq!((denied.not_found_since, denied.next_at), (Some(at(1)), at(3)));
    assert_eq!(denied.after(&Event::NotFound, at(2)).next_at, at(3));
    // Where the second sending was refused, the denials have to lie further apart, and are asked for by the schedule.
    let again = [(3, Event::NotFound), (3, Event::Sending), (4, Event::Refused(error("NOTENOUGH")))];
    let refused = run(denied, &again);
    let denied = run(refused, &[(5, Event::NotFound)]);
    assert_eq!(denied.next_at, at(7));
    assert_eq!(denied.after(&Event::NotFound, at(6)).next_at, at(7));
    assert_eq!(denied.after(&Event::NotFound, at(7)).next_at, at(11), "7 s after the refusal");
}

#[test]
fn a_gateway_that_never_answers_is_not_hammered() {
    let sent = |payout: Payout, now| run(payout, &[(now, Event::Sending), unanswered(now)]);
    let denied = |payout: Payout, now| run(payout, &[(now, Event::NotFound), (now + 2, Event::NotFound)]);
    let once = denied(sent(run(wanted(), &[claimed()]), 0), 1);
    assert_eq!((once.state, once.next_at), (PayoutState::Ready, at(3)), "at once the first time");
    let twice = denied(sent(once, 3), 4);
    assert_eq!((twice.submissions, twice.next_at), (2, at(8)), "then after a pause that grows");
    let thrice = denied(sent(twice, 8), 9);
    assert_eq!((thrice.submissions, thrice.next_at), (3, at(15)));
}

#[test]
fn an_abnormal_refund_is_asked_about_seldom_and_keeps_its_reason() {
    let abnormal = run(
        wanted(),
        &[
            claimed(),
            (0, Event::Sending),
            (1, Event::Accepted { refund_id: "5".to_owned() }),
            (2, Event::Found(refund(RefundStatus::Change, 500))),
        ],
    );
    assert_eq!((abnormal.asking_since, abnormal.next_step(at(2), at(2))), (Some(at(2)), Step::Report));
    for (event, report) in [(Event::Reported, Report::Done), (Event::ReportDropped, Report::Dropped)] {
        let told = abnormal.after(&event, at(3));
        assert_eq!((told.report, told.next_at), (report, at(3_602)));
        let nothing_new = [
            Event::Found(refund(RefundStatus::Change, 500)),
            Event::Found(refund(RefundStatus::Processing, 500)),
            Event::Found(refund(RefundStatus::Success, 499)),
            Event::NotFound,
            Event::QueryFailed(error("SYSTEMERROR")),
        ];
        for event in nothing_new {
            let later = told.after(&event, at(3_602));
            assert_eq!((later.state, later.report), (PayoutState::Abnormal, report), "{event:?}");
            assert_eq!((later.next_at, later.error.clone()), (at(7_202), Some(error("CHANGE"))), "{event:?}");
        }
        let settled = Event::Found(crate::WechatRefund {
            refund_id: "6".to_owned(),
            succeeded_at: Some(at(3_000)),
            ..refund(RefundStatus::Success, 500)
        });
        let arrived = told.after(&settled, at(3_602));
        assert_eq!((arrived.report, arrived.error.clone()), (Report::Owed, None));
        assert_eq!((arrived.succeeded_at, arrived.refund_id.as_deref()), (Some(at(3_000)), Some("6")));
        let closed = told.after(&Event::Found(refund(RefundStatus::Close, 500)), at(3_602));
        assert_eq!((closed.report, closed.error.clone()), (Report::Owed, Some(error("REFUNDCLOSE"))));
        assert!(!closed.counts());
    }
}

#[test]
fn a_report_that_nobody_owes_changes_nothing() {
    let told = run(
        wanted(),
        &[
            claimed(),
            (0, Event::Sending),
            (1, Event::Found(refund(RefundStatus::Success, 500))),
            (2, Event::ReportDropped),
        ],
    );
    assert_eq!(told.after(&Event::Reported, at(3)).report, Report::Dropped);
}

#[test]
fn what_older_versions_kept_is_read() {
    let mut kept = serde_json::to_value(wanted()).unwrap();
    for later in ["known_at", "awaits_approval", "on_wire_at"] {
        kept.as_object_mut().unwrap().remove(later);
    }
    let read: Payout = serde_json::from_value(kept).unwrap();
    assert_eq!(read, Payout { known_at: Timestamp::MIN, ..wanted() });
}

#[test]
fn every_state_has_a_word_of_its_own() {
    for state in PayoutState::ALL {
        assert_eq!(PayoutState::from_word(state.as_str()), Some(state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
    assert_eq!(PayoutState::from_word("done"), None);
}
