use std::path::{Path, PathBuf};

use adapters::connection::{self as shop, Connection, ConnectionError, GivenFiles};
use adapters::secrets::VAULT_FILE;
use catalogue::Language;
use domain::Secret;
use domain::time::{self, Timestamp};

use crate::console::Passphrase;
use crate::dto;
use crate::dto::{
    CertificateFacts, Check, CheckState, CheckSubject, ConnectionForm, ConnectionSource, SecretKeeping,
    SecretPlace, ShopSettings, Trial,
};
use crate::error::Fault;
use crate::open_shop::OpenShop;

/// Each field of the form beside the member of the connection JSON that it fills.
const MEMBERS: [(&str, &str); 19] = [
    ("shopId", "shop.id"),
    ("shopName", "shop.name"),
    ("backendUrl", "backend.base_url"),
    ("backendToken", "backend.token"),
    ("backendCaFile", "backend.ca_file"),
    ("api", "wechat_pay.api"),
    ("wechatUrl", "wechat_pay.base_url"),
    ("wechatCaFile", "wechat_pay.ca_file"),
    ("appId", "wechat_pay.app_id"),
    ("mchId", "wechat_pay.mch_id"),
    ("apiV2Key", "wechat_pay.api_v2_key"),
    ("signType", "wechat_pay.sign_type"),
    ("apiV3Key", "wechat_pay.api_v3_key"),
    ("publicKeyId", "wechat_pay.public_key_id"),
    ("publicKeyFile", "wechat_pay.public_key_file"),
    ("certFile", "wechat_pay.cert_file"),
    ("keyFile", "wechat_pay.key_file"),
    ("p12File", "wechat_pay.p12_file"),
    ("p12Password", "wechat_pay.p12_password"),
];

/// Reads the description of a shop, wherever it comes from. All of them take the same way and the same checks.
pub(crate) fn connection(source: &ConnectionSource) -> Result<Connection, ConnectionError> {
    let now = Timestamp::now();
    match source {
        // Pasted text stands in no folder; its paths have to be whole.
        ConnectionSource::Json { text } => Connection::read(text.as_bytes(), Path::new(""), now),
        ConnectionSource::File { path, given } => {
            Connection::read_file_with(Path::new(path), &given_files(given), now)
        }
        ConnectionSource::Form { form } => {
            let members = MEMBERS.iter().map(|(_, member)| *member);
            Connection::read_form(members.zip(values(form)), now)
        }
    }
}

fn given_files(given: &dto::GivenFiles) -> GivenFiles {
    let path = |typed: &str| (!typed.trim().is_empty()).then(|| PathBuf::from(typed));
    GivenFiles {
        cert: path(&given.cert_file),
        key: path(&given.key_file),
        p12: path(&given.p12_file),
        public_key: path(&given.public_key_file),
    }
}

/// The form's values in the order of [`MEMBERS`].
fn values(form: &ConnectionForm) -> [&str; MEMBERS.len()] {
    [
        &form.shop_id,
        &form.shop_name,
        &form.backend_url,
        &form.backend_token,
        &form.backend_ca_file,
        &form.api,
        &form.wechat_url,
        &form.wechat_ca_file,
        &form.app_id,
        &form.mch_id,
        &form.api_v2_key,
        &form.sign_type,
        &form.api_v3_key,
        &form.public_key_id,
        &form.public_key_file,
        &form.cert_file,
        &form.key_file,
        &form.p12_file,
        &form.p12_password,
    ]
}

/// The passphrase of a vault; none for the keychain.
pub(crate) fn passphrase(place: SecretPlace) -> Option<Passphrase> {
    match place {
        SecretPlace::Keychain => None,
        SecretPlace::Vault { passphrase } => Some(Secret::new(passphrase.into_bytes())),
    }
}

/// What trying a connection showed.
pub(crate) fn trial(connection: &Connection, trial: &shop::Trial, language: Language) -> Trial {
    let mut shown = checked(trial, language);
    shown.shop_name = trial.name_at_backend.clone().or_else(|| Some(connection.shop_name().to_owned()));
    let valid_until = time::to_spaced(connection.certificate().not_after);
    for check in &mut shown.checks {
        check.note = match check.subject {
            CheckSubject::Shop => trial.name_at_backend.clone(),
            CheckSubject::Certificate => Some(valid_until.clone()),
            CheckSubject::Backend | CheckSubject::Wechat => None,
        };
    }
    shown
}

/// What is wrong with a description that could not even be read.
pub(crate) fn unreadable(error: &ConnectionError, language: Language) -> Trial {
    checked(&shop::Trial::unreadable(error), language)
}

fn checked(trial: &shop::Trial, language: Language) -> Trial {
    Trial {
        shop_name: None,
        checks: trial.checks.iter().map(|one| check(one, language)).collect(),
        may_connect: trial.may_connect(),
    }
}

fn check(check: &shop::Check, language: Language) -> Check {
    let fields = MEMBERS.iter().filter(|(_, member)| check.members.contains(member));
    Check {
        subject: match check.subject {
            shop::Subject::Shop => CheckSubject::Shop,
            shop::Subject::Backend => CheckSubject::Backend,
            shop::Subject::WechatPay => CheckSubject::Wechat,
            shop::Subject::Certificate => CheckSubject::Certificate,
        },
        state: match check.state {
            shop::CheckState::Right => CheckState::Right,
            shop::CheckState::Wrong => CheckState::Wrong,
            shop::CheckState::Unchecked => CheckState::Unchecked,
        },
        fields: fields.map(|(field, _)| (*field).to_owned()).collect(),
        fault: check.fault.as_ref().map(|fault| Fault::stored(fault, language)),
        note: None,
    }
}

/// What a shop is set up with; no secret.
pub(crate) fn shop_settings(open: &OpenShop) -> ShopSettings {
    let settings = open.shop.settings();
    let certificate = settings.wechat_pay.certificate_summary().ok();
    ShopSettings {
        shop_id: settings.shop.id.to_string(),
        shop_name: settings.shop.name.clone(),
        terminal: settings.terminal_id.to_string(),
        backend_url: settings.backend.base_url.clone(),
        api: settings.wechat_pay.api.to_string(),
        app_id: settings.wechat_pay.app_id.to_string(),
        mch_id: settings.wechat_pay.mch_id.to_string(),
        wechat_url: settings.wechat_pay.base_url.clone(),
        certificate: certificate.map(|summary| CertificateFacts {
            serial: summary.serial,
            not_after_ms: summary.not_after.into(),
            common_name: summary.common_name,
        }),
        secrets: match (&open.demo, open.shop.folder().join(VAULT_FILE).exists()) {
            (Some(_), _) => SecretKeeping::Memory,
            (None, true) => SecretKeeping::Vault,
            (None, false) => SecretKeeping::Keychain,
        },
        alerts: settings.alerts,
        data_folder: open.shop.folder().display().to_string(),
    }
}
