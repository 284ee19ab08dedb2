use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::secrets::{SecretError, Vault};
use crate::settings::{PayApi, SETTINGS_FILE, SignType};

pub(super) const MCH_ID: &str = "1900000109";
const API_V2_KEY: &str = "192006250b4c09247ec02edce69f6a2d";
const TOKEN: &str = "token-0123456789";

/// A merchant's files and the JSON beside them, as the sandbox prints it.
pub(super) struct Papers {
    folder: TempDir,
    json: Value,
}

impl Papers {
    pub(super) fn new() -> Papers {
        let folder = tempfile::tempdir().unwrap();
        let (cert, key) = certificate(MCH_ID, 2025, 2030);
        fs::write(folder.path().join("apiclient_cert.pem"), cert.pem()).unwrap();
        fs::write(folder.path().join("apiclient_key.pem"), key.serialize_pem()).unwrap();
        fs::write(folder.path().join("ca.pem"), certificate("CA", 2025, 2030).0.pem()).unwrap();
        let public_key = to_public_key_pem(&key);
        fs::write(folder.path().join("wxp_pub.pem"), public_key).unwrap();
        let json = json!({
            "shop": {"id": "s1", "name": "示例小店"},
            "backend": {"base_url": "http://127.0.0.1:1234/merchant/v1", "token": TOKEN, "ca_file": null},
            "wechat_pay": {"api": "v2", "base_url": "https://localhost:2345", "ca_file": "ca.pem",
                "app_id": "wx0123456789abcdef", "mch_id": MCH_ID, "api_v2_key": API_V2_KEY, "sign_type": "MD5",
                "api_v3_key": null, "merchant_serial": null, "public_key_id": null, "public_key_file": null,
                "cert_file": "apiclient_cert.pem", "key_file": "apiclient_key.pem", "p12_file": null}
        });
        Papers { folder, json }
    }

    /// The same with one member changed, by its path.
    pub(super) fn with(mut self, member: &str, value: impl Into<Value>) -> Papers {
        let mut place = &mut self.json;
        for step in member.split('.') {
            place = &mut place[step];
        }
        *place = value.into();
        self
    }

    fn with_file(self, name: &str, content: impl AsRef<[u8]>) -> Papers {
        fs::write(self.folder.path().join(name), content).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn read(&self) -> Result<Connection, ConnectionError> {
        self.read_at("2026-06-01T00:00:00Z")
    }

    pub(super) fn read_at(&self, now: &str) -> Result<Connection, ConnectionError> {
        Connection::read(self.json.to_string().as_bytes(), self.folder.path(), now.parse().unwrap())
    }

    /// The refusal, as code and member.
    #[track_caller]
    fn refusal(&self) -> (&'static str, String) {
        let error = self.read().unwrap_err();
        let printed = format!("{error:?} {error} {:?}", error.parameters());
        assert!(!printed.contains(API_V2_KEY) && !printed.contains(TOKEN), "{printed}");
        let member = error.parameters().into_iter().find(|(name, _)| *name == "member");
        (error.code(), member.map(|(_, member)| member).unwrap_or_default())
    }
}

fn certificate(name: &str, from: i32, until: i32) -> (rcgen::Certificate, KeyPair) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap(), key)
}

/// A p12 file as WeChat makes it. Made once, since its password is stretched.
fn p12() -> &'static [u8] {
    use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let (certificate, key) = certificate(MCH_ID, 2025, 2030);
        let certificate = Certificate::from_der(certificate.der()).unwrap();
        let key = PrivateKey::from_der(key.serialized_der()).unwrap();
        let chain = PrivateKeyChain::new("1", key, [certificate]);
        let mut store = KeyStore::new();
        store.add_entry("Tenpay Certificate", KeyStoreEntry::PrivateKeyChain(chain));
        store.writer(MCH_ID).write().unwrap()
    })
}

fn to_public_key_pem(key: &KeyPair) -> String {
    certificate::to_pem("PUBLIC KEY", &[rcgen::PublicKeyData::subject_public_key_info(key)])
}

pub(super) fn open_vault(folder: &Path) -> Vault {
    Vault::open_cheaply(folder, b"pass").unwrap()
}

#[test]
fn the_published_json_connects_a_shop() {
    let papers = Papers::new();
    let data = tempfile::tempdir().unwrap();
    let vault = open_vault(data.path());
    let report = connect(data.path(), &papers.read().unwrap(), &vault, None).unwrap();
    assert_eq!((report.shop_name.as_str(), report.acquaintance), ("示例小店", Acquaintance::New));
    assert_eq!(report.warnings, []);
    assert_eq!(report.certificate.common_name.as_deref(), Some(MCH_ID));

    let settings = Settings::load(data.path()).unwrap().unwrap();
    assert_eq!(settings.terminal_id, report.terminal_id);
    assert_eq!(settings.backend.base_url, "http://127.0.0.1:1234/merchant/v1");
    assert_eq!(settings.wechat_pay.merchant_serial, report.certificate.serial);
    assert!(settings.wechat_pay.ca_pem.as_ref().unwrap().starts_with("-----BEGIN CERTIFICATE-----\n"));
    let secret = |name| vault.get(name).unwrap().map(|secret| secret.expose().clone());
    assert_eq!(secret(SecretName::ApiV2Key).unwrap(), API_V2_KEY.as_bytes());
    assert_eq!(secret(SecretName::BackendToken).unwrap(), TOKEN.as_bytes());
    assert_eq!(secret(SecretName::ApiV3Key), None);
    let key = vault.required(SecretName::MerchantKey).unwrap();
    let certificate = settings.wechat_pay.client_certificate(key).unwrap();
    assert_eq!(certificate.summary(), &report.certificate);
}

#[test]
fn no_file_of_the_folder_holds_a_secret() {
    // A certificate file with the key in it, as some guides make it.
    let papers = Papers::new();
    let key_pem = fs::read_to_string(papers.path("apiclient_key.pem")).unwrap();
    let both = format!("{}{key_pem}", fs::read_to_string(papers.path("apiclient_cert.pem")).unwrap());
    let papers = papers.with_file("apiclient_cert.pem", &both).with_file("ca.pem", &both);
    let data = tempfile::tempdir().unwrap();
    connect(data.path(), &papers.read().unwrap(), &open_vault(data.path()), None).unwrap();

    let key_line = key_pem.lines().nth(1).unwrap();
    let mut files = 0;
    for entry in fs::read_dir(data.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for secret in [API_V2_KEY, TOKEN, key_line, "PRIVATE KEY"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds {secret}", path.display());
        }
        files += 1;
    }
    assert_eq!(files, 3, "vault, settings and mirror, nothing left behind");
}

#[test]
fn a_connection_does_not_print_its_secrets() {
    let printed = format!("{:?}", Papers::new().read().unwrap());
    assert!(!printed.contains(API_V2_KEY) && !printed.contains(TOKEN), "{printed}");
}

#[test]
fn the_same_shop_again_keeps_its_terminal_and_printing() {
    let data = tempfile::tempdir().unwrap();
    let vault = open_vault(data.path());
    let first = connect(data.path(), &Papers::new().read().unwrap(), &vault, None).unwrap();
    let mut settings = Settings::load(data.path()).unwrap().unwrap();
    settings.printing.rules.clear();
    settings.language = "en".to_owned();
    settings.save(data.path()).unwrap();

    let again = Papers::new()
        .with("shop.name", "新名字")
        .with("backend.token", "token-new")
        .with("wechat_pay.sign_type", "HMAC-SHA256")
        .with("wechat_pay.base_url", Value::Null);
    let second = connect(data.path(), &again.read().unwrap(), &vault, None).unwrap();
    assert_eq!(second.acquaintance, Acquaintance::Again);
    assert_eq!(second.terminal_id, first.terminal_id);
    let settings = Settings::load(data.path()).unwrap().unwrap();
    assert_eq!((settings.shop.name.as_str(), settings.language.as_str()), ("新名字", "en"));
    assert!(settings.printing.rules.is_empty());
    assert_eq!(settings.wechat_pay.sign_type, SignType::HmacSha256);
    assert_eq!(settings.wechat_pay.base_url, "https://api.mch.weixin.qq.com");
    assert_eq!(vault.get(SecretName::BackendToken).unwrap().unwrap().expose(), b"token-new");
}

#[test]
fn another_shop_is_refused_and_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let vault = open_vault(data.path());
    connect(data.path(), &Papers::new().read().unwrap(), &vault, None).unwrap();
    let before = fs::read(data.path().join(SETTINGS_FILE)).unwrap();
    let other = Papers::new().with("shop.id", "s2").with("backend.token", "other");
    let error = connect(data.path(), &other.read().unwrap(), &vault, None).unwrap_err();
    assert_eq!(error.code(), "shop_differs");
    assert_eq!(error.parameters(), [("known", "s1".to_owned()), ("given", "s2".to_owned())]);
    assert_eq!(fs::read(data.path().join(SETTINGS_FILE)).unwrap(), before);
    assert_eq!(vault.get(SecretName::BackendToken).unwrap().unwrap().expose(), TOKEN.as_bytes());
}

#[test]
fn damaged_settings_are_not_replaced_by_connecting() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join(SETTINGS_FILE), "{").unwrap();
    let error =
        connect(data.path(), &Papers::new().read().unwrap(), &open_vault(data.path()), None).unwrap_err();
    assert_eq!(error.code(), "settings_unreadable");
    assert_eq!(fs::read(data.path().join(SETTINGS_FILE)).unwrap(), b"{");
}

/// A store that fails, as a keychain does whose owner refuses to unlock it.
struct Locked;

impl SecretStore for Locked {
    fn get(&self, _: SecretName) -> Result<Option<Secret<Vec<u8>>>, SecretError> {
        Err(SecretError::KeychainLocked { source: None })
    }
    fn set(&self, _: SecretName, _: &Secret<Vec<u8>>) -> Result<(), SecretError> {
        Err(SecretError::KeychainLocked { source: None })
    }
    fn remove(&self, _: SecretName) -> Result<(), SecretError> {
        Err(SecretError::KeychainLocked { source: None })
    }
}

#[test]
fn without_its_secrets_a_shop_is_not_set_up() {
    let data = tempfile::tempdir().unwrap();
    let error = connect(data.path(), &Papers::new().read().unwrap(), &Locked, None).unwrap_err();
    assert_eq!(error.code(), "keychain_unavailable");
    assert_eq!(Settings::load(data.path()).unwrap(), None, "the settings come last");
}

#[test]
fn what_is_required_must_be_there() {
    let required = [
        "shop.id",
        "shop.name",
        "backend.base_url",
        "backend.token",
        "wechat_pay.api",
        "wechat_pay.app_id",
        "wechat_pay.mch_id",
        "wechat_pay.api_v2_key",
        "wechat_pay.cert_file",
        "wechat_pay.key_file",
    ];
    for member in required {
        for nothing in [Value::Null, "".into()] {
            let papers = Papers::new().with(member, nothing);
            assert_eq!(papers.refusal(), ("connection_member_missing", member.to_owned()));
        }
        let mut papers = Papers::new();
        let (part, name) = member.split_once('.').unwrap();
        papers.json[part].as_object_mut().unwrap().remove(name);
        assert_eq!(papers.refusal(), ("connection_member_missing", member.to_owned()));
    }
    assert_eq!(Papers::new().with("shop", Value::Null).refusal().1, "shop.id");
}

#[test]
fn what_is_optional_may_be_absent_and_what_is_unknown_is_ignored() {
    let mut papers = Papers::new().with("wechat_pay.of_tomorrow", 1).with("and", json!([]));
    for name in ["base_url", "ca_file", "sign_type", "api_v3_key", "merchant_serial", "p12_file"] {
        papers.json["wechat_pay"].as_object_mut().unwrap().remove(name);
    }
    papers.json["backend"].as_object_mut().unwrap().remove("ca_file");
    papers.read().unwrap();
}

#[test]
fn what_cannot_be_right_is_named() {
    let wrong = [
        ("shop.id", ".hidden"),
        ("shop.id", "a/b"),
        ("shop.name", "two\nlines"),
        ("backend.base_url", "shop.example"),
        ("backend.token", "with blank"),
        ("backend.token", "line\r\nX-Header: 1"),
        ("wechat_pay.api", "v1"),
        ("wechat_pay.base_url", "http://localhost:1"),
        ("wechat_pay.app_id", "wx 1"),
        ("wechat_pay.mch_id", "19-1"),
        ("wechat_pay.api_v2_key", "192006250b4c09247ec02edce69f6a2d\n"),
        ("wechat_pay.api_v3_key", "too-short"),
        ("wechat_pay.sign_type", "md5"),
    ];
    for (member, value) in wrong {
        let papers = Papers::new().with(member, value);
        assert_eq!(papers.refusal(), ("connection_json_invalid", member.to_owned()), "{value:?}");
    }
    let http = Papers::new().with("backend.base_url", "http://shop.example/merchant/v1");
    assert_eq!(http.refusal(), ("backend_http_not_loopback", "backend.base_url".to_owned()));
}

#[test]
fn json_that_is_none_says_where_and_quotes_nothing() {
    let read = |json: &str| Connection::read(json.as_bytes(), Path::new(""), Timestamp::UNIX_EPOCH);
    for json in ["", "{", "1", "null", r#"{"shop":"s1"}"#] {
        assert_eq!(read(json).unwrap_err().code(), "connection_json_invalid", "{json}");
    }
    let wrong_type = format!(r#"{{"wechat_pay":"{API_V2_KEY}"}}"#);
    let error = read(&wrong_type).unwrap_err();
    assert!(!format!("{error:?} {error}").contains(API_V2_KEY), "{error:?}");
    assert_eq!(error.parameters(), [("member", "1:48".to_owned())]);
}

#[test]
fn a_byte_order_mark_is_no_error() {
    let papers = Papers::new();
    let json = format!("\u{feff}{}", papers.json);
    Connection::read(json.as_bytes(), papers.folder.path(), "2026-06-01T00:00:00Z".parse().unwrap()).unwrap();
}

#[test]
fn relative_paths_start_at_the_json_file() {
    let papers = Papers::new();
    let file = papers.path("connection.json");
    fs::write(&file, papers.json.to_string()).unwrap();
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    Connection::read_file(&file, now).unwrap();
    let absolute = |name| papers.path(name).to_str().unwrap().to_owned();
    let elsewhere = Papers::new()
        .with("wechat_pay.cert_file", absolute("apiclient_cert.pem"))
        .with("wechat_pay.key_file", absolute("apiclient_key.pem"));
    elsewhere.read().unwrap();
    let missing = Connection::read_file(&papers.path("none.json"), now).unwrap_err();
    assert_eq!(missing.code(), "connection_file_unreadable");
}

#[test]
fn files_that_a_person_gives_stand_in_place_of_those_that_the_json_names() {
    let (papers, now) = (Papers::new(), "2026-06-01T00:00:00Z".parse().unwrap());
    let whole = |name: &str| Some(papers.path(name));
    let pair = GivenFiles {
        cert: whole("apiclient_cert.pem"),
        key: whole("apiclient_key.pem"),
        ..GivenFiles::default()
    };
    let read = |given: &GivenFiles, named: [Option<&str>; 3]| {
        let [cert, key, bag] = named;
        let other = Papers::new()
            .with("wechat_pay.cert_file", cert)
            .with("wechat_pay.key_file", key)
            .with("wechat_pay.p12_file", bag)
            .with_file("bag.p12", p12());
        let file = other.path("connection.json");
        fs::write(&file, other.json.to_string()).unwrap();
        let serial = |connection: Connection| connection.certificate().serial.clone();
        Connection::read_file_with(&file, given, now).map(serial).map_err(|error| error.code())
    };
    let own = papers.read().unwrap().certificate().serial.clone();
    assert_eq!(read(&pair, [None, None, None]), Ok(own.clone()), "the JSON names none");
    assert_eq!(read(&pair, [Some("gone.pem"), Some("gone.pem"), None]), Ok(own.clone()));
    assert_eq!(read(&pair, [None, None, Some("bag.p12")]), Ok(own));
    let bag = papers.path("bag.p12");
    fs::write(&bag, p12()).unwrap();
    let bag = GivenFiles { p12: Some(bag), ..GivenFiles::default() };
    let of_bag = read(&bag, [Some("apiclient_cert.pem"), Some("apiclient_key.pem"), None]).unwrap();
    assert_eq!(read(&GivenFiles::default(), [None, None, Some("bag.p12")]), Ok(of_bag));
    let half = GivenFiles { key: None, ..pair };
    assert_eq!(read(&half, [None, None, Some("bag.p12")]), Err("connection_member_missing"));
}

#[test]
fn a_file_that_is_not_there_is_named_with_its_member() {
    for member in ["backend.ca_file", "wechat_pay.ca_file", "wechat_pay.cert_file", "wechat_pay.key_file"] {
        let papers = Papers::new().with(member, "gone.pem");
        assert_eq!(papers.refusal(), ("certificate_file_unreadable", member.to_owned()));
        let parameters = papers.read().unwrap_err().parameters();
        assert!(parameters.contains(&("path", papers.path("gone.pem").display().to_string())));
    }
}

#[test]
fn the_typical_mistakes_with_certificates_have_names_of_their_own() {
    const CERT: &str = "wechat_pay.cert_file";
    const KEY: &str = "wechat_pay.key_file";
    let refusal = |file: &str, content: &[u8]| Papers::new().with_file(file, content).refusal();
    let (other_cert, other_key) = certificate(MCH_ID, 2025, 2030);
    let (other_cert, other_key) = (other_cert.pem(), other_key.serialize_pem());
    let encrypted = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let cases: [(&str, &[u8], &str, &str); 8] = [
        ("apiclient_cert.pem", b"", "certificate_empty", CERT),
        ("apiclient_key.pem", b"\n", "certificate_empty", KEY),
        ("apiclient_cert.pem", b"<html>", "certificate_not_pem", CERT),
        ("apiclient_cert.pem", p12(), "certificate_is_p12", CERT),
        ("apiclient_key.pem", p12(), "certificate_is_p12", KEY),
        ("apiclient_key.pem", other_cert.as_bytes(), "certificate_no_key", KEY),
        ("apiclient_key.pem", other_key.as_bytes(), "key_does_not_fit", KEY),
        ("apiclient_key.pem", encrypted, "key_encrypted", KEY),
    ];
    for (file, content, code, member) in cases {
        assert_eq!(refusal(file, content), (code, member.to_owned()), "{file}");
    }
    let ca = "wechat_pay.ca_file".to_owned();
    assert_eq!(refusal("ca.pem", b" "), ("certificate_empty", ca.clone()));
    assert_eq!(refusal("ca.pem", b"<html>"), ("certificate_not_pem", ca.clone()));
    let no_root = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(refusal("ca.pem", no_root), ("certificate_not_pem", ca));
}

#[test]
fn a_p12_stands_in_for_the_pair() {
    let with_p12 = || {
        Papers::new()
            .with("wechat_pay.cert_file", Value::Null)
            .with("wechat_pay.key_file", Value::Null)
            .with("wechat_pay.p12_file", "apiclient_cert.p12")
            .with_file("apiclient_cert.p12", p12())
    };
    with_p12().read().unwrap();
    let member = "wechat_pay.p12_file".to_owned();
    let password = with_p12().with("wechat_pay.p12_password", "other");
    assert_eq!(password.refusal(), ("p12_wrong_password", member.clone()));
    with_p12().with("wechat_pay.p12_password", MCH_ID).read().unwrap();
    let damaged = with_p12().with_file("apiclient_cert.p12", "no p12");
    assert_eq!(damaged.refusal(), ("p12_unreadable", member));
}

#[test]
fn a_certificate_is_refused_outside_its_years() {
    let papers = Papers::new();
    let expired = papers.read_at("2030-01-02T00:00:00Z").unwrap_err();
    assert_eq!(expired.code(), "certificate_expired");
    assert!(expired.parameters().contains(&("date", "2030-01-01 08:00:00".to_owned())), "Beijing time");
    let early = papers.read_at("2024-12-31T00:00:00Z").unwrap_err();
    assert_eq!(early.code(), "certificate_not_yet_valid");
    assert!(early.parameters().contains(&("date", "2025-01-01 08:00:00".to_owned())));
}

#[test]
fn a_certificate_that_looks_wrong_is_a_warning() {
    let with_name = |name: &str| {
        let (cert, key) = certificate(name, 2025, 2030);
        Papers::new()
            .with_file("apiclient_cert.pem", cert.pem())
            .with_file("apiclient_key.pem", key.serialize_pem())
    };
    let codes = |connection: Connection| -> Vec<_> {
        connection.warnings.iter().map(|warning| (warning.code(), warning.parameters())).collect()
    };
    let other = codes(with_name("1900000999").read().unwrap());
    let numbers = vec![("known", "1900000999".to_owned()), ("given", MCH_ID.to_owned())];
    assert_eq!(other, [("certificate_other_merchant", numbers)]);
    assert_eq!(codes(with_name("some name").read().unwrap()), []);
    let soon = codes(Papers::new().read_at("2029-12-15T00:00:00Z").unwrap());
    assert_eq!(soon[0].0, "certificate_expires_soon");
}

#[test]
fn v3_has_its_own_required_members() {
    let v3 = || {
        Papers::new()
            .with("wechat_pay.api", "v3")
            .with("wechat_pay.api_v2_key", Value::Null)
            .with("wechat_pay.api_v3_key", "0123456789abcdef0123456789abcdef")
            .with("wechat_pay.public_key_id", "PUB_KEY_ID_0119000001092024")
            .with("wechat_pay.public_key_file", "wxp_pub.pem")
    };
    let connection = v3().read().unwrap();
    assert_eq!(connection.wechat_pay.api, PayApi::V3);
    assert!(connection.wechat_pay.public_key_pem.unwrap().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let certificates =
        v3().with("wechat_pay.public_key_id", Value::Null).with("wechat_pay.public_key_file", Value::Null);
    certificates.read().unwrap();
    for member in ["wechat_pay.api_v3_key", "wechat_pay.public_key_id", "wechat_pay.public_key_file"] {
        let missing = v3().with(member, Value::Null);
        assert_eq!(missing.refusal(), ("connection_member_missing", member.to_owned()));
    }
    let not_a_key = v3().with("wechat_pay.public_key_file", "ca.pem");
    assert_eq!(not_a_key.refusal(), ("certificate_not_pem", "wechat_pay.public_key_file".to_owned()));
}

#[test]
fn a_form_is_read_as_the_file_would_be() {
    let papers = Papers::new();
    let mut values: Vec<(String, String)> = Vec::new();
    for part in ["shop", "backend", "wechat_pay"] {
        for (name, value) in papers.json[part].as_object().unwrap() {
            let value = match value.as_str().unwrap_or_default() {
                file if name.ends_with("_file") && !file.is_empty() => {
                    papers.path(file).display().to_string()
                }
                // As it comes out of a clipboard.
                typed => format!(" {typed}\n"),
            };
            values.push((format!("{part}.{name}"), value));
        }
    }
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    let read = |changed: &str, to: &str| {
        let member = |(name, value): &(String, String)| {
            (name.clone(), if name == changed { to.to_owned() } else { value.clone() })
        };
        let members: Vec<_> = values.iter().map(member).collect();
        Connection::read_form(members.iter().map(|(name, value)| (name.as_str(), value.as_str())), now)
    };
    let connection = read("", "").unwrap();
    assert_eq!(connection.shop_name(), "示例小店");
    assert_eq!(connection.api_v2_key.unwrap().expose(), API_V2_KEY);
    let missing = read("backend.token", "  ").unwrap_err();
    assert_eq!((missing.code(), missing.members()), ("connection_member_missing", vec!["backend.token"]));
    let wrong = read("wechat_pay.app_id", "wx 1").unwrap_err();
    assert_eq!((wrong.code(), wrong.members()), ("connection_json_invalid", vec!["wechat_pay.app_id"]));
}

#[test]
fn a_form_marks_each_field_that_may_be_the_wrong_one() {
    let (_, other_key) = certificate(MCH_ID, 2025, 2030);
    let mismatch = Papers::new().with_file("apiclient_key.pem", other_key.serialize_pem());
    let members = mismatch.read().unwrap_err().members();
    assert_eq!(members, ["wechat_pay.cert_file", "wechat_pay.key_file"]);
    let password = Papers::new()
        .with("wechat_pay.cert_file", Value::Null)
        .with("wechat_pay.p12_file", "apiclient_cert.p12")
        .with("wechat_pay.p12_password", "other")
        .with_file("apiclient_cert.p12", p12());
    let members = password.read().unwrap_err().members();
    assert_eq!(members, ["wechat_pay.p12_file", "wechat_pay.p12_password"]);
    let none = Connection::read(b"{", Path::new(""), Timestamp::UNIX_EPOCH).unwrap_err();
    assert!(none.members().is_empty());
}
