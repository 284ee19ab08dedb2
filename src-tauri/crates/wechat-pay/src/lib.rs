//! Speaks WeChat Pay's merchant protocol, and nothing else.
//!
//! - [`v2`]: XML and the API key. [`v2::Client`] makes the calls; signing, XML and notices are open to the simulated
//!   gateway as well.
//! - [`ClientCertificate`]: the merchant's certificate, from a PEM pair or a PKCS#12 file.
//! - [`Error`]: what a failure means, above all for the money: [`Outcome`].
//!
//! Nothing in an answer is believed before its signature was checked, no redirect is followed, no request is repeated
//! by itself, and there is no way to turn the check of the server's certificate off.

mod certificate;
mod error;
mod transport;
pub mod v2;
#[cfg(test)]
mod vectors;

pub use certificate::{CertificateError, CertificateFile, CertificateSummary, ClientCertificate};
pub use error::{CertificateRefusal, Error, Outcome};
