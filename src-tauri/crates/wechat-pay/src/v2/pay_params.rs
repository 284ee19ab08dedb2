//! The signed parameters with which a mini program or an app opens WeChat's payment sheet (sheet section 7).
//!
//! That the front end says "ok" afterwards proves nothing; `orderquery` does.

use domain::time::Timestamp;
use domain::{AppId, MchId, Secret};

use super::{Fields, SignType, sign};

/// What `wx.requestPayment` takes, named as there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsapiParams {
    /// Seconds since 1970 as text (`timeStamp`).
    pub time_stamp: String,
    /// `nonceStr`.
    pub nonce_str: String,
    /// `prepay_id=…`.
    pub package: String,
    /// The algorithm, which must be the one that placed the order (`signType`).
    pub sign_type: SignType,
    /// `paySign`.
    pub pay_sign: String,
}

/// What the app SDK takes, named as there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppParams {
    /// The merchant.
    pub partnerid: String,
    /// From `unifiedorder`.
    pub prepayid: String,
    /// Always `Sign=WXPay`.
    pub package: String,
    /// Random text.
    pub noncestr: String,
    /// Seconds since 1970 as text.
    pub timestamp: String,
    /// The signature.
    pub sign: String,
}

/// Signs the parameters for a mini program or official account. `appId` takes part though it is not handed over.
pub fn jsapi(
    app_id: &AppId,
    prepay_id: &str,
    nonce: &str,
    now: Timestamp,
    sign_type: SignType,
    key: &Secret<String>,
) -> JsapiParams {
    let time_stamp = now.as_second().to_string();
    let fields = jsapi_fields(app_id, prepay_id, nonce, &time_stamp, sign_type);
    JsapiParams {
        pay_sign: sign::sign(&fields, key, sign_type),
        time_stamp,
        nonce_str: nonce.to_owned(),
        package: format!("prepay_id={prepay_id}"),
        sign_type,
    }
}

/// Signs the parameters for an app; all names are lower case here.
pub fn app(
    app_id: &AppId,
    mch_id: &MchId,
    prepay_id: &str,
    nonce: &str,
    now: Timestamp,
    sign_type: SignType,
    key: &Secret<String>,
) -> AppParams {
    let timestamp = now.as_second().to_string();
    let fields = app_fields(app_id, mch_id, prepay_id, nonce, &timestamp);
    AppParams {
        sign: sign::sign(&fields, key, sign_type),
        partnerid: mch_id.to_string(),
        prepayid: prepay_id.to_owned(),
        package: APP_PACKAGE.to_owned(),
        noncestr: nonce.to_owned(),
        timestamp,
    }
}

const APP_PACKAGE: &str = "Sign=WXPay";

pub(crate) fn jsapi_fields(
    app_id: &AppId,
    prepay_id: &str,
    nonce: &str,
    time_stamp: &str,
    sign_type: SignType,
) -> Fields {
    Fields::new()
        .with("appId", app_id.as_str())
        .with("timeStamp", time_stamp)
        .with("nonceStr", nonce)
        .with("package", &format!("prepay_id={prepay_id}"))
        .with("signType", sign_type.as_str())
}

pub(crate) fn app_fields(
    app_id: &AppId,
    mch_id: &MchId,
    prepay_id: &str,
    nonce: &str,
    timestamp: &str,
) -> Fields {
    Fields::new()
        .with("appid", app_id.as_str())
        .with("partnerid", mch_id.as_str())
        .with("prepayid", prepay_id)
        .with("package", APP_PACKAGE)
        .with("noncestr", nonce)
        .with("timestamp", timestamp)
}
