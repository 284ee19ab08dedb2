//! The icon beside the system's clock: how much waits for a person, the way back to the window, and the way out.

use std::collections::BTreeMap;
use std::sync::Mutex;

use catalogue::{Language, fill, text};
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

use crate::page::Page;

const CALM: Image<'_> = tauri::include_image!("../icons/tray.png");
const ALERT: Image<'_> = tauri::include_image!("../icons/tray-alert.png");

/// The icon and what it shows.
pub(crate) struct Tray {
    icon: TrayIcon,
    open: MenuItem<Wry>,
    quit: MenuItem<Wry>,
    shown: Mutex<Shown>,
}

struct Shown {
    language: Language,
    open_alerts: BTreeMap<String, u32>,
}

/// Puts the icon up. A desktop without a place for it is no reason to stop: the window and the notifications stay.
pub(crate) fn start(app: &AppHandle, language: Language) {
    if !crate::linux::has_tray_library() {
        tracing::info!("no tray icon: the system has no library for it");
        return;
    }
    match build(app, language) {
        Ok(tray) => {
            app.manage(tray);
        }
        Err(error) => tracing::warn!(%error, "no tray icon"),
    }
}

/// Shows how many alerts of a shop are open.
pub(crate) fn count(app: &AppHandle, shop: &str, open_alerts: u32) {
    if let Some(tray) = app.try_state::<Tray>() {
        tray.change(|shown| {
            shown.open_alerts.insert(shop.to_owned(), open_alerts);
        });
    }
}

/// Speaks another language.
pub(crate) fn speak(app: &AppHandle, language: Language) {
    if let Some(tray) = app.try_state::<Tray>() {
        tray.change(|shown| shown.language = language);
    }
}

fn build(app: &AppHandle, language: Language) -> tauri::Result<Tray> {
    let open = MenuItem::with_id(app, "open", text(language, "window.tray.open"), true, None::<&str>)?;
    let quit = MenuItem::with_id(app, "quit", text(language, "window.tray.quit"), true, None::<&str>)?;
    let icon = TrayIconBuilder::with_id("main")
        .icon(CALM)
        .tooltip(text(language, "window.tray.calm"))
        .menu(&Menu::with_items(app, &[&open, &quit])?)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            "quit" => app.exit(0),
            _ => Page::of(app).show(),
        })
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                Page::of(icon.app_handle()).show();
            }
        })
        .build(app)?;
    let shown = Mutex::new(Shown { language, open_alerts: BTreeMap::new() });
    Ok(Tray { icon, open, quit, shown })
}

impl Tray {
    fn change(&self, change: impl FnOnce(&mut Shown)) {
        let Ok(mut shown) = self.shown.lock() else { return };
        change(&mut shown);
        if let Err(error) = self.show(&shown) {
            tracing::warn!(%error, "the tray icon cannot be changed");
        }
    }

    fn show(&self, shown: &Shown) -> tauri::Result<()> {
        let language = shown.language;
        let waiting: u32 = shown.open_alerts.values().sum();
        let tooltip = match waiting {
            0 => text(language, "window.tray.calm").to_owned(),
            _ => fill(language, "window.tray.waiting", &[("count", &waiting.to_string())]),
        };
        self.icon.set_icon(Some(if waiting == 0 { CALM } else { ALERT }))?;
        self.icon.set_tooltip(Some(tooltip))?;
        // Where a system shows text beside the icon, it is the count alone.
        self.icon.set_title((waiting > 0).then(|| waiting.to_string()))?;
        self.open.set_text(text(language, "window.tray.open"))?;
        self.quit.set_text(text(language, "window.tray.quit"))
    }
}
