//! Trying a connection out: everything that can be checked is checked by asking, and nothing is stored.
//!
//! What could not be asked is told apart from what is wrong: a shop may be connected while the network is down, but not
//! with a key that WeChat refuses.

use catalogue::Language;
use domain::TerminalId;
use engine::ports::{GatewayError, SourceError};

use super::{Connection, ConnectionError};
use crate::clients::{self, WechatSecrets};
use crate::fault::Fault;
use crate::probe::{self, ToldByBackend};
use crate::settings::WECHAT_PAY_BASE_URL;
use crate::shop::OpenError;

/// The terminal that a trial speaks as: the installation has no id of its own before a shop is connected.
const TRIAL_TERMINAL: &str = "trial";

/// What trying a connection out showed, one [`Check`] for each [`Subject`], in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The checks.
    pub checks: Vec<Check>,
    /// What the backend calls the shop, if it answered.
    pub name_at_backend: Option<String>,
}

/// How one part of a connection came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which part.
    pub subject: Subject,
    /// How it came out.
    pub state: CheckState,
    /// The members of the connection JSON that are wrong, by their path, as in `backend.token`. More than one where it
    /// may be either, as with a key that does not fit its certificate.
    pub members: Vec<&'static str>,
    /// What is wrong. On a part that is right: what works but somebody should look at.
    pub fault: Option<Fault>,
}

/// A part of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Which shop: whether the backend serves it.
    Shop,
    /// The backend: address, certificate, token, clock.
    Backend,
    /// WeChat Pay: address, key, merchant number, app id.
    WechatPay,
    /// The merchant's certificate and its key. WeChat is not asked about it: only a refund would show it.
    Certificate,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckState {
    /// It was tried, and it is right.
    Right,
    /// It was tried, and it is wrong.
    Wrong,
    /// It could not be tried: there was no answer, or something before it is wrong.
    Unchecked,
}

impl Subject {
    /// Every part, in the order in which a person fills them in.
    pub const ALL: [Subject; 4] = [Subject::Shop, Subject::Backend, Subject::WechatPay, Subject::Certificate];

    /// The part that a member of the connection JSON belongs to.
    fn of(member: &str) -> Subject {
        match member.split_once('.') {
            Some(("backend", _)) => Subject::Backend,
            Some(("wechat_pay", "cert_file" | "key_file" | "p12_file" | "p12_password")) => {
                Subject::Certificate
            }
            Some(("wechat_pay", _)) => Subject::WechatPay,
            _ => Subject::Shop,
        }
    }
}

impl Trial {
    /// The trial of a description that could not be read: the part with the first wrong member is wrong (the shop where
    /// none can be named), and the others were not looked at.
    pub fn unreadable(error: &ConnectionError) -> Trial {
        let members = error.members();
        let wrong = members.first().map_or(Subject::Shop, |member| Subject::of(member));
        let check = |subject| {
            if subject == wrong {
                Check::wrong(subject, members.clone(), error.into())
            } else {
                Check::unchecked(subject, None)
            }
        };
        Trial { checks: Subject::ALL.map(check).to_vec(), name_at_backend: None }
    }

    /// Whether nothing is known to be wrong that would keep the shop from working. What could not be tried does not
    /// stand in the way.
    pub fn may_connect(&self) -> bool {
        self.checks.iter().all(|check| check.state != CheckState::Wrong)
    }

    /// The check of one part.
    pub fn check(&self, subject: Subject) -> Option<&Check> {
        self.checks.iter().find(|check| check.subject == subject)
    }
}

impl Check {
    fn right(subject: Subject, look_at: Option<Fault>) -> Check {
        Check { subject, state: CheckState::Right, members: Vec::new(), fault: look_at }
    }

    fn wrong(subject: Subject, members: Vec<&'static str>, fault: Fault) -> Check {
        Check { subject, state: CheckState::Wrong, members, fault: Some(fault) }
    }

    fn unchecked(subject: Subject, fault: Option<Fault>) -> Check {
        Check { subject, state: CheckState::Unchecked, members: Vec::new(), fault }
    }
}

impl Connection {
    /// Asks backend and WeChat whether addresses, keys, numbers and clock are right. Nothing is stored, and nothing is
    /// sent that could move money. Takes at most as long as the clients wait for an answer, some 40 s.
    pub async fn try_out(&self) -> Trial {
        let (told, wechat_pay) = tokio::join!(self.ask_backend(), self.ask_wechat_pay());
        let look_at = self.warnings.first().map(Fault::from);
        let certificate = Check::right(Subject::Certificate, look_at);
        match told {
            Ok(told) => Trial {
                checks: vec![self.check_shop(&told), check_clock(&told), wechat_pay, certificate],
                name_at_backend: Some(told.shop_name),
            },
            Err(backend) => Trial {
                checks: vec![Check::unchecked(Subject::Shop, None), backend, wechat_pay, certificate],
                name_at_backend: None,
            },
        }
    }

    async fn ask_backend(&self) -> Result<ToldByBackend, Check> {
        #[expect(clippy::expect_used, reason = "five letters have the form of an id")]
        let terminal = TerminalId::new(TRIAL_TERMINAL).expect("a terminal id is well formed");
        let client = clients::backend(&self.backend, self.token.clone(), terminal, Language::default())
            .map_err(|error| {
                Check::wrong(Subject::Backend, vec!["backend.base_url", "backend.ca_file"], error.into())
            })?;
        probe::backend(&client).await.map_err(|error| judge_backend(&error))
    }

    fn check_shop(&self, told: &ToldByBackend) -> Check {
        if told.check_shop(&self.shop_id).is_ok() {
            return Check::right(Subject::Shop, None);
        }
        let parameters = vec![("known", self.shop_id.to_string()), ("told", told.shop_id.to_string())];
        Check::wrong(Subject::Shop, vec!["shop.id"], Fault::new("backend_other_shop", parameters))
    }

    async fn ask_wechat_pay(&self) -> Check {
        let client = clients::wechat_pay(&self.wechat_pay, || {
            // Reading the description made sure that a v2 shop has its key.
            let api_v2_key = self
                .api_v2_key
                .clone()
                .ok_or(crate::secrets::SecretError::Missing { name: crate::secrets::SecretName::ApiV2Key })?;
            Ok(WechatSecrets { certificate: self.certificate.clone(), api_v2_key })
        });
        match client {
            Ok(client) => match probe::wechat_pay(client).await {
                Ok(()) => Check::right(Subject::WechatPay, None),
                Err(error) => judge_wechat_pay(&error, self.wechat_pay.base_url == WECHAT_PAY_BASE_URL),
            },
            Err(error @ OpenError::UnsupportedApi { .. }) => {
                Check::wrong(Subject::WechatPay, vec!["wechat_pay.api"], error.into())
            }
            Err(error) => Check::wrong(
                Subject::WechatPay,
                vec!["wechat_pay.base_url", "wechat_pay.ca_file"],
                error.into(),
            ),
        }
    }
}

fn check_clock(told: &ToldByBackend) -> Check {
    // A clock that is wrong is no fault of the description, and the shop works until a deadline or a signature is
    // missed by it.
    Check::right(Subject::Backend, told.check_clock().err().map(Fault::from))
}

pub(super) fn judge_backend(error: &SourceError) -> Check {
    let members = match error.code {
        "backend_unreachable" | "backend_no_answer" | "backend_busy" => {
            return Check::unchecked(Subject::Backend, Some(error.into()));
        }
        "backend_unauthenticated" | "backend_forbidden" => vec!["backend.token"],
        "backend_tls" => vec!["backend.base_url", "backend.ca_file"],
        // Somebody answered, but not as a backend does: it is another address.
        _ => vec!["backend.base_url"],
    };
    Check::wrong(Subject::Backend, members, error.into())
}

/// At WeChat's own address a hand-shake that fails, or an answer that is none of WeChat's, comes from something in
/// between (a network that wants a sign-in, a clock that is wrong) and says nothing about the description.
pub(super) fn judge_wechat_pay(error: &GatewayError, at_wechat_itself: bool) -> Check {
    let unchecked = || Check::unchecked(Subject::WechatPay, Some(error.into()));
    let members = match error.code {
        "wechat_unreachable" | "wechat_timeout" | "wechat_busy" => return unchecked(),
        "wechat_tls" | "wechat_bad_answer" if at_wechat_itself => return unchecked(),
        "wechat_tls" => vec!["wechat_pay.base_url", "wechat_pay.ca_file"],
        "wechat_bad_answer" => vec!["wechat_pay.base_url"],
        "wechat_key_wrong" => vec!["wechat_pay.api_v2_key"],
        "wechat_certificate_missing"
        | "wechat_certificate_not_accepted"
        | "wechat_certificate_other_merchant" => vec!["wechat_pay.cert_file"],
        _ => match error.err_code.as_str() {
            "APPID_NOT_EXIST" => vec!["wechat_pay.app_id"],
            "MCHID_NOT_EXIST" => vec!["wechat_pay.mch_id"],
            _ => vec!["wechat_pay.app_id", "wechat_pay.mch_id"],
        },
    };
    Check::wrong(Subject::WechatPay, members, error.into())
}
