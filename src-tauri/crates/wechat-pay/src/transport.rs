//! Getting a message to WeChat and its answer back, with every limit in one place.
//!
//! There are two HTTP clients, one with the merchant's certificate and one without: a shared pool once reused a
//! connection that was opened without certificate, and refunds failed (WxJava#3640). HTTP/1.1 alone is spoken, so that a
//! broken connection is one request's trouble.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect;
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{AlertDescription, crypto};
use rustls_platform_verifier::Verifier;
use url::Url;

use crate::error::CertificateRefusal;
use crate::{ClientCertificate, Error};

/// The longest answer that is read, in bytes.
pub(crate) const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// The charset matters: a client that left it out got "签名错误" for Chinese text (sheet section 1).
const XML: &str = "text/xml; charset=utf-8";

/// How long an idle connection is kept. Shorter than what gateways in between allow, since a request on a connection
/// that the other side is closing ends as "unknown".
const POOL_IDLE: Duration = Duration::from_secs(30);

/// Which of the two HTTP clients carries a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Without client certificate.
    Plain,
    /// With it.
    WithCertificate,
}

/// What a [`Transport`] is made of.
pub(crate) struct Settings<'a> {
    pub(crate) base_url: &'a Url,
    pub(crate) extra_root_pem: Option<&'a [u8]>,
    pub(crate) certificate: Option<&'a ClientCertificate>,
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
}

/// The two HTTP clients and the address they speak to.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    base_url: Url,
    plain: reqwest::Client,
    with_certificate: Option<reqwest::Client>,
}

impl Transport {
    pub(crate) fn new(settings: &Settings<'_>) -> Result<Transport, Error> {
        if settings.base_url.scheme() != "https" || settings.base_url.cannot_be_a_base() {
            return Err(Error::Setup { what: "the address does not start with https", source: None });
        }
        let client = |certificate: Option<&ClientCertificate>| {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls(settings.extra_root_pem, certificate)?)
                .https_only(true)
                .http1_only()
                .no_gzip()
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .connect_timeout(settings.connect_timeout)
                .read_timeout(settings.read_timeout)
                // Both again as one deadline, so that an answer that drips in does not hold the call for ever.
                .timeout(settings.connect_timeout + settings.read_timeout)
                .pool_idle_timeout(POOL_IDLE)
                .build()
                .map_err(|source| setup("the HTTP client", source))
        };
        Ok(Transport {
            base_url: settings.base_url.clone(),
            plain: client(None)?,
            with_certificate: settings
                .certificate
                .map(|certificate| client(Some(certificate)))
                .transpose()?,
        })
    }

    /// Posts a document and gives the body of the answer. Nothing of it was looked at.
    pub(crate) async fn post(&self, path: &str, side: Side, document: String) -> Result<Vec<u8>, Error> {
        let client = match side {
            Side::Plain => &self.plain,
            Side::WithCertificate => self.with_certificate.as_ref().ok_or(Error::CertificateMissing)?,
        };
        let started = Instant::now();
        let exchanged =
            exchange(client.post(self.address(path)).header(CONTENT_TYPE, XML).body(document)).await;
        let elapsed_ms = started.elapsed().as_millis();
        match &exchanged {
            Ok(body) => tracing::debug!(path, elapsed_ms, bytes = body.len(), "WeChat Pay answered"),
            Err(error) => {
                let cause = error as &(dyn StdError + 'static);
                tracing::warn!(path, elapsed_ms, code = error.code(), cause, "no answer from WeChat Pay");
            }
        }
        exchanged
    }

    /// The address may have a path of its own and end in a slash or not.
    fn address(&self, path: &str) -> Url {
        let mut address = self.base_url.clone();
        address.set_path(&format!("{}{path}", self.base_url.path().trim_end_matches('/')));
        address.set_query(None);
        address.set_fragment(None);
        address
    }
}

async fn exchange(request: reqwest::RequestBuilder) -> Result<Vec<u8>, Error> {
    let mut response = request.send().await.map_err(classify)?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Error::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    match status.as_u16() {
        200 => Ok(body),
        status => Err(certificate_page(status, &body).unwrap_or(Error::Status { status })),
    }
}

/// The HTML pages with which the gateway's web server refuses a client certificate (WxJava#3740). They come before any
/// request is handled, so they are definite.
fn certificate_page(status: u16, body: &[u8]) -> Option<Error> {
    let page = String::from_utf8_lossy(body);
    let refusal = if page.contains("No required SSL certificate was sent") {
        CertificateRefusal::NotSeen
    } else if page.contains("The SSL certificate error") {
        CertificateRefusal::NotAccepted
    } else {
        return None;
    };
    (status == 400).then_some(Error::CertificateRefused { refusal })
}

/// What a failure before the answer began says about the request.
fn classify(source: reqwest::Error) -> Error {
    let tls = tls_failure(&source);
    // The alert comes out of the hand-shake. In TLS 1.3 the client has finished its part by then and may have written
    // the request already, but the server reads no request from a client that it did not accept.
    if let Some(rustls::Error::AlertReceived(alert)) = tls
        && let Some(refusal) = certificate_alert(*alert)
    {
        return Error::CertificateRefused { refusal };
    }
    if source.is_connect() {
        if tls.is_some() { Error::Tls { source } } else { Error::Unreachable { source } }
    } else {
        broken(source)
    }
}

/// A failure after which nobody can say whether the request was handled.
fn broken(source: reqwest::Error) -> Error {
    if source.is_timeout() { Error::Timeout { source } } else { Error::Interrupted { source } }
}

fn certificate_alert(alert: AlertDescription) -> Option<CertificateRefusal> {
    match alert {
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => {
            Some(CertificateRefusal::NotSeen)
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied
        // A signature of the certificate or with its key that does not verify.
        | AlertDescription::DecryptError => Some(CertificateRefusal::NotAccepted),
        _ => None,
    }
}

/// The failure of TLS in a chain of causes. An I/O error hides its content from the chain and has to be opened.
fn tls_failure(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(content) => Some(content),
            None => error.source(),
        };
    }
    None
}

/// TLS with the roots of the system and an extra one. There is no way to turn the check off.
fn tls(
    extra_root_pem: Option<&[u8]>,
    certificate: Option<&ClientCertificate>,
) -> Result<ClientConfig, Error> {
    let provider = Arc::new(crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra_roots(extra_root_pem)?, provider.clone())
        .map_err(|source| setup("the trusted root certificates", source))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|source| setup("TLS", source))?
        // Named "dangerous" because any verifier fits here; this is the one of the system.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match certificate {
        None => Ok(builder.with_no_client_auth()),
        Some(certificate) => {
            let chain = certificate.chain_der().iter().cloned().map(CertificateDer::from).collect();
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certificate.key_der().expose().clone()));
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|source| setup("the client certificate", source))
        }
    }
}

fn extra_roots(pem: Option<&[u8]>) -> Result<Vec<CertificateDer<'static>>, Error> {
    let Some(pem) = pem else {
        return Ok(Vec::new());
    };
    let roots: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|source| setup("the extra root certificate", source))?;
    if roots.is_empty() {
        return Err(Error::Setup { what: "the extra root certificate", source: None });
    }
    Ok(roots)
}

fn setup(what: &'static str, source: impl StdError + Send + Sync + 'static) -> Error {
    Error::Setup { what, source: Some(Box::new(source)) }
}
