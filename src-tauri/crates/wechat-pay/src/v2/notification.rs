//! Notices that WeChat posts to the shop's backend (sheet section 8), for a relay and for the simulated gateway; a
//! console on a desk has no public address.

use domain::time::{self, Timestamp};
use domain::{
    AppId, Fen, MchId, OutRefundNo, OutTradeNo, RefundStatus, Secret, TransactionId, WechatPayment,
};
use thiserror::Error;

use super::answer::{self, Answer, BadField, Rejected, fen, optional, required, required_text};
use super::req_info;
use super::xml::{self, XmlError};
use super::{Fields, payment as payment_fields};

pub use super::req_info::ReqInfoError;

/// A notice that somebody paid. Its sign was checked; whether `appid`, `mch_id` and the amount are those of our own
/// record is for the caller, who has the record.
#[derive(Debug, Clone, PartialEq)]
pub struct PaymentNotification {
    /// The payment. Only successful ones are told, so its state is SUCCESS.
    pub payment: WechatPayment,
    /// What the order was placed with.
    pub attach: Option<String>,
}

/// A notice about a refund. Nothing in it is signed: it is a reason to ask `refundquery`, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundNotification {
    /// The outer `return_code`.
    pub return_code: String,
    /// The mini program or official account.
    pub appid: AppId,
    /// The merchant.
    pub mch_id: MchId,
    /// What was sealed in `req_info`.
    pub refund: NotifiedRefund,
}

/// The inner fields of a refund notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifiedRefund {
    /// WeChat's number of the payment.
    pub transaction_id: Option<TransactionId>,
    /// The shop's number of the payment.
    pub out_trade_no: Option<OutTradeNo>,
    /// WeChat's number of the refund.
    pub refund_id: String,
    /// The shop's number of the refund.
    pub out_refund_no: OutRefundNo,
    /// `total_fee`.
    pub total: Option<Fen>,
    /// `settlement_total_fee`.
    pub settlement_total: Option<Fen>,
    /// `refund_fee`.
    pub amount: Fen,
    /// `settlement_refund_fee`.
    pub settlement_amount: Option<Fen>,
    /// SUCCESS, CHANGE or REFUNDCLOSE.
    pub status: RefundStatus,
    /// When the money arrived.
    pub succeeded_at: Option<Timestamp>,
    /// The account it went to (`refund_recv_accout`, sic).
    pub recv_account: Option<String>,
    /// Which of the merchant's funds paid (`refund_account`).
    pub account: Option<String>,
    /// API or VENDOR_PLATFORM (`refund_request_source`).
    pub request_source: Option<String>,
}

/// Why a notice is not accepted.
#[derive(Debug, Error)]
pub enum NotificationError {
    /// It is no message of this protocol, or its sign does not fit.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// It does not say SUCCESS.
    #[error("the notice tells of a failure")]
    Failure,
    /// The sealed part does not open.
    #[error(transparent)]
    ReqInfo(#[from] ReqInfoError),
    /// The sealed part is not the XML it should be.
    #[error("the opened req_info cannot be read")]
    Inner {
        /// Why.
        #[source]
        source: XmlError,
    },
    /// A field lacks or cannot be read.
    #[error(transparent)]
    Field(#[from] BadField),
}

impl NotificationError {
    /// The kind of trouble as a word: those of [`Rejected::reason`] and [`ReqInfoError::reason`], `failure` or `field`.
    pub fn reason(&self) -> &'static str {
        match self {
            NotificationError::Rejected(error) => error.reason(),
            NotificationError::Failure => "failure",
            NotificationError::ReqInfo(error) => error.reason(),
            NotificationError::Inner { source } => source.reason(),
            NotificationError::Field(_) => "field",
        }
    }
}

/// Reads a payment notice and checks its sign.
pub fn payment(body: &[u8], key: &Secret<String>) -> Result<PaymentNotification, NotificationError> {
    let fields = match answer::judge(body, key)? {
        Answer::Verified(fields) if fields.get("result_code") == Some("SUCCESS") => fields,
        Answer::Verified(_)
        | Answer::BusinessFailure(_)
        | Answer::GatewayFailure(_)
        | Answer::UnsignedFailure(_) => return Err(NotificationError::Failure),
    };
    let payment = payment_fields::read_notified(&fields)?;
    Ok(PaymentNotification { payment, attach: fields.text("attach").map(str::to_owned) })
}

/// Reads a refund notice and opens its `req_info`.
pub fn refund(body: &[u8], key: &Secret<String>) -> Result<RefundNotification, NotificationError> {
    let outer = xml::read(body).map_err(Rejected::from)?;
    let return_code = required_text(&outer, "return_code").map_err(|_| Rejected::NotAnAnswer)?;
    if return_code != "SUCCESS" {
        return Err(NotificationError::Failure);
    }
    let inner = req_info_fields(key, required_text(&outer, "req_info")?)?;
    Ok(RefundNotification {
        return_code: return_code.to_owned(),
        appid: required(&outer, "appid", AppId::new)?,
        mch_id: required(&outer, "mch_id", MchId::new)?,
        refund: read_refund(&inner)?,
    })
}

/// Opens `req_info` and gives its plaintext: a small document with the root `root`.
pub fn open_req_info(key: &Secret<String>, req_info: &str) -> Result<String, ReqInfoError> {
    req_info::open(key, req_info)
}

/// Seals a plaintext into a `req_info`, as the gateway does.
pub fn seal_req_info(key: &Secret<String>, plaintext: &str) -> String {
    req_info::seal(key, plaintext)
}

/// The reply that stops WeChat from repeating a notice.
pub fn accepted() -> String {
    "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>"
        .to_owned()
}

/// The reply that makes WeChat send the notice again. A message that XML cannot carry is left out.
pub fn refused(message: &str) -> String {
    let failure = Fields::new().with("return_code", "FAIL");
    let told = failure.clone().with("return_msg", message);
    xml::write(&told).or_else(|_| xml::write(&failure)).unwrap_or_default()
}

/// The fields of an opened `req_info`.
pub(crate) fn req_info_fields(key: &Secret<String>, req_info: &str) -> Result<Fields, NotificationError> {
    let plaintext = req_info::open(key, req_info)?;
    xml::read(plaintext.as_bytes()).map_err(|source| NotificationError::Inner { source })
}

fn read_refund(inner: &Fields) -> Result<NotifiedRefund, BadField> {
    let text = |name: &str| inner.text(name).map(str::to_owned);
    Ok(NotifiedRefund {
        transaction_id: optional(inner, "transaction_id", TransactionId::new)?,
        out_trade_no: optional(inner, "out_trade_no", OutTradeNo::new)?,
        refund_id: required_text(inner, "refund_id")?.to_owned(),
        out_refund_no: required(inner, "out_refund_no", OutRefundNo::new)?,
        total: optional(inner, "total_fee", fen)?,
        settlement_total: optional(inner, "settlement_total_fee", fen)?,
        amount: required(inner, "refund_fee", fen)?,
        settlement_amount: optional(inner, "settlement_refund_fee", fen)?,
        status: RefundStatus::from(required_text(inner, "refund_status")?.to_owned()),
        succeeded_at: optional(inner, "success_time", time::from_spaced)?,
        recv_account: text("refund_recv_accout"),
        account: text("refund_account"),
        request_source: text("refund_request_source"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v2::{SignType, sign};

    fn key() -> Secret<String> {
        Secret::new("192006250b4c09247ec02edce69f6a2d".to_owned())
    }

    fn paid() -> Fields {
        Fields::new()
            .with("return_code", "SUCCESS")
            .with("result_code", "SUCCESS")
            .with("appid", "wx8888888888888888")
            .with("mch_id", "1900000109")
            .with("out_trade_no", "T1")
            .with("transaction_id", "1004400740201409030005092168")
            .with("total_fee", "600")
            .with("attach", "桌号 7")
    }

    fn posted(fields: Fields, sign_type: SignType) -> Vec<u8> {
        let sign = sign::sign(&fields, &key(), sign_type);
        xml::write(&fields.with("sign", &sign)).unwrap().into_bytes()
    }

    fn refund_notice(inner: &str) -> Vec<u8> {
        let fields = Fields::new()
            .with("return_code", "SUCCESS")
            .with("appid", "wx8888888888888888")
            .with("mch_id", "1900000109")
            .with("nonce_str", "n")
            .with("req_info", &seal_req_info(&key(), inner));
        xml::write(&fields).unwrap().into_bytes()
    }

    #[test]
    fn a_signed_payment_notice_is_a_paid_payment() {
        for sign_type in [SignType::Md5, SignType::HmacSha256] {
            let notice = payment(&posted(paid(), sign_type), &key()).unwrap();
            assert!(notice.payment.trade_state.is_paid());
            assert_eq!(
                (notice.payment.total, notice.attach.as_deref()),
                (Some(Fen::new(600)), Some("桌号 7"))
            );
        }
    }

    #[test]
    fn a_payment_notice_that_is_not_signed_or_not_a_success_is_refused() {
        let reason = |body: &[u8]| payment(body, &key()).unwrap_err().reason();
        assert_eq!(reason(xml::write(&paid()).unwrap().as_bytes()), "missing sign");
        let mut failed = paid();
        failed.remove("result_code");
        assert_eq!(reason(&posted(failed.clone(), SignType::Md5)), "failure");
        assert_eq!(reason(&posted(failed.with("result_code", "FAIL"), SignType::Md5)), "failure");
        assert_eq!(reason(b"<!DOCTYPE x><xml/>"), "doctype");
    }

    #[test]
    fn a_sealed_refund_notice_opens_to_its_fields() {
        let inner = "<root><out_refund_no>R1</out_refund_no><refund_id>50</refund_id><refund_fee>142</refund_fee>\
                     <refund_status>REFUNDCLOSE</refund_status><success_time></success_time></root>";
        let notice = refund(&refund_notice(inner), &key()).unwrap();
        assert_eq!(notice.refund.status, RefundStatus::Close);
        assert_eq!((notice.refund.amount, notice.refund.succeeded_at), (Fen::new(142), None));
    }

    #[test]
    fn a_refund_notice_that_does_not_open_says_why() {
        let reason = |body: &[u8], key: &Secret<String>| refund(body, key).unwrap_err().reason();
        assert_eq!(reason(&refund_notice("no XML"), &key()), "xml");
        assert_eq!(reason(&refund_notice("<root/>"), &key()), "field");
        assert_eq!(reason(&refund_notice("<root/>"), &Secret::new("f".repeat(32))), "padding");
        assert_eq!(reason(b"<xml><return_code>FAIL</return_code></xml>", &key()), "failure");
    }

    #[test]
    fn replies_are_what_wechat_reads() {
        let accepted = xml::read(accepted().as_bytes()).unwrap();
        assert_eq!((accepted.get("return_code"), accepted.get("return_msg")), (Some("SUCCESS"), Some("OK")));
        let refused_with = |message| xml::read(refused(message).as_bytes()).unwrap();
        assert_eq!(refused_with("金额不符").get("return_msg"), Some("金额不符"));
        assert_eq!(refused_with("\u{0}"), Fields::new().with("return_code", "FAIL"));
    }
}
