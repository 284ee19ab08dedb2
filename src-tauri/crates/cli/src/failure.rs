//! What a person reads when something went wrong: what happened, whether money moved, what to do next.

use adapters::connection::ConnectionError;
use adapters::secrets::SecretError;
use adapters::settings::SettingsError;
use adapters::shop::OpenError;
use catalogue::Language;
use domain::Fen;
use domain::verify::Discrepancy;
use engine::Trouble;
use engine::ports::{GatewayError, PrintError, SourceError, SourceErrorKind};

/// A failure by its code in the error catalogue.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) code: String,
    parameters: Vec<(&'static str, String)>,
    /// The technical cause, for whoever helps.
    pub(crate) detail: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: &str, parameters: Vec<(&'static str, String)>) -> Failure {
        Failure { code: code.to_owned(), parameters, detail: None }
    }

    pub(crate) fn internal(error: &dyn std::error::Error) -> Failure {
        Failure { detail: Some(chain(error)), ..Failure::new("internal", Vec::new()) }
    }

    /// WeChat and the backend contradict each other: the first field that differs, amounts in yuan.
    pub(crate) fn mismatch(difference: Option<&Discrepancy>) -> Failure {
        let named = |value: fn(&Discrepancy) -> &String| {
            difference
                .map(|difference| format!("{}={}", difference.field, value(difference)))
                .unwrap_or_default()
        };
        let parameters = vec![("expected", named(|one| &one.expected)), ("found", named(|one| &one.found))];
        Failure::new("payment_mismatch", parameters)
    }

    /// The same with its technical cause.
    pub(crate) fn caused(self, error: &dyn std::error::Error) -> Failure {
        Failure { detail: Some(chain(error)), ..self }
    }

    pub(crate) fn message(&self, language: Language) -> String {
        self.text(language, "message")
    }

    pub(crate) fn hint(&self, language: Language) -> String {
        self.text(language, "hint")
    }

    fn text(&self, language: Language, part: &str) -> String {
        let key = format!("error.{}.{part}", self.code);
        let key = if catalogue::has(&key) { key } else { format!("error.internal.{part}") };
        let worded = |name: &str, value: &str| match name {
            "expected" | "found" => in_words(language, value),
            "state" => {
                catalogue::find(language, &format!("state.refund.{value}")).unwrap_or(value).to_owned()
            }
            _ => value.to_owned(),
        };
        let texts: Vec<(&str, String)> =
            self.parameters.iter().map(|(name, value)| (*name, worded(name, value))).collect();
        let parameters: Vec<(&str, &str)> =
            texts.iter().map(|(name, value)| (*name, value.as_str())).collect();
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
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Failure {
        Failure::new(error.code(), error.parameters()).caused(&error)
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Failure {
        Failure::new(error.code(), error.parameters()).caused(&error)
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Failure {
        Failure::new(error.code(), error.parameters()).caused(&error)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Failure {
        match error {
            OpenError::NotConnected { .. } => Failure::new("shop_not_connected", Vec::new()).caused(&error),
            OpenError::Settings(error) => error.into(),
            OpenError::Mirror(error) => error.into(),
            OpenError::Secrets(error) => error.into(),
            OpenError::Unusable { what, .. } => {
                Failure::new("settings_unusable", vec![("member", what.to_owned())]).caused(&error)
            }
            OpenError::UnsupportedApi { api } => {
                Failure::new("api_not_spoken", vec![("api", api.to_string())]).caused(&error)
            }
        }
    }
}

impl From<mirror::Error> for Failure {
    fn from(error: mirror::Error) -> Failure {
        let code = match &error {
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
        };
        Failure::new(code, Vec::new()).caused(&error)
    }
}

impl From<&SourceError> for Failure {
    fn from(error: &SourceError) -> Failure {
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
        Failure::new(error.code, parameters).caused(error)
    }
}

impl From<&GatewayError> for Failure {
    fn from(error: &GatewayError) -> Failure {
        let parameters = vec![("code", error.err_code.clone()), ("text", error.text.clone())];
        Failure::new(error.code, parameters).caused(error)
    }
}

impl From<&PrintError> for Failure {
    fn from(error: &PrintError) -> Failure {
        Failure::new(error.code, vec![("printer", error.printer.clone())]).caused(error)
    }
}

impl From<&Trouble> for Failure {
    fn from(trouble: &Trouble) -> Failure {
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
        Failure { detail: Some(detail), ..Failure::new(&trouble.code, parameters) }
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Failure {
        use engine::Error;
        let (code, parameters) = match &error {
            Error::Mirror(_) => {
                return match error {
                    Error::Mirror(inner) => inner.into(),
                    other => Failure::internal(&other),
                };
            }
            Error::Source(inner) => return inner.into(),
            Error::Gateway(inner) => return inner.into(),
            Error::NoOrder { number } => ("order_not_found", vec![("number", number.clone())]),
            Error::NoRefundRequest { id } => ("refund_request_not_found", vec![("id", id.clone())]),
            Error::AmountAbove { max } => ("amount_exceeds_refundable", vec![("max", max.to_string())]),
            Error::AmountFixed { amount } => ("amount_fixed", vec![("amount", amount.to_string())]),
            Error::NotDecidable { state } => ("refund_not_decidable", vec![("state", state.clone())]),
            Error::HeldElsewhere { terminal } => ("backend_conflict", vec![("terminal", terminal.clone())]),
            Error::AlreadyRunning { .. } => ("refund_already_running", Vec::new()),
            Error::AlreadyDone => ("refund_already_done", Vec::new()),
            Error::NotOffered => ("refund_not_offered", Vec::new()),
            Error::Mismatch { difference } => return Failure::mismatch(difference.as_ref()),
            Error::AmountInvalid => ("amount_invalid", Vec::new()),
            Error::OtherShop { known, told } => {
                ("shop_differs", vec![("known", known.clone()), ("given", told.clone())])
            }
            Error::Panicked => ("internal", Vec::new()),
            Error::NotPaid => ("payment_not_paid", Vec::new()),
            Error::NotWechat => ("payment_not_wechat", Vec::new()),
            Error::OtherMerchant { found } => ("payment_other_merchant", vec![("found", found.clone())]),
        };
        Failure::new(code, parameters).caused(&error)
    }
}
