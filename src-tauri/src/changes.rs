//! From the mirror's commits to the page: one event for a burst of changes.

use std::time::Duration;

use engine::Engine;
use mirror::Changed;

use crate::page::{ChangedTag, Page};

/// The first change of a burst goes out at once, the rest of it together after this pause: a person sees a new order
/// within two frames, and a backlog of ten thousand does not become ten thousand events.
const PAUSE: Duration = Duration::from_millis(30);

/// Tells the page of every change until the mirror is closed.
pub(crate) async fn forward(engine: Engine, shop: String, page: Page) {
    let mut commits = engine.mirror().changes();
    let mut health = engine.health();
    let mut told = *commits.borrow_and_update();
    count(&engine, &shop, &page).await;
    loop {
        let alive = tokio::select! {
            commit = commits.changed() => commit.is_ok(),
            link = health.changed() => link.is_ok(),
        };
        if !alive {
            return;
        }
        health.borrow_and_update();
        let now = *commits.borrow_and_update();
        let tags = tags(told, now);
        told = now;
        if tags.contains(&ChangedTag::Alerts) {
            count(&engine, &shop, &page).await;
        }
        page.changed(&shop, tags);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Which kinds of rows changed between two revisions. The strip counts what is unsent, so every commit touches it.
fn tags(before: Changed, now: Changed) -> Vec<ChangedTag> {
    let kinds = [
        (ChangedTag::Orders, now.orders > before.orders),
        (ChangedTag::Refunds, now.refunds > before.refunds),
        (ChangedTag::Papers, now.papers > before.papers),
        (ChangedTag::Alerts, now.alerts > before.alerts),
        (ChangedTag::Staff, now.staff > before.staff),
        (ChangedTag::Audit, now.audit > before.audit),
        (ChangedTag::Status, true),
    ];
    kinds.into_iter().filter(|(_, changed)| *changed).map(|(tag, _)| tag).collect()
}

async fn count(engine: &Engine, shop: &str, page: &Page) {
    match engine.mirror().read::<_, mirror::Error>(|view| view.count_open_alerts()).await {
        Ok(open) => page.count(shop, u32::try_from(open).unwrap_or(u32::MAX)),
        Err(error) => tracing::warn!(shop, %error, "open alerts cannot be counted"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_read_again() {
        let before =
            Changed { revision: 4, orders: 4, refunds: 2, papers: 1, alerts: 3, sync: 4, audit: 4, staff: 1 };
        let now =
            Changed { revision: 6, orders: 4, refunds: 6, papers: 1, alerts: 5, sync: 4, audit: 4, staff: 1 };
        assert_eq!(tags(before, now), [ChangedTag::Refunds, ChangedTag::Alerts, ChangedTag::Status]);
        assert_eq!(tags(now, now), [ChangedTag::Status], "the strip also follows what is no row");
    }
}
