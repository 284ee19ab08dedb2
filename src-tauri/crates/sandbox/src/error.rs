use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the sandbox could not start or could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the sandbox's folder could not be written.
    #[error("cannot write {path}")]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A listener could not be opened.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A certificate could not be made.
    #[error("cannot make the certificate {subject}")]
    Certificate {
        /// Whose certificate.
        subject: String,
        /// Why.
        #[source]
        source: rcgen::Error,
    },
    /// The PKCS#12 file of the merchant's certificate could not be made.
    #[error("cannot make the PKCS#12 file")]
    Pkcs12 {
        /// Why.
        #[source]
        source: p12_keystore::error::Error,
    },
    /// A TLS configuration was refused.
    #[error("cannot set up TLS")]
    Tls {
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// The check of client certificates could not be set up.
    #[error("cannot set up the check of client certificates")]
    Verifier {
        /// Why.
        #[source]
        source: rustls::server::VerifierBuilderError,
    },
    /// The gateway's address does not make a URL.
    #[error("the gateway's address is no URL")]
    Address {
        /// Why.
        #[source]
        source: url::ParseError,
    },
    /// An HTTP client could not be built.
    #[error("cannot build an HTTP client")]
    HttpClient {
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The demo backend's WeChat client refused its settings, or a call of it failed.
    #[error("the demo backend could not speak with the gateway")]
    WechatPay {
        /// Why.
        #[source]
        source: wechat_pay::Error,
    },
    /// There is no order with this number.
    #[error("there is no order {number}")]
    NoSuchOrder {
        /// The number asked for.
        number: String,
    },
    /// No order of late is paid through WeChat and has anything left that its buyer has not asked back yet.
    #[error("there is nothing that a buyer could ask back")]
    NothingToRefund,
    /// The order's state does not allow what was asked for.
    #[error("order {number} is {state}")]
    WrongState {
        /// The order.
        number: String,
        /// Its state, in the protocol's or contract's word.
        state: String,
    },
    /// A change that was waited for did not come.
    #[error("order {number} did not become {state} in time")]
    NotInTime {
        /// The order.
        number: String,
        /// What was waited for.
        state: &'static str,
    },
}
