//! What the refund desk lets people do, and what it writes down before anything is sent.

use std::time::Duration;

use domain::{Fulfilment, MchId, PaymentMethod, PayoutMode, RefundState, RefundStatus};
use engine::ports::SourceErrorKind;
use engine::{Actor, Approval, Error, refund_desk};

use simulation::world::{
    Call, Console, Fault, Shop, When, fen, paid_order, pass, play, request_id, seconds, until, whole,
};

/// A console that knows of a buyer who wants 500 of 3780 fen back.
async fn asked_for(shop: &Shop) -> Console {
    shop.sell("1", 3780);
    shop.want_back("r1", "1", 500);
    let console = shop.console();
    console.round().await.unwrap();
    console
}

fn of(amount: i64) -> Approval {
    Approval { amount: Some(fen(amount)), ..whole() }
}

async fn approve(console: &Console, id: &str) -> Result<String, Error> {
    let row = console.approve_and_wait(&request_id(id), &whole(), seconds(60)).await?;
    Ok(row.payout_word().to_owned())
}

#[test]
fn no_more_than_was_asked_for_and_no_part_where_the_backend_allows_none() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        for amount in [0, -1] {
            let outcome = console.approve(&request_id("r1"), &of(amount)).await;
            assert!(matches!(outcome, Err(Error::AmountInvalid)), "{outcome:?}");
        }
        let outcome = console.approve(&request_id("r1"), &of(3_781)).await;
        assert!(matches!(outcome, Err(Error::AmountAbove { max }) if max == fen(3_780)), "{outcome:?}");
        shop.world.state().backend.capabilities.partial_refund = false;
        let console = shop.console();
        until(console.watch(), pass(2)).await;
        let outcome = console.approve(&request_id("r1"), &of(400)).await;
        assert!(matches!(outcome, Err(Error::AmountFixed { amount }) if amount == fen(500)), "{outcome:?}");
        assert_eq!(console.payouts("1").await, []);
        assert_eq!(shop.world.count(Call::Approve), 0);
    });
}

#[test]
fn refunds_that_together_exceed_the_payment_are_refused_by_the_mirror_itself() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.want_back("r2", "1", 3_300);
        shop.world.state().wechat.takes = seconds(1_000_000);
        assert_eq!(approve(&console, "r1").await.unwrap(), "processing");
        // Whatever the backend believes is left: 500 + 3300 is more than the 3780 that were paid.
        let outcome = console.approve(&request_id("r2"), &whole()).await;
        assert!(matches!(outcome, Err(Error::AmountAbove { .. })), "{outcome:?}");
        assert_eq!(console.payouts("1").await.len(), 1);
        assert_eq!(shop.world.movements().len(), 1);
    });
}

#[test]
fn one_refund_of_an_order_is_in_flight_at_a_time() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.want_back("r2", "1", 300);
        shop.world.always(Call::Refund, Fault::Silence(When::Before));
        shop.world.always(Call::QueryRefund, Fault::Silence(When::Before));
        assert_eq!(approve(&console, "r1").await.unwrap(), "unknown");
        let outcome = console.approve(&request_id("r2"), &whole()).await;
        assert!(matches!(outcome, Err(Error::AlreadyRunning { .. })), "{outcome:?}");
        let outcome = console.refund_order_and_wait("1", fen(100), "x", &Actor::nobody(), seconds(1)).await;
        assert!(matches!(outcome, Err(Error::AlreadyRunning { .. })), "{outcome:?}");
        shop.world.heal();
        console.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
        pass(60).await;
        assert_eq!(approve(&console, "r2").await.unwrap(), "succeeded");
    });
}

#[test]
fn a_second_click_adds_nothing() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world.state().wechat.takes = seconds(20);
        console.approve(&request_id("r1"), &whole()).await.unwrap();
        console.approve(&request_id("r1"), &whole()).await.unwrap();
        let outcome = console.approve(&request_id("r1"), &of(400)).await;
        assert!(matches!(outcome, Err(Error::AlreadyRunning { .. })), "{outcome:?}");
        assert_eq!(approve(&console, "r1").await.unwrap(), "succeeded");
        let outcome = console.approve(&request_id("r1"), &whole()).await;
        assert!(matches!(outcome, Err(Error::AlreadyDone)), "{outcome:?}");
        assert_eq!(shop.world.movements().len(), 1);
        assert_eq!(shop.world.count(Call::Refund), 1);
    });
}

#[test]
fn no_new_decision_while_the_report_of_the_last_one_is_owed() {
    for end in [RefundStatus::Close, RefundStatus::Change] {
        play(async |shop: Shop| {
            let console = asked_for(&shop).await;
            shop.world.state().wechat.ends = end.clone();
            shop.world.always(Call::Report, Fault::Silence(When::Before));
            approve(&console, "r1").await.unwrap();
            let outcome = console.approve(&request_id("r1"), &whole()).await;
            assert!(matches!(outcome, Err(Error::AlreadyRunning { .. })), "{end:?}: {outcome:?}");
            assert_eq!(shop.world.count(Call::Approve), 1, "{end:?}");
            shop.world.heal();
            console.resume_and_wait(&Actor::nobody(), seconds(60)).await.unwrap();
            console.approve(&request_id("r1"), &whole()).await.unwrap();
        });
    }
}

#[test]
fn a_refusal_of_a_persons_reaches_the_backend_unless_money_is_under_way() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.want_back("r2", "1", 300);
        let row = console.reject(&request_id("r2"), "eaten", &Actor::nobody(), None).await.unwrap();
        assert_eq!(row.request.unwrap().state, RefundState::Rejected);
        assert!(console.timeline("1").await.contains(&"refund_rejected".to_owned()));
        console.approve(&request_id("r1"), &whole()).await.unwrap();
        let outcome = console.reject(&request_id("r1"), "no", &Actor::nobody(), None).await;
        assert!(matches!(outcome, Err(Error::AlreadyRunning { .. })), "{outcome:?}");
        let outcome = console.approve(&request_id("r2"), &whole()).await;
        assert!(matches!(outcome, Err(Error::NotDecidable { .. })), "{outcome:?}");
    });
}

#[test]
fn agreeing_to_a_return_moves_no_money() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        let row = console.agree_return(&request_id("r1"), &whole()).await.unwrap();
        assert_eq!(row.request.unwrap().state, RefundState::WaitingReturn);
        assert_eq!(shop.world.count(Call::Refund) + shop.world.count(Call::Approve), 0);
        assert_eq!(
            approve(&console, "r1").await.unwrap(),
            "succeeded",
            "approving pays out, whatever the kind"
        );
    });
}

#[test]
fn a_refund_that_nobody_asked_for() {
    play(async |shop: Shop| {
        let order = shop.sell("1", 3780);
        let console = shop.console();
        console.round().await.unwrap();
        let outcome = console.refund_order_and_wait("1", fen(0), "x", &Actor::nobody(), seconds(1)).await;
        assert!(matches!(outcome, Err(Error::AmountInvalid)), "{outcome:?}");
        let outcome = console.refund_order_and_wait("1", fen(3_781), "x", &Actor::nobody(), seconds(1)).await;
        assert!(matches!(outcome, Err(Error::AmountAbove { max }) if max == fen(3_780)), "{outcome:?}");
        let row = console
            .refund_order_and_wait("T1", fen(700), "sold out", &Actor::nobody(), seconds(60))
            .await
            .unwrap();
        assert_eq!((row.payout_word(), row.is_settled()), ("succeeded", true));
        let request = row.request.unwrap();
        assert_eq!((request.requested_by.as_str(), request.state), ("merchant", RefundState::Succeeded));
        assert_eq!(shop.world.movements()[0].1, 700);
        // The same once more is another refund, under another number.
        console
            .refund_order_and_wait("T1", fen(700), "sold out", &Actor::nobody(), seconds(60))
            .await
            .unwrap();
        let moved = shop.world.movements();
        assert_eq!(moved.len(), 2);
        assert_ne!(moved[0].0, moved[1].0);
        let outcome = console
            .refund_order_and_wait("nothing", order.payment.total, "x", &Actor::nobody(), seconds(1))
            .await;
        assert!(matches!(outcome, Err(Error::NoOrder { .. })), "{outcome:?}");
    });
}

#[test]
fn what_this_console_cannot_pay_is_refused_before_the_claim() {
    type Change = fn(&Shop, &mut domain::Order);
    let cases: [(&str, Change); 4] = [
        ("not_wechat", |_, order| order.payment.method = Some(PaymentMethod::Offline)),
        ("other_merchant", |_, order| order.payment.mchid = Some(MchId::new("1900000999").unwrap())),
        ("mismatch", |_, order| order.payment.total = fen(9_999)),
        ("not_paid", |shop, _| shop.world.state().wechat.payments.clear()),
    ];
    for (case, change) in cases {
        play(async |shop: Shop| {
            let mut order = paid_order("1", 3780, shop.world.time());
            shop.pay_at_wechat(&order);
            change(&shop, &mut order);
            shop.world.state().backend.put_order(order);
            shop.want_back("r1", "1", 500);
            let console = shop.console();
            console.round().await.unwrap();
            let outcome = console.approve(&request_id("r1"), &whole()).await;
            let as_told = match &outcome {
                Err(Error::NotWechat) => "not_wechat",
                Err(Error::OtherMerchant { .. }) => "other_merchant",
                Err(Error::Mismatch { .. }) => "mismatch",
                Err(Error::NotPaid) => "not_paid",
                other => panic!("{case}: {other:?}"),
            };
            assert_eq!(as_told, case);
            assert_eq!(shop.world.count(Call::Approve), 0, "{case}");
        });
    }
}

#[test]
fn a_shop_whose_refunds_are_decided_elsewhere_decides_none_here() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.decide_refunds = false;
        let console = asked_for(&shop).await;
        assert!(matches!(approve(&console, "r1").await, Err(Error::NotOffered)));
        assert!(matches!(
            console.reject(&request_id("r1"), "no", &Actor::nobody(), None).await,
            Err(Error::NotOffered)
        ));
        let outcome = console.refund_order_and_wait("1", fen(1), "x", &Actor::nobody(), seconds(1)).await;
        assert!(matches!(outcome, Err(Error::NotOffered)));
    });
}

#[test]
fn where_the_backend_pays_wechat_is_never_called() {
    for whole_shop in [true, false] {
        play(async |shop: Shop| {
            if whole_shop {
                shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
            }
            shop.sell("1", 3780);
            shop.want_back("r1", "1", 500);
            shop.world.state().backend.change_request("r1", |request| {
                request.payout.mode = (!whole_shop).then_some(PayoutMode::Backend);
            });
            let console = shop.console();
            console.round().await.unwrap();
            let paid = async {
                pass(7).await;
                shop.world.state().backend.change_request("r1", |request| {
                    request.state = RefundState::Succeeded;
                    request.payout.state = domain::BackendPayoutState::Success;
                });
            };
            let (word, ()) = tokio::join!(approve(&console, "r1"), paid);
            assert_eq!(word.unwrap(), "succeeded");
            assert_eq!(console.payouts("1").await, []);
            let calls = shop.world.told(&[Call::Refund, Call::QueryRefund, Call::Report]);
            assert_eq!(calls, [""; 0]);
            assert!(matches!(approve(&console, "r1").await, Err(Error::AlreadyDone)));
        });
    }
}

#[test]
fn a_refund_that_the_shop_starts_and_the_backend_pays_is_followed_to_its_end() {
    play(async |shop: Shop| {
        shop.world.state().backend.capabilities.payout = PayoutMode::Backend;
        shop.sell("1", 3780);
        let console = shop.console();
        console.round().await.unwrap();
        let row =
            console.refund_order_and_wait("1", fen(700), "x", &Actor::nobody(), seconds(5)).await.unwrap();
        assert_eq!((row.payout_word(), row.is_settled()), ("processing", false));
        assert_eq!(shop.world.count(Call::Refund), 0);
    });
}

/// The claim is a second on its way; meanwhile something changes.
async fn claimed_while(shop: &Shop, call: Call, change: impl FnOnce()) {
    shop.world.once(call, Fault::Slow(Duration::from_secs(2)));
    pass(1).await;
    change();
}

#[test]
fn a_new_version_in_which_only_the_acknowledgement_changed_is_decided_on_by_itself() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        let console = shop.console();
        console.round().await.unwrap();
        let acked = claimed_while(&shop, Call::RefundOrder, || {
            shop.world
                .state()
                .backend
                .change_order("1", |order| order.ack.acked_by = Some("till-2".to_owned()));
        });
        let nobody = Actor::nobody();
        let refund = console.refund_order_and_wait("1", fen(700), "x", &nobody, seconds(60));
        let ((), row) = tokio::join!(acked, refund);
        assert_eq!(row.unwrap().payout_word(), "succeeded");
        assert_eq!(shop.world.count(Call::RefundOrder), 2);
        assert_eq!(shop.world.movements().len(), 1);
    });
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        let touched = claimed_while(&shop, Call::Approve, || {
            shop.world.state().backend.change_request("r1", |_| {});
        });
        let ((), word) = tokio::join!(touched, approve(&console, "r1"));
        assert_eq!(word.unwrap(), "succeeded");
        assert_eq!(shop.world.count(Call::Approve), 2);
    });
}

#[test]
fn a_new_version_in_which_anything_else_changed_is_not() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        let console = shop.console();
        console.round().await.unwrap();
        let cancelled = claimed_while(&shop, Call::RefundOrder, || {
            shop.world.state().backend.change_order("1", |order| order.fulfilment = Fulfilment::Shipped);
        });
        let nobody = Actor::nobody();
        let refund = console.refund_order_and_wait("1", fen(700), "x", &nobody, seconds(60));
        let ((), row) = tokio::join!(cancelled, refund);
        let row = row.unwrap();
        assert_eq!((row.payout_word(), row.is_settled()), ("none", true));
        assert_eq!(row.payout.unwrap().payout.error.unwrap().code, "version_conflict");
        assert_eq!(shop.world.count(Call::Refund), 0);
    });
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        let raised = claimed_while(&shop, Call::Approve, || {
            shop.world.state().backend.change_request("r1", |request| request.amount = fen(3_000));
        });
        let ((), word) = tokio::join!(raised, approve(&console, "r1"));
        assert_eq!(word.unwrap(), "none");
        assert_eq!(shop.world.count(Call::Refund), 0);
        assert_eq!(
            console.desk("r1").await.request.unwrap().amount,
            fen(3_000),
            "the person sees what changed"
        );
    });
}

#[test]
fn the_desk_lists_requests_beside_what_was_done_about_them() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        pass(10).await;
        shop.want_back("r2", "1", 300);
        console.round().await.unwrap();
        approve(&console, "r1").await.unwrap();
        let rows = refund_desk(console.mirror(), None, 10).await.unwrap();
        let words: Vec<_> =
            rows.iter().map(|row| (row.request.as_ref().unwrap().id.as_str(), row.payout_word())).collect();
        assert_eq!(words, [("r2", "none"), ("r1", "succeeded")]);
        let pending = refund_desk(console.mirror(), Some("pending".to_owned()), 10).await.unwrap();
        assert_eq!(pending.len(), 1);
        assert!(matches!(console.refund(&request_id("r9")).await, Err(Error::NoRefundRequest { .. })));
        assert!(matches!(approve(&console, "r9").await, Err(Error::NoRefundRequest { .. })));
    });
}

#[test]
fn a_backend_that_cannot_be_read_stops_a_decision_before_it_is_written_down() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.world
            .once(Call::RefundRequest, Fault::Source(SourceErrorKind::Transient { retry_after_s: None }));
        assert!(matches!(approve(&console, "r1").await, Err(Error::Source(_))));
        assert_eq!(console.payouts("1").await, []);
    });
}

#[test]
fn an_order_that_wechat_has_not_confirmed_is_asked_about_before_its_money_goes_back() {
    play(async |shop: Shop| {
        let console = asked_for(&shop).await;
        shop.sell("2", 3780);
        shop.want_back("r2", "2", 500);
        shop.world.forget_calls();
        shop.world.once(Call::Query, Fault::Silence(When::Before));
        assert!(matches!(approve(&console, "r2").await, Err(Error::Gateway(_))));
        assert_eq!(shop.world.count(Call::Approve), 0);
        assert_eq!(approve(&console, "r2").await.unwrap(), "succeeded");
        assert_eq!(
            shop.world.told(&[Call::Query, Call::Approve]),
            ["Query 422", "Query 422", "Approve r2 by till-1"]
        );
    });
}

#[test]
fn orders_that_share_a_payment_share_its_limit_and_its_turn() {
    play(async |shop: Shop| {
        let mut orders =
            [("1", 3_000), ("2", 780)].map(|(id, total)| paid_order(id, total, shop.world.time()));
        for order in &mut orders {
            order.payment.total = fen(3_780);
            order.payment.out_trade_no = Some(domain::OutTradeNo::new("T1").unwrap());
            order.payment.transaction_id = Some(domain::TransactionId::new("421").unwrap());
        }
        shop.pay_at_wechat(&orders[0]);
        for order in orders {
            shop.world.state().backend.put_order(order);
        }
        let console = shop.console();
        console.round().await.unwrap();
        shop.want_back("r1", "1", 3_000);
        shop.want_back("r2", "2", 1_000);
        shop.world.state().wechat.takes = seconds(5);
        shop.world.once(Call::Refund, Fault::Slow(Duration::from_secs(10)));
        let meanwhile = async {
            pass(5).await;
            console.approve(&request_id("r2"), &whole()).await
        };
        let (first, second) = tokio::join!(approve(&console, "r1"), meanwhile);
        assert_eq!(first.unwrap(), "succeeded");
        assert!(
            matches!(second, Err(Error::AlreadyRunning { .. })),
            "one refund of a payment at a time: {second:?}"
        );
        // Each order alone has enough left; both together would be 4000 of 3780.
        let outcome = console.approve(&request_id("r2"), &whole()).await;
        assert!(matches!(outcome, Err(Error::AmountAbove { .. })), "{outcome:?}");
        assert_eq!(shop.world.movements().len(), 1);
    });
}
