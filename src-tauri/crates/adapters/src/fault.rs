//! What a person reads when something went wrong: what happened, whether money moved, what to do next.
//!
//! Every error of the layers below becomes a [`Fault`]: a code of the error catalogue with what fills its text. The
//! window and the command line word it from there, so that both say the same.

mod people;

use std::collections::BTreeMap;
use std::error::Error;

use catalogue::Language;
use domain::Fen;
use domain::time::beijing;
use domain::verify::Discrepancy;
use engine::Trouble;
use engine::ports::{GatewayError, PrintError, SourceError, SourceErrorKind};

use crate::connection::{ConnectWarning, ConnectionError};
use crate::secrets::SecretError;
use crate::settings::{InvalidPrintRule, SettingsError};
use crate::shop::{ChangeError, OpenError, ProbeError};

/// A failure by its code in the error catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The code: `error.<code>.message` and `error.<code>.hint` are its texts.
    pub code: String,
    /// What fills the placeholders of the texts, in the protocol's words; see [`Fault::worded`].
    pub parameters: Vec<(&'static str, String)>,
    /// The technical cause, for whoever helps. It holds no secret.
    pub detail: Option<String>,
}

impl Fault {
    /// A failure whose cause is known from its code alone.
    pub fn new(code: &str, parameters: Vec<(&'static str, String)>) -> Fault {
        Fault { code: code.to_owned(), parameters, detail: None }
    }

    /// A failure of this program itself.
    pub fn internal(error: &dyn Error) -> Fault {
        Fault::new("internal", Vec::new()).caused(error)
    }

    /// WeChat and the backend contradict each other: the first field that differs, amounts in yuan.
    pub fn mismatch(difference: Option<&Discrepancy>) -> Fault {
        let named = |value: fn(&Discrepancy) -> &String| {
            difference
                .map(|difference| format!("{}={}", difference.field, value(difference)))
                .unwrap_or_default()
        };
        let parameters = vec![("expected", named(|one| &one.expected)), ("found", named(|one| &one.found))];
        Fault::new("payment_mismatch", parameters)
    }

    /// The same with its technical cause.
    pub fn caused(self, error: &dyn Error) -> Fault {
        Fault { detail: Some(chain(error)), ..self }
    }

    /// What happened, and whether money moved.
    pub fn message(&self, language: Language) -> String {
        self.text(language, "message")
    }

    /// What to do next.
    pub fn hint(&self, language: Language) -> String {
        self.text(language, "hint")
    }

    /// The parameters as people read them: states and fields of the protocol by name, fen as yuan.
    pub fn worded(&self, language: Language) -> BTreeMap<String, String> {
        let worded = |name: &str, value: &str| match name {
            "expected" | "found" => in_words(language, value),
            "state" => {
                catalogue::find(language, &format!("state.refund.{value}")).unwrap_or(value).to_owned()
            }
            // Kinds of words that a catalogue has a name for.
            "role" | "act" | "limit" => {
                catalogue::find(language, &format!("state.{name}.{value}")).unwrap_or(value).to_owned()
            }
            _ => value.to_owned(),
        };
        self.parameters.iter().map(|(name, value)| ((*name).to_owned(), worded(name, value))).collect()
    }

    /// Whether a "try again" button helps: the cause passes by itself or by a hand at the device, and what is repeated
    /// certainly did not happen. What may have happened is found out by asking and not by doing it again, so an
    /// unknown outcome is no reason to press the button.
    pub fn may_be_repeated(&self) -> bool {
        matches!(
            self.code.as_str(),
            "backend_busy"
                | "backend_tls"
                | "backend_unreachable"
                | "connection_file_unreadable"
                | "data_folder_in_use"
                | "disk_full"
                | "keychain_unavailable"
                | "output_unwritable"
                | "printer_busy"
                | "printer_cover_open"
                | "printer_not_found"
                | "printer_paper_out"
                | "printer_unreachable"
                | "wechat_tls"
                | "wechat_unreachable"
        )
    }

    /// Whether the shop opens as soon as somebody types the passphrase of its vault.
    pub fn wants_passphrase(&self) -> bool {
        matches!(self.code.as_str(), "vault_needs_passphrase" | "vault_passphrase_wrong")
    }

    fn text(&self, language: Language, part: &str) -> String {
        let key = format!("error.{}.{part}", self.code);
        let key = if catalogue::has(&key) { key } else { format!("error.internal.{part}") };
        let texts = self.worded(language);
        let parameters: Vec<(&str, &str)> =
            texts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        catalogue::fill(language, &key, &parameters)
    }
}

/// A field of the protocol and its value, as people read them.
fn in_words(language: Language, named: &str) -> String {
    let Some((field, value)) = named.split_once('=') else { return named.to_owned() };
    let label = catalogue::find(language, &format!("state.field.{field}")).unwrap_or(field);
    match (field, value.parse()) {
        ("total_fee", Ok(fen)) => format!("{label} {}", Fen::new(fen)),
        _ => format!("{label} {value}"),
    }
}

/// The causes, outermost first. None of our errors carries a secret.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// An error that is handed over is worded as one that is looked at.
macro_rules! by_reference {
    ($($error:ty),*) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Fault {
                Fault::from(&error)
            }
        })*
    };
}

by_reference!(
    ConnectionError,
    SecretError,
    SettingsError,
    InvalidPrintRule,
    OpenError,
    ChangeError,
    ProbeError,
    mirror::Error,
    engine::Error,
    engine::Denied,
    SourceError,
    GatewayError,
    PrintError
);

impl From<&ConnectionError> for Fault {
    fn from(error: &ConnectionError) -> Fault {
        Fault::new(error.code(), error.parameters()).caused(error)
    }
}

impl From<&ConnectWarning> for Fault {
    fn from(warning: &ConnectWarning) -> Fault {
        Fault::new(warning.code(), warning.parameters())
    }
}

impl From<&SecretError> for Fault {
    fn from(error: &SecretError) -> Fault {
        Fault::new(error.code(), error.parameters()).caused(error)
    }
}

impl From<&SettingsError> for Fault {
    fn from(error: &SettingsError) -> Fault {
        Fault::new(error.code(), error.parameters()).caused(error)
    }
}

impl From<&InvalidPrintRule> for Fault {
    fn from(error: &InvalidPrintRule) -> Fault {
        Fault::new(error.code(), Vec::new()).caused(error)
    }
}

impl From<&OpenError> for Fault {
    fn from(error: &OpenError) -> Fault {
        match error {
            OpenError::NotConnected { .. } => Fault::new("shop_not_connected", Vec::new()).caused(error),
            OpenError::ShopDiffers { known, given } => {
                let parameters = vec![("known", known.to_string()), ("given", given.to_string())];
                Fault::new("shop_differs", parameters).caused(error)
            }
            OpenError::Settings(error) => error.into(),
            OpenError::Mirror(error) => error.into(),
            OpenError::Secrets(error) => error.into(),
            OpenError::Unusable { what, .. } => {
                Fault::new("settings_unusable", vec![("member", (*what).to_owned())]).caused(error)
            }
            OpenError::UnsupportedApi { api } => {
                Fault::new("api_not_spoken", vec![("api", api.to_string())]).caused(error)
            }
        }
    }
}

impl From<&ChangeError> for Fault {
    fn from(error: &ChangeError) -> Fault {
        match error {
            ChangeError::Settings(error) => error.into(),
            ChangeError::Mirror(error) => error.into(),
        }
    }
}

impl From<&ProbeError> for Fault {
    fn from(error: &ProbeError) -> Fault {
        match error {
            ProbeError::Open(error) => error.into(),
            ProbeError::Source(error) => error.into(),
            ProbeError::Gateway(error) => error.into(),
            ProbeError::OtherShop { known, told } => {
                Fault::new("shop_differs", vec![("known", known.clone()), ("given", told.clone())])
            }
            ProbeError::Clock { seconds } => {
                Fault::new("clock_differs", vec![("seconds", seconds.to_string())])
            }
        }
    }
}

impl From<&mirror::Error> for Fault {
    fn from(error: &mirror::Error) -> Fault {
        Fault::new(mirror_code(error), Vec::new()).caused(error)
    }
}

/// The stable word by which the catalogues have a text and a hint.
pub(crate) fn mirror_code(error: &mirror::Error) -> &'static str {
    match error {
        mirror::Error::Newer { .. } => "database_newer",
        mirror::Error::Full(_) => "disk_full",
        mirror::Error::Busy(_) => "data_folder_in_use",
        mirror::Error::Open { .. }
        | mirror::Error::Damaged(_)
        | mirror::Error::Stored { .. }
        | mirror::Error::Sqlite(_)
        | mirror::Error::Closed => "database_unreadable",
        mirror::Error::Guard { .. } | mirror::Error::Unstorable { .. } | mirror::Error::Panicked => {
            "internal"
        }
    }
}

impl From<&SourceError> for Fault {
    fn from(error: &SourceError) -> Fault {
        let terminal = match &error.kind {
            SourceErrorKind::Conflict { request: Some(request), .. } => request.payout.terminal.clone(),
            _ => None,
        };
        let parameters = vec![
            ("code", error.problem.clone()),
            ("text", error.text.clone()),
            ("terminal", terminal.map_or_else(|| "-".to_owned(), |terminal| terminal.to_string())),
            // The backend's sentence has the number; ours says where to look.
            ("max", "…".to_owned()),
        ];
        Fault::new(error.code, parameters).caused(error)
    }
}

impl From<&GatewayError> for Fault {
    fn from(error: &GatewayError) -> Fault {
        let parameters = vec![("code", error.err_code.clone()), ("text", error.text.clone())];
        Fault::new(error.code, parameters).caused(error)
    }
}

impl From<&PrintError> for Fault {
    fn from(error: &PrintError) -> Fault {
        Fault::new(error.code, vec![("printer", error.printer.clone())]).caused(error)
    }
}

impl From<&Trouble> for Fault {
    fn from(trouble: &Trouble) -> Fault {
        let parameters = vec![
            ("code", trouble.detail.clone()),
            ("text", trouble.text.clone()),
            ("terminal", "-".to_owned()),
            ("max", "-".to_owned()),
        ];
        let detail = [Some(trouble.detail.as_str()), trouble.number.as_deref(), Some(trouble.text.as_str())]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        Fault { detail: Some(detail), ..Fault::new(&trouble.code, parameters) }
    }
}

impl From<&engine::Error> for Fault {
    fn from(error: &engine::Error) -> Fault {
        use engine::Error;
        let (code, parameters) = match error {
            Error::Mirror(inner) => return inner.into(),
            Error::Source(inner) => return inner.into(),
            Error::Gateway(inner) => return inner.into(),
            Error::Denied(inner) => return inner.into(),
            Error::Pin(_) => ("internal", Vec::new()),
            Error::NoOrder { number } => ("order_not_found", vec![("number", number.clone())]),
            Error::NoRefundRequest { id } => ("refund_request_not_found", vec![("id", id.clone())]),
            Error::AmountAbove { max } => ("amount_exceeds_refundable", vec![("max", max.to_string())]),
            Error::AmountFixed { amount } => ("amount_fixed", vec![("amount", amount.to_string())]),
            Error::NotDecidable { state } => ("refund_not_decidable", vec![("state", state.clone())]),
            Error::HeldElsewhere { terminal } => ("backend_conflict", vec![("terminal", terminal.clone())]),
            Error::AlreadyRunning { .. } => ("refund_already_running", Vec::new()),
            Error::Stale => ("refund_stale", Vec::new()),
            Error::NothingLeft => ("refund_nothing_left", Vec::new()),
            Error::NoPrintJob { .. } => ("print_job_not_found", Vec::new()),
            Error::PrintRunning { .. } => ("print_job_running", Vec::new()),
            Error::AlreadyDone => ("refund_already_done", Vec::new()),
            Error::DoneEarlier { at } => {
                let at = beijing().to_datetime(*at).strftime("%m-%d %H:%M").to_string();
                ("refund_done_earlier", vec![("at", at)])
            }
            Error::EndedHere => ("refund_ended_here", Vec::new()),
            Error::NotOffered => ("refund_not_offered", Vec::new()),
            Error::Mismatch { difference } => return Fault::mismatch(difference.as_ref()),
            Error::AmountInvalid => ("amount_invalid", Vec::new()),
            Error::OtherShop { known, told } => {
                ("shop_differs", vec![("known", known.clone()), ("given", told.clone())])
            }
            Error::Panicked => ("internal", Vec::new()),
            Error::NotPaid => ("payment_not_paid", Vec::new()),
            Error::NotWechat => ("payment_not_wechat", Vec::new()),
            Error::OtherMerchant { found } => ("payment_other_merchant", vec![("found", found.clone())]),
        };
        Fault::new(code, parameters).caused(error)
    }
}

#[cfg(test)]
mod tests {
    use engine::ports::GatewayOutcome;

    use super::*;

    #[test]
    fn parameters_are_worded_for_people() {
        let difference =
            Discrepancy { field: "total_fee".to_owned(), expected: "3780".to_owned(), found: "1".to_owned() };
        let fault = Fault::mismatch(Some(&difference));
        let worded = fault.worded(Language::ZhCn);
        assert_eq!(worded["expected"], "金额 37.80");
        assert_eq!(worded["found"], "金额 0.01");
        assert!(fault.message(Language::ZhCn).contains("金额 37.80"));

        let decided = Fault::from(engine::Error::NotDecidable { state: "succeeded".to_owned() });
        assert_eq!(decided.worded(Language::En)["state"], "Refunded");
        assert!(decided.message(Language::En).contains("Refunded"));
        let unheard_of = Fault::from(engine::Error::NotDecidable { state: "of_tomorrow".to_owned() });
        assert_eq!(unheard_of.worded(Language::En)["state"], "of_tomorrow");
    }

    #[test]
    fn a_fault_without_a_text_is_an_internal_one_and_keeps_its_cause() {
        let fault = Fault::new("nobody_wrote_this", Vec::new());
        assert_eq!(fault.message(Language::En), Fault::new("internal", Vec::new()).message(Language::En));
        let caused = Fault::internal(&SettingsError::TooNew { path: "a".into(), version: 9 });
        assert_eq!(caused.detail.as_deref(), Some("a has version 9, this program knows 1"));
    }

    #[test]
    fn what_may_have_happened_is_not_offered_again() {
        let unknown = ["wechat_timeout", "wechat_bad_answer", "wechat_busy", "backend_no_answer"];
        let unfinished = ["refund_unknown", "refund_already_running", "internal", "printer_timeout"];
        let unplugged = ["printer_unplugged", "backend_version_conflict"];
        for code in unknown.iter().chain(&unfinished).chain(&unplugged) {
            assert!(!Fault::new(code, Vec::new()).may_be_repeated(), "{code}");
        }
        let error = GatewayError {
            outcome: GatewayOutcome::NotSent,
            code: "wechat_unreachable",
            err_code: "console:unreachable".to_owned(),
            text: String::new(),
        };
        assert!(Fault::from(&error).may_be_repeated());
    }

    #[test]
    fn every_engine_error_has_its_texts_in_every_language() {
        use engine::Error;
        let text = || "x".to_owned();
        let errors = [
            Error::NoOrder { number: text() },
            Error::NoRefundRequest { id: text() },
            Error::AmountInvalid,
            Error::AmountAbove { max: Fen::new(1) },
            Error::AmountFixed { amount: Fen::new(1) },
            Error::NotDecidable { state: text() },
            Error::HeldElsewhere { terminal: text() },
            Error::AlreadyRunning { out_refund_no: text() },
            Error::Stale,
            Error::NothingLeft,
            Error::NoPrintJob { id: 1 },
            Error::PrintRunning { id: 1 },
            Error::AlreadyDone,
            Error::DoneEarlier { at: domain::time::Timestamp::UNIX_EPOCH },
            Error::EndedHere,
            Error::NotOffered,
            Error::Mismatch { difference: None },
            Error::NotPaid,
            Error::NotWechat,
            Error::OtherShop { known: text(), told: text() },
            Error::OtherMerchant { found: text() },
        ];
        for fault in errors.iter().map(Fault::from) {
            assert!(catalogue::has(&format!("error.{}.message", fault.code)), "{}", fault.code);
            for language in Language::ALL {
                for text in [fault.message(language), fault.hint(language)] {
                    assert!(!text.is_empty() && !text.contains('{'), "{}: {text}", fault.code);
                }
            }
        }
    }
}
