//! PKCS#12 files (RFC 7292).

use domain::Secret;
use p12_keystore::error::Error;
use p12_keystore::{Certificate, Pkcs12Archive};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{CertificateError, CertificateFile, contains, public_key_of};

/// What was found in a file.
pub(super) struct Contents {
    /// The certificates in DER, the key's own first.
    pub(super) chain: Vec<Vec<u8>>,
    /// The key in PKCS#8.
    pub(super) key: Secret<Vec<u8>>,
}

pub(super) fn open(file: &[u8], password: &str) -> Result<Contents, CertificateError> {
    if file.is_empty() {
        return Err(CertificateError::Empty { file: CertificateFile::Pkcs12 });
    }
    if contains(file, b"-----BEGIN ") {
        return Err(CertificateError::PemInsteadOfPkcs12);
    }
    let archive = Pkcs12Archive::from_pkcs12(file, password).map_err(explain)?;
    let [key, ..] = archive.keys.as_slice() else {
        return Err(CertificateError::NoPrivateKey { file: CertificateFile::Pkcs12 });
    };
    let key = Secret::new(key.key.as_der().to_vec());
    let public_key = public_key_of(&key)?;

    // Found by their keys and not by the order of the bags or their attributes, which programs fill differently.
    let is_own = |certificate: &Certificate| {
        X509Certificate::from_der(certificate.as_der())
            .is_ok_and(|(_, parsed)| parsed.tbs_certificate.subject_pki.raw == public_key)
    };
    let certificates = || archive.certs.iter().map(|bag| &bag.cert);
    let own = match (certificates().find(|certificate| is_own(certificate)), certificates().next()) {
        (Some(own), _) => own,
        (None, Some(_)) => return Err(CertificateError::KeyMismatch),
        (None, None) => return Err(CertificateError::NoCertificate { file: CertificateFile::Pkcs12 }),
    };
    // Roots are left out: the other side has its own or does not trust them.
    let between = certificates().filter(|other| *other != own && other.subject() != other.issuer());
    let chain =
        std::iter::once(own).chain(between).map(|certificate| certificate.as_der().to_vec()).collect();
    Ok(Contents { chain, key })
}

/// Whether the bytes start as a PKCS#12 file does: a long DER sequence whose first member is the version, 3.
pub(super) fn looks_like_it(bytes: &[u8]) -> bool {
    let content = match bytes {
        [0x30, 0x80, content @ ..] | [0x30, 0x81, _, content @ ..] | [0x30, 0x82, _, _, content @ ..] => {
            content
        }
        [0x30, 0x83, _, _, _, content @ ..] => content,
        _ => return false,
    };
    content.starts_with(&[0x02, 0x01, 0x03])
}

fn explain(error: Error) -> CertificateError {
    match error {
        // The check sum over the content depends on the password. A file without one fails in decryption.
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => CertificateError::WrongPassword,
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
            CertificateError::UnsupportedEncryption
        }
        source => CertificateError::NotPkcs12 { source },
    }
}
