//! The way from Rust to the page: two events, neither of which carries data that the page could rely on.

use serde::Serialize;
use tauri::{AppHandle, Emitter, Manager};

use crate::dto::ShopKey;

/// Rows changed; the page reads again what it shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Changed {
    /// Whose.
    pub(crate) shop: ShopKey,
    /// What kind of rows.
    pub(crate) tags: Vec<ChangedTag>,
}

/// A kind of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum ChangedTag {
    /// Orders.
    Orders,
    /// Refunds.
    Refunds,
    /// Tickets.
    Papers,
    /// Alerts.
    Alerts,
    /// The status strip.
    Status,
    /// Staff, their rules, and who is signed in.
    Staff,
    /// The audit log.
    Audit,
    /// The console itself: its shops, what the person prefers.
    Console,
}

/// Somebody clicked outside the page: it goes there.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Opened {
    /// Which shop.
    pub(crate) shop: ShopKey,
    /// Which order, if it is about one.
    pub(crate) order_id: Option<String>,
    /// Which screen.
    pub(crate) place: Place,
}

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum Place {
    /// The orders.
    Orders,
    /// The refund desk.
    Refunds,
}

/// The page in the one window.
#[derive(Clone)]
pub(crate) struct Page {
    app: AppHandle,
}

impl ChangedTag {
    /// Every kind: the shop itself is another one, or open only now.
    pub(crate) const ALL: [ChangedTag; 8] = [
        ChangedTag::Orders,
        ChangedTag::Refunds,
        ChangedTag::Papers,
        ChangedTag::Alerts,
        ChangedTag::Status,
        ChangedTag::Staff,
        ChangedTag::Audit,
        ChangedTag::Console,
    ];
}

impl Page {
    /// The page of this program's window.
    pub(crate) fn of(app: &AppHandle) -> Page {
        Page { app: app.clone() }
    }

    /// Says that rows changed.
    pub(crate) fn changed(&self, shop: &str, tags: Vec<ChangedTag>) {
        self.emit("changed", Changed { shop: ShopKey(shop.to_owned()), tags });
    }

    /// Brings the window to the front and the page to a place.
    pub(crate) fn open(&self, opened: Opened) {
        self.show();
        self.emit("opened", opened);
    }

    /// Brings the window to the front.
    pub(crate) fn show(&self) {
        if let Some(window) = self.app.get_webview_window(crate::WINDOW) {
            for outcome in [window.show(), window.unminimize(), window.set_focus()] {
                if let Err(error) = outcome {
                    tracing::warn!(%error, "the window does not come to the front");
                }
            }
        }
    }

    /// Shows how many alerts are open where the window is not seen.
    pub(crate) fn count(&self, shop: &str, open_alerts: u32) {
        crate::tray::count(&self.app, shop, open_alerts);
    }

    fn emit<T: Serialize + Clone>(&self, event: &str, payload: T) {
        if let Err(error) = self.app.emit_to(crate::WINDOW, event, payload) {
            tracing::warn!(%error, event, "the page could not be told");
        }
    }
}
