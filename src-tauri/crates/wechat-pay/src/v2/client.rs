use std::time::Duration;

use domain::{AppId, MchId, OutRefundNo, OutTradeNo, Secret, WechatPayment, WechatRefund};
use url::Url;

use super::answer::{BadField, optional, required_text};
use super::call::Call;
use super::credentials::{Credentials, same};
use super::payment::{self, PaymentNumber};
use super::refund::{AcceptedRefund, ApplyRefund, RefundEntry, read_refunds};
use super::{Fields, Prepay, SignType, UnifiedOrder};
use crate::transport::{Settings, Transport};
use crate::{ClientCertificate, Error};

/// WeChat's own address, the nearest access point.
pub const MAIN_ADDRESS: &str = "https://api.mch.weixin.qq.com";

/// How long a connection may take: what peers use (sheet section 1).
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take.
pub const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// One page of `refundquery` has ten entries, an order at most fifty refunds; this many pages is more than there are.
const MAX_REFUND_PAGES: usize = 20;

/// What a [`Client`] needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the gateway is: https, with a path of its own or without.
    pub base_url: Url,
    /// Root certificates in PEM that are trusted besides those of the system, for a private gateway.
    pub extra_root_pem: Option<Vec<u8>>,
    /// The mini program that placed the orders.
    pub app_id: AppId,
    /// The merchant.
    pub mch_id: MchId,
    /// The API key of v2. The key of v3 is another one.
    pub api_v2_key: Secret<String>,
    /// How requests are signed.
    pub sign_type: SignType,
    /// The merchant's certificate; without it refunds cannot be asked for.
    pub certificate: Option<ClientCertificate>,
    /// How long a connection may take; [`CONNECT_TIMEOUT`] unless there is a reason.
    pub connect_timeout: Duration,
    /// How long an answer may take; [`READ_TIMEOUT`] unless there is a reason.
    pub read_timeout: Duration,
}

/// Speaks API v2 for one merchant. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    credentials: Credentials,
    transport: Transport,
}

impl Client {
    /// A client. Nothing is sent.
    ///
    /// Fails when the address is not https, when a root certificate or the client certificate cannot be used, or when
    /// there is no trusted root at all.
    pub fn new(config: Config) -> Result<Client, Error> {
        let transport = Transport::new(&Settings {
            base_url: &config.base_url,
            extra_root_pem: config.extra_root_pem.as_deref(),
            certificate: config.certificate.as_ref(),
            connect_timeout: config.connect_timeout,
            read_timeout: config.read_timeout,
        })?;
        let Config { app_id, mch_id, api_v2_key, sign_type, .. } = config;
        Ok(Client { credentials: Credentials { app_id, mch_id, api_v2_key, sign_type }, transport })
    }

    /// Places an order (`unifiedorder`). May be repeated with identical parameters only.
    pub async fn unified_order(&self, order: &UnifiedOrder) -> Result<Prepay, Error> {
        Prepay::read(&self.call(Call::UnifiedOrder, &order.fields()?).await?)
    }

    /// What WeChat knows about a payment (`orderquery`). A paid order is seen in its `trade_state` alone.
    pub async fn query_order(&self, number: &PaymentNumber) -> Result<WechatPayment, Error> {
        let asked = Fields::new().with(number.field(), number.as_str());
        let fields = self.call(Call::OrderQuery, &asked).await?;
        same(&fields, number.field(), number.as_str())?;
        let payment = payment::read(&fields)?;
        // WeChat's number may lack where nothing was paid; the shop's is always there.
        if payment.trade_state.is_paid() || matches!(number, PaymentNumber::OutTradeNo(_)) {
            required_text(&fields, number.field())?;
        }
        Ok(payment)
    }

    /// Closes an unpaid order (`closeorder`), not earlier than five minutes after it was placed. One that is closed
    /// already is fine.
    pub async fn close_order(&self, number: &OutTradeNo) -> Result<(), Error> {
        match self.call(Call::CloseOrder, &Fields::new().with("out_trade_no", number.as_str())).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == "ORDERCLOSED" && error.outcome() == crate::Outcome::Refused => {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Asks for a refund (`refund`, mutual TLS). Success means accepted, not paid back.
    ///
    /// After any error whose [`Error::outcome`] leaves room for doubt, ask with [`Client::query_refund`] by the same
    /// number; sending the same request again is safe, sending it with another number is a second refund.
    pub async fn refund(&self, refund: &ApplyRefund) -> Result<AcceptedRefund, Error> {
        refund.accepted(&self.call(Call::Refund, &refund.fields()?).await?)
    }

    /// Where a refund stands (`refundquery` by the shop's number).
    pub async fn query_refund(&self, number: &OutRefundNo) -> Result<WechatRefund, Error> {
        let asked = Fields::new().with("out_refund_no", number.as_str());
        let fields = self.call(Call::RefundQuery, &asked).await?;
        let entries = read_refunds(&fields)?;
        if entries.is_empty() {
            return Err(BadField::new("out_refund_no_0").into());
        }
        entries
            .into_iter()
            .map(|entry| entry.refund)
            .find(|refund| refund.out_refund_no == *number)
            .ok_or(Error::OtherAnswer { field: "out_refund_no" })
    }

    /// All refunds of a payment (`refundquery` by the payment's number, page by page); none is an empty list.
    ///
    /// Pages follow what was really returned, because the documents contradict themselves about their length. WeChat
    /// wants orders with more than twenty refunds asked about by refund number.
    pub async fn query_refunds_of_order(&self, number: &PaymentNumber) -> Result<Vec<WechatRefund>, Error> {
        let mut refunds: Vec<WechatRefund> = Vec::new();
        let mut returned = 0;
        for _ in 0..MAX_REFUND_PAGES {
            let mut asked = Fields::new().with(number.field(), number.as_str());
            if returned > 0 {
                asked.push("offset", &returned.to_string());
            }
            let fields = match self.call(Call::RefundQuery, &asked).await {
                Ok(fields) => fields,
                Err(error) if error.is_not_found() && error.code() == "REFUNDNOTEXIST" => break,
                Err(error) => return Err(error),
            };
            same(&fields, number.field(), number.as_str())?;
            let page = read_refunds(&fields)?;
            let total: Option<usize> = optional(&fields, "total_refund_count", str::parse)?;
            returned += page.len();
            let nothing_more = page.is_empty() || total.is_none_or(|total| returned >= total);
            for RefundEntry { refund, .. } in page {
                // A refund that came in while we were reading moves the others onto the next page.
                if refunds.iter().all(|known| known.out_refund_no != refund.out_refund_no) {
                    refunds.push(refund);
                }
            }
            if nothing_more {
                break;
            }
        }
        Ok(refunds)
    }

    /// One exchange: the fields of a signed success that is meant for this merchant.
    async fn call(&self, call: Call, fields: &Fields) -> Result<Fields, Error> {
        let document = self.credentials.request(fields)?;
        let body = self.transport.post(call.path(), call.side(), document).await?;
        self.credentials.answer(call, &body)
    }
}
