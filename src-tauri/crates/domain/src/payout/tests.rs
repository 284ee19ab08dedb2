use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::time::plus_seconds;
use crate::{Fen, OutRefundNo, PayoutError, RefundStatus, WechatRefund};

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + seconds).unwrap()
}

pub(super) fn error(code: &str) -> PayoutError {
    PayoutError { code: code.to_owned(), text: String::new() }
}

pub(super) fn number() -> OutRefundNo {
    OutRefundNo::new("mr1-9a43203f9db53222efb006dbaa2e4f7a").unwrap()
}

fn wanted() -> Payout {
    Payout::wanted(number(), 1, Fen::new(500), Fen::new(3780), at(0))
}

pub(super) fn refund(status: RefundStatus, fen: i64) -> WechatRefund {
    WechatRefund {
        out_refund_no: number(),
        refund_id: "50300806962025060100000000001".to_owned(),
        status,
        amount: Fen::new(fen),
        succeeded_at: None,
        recv_account: None,
    }
}

fn run(events: &[(i64, Event)]) -> Payout {
    events.iter().fold(wanted(), |payout, (seconds, event)| payout.after(event, at(*seconds)))
}

fn claimed() -> (i64, Event) {
    (0, Event::Claimed { until: Some(at(300)) })
}

#[test]
fn the_usual_way() {
    let ready = run(&[claimed()]);
    assert_eq!(ready.next_step(at(0), at(0)), Step::Submit);
    let processing =
        run(&[claimed(), (0, Event::Sending), (1, Event::Accepted { refund_id: "5".to_owned() })]);
    assert_eq!(processing.state, PayoutState::Processing);
    assert_eq!(processing.next_step(at(1), at(1)), Step::Wait(at(2)), "first asked 1 s after acceptance");
    let done = processing.after(&Event::Found(refund(RefundStatus::Success, 500)), at(2));
    assert_eq!((done.state, done.report), (PayoutState::Succeeded, Report::Owed));
    assert_eq!(done.next_step(at(2), at(2)), Step::Report);
    assert_eq!(done.after(&Event::Reported, at(3)).next_step(at(3), at(3)), Step::Rest);
}

#[test]
fn a_backend_that_is_slow_to_hear_changes_nothing_about_the_money() {
    let done = run(&[
        claimed(),
        (0, Event::Sending),
        (1, Event::Accepted { refund_id: "5".to_owned() }),
        (2, Event::Found(refund(RefundStatus::Success, 500))),
        (2, Event::BackendUnavailable { error: error("upstream_unavailable"), retry_after_s: Some(7) }),
    ]);
    assert_eq!((done.error.clone(), done.next_step(at(2), at(2))), (None, Step::Wait(at(9))));
    assert_eq!(done.next_step(at(9), at(9)), Step::Report);
}

#[test]
fn an_unknown_answer_is_asked_for_and_never_called_failed() {
    let unknown = run(&[claimed(), (0, Event::Sending), (5, Event::Unanswered(error("console:timeout")))]);
    assert_eq!(unknown.state, PayoutState::Unknown);
    assert_eq!(unknown.next_step(at(6), at(6)), Step::Query);
    let found = unknown.after(&Event::Found(refund(RefundStatus::Processing, 500)), at(6));
    assert_eq!(found.state, PayoutState::Processing);
}

#[test]
fn it_is_sent_again_only_after_two_answers_that_it_does_not_exist() {
    let unknown = run(&[claimed(), (0, Event::Sending), (5, Event::Unanswered(error("console:timeout")))]);
    let once = unknown.after(&Event::NotFound, at(6));
    assert_eq!((once.state, once.next_step(at(6), at(6))), (PayoutState::Unknown, Step::Wait(at(8))));
    let too_soon = once.after(&Event::NotFound, at(7));
    assert_eq!(too_soon.state, PayoutState::Unknown, "one second apart may be the same lag");
    let twice = too_soon.after(&Event::NotFound, at(8));
    assert_eq!((twice.state, twice.next_step(at(8), at(8))), (PayoutState::Ready, Step::Submit));
    assert_eq!(twice.out_refund_no, number());
    let sent = twice.after(&Event::Sending, at(8));
    assert_eq!(sent.submissions, 2);
    let unreachable = sent.after(&Event::NotSent(error("console:unreachable")), at(9));
    assert_eq!(unreachable.state, PayoutState::Unknown, "the first sending is still in doubt");
}

#[test]
fn a_crash_while_sending_leaves_doubt() {
    let crashed = run(&[claimed(), (0, Event::Sending)]).after(&Event::Started, at(60));
    assert_eq!((crashed.state, crashed.in_doubt), (PayoutState::Unknown, true));
    assert_eq!(crashed.next_step(at(60), at(60)), Step::Query);
}

#[test]
fn what_never_left_is_simply_sent_later() {
    let ready = run(&[claimed(), (0, Event::Sending), (1, Event::NotSent(error("console:unreachable")))]);
    assert_eq!((ready.state, ready.next_step(at(1), at(1))), (PayoutState::Ready, Step::Wait(at(2))));
}

#[test]
fn a_definite_refusal_fails_and_may_be_decided_again_under_the_same_number() {
    let failed = run(&[claimed(), (0, Event::Sending), (1, Event::Refused(error("NOTENOUGH")))]);
    assert_eq!((failed.state, failed.report), (PayoutState::Failed, Report::Owed));
    assert!(!failed.counts());
    let again = failed.wanted_again(Fen::new(400), at(9)).unwrap();
    assert_eq!((again.out_refund_no.clone(), again.amount), (number(), Fen::new(400)));
}

#[test]
fn a_refusal_that_may_hide_an_earlier_refund_is_checked_first() {
    let refused =
        run(&[claimed(), (0, Event::Sending), (1, Event::RefusedUnlessEarlier(error("INVALID_REQUEST")))]);
    assert_eq!(refused.state, PayoutState::Unknown);
    let found = refused.after(&Event::Found(refund(RefundStatus::Success, 500)), at(2));
    assert_eq!(found.state, PayoutState::Succeeded, "the earlier one had run");
    let absent = refused.after(&Event::NotFound, at(2)).after(&Event::NotFound, at(4));
    assert_eq!((absent.state, absent.error), (PayoutState::Failed, Some(error("INVALID_REQUEST"))));
}

#[test]
fn a_refusal_says_nothing_about_an_earlier_sending_in_doubt() {
    let again = run(&[
        claimed(),
        (0, Event::Sending),
        (1, Event::Unanswered(error("console:timeout"))),
        (2, Event::NotFound),
        (4, Event::NotFound),
        (4, Event::Sending),
        (5, Event::Refused(error("NOTENOUGH"))),
    ]);
    assert_eq!((again.state, again.report), (PayoutState::Unknown, Report::Nothing));
    let denied = again.after(&Event::NotFound, at(6)).after(&Event::NotFound, at(9));
    assert_eq!(denied.state, PayoutState::Unknown, "WeChat's books may lag behind");
    let jumped = denied.after(&Event::NotFound, at(31));
    assert_eq!(jumped.state, PayoutState::Unknown, "three answers may lie close together by the right clock");
    let failed = denied.after(&Event::NotFound, at(12)).after(&Event::NotFound, at(31));
    assert_eq!((failed.state, failed.error), (PayoutState::Failed, Some(error("NOTENOUGH"))));
    let late = denied.after(&Event::Found(refund(RefundStatus::Success, 500)), at(20));
    assert_eq!(late.state, PayoutState::Succeeded);
}

#[test]
fn abnormal_is_never_sent_again_by_itself() {
    let abnormal = run(&[
        claimed(),
        (0, Event::Sending),
        (1, Event::Accepted { refund_id: "5".to_owned() }),
        (2, Event::Found(refund(RefundStatus::Change, 500))),
        (3, Event::Reported),
    ]);
    assert_eq!(
        (abnormal.state, abnormal.next_step(at(3), at(3))),
        (PayoutState::Abnormal, Step::Wait(at(3_602)))
    );
    assert_eq!(
        abnormal.next_step(at(9_999_999), at(9_999_999)),
        Step::Query,
        "staff may settle it at WeChat"
    );
    assert!(abnormal.counts(), "the money may still reach the buyer");
    assert_eq!(abnormal.wanted_again(Fen::new(400), at(9)), None, "another amount under a living number");
    let settled = abnormal.after(&Event::Found(refund(RefundStatus::Success, 500)), at(9));
    assert_eq!((settled.state, settled.report), (PayoutState::Succeeded, Report::Owed));
}

#[test]
fn a_number_with_another_amount_is_not_booked() {
    let unknown = run(&[claimed(), (0, Event::Sending), (5, Event::Unanswered(error("console:timeout")))]);
    let odd = unknown.after(&Event::Found(refund(RefundStatus::Success, 499)), at(6));
    assert_eq!(odd.state, PayoutState::Unknown);
    assert_eq!(odd.error.unwrap().code, "console:amount_differs");
}

#[test]
fn past_the_end_of_the_claim_the_request_is_read_before_sending() {
    let late = run(&[claimed(), (0, Event::Sending), (1, Event::NotSent(error("console:unreachable")))]);
    assert_eq!(late.next_step(at(298), at(298)), Step::CheckClaim, "the backend's second may be another one");
    assert_eq!(late.next_step(at(297), at(297)), Step::Submit);
    assert_eq!(late.next_step(at(2), at(300)), Step::CheckClaim, "the end is told by the backend's clock");
    assert_eq!(late.next_step(at(400), at(2)), Step::Submit);
    let lost = late.after(&Event::ClaimLost(error("state_conflict")), at(301));
    assert_eq!((lost.state, lost.next_step(at(400), at(400))), (PayoutState::None, Step::Rest));
    assert!(!lost.counts());
}

#[test]
fn a_claim_that_is_confirmed_without_being_prolonged_still_allows_one_call() {
    let late = run(&[claimed(), (0, Event::Sending), (1, Event::NotSent(error("console:unreachable")))]);
    let replayed = late.after(&Event::Claimed { until: Some(at(300)) }, at(400));
    assert_eq!(
        replayed.next_step(at(400), at(400)),
        Step::CheckClaim,
        "a stored reply proves nothing about today"
    );
    let confirmed = late.after(&Event::ClaimConfirmed { until: Some(at(300)), told: at(400) }, at(400));
    assert_eq!(confirmed.next_step(at(400), at(400)), Step::Submit, "else it would ask for ever");
    assert_eq!(confirmed.next_step(at(410), at(410)), Step::CheckClaim);
}

#[test]
fn resuming_does_not_disturb_a_sending_under_way() {
    let sending = run(&[claimed(), (0, Event::Sending)]);
    let resumed = sending.after(&Event::Resumed, at(5));
    let known = Payout { known_at: at(5), ..sending };
    assert_eq!(resumed, known, "only a start tells that the sender is gone");
}

#[test]
fn the_reason_of_an_end_survives_a_backend_that_is_away() {
    let failed = run(&[claimed(), (0, Event::Sending), (1, Event::Refused(error("NOTENOUGH")))]);
    let away = failed
        .after(&Event::BackendUnavailable { error: error("console:timeout"), retry_after_s: None }, at(1));
    assert_eq!(
        (away.error.clone(), away.next_step(at(1), at(1))),
        (Some(error("NOTENOUGH")), Step::Wait(at(2)))
    );
}

#[test]
fn another_terminals_word_closes_only_what_left_nothing_here() {
    let lost = run(&[(0, Event::ClaimLost(error("state_conflict")))]);
    let failed = run(&[claimed(), (0, Event::Sending), (1, Event::Refused(error("NOTENOUGH")))]);
    for nothing_here in [lost, failed] {
        assert_eq!(nothing_here.closed_elsewhere().map(|closed| closed.state), Some(PayoutState::Closed));
    }
    let unknown = run(&[claimed(), (0, Event::Sending), (1, Event::Unanswered(error("console:timeout")))]);
    assert_eq!(unknown.closed_elsewhere(), None);
}

#[test]
fn who_lost_the_claim_asks_and_reports_but_never_sends() {
    let doubt = run(&[
        claimed(),
        (0, Event::Sending),
        (1, Event::Unanswered(error("console:timeout"))),
        (2, Event::ClaimLost(error("state_conflict"))),
        (2, Event::NotFound),
        (4, Event::NotFound),
    ]);
    assert_eq!(doubt.state, PayoutState::Unknown);
    assert!(matches!(doubt.next_step(at(100), at(100)), Step::Query));
    let again = doubt.wanted_again(Fen::new(500), at(99)).unwrap();
    assert!(again.in_doubt && again.counts(), "taken back, WeChat is asked first");
    assert_eq!(doubt.wanted_again(Fen::new(400), at(99)), None);
    let refused = again.after(&Event::ClaimLost(error("state_conflict")), at(99));
    assert_eq!((refused.state, refused.counts()), (PayoutState::Unknown, true), "the doubt is not forgotten");
    let found = doubt.after(&Event::Found(refund(RefundStatus::Success, 500)), at(100));
    assert_eq!(found.report, Report::Owed, "success is a fact that any terminal may report");
}

#[test]
fn who_lost_the_claim_steps_back_once_wechat_has_denied_the_sending_for_long() {
    let doubt = run(&[
        claimed(),
        (0, Event::Sending),
        (1, Event::Unanswered(error("console:timeout"))),
        (2, Event::ClaimLost(error("state_conflict"))),
        (2, Event::NotFound),
        (4, Event::NotFound),
        (8, Event::NotFound),
    ]);
    let soon = doubt.after(&Event::NotFound, at(601));
    assert_eq!((soon.state, soon.counts()), (PayoutState::Unknown, true));
    let gone = doubt.after(&Event::NotFound, at(602));
    assert_eq!(
        (gone.state, gone.counts(), gone.next_step(at(602), at(602))),
        (PayoutState::None, false, Step::Rest)
    );
    assert_eq!(gone.error, Some(error("state_conflict")), "what people are told is why it was not paid");
    assert!(gone.wanted_again(Fen::new(400), at(603)).is_some_and(|again| !again.in_doubt));
    let jumped = Payout { denials: 2, ..doubt };
    assert_eq!(jumped.after(&Event::NotFound, at(99_999)).state, PayoutState::Unknown, "a clock put forward");
}

#[test]
fn a_refusal_of_a_repeated_claim_says_nothing_of_the_first() {
    let forbidden = Event::ClaimLostUnlessEarlier(error("forbidden"));
    assert!(!run(&[(0, forbidden.clone())]).counts(), "nothing was asked for before");
    let away = Event::BackendUnavailable { error: error("console:timeout"), retry_after_s: None };
    for earlier in [away, Event::Started] {
        let doubt = run(&[(0, earlier), (1, forbidden.clone())]);
        assert_eq!((doubt.state, &doubt.claim, doubt.counts()), (PayoutState::None, &Claim::Wanted, true));
        assert_eq!(doubt.error, Some(error("forbidden")));
        let known = doubt.after(&Event::ClaimLost(error("state_conflict")), at(9));
        assert!(!known.counts(), "the backend looked for the key first");
        let granted = doubt.after(&Event::Claimed { until: None }, at(9));
        assert_eq!((granted.state, granted.claim_in_doubt), (PayoutState::Ready, false));
    }
}

#[test]
fn a_claim_that_turns_up_after_it_was_called_lost_waits_for_a_person() {
    let until = Some(at(900));
    let lost = run(&[(0, Event::ClaimLost(error("forbidden")))]);
    let found = lost.claimed_after_all(Fen::new(400), until, at(9)).unwrap();
    assert_eq!(
        (found.state, found.amount, found.awaits_approval),
        (PayoutState::Unknown, Fen::new(400), true)
    );
    assert_eq!((found.claim, found.submissions), (Claim::Held { until }, 1));
    let failed = run(&[claimed(), (0, Event::Sending), (1, Event::Refused(error("NOTENOUGH")))]);
    assert_eq!(
        failed.claimed_after_all(Fen::new(500), until, at(9)),
        None,
        "the backend is about to be told"
    );
    let told = failed.after(&Event::Reported, at(5));
    let again = told.claimed_after_all(Fen::new(500), until, at(9)).unwrap();
    assert_eq!((again.state, again.report, again.next_at), (PayoutState::Failed, Report::Owed, at(69)));
    let taken_over = failed.after(&Event::ClaimLost(error("state_conflict")), at(5));
    let untold = Payout { report: Report::Nothing, ..taken_over };
    assert!(untold.claimed_after_all(Fen::new(500), until, at(9)).is_some_and(|found| found.awaits_approval));
    let unknown = run(&[claimed(), (0, Event::Sending), (1, Event::Unanswered(error("console:timeout")))]);
    assert_eq!(unknown.claimed_after_all(Fen::new(500), until, at(9)), None);
}

#[test]
fn what_nobody_approves_is_given_up_once_wechat_has_denied_it_for_long() {
    let found = Payout::recovered(number(), 1, Fen::new(500), Fen::new(3780), None, Approval::Needed, at(0));
    let ready = found.after(&Event::NotFound, at(1)).after(&Event::NotFound, at(3));
    assert_eq!(
        (ready.state, ready.given_up(at(60))),
        (PayoutState::Ready, None),
        "denied twice is too seldom"
    );
    let denied = ready.after(&Event::NotFound, at(7)).after(&Event::NotFound, at(15));
    assert_eq!(denied.given_up(at(25)), None);
    let put_back =
        (0..4).fold(denied.clone(), |denied, time| denied.after(&Event::NotFound, at(5 + 10 * time)));
    assert!(put_back.given_up(at(36)).is_some(), "counted anew by the clock that was put back");
    let given_up = denied.given_up(at(26)).unwrap();
    assert_eq!(
        (given_up.state, given_up.report, given_up.counts()),
        (PayoutState::Failed, Report::Owed, false)
    );
    assert_eq!(
        Payout { awaits_approval: false, ..denied }.given_up(at(99)),
        None,
        "it may be sent any moment"
    );
}

#[test]
fn a_clock_that_is_put_back_delays_nothing() {
    let hours = 5 * 3_600;
    let ahead = run(&[
        (hours, Event::Claimed { until: Some(at(hours + 300)) }),
        (hours, Event::Sending),
        (hours, Event::Unanswered(error("console:timeout"))),
        (hours + 1, Event::NotFound),
    ]);
    assert_eq!(ahead.next_step(at(10), at(10)), Step::Query, "not in five hours");
    let denied = ahead.after(&Event::NotFound, at(10)).after(&Event::NotFound, at(12));
    assert_eq!((denied.state, denied.next_step(at(12), at(12))), (PayoutState::Ready, Step::CheckClaim));
    let away = Event::BackendUnavailable { error: error("console:timeout"), retry_after_s: None };
    let later = denied.after(&away, at(12)).next_step(at(60), at(60));
    assert_eq!(later, Step::CheckClaim, "nobody has confirmed it yet");
    let confirmed = denied.after(&Event::ClaimConfirmed { until: Some(at(300)), told: at(13) }, at(13));
    assert_eq!(confirmed.next_step(at(13), at(13)), Step::Submit);
    let processing = ahead.after(&Event::Found(refund(RefundStatus::Processing, 500)), at(10));
    let Step::Wait(until) = processing.next_step(at(10), at(10)) else {
        panic!("it was asked about just now")
    };
    assert!(until <= at(20), "{until}");
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Started),
        Just(Event::Resumed),
        Just(Event::Claimed { until: None }),
        Just(Event::ClaimConfirmed { until: Some(at(0)), told: at(0) }),
        Just(Event::ClaimLost(error("state_conflict"))),
        Just(Event::BackendUnavailable { error: error("console:timeout"), retry_after_s: Some(3) }),
        Just(Event::Sending),
        Just(Event::Accepted { refund_id: "5".to_owned() }),
        Just(Event::NotSent(error("console:unreachable"))),
        Just(Event::Refused(error("NOTENOUGH"))),
        Just(Event::RefusedUnlessEarlier(error("INVALID_REQUEST"))),
        Just(Event::Unanswered(error("console:timeout"))),
        Just(Event::Found(refund(RefundStatus::Success, 500))),
        Just(Event::Found(refund(RefundStatus::Processing, 500))),
        Just(Event::Found(refund(RefundStatus::Change, 500))),
        Just(Event::Found(refund(RefundStatus::Close, 500))),
        Just(Event::NotFound),
        Just(Event::QueryFailed(error("SYSTEMERROR"))),
        Just(Event::Reported),
        Just(Event::ReportDropped),
    ]
}

proptest! {
    /// Whatever happens in whatever order: success is never left, the number never changes, and a sending in doubt is
    /// never repeated without WeChat having said that it has no such refund.
    #[test]
    fn no_order_of_events_breaks_the_rules(list in proptest::collection::vec((events(), 0i64..40), 1..60)) {
        let mut payout = wanted();
        let mut now = at(0);
        let mut denied = true;
        for (event, pause) in list {
            now = plus_seconds(now, pause);
            let before = payout.clone();
            if event == Event::Sending && before.state == PayoutState::Ready && before.in_doubt {
                prop_assert!(denied, "sent again without two denials");
            }
            payout = payout.after(&event, now);
            if payout.state == PayoutState::Unknown && before.state != PayoutState::Unknown {
                denied = false;
            }
            if before.state == PayoutState::Unknown && payout.state == PayoutState::Ready {
                prop_assert_eq!(event, Event::NotFound);
                denied = true;
            }
            prop_assert_eq!(&payout.out_refund_no, &before.out_refund_no);
            prop_assert_eq!(payout.amount, before.amount);
            if before.state == PayoutState::Succeeded {
                prop_assert_eq!(payout.state, PayoutState::Succeeded);
            }
            if before.state == PayoutState::Processing {
                prop_assert_ne!(payout.state, PayoutState::Ready, "accepted is never sent again");
            }
        }
    }
}
