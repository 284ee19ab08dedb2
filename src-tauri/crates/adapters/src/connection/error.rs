use std::io;
use std::path::PathBuf;

use domain::{ShopId, time};
use thiserror::Error;
use wechat_pay::CertificateError;

use super::certificate::{CERT_FILE, KEY_FILE};
use crate::fault::mirror_code;
use crate::secrets::SecretError;
use crate::settings::SettingsError;

const P12_PASSWORD: &str = "wechat_pay.p12_password";

/// A shop cannot be connected. No variant holds a secret, nor a piece of the JSON, which is full of them.
#[derive(Debug, Error)]
pub enum ConnectionError {
    /// The file with the JSON cannot be read.
    #[error("the connection file {} cannot be read", .path.display())]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The text is not JSON, or a member has the wrong type. The parser's own words are left out: they quote values.
    #[error("the connection is not valid JSON of the expected form (line {line}, column {column})")]
    JsonInvalid {
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
    },
    /// A member that must be there is absent, null or empty.
    #[error("{member} is missing")]
    MemberMissing {
        /// Its path in the JSON.
        member: &'static str,
    },
    /// A member is there but cannot be right.
    #[error("{member} is not valid: {reason}")]
    MemberInvalid {
        /// Its path in the JSON.
        member: &'static str,
        /// What it should be.
        reason: &'static str,
    },
    /// A backend on another computer must be reached by https: the token would travel in the open.
    #[error("{member} is http, but not on this computer")]
    BackendHttpNotLoopback {
        /// Its path in the JSON.
        member: &'static str,
    },
    /// A file that the JSON names cannot be read.
    #[error("{member}: {} cannot be read", .path.display())]
    NamedFileUnreadable {
        /// The member that names it.
        member: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file that the JSON names is empty.
    #[error("{member}: {} is empty", .path.display())]
    NamedFileEmpty {
        /// The member that names it.
        member: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A file does not hold what its member promises, as PEM.
    #[error("{member}: {} does not hold a PEM {wanted}", .path.display())]
    NotPem {
        /// The member that names it.
        member: &'static str,
        /// The file.
        path: PathBuf,
        /// What was looked for.
        wanted: &'static str,
    },
    /// The merchant's certificate or its key cannot be used.
    #[error("{member}: {}", .path.display())]
    Certificate {
        /// The member that names the file.
        member: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: CertificateError,
    },
    /// The data folder belongs to another shop.
    #[error("the folder belongs to shop {known}, not to {given}")]
    ShopDiffers {
        /// Whose folder it is.
        known: ShopId,
        /// Which shop was to be connected.
        given: ShopId,
    },
    /// The secrets cannot be stored.
    #[error(transparent)]
    Secrets(#[from] SecretError),
    /// The settings cannot be read or written.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The folder's mirror cannot be opened, or its audit log not be written.
    #[error(transparent)]
    Mirror(#[from] mirror::Error),
}

impl ConnectionError {
    /// The stable word by which the catalogues have a text and a hint.
    pub fn code(&self) -> &'static str {
        match self {
            ConnectionError::FileUnreadable { .. } => "connection_file_unreadable",
            ConnectionError::JsonInvalid { .. } | ConnectionError::MemberInvalid { .. } => {
                "connection_json_invalid"
            }
            ConnectionError::MemberMissing { .. } => "connection_member_missing",
            ConnectionError::BackendHttpNotLoopback { .. } => "backend_http_not_loopback",
            ConnectionError::NamedFileUnreadable { .. } => "certificate_file_unreadable",
            ConnectionError::NamedFileEmpty { .. } => "certificate_empty",
            ConnectionError::NotPem { .. } => "certificate_not_pem",
            ConnectionError::Certificate { source, .. } => certificate_code(source),
            ConnectionError::ShopDiffers { .. } => "shop_differs",
            ConnectionError::Secrets(error) => error.code(),
            ConnectionError::Settings(error) => error.code(),
            ConnectionError::Mirror(error) => mirror_code(error),
        }
    }

    /// The members of the JSON that are wrong, by their path as in `backend.token`, so that a form can mark its fields:
    /// none where the text is no JSON, more than one where it may be either.
    pub fn members(&self) -> Vec<&'static str> {
        match self {
            ConnectionError::MemberMissing { member }
            | ConnectionError::MemberInvalid { member, .. }
            | ConnectionError::BackendHttpNotLoopback { member }
            | ConnectionError::NamedFileUnreadable { member, .. }
            | ConnectionError::NamedFileEmpty { member, .. }
            | ConnectionError::NotPem { member, .. } => vec![*member],
            ConnectionError::Certificate { member, source, .. } => match source {
                CertificateError::KeyMismatch if *member == KEY_FILE => vec![CERT_FILE, KEY_FILE],
                CertificateError::WrongPassword => vec![*member, P12_PASSWORD],
                _ => vec![*member],
            },
            ConnectionError::ShopDiffers { .. } => vec!["shop.id"],
            ConnectionError::FileUnreadable { .. }
            | ConnectionError::JsonInvalid { .. }
            | ConnectionError::Secrets(_)
            | ConnectionError::Settings(_)
            | ConnectionError::Mirror(_) => Vec::new(),
        }
    }

    /// What fills the placeholders of the text: `path`, `member` (or line and column, where no member can be named),
    /// `date`, `known`, `given`. Never a secret.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let named = |member: &&'static str, path: &PathBuf| {
            vec![("member", (*member).to_owned()), ("path", path.display().to_string())]
        };
        match self {
            ConnectionError::FileUnreadable { path, .. } => vec![("path", path.display().to_string())],
            ConnectionError::JsonInvalid { line, column } => {
                vec![("member", format!("{line}:{column}"))]
            }
            ConnectionError::MemberMissing { member }
            | ConnectionError::MemberInvalid { member, .. }
            | ConnectionError::BackendHttpNotLoopback { member } => vec![("member", (*member).to_owned())],
            ConnectionError::NamedFileUnreadable { member, path, .. }
            | ConnectionError::NamedFileEmpty { member, path }
            | ConnectionError::NotPem { member, path, .. } => named(member, path),
            ConnectionError::Certificate { member, path, source } => {
                let mut parameters = named(member, path);
                parameters.extend(certificate_date(source).map(|date| ("date", date)));
                parameters
            }
            ConnectionError::ShopDiffers { known, given } => {
                vec![("known", known.to_string()), ("given", given.to_string())]
            }
            ConnectionError::Secrets(error) => error.parameters(),
            ConnectionError::Settings(error) => error.parameters(),
            ConnectionError::Mirror(_) => Vec::new(),
        }
    }
}

fn certificate_code(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Empty { .. } => "certificate_empty",
        CertificateError::Pkcs12InsteadOfPem { .. } => "certificate_is_p12",
        CertificateError::PemInsteadOfPkcs12
        | CertificateError::NotPkcs12 { .. }
        | CertificateError::UnsupportedEncryption => "p12_unreadable",
        CertificateError::WrongPassword => "p12_wrong_password",
        CertificateError::NoCertificate { .. } | CertificateError::DamagedCertificate => {
            "certificate_not_pem"
        }
        CertificateError::NoPrivateKey { .. } | CertificateError::UnusablePrivateKey => "certificate_no_key",
        CertificateError::EncryptedPrivateKey => "key_encrypted",
        CertificateError::KeyMismatch => "key_does_not_fit",
        CertificateError::Expired { .. } => "certificate_expired",
        CertificateError::NotYetValid { .. } => "certificate_not_yet_valid",
    }
}

/// The date that the text names, in Beijing time.
fn certificate_date(error: &CertificateError) -> Option<String> {
    match error {
        CertificateError::Expired { not_after } => Some(time::to_spaced(*not_after)),
        CertificateError::NotYetValid { not_before } => Some(time::to_spaced(*not_before)),
        _ => None,
    }
}
