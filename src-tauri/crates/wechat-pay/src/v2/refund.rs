//! Refunds: asking for one, and the lists with indexed fields that `refundquery` answers (sheet sections 6.4 and 6.5).

use domain::{Fen, OutRefundNo, OutTradeNo, RefundStatus, TransactionId, WechatRefund, time};

use super::answer::{BadField, fen, optional, required, required_text};
use super::credentials::same;
use super::{Fields, PaymentNumber};
use crate::Error;

/// The longest `refund_desc`: the documents say 80 without a unit, and bytes are the safe reading.
const MAX_REASON_BYTES: usize = 80;

/// A refund to be asked for. Everything in it is kept on disk before it is sent, and repeated unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyRefund {
    /// The payment.
    pub payment: PaymentNumber,
    /// The shop's number for the refund: WeChat refunds one number once.
    pub out_refund_no: OutRefundNo,
    /// What the payment was (`total_fee`).
    pub total: Fen,
    /// How much goes back (`refund_fee`), at least one fen and at most the payment.
    pub refund: Fen,
    /// What the buyer reads. Characters that WeChat may not take are left out, and it is cut to 80 bytes.
    pub reason: Option<String>,
    /// Where WeChat posts the refund notice, in place of the address of the merchant platform.
    pub notify_url: Option<String>,
}

/// A refund that WeChat has accepted. The money is under way, not there: `refundquery` tells its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedRefund {
    /// WeChat's number for the refund.
    pub refund_id: String,
    /// The shop's number for the refund.
    pub out_refund_no: OutRefundNo,
    /// WeChat's number for the payment.
    pub transaction_id: Option<TransactionId>,
    /// The shop's number for the payment.
    pub out_trade_no: Option<OutTradeNo>,
    /// How much goes back.
    pub refund: Fen,
    /// How much of it goes back to the buyer after coupons (`cash_refund_fee`).
    pub payer_refund: Option<Fen>,
}

/// One refund in an answer of `refundquery`, with the coupons that went back.
#[derive(Debug, Clone, PartialEq)]
pub struct RefundEntry {
    /// The refund.
    pub refund: WechatRefund,
    /// The coupons.
    pub coupons: Vec<RefundedCoupon>,
}

/// A coupon that went back with a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundedCoupon {
    /// `coupon_refund_id_$n_$m`.
    pub id: String,
    /// `coupon_type_$n_$m`: CASH or NO_CASH.
    pub kind: Option<String>,
    /// `coupon_refund_fee_$n_$m`.
    pub amount: Option<Fen>,
}

impl ApplyRefund {
    pub(super) fn fields(&self) -> Result<Fields, Error> {
        let invalid = |field, what| Err(Error::InvalidRequest { field, what });
        if !self.refund.is_positive() {
            return invalid("refund_fee", "is below one fen");
        }
        if self.refund > self.total {
            return invalid("refund_fee", "is more than total_fee");
        }
        let mut fields = Fields::new()
            .with(self.payment.field(), self.payment.as_str())
            .with("out_refund_no", self.out_refund_no.as_str())
            .with("total_fee", &self.total.get().to_string())
            .with("refund_fee", &self.refund.get().to_string());
        if let Some(reason) = self.reason.as_deref().and_then(presentable) {
            fields.push("refund_desc", &reason);
        }
        if let Some(url) = &self.notify_url {
            fields.push("notify_url", url);
        }
        Ok(fields)
    }

    /// The answer, if it is about this refund and no other.
    pub(super) fn accepted(&self, fields: &Fields) -> Result<AcceptedRefund, Error> {
        same(fields, self.payment.field(), self.payment.as_str())?;
        same(fields, "out_refund_no", self.out_refund_no.as_str())?;
        required_text(fields, "out_refund_no")?;
        // A repeated request returns the first result, so another amount would be another refund under this number.
        let refund = optional(fields, "refund_fee", fen)?.unwrap_or(self.refund);
        if refund != self.refund {
            return Err(Error::OtherAnswer { field: "refund_fee" });
        }
        Ok(AcceptedRefund {
            refund_id: required_text(fields, "refund_id")?.to_owned(),
            out_refund_no: self.out_refund_no.clone(),
            transaction_id: optional(fields, "transaction_id", TransactionId::new)?,
            out_trade_no: optional(fields, "out_trade_no", OutTradeNo::new)?,
            refund,
            payer_refund: optional(fields, "cash_refund_fee", fen)?,
        })
    }
}

/// The refunds of a verified answer of `refundquery`, in the order of their indexes.
pub fn read_refunds(fields: &Fields) -> Result<Vec<RefundEntry>, BadField> {
    let mut indexes = indexes(fields, "out_refund_no_");
    indexes.sort_unstable();
    indexes.into_iter().map(|index| read_entry(fields, index)).collect()
}

fn read_entry(fields: &Fields, index: u32) -> Result<RefundEntry, BadField> {
    let named = |name: &str| format!("{name}_{index}");
    let refund = WechatRefund {
        out_refund_no: required(fields, &named("out_refund_no"), OutRefundNo::new)?,
        refund_id: required_text(fields, &named("refund_id"))?.to_owned(),
        status: RefundStatus::from(required_text(fields, &named("refund_status"))?.to_owned()),
        amount: required(fields, &named("refund_fee"), fen)?,
        succeeded_at: optional(fields, &named("refund_success_time"), time::from_spaced)?,
        // Misspelt by WeChat.
        recv_account: fields.text(&named("refund_recv_accout")).map(str::to_owned),
    };
    let mut coupons = indexes(fields, &format!("coupon_refund_id_{index}_"));
    coupons.sort_unstable();
    let coupons = coupons.into_iter().map(|coupon| {
        let named = |name: &str| format!("{name}_{index}_{coupon}");
        Ok(RefundedCoupon {
            id: required_text(fields, &named("coupon_refund_id"))?.to_owned(),
            kind: fields.text(&named("coupon_type")).map(str::to_owned),
            amount: optional(fields, &named("coupon_refund_fee"), fen)?,
        })
    });
    Ok(RefundEntry { refund, coupons: coupons.collect::<Result<_, _>>()? })
}

/// The numbers that follow a prefix in the names of fields. Taken from the names and not from `refund_count`, which
/// counts the page in some texts and the whole in others.
fn indexes(fields: &Fields, prefix: &str) -> Vec<u32> {
    let plain =
        |text: &str| text == "0" || !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    fields
        .iter()
        .filter_map(|(name, _)| name.strip_prefix(prefix))
        .filter(|suffix| plain(suffix))
        .filter_map(|suffix| suffix.parse().ok())
        .collect()
}

/// A reason that WeChat takes: no control characters (line ends among them) and none beyond three bytes of UTF-8, which
/// v3 forbids and v2 is silent about; then cut to 80 bytes. Nothing is left of a reason of blanks.
fn presentable(reason: &str) -> Option<String> {
    let allowed = |c: &char| !c.is_control() && c.len_utf8() < 4 && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    let mut text: String = reason.chars().filter(allowed).collect();
    text.truncate(text.floor_char_boundary(MAX_REASON_BYTES));
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refund() -> ApplyRefund {
        ApplyRefund {
            payment: PaymentNumber::OutTradeNo(OutTradeNo::new("T1").unwrap()),
            out_refund_no: OutRefundNo::new("mr1-abc").unwrap(),
            total: Fen::new(600),
            refund: Fen::new(142),
            reason: None,
            notify_url: None,
        }
    }

    fn accepted() -> Fields {
        Fields::new()
            .with("transaction_id", "4200000345")
            .with("out_trade_no", "T1")
            .with("out_refund_no", "mr1-abc")
            .with("refund_id", "50000001372019072510795556611")
            .with("refund_fee", "142")
    }

    #[test]
    fn a_refund_is_written_in_fen() {
        let fields = refund().fields().unwrap();
        let written: Vec<_> = fields.iter().collect();
        assert_eq!(
            written,
            [
                ("out_trade_no", "T1"),
                ("out_refund_no", "mr1-abc"),
                ("total_fee", "600"),
                ("refund_fee", "142")
            ]
        );
    }

    #[test]
    fn an_impossible_amount_is_not_sent() {
        for wrong in [0, -1, 601] {
            let refund = ApplyRefund { refund: Fen::new(wrong), ..refund() };
            assert!(
                matches!(refund.fields(), Err(Error::InvalidRequest { field: "refund_fee", .. })),
                "{wrong}"
            );
        }
    }

    #[test]
    fn reasons_lose_what_wechat_may_not_take() {
        let written = |reason: &str| {
            let refund = ApplyRefund { reason: Some(reason.to_owned()), ..refund() };
            refund.fields().unwrap().get("refund_desc").map(str::to_owned)
        };
        assert_eq!(written("卖完了\r\n\u{1b}[0m😀!").as_deref(), Some("卖完了[0m!"));
        assert_eq!(written(" \n😀 "), None);
        assert_eq!(written(&"退".repeat(40)).unwrap().len(), 78, "cut between characters");
    }

    #[test]
    fn only_an_answer_about_this_refund_counts() {
        assert_eq!(refund().accepted(&accepted()).unwrap().refund_id, "50000001372019072510795556611");
        for (name, other) in [("out_trade_no", "T2"), ("out_refund_no", "mr1-abd"), ("refund_fee", "600")] {
            let mut fields = accepted();
            fields.remove(name);
            fields.push(name, other);
            let error = refund().accepted(&fields).unwrap_err();
            assert!(matches!(error, Error::OtherAnswer { field } if field == name), "{name}");
        }
    }

    #[test]
    fn entries_are_read_whatever_index_they_start_with() {
        let entry = |index: u32, number: &str| {
            [("out_refund_no", number), ("refund_id", "5"), ("refund_fee", "1"), ("refund_status", "CHANGE")]
                .map(|(name, value)| (format!("{name}_{index}"), value.to_owned()))
        };
        let mut fields = Fields::new().with("out_refund_no_01", "not an index").with("refund_count", "7");
        for (name, value) in [entry(11, "R11"), entry(2, "R2")].concat() {
            fields.push(&name, &value);
        }
        let entries = read_refunds(&fields).unwrap();
        let numbers: Vec<_> = entries.iter().map(|entry| entry.refund.out_refund_no.as_str()).collect();
        assert_eq!(numbers, ["R2", "R11"]);
        assert_eq!(entries[0].refund.status, RefundStatus::Change);
    }

    #[test]
    fn an_entry_without_its_state_is_not_guessed() {
        let fields =
            Fields::new().with("out_refund_no_0", "R").with("refund_id_0", "5").with("refund_fee_0", "1");
        assert_eq!(read_refunds(&fields), Err(BadField::new("refund_status_0")));
    }
}
