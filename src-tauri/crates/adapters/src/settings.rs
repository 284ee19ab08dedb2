//! What is remembered of a shop beside its mirror: `settings.json` in the data folder. It holds no secret.
//!
//! Certificates are copied in as PEM text and not named by path, so that the shop goes on working after the folder
//! they came from was tidied up. Members that this version does not know are kept when the file is written again, so
//! that an older program does not undo what a newer one set.

mod difference;
mod live;
mod printing;
mod wechat;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use catalogue::Language;
use domain::{ShopHead, ShopId, TerminalId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

pub(crate) use difference::difference;
pub(crate) use live::LiveSettings;
pub use printing::{
    Copies, InvalidPrintRule, PaperWidth, PrintRule, PrintTarget, PrintTrigger, Printing, PrintingChoice,
};
pub use wechat::{PayApi, SignType, WECHAT_PAY_BASE_URL, WechatPaySettings};

use crate::files;
use crate::secrets::unwritable_code;

/// The file's name in the data folder.
pub const SETTINGS_FILE: &str = "settings.json";

/// The form of the file that this version writes.
const VERSION: u32 = 1;

/// Certificates take some KiB; a file beyond this is not ours.
pub(crate) const LIMIT: u64 = 4 * 1024 * 1024;

/// All settings of one shop on this PC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    version: u32,
    /// Which shop.
    pub shop: ShopSettings,
    /// This installation, made once and kept when the shop is connected again (contract R5: `X-Terminal`).
    pub terminal_id: TerminalId,
    /// How the shop's backend is reached.
    pub backend: BackendSettings,
    /// How WeChat Pay is reached.
    pub wechat_pay: WechatPaySettings,
    /// The language of texts and tickets, as the catalogues name it.
    #[serde(default = "default_language")]
    pub language: String,
    /// What is printed by itself.
    #[serde(default)]
    pub printing: Printing,
    /// Whether desktop notifications are shown.
    #[serde(default = "yes")]
    pub alerts: bool,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// Which shop a data folder belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShopSettings {
    /// The shop's id at its backend.
    pub id: ShopId,
    /// What people call it.
    pub name: String,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// How the shop's backend is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackendSettings {
    /// Where the contract's paths begin, without a slash at the end.
    pub base_url: String,
    /// How requests are authenticated; the token itself is a secret and stands elsewhere.
    #[serde(default)]
    pub auth: BackendAuth,
    /// Root certificates that are trusted beside the system's, as PEM.
    #[serde(default)]
    pub ca_pem: Option<String>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// How requests to the backend are authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendAuth {
    /// `Authorization: Bearer`, which is enough for every backend (contract R9).
    #[default]
    Bearer,
}

/// The settings cannot be read or written. A file that is not understood is never replaced.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file or its folder cannot be written.
    #[error("{} cannot be written", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file cannot be read.
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is not what this program wrote.
    #[error("{} is damaged", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and how.
        #[source]
        source: serde_json::Error,
    },
    /// A newer version of this program wrote the file.
    #[error("{} has version {version}, this program knows {VERSION}", .path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

impl SettingsError {
    /// The stable word by which the catalogues have a text and a hint.
    pub fn code(&self) -> &'static str {
        match self {
            SettingsError::Unwritable { source, .. } => unwritable_code(source),
            SettingsError::Unreadable { .. } | SettingsError::Damaged { .. } => "settings_unreadable",
            SettingsError::TooNew { .. } => "settings_newer",
        }
    }

    /// What fills the placeholders of the text.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            SettingsError::Unwritable { path, .. }
            | SettingsError::Unreadable { path, .. }
            | SettingsError::Damaged { path, .. }
            | SettingsError::TooNew { path, .. } => vec![("path", path.display().to_string())],
        }
    }
}

impl Settings {
    /// Settings for a shop that this PC did not know, with a terminal id of its own and the standard printing.
    pub fn new(
        shop_id: ShopId,
        shop_name: String,
        backend: BackendSettings,
        wechat_pay: WechatPaySettings,
    ) -> Settings {
        Settings {
            version: VERSION,
            shop: ShopSettings { id: shop_id, name: shop_name, unknown: Map::new() },
            terminal_id: new_terminal_id(),
            backend,
            wechat_pay,
            language: default_language(),
            printing: Printing::default(),
            alerts: true,
            unknown: Map::new(),
        }
    }

    /// The same shop connected again: its connection is replaced; terminal id, language, printing, alerts and whatever
    /// a newer version added are kept.
    pub(crate) fn reconnected(
        mut self,
        shop_name: String,
        backend: BackendSettings,
        wechat_pay: WechatPaySettings,
    ) -> Settings {
        self.shop.name = shop_name;
        self.backend = BackendSettings { unknown: self.backend.unknown, ..backend };
        self.wechat_pay = WechatPaySettings { unknown: self.wechat_pay.unknown, ..wechat_pay };
        self
    }

    /// The language of texts and tickets; the default if the file names one that is not spoken.
    pub fn language(&self) -> Language {
        Language::from_str(&self.language).unwrap_or_default()
    }

    /// The shop as tickets name it.
    pub fn head(&self) -> ShopHead {
        ShopHead { name: self.shop.name.clone(), address: None, phone: None }
    }

    /// The settings of the folder, or `None` if no shop was connected there.
    pub fn load(data_folder: &Path) -> Result<Option<Settings>, SettingsError> {
        let path = data_folder.join(SETTINGS_FILE);
        let bytes = files::read_limited(&path, LIMIT)
            .map_err(|source| SettingsError::Unreadable { path: path.clone(), source })?;
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let damaged = |source| SettingsError::Damaged { path: path.clone(), source };
        // The version alone first: a newer file may have another form, and that is no damage.
        let Versioned { version } = serde_json::from_slice(&bytes).map_err(damaged)?;
        if version > VERSION {
            return Err(SettingsError::TooNew { path, version });
        }
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    /// Writes the settings into the folder, which is made if it is not there: the whole file or nothing, readable for
    /// this user alone.
    pub fn save(&self, data_folder: &Path) -> Result<(), SettingsError> {
        let path = data_folder.join(SETTINGS_FILE);
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|source| SettingsError::Damaged { path: path.clone(), source })?;
        bytes.push(b'\n');
        files::create_private_folder(data_folder)
            .and_then(|()| files::replace_private_file(&path, &bytes))
            .map_err(|source| SettingsError::Unwritable { path, source })
    }
}

impl BackendSettings {
    /// A backend with a bearer token.
    pub fn new(base_url: String, ca_pem: Option<String>) -> BackendSettings {
        BackendSettings { base_url, auth: BackendAuth::Bearer, ca_pem, unknown: Map::new() }
    }
}

impl fmt::Display for BackendAuth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            BackendAuth::Bearer => "bearer",
        })
    }
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

fn new_terminal_id() -> TerminalId {
    let random = uuid::Uuid::new_v4().simple().to_string();
    #[expect(clippy::expect_used, reason = "`till-` and 8 hex digits have the form of an id")]
    TerminalId::new(format!("till-{}", &random[..8])).expect("a terminal id is well formed")
}

fn default_language() -> String {
    "zh-CN".to_owned()
}

fn yes() -> bool {
    true
}

/// Settings as a shop has them that was just connected.
#[cfg(test)]
pub(crate) fn example() -> Settings {
    let shop = ShopId::new("s1").unwrap();
    let backend = BackendSettings::new("https://shop.example/merchant/v1".to_owned(), None);
    Settings::new(shop, "示例小店".to_owned(), backend, wechat::example())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were_saved() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new");
        assert_eq!(Settings::load(&folder).unwrap(), None);
        let settings = example();
        settings.save(&folder).unwrap();
        assert_eq!(Settings::load(&folder).unwrap(), Some(settings));
    }

    #[test]
    fn a_terminal_id_is_made_for_each_installation() {
        let (one, two) = (example().terminal_id, example().terminal_id);
        assert_ne!(one, two);
        assert_eq!(one.as_str().len(), 13);
        assert!(one.as_str().starts_with("till-"));
    }

    #[test]
    fn the_file_has_its_published_form() {
        let mut settings = example();
        settings.terminal_id = TerminalId::new("till-0123abcd").unwrap();
        let expected = serde_json::json!({
            "version": 1,
            "shop": {"id": "s1", "name": "示例小店"},
            "terminal_id": "till-0123abcd",
            "backend": {"base_url": "https://shop.example/merchant/v1", "auth": "bearer", "ca_pem": null},
            "wechat_pay": {"api": "v2", "base_url": "https://api.mch.weixin.qq.com", "ca_pem": null,
                "app_id": "wx0123456789abcdef", "mch_id": "1900000109", "sign_type": "MD5",
                "certificate_pem": "", "merchant_serial": "1A", "public_key_id": null, "public_key_pem": null},
            "language": "zh-CN",
            "printing": {
                "rules": [{"template": "merchant", "target": "auto", "width": 80, "copies": 1, "when": "paid"}],
                "print_unverified": false, "print_missed": false},
            "alerts": true
        });
        assert_eq!(serde_json::to_value(&settings).unwrap(), expected);
    }

    #[test]
    fn members_of_a_newer_version_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(SETTINGS_FILE);
        let mut value = serde_json::to_value(example()).unwrap();
        value["theme"] = "dark".into();
        for member in ["shop", "backend", "wechat_pay", "printing"] {
            value[member]["of_tomorrow"] = 1.into();
        }
        value["printing"]["rules"][0]["filter"] = "kitchen".into();
        std::fs::write(&path, serde_json::to_vec(&value).unwrap()).unwrap();
        Settings::load(folder.path()).unwrap().unwrap().save(folder.path()).unwrap();
        let again: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(again, value);
    }

    #[test]
    fn members_that_an_older_version_did_not_write_have_their_defaults() {
        let mut value = serde_json::to_value(example()).unwrap();
        for member in ["language", "printing", "alerts"] {
            value.as_object_mut().unwrap().remove(member);
        }
        let read: Settings = serde_json::from_value(value).unwrap();
        assert_eq!((read.language.as_str(), read.alerts), ("zh-CN", true));
        assert_eq!(read.printing, Printing::default());
    }

    #[test]
    fn a_damaged_file_is_an_error_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(SETTINGS_FILE);
        for damaged in ["", "{", "[]", r#"{"version":1}"#, "\0\0\0"] {
            std::fs::write(&path, damaged).unwrap();
            let error = Settings::load(folder.path()).unwrap_err();
            assert_eq!(error.code(), "settings_unreadable", "{damaged:?}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), damaged);
        }
        std::fs::write(&path, r#"{"version":2,"shops":[]}"#).unwrap();
        assert_eq!(Settings::load(folder.path()).unwrap_err().code(), "settings_newer");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_settings() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        example().save(folder.path()).unwrap();
        let mode = std::fs::metadata(folder.path().join(SETTINGS_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
