//! Another process on the same folder: what it writes is seen.

use simulation::world::{Shop, pass, play, request_id, until, whole};

#[test]
fn what_another_process_wrote_is_noticed_within_a_second_or_two() {
    play(async |shop: Shop| {
        shop.sell("1", 3780);
        shop.want_back("r1", "1", 500);
        let console = shop.console();
        console.round().await.unwrap();
        let command = shop.console();
        let mut changes = console.mirror().changes();
        until(console.serve(), async {
            pass(30).await;
            let before = *changes.borrow_and_update();
            // A command beside the console writes a decision down; the console, which has the seat, pays.
            command.approve(&request_id("r1"), &whole()).await.unwrap();
            let written = command.mirror().changes().borrow().revision;
            pass(2).await;
            let now = *changes.borrow_and_update();
            assert!(now.revision >= written, "{now:?}");
            assert!(now.refunds > before.refunds && now.papers > before.papers, "any kind may have changed");
            pass(30).await;
        })
        .await;
        assert_eq!(shop.world.movements().len(), 1);
    });
}
