//! What a person prefers in the window, whatever shop is shown: `window.json` in the root folder. It holds no secret.
//!
//! Nothing here is worth a refusal. What cannot be read has its default and a [`Note`] that says so; members that this
//! version does not know are kept.

use std::path::Path;

use catalogue::Language;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::files;
use crate::settings::SettingsError;

/// The file's name in the root folder.
pub const WINDOW_SETTINGS_FILE: &str = "window.json";

/// Some hundred bytes; a file beyond this is not ours.
const LIMIT: u64 = 256 * 1024;

/// What a person prefers in the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowSettings {
    /// Of window, notifications and tickets.
    pub language: Language,
    /// Light or dark.
    pub look: Look,
    /// Whether alerts ring.
    pub sound: bool,
    /// How loud, 0 to 100.
    pub volume: u8,
    /// The key of the shop that was shown last.
    pub shown_shop: Option<String>,
    unknown: Map<String, Value>,
    note: Option<Note>,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Why settings are not those of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The file cannot be read.
    Unreadable,
    /// The file is not what this program wrote; the next change replaces it.
    Damaged,
    /// This member has a value that means nothing to this version.
    Member(&'static str),
}

impl Default for WindowSettings {
    fn default() -> WindowSettings {
        WindowSettings {
            language: Language::default(),
            look: Look::default(),
            sound: true,
            volume: 80,
            shown_shop: None,
            unknown: Map::new(),
            note: None,
        }
    }
}

impl WindowSettings {
    /// The settings of the root folder; the defaults where there are none, or none that can be read.
    pub fn load(root: &Path) -> WindowSettings {
        let path = root.join(WINDOW_SETTINGS_FILE);
        let bytes = match files::read_limited(&path, LIMIT) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return WindowSettings::default(),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the window's settings cannot be read");
                return WindowSettings { note: Some(Note::Unreadable), ..WindowSettings::default() };
            }
        };
        match serde_json::from_slice(&bytes) {
            Ok(members) => WindowSettings::of(members),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the window's settings are damaged");
                WindowSettings { note: Some(Note::Damaged), ..WindowSettings::default() }
            }
        }
    }

    /// Each member by itself: one that is foul takes none of the others with it.
    fn of(mut members: Map<String, Value>) -> WindowSettings {
        let standard = WindowSettings::default();
        let mut note = None;
        let language = take(&mut members, "language", &mut note, |tag: String| tag.parse().ok());
        let look = take(&mut members, "look", &mut note, Some);
        let sound = take(&mut members, "sound", &mut note, Some);
        let volume = take(&mut members, "volume", &mut note, |volume: u8| (volume <= 100).then_some(volume));
        let shown_shop = take(&mut members, "shown_shop", &mut note, Some);
        WindowSettings {
            language: language.unwrap_or(standard.language),
            look: look.unwrap_or(standard.look),
            sound: sound.unwrap_or(standard.sound),
            volume: volume.unwrap_or(standard.volume),
            shown_shop,
            unknown: members,
            note,
        }
    }

    /// Why these are not the settings of the file.
    pub fn note(&self) -> Option<Note> {
        self.note
    }

    /// Writes the settings into the root folder, which is made if it is not there: the whole file or nothing.
    pub fn save(&self, root: &Path) -> Result<(), SettingsError> {
        let path = root.join(WINDOW_SETTINGS_FILE);
        let mut members = self.unknown.clone();
        members.insert("language".to_owned(), self.language.as_str().into());
        members.insert("look".to_owned(), self.look.as_str().into());
        members.insert("sound".to_owned(), self.sound.into());
        members.insert("volume".to_owned(), self.volume.min(100).into());
        members.insert("shown_shop".to_owned(), self.shown_shop.clone().into());
        let bytes = format!("{:#}\n", Value::Object(members)).into_bytes();
        files::create_private_folder(root)
            .and_then(|()| files::replace_private_file(&path, &bytes))
            .map_err(|source| SettingsError::Unwritable { path, source })
    }
}

impl Look {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Look::System => "system",
            Look::Light => "light",
            Look::Dark => "dark",
        }
    }
}

/// The member, taken out so that what is left is unknown; null is absent.
fn take<T: DeserializeOwned, U>(
    members: &mut Map<String, Value>,
    name: &'static str,
    note: &mut Option<Note>,
    accept: impl FnOnce(T) -> Option<U>,
) -> Option<U> {
    let value = members.remove(name).filter(|value| !value.is_null())?;
    let read = serde_json::from_value(value).ok().and_then(accept);
    if read.is_none() {
        tracing::warn!(member = name, "a member of the window's settings means nothing");
        *note = Some(Note::Member(name));
    }
    read
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(root: &Path, text: &str) -> WindowSettings {
        fs::write(root.join(WINDOW_SETTINGS_FILE), text).unwrap();
        WindowSettings::load(root)
    }

    #[test]
    fn settings_come_back_as_they_were_saved() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("new");
        assert_eq!(WindowSettings::load(&root), WindowSettings::default());
        let settings = WindowSettings {
            language: Language::ZhTw,
            look: Look::Dark,
            sound: false,
            volume: 35,
            shown_shop: Some("s1-0123abcd".to_owned()),
            ..WindowSettings::default()
        };
        settings.save(&root).unwrap();
        assert_eq!(WindowSettings::load(&root), settings);
    }

    #[test]
    fn the_file_has_its_published_form() {
        let root = tempfile::tempdir().unwrap();
        WindowSettings::default().save(root.path()).unwrap();
        let text = fs::read(root.path().join(WINDOW_SETTINGS_FILE)).unwrap();
        let expected = serde_json::json!({
            "language": "zh-CN", "look": "system", "sound": true, "volume": 80, "shown_shop": null
        });
        assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), expected);
        for look in [Look::System, Look::Light, Look::Dark] {
            assert_eq!(serde_json::to_value(look).unwrap(), look.as_str());
        }
    }

    #[test]
    fn members_of_a_newer_version_are_kept() {
        let root = tempfile::tempdir().unwrap();
        let mut settings = write(root.path(), r#"{"look":"light","quiet_hours":{"from":"22:00"}}"#);
        assert_eq!((settings.look, settings.note()), (Look::Light, None));
        settings.volume = 10;
        settings.save(root.path()).unwrap();
        let text = fs::read(root.path().join(WINDOW_SETTINGS_FILE)).unwrap();
        let now: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!((&now["quiet_hours"]["from"], &now["volume"]), (&"22:00".into(), &10.into()));
    }

    #[test]
    fn a_damaged_file_gives_the_defaults_and_says_so() {
        let root = tempfile::tempdir().unwrap();
        for damaged in ["", "{", "[]", "\0\0"] {
            let settings = write(root.path(), damaged);
            assert_eq!(settings.note(), Some(Note::Damaged), "{damaged:?}");
            assert_eq!(WindowSettings { note: None, ..settings }, WindowSettings::default());
        }
        fs::remove_file(root.path().join(WINDOW_SETTINGS_FILE)).unwrap();
        fs::create_dir(root.path().join(WINDOW_SETTINGS_FILE)).unwrap();
        assert_eq!(WindowSettings::load(root.path()).note(), Some(Note::Unreadable));
    }

    #[test]
    fn a_foul_member_takes_no_other_one_with_it() {
        let root = tempfile::tempdir().unwrap();
        for (member, name) in [
            (r#""look":"sepia""#, "look"),
            (r#""volume":101"#, "volume"),
            (r#""volume":-1"#, "volume"),
            (r#""sound":"loud""#, "sound"),
            (r#""language":"fr""#, "language"),
        ] {
            let settings = write(root.path(), &format!(r#"{{"shown_shop":"s1",{member}}}"#));
            assert_eq!(settings.note(), Some(Note::Member(name)));
            assert_eq!(settings.shown_shop.as_deref(), Some("s1"), "{member}");
        }
    }
}
