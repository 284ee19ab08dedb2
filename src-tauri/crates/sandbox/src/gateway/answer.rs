//! Answers: signed with the algorithm of the request, or spoilt as a fault demands.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use rand::RngExt;
use wechat_pay::v2::{Fields, sign};

use super::ledger::Refusal;
use super::{Admitted, Endpoint, Gateway};
use crate::faults::GatewayFaults;
use crate::serve::HangUp;

/// What came of a call that was let in.
pub(super) enum Outcome {
    /// Done, with these fields.
    Done(Fields),
    /// Not done: `result_code=FAIL`.
    Refused(Refusal),
    /// Done or not, the caller never hears.
    Silence,
    /// Done, and the connection is reset.
    Reset,
}

impl Outcome {
    pub(super) fn refused(code: &'static str, text: &str) -> Outcome {
        Outcome::Refused(Refusal::new(code, text))
    }
}

impl From<Result<Fields, Refusal>> for Outcome {
    fn from(result: Result<Fields, Refusal>) -> Outcome {
        match result {
            Ok(fields) => Outcome::Done(fields),
            Err(refusal) => Outcome::Refused(refusal),
        }
    }
}

/// What the caller gets.
pub(super) enum Answer {
    /// `return_code=FAIL` with a text and no sign.
    Said(String),
    /// A message with its sign, if it has one.
    Fields(Fields),
    /// Nothing, for as long as the caller waits.
    Silence,
    /// A reset connection.
    Reset,
}

impl Gateway {
    /// Adds what every answer has, and signs it.
    pub(super) fn dress(&self, endpoint: Endpoint, request: &Admitted, outcome: Outcome) -> Answer {
        let (result, body) = match outcome {
            Outcome::Silence => return Answer::Silence,
            Outcome::Reset => return Answer::Reset,
            Outcome::Done(body) => ("SUCCESS", body),
            Outcome::Refused(Refusal { code, text }) => {
                ("FAIL", Fields::new().with("err_code", code).with("err_code_des", &text))
            }
        };
        let mut fields = Fields::new()
            .with("return_code", "SUCCESS")
            .with("return_msg", "OK")
            .with("appid", request.fields.text("appid").unwrap_or_default())
            .with("mch_id", self.identity.mch_id.as_str())
            .with("nonce_str", &self.hex(32))
            .with("result_code", result);
        for (name, value) in body.iter() {
            fields.push(name, value);
        }
        let name = endpoint.name();
        let (unsigned, bad) =
            self.faults.gateway(|faults| (faults.unsigned.take(name), faults.bad_sign.take(name)));
        if unsigned {
            return Answer::Fields(fields);
        }
        let mut signature = sign::sign(&fields, &self.identity.api_v2_key, request.sign_type);
        if bad {
            signature = signature.chars().rev().collect();
        }
        fields.push("sign", &signature);
        Answer::Fields(fields)
    }

    /// Writes as WeChat does: numbers sometimes bare and sometimes as CDATA, everything else as CDATA.
    pub(super) fn write(&self, fields: &Fields) -> String {
        let mut document = String::from("<xml>");
        for (name, value) in fields.iter() {
            let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
            if digits && self.rng().random_bool(0.5) {
                document.push_str(&format!("<{name}>{value}</{name}>\n"));
            } else {
                let value = value.replace("]]>", "]]]]><![CDATA[>");
                document.push_str(&format!("<{name}><![CDATA[{value}]]></{name}>\n"));
            }
        }
        document.push_str("</xml>");
        document
    }
}

impl Answer {
    pub(super) async fn into_response(self, gateway: &Gateway, endpoint: Endpoint) -> Response {
        let document = match self {
            // The caller's time-out, or the end of the sandbox, drops this future.
            Answer::Silence => std::future::pending().await,
            Answer::Reset => return HangUp::Reset.into_response(),
            Answer::Said(text) => {
                gateway.write(&Fields::new().with("return_code", "FAIL").with("return_msg", &text))
            }
            Answer::Fields(fields) => gateway.write(&fields),
        };
        let spoil = gateway.faults.gateway(|faults| Spoil::take(faults, endpoint.name()));
        match spoil {
            None => xml_response(document),
            Some(Spoil::BadGateway) => page(StatusCode::BAD_GATEWAY, "502 Bad Gateway", ""),
            Some(Spoil::LoginPage) => page(StatusCode::OK, "欢迎使用酒店无线网络", "<p>请登录后上网</p>"),
            Some(Spoil::Truncated) => {
                let middle = document.floor_char_boundary(document.len() / 2);
                xml_response(document[..middle].to_owned())
            }
            Some(Spoil::Huge) => {
                let padding = " ".repeat(2 * 1024 * 1024);
                xml_response(document.replacen("<xml>", &format!("<xml>{padding}"), 1))
            }
            Some(Spoil::EntityBomb) => xml_response(format!(
                "<?xml version=\"1.0\"?><!DOCTYPE xml [<!ENTITY a \"{}\"><!ENTITY b \"{}\"><!ENTITY c \"{}\">]>{}",
                "a".repeat(64),
                "&a;".repeat(64),
                "&b;".repeat(64),
                document.replacen("<xml>", "<xml><attach>&c;</attach>", 1)
            )),
        }
    }
}

/// Ways in which an answer does not arrive as it was sent.
enum Spoil {
    BadGateway,
    LoginPage,
    Truncated,
    Huge,
    EntityBomb,
}

impl Spoil {
    fn take(faults: &mut GatewayFaults, endpoint: &str) -> Option<Spoil> {
        [
            (&mut faults.http_502_html, Spoil::BadGateway),
            (&mut faults.html_200, Spoil::LoginPage),
            (&mut faults.truncated, Spoil::Truncated),
            (&mut faults.huge, Spoil::Huge),
            (&mut faults.entity_bomb, Spoil::EntityBomb),
        ]
        .into_iter()
        .find_map(|(switch, spoil)| switch.take(endpoint).then_some(spoil))
    }
}

fn xml_response(document: String) -> Response {
    // WeChat's own type varies; text/plain is the one that trips up clients which trust it.
    response(StatusCode::OK, "text/plain", document)
}

/// nginx's page for a request that it refuses itself.
pub(super) fn page_400(text: &str) -> Response {
    page(StatusCode::BAD_REQUEST, &format!("400 {text}"), &format!("<center>{text}</center>"))
}

pub(super) fn page(status: StatusCode, title: &str, text: &str) -> Response {
    let document = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n{text}\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    response(status, "text/html; charset=utf-8", document)
}

fn response(status: StatusCode, content_type: &'static str, document: String) -> Response {
    let mut response = Response::new(Body::from(document));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
