use url::{Host, Url};

use super::ConnectionError;

/// The address of a shop's backend: https, or http on this computer.
pub(super) fn backend(member: &'static str, text: &str) -> Result<String, ConnectionError> {
    let url = parse(member, text)?;
    match url.scheme() {
        "https" => Ok(without_last_slash(&url)),
        "http" if is_loopback(&url) => Ok(without_last_slash(&url)),
        "http" => Err(ConnectionError::BackendHttpNotLoopback { member }),
        _ => Err(ConnectionError::MemberInvalid { member, reason: "an https address" }),
    }
}

/// The address of WeChat Pay or of a private gateway: https, on this computer too, since the certificate travels in
/// the TLS hand-shake.
pub(super) fn wechat_pay(member: &'static str, text: &str) -> Result<String, ConnectionError> {
    let url = parse(member, text)?;
    if url.scheme() != "https" {
        return Err(ConnectionError::MemberInvalid { member, reason: "an https address" });
    }
    Ok(without_last_slash(&url))
}

fn parse(member: &'static str, text: &str) -> Result<Url, ConnectionError> {
    let invalid = |reason| ConnectionError::MemberInvalid { member, reason };
    let url = Url::parse(text).map_err(|_| invalid("an https address"))?;
    if url.host().is_none() {
        return Err(invalid("an address with a host"));
    }
    // A user and password in the address would be stored with the settings and written to logs.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("an address without user and password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("an address without ? and #"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Paths are put behind it with their own slash.
fn without_last_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_this_computer_only() {
        for loopback in ["http://127.0.0.1:1234/merchant/v1/", "http://localhost", "http://[::1]:80/a"] {
            assert!(backend("m", loopback).is_ok(), "{loopback}");
        }
        let elsewhere =
            ["http://shop.example", "http://10.0.0.1", "http://localhost.example", "http://127.0.0.1.nip.io"];
        for address in elsewhere {
            assert_eq!(backend("m", address).unwrap_err().code(), "backend_http_not_loopback", "{address}");
        }
        assert!(wechat_pay("m", "http://localhost:2345").is_err());
    }

    #[test]
    fn an_address_is_kept_without_its_last_slash() {
        assert_eq!(
            backend("m", "https://Shop.example/merchant/v1/").unwrap(),
            "https://shop.example/merchant/v1"
        );
        assert_eq!(wechat_pay("m", "https://localhost:2345/").unwrap(), "https://localhost:2345");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let wrong = [
            "",
            "shop.example",
            "ftp://shop.example",
            "https://",
            "https://u:p@a",
            "https://a?b",
            "https://a#b",
        ];
        for address in wrong {
            let error = backend("m", address).unwrap_err();
            assert_eq!(error.code(), "connection_json_invalid", "{address:?}");
        }
    }
}
