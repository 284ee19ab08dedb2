//! One shop of this PC: its folder opened, and an engine over real clients.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use catalogue::Language;
use domain::verify::Merchant;
use domain::{OutTradeNo, ShopHead};
use engine::ports::{GatewayError, Notifier, OrderSource, PaymentGateway, PaymentNumber, Place, SourceError};
use engine::{Engine, Observer, Parts, TicketRule, Tickets};
use mirror::Mirror;
use thiserror::Error;
use wechat_pay::{CertificateError, ClientCertificate};

use crate::backend::Backend;
use crate::clock::SystemClock;
use crate::gateway::WechatPayV2;
use crate::lock::DriverSeat;
use crate::notifications::Click;
use crate::paper::{AUTO, Printers};
use crate::secrets::{SecretError, SecretName, SecretStore};
use crate::settings::{BackendAuth, PayApi, PrintTarget, Settings, SettingsError, SignType};
use crate::telling::{Desktop, Silence};

/// The mirror's file in the data folder.
pub const MIRROR_FILE: &str = "mirror.db";

/// A connected shop: its settings and its mirror. Neither needs a secret.
pub struct Shop {
    folder: PathBuf,
    settings: Settings,
    mirror: Mirror,
}

/// A shop cannot be opened, or its engine not be made.
#[derive(Debug, Error)]
pub enum OpenError {
    /// No shop was ever connected in this folder.
    #[error("no shop is connected in {folder}")]
    NotConnected {
        /// The folder.
        folder: PathBuf,
    },
    /// The settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The mirror.
    #[error(transparent)]
    Mirror(#[from] mirror::Error),
    /// The keychain or vault.
    #[error(transparent)]
    Secrets(#[from] SecretError),
    /// A stored address, certificate or key cannot be used.
    #[error("the stored {what} cannot be used")]
    Unusable {
        /// Which part of the settings.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The shop's protocol version is not spoken yet.
    #[error("WeChat Pay {api} is not spoken yet")]
    UnsupportedApi {
        /// The version.
        api: PayApi,
    },
}

/// Who tells people, and who hears what they click.
pub enum Telling {
    /// The desktop's notifications.
    Desktop(Box<dyn Fn(Click) + Send + Sync>),
    /// Nobody: this process does not serve.
    Nobody,
}

/// What a caller may change about an engine for one run.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Another printer than the rules name.
    pub print_to: Option<String>,
    /// Another paper width in mm than the rules name.
    pub width_mm: Option<u32>,
}

impl Shop {
    /// Opens the folder's shop.
    pub fn open(folder: &Path) -> Result<Shop, OpenError> {
        let settings =
            Settings::load(folder)?.ok_or_else(|| OpenError::NotConnected { folder: folder.to_owned() })?;
        let mirror = Mirror::open(&folder.join(MIRROR_FILE))?;
        Ok(Shop { folder: folder.to_owned(), settings, mirror })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The mirror.
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// The shop as tickets name it.
    pub fn head(&self) -> ShopHead {
        ShopHead { name: self.settings.shop.name.clone(), address: None, phone: None }
    }

    /// The shop's language.
    pub fn language(&self) -> Language {
        Language::from_str(&self.settings.language).unwrap_or_default()
    }

    /// An engine over the shop's backend, WeChat Pay, printers and desktop.
    pub fn engine(
        &self,
        secrets: &dyn SecretStore,
        telling: Telling,
        observer: Arc<dyn Observer>,
        wishes: &Wishes,
    ) -> Result<Engine, OpenError> {
        let settings = &self.settings;
        let merchant = Merchant {
            app_id: settings.wechat_pay.app_id.clone(),
            mch_id: settings.wechat_pay.mch_id.clone(),
        };
        let parts = Parts {
            mirror: self.mirror.clone(),
            source: Arc::new(Backend::new(self.backend_client(secrets)?)),
            gateway: Arc::new(WechatPayV2::new(self.wechat_pay_client(secrets)?)),
            notifier: self.notifier(telling),
            printer: Arc::new(Printers::new(self.head(), self.language())),
            clock: Arc::new(SystemClock),
            seat: Arc::new(DriverSeat::of(&self.folder)),
            place: Place { shop: settings.shop.id.clone(), terminal: settings.terminal_id.clone(), merchant },
            tickets: self.tickets(wishes),
            observer,
        };
        Ok(Engine::new(parts))
    }

    fn notifier(&self, telling: Telling) -> Arc<dyn Notifier> {
        match telling {
            Telling::Desktop(on_click) if self.settings.alerts => {
                match Desktop::start(self.language(), on_click) {
                    Ok(desktop) => Arc::new(desktop),
                    Err(error) => {
                        tracing::warn!(%error, "no desktop notifications");
                        Arc::new(Silence)
                    }
                }
            }
            Telling::Desktop(_) | Telling::Nobody => Arc::new(Silence),
        }
    }

    fn tickets(&self, wishes: &Wishes) -> Tickets {
        let printing = &self.settings.printing;
        let rules = printing
            .rules
            .iter()
            .map(|rule| TicketRule {
                template: rule.template.clone(),
                target: wishes.print_to.clone().unwrap_or_else(|| match &rule.target {
                    PrintTarget::Auto => AUTO.to_owned(),
                    PrintTarget::Printer(target) => target.clone(),
                }),
                width_mm: wishes.width_mm.unwrap_or_else(|| u32::from(rule.width.millimetres())),
                copies: u32::from(rule.copies.count()),
            })
            .collect();
        Tickets {
            rules,
            print_unverified: printing.print_unverified,
            print_missed: printing.print_missed,
            print_refunds: true,
        }
    }

    fn backend_client(&self, secrets: &dyn SecretStore) -> Result<merchant_api::Client, OpenError> {
        let backend = &self.settings.backend;
        let unusable = |source: Box<dyn std::error::Error + Send + Sync>| OpenError::Unusable {
            what: "backend.base_url",
            source,
        };
        let token = secrets.required_text(SecretName::BackendToken)?;
        let BackendAuth::Bearer = backend.auth;
        merchant_api::Client::new(merchant_api::Config {
            base_url: backend.base_url.parse().map_err(|error: url::ParseError| unusable(error.into()))?,
            credentials: merchant_api::Credentials::Bearer(token),
            terminal: self.settings.terminal_id.clone(),
            extra_root_pem: backend.ca_pem.clone().map(String::into_bytes),
            accept_language: self.language().as_str().to_owned(),
        })
        .map_err(|error| unusable(error.into()))
    }

    fn wechat_pay_client(&self, secrets: &dyn SecretStore) -> Result<wechat_pay::v2::Client, OpenError> {
        let settings = &self.settings.wechat_pay;
        if settings.api != PayApi::V2 {
            return Err(OpenError::UnsupportedApi { api: settings.api });
        }
        let unusable = |what| {
            move |source: Box<dyn std::error::Error + Send + Sync>| OpenError::Unusable { what, source }
        };
        let certificate = self.certificate(secrets)?;
        wechat_pay::v2::Client::new(wechat_pay::v2::Config {
            base_url: settings
                .base_url
                .parse()
                .map_err(|error: url::ParseError| unusable("wechat_pay.base_url")(error.into()))?,
            extra_root_pem: settings.ca_pem.clone().map(String::into_bytes),
            app_id: settings.app_id.clone(),
            mch_id: settings.mch_id.clone(),
            api_v2_key: secrets.required_text(SecretName::ApiV2Key)?,
            sign_type: match settings.sign_type {
                SignType::Md5 => wechat_pay::v2::SignType::Md5,
                SignType::HmacSha256 => wechat_pay::v2::SignType::HmacSha256,
            },
            certificate: Some(certificate),
            connect_timeout: wechat_pay::v2::CONNECT_TIMEOUT,
            read_timeout: wechat_pay::v2::READ_TIMEOUT,
        })
        .map_err(|error| unusable("wechat_pay")(error.into()))
    }

    /// The merchant's certificate with its key.
    pub fn certificate(&self, secrets: &dyn SecretStore) -> Result<ClientCertificate, OpenError> {
        let key = secrets.required(SecretName::MerchantKey)?;
        let unusable = |error: CertificateError| OpenError::Unusable {
            what: "wechat_pay.cert_file",
            source: error.into(),
        };
        self.settings.wechat_pay.client_certificate(key).map_err(unusable)
    }
}

/// Why a probe of the world did not come out well.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// The shop's clients cannot be made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The backend.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// WeChat.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The backend serves another shop than the one that is connected.
    #[error("the backend serves {told}, connected is {known}")]
    OtherShop {
        /// The connected shop.
        known: String,
        /// The backend's.
        told: String,
    },
    /// The PC's clock and the backend's differ too much.
    #[error("the clocks differ by {seconds} s")]
    Clock {
        /// How much, in seconds.
        seconds: i64,
    },
}

impl Shop {
    /// Asks the backend what it can do: whether address, certificate, token, shop and clock are right.
    pub async fn probe_backend(&self, secrets: &dyn SecretStore) -> Result<(), ProbeError> {
        let client = self.backend_client(secrets)?;
        let told = Backend::new(client.clone()).capabilities().await?;
        let known = self.settings.shop.id.to_string();
        if told.shop_id != known {
            return Err(ProbeError::OtherShop { known, told: told.shop_id });
        }
        match client.last_skew() {
            Some(skew) => Err(ProbeError::Clock { seconds: skew.as_secs().abs() }),
            None => Ok(()),
        }
    }

    /// Asks WeChat about an order that does not exist: whether address, key, merchant and mini program are right. The
    /// certificate is used for refunds alone, and nothing is sent that could move money.
    pub async fn probe_wechat_pay(&self, secrets: &dyn SecretStore) -> Result<(), ProbeError> {
        let gateway = WechatPayV2::new(self.wechat_pay_client(secrets)?);
        let number = format!("probe{}", &uuid::Uuid::new_v4().simple().to_string()[..20]);
        if let Ok(number) = OutTradeNo::new(number) {
            gateway.query(&PaymentNumber::OutTradeNo(number)).await?;
        }
        Ok(())
    }
}
