//! The clients that a shop's settings and secrets make: for the shop's engine, and for trying a connection out before
//! anything is stored.

use catalogue::Language;
use domain::{Secret, TerminalId};
use wechat_pay::ClientCertificate;

use crate::settings::{BackendAuth, BackendSettings, PayApi, SignType, WechatPaySettings};
use crate::shop::OpenError;

/// What WeChat Pay is spoken to with.
pub(crate) struct WechatSecrets {
    pub(crate) certificate: ClientCertificate,
    pub(crate) api_v2_key: Secret<String>,
}

/// A client of the shop's backend. Nothing is sent.
pub(crate) fn backend(
    settings: &BackendSettings,
    token: Secret<String>,
    terminal: TerminalId,
    language: Language,
) -> Result<merchant_api::Client, OpenError> {
    let unusable = |source: Box<dyn std::error::Error + Send + Sync>| OpenError::Unusable {
        what: "backend.base_url",
        source,
    };
    let BackendAuth::Bearer = settings.auth;
    merchant_api::Client::new(merchant_api::Config {
        base_url: settings.base_url.parse().map_err(|error: url::ParseError| unusable(error.into()))?,
        credentials: merchant_api::Credentials::Bearer(token),
        terminal,
        extra_root_pem: settings.ca_pem.clone().map(String::into_bytes),
        accept_language: language.as_str().to_owned(),
    })
    .map_err(|error| unusable(error.into()))
}

/// A client of WeChat Pay. Nothing is sent, and the secrets are asked for only if the version is spoken.
pub(crate) fn wechat_pay(
    settings: &WechatPaySettings,
    secrets: impl FnOnce() -> Result<WechatSecrets, OpenError>,
) -> Result<wechat_pay::v2::Client, OpenError> {
    if settings.api != PayApi::V2 {
        return Err(OpenError::UnsupportedApi { api: settings.api });
    }
    let WechatSecrets { certificate, api_v2_key } = secrets()?;
    let unusable =
        |what| move |source: Box<dyn std::error::Error + Send + Sync>| OpenError::Unusable { what, source };
    wechat_pay::v2::Client::new(wechat_pay::v2::Config {
        base_url: settings
            .base_url
            .parse()
            .map_err(|error: url::ParseError| unusable("wechat_pay.base_url")(error.into()))?,
        extra_root_pem: settings.ca_pem.clone().map(String::into_bytes),
        app_id: settings.app_id.clone(),
        mch_id: settings.mch_id.clone(),
        api_v2_key,
        sign_type: match settings.sign_type {
            SignType::Md5 => wechat_pay::v2::SignType::Md5,
            SignType::HmacSha256 => wechat_pay::v2::SignType::HmacSha256,
        },
        certificate: Some(certificate),
        connect_timeout: wechat_pay::v2::CONNECT_TIMEOUT,
        read_timeout: wechat_pay::v2::READ_TIMEOUT,
    })
    .map_err(|error| unusable("wechat_pay")(error.into()))
}
