//! Notices to the shop, repeated until it answers SUCCESS (sheet wechat-pay-v2, section 8).

use std::time::Duration;

use domain::{
    TransactionId,
    time::{self, Timestamp},
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use wechat_pay::v2::{Fields, notification, sign, xml};

use super::Gateway;
use super::ledger::{Refund, RefundState, Trade};
use super::orders::paid_fields;

/// WeChat's pauses before each repeat, in seconds. The sandbox counts a hundredth of each, so that a lost reply is
/// repaired within a test and not within a day.
const PAUSES_S: [u64; 15] =
    [15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800, 21_600, 21_600];
const SCALE: u64 = 100;
/// The shop has to reply within this.
const REPLY_WITHIN: Duration = Duration::from_secs(5);
/// The longest reply that is read; a right one has some hundred bytes.
const MAX_REPLY_BYTES: usize = 64 * 1024;

/// A message that is to reach the shop.
#[derive(Debug)]
pub(crate) struct Notice {
    url: String,
    body: String,
    number: String,
}

/// Carries notices, each on its own task.
pub(crate) struct Courier {
    http: reqwest::Client,
    notices: mpsc::UnboundedReceiver<Notice>,
}

impl Courier {
    pub(crate) fn new(http: reqwest::Client, notices: mpsc::UnboundedReceiver<Notice>) -> Courier {
        Courier { http, notices }
    }

    pub(crate) async fn run(mut self) {
        let mut deliveries = JoinSet::new();
        loop {
            tokio::select! {
                notice = self.notices.recv() => match notice {
                    Some(notice) => drop(deliveries.spawn(deliver(self.http.clone(), notice))),
                    None => return,
                },
                Some(_) = deliveries.join_next(), if !deliveries.is_empty() => {}
            }
        }
    }
}

async fn deliver(http: reqwest::Client, notice: Notice) {
    for pause in std::iter::once(0).chain(PAUSES_S) {
        tokio::time::sleep(Duration::from_millis(pause * 1_000 / SCALE)).await;
        match tokio::time::timeout(REPLY_WITHIN, post(&http, &notice)).await {
            Ok(Ok(true)) => return,
            Ok(Ok(false)) => tracing::debug!(number = notice.number, "the shop did not take a notice"),
            Ok(Err(error)) => tracing::debug!(%error, number = notice.number, "a notice did not arrive"),
            Err(_) => tracing::debug!(number = notice.number, "the shop did not reply to a notice in time"),
        }
    }
}

/// Whether the shop answered SUCCESS.
async fn post(http: &reqwest::Client, notice: &Notice) -> Result<bool, reqwest::Error> {
    let request = http.post(&notice.url).header("Content-Type", "text/xml; charset=utf-8");
    let mut response = request.body(notice.body.clone()).send().await?;
    if !response.status().is_success() {
        return Ok(false);
    }
    let mut reply = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        reply.extend_from_slice(&chunk);
        if reply.len() > MAX_REPLY_BYTES {
            return Ok(false);
        }
    }
    Ok(xml::read(&reply).is_ok_and(|fields| fields.get("return_code") == Some("SUCCESS")))
}

impl Gateway {
    pub(super) fn payment_notice(
        &self,
        trade: &Trade,
        transaction_id: &TransactionId,
        at: Timestamp,
    ) -> Notice {
        let mut fields = Fields::new()
            .with("return_code", "SUCCESS")
            .with("appid", self.identity.app_id.as_str())
            .with("mch_id", self.identity.mch_id.as_str())
            .with("nonce_str", &self.hex(32))
            .with("result_code", "SUCCESS")
            .with("out_trade_no", &trade.out_trade_no);
        if let Some(attach) = &trade.attach {
            fields.push("attach", attach);
        }
        for (name, value) in paid_fields(trade, transaction_id.as_str(), at, trade.total.get()).iter() {
            fields.push(name, value);
        }
        let signature = sign::sign(&fields, &self.identity.api_v2_key, trade.sign_type);
        fields.push("sign", &signature);
        Notice {
            url: trade.notify_url.clone(),
            body: self.write(&fields),
            number: trade.out_trade_no.clone(),
        }
    }

    /// The notice that a refund has ended, if the refund named an address for it.
    pub(super) fn refund_notice(&self, refund: &Refund) -> Option<Notice> {
        let url = refund.notify_url.clone()?;
        let (total, amount) = (refund.total.get().to_string(), refund.amount.get().to_string());
        let success_time = match refund.state {
            RefundState::Ended { at } => time::to_spaced(at),
            RefundState::Processing => String::new(),
        };
        let inner = Fields::new()
            .with("transaction_id", &refund.transaction_id)
            .with("out_trade_no", &refund.out_trade_no)
            .with("refund_id", &refund.refund_id)
            .with("out_refund_no", &refund.out_refund_no)
            .with("total_fee", &total)
            .with("settlement_total_fee", &total)
            .with("refund_fee", &amount)
            .with("settlement_refund_fee", &amount)
            .with("refund_status", refund.status())
            .with("success_time", &success_time)
            .with("refund_recv_accout", "支付用户零钱")
            .with("refund_account", "REFUND_SOURCE_UNSETTLED_FUNDS")
            .with("refund_request_source", "API");
        let plaintext = self.write(&inner).replace("<xml>", "<root>").replace("</xml>", "</root>");
        let fields = Fields::new()
            .with("return_code", "SUCCESS")
            .with("appid", self.identity.app_id.as_str())
            .with("mch_id", self.identity.mch_id.as_str())
            .with("nonce_str", &self.hex(32))
            .with("req_info", &notification::seal_req_info(&self.identity.api_v2_key, &plaintext));
        Some(Notice { url, body: self.write(&fields), number: refund.out_refund_no.clone() })
    }
}
