use domain::payout::{Claim, Payout};
use domain::{BackendPayout, Fen, OutRefundNo, PayoutError, RefundRequestId};
use mirror::{Decision, PaidFrom};

use super::*;

fn request(state: &str) -> RefundRequest {
    RefundRequest {
        id: RefundRequestId::new("r1").unwrap(),
        order_id: OrderId::new("1").unwrap(),
        version: 1,
        state: RefundState::from(state.to_owned()),
        kind: RefundKind::RefundOnly,
        requested_by: "buyer".to_owned(),
        amount: Fen::new(500),
        max: Fen::new(3780),
        reason_code: None,
        reason_text: None,
        lines: Vec::new(),
        requested_at: Timestamp::UNIX_EPOCH,
        deadline_at: None,
        payout: BackendPayout {
            mode: None,
            state: BackendPayoutState::None,
            round: 0,
            refund_no: None,
            amount: None,
            refund_id: None,
            terminal: None,
            claim_until: None,
            succeeded_at: None,
            error: None,
        },
    }
}

fn payout(state: PayoutState) -> PayoutRow {
    let number = OutRefundNo::new("mr1-x").unwrap();
    let wanted = Payout::wanted(number, 1, Fen::new(500), Fen::new(3780), Timestamp::UNIX_EPOCH);
    PayoutRow {
        id: 1,
        request_id: Some(RefundRequestId::new("r1").unwrap()),
        order_id: OrderId::new("1").unwrap(),
        paid_from: PaidFrom {
            mch_id: "1900000109".to_owned(),
            out_trade_no: Some("T1".to_owned()),
            transaction_id: None,
        },
        decision: Decision { version: 1, seen: String::new(), reason: None, actor: None },
        idempotency_key: "key".to_owned(),
        payout: Payout { state, ..wanted },
        created_at: Timestamp::UNIX_EPOCH,
        decided_at: Timestamp::UNIX_EPOCH,
        revision: 1,
    }
}

fn group(state: Option<&str>, payout: Option<PayoutRow>) -> RefundGroup {
    RefundGroup::of(&DeskRow { request: state.map(request), payout, order: None })
}

fn error(code: &str) -> PayoutError {
    PayoutError { code: code.to_owned(), text: String::new() }
}

#[test]
fn a_request_without_a_payout_is_grouped_by_whose_turn_it_is() {
    use RefundGroup::{Done, OnTheWay, ToDecide, Trouble};
    for (state, expected) in [
        ("pending", ToDecide),
        ("returned", ToDecide),
        ("waiting_return", OnTheWay),
        ("processing", OnTheWay),
        ("of_tomorrow", OnTheWay),
        ("failed", Trouble),
        ("succeeded", Done),
        ("rejected", Done),
        ("withdrawn", Done),
        ("closed", Done),
    ] {
        assert_eq!(group(Some(state), None), expected, "{state}");
    }
}

#[test]
fn this_consoles_own_payout_counts_before_what_the_backend_has_heard_of_it() {
    use RefundGroup::{Done, OnTheWay, Trouble};
    for state in PayoutState::ALL {
        let expected = match state {
            PayoutState::None
            | PayoutState::Ready
            | PayoutState::Submitting
            | PayoutState::Unknown
            | PayoutState::Processing => OnTheWay,
            PayoutState::Succeeded => Done,
            PayoutState::Failed | PayoutState::Abnormal | PayoutState::Closed => Trouble,
        };
        for told in [Some("pending"), Some("failed"), None] {
            assert_eq!(group(told, Some(payout(state))), expected, "{told:?} {state:?}");
        }
        let mut unheard = payout(state);
        unheard.payout.report = Report::Owed;
        assert_eq!(group(Some("processing"), Some(unheard)), expected, "{state:?}");
    }
}

#[test]
fn a_payout_that_ended_badly_is_no_trouble_once_the_request_went_on() {
    let ended = || Some(payout(PayoutState::Closed));
    assert_eq!(group(Some("processing"), ended()), RefundGroup::OnTheWay, "another terminal pays");
    assert_eq!(group(Some("succeeded"), ended()), RefundGroup::Done);
    assert_eq!(group(Some("rejected"), ended()), RefundGroup::Done);
}

#[test]
fn another_amount_at_wechat_is_trouble_although_it_is_asked_about_on() {
    let mut row = payout(PayoutState::Unknown);
    row.payout.error = Some(error("console:amount_differs"));
    assert_eq!(group(Some("processing"), Some(row)), RefundGroup::Trouble);
}

#[test]
fn a_claim_that_was_refused_leaves_the_request_to_decide() {
    let mut row = payout(PayoutState::None);
    row.payout.claim = Claim::Lost { error: error("forbidden") };
    assert_eq!(group(Some("pending"), Some(row.clone())), RefundGroup::ToDecide);
    assert_eq!(group(None, Some(row)), RefundGroup::Done, "nothing was sent of a refund of the shop's own");
}
