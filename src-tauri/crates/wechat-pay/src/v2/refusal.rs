//! WeChat's "no" in its three kinds (sheet section 4), and what each error code means for the money (sections 6.1 to
//! 6.5).

use std::borrow::Cow;

use thiserror::Error;

use super::Fields;
use super::call::Call;
use crate::Outcome;

/// The longest text of WeChat that is handed on, in characters.
const MAX_TEXT_CHARS: usize = 512;
/// The longest error code that is handed on. WeChat's have at most 32 characters.
const MAX_CODE_CHARS: usize = 64;

/// The code of a refusal at `return_code` whose text is not known.
const GATEWAY_FAILURE: &str = "console:gateway_failure";

/// A failure that WeChat told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("WeChat Pay says {code} to {call}: {}", text.as_deref().unwrap_or("no text"))]
pub struct Refusal {
    call: Call,
    credibility: Credibility,
    code: Cow<'static, str>,
    text: Option<String>,
    meaning: Meaning,
}

/// How far a refusal may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credibility {
    /// `return_code` FAIL: never signed, told before the request was looked at.
    Gateway,
    /// `result_code` FAIL without a sign: never more than "unknown, ask again".
    Unsigned,
    /// `result_code` FAIL with a sign that fits.
    Signed,
}

/// What an error code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Nothing happened, and repeating changes nothing.
    Refused,
    /// Nothing happened now, but an earlier request with the same number may have run.
    RefusedUnlessEarlier,
    /// Nothing happened; somebody has to correct the settings or this program.
    Configuration,
    /// To be sent again unchanged after a pause.
    Again,
    /// Anything may have happened.
    Unknown,
}

impl Refusal {
    /// From a signed answer with `result_code` FAIL.
    pub(crate) fn signed(call: Call, fields: &Fields) -> Refusal {
        let code = error_code(fields);
        let meaning = meaning_of(call, &code);
        Refusal { call, credibility: Credibility::Signed, code, text: text_of(fields), meaning }
    }

    /// From an answer with `result_code` FAIL and no sign.
    pub(crate) fn unsigned(call: Call, fields: &Fields) -> Refusal {
        let code = error_code(fields);
        let meaning = match meaning_of(call, &code) {
            Meaning::Again => Meaning::Again,
            Meaning::Refused | Meaning::RefusedUnlessEarlier | Meaning::Configuration | Meaning::Unknown => {
                Meaning::Unknown
            }
        };
        Refusal { call, credibility: Credibility::Unsigned, code, text: text_of(fields), meaning }
    }

    /// From an answer with `return_code` FAIL.
    pub(crate) fn gateway(call: Call, fields: &Fields) -> Refusal {
        let text = fields.text("return_msg").unwrap_or_default();
        let (code, meaning) = meaning_of_text(text);
        Refusal { call, credibility: Credibility::Gateway, code: code.into(), text: text_of(fields), meaning }
    }

    /// WeChat's error code in the spelling of its tables, or `console:gateway_failure`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// WeChat's text for the operator, at most 512 characters.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    pub(crate) fn outcome(&self) -> Outcome {
        match self.meaning {
            Meaning::Refused | Meaning::Configuration => Outcome::Refused,
            Meaning::RefusedUnlessEarlier => Outcome::RefusedUnlessEarlier,
            Meaning::Again | Meaning::Unknown => Outcome::Unknown,
        }
    }

    pub(crate) fn is_configuration(&self) -> bool {
        self.meaning == Meaning::Configuration
    }

    pub(crate) fn is_transient(&self) -> bool {
        self.meaning == Meaning::Again || self.credibility == Credibility::Unsigned
    }

    pub(crate) fn is_not_found(&self) -> bool {
        let missing = match self.call {
            // WeChat's sandbox said ORDERNOTEXIST about refunds too.
            Call::RefundQuery => matches!(self.code(), "REFUNDNOTEXIST" | "ORDERNOTEXIST"),
            Call::OrderQuery | Call::CloseOrder => self.code() == "ORDERNOTEXIST",
            Call::UnifiedOrder | Call::Refund => false,
        };
        missing && self.credibility == Credibility::Signed
    }
}

/// The codes of the sheet in the spelling of its tables; spellings vary between endpoints and years.
const KNOWN_CODES: &[&str] = &[
    "APPID_MCHID_NOT_MATCH",
    "APPID_NOT_EXIST",
    "BANKERROR",
    "BIZERR_NEED_RETRY",
    "CERT_ERROR",
    "ERROR",
    "FREQUENCY_LIMITED",
    "INVALID_REQUEST",
    "INVALID_REQ_TOO_MUCH",
    "INVALID_TRANSACTIONID",
    "LACK_PARAMS",
    "MCHID_NOT_EXIST",
    "NOAUTH",
    "NOTENOUGH",
    "NOT_UTF8",
    "ORDERCLOSED",
    "ORDERNOTEXIST",
    "ORDERPAID",
    "ORDER_NOT_READY",
    "OUT_TRADE_NO_USED",
    "PARAM_ERROR",
    "POST_DATA_EMPTY",
    "REFUNDNOTEXIST",
    "REFUND_FEE_MISMATCH",
    "REQUIRE_POST_METHOD",
    "SIGNERROR",
    "SYSTEMERROR",
    "TRADE_OVERDUE",
    "TRADE_STATE_ERROR",
    "USER_ACCOUNT_ABNORMAL",
    "XML_FORMAT_ERROR",
];

/// `err_code` (or `error_code`) as the tables spell it; an unknown one as it came.
fn error_code(fields: &Fields) -> Cow<'static, str> {
    let given = fields.text("err_code").or_else(|| fields.text("error_code")).unwrap_or("console:no_code");
    match known_code(given) {
        Some(code) => Cow::Borrowed(code),
        None => Cow::Owned(given.trim().chars().take(MAX_CODE_CHARS).collect()),
    }
}

/// Compared without case, underscores and blanks.
fn known_code(given: &str) -> Option<&'static str> {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| *c != '_' && !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
    };
    let given = letters(given);
    if given == "REQUENCYLIMITED" {
        return Some("FREQUENCY_LIMITED");
    }
    KNOWN_CODES.iter().copied().find(|known| letters(known) == given)
}

fn meaning_of(call: Call, code: &str) -> Meaning {
    match code {
        "SYSTEMERROR" | "BANKERROR" | "BIZERR_NEED_RETRY" | "FREQUENCY_LIMITED" | "INVALID_REQ_TOO_MUCH" => {
            Meaning::Again
        }
        "APPID_MCHID_NOT_MATCH"
        | "APPID_NOT_EXIST"
        | "CERT_ERROR"
        | "MCHID_NOT_EXIST"
        | "NOAUTH"
        | "NOT_UTF8"
        | "POST_DATA_EMPTY"
        | "REQUIRE_POST_METHOD"
        | "SIGNERROR"
        | "XML_FORMAT_ERROR" => Meaning::Configuration,
        "INVALID_REQUEST" | "LACK_PARAMS" | "ORDER_NOT_READY" | "PARAM_ERROR" | "REFUND_FEE_MISMATCH" => {
            Meaning::RefusedUnlessEarlier
        }
        "INVALID_TRANSACTIONID"
        | "NOTENOUGH"
        | "ORDERNOTEXIST"
        | "TRADE_OVERDUE"
        | "USER_ACCOUNT_ABNORMAL" => Meaning::Refused,
        // Definite where the sheet lists them; for a refund they are codes that nobody has explained.
        "ORDERCLOSED" | "ORDERPAID" | "OUT_TRADE_NO_USED" | "REFUNDNOTEXIST" | "TRADE_STATE_ERROR"
            if call != Call::Refund =>
        {
            Meaning::Refused
        }
        _ => Meaning::Unknown,
    }
}

/// What a `return_msg` beside `return_code` FAIL means. There is no code at this level, only text, in two languages.
fn meaning_of_text(text: &str) -> (&'static str, Meaning) {
    if let Some(code) = known_code(text) {
        // A code in place of a text; the call makes no difference to those that the gateway itself tells.
        return (code, meaning_of(Call::Refund, code));
    }
    let plain: String =
        text.chars().filter(|c| *c != '_' && !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
    let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    let missing = ["notexist", "不存在", "invalid", "无效"];
    let unmatched = ["notmatch", "不匹配", "未绑定", "没有绑定"];
    if has(&["签名", "signerror", "signfail", "signatureerror", "invalidsign"]) {
        ("SIGNERROR", Meaning::Configuration)
    } else if has(&["certificate", "证书"]) {
        ("CERT_ERROR", Meaning::Configuration)
    } else if has(&["appid"]) && has(&unmatched) {
        ("APPID_MCHID_NOT_MATCH", Meaning::Configuration)
    } else if has(&["appid"]) && has(&missing) {
        ("APPID_NOT_EXIST", Meaning::Configuration)
    } else if has(&["mchid", "商户号"]) && has(&missing) {
        ("MCHID_NOT_EXIST", Meaning::Configuration)
    } else if has(&["xml格式", "xmlformat"]) {
        ("XML_FORMAT_ERROR", Meaning::Configuration)
    } else if has(&["systemerror", "系统繁忙", "系统错误"]) {
        ("SYSTEMERROR", Meaning::Again)
    } else if has(&["频率", "用户过多", "frequency"]) {
        ("FREQUENCY_LIMITED", Meaning::Again)
    } else {
        (GATEWAY_FAILURE, Meaning::Unknown)
    }
}

fn text_of(fields: &Fields) -> Option<String> {
    ["err_code_des", "return_msg"]
        .iter()
        .find_map(|name| fields.text(name))
        .map(|text| text.chars().take(MAX_TEXT_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(call: Call, code: &str) -> Refusal {
        Refusal::signed(call, &Fields::new().with("err_code", code))
    }

    fn gateway(text: &str) -> Refusal {
        Refusal::gateway(Call::Refund, &Fields::new().with("return_code", "FAIL").with("return_msg", text))
    }

    #[test]
    fn every_code_of_the_refund_table_means_what_the_sheet_says() {
        for (code, outcome) in [
            ("SYSTEMERROR", Outcome::Unknown),
            ("BIZERR_NEED_RETRY", Outcome::Unknown),
            ("FREQUENCY_LIMITED", Outcome::Unknown),
            ("INVALID_REQ_TOO_MUCH", Outcome::Unknown),
            ("NOTENOUGH", Outcome::Refused),
            ("TRADE_OVERDUE", Outcome::Refused),
            ("ERROR", Outcome::Unknown),
            ("USER_ACCOUNT_ABNORMAL", Outcome::Refused),
            ("INVALID_TRANSACTIONID", Outcome::Refused),
            ("ORDERNOTEXIST", Outcome::Refused),
            ("PARAM_ERROR", Outcome::RefusedUnlessEarlier),
            ("INVALID_REQUEST", Outcome::RefusedUnlessEarlier),
            ("REFUND_FEE_MISMATCH", Outcome::RefusedUnlessEarlier),
            ("ORDER_NOT_READY", Outcome::RefusedUnlessEarlier),
            ("CERT_ERROR", Outcome::Refused),
            ("A_CODE_OF_TOMORROW", Outcome::Unknown),
            ("ORDERPAID", Outcome::Unknown),
        ] {
            assert_eq!(signed(Call::Refund, code).outcome(), outcome, "{code}");
        }
    }

    #[test]
    fn spellings_of_all_years_are_one_code() {
        for (given, code) in [
            ("ORDER_NOT_EXIST", "ORDERNOTEXIST"),
            ("SIGN ERROR", "SIGNERROR"),
            ("sign_error", "SIGNERROR"),
            ("SYSTEM_ERROR", "SYSTEMERROR"),
            ("NO_AUTH", "NOAUTH"),
            ("REQUENCY_LIMITED", "FREQUENCY_LIMITED"),
            ("PARAMERROR", "PARAM_ERROR"),
            ("New_Code", "New_Code"),
        ] {
            assert_eq!(signed(Call::OrderQuery, given).code(), code);
        }
    }

    #[test]
    fn a_missing_order_is_believed_only_when_signed_and_asked_for() {
        assert!(signed(Call::OrderQuery, "ORDERNOTEXIST").is_not_found());
        assert!(signed(Call::RefundQuery, "REFUNDNOTEXIST").is_not_found());
        assert!(signed(Call::RefundQuery, "ORDERNOTEXIST").is_not_found());
        assert!(!signed(Call::Refund, "ORDERNOTEXIST").is_not_found());
        let unsigned =
            Refusal::unsigned(Call::RefundQuery, &Fields::new().with("err_code", "REFUNDNOTEXIST"));
        assert!(!unsigned.is_not_found());
    }

    #[test]
    fn an_unsigned_failure_never_says_more_than_unknown() {
        for code in KNOWN_CODES {
            let refusal = Refusal::unsigned(Call::Refund, &Fields::new().with("err_code", code));
            assert_eq!(refusal.outcome(), Outcome::Unknown, "{code}");
            assert!(!refusal.is_configuration() && refusal.is_transient(), "{code}");
        }
    }

    #[test]
    fn the_gateways_texts_about_key_and_certificate_are_configuration() {
        for (text, code) in [
            ("签名错误", "SIGNERROR"),
            ("签名失败", "SIGNERROR"),
            ("SIGN ERROR", "SIGNERROR"),
            ("certificate not match", "CERT_ERROR"),
            ("商户证书校验失败", "CERT_ERROR"),
            ("appid不存在", "APPID_NOT_EXIST"),
            ("appid and mch_id not match", "APPID_MCHID_NOT_MATCH"),
            ("mch_id不存在", "MCHID_NOT_EXIST"),
            ("XML格式错误", "XML_FORMAT_ERROR"),
            ("REQUIRE_POST_METHOD", "REQUIRE_POST_METHOD"),
        ] {
            let refusal = gateway(text);
            assert!(refusal.is_configuration(), "{text}");
            assert_eq!((refusal.code(), refusal.outcome()), (code, Outcome::Refused), "{text}");
            assert_eq!(refusal.text(), Some(text));
        }
    }

    #[test]
    fn a_text_that_nobody_knows_leaves_the_refund_unknown() {
        let refusal = gateway("您的订单有误");
        assert_eq!(refusal.outcome(), Outcome::Unknown);
        assert_eq!(refusal.code(), "console:gateway_failure");
        for text in ["当前使用此业务的用户过多", "频率限制，1个月之前的订单", "系统繁忙，请稍后再试"]
        {
            assert!(gateway(text).is_transient() && gateway(text).outcome() == Outcome::Unknown, "{text}");
        }
    }

    #[test]
    fn long_texts_are_cut() {
        let fields = Fields::new().with("err_code", &"X".repeat(100)).with("err_code_des", &"错".repeat(600));
        let refusal = Refusal::signed(Call::Refund, &fields);
        assert_eq!(refusal.text().unwrap().chars().count(), 512);
        assert_eq!(refusal.code().len(), 64);
    }
}
