//! One request and its reply, inside the bounds of R11.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode, redirect};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use url::{Host, Url};

use crate::error::{Error, Operation};
use crate::problem::Problem;
use crate::read::to_text;

/// Most bytes of a reply, counted after decompression (R11).
pub(crate) const MOST_REPLY_BYTES: usize = 4 * 1024 * 1024;
/// Most bytes of a request body (R11).
pub(crate) const MOST_REQUEST_BYTES: usize = 256 * 1024;

/// Within this a connection stands, or the server is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Within this, plus the time to connect and the wait of a long poll, the whole reply is there.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);

/// What answered in the contract's way.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The JSON of a success. That it is JSON was checked; its strings may still be broken.
    Json(String),
    /// 304.
    NotModified,
}

/// Where a connection may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// TLS to anywhere.
    Https,
    /// TLS to this machine.
    HttpsLoopback,
    /// In clear, to this machine only.
    HttpLoopback,
}

impl Way {
    /// Checks the base address (R11).
    pub(crate) fn of(base: &Url) -> Result<Way, Error> {
        let host = base.host().ok_or(Error::BaseUrl { reason: "names no host" })?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(Error::BaseUrl { reason: "holds a user or a password" });
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(Error::BaseUrl { reason: "has a query or a fragment" });
        }
        let loopback = match &host {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => *address == Ipv6Addr::LOCALHOST,
            Host::Domain(name) => *name == "localhost",
        };
        match (base.scheme(), loopback) {
            ("https", false) => Ok(Way::Https),
            ("https", true) => Ok(Way::HttpsLoopback),
            ("http", true) => Ok(Way::HttpLoopback),
            ("http", false) => Err(Error::PlainHttp { host: host.to_string() }),
            _ => Err(Error::BaseUrl { reason: "is neither https nor http" }),
        }
    }
}

/// The HTTP client: no redirects, no cookies, deadlines, TLS by the system's roots and one more.
pub(crate) fn http_client(way: Way, extra_root_pem: Option<&[u8]>) -> Result<reqwest::Client, Error> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls_config(way, extra_root_pem)?)
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .gzip(true)
        .user_agent(concat!("zhanggui/", env!("CARGO_PKG_VERSION")));
    let builder = match way {
        Way::Https => builder,
        // What is meant for this machine stays on it: no proxy of the environment sees the token, and `localhost` is
        // not looked up, since a foreign name server could send it elsewhere.
        Way::HttpLoopback | Way::HttpsLoopback => builder.no_proxy().resolve_to_addrs(
            "localhost",
            &[SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))],
        ),
    };
    builder.build().map_err(|source| Error::HttpSetup { source })
}

fn tls_config(way: Way, extra_root_pem: Option<&[u8]>) -> Result<rustls::ClientConfig, Error> {
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        // TLS 1.2 and 1.3; rustls knows no older ones.
        .with_safe_default_protocol_versions()
        .map_err(|source| Error::TlsSetup { source })?;
    let mut config = match way {
        // Never used, and so must not fail on a machine without any root certificate.
        Way::HttpLoopback => {
            builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
        }
        Way::Https | Way::HttpsLoopback => {
            let extra_roots = extra_root_pem.map_or(Ok(Vec::new()), certificates)?;
            let verifier = Verifier::new_with_extra_roots(extra_roots, provider)
                .map_err(|source| Error::TlsSetup { source })?;
            // "Dangerous" is the name of the only way in for a verifier of one's own; this one is the system's.
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let wrong = |source| Error::RootCertificate { source };
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(wrong)?;
    if certificates.is_empty() {
        return Err(wrong(rustls::pki_types::pem::Error::NoItemsFound));
    }
    Ok(certificates)
}

/// The deadline of a whole call.
pub(crate) fn deadline(wait: Duration) -> Duration {
    CONNECT_TIMEOUT + REPLY_TIMEOUT + wait
}

/// Sorts a failure of the transport by what it says about the request.
pub(crate) fn failure(operation: Operation, error: reqwest::Error) -> Error {
    // The address names the shop's server, and orders by id.
    let source = error.without_url();
    if source.is_connect() {
        if is_tls(&source) {
            Error::Tls { operation, source }
        } else {
            Error::Unreachable { operation, source }
        }
    } else if source.is_timeout() {
        Error::Timeout { operation, source }
    } else {
        Error::Interrupted { operation, source }
    }
}

fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    if error.is::<rustls::Error>() {
        return true;
    }
    // An io::Error passes over what it wraps when it is asked for its source.
    let cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped as &(dyn std::error::Error + 'static)),
        None => error.source(),
    };
    cause.is_some_and(is_tls)
}

/// Reads the reply inside its bounds and tells answers of the contract from everything else.
pub(crate) async fn read_reply(operation: Operation, response: Response) -> Result<Reply, Error> {
    let status = response.status();
    let retry_after = retry_after(response.headers());
    if status == StatusCode::NOT_MODIFIED {
        return Ok(Reply::NotModified);
    }
    if status.is_redirection() {
        return Err(Error::Redirected { operation, status: status.as_u16() });
    }
    let text = to_text(bounded_body(operation, response).await?);
    let no_answer = Error::NoAnswer { operation, status: status.as_u16(), retry_after };
    let expected = match operation {
        // 202 is the contract's; 200 says no less.
        Operation::PaymentObserved => matches!(status, StatusCode::ACCEPTED | StatusCode::OK),
        _ => status == StatusCode::OK,
    };
    if expected {
        // A cut document fails here, while a broken string inside it is left to the reader of its item.
        return match serde_json::from_str::<&serde_json::value::RawValue>(&text) {
            Ok(_) => Ok(Reply::Json(text)),
            Err(_) => Err(no_answer),
        };
    }
    if !(status.is_client_error() || status.is_server_error()) {
        return Err(no_answer);
    }
    match Problem::read(status.as_u16(), &text) {
        Some(problem) => Err(Error::Refused { operation, problem: Box::new(problem), retry_after }),
        None => Err(no_answer),
    }
}

/// The decoded body. It is counted as it comes, so that neither a long reply nor a gzip bomb fills the memory.
async fn bounded_body(operation: Operation, mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(operation, error))? {
        if body.len() + chunk.len() > MOST_REPLY_BYTES {
            return Err(Error::TooLarge { operation });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whole seconds, as the contract has it; a day at most, lest a foul header silences the shop.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(86_400)))
}

/// The server's clock, as the reply's `Date` tells it.
pub(crate) fn server_time(headers: &HeaderMap) -> Option<jiff::Timestamp> {
    let date = headers.get(DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(address: &str) -> Result<Way, &'static str> {
        Way::of(&address.parse().unwrap()).map_err(|error| match error {
            Error::PlainHttp { .. } => "plain",
            Error::BaseUrl { .. } => "base",
            _ => "other",
        })
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for loopback in [
            "http://127.0.0.1:1/merchant/v1",
            "http://127.9.9.9/",
            "http://[::1]:8/x",
            "http://localhost/",
            "http://127.1/",
        ] {
            assert_eq!(way(loopback), Ok(Way::HttpLoopback), "{loopback}");
        }
        for other in [
            "http://shop.example/merchant/v1",
            "http://192.168.1.2/",
            "http://0.0.0.0/",
            "http://[::ffff:127.0.0.1]/",
            "http://localhost.shop.example/",
            "http://127.0.0.1.shop.example/",
        ] {
            assert_eq!(way(other), Err("plain"), "{other}");
        }
        assert_eq!(way("https://shop.example/merchant/v1"), Ok(Way::Https));
        assert_eq!(way("https://localhost/"), Ok(Way::HttpsLoopback));
        for none in ["ftp://127.0.0.1/", "https://a:b@shop.example/", "https://shop.example/?a", "data:,x"] {
            assert_eq!(way(none), Err("base"), "{none}");
        }
    }

    #[test]
    fn plain_http_needs_no_root_certificate_and_a_foul_one_is_named() {
        assert!(http_client(Way::HttpLoopback, None).is_ok());
        let foul = http_client(Way::Https, Some(b"no certificate")).unwrap_err();
        assert_eq!(foul.code(), "console:invalid_root_certificate");
    }

    #[test]
    fn retry_after_is_whole_seconds_and_bounded() {
        let after = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers).map(|duration| duration.as_secs())
        };
        assert_eq!(after("7"), Some(7));
        assert_eq!(after("99999999999"), Some(86_400));
        assert_eq!(after("Wed, 21 Oct 2015 07:28:00 GMT"), None);
    }
}
