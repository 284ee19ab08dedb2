//! Asking the world whether a shop's addresses, keys and clock are right, without changing anything in it.

use domain::time::SignedDuration;
use domain::{OutTradeNo, ShopId};
use engine::ports::{GatewayError, PaymentGateway, PaymentNumber, SourceError};
use thiserror::Error;

use crate::backend;
use crate::gateway::WechatPayV2;
use crate::shop::OpenError;

/// Why a probe of the world did not come out well.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// The shop's clients cannot be made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The backend.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// WeChat.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The backend serves another shop than the one that is connected.
    #[error("the backend serves {told}, connected is {known}")]
    OtherShop {
        /// The connected shop.
        known: String,
        /// The backend's.
        told: String,
    },
    /// The PC's clock and the backend's differ too much.
    #[error("the clocks differ by {seconds} s")]
    Clock {
        /// How much, in seconds.
        seconds: i64,
    },
}

/// What a backend says of itself.
pub(crate) struct ToldByBackend {
    /// Whose orders it serves.
    pub(crate) shop_id: ShopId,
    /// What it calls the shop.
    pub(crate) shop_name: String,
    /// By how much its clock is ahead of this PC's, if that is worth a warning.
    skew: Option<SignedDuration>,
}

impl ToldByBackend {
    /// Whether it serves this shop.
    pub(crate) fn check_shop(&self, known: &ShopId) -> Result<(), ProbeError> {
        if self.shop_id == *known {
            Ok(())
        } else {
            Err(ProbeError::OtherShop { known: known.to_string(), told: self.shop_id.to_string() })
        }
    }

    /// Whether the clocks agree well enough.
    pub(crate) fn check_clock(&self) -> Result<(), ProbeError> {
        match self.skew {
            Some(skew) => Err(ProbeError::Clock { seconds: skew.as_secs().abs() }),
            None => Ok(()),
        }
    }
}

/// Asks a backend what it can do: whether address, certificate and token are right.
pub(crate) async fn backend(client: &merchant_api::Client) -> Result<ToldByBackend, SourceError> {
    let told = client.capabilities().await.map_err(|error| backend::explain(&error))?;
    Ok(ToldByBackend { shop_id: told.shop.id, shop_name: told.shop.name, skew: client.last_skew() })
}

/// Asks WeChat about an order that does not exist: whether address, key, merchant and mini program are right. The
/// certificate is used for refunds alone, and nothing is sent that could move money.
pub(crate) async fn wechat_pay(client: wechat_pay::v2::Client) -> Result<(), GatewayError> {
    let number = format!("probe{}", &uuid::Uuid::new_v4().simple().to_string()[..20]);
    if let Ok(number) = OutTradeNo::new(number) {
        WechatPayV2::new(client).query(&PaymentNumber::OutTradeNo(number)).await?;
    }
    Ok(())
}
