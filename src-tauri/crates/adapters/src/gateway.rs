//! WeChat Pay v2 behind the engine's trait.

use async_trait::async_trait;
use domain::{OutRefundNo, WechatPayment, WechatRefund};
use engine::ports::{GatewayError, GatewayOutcome, PaymentGateway, PaymentNumber, SendRefund};
use wechat_pay::v2::{ApplyRefund, Client, Rejected};
use wechat_pay::{CertificateRefusal, Error, Outcome};

pub(crate) struct WechatPayV2 {
    client: Client,
}

impl WechatPayV2 {
    pub(crate) fn new(client: Client) -> WechatPayV2 {
        WechatPayV2 { client }
    }
}

#[async_trait]
impl PaymentGateway for WechatPayV2 {
    async fn query(&self, number: &PaymentNumber) -> Result<Option<WechatPayment>, GatewayError> {
        found(self.client.query_order(&translate(number)).await)
    }

    async fn refund(&self, refund: &SendRefund) -> Result<String, GatewayError> {
        let apply = ApplyRefund {
            payment: translate(&refund.payment),
            out_refund_no: refund.out_refund_no.clone(),
            total: refund.total,
            refund: refund.amount,
            reason: refund.reason.clone(),
            notify_url: None,
        };
        self.client.refund(&apply).await.map(|accepted| accepted.refund_id).map_err(|error| explain(&error))
    }

    async fn query_refund(&self, number: &OutRefundNo) -> Result<Option<WechatRefund>, GatewayError> {
        found(self.client.query_refund(number).await)
    }
}

fn found<T>(outcome: Result<T, Error>) -> Result<Option<T>, GatewayError> {
    match outcome {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(explain(&error)),
    }
}

fn translate(number: &PaymentNumber) -> wechat_pay::v2::PaymentNumber {
    match number {
        PaymentNumber::TransactionId(number) => wechat_pay::v2::PaymentNumber::TransactionId(number.clone()),
        PaymentNumber::OutTradeNo(number) => wechat_pay::v2::PaymentNumber::OutTradeNo(number.clone()),
    }
}

fn explain(error: &Error) -> GatewayError {
    let outcome = match error.outcome() {
        Outcome::NotSent => GatewayOutcome::NotSent,
        Outcome::Refused => GatewayOutcome::Refused,
        Outcome::RefusedUnlessEarlier => GatewayOutcome::RefusedUnlessEarlier,
        Outcome::Unknown => GatewayOutcome::Unknown,
    };
    GatewayError {
        outcome,
        code: message_code(error),
        err_code: error.code().to_owned(),
        text: error.wechat_text().unwrap_or_default().to_owned(),
    }
}

/// Which text of the error catalogue tells a person about it.
fn message_code(error: &Error) -> &'static str {
    match error {
        Error::Setup { .. }
        | Error::InvalidRequest { .. }
        | Error::Unwritable { .. }
        | Error::NoRandomness { .. } => "internal",
        Error::CertificateMissing | Error::CertificateRefused { refusal: CertificateRefusal::NotSeen } => {
            "wechat_certificate_missing"
        }
        Error::CertificateRefused { refusal: CertificateRefusal::NotAccepted } => {
            "wechat_certificate_not_accepted"
        }
        Error::Unreachable { .. } => "wechat_unreachable",
        Error::Tls { .. } => "wechat_tls",
        Error::Timeout { .. } | Error::Interrupted { .. } => "wechat_timeout",
        Error::Rejected { source: Rejected::Sign(_) } => "wechat_key_wrong",
        Error::Status { .. }
        | Error::TooLarge
        | Error::Rejected { .. }
        | Error::OtherAnswer { .. }
        | Error::Incomplete { .. } => "wechat_bad_answer",
        Error::Refused(_) => wechat_message_code(error.code(), error.is_configuration()),
    }
}

/// Which text of the error catalogue tells a person about WeChat's own `err_code`.
fn wechat_message_code(code: &str, is_configuration: bool) -> &'static str {
    match code {
        "SIGNERROR" => "wechat_key_wrong",
        "CERT_ERROR" => "wechat_certificate_other_merchant",
        "SYSTEMERROR" | "BANKERROR" | "BIZERR_NEED_RETRY" | "FREQUENCY_LIMITED" | "INVALID_REQ_TOO_MUCH" => {
            "wechat_busy"
        }
        "ORDERNOTEXIST" | "INVALID_TRANSACTIONID" => "wechat_order_not_found",
        "NOTENOUGH" => "wechat_not_enough",
        "TRADE_OVERDUE" => "wechat_trade_overdue",
        "USER_ACCOUNT_ABNORMAL" => "wechat_user_account_abnormal",
        _ if is_configuration => "wechat_configuration",
        _ => "wechat_refused",
    }
}

/// Which text of the error catalogue tells a person why a refund stands where it does: for WeChat's `err_code`, a problem
/// code of the contract, or a `console:` word.
pub fn payout_message_code(code: &str) -> &'static str {
    match code {
        "unauthenticated" => "backend_unauthenticated",
        "forbidden" | "scope_missing" => "backend_forbidden",
        "rate_limited" | "upstream_unavailable" | "internal_error" => "backend_busy",
        "console:approval_needed" => "refund_needs_approval",
        "console:one_minute" => "refund_waits_minute",
        "console:not_decidable" => "refund_not_decidable",
        "console:backend_unreachable" | "console:backend_no_answer" => "refund_claim_waiting",
        "console:backend_tls" => "backend_tls",
        "console:backend_bad_answer" | "console:backend_busy" => "refund_claim_waiting",
        "CHANGE" => "wechat_refund_abnormal",
        "REFUNDCLOSE" | "FAIL" => "wechat_refund_closed",
        "state_conflict" => "refund_claim_lost",
        "version_conflict" => "backend_version_conflict",
        "amount_exceeds_refundable" => "amount_exceeds_refundable",
        "console:certificate_missing" => "wechat_certificate_missing",
        "console:certificate_refused" => "wechat_certificate_not_accepted",
        "console:unreachable" => "wechat_unreachable",
        "console:tls" => "wechat_tls",
        "console:bad_signature" => "wechat_key_wrong",
        "console:timeout" | "console:interrupted" => "refund_unknown",
        "console:given_up" => "refund_given_up",
        "APPID_MCHID_NOT_MATCH" | "APPID_NOT_EXIST" | "MCHID_NOT_EXIST" | "NOAUTH" => "wechat_configuration",
        other if other.starts_with("console:") => "refund_unknown",
        other if other.chars().any(|letter| letter.is_ascii_lowercase()) => "backend_refused",
        other => wechat_message_code(other, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_a_payout_has_a_text() {
        for code in [
            "CHANGE",
            "REFUNDCLOSE",
            "NOTENOUGH",
            "SIGNERROR",
            "CERT_ERROR",
            "SYSTEMERROR",
            "NEW_CODE",
            "NOAUTH",
            "console:timeout",
            "console:amount_differs",
            "console:given_up",
            "state_conflict",
            "refund_no_reused",
            "",
        ] {
            let message = payout_message_code(code);
            assert!(catalogue::has(&format!("error.{message}.message")), "{code} -> {message}");
        }
    }
}
