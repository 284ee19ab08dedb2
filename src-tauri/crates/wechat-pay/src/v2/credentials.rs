//! From fields to a signed document, and from an answer's bytes to fields that may be believed. No I/O.

use domain::{AppId, MchId, Secret};

use super::answer::{self, Answer, BadField};
use super::call::Call;
use super::{Fields, Refusal, SignType, sign, xml};
use crate::Error;

/// How long `nonce_str` is; the protocol allows 32.
const NONCE_CHARS: usize = 32;

/// Who asks, and with which key.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) app_id: AppId,
    pub(crate) mch_id: MchId,
    pub(crate) api_v2_key: Secret<String>,
    pub(crate) sign_type: SignType,
}

impl Credentials {
    /// The document of a request: what every request carries, the fields of this one, and the sign over all.
    pub(crate) fn request(&self, fields: &Fields) -> Result<String, Error> {
        let mut message = Fields::with_capacity(fields.len() + 5, 512)
            .with("appid", self.app_id.as_str())
            .with("mch_id", self.mch_id.as_str())
            .with("nonce_str", &nonce()?);
        // HMAC has to be named; MD5 is what an absent sign_type means.
        if self.sign_type == SignType::HmacSha256 {
            message.push("sign_type", self.sign_type.as_str());
        }
        for (name, value) in fields.iter() {
            message.push(name, value);
        }
        let sign = sign::sign(&message, &self.api_v2_key, self.sign_type);
        message.push("sign", &sign);
        xml::write(&message).map_err(|source| Error::Unwritable { source })
    }

    /// The fields of a signed success that is meant for this merchant; everything else is an error that knows what it
    /// means for the money.
    pub(crate) fn answer(&self, call: Call, document: &[u8]) -> Result<Fields, Error> {
        match answer::judge(document, &self.api_v2_key).map_err(|source| Error::Rejected { source })? {
            Answer::Verified(fields) => {
                self.check_merchant(&fields)?;
                for name in ["appid", "mch_id"] {
                    answer::required_text(&fields, name)?;
                }
                match fields.get("result_code") {
                    Some("SUCCESS") => Ok(fields),
                    Some(_) | None => Err(BadField::new("result_code").into()),
                }
            }
            Answer::BusinessFailure(fields) => {
                self.check_merchant(&fields)?;
                Err(Error::Refused(Refusal::signed(call, &fields)))
            }
            Answer::GatewayFailure(unsigned) => Err(Error::Refused(Refusal::gateway(call, &unsigned))),
            Answer::UnsignedFailure(unsigned) => Err(Error::Refused(Refusal::unsigned(call, &unsigned))),
        }
    }

    fn check_merchant(&self, fields: &Fields) -> Result<(), Error> {
        same(fields, "appid", self.app_id.as_str())?;
        same(fields, "mch_id", self.mch_id.as_str())
    }
}

/// Refuses an answer whose field differs from what was asked for. Whether the field must be there is another question.
pub(super) fn same(fields: &Fields, name: &'static str, asked: &str) -> Result<(), Error> {
    match fields.text(name) {
        Some(answered) if answered != asked => Err(Error::OtherAnswer { field: name }),
        Some(_) | None => Ok(()),
    }
}

/// Random letters and digits. Hex digits hold 128 bits in 32 of them.
fn nonce() -> Result<String, Error> {
    let mut bytes = [0; NONCE_CHARS / 2];
    getrandom::fill(&mut bytes).map_err(|source| Error::NoRandomness { source })?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;

    fn credentials(sign_type: SignType) -> Credentials {
        Credentials {
            app_id: AppId::new("wx8888888888888888").unwrap(),
            mch_id: MchId::new("1900000109").unwrap(),
            api_v2_key: Secret::new("192006250b4c09247ec02edce69f6a2d".to_owned()),
            sign_type,
        }
    }

    fn signed(fields: Fields) -> Vec<u8> {
        let sign = sign::sign(&fields, &credentials(SignType::Md5).api_v2_key, SignType::Md5);
        xml::write(&fields.with("sign", &sign)).unwrap().into_bytes()
    }

    fn success() -> Fields {
        Fields::new()
            .with("return_code", "SUCCESS")
            .with("appid", "wx8888888888888888")
            .with("mch_id", "1900000109")
            .with("nonce_str", "n")
    }

    fn ask(document: &[u8]) -> Result<Fields, Error> {
        credentials(SignType::Md5).answer(Call::Refund, document)
    }

    #[test]
    fn a_request_carries_what_the_gateway_checks() {
        for sign_type in [SignType::Md5, SignType::HmacSha256] {
            let ours = credentials(sign_type);
            let document = ours.request(&Fields::new().with("out_trade_no", "T1")).unwrap();
            let fields = xml::read(document.as_bytes()).unwrap();
            assert_eq!(sign::verify_request(&fields, &ours.api_v2_key), Ok(sign_type));
            assert_eq!(fields.get("appid"), Some("wx8888888888888888"));
            assert_eq!(fields.get("mch_id"), Some("1900000109"));
            let nonce = fields.get("nonce_str").unwrap();
            assert!(nonce.len() == 32 && nonce.chars().all(|c| c.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn a_success_for_this_merchant_gives_its_fields() {
        let fields = ask(&signed(success().with("result_code", "SUCCESS"))).unwrap();
        assert_eq!(fields.get("mch_id"), Some("1900000109"));
    }

    #[test]
    fn a_signed_answer_for_another_merchant_or_appid_is_not_ours() {
        for name in ["appid", "mch_id"] {
            let mut other = success().with("result_code", "SUCCESS");
            other.remove(name);
            let without = ask(&signed(other.clone())).unwrap_err();
            assert_eq!((without.code(), without.outcome()), ("console:incomplete_answer", Outcome::Unknown));
            let with = ask(&signed(other.with(name, "wx1"))).unwrap_err();
            assert_eq!((with.code(), with.outcome()), ("console:other_answer", Outcome::Unknown));
        }
    }

    #[test]
    fn a_signed_answer_that_does_not_say_success_is_no_success() {
        for document in [signed(success()), signed(success().with("result_code", "MAYBE"))] {
            let error = ask(&document).unwrap_err();
            assert_eq!((error.code(), error.outcome()), ("console:incomplete_answer", Outcome::Unknown));
        }
    }

    #[test]
    fn a_forged_unsigned_or_broken_answer_leaves_the_outcome_unknown() {
        let unsigned = xml::write(&success().with("result_code", "SUCCESS")).unwrap();
        let forged =
            xml::write(&success().with("result_code", "SUCCESS").with("sign", &"0".repeat(32))).unwrap();
        for (document, code) in [
            (unsigned.as_str(), "console:bad_signature"),
            (forged.as_str(), "console:bad_signature"),
            ("<html>502</html>", "console:not_xml"),
            ("<xml><return_code>SUC", "console:not_xml"),
            ("", "console:not_xml"),
            ("<xml><retcode>1</retcode></xml>", "console:not_an_answer"),
            ("<xml><return_code>FAIL</return_code></xml>", "console:gateway_failure"),
        ] {
            let error = ask(document.as_bytes()).unwrap_err();
            assert_eq!((error.code(), error.outcome()), (code, Outcome::Unknown), "{document}");
            assert!(!error.is_configuration());
        }
    }

    #[test]
    fn credentials_print_no_key() {
        let shown = format!("{:#?}", credentials(SignType::Md5));
        assert!(shown.contains("1900000109") && !shown.contains("192006250b4c"), "{shown}");
    }
}
