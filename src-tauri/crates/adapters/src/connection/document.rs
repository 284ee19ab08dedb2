//! The JSON as it is written, before anything is known to be right.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use domain::{MchId, Secret};
use serde::{Deserialize, Deserializer};
use serde_json::Map;
use wechat_pay::ClientCertificate;

use super::certificate::{self, CertificateSource};
use super::{ConnectionError, GivenFiles, url};
use crate::settings::{PayApi, SignType, WECHAT_PAY_BASE_URL, WechatPaySettings};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Document {
    #[serde(deserialize_with = "null_as_default")]
    pub(super) shop: ShopPart,
    #[serde(deserialize_with = "null_as_default")]
    pub(super) backend: BackendPart,
    #[serde(deserialize_with = "null_as_default")]
    pub(super) wechat_pay: WechatPart,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ShopPart {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct BackendPart {
    pub(super) base_url: Option<String>,
    #[serde(deserialize_with = "secret")]
    pub(super) token: Option<Secret<String>>,
    pub(super) ca_file: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WechatPart {
    api: Option<String>,
    base_url: Option<String>,
    ca_file: Option<PathBuf>,
    app_id: Option<String>,
    mch_id: Option<String>,
    #[serde(deserialize_with = "secret")]
    api_v2_key: Option<Secret<String>>,
    sign_type: Option<String>,
    #[serde(deserialize_with = "secret")]
    api_v3_key: Option<Secret<String>>,
    public_key_id: Option<String>,
    public_key_file: Option<PathBuf>,
    cert_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    p12_file: Option<PathBuf>,
    #[serde(deserialize_with = "secret")]
    p12_password: Option<Secret<String>>,
}

/// The part about WeChat Pay, checked and with its files read.
pub(super) struct CheckedWechat {
    pub(super) settings: WechatPaySettings,
    pub(super) certificate: ClientCertificate,
    pub(super) source: CertificateSource,
    pub(super) api_v2_key: Option<Secret<String>>,
    pub(super) api_v3_key: Option<Secret<String>>,
}

impl Document {
    pub(super) fn parse(json: &[u8]) -> Result<Document, ConnectionError> {
        // Windows editors put the mark in front, and no JSON parser likes it.
        let json = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
        serde_json::from_slice(json)
            .map_err(|error| ConnectionError::JsonInvalid { line: error.line(), column: error.column() })
    }
}

impl WechatPart {
    /// Puts files that a person gave in the place of those that the JSON names: a p12 file of theirs in that of the pair,
    /// and theirs of the pair in that of a p12 file.
    pub(super) fn put(&mut self, given: &GivenFiles) {
        let GivenFiles { cert, key, p12, public_key } = given;
        if p12.is_some() {
            (self.cert_file, self.key_file, self.p12_file) = (None, None, p12.clone());
        }
        if cert.is_some() || key.is_some() {
            self.p12_file = p12.clone();
        }
        for (member, file) in
            [(&mut self.cert_file, cert), (&mut self.key_file, key), (&mut self.public_key_file, public_key)]
        {
            if file.is_some() {
                member.clone_from(file);
            }
        }
    }

    pub(super) fn check(self, base_folder: &Path) -> Result<CheckedWechat, ConnectionError> {
        let api = match required("wechat_pay.api", self.api)?.as_str() {
            "v2" => PayApi::V2,
            "v3" => PayApi::V3,
            _ => return Err(invalid("wechat_pay.api", "v2 or v3")),
        };
        let base_url = match present(self.base_url) {
            Some(text) => url::wechat_pay("wechat_pay.base_url", &text)?,
            None => WECHAT_PAY_BASE_URL.to_owned(),
        };
        let app_id = form("wechat_pay.app_id", required("wechat_pay.app_id", self.app_id)?)?;
        let mch_id: MchId = form("wechat_pay.mch_id", required("wechat_pay.mch_id", self.mch_id)?)?;
        let sign_type = match present(self.sign_type).as_deref() {
            None | Some("MD5") => SignType::Md5,
            Some("HMAC-SHA256") => SignType::HmacSha256,
            Some(_) => return Err(invalid("wechat_pay.sign_type", "MD5 or HMAC-SHA256")),
        };
        let (api_v2_key, api_v3_key) = keys(api, self.api_v2_key, self.api_v3_key)?;
        let (public_key_id, public_key_pem) =
            public_key(base_folder, self.public_key_id, self.public_key_file)?;
        let ca_pem = certificate::authorities("wechat_pay.ca_file", base_folder, self.ca_file)?;
        let source = CertificateSource::choose(base_folder, self.cert_file, self.key_file, self.p12_file)?;
        let password = self.p12_password.unwrap_or_else(|| Secret::new(mch_id.to_string()));
        let certificate = source.load(&password)?;
        let settings = WechatPaySettings {
            api,
            base_url,
            ca_pem,
            app_id,
            mch_id,
            sign_type,
            certificate_pem: certificate::to_pem("CERTIFICATE", certificate.chain_der()),
            merchant_serial: certificate.summary().serial.clone(),
            public_key_id,
            public_key_pem,
            unknown: Map::new(),
        };
        Ok(CheckedWechat { settings, certificate, source, api_v2_key, api_v3_key })
    }
}

type Keys = (Option<Secret<String>>, Option<Secret<String>>);

/// The key that the chosen protocol needs must be there; the other one is kept for the day of the change.
fn keys(
    api: PayApi,
    v2: Option<Secret<String>>,
    v3: Option<Secret<String>>,
) -> Result<Keys, ConnectionError> {
    let (v2, v3) = (present_key(v2), present_key(v3));
    let v2 = v2.map(|key| checked_key("wechat_pay.api_v2_key", key)).transpose()?;
    let v3 = v3.map(|key| checked_key("wechat_pay.api_v3_key", key)).transpose()?;
    // The key of AES-256: another length can never decrypt anything (wechat-pay v3, "Decryption").
    if v3.as_ref().is_some_and(|key| key.expose().len() != 32) {
        return Err(invalid("wechat_pay.api_v3_key", "32 bytes"));
    }
    match api {
        PayApi::V2 if v2.is_none() => Err(ConnectionError::MemberMissing { member: "wechat_pay.api_v2_key" }),
        PayApi::V3 if v3.is_none() => Err(ConnectionError::MemberMissing { member: "wechat_pay.api_v3_key" }),
        PayApi::V2 | PayApi::V3 => Ok((v2, v3)),
    }
}

/// WeChat Pay's public key and its id: both, or neither (then platform certificates are fetched).
fn public_key(
    base_folder: &Path,
    id: Option<String>,
    file: Option<PathBuf>,
) -> Result<(Option<String>, Option<String>), ConnectionError> {
    match (present(id), certificate::present(file)) {
        (None, None) => Ok((None, None)),
        (Some(_), None) => Err(ConnectionError::MemberMissing { member: "wechat_pay.public_key_file" }),
        (None, Some(_)) => Err(ConnectionError::MemberMissing { member: "wechat_pay.public_key_id" }),
        (Some(id), Some(file)) => {
            // It travels in the header `Wechatpay-Serial`.
            if !is_visible_ascii(&id) {
                return Err(invalid("wechat_pay.public_key_id", "letters, digits and _"));
            }
            let pem = certificate::public_key("wechat_pay.public_key_file", base_folder, &file)?;
            Ok((Some(id), Some(pem)))
        }
    }
}

/// The member, if it is there and not empty.
pub(super) fn required(member: &'static str, value: Option<String>) -> Result<String, ConnectionError> {
    present(value).ok_or(ConnectionError::MemberMissing { member })
}

/// The secret member, if it is there and a key can look so.
pub(super) fn required_key(
    member: &'static str,
    value: Option<Secret<String>>,
) -> Result<Secret<String>, ConnectionError> {
    checked_key(member, present_key(value).ok_or(ConnectionError::MemberMissing { member })?)
}

/// The member as a number of the protocol.
pub(super) fn form<T: FromStr>(member: &'static str, value: String) -> Result<T, ConnectionError> {
    value.parse().map_err(|_| invalid(member, "letters, digits and few other signs, not too long"))
}

/// The member as a line for people.
pub(super) fn line(member: &'static str, value: String) -> Result<String, ConnectionError> {
    if value.chars().any(char::is_control) || value.chars().count() > 100 {
        return Err(invalid(member, "one line of at most 100 characters"));
    }
    Ok(value)
}

/// Keys and tokens are visible ASCII. A blank or line end is the trace of copy and paste, and ends as a wrong
/// signature that nobody understands; in a header it would be worse.
fn checked_key(member: &'static str, key: Secret<String>) -> Result<Secret<String>, ConnectionError> {
    if is_visible_ascii(key.expose()) {
        Ok(key)
    } else {
        Err(invalid(member, "visible ASCII characters without blanks"))
    }
}

fn is_visible_ascii(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn present(value: Option<String>) -> Option<String> {
    value.filter(|text| !text.trim().is_empty())
}

fn present_key(value: Option<Secret<String>>) -> Option<Secret<String>> {
    value.filter(|key| !key.expose().is_empty())
}

fn invalid(member: &'static str, reason: &'static str) -> ConnectionError {
    ConnectionError::MemberInvalid { member, reason }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret<String>>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}

fn null_as_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
