//! Whether the lines work, as every call tells.

use engine::ports::{GatewayOutcome, SourceErrorKind};
use engine::{Actor, Health, LinkState, Tickets};

use simulation::world::{
    Call, Console, Fault, Shop, When, fen, pass, play, request_id, rule, seconds, until, whole,
};

fn health(console: &Console) -> Health {
    console.health().borrow().clone()
}

fn code(link: &engine::Link) -> &str {
    link.trouble.as_ref().map(|trouble| trouble.code.as_str()).unwrap_or_default()
}

#[test]
fn lines_are_unknown_until_something_goes_over_them_and_then_work() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1)];
        let console = shop.console();
        assert_eq!(health(&console), Health::default());
        console.round().await.unwrap();
        let first = health(&console);
        assert_eq!((first.backend.state, first.wechat.state), (LinkState::Working, LinkState::Unknown));
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(10).await;
        })
        .await;
        let now = health(&console);
        assert_eq!((now.wechat.state, now.printer.state), (LinkState::Working, LinkState::Working));
        assert_eq!(now.printer.name.as_deref(), Some("counter"));
        assert_eq!(now.backend.since, first.backend.since, "it has worked since then");
    });
}

#[test]
fn a_line_is_in_trouble_from_the_first_silence_to_the_next_answer() {
    play(async |shop: Shop| {
        let console = shop.console();
        console.round().await.unwrap();
        let mut watched = console.health();
        watched.borrow_and_update();
        shop.world.always(Call::Changes, Fault::Silence(When::Before));
        until(console.serve(), async {
            pass(100).await;
            assert!(watched.has_changed().unwrap());
            let backend = health(&console).backend;
            assert_eq!((backend.state, code(&backend)), (LinkState::Trouble, "backend_refused"));
            watched.borrow_and_update();
            let since = backend.since;
            pass(100).await;
            assert_eq!(health(&console).backend.since, since, "it began once");
            assert!(!watched.has_changed().unwrap(), "the same trouble is no news");
            shop.world.heal();
            pass(100).await;
        })
        .await;
        assert_eq!(health(&console).backend.state, LinkState::Working);
    });
}

#[test]
fn a_definite_refusal_is_an_answer() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        shop.want_back("r1", "1", 500);
        let console = shop.console();
        console.round().await.unwrap();
        shop.world.once(Call::Refund, Fault::Gateway(GatewayOutcome::Refused, "NOTENOUGH"));
        let row = console.approve_and_wait(&request_id("r1"), &whole(), seconds(60)).await.unwrap();
        assert_eq!(row.payout_word(), "failed");
        assert_eq!(health(&console).wechat.state, LinkState::Working);
        shop.world.once(Call::Order, Fault::Source(SourceErrorKind::NotFound));
        let refused = console.refund_order("1", fen(1), "x", &Actor::nobody(), None).await;
        assert!(refused.is_err());
        assert_eq!(health(&console).backend.state, LinkState::Working);
        shop.world.once(Call::Order, Fault::Source(SourceErrorKind::Unauthenticated));
        assert!(console.refund_order("1", fen(1), "x", &Actor::nobody(), None).await.is_err());
        assert_eq!(
            health(&console).backend.state,
            LinkState::Trouble,
            "a token that is not accepted is none"
        );
    });
}

#[test]
fn one_printer_in_trouble_is_shown_until_it_prints_or_no_rule_wants_it() {
    play(async |mut shop: Shop| {
        shop.tickets.rules = vec![rule("merchant", "counter", 1), rule("kitchen", "bar", 1)];
        let console = shop.console();
        console.round().await.unwrap();
        shop.world.break_printer("bar", 0);
        until(console.serve(), async {
            shop.sell("1", 3780);
            pass(10).await;
            let printer = health(&console).printer;
            assert_eq!((printer.state, printer.name.as_deref()), (LinkState::Trouble, Some("bar")));
            console
                .set_tickets(Tickets { rules: vec![rule("merchant", "counter", 1)], ..Tickets::default() });
            let printer = health(&console).printer;
            assert_eq!((printer.state, printer.name.as_deref()), (LinkState::Working, Some("counter")));
        })
        .await;
    });
}
