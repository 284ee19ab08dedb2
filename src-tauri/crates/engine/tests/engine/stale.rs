//! What a person decides on has to be what the person saw.

use domain::payout::PayoutState;
use engine::{Actor, Approval, Error, RefundGroup};
use mirror::Revision;

use simulation::world::{
    Call, Console, Fault, Shop, When, fen, order_id, pass, play, request_id, seconds, until, whole,
};

/// A console that knows of a buyer who wants 500 of 3780 fen back, with the row as both windows show it.
async fn shown(shop: &Shop) -> (Console, Revision) {
    shop.sell("1", 3780);
    shop.want_back("r1", "1", 500);
    let console = shop.console();
    console.round().await.unwrap();
    let revision = revision(&console).await;
    (console, revision)
}

async fn revision(console: &Console) -> Revision {
    let desk = console.refund_desk_group(RefundGroup::ToDecide, 10).await.unwrap();
    desk.cases[0].revision
}

async fn order_revision(console: &Console) -> Revision {
    console.order_in_full(&order_id("1")).await.unwrap().listed.row.revision
}

fn seen(revision: Revision) -> Approval {
    Approval { seen: Some(revision), ..whole() }
}

fn one_decided<T>(one: &Result<T, Error>, other: &Result<T, Error>) -> bool {
    matches!((one, other), (Ok(_), Err(Error::Stale)) | (Err(Error::Stale), Ok(_)))
}

/// Every call that decides about money.
fn decisions(shop: &Shop) -> Vec<String> {
    shop.world.told(&[Call::Approve, Call::RefundOrder, Call::AgreeReturn, Call::Reject, Call::Refund])
}

#[test]
fn of_two_windows_that_approve_one_decides_and_the_other_is_refused() {
    play(async |shop: Shop| {
        let (console, revision) = shown(&shop).await;
        let (id, approval) = (request_id("r1"), seen(revision));
        let (one, other) = tokio::join!(console.approve(&id, &approval), console.approve(&id, &approval));
        assert!(one_decided(&one, &other), "{one:?} {other:?}");
        assert_eq!(decisions(&shop), [""; 0], "written down, and nothing sent yet");
        until(console.watch(), pass(30)).await;
        assert_eq!(shop.world.movements().len(), 1);
    });
}

#[test]
fn a_wish_that_changed_since_it_was_seen_is_not_decided_on() {
    play(async |shop: Shop| {
        let (console, revision) = shown(&shop).await;
        shop.world.state().backend.change_request("r1", |request| request.amount = fen(3_000));
        // The console has not heard of it: the request is read before anything is decided.
        let id = request_id("r1");
        let outcomes = [
            console.approve(&id, &seen(revision)).await.err(),
            console.agree_return(&id, &seen(revision)).await.err(),
            console.reject(&id, "no", &Actor::nobody(), Some(revision)).await.err(),
        ];
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Some(Error::Stale))), "{outcomes:?}");
        assert_eq!(decisions(&shop), [""; 0]);
        assert_eq!(console.payouts("1").await, []);
        let now = self::revision(&console).await;
        console.approve(&id, &seen(now)).await.unwrap();
    });
}

#[test]
fn a_refusal_after_another_window_approved_is_refused() {
    play(async |shop: Shop| {
        let (console, revision) = shown(&shop).await;
        console.approve(&request_id("r1"), &seen(revision)).await.unwrap();
        let outcome = console.reject(&request_id("r1"), "eaten", &Actor::nobody(), Some(revision)).await;
        assert!(matches!(outcome, Err(Error::Stale)), "{outcome:?}");
        assert_eq!(shop.world.count(Call::Reject), 0);
    });
}

#[test]
fn an_approval_in_backend_mode_of_what_has_changed_is_not_sent() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = domain::PayoutMode::Backend;
        let (console, revision) = shown(&shop).await;
        shop.world.state().backend.change_request("r1", |request| request.amount = fen(3_000));
        let outcome = console.approve(&request_id("r1"), &seen(revision)).await;
        assert!(matches!(outcome, Err(Error::Stale)), "{outcome:?}");
        assert_eq!(decisions(&shop), [""; 0]);
    });
}

#[test]
fn of_two_windows_that_start_a_refund_one_does_and_the_other_is_refused() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        let console = shop.console();
        console.round().await.unwrap();
        let seen = order_revision(&console).await;
        let nobody = Actor::nobody();
        let start = || console.refund_order("1", fen(700), "sold out", &nobody, Some(seen));
        let (one, other) = tokio::join!(start(), start());
        assert!(one_decided(&one, &other), "{one:?} {other:?}");
        until(console.watch(), pass(60)).await;
        assert_eq!(shop.world.movements().len(), 1);
        let late = start().await;
        assert!(
            matches!(late, Err(Error::Stale)),
            "the refund is part of what is seen of an order: {late:?}"
        );
        let now = order_revision(&console).await;
        console.refund_order("1", fen(700), "sold out", &Actor::nobody(), Some(now)).await.unwrap();
    });
}

#[test]
fn a_refund_that_is_under_way_is_part_of_what_is_seen_of_its_order() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        let console = shop.console();
        console.round().await.unwrap();
        let (seen, told) = (order_revision(&console).await, console.row("1").await.unwrap().order);
        console.refund_order("1", fen(700), "sold out", &Actor::nobody(), Some(seen)).await.unwrap();
        let written = order_revision(&console).await;
        let again = console.refund_order("1", fen(700), "sold out", &Actor::nobody(), Some(seen)).await;
        assert!(matches!(again, Err(Error::Stale)), "written down, not sent: {again:?}");
        assert_eq!(console.row("1").await.unwrap().order, told, "the backend's order has not moved");
        shop.world.state().wechat.takes = seconds(3_600);
        until(console.watch(), pass(60)).await;
        assert_eq!(console.payouts("1").await[0].payout.state, PayoutState::Processing);
        for revision in [seen, written] {
            let again =
                console.refund_order("1", fen(700), "sold out", &Actor::nobody(), Some(revision)).await;
            assert!(matches!(again, Err(Error::Stale)), "accepted since: {again:?}");
        }
        assert_eq!(console.payouts("1").await.len(), 1);
    });
}

#[test]
fn a_change_while_wechat_is_asked_before_a_refund_is_not_overlooked() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        shop.want_back("r1", "1", 500);
        let console = shop.console();
        shop.world.always(Call::Query, Fault::Silence(When::Before));
        console.round().await.unwrap();
        shop.world.heal();
        let seen = order_revision(&console).await;
        shop.world.once(Call::Query, Fault::Slow(std::time::Duration::from_secs(5)));
        let id = request_id("r1");
        let nobody = Actor::nobody();
        let (refund, rejected) =
            tokio::join!(console.refund_order("1", fen(700), "sold out", &nobody, Some(seen)), async {
                pass(1).await;
                console.reject(&id, "eaten", &Actor::nobody(), None).await
            });
        assert!(rejected.is_ok(), "{rejected:?}");
        assert!(matches!(refund, Err(Error::Stale)), "{refund:?}");
        assert_eq!(console.row("1").await.unwrap().verified.as_str(), "verified", "WeChat's word is kept");
        assert_eq!(console.payouts("1").await, []);
    });
}

#[test]
fn of_two_windows_that_start_a_refund_at_the_backend_one_does() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = domain::PayoutMode::Backend;
        shop.sell("1", 3780);
        let console = shop.console();
        console.round().await.unwrap();
        let seen = order_revision(&console).await;
        let nobody = Actor::nobody();
        let start = || console.refund_order("1", fen(700), "sold out", &nobody, Some(seen));
        start().await.unwrap();
        let late = start().await;
        assert!(matches!(late, Err(Error::Stale)), "{late:?}");
        assert_eq!(shop.world.count(Call::RefundOrder), 1);
    });
}

#[test]
fn that_wechat_is_asked_before_a_refund_does_not_make_it_stale() {
    play(async |shop: Shop| {
        let order = shop.sell("1", 3780);
        let console = shop.console();
        shop.world.always(Call::Query, Fault::Silence(When::Before));
        console.round().await.unwrap();
        assert_eq!(console.row("1").await.unwrap().verified.as_str(), "unavailable");
        shop.world.heal();
        let seen = order_revision(&console).await;
        console
            .refund_order("1", order.payment.total, "sold out", &Actor::nobody(), Some(seen))
            .await
            .unwrap();
        assert_eq!(console.row("1").await.unwrap().verified.as_str(), "verified");
    });
}
