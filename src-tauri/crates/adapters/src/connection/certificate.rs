//! The files that the JSON names. What is kept of them is written anew from the decoded content: a PEM file may hold
//! remarks and, worse, the private key beside the certificate, and settings are no place for either.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::Secret;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{PemObject, SectionKind};
use wechat_pay::{CertificateError, CertificateFile, ClientCertificate};
use zeroize::Zeroizing;

use super::{ConnectionError, LIMIT};
use crate::files;

pub(super) const CERT_FILE: &str = "wechat_pay.cert_file";
pub(super) const KEY_FILE: &str = "wechat_pay.key_file";
const P12_FILE: &str = "wechat_pay.p12_file";

/// Where the merchant's certificate and its key come from.
pub(super) enum CertificateSource {
    Pair { certificate: PathBuf, key: PathBuf },
    Pkcs12(PathBuf),
}

impl CertificateSource {
    /// The PEM pair if both are there, since a p12 may be of a kind that is not supported; else the p12.
    pub(super) fn choose(
        base_folder: &Path,
        cert_file: Option<PathBuf>,
        key_file: Option<PathBuf>,
        p12_file: Option<PathBuf>,
    ) -> Result<CertificateSource, ConnectionError> {
        match (present(cert_file), present(key_file), present(p12_file)) {
            (Some(certificate), Some(key), _) => Ok(CertificateSource::Pair {
                certificate: base_folder.join(certificate),
                key: base_folder.join(key),
            }),
            (_, _, Some(file)) => Ok(CertificateSource::Pkcs12(base_folder.join(file))),
            (Some(_), None, None) => Err(ConnectionError::MemberMissing { member: KEY_FILE }),
            (None, _, None) => Err(ConnectionError::MemberMissing { member: CERT_FILE }),
        }
    }

    /// Reads certificate and key and checks that they belong together.
    pub(super) fn load(&self, p12_password: &Secret<String>) -> Result<ClientCertificate, ConnectionError> {
        let loaded = match self {
            CertificateSource::Pair { certificate, key } => {
                let certificate = read(CERT_FILE, certificate)?;
                let key = Zeroizing::new(read(KEY_FILE, key)?);
                ClientCertificate::from_pem(&certificate, &key)
            }
            CertificateSource::Pkcs12(file) => {
                ClientCertificate::from_p12(&read(P12_FILE, file)?, p12_password.expose())
            }
        };
        loaded.map_err(|source| self.refused(source))
    }

    /// The error, with the member and file that it is about.
    pub(super) fn refused(&self, source: CertificateError) -> ConnectionError {
        let (member, path) = match self {
            CertificateSource::Pkcs12(file) => (P12_FILE, file),
            CertificateSource::Pair { key, .. } if is_about_the_key(&source) => (KEY_FILE, key),
            CertificateSource::Pair { certificate, .. } => (CERT_FILE, certificate),
        };
        ConnectionError::Certificate { member, path: path.clone(), source }
    }
}

fn is_about_the_key(error: &CertificateError) -> bool {
    match error {
        CertificateError::EncryptedPrivateKey
        | CertificateError::UnusablePrivateKey
        | CertificateError::KeyMismatch => true,
        CertificateError::Empty { file }
        | CertificateError::Pkcs12InsteadOfPem { file }
        | CertificateError::NoCertificate { file }
        | CertificateError::NoPrivateKey { file } => *file == CertificateFile::PrivateKey,
        _ => false,
    }
}

/// The root certificates of the file, as PEM; `None` if no file is named.
pub(super) fn authorities(
    member: &'static str,
    base_folder: &Path,
    file: Option<PathBuf>,
) -> Result<Option<String>, ConnectionError> {
    let Some(file) = present(file) else {
        return Ok(None);
    };
    let path = base_folder.join(file);
    let bytes = read_not_empty(member, &path)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    // What TLS cannot take as a root would only be found out at the first request.
    let all_usable = certificates.iter().all(|root| RootCertStore::empty().add(root.clone()).is_ok());
    if certificates.is_empty() || !all_usable {
        return Err(ConnectionError::NotPem { member, path, wanted: "root certificate" });
    }
    Ok(Some(to_pem("CERTIFICATE", &certificates)))
}

/// The public key of the file, as PEM.
pub(super) fn public_key(
    member: &'static str,
    base_folder: &Path,
    file: &Path,
) -> Result<String, ConnectionError> {
    let path = base_folder.join(file);
    let bytes = read_not_empty(member, &path)?;
    let key = <(SectionKind, Vec<u8>)>::pem_slice_iter(&bytes)
        .filter_map(Result::ok)
        .find(|(kind, _)| *kind == SectionKind::PublicKey);
    match key {
        Some((_, der)) => Ok(to_pem("PUBLIC KEY", &[der])),
        None => Err(ConnectionError::NotPem { member, path, wanted: "public key" }),
    }
}

/// PEM (RFC 7468) with one section for each item.
pub(super) fn to_pem(label: &str, items: &[impl AsRef<[u8]>]) -> String {
    let mut pem = String::new();
    for der in items {
        pem.push_str(&format!("-----BEGIN {label}-----\n"));
        let text = BASE64.encode(der);
        let mut rest = text.as_str();
        while !rest.is_empty() {
            // Base64 is ASCII, so every cut falls between characters.
            let (line, next) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = next;
        }
        pem.push_str(&format!("-----END {label}-----\n"));
    }
    pem
}

/// The path, if it is there and not empty.
pub(super) fn present(path: Option<PathBuf>) -> Option<PathBuf> {
    path.filter(|path| !path.as_os_str().is_empty())
}

fn read_not_empty(member: &'static str, path: &Path) -> Result<Vec<u8>, ConnectionError> {
    let bytes = read(member, path)?;
    if bytes.trim_ascii().is_empty() {
        return Err(ConnectionError::NamedFileEmpty { member, path: path.to_owned() });
    }
    Ok(bytes)
}

fn read(member: &'static str, path: &Path) -> Result<Vec<u8>, ConnectionError> {
    let unreadable = |source| ConnectionError::NamedFileUnreadable { member, path: path.to_owned(), source };
    files::read_limited(path, LIMIT)
        .map_err(unreadable)?
        .ok_or_else(|| unreadable(std::io::ErrorKind::NotFound.into()))
}
