//! What an answer or a payment notice is worth (sheet sections 2 and 4): nothing in it is believed before its sign was
//! checked, and an unsigned failure never says more than "unknown, ask again".

use domain::{Fen, Secret};
use thiserror::Error;

use super::xml::{self, XmlError};
use super::{Fields, SignError, sign};

/// A document with `return_code`, sorted by what may be believed of it.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The sign fits and nothing says that the call failed. Everything in it may be believed.
    Verified(Fields),
    /// The sign fits, and `result_code` is FAIL. Everything in it may be believed.
    BusinessFailure(Fields),
    /// `return_code` is FAIL, which is never signed: text for the operator, and nothing to be believed.
    GatewayFailure(Fields),
    /// `return_code` is SUCCESS, `result_code` is FAIL, and there is no sign: seen from production with SYSTEMERROR.
    /// Nothing in it may be believed.
    UnsignedFailure(Fields),
}

/// Why a document is no answer at all.
#[derive(Debug, Error)]
pub enum Rejected {
    /// It could not be read.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// It has no `return_code` that the protocol knows, as when the sandbox of WeChat sent `retcode`.
    #[error("the document carries no return_code")]
    NotAnAnswer,
    /// It says that all went well, and its sign does not bear that out.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Rejected {
    /// The kind of trouble as a word; for documents that could not be read the one of [`XmlError::reason`].
    pub fn reason(&self) -> &'static str {
        match self {
            Rejected::Xml(error) => error.reason(),
            Rejected::NotAnAnswer => "not an answer",
            Rejected::Sign(SignError::Missing) => "missing sign",
            Rejected::Sign(SignError::Mismatch) => "sign mismatch",
            Rejected::Sign(SignError::UnknownSignType { .. }) => "unknown sign_type",
        }
    }
}

/// Reads and judges a document.
pub(crate) fn judge(document: &[u8], key: &Secret<String>) -> Result<Answer, Rejected> {
    let fields = xml::read(document)?;
    match fields.get("return_code") {
        Some("SUCCESS") => {}
        Some("FAIL") => return Ok(Answer::GatewayFailure(fields)),
        Some(_) | None => return Err(Rejected::NotAnAnswer),
    }
    let failed = fields.get("result_code") == Some("FAIL");
    match sign::verify_answer(&fields, key) {
        Ok(_) if failed => Ok(Answer::BusinessFailure(fields)),
        Ok(_) => Ok(Answer::Verified(fields)),
        Err(SignError::Missing) if failed => Ok(Answer::UnsignedFailure(fields)),
        Err(error) => Err(error.into()),
    }
}

/// A field of a believed message lacks or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the field {name} is missing or cannot be read")]
pub struct BadField {
    /// The field.
    pub name: String,
}

impl BadField {
    pub(crate) fn new(name: &str) -> BadField {
        BadField { name: name.to_owned() }
    }
}

/// The text of a field that must be there.
pub(crate) fn required_text<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, BadField> {
    fields.text(name).ok_or_else(|| BadField::new(name))
}

/// A field that must be there, turned into its type.
pub(crate) fn required<'a, T, E>(
    fields: &'a Fields,
    name: &str,
    read: impl FnOnce(&'a str) -> Result<T, E>,
) -> Result<T, BadField> {
    read(required_text(fields, name)?).map_err(|_| BadField::new(name))
}

/// A field that may lack, turned into its type; absent means "not applicable", not zero (sheet section 5).
pub(crate) fn optional<'a, T, E>(
    fields: &'a Fields,
    name: &str,
    read: impl FnOnce(&'a str) -> Result<T, E>,
) -> Result<Option<T>, BadField> {
    fields.text(name).map(read).transpose().map_err(|_| BadField::new(name))
}

/// An amount of whole fen as messages write it: digits, and in fees a minus sign.
pub(crate) fn fen(text: &str) -> Result<Fen, std::num::ParseIntError> {
    text.parse().map(Fen::new)
}
