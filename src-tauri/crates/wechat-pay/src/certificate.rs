//! The merchant's client certificate (sheet v2, section 1): the PEM pair or the PKCS#12 file of the merchant's
//! download, and what typically goes wrong with them, by name.

use std::fmt;

use domain::Secret;
use domain::time::Timestamp;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::{PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;
use x509_parser::prelude::{FromDer, X509Certificate};

mod pkcs12;
mod pkcs8;

/// A certificate with its private key, checked to belong together. Whether it is still valid is asked with
/// [`ClientCertificate::check_validity`], since an expired one must still be shown.
#[derive(Clone)]
pub struct ClientCertificate {
    chain: Vec<Vec<u8>>,
    key: Secret<Vec<u8>>,
    summary: CertificateSummary,
}

/// What a person needs to recognise a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSummary {
    /// The serial number in upper-case hex, as WeChat's merchant platform shows it.
    pub serial: String,
    /// The subject's common name: the `mch_id` in certificates that WeChat issues.
    pub common_name: Option<String>,
    /// The subject's organisation.
    pub organisation: Option<String>,
    /// The first instant at which it is valid.
    pub not_before: Timestamp,
    /// The last one.
    pub not_after: Timestamp,
}

/// What is wrong with a certificate, its key, or the files that they came in.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file has no content.
    #[error("the {file} is empty")]
    Empty {
        /// Which one.
        file: CertificateFile,
    },
    /// A PKCS#12 file was given where a PEM file is wanted.
    #[error("the {file} is a PKCS#12 file (.p12), a PEM file is wanted")]
    Pkcs12InsteadOfPem {
        /// Which one.
        file: CertificateFile,
    },
    /// A PEM file was given where a PKCS#12 file is wanted.
    #[error("the file is a PEM file, a PKCS#12 file (.p12) is wanted")]
    PemInsteadOfPkcs12,
    /// The file is no PKCS#12 file, or damaged.
    #[error("the file is not a PKCS#12 file, or it is damaged")]
    NotPkcs12 {
        /// What the reader stumbled over.
        #[source]
        source: p12_keystore::error::Error,
    },
    /// The password does not open the PKCS#12 file. WeChat sets the merchant number as password.
    #[error("the password of the PKCS#12 file is wrong")]
    WrongPassword,
    /// The PKCS#12 file is encrypted in a way that is not supported.
    #[error("the PKCS#12 file is encrypted in a way that is not supported; use the PEM pair")]
    UnsupportedEncryption,
    /// There is no certificate.
    #[error("the {file} contains no certificate")]
    NoCertificate {
        /// Where it was looked for.
        file: CertificateFile,
    },
    /// There is no private key.
    #[error("the {file} contains no private key")]
    NoPrivateKey {
        /// Where it was looked for.
        file: CertificateFile,
    },
    /// The private key has a pass phrase; those of WeChat have none.
    #[error("the private key is encrypted")]
    EncryptedPrivateKey,
    /// The private key cannot be read, or is of a kind that is not supported.
    #[error("the private key cannot be used")]
    UnusablePrivateKey,
    /// The certificate cannot be read.
    #[error("the certificate is damaged")]
    DamagedCertificate,
    /// The private key belongs to another certificate.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// The certificate is no longer valid.
    #[error("the certificate expired at {not_after}")]
    Expired {
        /// The last instant at which it was valid.
        not_after: Timestamp,
    },
    /// The certificate is not valid yet, or the clock of this PC is wrong.
    #[error("the certificate is valid only from {not_before}")]
    NotYetValid {
        /// The first instant at which it will be valid.
        not_before: Timestamp,
    },
}

/// The files that certificate and key come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFile {
    /// `apiclient_cert.pem`.
    Certificate,
    /// `apiclient_key.pem`.
    PrivateKey,
    /// `apiclient_cert.p12`.
    Pkcs12,
}

impl fmt::Display for CertificateFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            CertificateFile::Certificate => "certificate file",
            CertificateFile::PrivateKey => "private key file",
            CertificateFile::Pkcs12 => "PKCS#12 file",
        })
    }
}

impl ClientCertificate {
    /// Reads the PEM pair `apiclient_cert.pem` and `apiclient_key.pem`.
    pub fn from_pem(certificate_pem: &[u8], key_pem: &[u8]) -> Result<ClientCertificate, CertificateError> {
        refuse_other_than_pem(certificate_pem, CertificateFile::Certificate)?;
        refuse_other_than_pem(key_pem, CertificateFile::PrivateKey)?;
        let chain: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(certificate_pem)
            .map(|certificate| certificate.map(|certificate| certificate.to_vec()))
            .collect::<Result<_, _>>()
            .map_err(|_| CertificateError::DamagedCertificate)?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate { file: CertificateFile::Certificate });
        }
        ClientCertificate::from_der(chain, key_from_pem(key_pem)?)
    }

    /// Reads the PKCS#12 file `apiclient_cert.p12`, with today's algorithms and with those of old files (RC2-40 and
    /// 3DES with SHA-1). WeChat sets the `mch_id` as its password.
    pub fn from_p12(file: &[u8], password: &str) -> Result<ClientCertificate, CertificateError> {
        let pkcs12::Contents { chain, key } = pkcs12::open(file, password)?;
        ClientCertificate::from_der(chain, key)
    }

    /// Puts a stored certificate together again: the chain in DER, the merchant's own certificate first, and its key in
    /// PKCS#8.
    pub fn from_der(
        chain: Vec<Vec<u8>>,
        key: Secret<Vec<u8>>,
    ) -> Result<ClientCertificate, CertificateError> {
        let own =
            chain.first().ok_or(CertificateError::NoCertificate { file: CertificateFile::Certificate })?;
        let (_, own) = X509Certificate::from_der(own).map_err(|_| CertificateError::DamagedCertificate)?;
        if public_key_of(&key)? != own.tbs_certificate.subject_pki.raw {
            return Err(CertificateError::KeyMismatch);
        }
        let summary = CertificateSummary::of(&own)?;
        Ok(ClientCertificate { chain, key, summary })
    }

    /// The certificates in DER, the merchant's own first.
    pub fn chain_der(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The private key in PKCS#8, for the keychain or the vault.
    pub fn key_der(&self) -> &Secret<Vec<u8>> {
        &self.key
    }

    /// What a person needs to recognise it.
    pub fn summary(&self) -> &CertificateSummary {
        &self.summary
    }

    /// Whether it is valid at `now`; one that is not is refused by WeChat.
    pub fn check_validity(&self, now: Timestamp) -> Result<(), CertificateError> {
        let CertificateSummary { not_before, not_after, .. } = self.summary;
        if now > not_after {
            Err(CertificateError::Expired { not_after })
        } else if now < not_before {
            Err(CertificateError::NotYetValid { not_before })
        } else {
            Ok(())
        }
    }
}

/// The key stays out of it.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ClientCertificate").field("summary", &self.summary).finish_non_exhaustive()
    }
}

impl CertificateSummary {
    /// Reads a certificate alone, without its key.
    ///
    /// # Errors
    ///
    /// [`CertificateError::DamagedCertificate`] if these bytes are no certificate.
    pub fn from_der(der: &[u8]) -> Result<CertificateSummary, CertificateError> {
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|_| CertificateError::DamagedCertificate)?;
        CertificateSummary::of(&certificate)
    }

    fn of(certificate: &X509Certificate<'_>) -> Result<CertificateSummary, CertificateError> {
        let instant = |time: &x509_parser::time::ASN1Time| {
            Timestamp::from_second(time.timestamp()).map_err(|_| CertificateError::DamagedCertificate)
        };
        let subject = certificate.subject();
        let validity = certificate.validity();
        let text = |attribute: Option<&x509_parser::x509::AttributeTypeAndValue<'_>>| {
            attribute.and_then(|attribute| attribute.as_str().ok()).map(str::to_owned)
        };
        // A serial number is positive, so that DER puts a zero byte before one with the highest bit set.
        let serial = certificate.raw_serial();
        let serial = serial.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(serial);
        Ok(CertificateSummary {
            serial: hex::encode_upper(serial),
            common_name: text(subject.iter_common_name().next()),
            organisation: text(subject.iter_organization().next()),
            not_before: instant(&validity.not_before)?,
            not_after: instant(&validity.not_after)?,
        })
    }
}

/// The public half of a private key, as it stands in a certificate.
fn public_key_of(key: &Secret<Vec<u8>>) -> Result<Vec<u8>, CertificateError> {
    let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.expose().as_slice()));
    let signer = any_supported_type(&der).map_err(|_| CertificateError::UnusablePrivateKey)?;
    signer.public_key().map(|public| public.to_vec()).ok_or(CertificateError::UnusablePrivateKey)
}

/// The first private key of a PEM file in PKCS#8.
fn key_from_pem(pem: &[u8]) -> Result<Secret<Vec<u8>>, CertificateError> {
    if contains(pem, b"ENCRYPTED") {
        return Err(CertificateError::EncryptedPrivateKey);
    }
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(pem) {
        let (kind, der) = section.map_err(|_| CertificateError::UnusablePrivateKey)?;
        let der = Secret::new(der);
        match kind {
            SectionKind::PrivateKey => return Ok(der),
            SectionKind::RsaPrivateKey => return Ok(pkcs8::wrap_rsa(&der)),
            SectionKind::EcPrivateKey => return Err(CertificateError::UnusablePrivateKey),
            _ => {}
        }
    }
    Err(CertificateError::NoPrivateKey { file: CertificateFile::PrivateKey })
}

fn refuse_other_than_pem(bytes: &[u8], file: CertificateFile) -> Result<(), CertificateError> {
    if bytes.trim_ascii().is_empty() {
        Err(CertificateError::Empty { file })
    } else if pkcs12::looks_like_it(bytes) {
        Err(CertificateError::Pkcs12InsteadOfPem { file })
    } else {
        Ok(())
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests;
