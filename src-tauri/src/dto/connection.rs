//! Connecting a real shop.

use serde::{Deserialize, Serialize};

use super::Milliseconds;
use crate::error::Fault;

/// Where a shop's secrets are kept.
#[derive(Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum SecretPlace {
    /// The system's keychain.
    Keychain,
    /// A vault file, sealed with this passphrase.
    Vault {
        /// The passphrase.
        passphrase: String,
    },
}

/// Where the description of a shop comes from.
#[derive(Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum ConnectionSource {
    /// The connection JSON itself.
    Json {
        /// Its text.
        text: String,
    },
    /// A file that holds it.
    File {
        /// Its path.
        path: String,
        /// Files that were given beside it, in place of those that it names.
        given: GivenFiles,
    },
    /// What a person typed.
    Form {
        /// The fields.
        form: Box<ConnectionForm>,
    },
}

/// Paths of certificate files; an empty one is none.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct GivenFiles {
    /// In place of `wechat_pay.cert_file`.
    pub(crate) cert_file: String,
    /// In place of `wechat_pay.key_file`.
    pub(crate) key_file: String,
    /// In place of `wechat_pay.p12_file`.
    pub(crate) p12_file: String,
    /// In place of `wechat_pay.public_key_file`.
    pub(crate) public_key_file: String,
}

/// A shop as a person types it; an empty field is absent. The names are those of the connection JSON.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct ConnectionForm {
    /// `shop.id`
    pub(crate) shop_id: String,
    /// `shop.name`
    pub(crate) shop_name: String,
    /// `backend.base_url`
    pub(crate) backend_url: String,
    /// `backend.token`, a secret
    pub(crate) backend_token: String,
    /// `backend.ca_file`
    pub(crate) backend_ca_file: String,
    /// `wechat_pay.api`: v2 or v3
    pub(crate) api: String,
    /// `wechat_pay.base_url`
    pub(crate) wechat_url: String,
    /// `wechat_pay.ca_file`
    pub(crate) wechat_ca_file: String,
    /// `wechat_pay.app_id`
    pub(crate) app_id: String,
    /// `wechat_pay.mch_id`
    pub(crate) mch_id: String,
    /// `wechat_pay.api_v2_key`, a secret
    pub(crate) api_v2_key: String,
    /// `wechat_pay.sign_type`: MD5 or HMAC-SHA256
    pub(crate) sign_type: String,
    /// `wechat_pay.api_v3_key`, a secret
    pub(crate) api_v3_key: String,
    /// `wechat_pay.public_key_id`
    pub(crate) public_key_id: String,
    /// `wechat_pay.public_key_file`
    pub(crate) public_key_file: String,
    /// `wechat_pay.cert_file`
    pub(crate) cert_file: String,
    /// `wechat_pay.key_file`
    pub(crate) key_file: String,
    /// `wechat_pay.p12_file`
    pub(crate) p12_file: String,
    /// `wechat_pay.p12_password`, a secret
    pub(crate) p12_password: String,
}

/// What trying a connection showed. Nothing is stored by it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Trial {
    /// The shop's name, as far as it could be read.
    pub(crate) shop_name: Option<String>,
    /// Each part.
    pub(crate) checks: Vec<Check>,
    /// Whether nothing is wrong that would keep the shop from working.
    pub(crate) may_connect: bool,
}

/// One part of a connection.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Check {
    /// Which.
    pub(crate) subject: CheckSubject,
    /// How it came out.
    pub(crate) state: CheckState,
    /// The fields of the form that are wrong.
    pub(crate) fields: Vec<String>,
    /// What is wrong.
    pub(crate) fault: Option<Fault>,
    /// A fact that a person wants to see, as a name or a date.
    pub(crate) note: Option<String>,
}

/// A part of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum CheckSubject {
    /// Which shop.
    Shop,
    /// The backend.
    Backend,
    /// WeChat Pay.
    Wechat,
    /// The merchant's certificate.
    Certificate,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum CheckState {
    /// Tried, and right.
    Right,
    /// Tried, and wrong.
    Wrong,
    /// Could not be tried.
    Unchecked,
}

/// Which file a person looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum Picked {
    /// The connection JSON.
    Connection,
    /// A certificate as PEM.
    Certificate,
    /// A private key as PEM.
    Key,
    /// Both in one p12 file.
    P12,
}

/// What a shop is set up with; no secret.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct ShopSettings {
    /// Its id at the backend.
    pub(crate) shop_id: String,
    /// Its name.
    pub(crate) shop_name: String,
    /// This installation.
    pub(crate) terminal: String,
    /// The backend's address.
    pub(crate) backend_url: String,
    /// v2 or v3.
    pub(crate) api: String,
    /// The mini program.
    pub(crate) app_id: String,
    /// The merchant.
    pub(crate) mch_id: String,
    /// WeChat Pay's address.
    pub(crate) wechat_url: String,
    /// The merchant's certificate.
    pub(crate) certificate: Option<CertificateFacts>,
    /// Where its secrets are.
    pub(crate) secrets: SecretKeeping,
    /// Whether desktop notifications are shown.
    pub(crate) alerts: bool,
    /// Where its data are.
    pub(crate) data_folder: String,
}

/// A certificate, in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct CertificateFacts {
    /// Its serial number in hexadecimal.
    pub(crate) serial: String,
    /// Its last instant.
    pub(crate) not_after_ms: Milliseconds,
    /// Whom it names.
    pub(crate) common_name: Option<String>,
}

/// Where a shop's secrets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum SecretKeeping {
    /// In the system's keychain.
    Keychain,
    /// In a sealed file.
    Vault,
    /// In memory only: the demo shop's, which open nothing.
    Memory,
}
