//! What people click on a desktop notification.

use adapters::notifications::Click;
use engine::Engine;
use tokio::sync::mpsc;

use crate::dto::ShopKey;
use crate::page::{Opened, Page, Place};

/// Nobody clicks faster than this many times before the first is seen to.
const WAITING: usize = 64;

/// The line from the desktop's notifications to [`follow`]. The desktop's thread never waits.
pub(crate) fn line() -> (impl Fn(Click) + Send + Sync + 'static, mpsc::Receiver<Click>) {
    let (clicks, clicked) = mpsc::channel(WAITING);
    let put = move |click: Click| {
        if let Err(error) = clicks.try_send(click) {
            tracing::warn!(%error, "a click was lost");
        }
    };
    (put, clicked)
}

/// Does what each click asks for: opens what the notification is about, or prints its ticket. Either way somebody has
/// seen it.
pub(crate) async fn follow(mut clicked: mpsc::Receiver<Click>, engine: Engine, shop: String, page: Page) {
    while let Some(click) = clicked.recv().await {
        if let Err(error) = one(&click, &engine, &shop, &page).await {
            tracing::warn!(shop, key = click.id_key, %error, "a click could not be followed");
        }
    }
}

async fn one(click: &Click, engine: &Engine, shop: &str, page: &Page) -> Result<(), engine::Error> {
    let hand = engine.people().signed_in().await?.map(|session| session.id().to_string());
    let target = engine.alert_target(&click.id_key).await?;
    let open = || {
        let place = if target.is_refund { Place::Refunds } else { Place::Orders };
        let order_id = target.order.as_ref().map(ToString::to_string);
        page.open(Opened { shop: ShopKey(shop.to_owned()), order_id, place });
    };
    match (click.action.as_str(), &target.order) {
        ("print", Some(order)) => {
            if let Err(error) = engine.print_order(order, None, hand.clone()).await {
                // Somebody wanted paper and gets none: they have to see why, and the alert stays.
                open();
                return Err(error);
            }
        }
        _ => open(),
    }
    engine.acknowledge(vec![click.id_key.clone()], hand).await
}
