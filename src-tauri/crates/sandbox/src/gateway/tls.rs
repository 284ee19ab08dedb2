//! TLS as WeChat's servers do it: a client certificate is asked for and never demanded. Whether one is needed is
//! decided by path, in the application, which answers in HTML as nginx does (sheet foreign-clients, "What the gateway
//! needs").

use std::io;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use std::net::IpAddr;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::Error;
use crate::certificates::Authority;
use crate::serve::Socket;

/// The certificate that a caller came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PeerCertificate {
    /// None.
    Missing,
    /// One that is not from the sandbox's authority, is expired, or is not for clients.
    NotAccepted,
    /// A merchant's, accepted; the common name is the merchant number.
    Merchant(String),
}

/// Accepts TLS connections and tells whose they are.
#[derive(Clone)]
pub(crate) struct Acceptor {
    tls: TlsAcceptor,
    verifier: Arc<dyn ClientCertVerifier>,
}

impl Acceptor {
    pub(crate) fn new(authority: &Authority, host: IpAddr) -> Result<Acceptor, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate().clone()).map_err(|source| Error::Tls { source })?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .allow_unauthenticated()
            .build()
            .map_err(|source| Error::Verifier { source })?;
        let (chain, key) = authority.server(host)?;
        let recorder = Arc::new(Recorder { provider: provider.clone() });
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|source| Error::Tls { source })?
            .with_client_cert_verifier(recorder)
            .with_single_cert(chain, key)
            .map_err(|source| Error::Tls { source })?;
        Ok(Acceptor { tls: TlsAcceptor::from(Arc::new(config)), verifier })
    }

    pub(crate) async fn accept(&self, socket: Socket) -> io::Result<(TlsStream<Socket>, PeerCertificate)> {
        let stream = self.tls.accept(socket).await?;
        let peer = match stream.get_ref().1.peer_certificates() {
            None | Some([]) => PeerCertificate::Missing,
            Some([certificate, rest @ ..]) => self.judge(certificate, rest),
        };
        Ok((stream, peer))
    }

    fn judge(&self, certificate: &CertificateDer<'_>, rest: &[CertificateDer<'_>]) -> PeerCertificate {
        if self.verifier.verify_client_cert(certificate, rest, UnixTime::now()).is_err() {
            return PeerCertificate::NotAccepted;
        }
        let Ok((_, parsed)) = X509Certificate::from_der(certificate) else {
            return PeerCertificate::NotAccepted;
        };
        let name = parsed.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        match name {
            Some(mch_id) => PeerCertificate::Merchant(mch_id.to_owned()),
            None => PeerCertificate::NotAccepted,
        }
    }
}

/// Lets any certificate through the handshake, after checking that the peer has its key. The chain is judged after
/// the handshake by [`Acceptor::judge`]: refusing it inside would end the connection with a TLS alert, where WeChat
/// answers with a page that the merchant can read.
#[derive(Debug)]
struct Recorder {
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for Recorder {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
