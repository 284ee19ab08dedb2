//! The sandbox's certificate authority: made anew at each start, so that no trust outlives a run.
//!
//! It signs the gateway's server certificate and the merchant's client certificate, in the three files that a
//! merchant downloads from WeChat (`apiclient_cert.pem`, `apiclient_key.pem`, `apiclient_cert.p12`).

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use domain::{
    MchId, Secret,
    time::{self, Timestamp},
};
use p12_keystore::{Certificate as P12Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::Error;

/// The authority that both sides of the sandbox trust.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    valid: Validity,
}

/// A merchant's client certificate with its key, as PEM.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// The certificate (`BEGIN CERTIFICATE`).
    pub cert_pem: String,
    /// The private key in PKCS#8 (`BEGIN PRIVATE KEY`).
    pub key_pem: Secret<String>,
}

/// Where the files lie that a merchant would have.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    pub(crate) ca: PathBuf,
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) p12: PathBuf,
}

#[derive(Debug, Clone, Copy)]
struct Validity {
    from: (i32, u8, u8),
    until: (i32, u8, u8),
}

impl Authority {
    pub(crate) fn new(now: Timestamp) -> Result<Authority, Error> {
        let subject = "Zhanggui sandbox CA";
        let valid = Validity::five_years_from(now);
        let failed = |source| Error::Certificate { subject: subject.to_owned(), source };
        let key = KeyPair::generate().map_err(failed)?;
        let mut params = valid.params(subject, Vec::new()).map_err(failed)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(failed)?;
        Ok(Authority {
            certificate: certificate.der().clone(),
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
            valid,
        })
    }

    /// The authority's own certificate, DER.
    pub(crate) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The authority's own certificate, PEM.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A server certificate for `localhost`, both loopback addresses and the host that is listened on.
    pub(crate) fn server(
        &self,
        host: IpAddr,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
        let subject = "api.mch.weixin.qq.com (sandbox)";
        let failed = |source| Error::Certificate { subject: subject.to_owned(), source };
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        if !host.is_unspecified() && !names.contains(&host.to_string()) {
            names.push(host.to_string());
        }
        let mut params = self.valid.params(subject, names).map_err(failed)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok((vec![certificate.der().clone()], key))
    }

    /// A client certificate; its common name is the merchant number, as in WeChat's own.
    pub(crate) fn client(&self, mch_id: &MchId) -> Result<ClientCertificate, Error> {
        let (certificate, key) = self.client_pair(mch_id)?;
        Ok(ClientCertificate { cert_pem: certificate.pem(), key_pem: Secret::new(key.serialize_pem()) })
    }

    fn client_pair(&self, mch_id: &MchId) -> Result<(rcgen::Certificate, KeyPair), Error> {
        let failed = |source| Error::Certificate { subject: mch_id.to_string(), source };
        let mut params = self.valid.params(mch_id.as_str(), Vec::new()).map_err(failed)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?;
        Ok((certificate, key))
    }

    /// Writes the authority's certificate and a merchant's three files into `folder`, which is made if missing.
    pub(crate) fn write(&self, folder: &Path, mch_id: &MchId) -> Result<Files, Error> {
        fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.to_path_buf(), source })?;
        let folder = std::path::absolute(folder)
            .map_err(|source| Error::File { path: folder.to_path_buf(), source })?;
        let files = Files {
            ca: folder.join("ca.pem"),
            cert: folder.join("apiclient_cert.pem"),
            key: folder.join("apiclient_key.pem"),
            p12: folder.join("apiclient_cert.p12"),
        };
        let (certificate, key) = self.client_pair(mch_id)?;
        let p12 = self.pkcs12(mch_id, certificate.der(), &key)?;
        write(&files.ca, self.pem.as_bytes(), Readers::Anyone)?;
        write(&files.cert, certificate.pem().as_bytes(), Readers::Anyone)?;
        write(&files.key, key.serialize_pem().as_bytes(), Readers::Owner)?;
        write(&files.p12, &p12, Readers::Owner)?;
        Ok(files)
    }

    /// The password is the merchant number (sheet wechat-pay-v2, section 1).
    fn pkcs12(&self, mch_id: &MchId, certificate: &[u8], key: &KeyPair) -> Result<Vec<u8>, Error> {
        let failed = |source| Error::Pkcs12 { source };
        let chain = [
            P12Certificate::from_der(certificate).map_err(failed)?,
            P12Certificate::from_der(&self.certificate).map_err(failed)?,
        ];
        let key = PrivateKey::from_der(key.serialized_der()).map_err(failed)?;
        let mut store = KeyStore::new();
        let chain = PrivateKeyChain::new(vec![1], key, chain);
        store.add_entry("Tenpay Certificate", KeyStoreEntry::PrivateKeyChain(chain));
        store.writer(mch_id.as_str()).write().map_err(failed)
    }
}

impl Validity {
    /// From yesterday, so that a clock a few hours off does not matter, for the five years of WeChat's own.
    fn five_years_from(now: Timestamp) -> Validity {
        let day = |time: Timestamp| {
            let date = time.to_zoned_datetime(time::beijing()).date();
            let number = |value: i8| u8::try_from(value).unwrap_or(1);
            (i32::from(date.year()), number(date.month()), number(date.day()))
        };
        Validity {
            from: day(time::plus_seconds(now, -86_400)),
            until: day(time::plus_seconds(now, 5 * 365 * 86_400)),
        }
    }

    fn params(self, subject: &str, names: Vec<String>) -> Result<CertificateParams, rcgen::Error> {
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.remove(DnType::CommonName);
        params.distinguished_name.push(DnType::CommonName, subject);
        params.distinguished_name.push(DnType::OrganizationName, "Zhanggui sandbox");
        // Verifiers that go by the letter of RFC 5280 want a leaf to name its issuer's key.
        params.use_authority_key_identifier_extension = true;
        params.not_before = date_time_ymd(self.from.0, self.from.1, self.from.2);
        params.not_after = date_time_ymd(self.until.0, self.until.1, self.until.2);
        Ok(params)
    }
}

enum Readers {
    Anyone,
    Owner,
}

fn write(path: &Path, content: &[u8], readers: Readers) -> Result<(), Error> {
    use std::io::Write;

    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let mode = match readers {
            Readers::Anyone => 0o644,
            Readers::Owner => 0o600,
        };
        // The mode counts only for a new file; one left over from an earlier run is narrowed before it is filled.
        if path.exists() {
            fs::set_permissions(path, fs::Permissions::from_mode(mode))
                .map_err(|source| Error::File { path: path.to_path_buf(), source })?;
        }
        options.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = readers;
    options
        .open(path)
        .and_then(|mut file| file.write_all(content))
        .map_err(|source| Error::File { path: path.to_path_buf(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_merchant_gets_three_files_and_a_root() {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new(Timestamp::now()).unwrap();
        let mch_id = MchId::new("1900000109").unwrap();
        let files = authority.write(&folder.path().join("new"), &mch_id).unwrap();
        assert!(fs::read_to_string(&files.key).unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
        assert!(fs::read_to_string(&files.cert).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
        let p12 = fs::read(&files.p12).unwrap();
        let policy = p12_keystore::Pkcs12ImportPolicy::Strict;
        assert!(KeyStore::from_pkcs12(&p12, "1900000109", policy).unwrap().private_key_chain().is_some());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            for secret in [&files.key, &files.p12] {
                assert_eq!(fs::metadata(secret).unwrap().permissions().mode() & 0o777, 0o600);
            }
        }
    }
}
