//! One shop of this PC: its folder opened, and an engine over real clients.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalogue::Language;
use domain::time::Timestamp;
use domain::verify::Merchant;
use domain::{ShopHead, ShopId};
use engine::ports::{Notifier, Place};
use engine::{Engine, Guards, Observer, Parts, People, TicketRule, Tickets};
use mirror::{AuditKind, Mirror, NewAudit};
use thiserror::Error;
use wechat_pay::{CertificateError, ClientCertificate};

use crate::backend::Backend;
use crate::clients::{self, WechatSecrets};
use crate::clock::SystemClock;
use crate::gateway::WechatPayV2;
use crate::home::Home;
use crate::lock::DriverSeat;
use crate::notifications::Click;
use crate::paper::{AUTO, Printers};
use crate::pins::Argon2id;
use crate::probe;
use crate::secrets::{SecretError, SecretName, SecretStore};
use crate::settings::{
    LiveSettings, PaperWidth, PayApi, PrintTarget, PrintingChoice, Settings, SettingsError, difference,
};
use crate::telling::{Desktop, Silence, TitleName};

pub use crate::probe::ProbeError;

/// The mirror's file in the data folder.
pub const MIRROR_FILE: &str = "mirror.db";

/// A connected shop: its settings and its mirror. Neither needs a secret.
pub struct Shop {
    folder: PathBuf,
    settings: LiveSettings,
    mirror: Mirror,
    people: People,
    title_name: TitleName,
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
    /// The mirror in the folder is another shop's than the settings beside it.
    #[error("the mirror is shop {known}'s, the settings are {given}'s")]
    ShopDiffers {
        /// The mirror's.
        known: ShopId,
        /// The settings'.
        given: ShopId,
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

/// A setting was not changed.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// The settings cannot be read or written.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The audit log cannot be written.
    #[error(transparent)]
    Mirror(#[from] mirror::Error),
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
        if let Some(known) = Home::of(&mirror)?.shop
            && known != settings.shop.id
        {
            return Err(OpenError::ShopDiffers { known, given: settings.shop.id });
        }
        Ok(Shop {
            folder: folder.to_owned(),
            people: People::new(
                mirror.clone(),
                Arc::new(SystemClock),
                Arc::new(Argon2id::MODEST),
                settings.terminal_id.clone(),
            ),
            settings: LiveSettings::new(folder, settings),
            mirror,
            title_name: TitleName::default(),
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The settings as they are now.
    ///
    /// An engine speaks to backend and WeChat as the settings were when it was made; a shop that was connected anew
    /// wants a new one.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.current()
    }

    /// The mirror.
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// Who works here, and who of them is signed in: the same as [`Engine::people`] of this shop's engines has it.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// The shop as tickets name it.
    pub fn head(&self) -> ShopHead {
        self.settings().head()
    }

    /// What people call the shop.
    pub fn name(&self) -> String {
        self.settings().shop.name.clone()
    }

    /// The shop's language.
    pub fn language(&self) -> Language {
        self.settings().language()
    }

    /// The width of the paper that the first print rule prints on.
    pub fn paper_width(&self) -> PaperWidth {
        self.settings().printing.choice().width
    }

    /// Gives the shop another language: from now on notifications and tickets are in it. The backend words its refusals
    /// in it from the next start on. `actor` is who wants it; `None`: the program, or the owner alone.
    pub fn speak(&self, language: Language, actor: Option<&str>) -> Result<(), ChangeError> {
        self.change(actor, move |settings| settings.language = language.as_str().to_owned())
    }

    /// Switches the desktop's notifications on or off, from now on.
    pub fn set_alerts(&self, on: bool, actor: Option<&str>) -> Result<(), ChangeError> {
        self.change(actor, move |settings| settings.alerts = on)
    }

    /// What the titles of notifications call the shop, from now on: where several shops are watched at once each says which
    /// it is, and the demo shop always says that it is one. `None`, as at first: nothing, since there is only the one shop.
    pub fn name_in_titles(&self, name: Option<String>) {
        self.title_name.set(name);
    }

    /// Changes what is printed by itself. A running engine follows once it is given [`Shop::tickets`].
    pub fn change_printing(&self, choice: &PrintingChoice, actor: Option<&str>) -> Result<(), ChangeError> {
        let choice = choice.clone();
        self.change(actor, move |settings| settings.printing.choose(&choice))
    }

    /// Changes the settings, with a row of the audit log for what changed. Blocks for some milliseconds.
    ///
    /// The settings are a file and no part of the mirror's transaction: the row is written right after the file was. The
    /// transaction is open by then, so that settings are left alone while the log cannot be written; only a crash or a
    /// full disk between the two leaves a change without its row.
    fn change(
        &self,
        actor: Option<&str>,
        change: impl FnOnce(&mut Settings) + Send + 'static,
    ) -> Result<(), ChangeError> {
        let (settings, actor) = (self.settings.clone(), actor.map(str::to_owned));
        self.mirror.write_blocking(move |tx| {
            let before = settings.change(change)?;
            let after = settings.current();
            if let Some((was, is)) = difference(Some(&before), &after) {
                let audit = NewAudit::new(AuditKind::SettingChanged, &after.terminal_id);
                tx.audit(&audit.by(actor.as_deref()).from(was).to(is), Timestamp::now())?;
            }
            Ok(())
        })
    }

    /// An engine over the shop's backend, WeChat Pay, printers and desktop.
    pub fn engine(
        &self,
        secrets: &dyn SecretStore,
        telling: Telling,
        observer: Arc<dyn Observer>,
        wishes: &Wishes,
    ) -> Result<Engine, OpenError> {
        let settings = self.settings();
        let merchant = Merchant {
            app_id: settings.wechat_pay.app_id.clone(),
            mch_id: settings.wechat_pay.mch_id.clone(),
        };
        let parts = Parts {
            mirror: self.mirror.clone(),
            source: Arc::new(Backend::new(self.backend_client(secrets)?)),
            gateway: Arc::new(WechatPayV2::new(self.wechat_pay_client(secrets)?)),
            notifier: self.notifier(telling),
            printer: Arc::new(Printers::new(self.settings.clone())),
            clock: Arc::new(SystemClock),
            seat: Arc::new(DriverSeat::of(&self.folder)),
            place: Place { shop: settings.shop.id.clone(), terminal: settings.terminal_id.clone(), merchant },
            people: self.people.clone(),
            certificate_until: settings
                .wechat_pay
                .certificate_summary()
                .ok()
                .map(|certificate| certificate.not_after),
            tickets: self.tickets(wishes),
            observer,
            guards: Guards::default(),
        };
        Ok(Engine::new(parts))
    }

    fn notifier(&self, telling: Telling) -> Arc<dyn Notifier> {
        match telling {
            Telling::Desktop(on_click) => {
                match Desktop::start(self.settings.clone(), self.title_name.clone(), on_click) {
                    Ok(desktop) => Arc::new(desktop),
                    Err(error) => {
                        tracing::warn!(%error, "no desktop notifications");
                        Arc::new(Silence)
                    }
                }
            }
            Telling::Nobody => Arc::new(Silence),
        }
    }

    /// What is printed by itself, as the settings have it now: for the engine's [`Parts`], and for
    /// [`Engine::set_tickets`] after they changed.
    pub fn tickets(&self, wishes: &Wishes) -> Tickets {
        let settings = self.settings();
        let printing = &settings.printing;
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
        let settings = self.settings();
        let token = secrets.required_text(SecretName::BackendToken)?;
        clients::backend(&settings.backend, token, settings.terminal_id.clone(), settings.language())
    }

    fn wechat_pay_client(&self, secrets: &dyn SecretStore) -> Result<wechat_pay::v2::Client, OpenError> {
        clients::wechat_pay(&self.settings().wechat_pay, || {
            let api_v2_key = secrets.required_text(SecretName::ApiV2Key)?;
            Ok(WechatSecrets { certificate: self.certificate(secrets)?, api_v2_key })
        })
    }

    /// The merchant's certificate with its key.
    pub fn certificate(&self, secrets: &dyn SecretStore) -> Result<ClientCertificate, OpenError> {
        let key = secrets.required(SecretName::MerchantKey)?;
        let unusable = |error: CertificateError| OpenError::Unusable {
            what: "wechat_pay.cert_file",
            source: error.into(),
        };
        self.settings().wechat_pay.client_certificate(key).map_err(unusable)
    }
}

impl Shop {
    /// Asks the backend what it can do: whether address, certificate, token, shop and clock are right.
    pub async fn probe_backend(&self, secrets: &dyn SecretStore) -> Result<(), ProbeError> {
        let told = probe::backend(&self.backend_client(secrets)?).await?;
        told.check_shop(&self.settings().shop.id)?;
        told.check_clock()
    }

    /// Asks WeChat about an order that does not exist: whether address, key, merchant and mini program are right. The
    /// certificate is used for refunds alone, and nothing is sent that could move money.
    pub async fn probe_wechat_pay(&self, secrets: &dyn SecretStore) -> Result<(), ProbeError> {
        Ok(probe::wechat_pay(self.wechat_pay_client(secrets)?).await?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::example;

    fn shop(folder: &Path) -> Shop {
        example().save(folder).unwrap();
        Shop::open(folder).unwrap()
    }

    #[test]
    fn language_and_alerts_change_at_once_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let shop = shop(folder.path());
        assert_eq!((shop.language(), shop.settings().alerts), (Language::ZhCn, true));
        shop.speak(Language::ZhTw, None).unwrap();
        shop.set_alerts(false, None).unwrap();
        assert_eq!((shop.language(), shop.settings().alerts), (Language::ZhTw, false));
        let again = Settings::load(folder.path()).unwrap().unwrap();
        assert_eq!((again.language(), again.alerts), (Language::ZhTw, false));
    }

    #[test]
    fn what_is_printed_follows_the_choice() {
        let folder = tempfile::tempdir().unwrap();
        let shop = shop(folder.path());
        let choice = PrintingChoice {
            target: "tcp:10.0.0.9:9100".parse().unwrap(),
            width: 58.try_into().unwrap(),
            template: "kitchen".to_owned(),
            copies: 2.try_into().unwrap(),
            print_unverified: true,
            print_missed: true,
        };
        shop.change_printing(&choice, None).unwrap();
        assert_eq!(shop.paper_width(), PaperWidth::Mm58);
        let tickets = shop.tickets(&Wishes::default());
        let rule = &tickets.rules[0];
        assert_eq!((rule.target.as_str(), rule.template.as_str()), ("tcp:10.0.0.9:9100", "kitchen"));
        assert_eq!((rule.width_mm, rule.copies), (58, 2));
        assert!(tickets.print_unverified && tickets.print_missed);
        let wishes = Wishes { print_to: Some("usb".to_owned()), width_mm: Some(80) };
        let rule = &shop.tickets(&wishes).rules[0];
        assert_eq!((rule.target.as_str(), rule.width_mm), ("usb", 80), "a wish counts for this run");
    }

    fn log(shop: &Shop) -> Vec<mirror::AuditRow> {
        let all = mirror::AuditFilter::default();
        let rows = shop.mirror().write_blocking::<_, mirror::Error>(move |tx| tx.audit_after(&all, 0, 100));
        rows.unwrap()
    }

    #[test]
    fn a_change_is_told_with_who_before_and_after() {
        let folder = tempfile::tempdir().unwrap();
        let shop = shop(folder.path());
        shop.set_alerts(true, Some("wang")).unwrap();
        assert_eq!(log(&shop), [], "as it was before is no change");
        shop.set_alerts(false, Some("wang")).unwrap();
        shop.speak(Language::En, None).unwrap();
        let printing = PrintingChoice { print_missed: true, ..shop.settings().printing.choice() };
        shop.change_printing(&printing, Some("wang")).unwrap();
        let rows = log(&shop);
        let told: Vec<_> = rows.iter().map(|row| (row.who.as_deref(), row.before.clone().unwrap())).collect();
        let expected = [
            (Some("wang"), json!({"alerts": true})),
            (None, json!({"language": "zh-CN"})),
            (Some("wang"), json!({"printing": {"print_missed": false}})),
        ];
        assert_eq!(told, expected);
        assert_eq!(rows[0].after, Some(json!({"alerts": false})));
        assert!(rows.iter().all(|row| row.kind == "setting_changed"));
        assert_eq!(rows[0].terminal, shop.settings().terminal_id.as_str());
    }

    #[test]
    fn a_change_that_cannot_be_kept_is_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let shop = shop(folder.path());
        std::fs::write(folder.path().join(crate::settings::SETTINGS_FILE), "{").unwrap();
        assert!(matches!(shop.set_alerts(false, None), Err(ChangeError::Settings(_))));
        assert_eq!(log(&shop), []);
    }

    #[test]
    fn a_folder_without_a_shop_is_told_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let error = Shop::open(folder.path()).err().unwrap();
        assert!(matches!(error, OpenError::NotConnected { .. }));
        assert!(!folder.path().join(MIRROR_FILE).exists(), "looking leaves nothing behind");
    }
}
