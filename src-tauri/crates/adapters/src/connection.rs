//! The JSON that sets a shop up (`product.md` section 6), its checks, and the setting up itself.
//!
//! Everything that can be wrong without a network is found here, before anything is stored, and named by the member
//! that is wrong: a file that is not there, a key that does not fit, a certificate that has expired. Who connects a
//! shop does it once, with papers they see for the first time.

mod certificate;
mod document;
mod error;
mod trial;
mod url;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::certificate::{Nearness, nearness};
use domain::time::{self, Timestamp};
use domain::{MchId, Secret, ShopId, TerminalId};
use mirror::{AuditKind, Mirror, NewAudit};
use serde_json::json;
use wechat_pay::{CertificateSummary, ClientCertificate};

pub use error::ConnectionError;
pub use trial::{Check, CheckState, Subject, Trial};

use crate::files;
use crate::home::Home;
use crate::secrets::{SecretName, SecretStore};
use crate::settings::{BackendSettings, Settings, SettingsError, WechatPaySettings, difference};
use crate::shop::MIRROR_FILE;
use document::Document;

/// The JSON has some KiB; a file beyond this is another one.
pub(crate) const LIMIT: u64 = 1024 * 1024;

/// Room for a form at once: a vector that grows leaves copies of the keys behind.
const FORM_BYTES: usize = 16 * 1024;

/// A shop as the JSON describes it, checked, with its files read. It holds the secrets.
#[derive(Debug)]
pub struct Connection {
    shop_id: ShopId,
    shop_name: String,
    backend: BackendSettings,
    wechat_pay: WechatPaySettings,
    certificate: ClientCertificate,
    token: Secret<String>,
    api_v2_key: Option<Secret<String>>,
    api_v3_key: Option<Secret<String>>,
    warnings: Vec<ConnectWarning>,
}

/// Certificate files that a person gives beside the JSON. Each takes the place of the one that the JSON names: a shop's
/// developer writes the file, and the merchant's certificate is often not theirs to have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenFiles {
    /// In place of `wechat_pay.cert_file`.
    pub cert: Option<PathBuf>,
    /// In place of `wechat_pay.key_file`.
    pub key: Option<PathBuf>,
    /// In place of `wechat_pay.p12_file`.
    pub p12: Option<PathBuf>,
    /// In place of `wechat_pay.public_key_file`.
    pub public_key: Option<PathBuf>,
}

/// What connecting did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectReport {
    /// The shop.
    pub shop_id: ShopId,
    /// Its name.
    pub shop_name: String,
    /// This installation.
    pub terminal_id: TerminalId,
    /// Whether the folder knew the shop.
    pub acquaintance: Acquaintance,
    /// The merchant's certificate.
    pub certificate: CertificateSummary,
    /// What works but somebody should look at.
    pub warnings: Vec<ConnectWarning>,
}

/// Whether a data folder knew the shop that was connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acquaintance {
    /// The folder was free.
    New,
    /// The same shop again: its settings were replaced, its terminal id and printing kept.
    Again,
}

/// Something that is allowed but probably not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectWarning {
    /// The certificate's name looks like another merchant number. A service provider may mean it so; else WeChat will
    /// refuse refunds ("certificate not match").
    CertificateOfAnotherMerchant {
        /// The number in the certificate.
        certificate: String,
        /// The number in the JSON.
        merchant: MchId,
    },
    /// The certificate is nearer to its end than [`domain::certificate::WARNING_DAYS`] allow without a word.
    CertificateExpiresSoon {
        /// Its last instant.
        not_after: Timestamp,
    },
}

impl ConnectWarning {
    /// The stable word by which the catalogues have a text.
    pub fn code(&self) -> &'static str {
        match self {
            ConnectWarning::CertificateOfAnotherMerchant { .. } => "certificate_other_merchant",
            ConnectWarning::CertificateExpiresSoon { .. } => "certificate_expires_soon",
        }
    }

    /// What fills the placeholders of the text.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            ConnectWarning::CertificateOfAnotherMerchant { certificate, merchant } => {
                vec![("known", certificate.clone()), ("given", merchant.to_string())]
            }
            ConnectWarning::CertificateExpiresSoon { not_after } => {
                vec![("date", time::to_spaced(*not_after))]
            }
        }
    }
}

impl Connection {
    /// Reads the JSON, checks it at the instant `now`, and reads the files that it names: relative paths from
    /// `base_folder`. Members that are absent, null or empty are the same; unknown ones are ignored.
    pub fn read(json: &[u8], base_folder: &Path, now: Timestamp) -> Result<Connection, ConnectionError> {
        Connection::read_document(Document::parse(json)?, base_folder, now)
    }

    fn read_document(
        document: Document,
        base_folder: &Path,
        now: Timestamp,
    ) -> Result<Connection, ConnectionError> {
        let shop_id = document::form("shop.id", document::required("shop.id", document.shop.id)?)?;
        let shop_name = document::line("shop.name", document::required("shop.name", document.shop.name)?)?;

        let backend = document.backend;
        let base_url = document::required("backend.base_url", backend.base_url)?;
        let base_url = url::backend("backend.base_url", &base_url)?;
        let token = document::required_key("backend.token", backend.token)?;
        let backend_ca = certificate::authorities("backend.ca_file", base_folder, backend.ca_file)?;

        let checked = document.wechat_pay.check(base_folder)?;
        checked.certificate.check_validity(now).map_err(|source| checked.source.refused(source))?;
        let warnings = certificate_warnings(&checked.settings.mch_id, checked.certificate.summary(), now);
        Ok(Connection {
            shop_id,
            shop_name,
            backend: BackendSettings::new(base_url, backend_ca),
            wechat_pay: checked.settings,
            certificate: checked.certificate,
            token,
            api_v2_key: checked.api_v2_key,
            api_v3_key: checked.api_v3_key,
            warnings,
        })
    }

    /// Reads the JSON file, with relative paths from its folder.
    pub fn read_file(path: &Path, now: Timestamp) -> Result<Connection, ConnectionError> {
        Connection::read_file_with(path, &GivenFiles::default(), now)
    }

    /// The same with files that a person gave beside it, by whole paths.
    pub fn read_file_with(
        path: &Path,
        given: &GivenFiles,
        now: Timestamp,
    ) -> Result<Connection, ConnectionError> {
        let unreadable = |source| ConnectionError::FileUnreadable { path: path.to_owned(), source };
        let json = files::read_limited(path, LIMIT)
            .map_err(unreadable)?
            .ok_or_else(|| unreadable(std::io::ErrorKind::NotFound.into()))?;
        let json = zeroize::Zeroizing::new(json);
        let mut document = Document::parse(&json)?;
        document.wechat_pay.put(given);
        Connection::read_document(document, path.parent().unwrap_or(Path::new("")), now)
    }

    /// Reads what a person typed into a form: members by their path in the JSON, as in `backend.token`. What is empty
    /// is absent. From here on it is the same JSON, with the same checks, as a file would hold.
    ///
    /// Blanks around a value come from copy and paste and do not count; only a password may want them.
    pub fn read_form<'a>(
        members: impl IntoIterator<Item = (&'a str, &'a str)>,
        now: Timestamp,
    ) -> Result<Connection, ConnectionError> {
        let mut parts: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for (member, value) in members {
            let (part, name) = member.split_once('.').unwrap_or((member, ""));
            let value = if name == "p12_password" { value } else { value.trim() };
            parts.entry(part).or_default().insert(name, value);
        }
        let mut json = zeroize::Zeroizing::new(Vec::with_capacity(FORM_BYTES));
        serde_json::to_writer(&mut *json, &parts)
            .map_err(|_| ConnectionError::JsonInvalid { line: 1, column: 1 })?;
        Connection::read(&json, Path::new(""), now)
    }

    /// Which shop, for the store of its secrets.
    pub fn shop_id(&self) -> &ShopId {
        &self.shop_id
    }

    /// Whose money it is.
    pub fn mch_id(&self) -> &MchId {
        &self.wechat_pay.mch_id
    }

    /// What people call the shop.
    pub fn shop_name(&self) -> &str {
        &self.shop_name
    }

    /// The merchant's certificate.
    pub fn certificate(&self) -> &CertificateSummary {
        self.certificate.summary()
    }

    /// What works but somebody should look at, the gravest first.
    pub fn warnings(&self) -> &[ConnectWarning] {
        &self.warnings
    }

    fn secrets(&self) -> Vec<(SecretName, Secret<Vec<u8>>)> {
        let bytes = |text: &Secret<String>| Secret::new(text.expose().as_bytes().to_vec());
        let mut secrets = vec![
            (SecretName::BackendToken, bytes(&self.token)),
            (SecretName::MerchantKey, self.certificate.key_der().clone()),
        ];
        secrets.extend(self.api_v2_key.as_ref().map(|key| (SecretName::ApiV2Key, bytes(key))));
        secrets.extend(self.api_v3_key.as_ref().map(|key| (SecretName::ApiV3Key, bytes(key))));
        secrets
    }
}

/// Sets the shop up in the data folder: its secrets in the store, the rest in the settings. `actor` is who does it.
///
/// The mirror is opened before anything is stored, so that nothing is connected of which the audit log could not tell; the
/// row itself is written right after the settings, which are a file and no part of its transaction.
///
/// The secrets go first and the settings last. A crash in between leaves a folder that was not connected, or a shop
/// whose settings are still the old ones; connecting again repairs both.
///
/// # Errors
///
/// [`ConnectionError::ShopDiffers`] if the folder belongs to another shop, by its settings or by its mirror: one folder holds
/// one shop, and its orders must not get a stranger's keys. Settings that are damaged are not replaced either.
pub fn connect(
    data_folder: &Path,
    connection: &Connection,
    store: &dyn SecretStore,
    actor: Option<&str>,
) -> Result<ConnectReport, ConnectionError> {
    let known = Settings::load(data_folder)?;
    if let Some(known) = &known
        && known.shop.id != connection.shop_id
    {
        return Err(ConnectionError::ShopDiffers {
            known: known.shop.id.clone(),
            given: connection.shop_id.clone(),
        });
    }
    files::create_private_folder(data_folder)
        .map_err(|source| SettingsError::Unwritable { path: data_folder.to_owned(), source })?;
    let mirror = Mirror::open(&data_folder.join(MIRROR_FILE))?;
    let home = Home::of(&mirror)?;
    if let Some(known) = home.shop
        && known != connection.shop_id
    {
        return Err(ConnectionError::ShopDiffers { known, given: connection.shop_id.clone() });
    }
    let secrets = connection.secrets();
    store.replace_all(&secrets)?;
    let acquaintance = if known.is_some() { Acquaintance::Again } else { Acquaintance::New };
    let (name, backend) = (connection.shop_name.clone(), connection.backend.clone());
    let wechat_pay = connection.wechat_pay.clone();
    let settings = match known.clone() {
        Some(known) => known.reconnected(name, backend, wechat_pay),
        None => {
            let mut settings = Settings::new(connection.shop_id.clone(), name, backend, wechat_pay);
            if let Some(terminal_id) = home.terminal {
                // Its claims at the backend are this installation's, whatever became of its settings.
                settings.terminal_id = terminal_id;
            }
            settings
        }
    };
    let stored: Vec<&str> = secrets.iter().map(|(name, _)| name.as_str()).collect();
    let audit = connected(known.as_ref(), &settings, &stored).by(actor);
    let (folder, kept) = (data_folder.to_owned(), settings.clone());
    mirror.write_blocking::<_, ConnectionError>(move |tx| {
        kept.save(&folder)?;
        tx.set_home(&kept.shop.id, &kept.terminal_id)?;
        tx.audit(&audit, Timestamp::now())?;
        Ok(())
    })?;
    Ok(ConnectReport {
        shop_id: settings.shop.id,
        shop_name: settings.shop.name,
        terminal_id: settings.terminal_id,
        acquaintance,
        certificate: connection.certificate.summary().clone(),
        warnings: connection.warnings.clone(),
    })
}

/// The row of the audit log: what of the settings is other than before, and which secrets were stored, by their names.
fn connected(known: Option<&Settings>, settings: &Settings, secrets: &[&str]) -> NewAudit {
    let (before, after) = difference(known, settings).unwrap_or_default();
    NewAudit::new(AuditKind::ShopConnected, &settings.terminal_id)
        .from(before)
        .to(json!({ "settings": after, "secrets": secrets }))
}

/// What somebody should look at in a certificate of this merchant, the gravest first.
pub fn certificate_warnings(
    mch_id: &MchId,
    certificate: &CertificateSummary,
    now: Timestamp,
) -> Vec<ConnectWarning> {
    let mut warnings = Vec::new();
    if let Some(name) = &certificate.common_name
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_digit())
        && name != mch_id.as_str()
    {
        warnings.push(ConnectWarning::CertificateOfAnotherMerchant {
            certificate: name.clone(),
            merchant: mch_id.clone(),
        });
    }
    if nearness(certificate.not_after, now) != Nearness::Far {
        warnings.push(ConnectWarning::CertificateExpiresSoon { not_after: certificate.not_after });
    }
    warnings
}

#[cfg(test)]
mod audit_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trial_tests;
