//! The console itself: its shops and what a person prefers.

use serde::{Deserialize, Serialize};

use crate::error::Fault;

/// A shop's key in commands: `demo`, or the name of its data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct ShopKey(pub(crate) String);

impl std::ops::Deref for ShopKey {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// The console: what the page asks for first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Console {
    /// The program's version.
    pub(crate) version: String,
    /// The demo shop or the connected ones, in a steady order.
    pub(crate) shops: Vec<ShopCard>,
    /// The key of the shop that is shown.
    pub(crate) shown: ShopKey,
    /// What the person prefers.
    pub(crate) preferences: Preferences,
}

/// A shop of this PC.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct ShopCard {
    /// Its key.
    pub(crate) key: ShopKey,
    /// What people call it.
    pub(crate) name: String,
    /// Whether it is the built-in demo shop.
    pub(crate) demo: bool,
    /// Whether it is being watched.
    pub(crate) state: ShopState,
    /// Why not.
    pub(crate) fault: Option<Fault>,
}

/// Whether a shop is being watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum ShopState {
    /// It is.
    Watching,
    /// Its vault wants the passphrase.
    Locked,
    /// It cannot be opened.
    Failed,
    /// Another process watches its data folder.
    Elsewhere,
}

/// What a person prefers in this window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Preferences {
    /// Of the window, the notifications and the tickets.
    pub(crate) language: Language,
    /// Light or dark.
    pub(crate) look: Look,
    /// Whether alerts ring.
    pub(crate) sound: bool,
    /// How loud, 0 to 100.
    pub(crate) volume: u8,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum Look {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// A language of the catalogues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum Language {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// Traditional Chinese, as in Taiwan.
    #[serde(rename = "zh-TW")]
    ZhTw,
    /// English.
    #[serde(rename = "en")]
    En,
}
