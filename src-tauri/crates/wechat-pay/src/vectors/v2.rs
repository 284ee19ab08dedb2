//! The kinds of cases of API v2. Each runs the crate's own code on the input and tells all that came of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::{self, Timestamp};
use domain::{AppId, MchId, Secret};
use serde_json::{Value, json};

use super::Observed;
use crate::v2::answer::{Answer, judge};
use crate::v2::bill::BillError;
use crate::v2::call::Call;
use crate::v2::{
    Fields, Refusal, Rejected, SignType, bill, notification, pay_params, payment, read_refunds, req_info,
    sign, xml,
};
use crate::{Error, Outcome};

pub(super) fn observe(kind: &str, input: &Value) -> Result<Observed, String> {
    match kind {
        "v2.sign" => sign_case(input),
        "v2.verify_response" => verify_response(input),
        "v2.verify_request" => verify_request(input),
        "v2.parse_xml" => parse_xml(input),
        "v2.build_xml" => build_xml(input),
        "v2.refund_notify_decrypt" => refund_notify_decrypt(input),
        "v2.refund_notify_outer" => refund_notify_outer(input),
        "v2.aes_256_ecb_pkcs7" => bare_cipher(input),
        "v2.jsapi_paysign" => jsapi(input),
        "v2.app_sign" => app(input),
        "v2.parse_bill" => parse_bill(input),
        _ => Err("unknown kind".to_owned()),
    }
}

fn sign_case(input: &Value) -> Result<Observed, String> {
    let (fields, key, sign_type) = (params(input)?, key(input)?, sign_type(input)?);
    Ok(observed(json!({
        "string_to_sign": sign::string_to_sign(&fields, key.expose()),
        "sign": sign::sign(&fields, &key, sign_type),
    })))
}

/// An answer or a payment notice. What the failures mean is asked of the error that a refund would end with.
fn verify_response(input: &Value) -> Result<Observed, String> {
    let (document, key) = (document(input)?, key(input)?);
    let mut seen = match xml::read(&document) {
        Ok(fields) => sign_members(&fields, &key, sign::answer_sign_type(&fields)),
        Err(_) => Observed::new(),
    };
    let (outcome, trusted, error) = match judge(&document, &key) {
        Ok(Answer::Verified(fields)) => ("verified", Some(fields), None),
        Ok(Answer::BusinessFailure(fields)) => {
            let refusal = Refusal::signed(Call::Refund, &fields);
            ("verified_business_failure", Some(fields), Some(Error::Refused(refusal)))
        }
        Ok(Answer::GatewayFailure(unsigned)) => {
            ("gateway_failure", None, Some(Error::Refused(Refusal::gateway(Call::Refund, &unsigned))))
        }
        Ok(Answer::UnsignedFailure(unsigned)) => {
            ("gateway_failure", None, Some(Error::Refused(Refusal::unsigned(Call::Refund, &unsigned))))
        }
        Err(rejected) => {
            seen.insert("reason".to_owned(), json!(rejected.reason()));
            ("rejected", None, Some(Error::Rejected { source: rejected }))
        }
    };
    seen.insert("outcome".to_owned(), json!(outcome));
    let trusted_fields: Vec<&str> = trusted.iter().flat_map(Fields::iter).map(|(name, _)| name).collect();
    seen.insert("trusted_fields".to_owned(), json!(trusted_fields));
    if let Some(fields) = &trusted {
        trusted_members(&mut seen, fields)?;
    }
    if let Some(error) = error {
        let action = match error.outcome() {
            Outcome::Unknown => "retry same request",
            Outcome::RefusedUnlessEarlier => "query",
            Outcome::Refused | Outcome::NotSent => "stop",
        };
        seen.insert("action".to_owned(), json!(action));
    }
    Ok(seen)
}

/// What the typed readers make of a message that may be believed.
fn trusted_members(seen: &mut Observed, fields: &Fields) -> Result<(), String> {
    if let Ok(payment) = payment::read(fields).or_else(|_| payment::read_notified(fields)) {
        let members = json!({
            "appid": payment.appid,
            "mch_id": payment.mch_id,
            "out_trade_no": payment.out_trade_no,
            "transaction_id": payment.transaction_id,
            "total_fee": payment.total,
            "cash_fee": payment.payer_total,
            "openid": payment.openid,
            "time_end": payment.paid_at.map(time::to_compact),
        });
        seen.extend(observed(members).into_iter().filter(|(_, value)| !value.is_null()));
    }
    let refunds = read_refunds(fields).map_err(|error| error.to_string())?;
    let refunds = refunds.iter().enumerate().map(|(index, entry)| {
        // Members that only the message has, under their names without index; the typed ones take their places.
        let suffix = format!("_{index}");
        let raw = fields.iter().filter_map(|(name, value)| Some((name.strip_suffix(&suffix)?, value)));
        let mut members: Observed = raw.map(|(name, value)| (name.to_owned(), json!(value))).collect();
        let coupons = entry.coupons.iter();
        let coupons =
            coupons.map(|coupon| json!({"id": coupon.id, "type": coupon.kind, "fee": coupon.amount}));
        let typed = json!({
            "out_refund_no": entry.refund.out_refund_no,
            "refund_id": entry.refund.refund_id,
            "refund_status": entry.refund.status,
            "refund_fee": entry.refund.amount,
            "refund_success_time": entry.refund.succeeded_at.map(time::to_spaced),
            "refund_recv_accout": entry.refund.recv_account,
            "coupons": coupons.collect::<Vec<_>>(),
        });
        members.extend(observed(typed));
        Value::Object(members)
    });
    seen.insert("refunds".to_owned(), refunds.collect());
    Ok(())
}

fn verify_request(input: &Value) -> Result<Observed, String> {
    let (document, key) = (document(input)?, key(input)?);
    let fields = match xml::read(&document) {
        Ok(fields) => fields,
        Err(error) => return Ok(observed(json!({"outcome": "rejected", "reason": error.reason()}))),
    };
    let named = fields.text("sign_type").map_or(Ok(SignType::Md5), str::parse);
    let mut seen = sign_members(&fields, &key, named.unwrap_or_default());
    let result = sign::verify_request(&fields, &key);
    seen.insert("outcome".to_owned(), json!(if result.is_ok() { "verified" } else { "rejected" }));
    match result {
        Ok(sign_type) => seen.insert("algorithm".to_owned(), json!(sign_type.as_str())),
        Err(error) => seen.insert("reason".to_owned(), json!(Rejected::from(error).reason())),
    };
    Ok(seen)
}

fn parse_xml(input: &Value) -> Result<Observed, String> {
    let document = document(input)?;
    let nobodys_key = Secret::new(String::new());
    Ok(observed(match xml::read(&document) {
        Ok(fields) => json!({
            "ok": true,
            "fields": pairs(&fields),
            "is_protocol_answer": !matches!(judge(&document, &nobodys_key), Err(Rejected::NotAnAnswer)),
        }),
        Err(error) => json!({"ok": false, "reason": error.reason(), "is_protocol_answer": false}),
    }))
}

fn build_xml(input: &Value) -> Result<Observed, String> {
    let (fields, key, sign_type) = (params(input)?, key(input)?, sign_type(input)?);
    Ok(observed(match xml::write(&fields) {
        Ok(document) => {
            let back = xml::read(document.as_bytes()).map_err(|error| error.to_string())?;
            json!({
                "refused": false,
                "roundtrip": pairs(&back),
                "string_to_sign": sign::string_to_sign(&back, key.expose()),
                "sign": sign::sign(&back, &key, sign_type),
            })
        }
        Err(error) => json!({"refused": true, "reason": error.reason()}),
    }))
}

fn refund_notify_decrypt(input: &Value) -> Result<Observed, String> {
    let (key, sealed) = (key(input)?, text(input, "req_info")?);
    let mut seen =
        observed(json!({"aes_key_ascii": std::str::from_utf8(&*req_info::cipher_key(&key)).unwrap()}));
    if let Ok(plaintext) = notification::open_req_info(&key, sealed) {
        seen.insert("plaintext".to_owned(), json!(plaintext));
    }
    seen.extend(observed(match notification::req_info_fields(&key, sealed) {
        Ok(fields) => json!({"ok": true, "fields": pairs(&fields)}),
        Err(error) => json!({"ok": false, "reason": error.reason()}),
    }));
    Ok(seen)
}

fn refund_notify_outer(input: &Value) -> Result<Observed, String> {
    let (document, key) = (document(input)?, key(input)?);
    let notice = match notification::refund(&document, &key) {
        Ok(notice) => notice,
        Err(error) => {
            let mut seen = xml::read(&document).map(|fields| object(&fields)).unwrap_or_default();
            seen.extend(observed(json!({"ok": false, "reason": error.reason()})));
            return Ok(seen);
        }
    };
    let refund = &notice.refund;
    Ok(observed(json!({
        "ok": true,
        "return_code": notice.return_code,
        "appid": notice.appid,
        "mch_id": notice.mch_id,
        "refund": {
            "transaction_id": refund.transaction_id,
            "out_trade_no": refund.out_trade_no,
            "refund_id": refund.refund_id,
            "out_refund_no": refund.out_refund_no,
            "total_fee": refund.total,
            "settlement_total_fee": refund.settlement_total,
            "refund_fee": refund.amount,
            "settlement_refund_fee": refund.settlement_amount,
            "refund_status": refund.status,
            "success_time": refund.succeeded_at.map(time::to_spaced),
            "refund_recv_accout": refund.recv_account,
            "refund_account": refund.account,
            "refund_request_source": refund.request_source,
        },
    })))
}

fn bare_cipher(input: &Value) -> Result<Observed, String> {
    let cipher_key =
        text(input, "aes_key_ascii")?.as_bytes().try_into().map_err(|_| "the key has not 32 bytes")?;
    Ok(observed(match req_info::open_with(cipher_key, text(input, "ciphertext")?) {
        Ok(plaintext) => json!({"ok": true, "plaintext": plaintext}),
        Err(error) => json!({"ok": false, "reason": error.reason()}),
    }))
}

fn jsapi(input: &Value) -> Result<Observed, String> {
    let (key, sign_type, (timestamp, now)) = (key(input)?, sign_type(input)?, seconds(input)?);
    let app_id = AppId::new(text(input, "appid")?).map_err(|error| error.to_string())?;
    let (prepay_id, nonce) = (text(input, "prepay_id")?, text(input, "nonce")?);
    let params = pay_params::jsapi(&app_id, prepay_id, nonce, now, sign_type, &key);
    let fields = pay_params::jsapi_fields(&app_id, prepay_id, nonce, timestamp, sign_type);
    Ok(observed(json!({
        "string_to_sign": sign::string_to_sign(&fields, key.expose()),
        "appId": app_id,
        "timeStamp": params.time_stamp,
        "nonceStr": params.nonce_str,
        "package": params.package,
        "signType": params.sign_type.as_str(),
        "paySign": params.pay_sign,
    })))
}

fn app(input: &Value) -> Result<Observed, String> {
    let (key, sign_type, (timestamp, now)) = (key(input)?, sign_type(input)?, seconds(input)?);
    let app_id = AppId::new(text(input, "appid")?).map_err(|error| error.to_string())?;
    let mch_id = MchId::new(text(input, "partnerid")?).map_err(|error| error.to_string())?;
    let (prepay_id, nonce) = (text(input, "prepayid")?, text(input, "noncestr")?);
    let params = pay_params::app(&app_id, &mch_id, prepay_id, nonce, now, sign_type, &key);
    let fields = pay_params::app_fields(&app_id, &mch_id, prepay_id, nonce, timestamp);
    Ok(observed(json!({
        "string_to_sign": sign::string_to_sign(&fields, key.expose()),
        "appid": app_id,
        "partnerid": params.partnerid,
        "prepayid": params.prepayid,
        "package": params.package,
        "noncestr": params.noncestr,
        "timestamp": params.timestamp,
        "sign": params.sign,
    })))
}

fn parse_bill(input: &Value) -> Result<Observed, String> {
    let body = bytes(input, "text", &["gzip_base64", "text_base64"])?;
    Ok(observed(match bill::read(&body) {
        Ok(bill) => json!({
            "ok": true,
            "header": bill.header,
            "rows": bill.rows,
            "summary_header": bill.summary_header,
            "summary": bill.summary,
        }),
        Err(BillError::Message { fields }) => json!({"ok": false, "error": object(&fields)}),
        Err(error) => json!({"ok": false, "reason": error.to_string()}),
    }))
}

/// What belongs to every signed message, whatever comes of it.
fn sign_members(fields: &Fields, key: &Secret<String>, sign_type: SignType) -> Observed {
    let mut seen = object(fields);
    seen.insert("algorithm".to_owned(), json!(sign_type.as_str()));
    seen.insert("computed_sign".to_owned(), json!(sign::sign(fields, key, sign_type)));
    seen.insert("string_to_sign".to_owned(), json!(sign::string_to_sign(fields, key.expose())));
    seen.insert("fields".to_owned(), Value::Object(object(fields)));
    seen
}

fn observed(members: Value) -> Observed {
    match members {
        Value::Object(members) => members,
        _ => Observed::new(),
    }
}

fn object(fields: &Fields) -> Observed {
    fields.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

fn pairs(fields: &Fields) -> Value {
    fields.iter().map(|(name, value)| json!([name, value])).collect()
}

fn text<'a>(input: &'a Value, name: &str) -> Result<&'a str, String> {
    input.get(name).and_then(Value::as_str).ok_or_else(|| format!("the input has no {name}"))
}

fn key(input: &Value) -> Result<Secret<String>, String> {
    text(input, "key").map(|key| Secret::new(key.to_owned()))
}

/// MD5 where the case names none.
fn sign_type(input: &Value) -> Result<SignType, String> {
    match input.get("sign_type") {
        None => Ok(SignType::Md5),
        Some(_) => text(input, "sign_type")?.parse().map_err(|error: crate::v2::SignError| error.to_string()),
    }
}

fn params(input: &Value) -> Result<Fields, String> {
    let pairs = input.get("params").and_then(Value::as_array).ok_or("the input has no params")?;
    let mut fields = Fields::new();
    for pair in pairs {
        match pair.as_array().map(Vec::as_slice) {
            Some([Value::String(name), Value::String(value)]) => fields.push(name, value),
            _ => return Err(format!("{pair} is not a pair of texts")),
        }
    }
    Ok(fields)
}

fn document(input: &Value) -> Result<Vec<u8>, String> {
    bytes(input, "xml", &["xml_base64"])
}

fn bytes(input: &Value, plain: &str, base64: &[&str]) -> Result<Vec<u8>, String> {
    match base64.iter().find_map(|name| input.get(name).and_then(Value::as_str)) {
        Some(encoded) => STANDARD.decode(encoded).map_err(|error| error.to_string()),
        None => text(input, plain).map(|text| text.as_bytes().to_vec()),
    }
}

fn seconds(input: &Value) -> Result<(&str, Timestamp), String> {
    let text = text(input, "timestamp")?;
    let seconds = text.parse().map_err(|_| "the timestamp is not a number of seconds")?;
    Ok((text, Timestamp::from_second(seconds).map_err(|error| error.to_string())?))
}
