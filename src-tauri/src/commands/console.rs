use adapters::fault::Fault as Reason;
use adapters::window_settings::Look;
use catalogue::Language;
use domain::Secret;
use tauri::Manager;
use tauri::{AppHandle, Theme};

use super::Desk;
use crate::convert;
use crate::dto::{Console, Preferences, ShopKey, Status};
use crate::error::Fault;
use crate::open_shop::OpenShop;
use crate::page::ChangedTag;

/// What the page asks for first.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn console_state(desk: Desk<'_>) -> Result<Console, Fault> {
    Ok(Console {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        shops: desk.cards(),
        shown: ShopKey(desk.shown()),
        preferences: convert::preferences(&desk.settings()),
    })
}

/// Changes what the person prefers; window, notifications and tickets follow at once.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn preferences_set(
    app: AppHandle,
    desk: Desk<'_>,
    preferences: Preferences,
) -> Result<(), Fault> {
    desk.answer(async {
        desk.prefer(&preferences).await?;
        let settings = desk.settings();
        // Whoever cannot follow keeps no other from it.
        let mut spoken = Vec::new();
        for open in desk.open_shops() {
            spoken.push(speak(&open, settings.language).await);
        }
        desk.name_shops();
        crate::tray::speak(&app, settings.language);
        show_look(&app, settings.look);
        desk.page().changed("", vec![ChangedTag::Console]);
        spoken.into_iter().collect::<Result<(), _>>()?;
        Ok(())
    })
    .await
}

async fn speak(open: &OpenShop, language: Language) -> Result<(), Reason> {
    let hand = open.hand().await?;
    Ok(open.shop.speak(language, hand.as_deref())?)
}

/// Ends the program, which closing its window does not.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn quit(app: AppHandle) -> Result<(), Fault> {
    app.exit(0);
    Ok(())
}

/// Light or dark, for what the system draws of the window.
pub(crate) fn show_look(app: &AppHandle, look: Look) {
    let theme = match look {
        Look::System => None,
        Look::Light => Some(Theme::Light),
        Look::Dark => Some(Theme::Dark),
    };
    if let Some(window) = app.get_webview_window(crate::WINDOW)
        && let Err(error) = window.set_theme(theme)
    {
        tracing::warn!(%error, "the window keeps its look");
    }
}

/// Remembers which shop is shown.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn shop_show(desk: Desk<'_>, shop: ShopKey) -> Result<(), Fault> {
    desk.answer(async {
        desk.change_settings(|settings| settings.shown_shop = Some(shop.0))?;
        desk.page().changed("", vec![ChangedTag::Console]);
        Ok(())
    })
    .await
}

/// Opens the vault of a locked shop and starts watching it.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn shop_unlock(desk: Desk<'_>, shop: ShopKey, passphrase: String) -> Result<(), Fault> {
    desk.answer(desk.open_again(&shop, Some(Secret::new(passphrase.into_bytes())))).await
}

/// Tries again to open a shop that could not be opened, or that another process was watching.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn shop_open(desk: Desk<'_>, shop: ShopKey) -> Result<(), Fault> {
    desk.answer(desk.open_again(&shop, None)).await
}

/// Demo shop: a customer buys something now.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn demo_order(desk: Desk<'_>) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(crate::demo::KEY)?;
        let demo = open.demo.as_ref().ok_or_else(|| Reason::new("shop_not_connected", Vec::new()))?;
        demo.customer_buys().await
    })
    .await
}

/// Demo shop: a customer asks for money back now.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn demo_refund_request(desk: Desk<'_>) -> Result<(), Fault> {
    desk.answer(async {
        let open = desk.shop(crate::demo::KEY)?;
        let demo = open.demo.as_ref().ok_or_else(|| Reason::new("shop_not_connected", Vec::new()))?;
        demo.customer_asks_back()
    })
    .await
}

/// The status strip.
#[tauri::command]
#[cfg_attr(test, specta::specta)]
pub(crate) async fn status(desk: Desk<'_>, shop: ShopKey) -> Result<Status, Fault> {
    desk.answer(async {
        let open = desk.shop(&shop)?;
        let owed = open.engine.mirror().read::<_, mirror::Error>(|view| view.outstanding()).await?;
        let health = open.engine.health().borrow().clone();
        Ok(convert::status(&health, &owed, desk.language()))
    })
    .await
}
