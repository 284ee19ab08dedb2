use adapters::window_settings::{Look as KeptLook, WindowSettings};
use catalogue::Language as Spoken;

use crate::dto::{Language, Look, Preferences};

/// What the person prefers.
pub(crate) fn preferences(settings: &WindowSettings) -> Preferences {
    Preferences {
        language: match settings.language {
            Spoken::ZhCn => Language::ZhCn,
            Spoken::ZhTw => Language::ZhTw,
            Spoken::En => Language::En,
        },
        look: match settings.look {
            KeptLook::System => Look::System,
            KeptLook::Light => Look::Light,
            KeptLook::Dark => Look::Dark,
        },
        sound: settings.sound,
        volume: settings.volume,
    }
}

/// Takes what the person prefers over into the kept settings.
pub(crate) fn prefer(settings: &mut WindowSettings, preferences: &Preferences) {
    settings.language = match preferences.language {
        Language::ZhCn => Spoken::ZhCn,
        Language::ZhTw => Spoken::ZhTw,
        Language::En => Spoken::En,
    };
    settings.look = match preferences.look {
        Look::System => KeptLook::System,
        Look::Light => KeptLook::Light,
        Look::Dark => KeptLook::Dark,
    };
    settings.sound = preferences.sound;
    settings.volume = preferences.volume.min(100);
}
