//! What reaches the page when something went wrong: a code, what fills its text, and no prose.

use std::collections::BTreeMap;

use catalogue::Language;
use serde::Serialize;

/// A failure by its code in the error catalogue; `error.<code>.message` and `.hint` are looked up by the page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) struct Fault {
    /// The code.
    pub(crate) code: String,
    /// Fills the text's placeholders, in words of the window's language.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Whether it makes sense to try again by hand.
    pub(crate) retry: Retry,
    /// Also in the log, beside the technical cause.
    pub(crate) reference: String,
}

/// Whether it makes sense to try again by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(specta::Type))]
pub(crate) enum Retry {
    /// Something else has to change first.
    Never,
    /// It does.
    Now,
}

impl Fault {
    /// A failed command: its technical cause goes to the log under a reference of its own, and no further.
    pub(crate) fn logged(fault: &adapters::fault::Fault, language: Language) -> Fault {
        let reference = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
        tracing::warn!(
            reference,
            code = fault.code,
            cause = fault.detail.as_deref().unwrap_or("-"),
            "a command failed"
        );
        Fault { reference, ..Fault::stored(fault, language) }
    }

    /// A failure that is part of what the mirror knows: it was logged when it happened.
    pub(crate) fn stored(fault: &adapters::fault::Fault, language: Language) -> Fault {
        Fault {
            code: fault.code.clone(),
            parameters: fault.worded(language),
            retry: if fault.may_be_repeated() { Retry::Now } else { Retry::Never },
            reference: String::new(),
        }
    }
}
