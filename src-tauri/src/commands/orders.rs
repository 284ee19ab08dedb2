use adapters::fault::Fault as Reason;
use domain::OrderId;

use super::Desk;
use crate::convert;
use crate::dto::{
    Fen, GroupCount, OrderDetail, OrderQuery, OrderWindow, Revision, ShopKey, SignIn, TicketTemplate,
};
use crate::error::Fault;

/// The longest stretch of the list in one answer.
const AT_MOST: u32 = 500;

/// A stretch of the list of orders, newest first, by position.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn order_window(
    desk: Desk<'_>,
    shop: ShopKey,
    query: OrderQuery,
    first: u32,
    count: u32,
) -> Result<OrderWindow, Fault> {
    desk.answer(async {
        let mirror = desk.shop(&shop)?.engine.mirror().clone();
        let (query, count) = (query.into(), count.clamp(1, AT_MOST));
        let window = mirror
            .read::<_, mirror::Error>(move |view| view.order_window(&query, u64::from(first), count))
            .await?;
        Ok(convert::order_window(&window, first))
    })
    .await
}

/// Where an order stands in the list, if it is in it.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn order_position(
    desk: Desk<'_>,
    shop: ShopKey,
    query: OrderQuery,
    id: String,
) -> Result<Option<u32>, Fault> {
    desk.answer(async {
        let mirror = desk.shop(&shop)?.engine.mirror().clone();
        let (query, id) = (query.into(), order(id)?);
        let position = mirror.read::<_, mirror::Error>(move |view| view.order_position(&query, &id)).await?;
        Ok(position.and_then(|position| u32::try_from(position).ok()))
    })
    .await
}

/// How many orders each group holds.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn order_counts(
    desk: Desk<'_>,
    shop: ShopKey,
    search: String,
) -> Result<Vec<GroupCount>, Fault> {
    desk.answer(async {
        let mirror = desk.shop(&shop)?.engine.mirror().clone();
        let counts = mirror.read::<_, mirror::Error>(move |view| view.order_counts(&search)).await?;
        Ok(convert::order_counts(&counts))
    })
    .await
}

/// An order in full.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn order_detail(desk: Desk<'_>, shop: ShopKey, id: String) -> Result<OrderDetail, Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let id = order(id)?;
        let detail = open.engine.order_in_full(&id).await?;
        Ok(convert::order_detail(&detail, desk.language()))
    })
    .await
}

/// Somebody opened an order, and so has seen its alerts. Not the same as reading it: the page reads an order again
/// whenever it changes, also while nobody looks.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn order_seen(desk: Desk<'_>, shop: ShopKey, id: String) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        Ok(open.engine.acknowledge_order(&order(id)?, open.hand().await?).await?)
    })
    .await
}

/// Asks WeChat about an order now. The answer is in the mirror when this returns.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn order_ask(desk: Desk<'_>, shop: ShopKey, id: String) -> Result<(), Fault> {
    desk.answer(async {
        desk.shop(&shop)?.engine.ask(&id).await?;
        Ok(())
    })
    .await
}

/// Prints a ticket of an order, at the printer of the rules.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn order_print(
    desk: Desk<'_>,
    shop: ShopKey,
    id: String,
    template: TicketTemplate,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        Ok(open.engine.print_order(&order(id)?, Some(template.as_str()), open.hand().await?).await?)
    })
    .await
}

/// Starts a refund that nobody asked for, of an order that the person saw as `revision`. The amount is a wish: what is
/// refundable is read from the mirror. Above an amount a second person types their PIN with it.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn order_refund(
    desk: Desk<'_>,
    shop: ShopKey,
    id: String,
    revision: Revision,
    amount_fen: Fen,
    reason: String,
    second: Option<SignIn>,
) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let actor = open.actor_with(second).await?;
        open.engine
            .refund_order(&id, amount_fen.into(), reason.trim(), &actor, Some(revision.into()))
            .await?;
        Ok(())
    })
    .await
}

fn order(id: String) -> Result<OrderId, Reason> {
    OrderId::new(id.clone()).map_err(|_| Reason::new("order_not_found", vec![("number", id)]))
}
