use std::fmt;

use domain::{AppId, MchId, Secret};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wechat_pay::{CertificateError, CertificateSummary, ClientCertificate};

/// WeChat Pay's own address, used where the connection names none.
pub const WECHAT_PAY_BASE_URL: &str = "https://api.mch.weixin.qq.com";

/// How WeChat Pay is reached, and as whom. Keys are secrets and stand elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WechatPaySettings {
    /// Which protocol.
    pub api: PayApi,
    /// Where it is spoken, without a slash at the end.
    pub base_url: String,
    /// Root certificates that are trusted beside the system's, as PEM: for a private gateway.
    #[serde(default)]
    pub ca_pem: Option<String>,
    /// The mini program.
    pub app_id: AppId,
    /// The merchant number.
    pub mch_id: MchId,
    /// How v2 messages are signed.
    #[serde(default)]
    pub sign_type: SignType,
    /// The merchant's certificate and what else its file held of the chain, as PEM. Public.
    pub certificate_pem: String,
    /// The certificate's serial number, upper-case hex.
    pub merchant_serial: String,
    /// v3: the id of WeChat Pay's public key (`PUB_KEY_ID_…`).
    #[serde(default)]
    pub public_key_id: Option<String>,
    /// v3: WeChat Pay's public key, as PEM.
    #[serde(default)]
    pub public_key_pem: Option<String>,
    #[serde(flatten)]
    pub(crate) unknown: Map<String, Value>,
}

impl WechatPaySettings {
    /// The merchant's certificate together with its private key, which comes from the store of secrets.
    pub fn client_certificate(&self, key: Secret<Vec<u8>>) -> Result<ClientCertificate, CertificateError> {
        let chain = CertificateDer::pem_slice_iter(self.certificate_pem.as_bytes())
            .map(|certificate| certificate.map(|der| der.to_vec()))
            .collect::<Result<_, _>>()
            .map_err(|_| CertificateError::DamagedCertificate)?;
        ClientCertificate::from_der(chain, key)
    }

    /// What stands in the merchant's certificate; it takes no secret to read it.
    pub fn certificate_summary(&self) -> Result<CertificateSummary, CertificateError> {
        let own = CertificateDer::from_pem_slice(self.certificate_pem.as_bytes())
            .map_err(|_| CertificateError::DamagedCertificate)?;
        CertificateSummary::from_der(&own)
    }
}

/// Which of WeChat Pay's protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayApi {
    /// XML, signed with the API key.
    V2,
    /// JSON, signed with the certificate's key.
    V3,
}

/// How v2 messages are signed (wechat-pay v2, "Signature").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum SignType {
    /// `MD5`, the protocol's default.
    #[default]
    #[serde(rename = "MD5")]
    Md5,
    /// `HMAC-SHA256`.
    #[serde(rename = "HMAC-SHA256")]
    HmacSha256,
}

impl fmt::Display for PayApi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            PayApi::V2 => "v2",
            PayApi::V3 => "v3",
        })
    }
}

#[cfg(test)]
pub(crate) fn example() -> WechatPaySettings {
    WechatPaySettings {
        api: PayApi::V2,
        base_url: WECHAT_PAY_BASE_URL.to_owned(),
        ca_pem: None,
        app_id: AppId::new("wx0123456789abcdef").unwrap(),
        mch_id: MchId::new("1900000109").unwrap(),
        sign_type: SignType::Md5,
        certificate_pem: String::new(),
        merchant_serial: "1A".to_owned(),
        public_key_id: None,
        public_key_pem: None,
        unknown: Map::new(),
    }
}
