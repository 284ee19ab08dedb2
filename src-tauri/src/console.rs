//! The console: the shops of this PC, each served by an engine of its own, and what the person prefers.

mod people;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use adapters::FolderLock;
use adapters::connection::Connection;
use adapters::fault::Fault;
use adapters::folders::{self, ShopFolder};
use adapters::secrets::{LazySecrets, SecretStore, VAULT_FILE, open_store, read_passphrase_file};
use adapters::shop::ChangeError;
use adapters::window_settings::WindowSettings;
use catalogue::Language;
use domain::Secret;
use engine::People;
use mirror::AuditKind;
use serde_json::json;

use crate::arguments::Arguments;
use crate::demo::{self, Demo, Prepared, Wishes};
use crate::dto::{ShopCard, ShopKey, ShopState};
use crate::error;
use crate::open_shop::{OpenShop, Opening};
use crate::page::{ChangedTag, Page};

/// A passphrase as it was typed or read.
pub(crate) type Passphrase = Secret<Vec<u8>>;

/// The shops of this PC and the window's settings. Commands get it from Tauri.
pub(crate) struct Console {
    root: PathBuf,
    page: Page,
    passphrase: Option<Passphrase>,
    wishes: Wishes,
    settings: Arc<Mutex<WindowSettings>>,
    shops: RwLock<BTreeMap<String, Kept>>,
    /// One shop is opened at a time: a second opening of the same one would find its folder in use.
    opening: tokio::sync::Mutex<()>,
}

/// A shop of this PC, open or not.
#[derive(Clone)]
enum Kept {
    Open(Arc<OpenShop>),
    Shut {
        name: String,
        state: ShopState,
        fault: Option<Fault>,
        folder: PathBuf,
        /// Who works there, as soon as somebody wants to know.
        people: Option<People>,
    },
}

impl Console {
    /// The console of a root folder, with no shop open yet.
    pub(crate) fn new(root: PathBuf, page: Page, arguments: &Arguments) -> Result<Console, Fault> {
        let wishes = Wishes {
            orders: arguments.demo_orders,
            rate_per_minute: arguments.demo_rate,
            seed: arguments.demo_seed,
            connection_file: arguments.demo_connection_file.clone(),
        };
        let passphrase = arguments.vault_passphrase_file.as_deref().map(read_passphrase_file).transpose()?;
        let settings = WindowSettings::load(&root);
        Ok(Console {
            root,
            page,
            passphrase,
            wishes,
            settings: Arc::new(Mutex::new(settings)),
            shops: RwLock::default(),
            opening: tokio::sync::Mutex::default(),
        })
    }

    /// Opens every connected shop, or the demo shop where none is.
    pub(crate) async fn open_all(&self) {
        let _one_at_a_time = self.opening.lock().await;
        let connected = folders::list(&self.root);
        if connected.is_empty() {
            self.open_demo().await;
        }
        for folder in connected {
            self.open(folder, None);
        }
    }

    async fn open_demo(&self) {
        let folder = self.root.join(demo::KEY);
        let opened = self.start_demo(&folder).await;
        self.keep((demo::KEY, &folder, ""), opened);
    }

    async fn start_demo(&self, folder: &Path) -> Result<Option<OpenShop>, Fault> {
        std::fs::create_dir_all(folder).map_err(|error| {
            Fault::new("data_folder_unusable", vec![("path", folder.display().to_string())]).caused(&error)
        })?;
        // Before anything in it is touched: another process may be serving it.
        let Some(lock) = OpenShop::lock(folder)? else { return Ok(None) };
        let Prepared { demo, secrets } = Demo::prepare(folder, &self.wishes).await?;
        self.start(demo::KEY, folder, lock, &secrets, Some(demo)).map(Some)
    }

    /// Opens one connected shop, with the vault's passphrase if its secrets are in one.
    fn open(&self, shop: ShopFolder, typed: Option<Passphrase>) {
        // The program's own passphrase is for vaults; a shop in the keychain has none.
        let from_start = || self.passphrase.clone().filter(|_| shop.folder.join(VAULT_FILE).exists());
        let secrets = LazySecrets::new(&shop.folder, shop.shop_id.clone(), typed.or_else(from_start));
        let opened = OpenShop::lock(&shop.folder).and_then(|lock| {
            lock.map(|lock| self.start(&shop.key, &shop.folder, lock, &secrets, None)).transpose()
        });
        self.keep((&shop.key, &shop.folder, &shop.name), opened);
    }

    fn start(
        &self,
        key: &str,
        folder: &Path,
        lock: FolderLock,
        secrets: &dyn SecretStore,
        demo: Option<Demo>,
    ) -> Result<OpenShop, Fault> {
        let (page, language) = (self.page.clone(), self.language());
        let opening = Opening { key: key.to_owned(), language, secrets, page, demo, lock };
        // The keychain may wait for a person, and a vault's key takes its time.
        tokio::task::block_in_place(|| OpenShop::start(folder, opening))
    }

    fn keep(&self, (key, folder, name): (&str, &Path, &str), opened: Result<Option<OpenShop>, Fault>) {
        let shut = |state, fault| Kept::Shut {
            name: name.to_owned(),
            state,
            fault,
            folder: folder.to_owned(),
            people: None,
        };
        let kept = match opened {
            Ok(Some(shop)) => Kept::Open(Arc::new(shop)),
            Ok(None) => shut(ShopState::Elsewhere, None),
            Err(fault) if fault.wants_passphrase() => shut(ShopState::Locked, Some(fault)),
            Err(fault) => {
                tracing::error!(shop = key, code = fault.code, cause = fault.detail, "a shop stays shut");
                shut(ShopState::Failed, Some(fault))
            }
        };
        if let Ok(mut shops) = self.shops.write() {
            shops.insert(key.to_owned(), kept);
        }
        self.name_shops();
        self.page.changed(key, ChangedTag::ALL.to_vec());
    }

    /// Lets notifications say whose they are: the demo shop's always, the others' where there are several.
    pub(crate) fn name_shops(&self) {
        let open = self.open_shops();
        for shop in &open {
            let name = match &shop.demo {
                Some(_) => Some(catalogue::text(self.language(), "window.frame.demo").to_owned()),
                None => (open.len() > 1).then(|| shop.shop.name()),
            };
            shop.shop.name_in_titles(name);
        }
    }

    /// Stops serving a shop and forgets it. Its data stay where they are.
    async fn close(&self, key: &str) {
        let kept = self.shops.write().ok().and_then(|mut shops| shops.remove(key));
        if let Some(Kept::Open(shop)) = kept {
            shop.stop().await;
        }
        self.page.count(key, 0);
    }

    /// The open shop with this key.
    pub(crate) fn shop(&self, key: &str) -> Result<Arc<OpenShop>, Fault> {
        match self.shops()?.get(key) {
            Some(Kept::Open(shop)) => Ok(Arc::clone(shop)),
            Some(Kept::Shut { fault: Some(fault), .. }) => Err(fault.clone()),
            Some(Kept::Shut { .. }) => Err(Fault::new("data_folder_in_use", Vec::new())),
            None => Err(Fault::new("shop_not_connected", Vec::new())),
        }
    }

    fn shops(&self) -> Result<RwLockReadGuard<'_, BTreeMap<String, Kept>>, Fault> {
        self.shops.read().map_err(|_| Fault::new("internal", Vec::new()))
    }

    /// Whether this is one of its shops, open or not.
    fn knows(&self, key: &str) -> bool {
        self.shops.read().is_ok_and(|shops| shops.contains_key(key))
    }

    /// What the page calls the shops, the demo shop last.
    pub(crate) fn cards(&self) -> Vec<ShopCard> {
        let language = self.language();
        let Ok(shops) = self.shops.read() else { return Vec::new() };
        let mut cards: Vec<ShopCard> = shops
            .iter()
            .map(|(key, kept)| {
                let (name, state, fault) = match kept {
                    Kept::Open(shop) => (shop.shop.name(), ShopState::Watching, None),
                    Kept::Shut { name, state, fault, .. } => (name.clone(), *state, fault.as_ref()),
                };
                ShopCard {
                    key: ShopKey(key.clone()),
                    name,
                    demo: key == demo::KEY,
                    state,
                    fault: fault.map(|fault| error::Fault::stored(fault, language)),
                }
            })
            .collect();
        cards.sort_by_key(|card| card.demo);
        cards
    }

    /// Which shop is shown: the one that was shown last, else the first.
    pub(crate) fn shown(&self) -> String {
        let remembered = self.settings().shown_shop.unwrap_or_default();
        let cards = self.cards();
        let known = cards.iter().find(|card| *card.key == *remembered).or_else(|| cards.first());
        known.map_or_else(|| demo::KEY.to_owned(), |card| card.key.0.clone())
    }

    /// Opens a shop that could not be opened before, with what somebody typed if its vault wants it.
    pub(crate) async fn open_again(&self, key: &str, typed: Option<Passphrase>) -> Result<(), Fault> {
        let _one_at_a_time = self.opening.lock().await;
        if self.shop(key).is_err() {
            let (unlocks, by) = (typed.is_some(), self.signed_in_at(key).await);
            let connected = folders::list(&self.root);
            match connected.into_iter().find(|shop| shop.key == key) {
                Some(shop) => self.open(shop, typed),
                None if key == demo::KEY && self.knows(key) => self.open_demo().await,
                None => return Err(Fault::new("shop_not_connected", Vec::new())),
            }
            if unlocks && let Ok(open) = self.shop(key) {
                let locked = Some(json!({ "vault": "locked" }));
                open.write_down(AuditKind::ShopUnlocked, &by, (locked, json!({ "vault": "open" })))?;
            }
        }
        self.shop(key).map(|_| ())
    }

    /// Stores a shop's connection in a folder of its own, starts serving it and shows it. The same shop again gets its
    /// new settings. The demo shop makes room: nobody is to take its money for real.
    pub(crate) async fn connect(
        &self,
        connection: &Connection,
        place: Option<Passphrase>,
    ) -> Result<String, Fault> {
        let _one_at_a_time = self.opening.lock().await;
        let shop = folders::folder_for(&self.root, connection.shop_id(), connection.shop_name());
        let who = self.may_connect(&shop, connection).await?;
        // The keychain may wait for a person, and a vault's key takes its time.
        tokio::task::block_in_place(|| -> Result<(), Fault> {
            let store = open_store(&shop.folder, connection.shop_id(), place.clone())?;
            adapters::connection::connect(&shop.folder, connection, store.as_ref(), who.as_deref())?;
            Ok(())
        })?;
        // Only now that everything is stored: the old engine would go on with the old keys.
        let key = shop.key.clone();
        self.close(&key).await;
        self.close(demo::KEY).await;
        self.open(shop, place);
        self.change_settings(|settings| settings.shown_shop = Some(key.clone()))?;
        self.page.changed(&key, vec![ChangedTag::Console]);
        self.shop(&key)?;
        Ok(key)
    }

    /// What the person prefers.
    pub(crate) fn settings(&self) -> WindowSettings {
        self.settings.lock().map(|settings| settings.clone()).unwrap_or_default()
    }

    /// Changes what the person prefers, and remembers it.
    pub(crate) fn change_settings(&self, change: impl FnOnce(&mut WindowSettings)) -> Result<(), Fault> {
        let mut settings = self.settings.lock().map_err(|_| Fault::new("internal", Vec::new()))?;
        change(&mut settings);
        Ok(settings.save(&self.root)?)
    }

    /// The same for whoever has to write it down at the same time: nothing is changed where it cannot be kept.
    fn keeper(
        &self,
        change: impl FnOnce(&mut WindowSettings) + Send + 'static,
    ) -> Box<dyn FnOnce() -> Result<(), ChangeError> + Send> {
        let (settings, root) = (Arc::clone(&self.settings), self.root.clone());
        Box::new(move || {
            let mut settings = settings.lock().unwrap_or_else(PoisonError::into_inner);
            let mut after = settings.clone();
            change(&mut after);
            after.save(&root)?;
            *settings = after;
            Ok(())
        })
    }

    /// Every open shop.
    pub(crate) fn open_shops(&self) -> Vec<Arc<OpenShop>> {
        let Ok(shops) = self.shops.read() else { return Vec::new() };
        shops
            .values()
            .filter_map(|kept| match kept {
                Kept::Open(shop) => Some(Arc::clone(shop)),
                Kept::Shut { .. } => None,
            })
            .collect()
    }

    /// The window's language.
    pub(crate) fn language(&self) -> Language {
        self.settings().language
    }

    /// The page.
    pub(crate) fn page(&self) -> &Page {
        &self.page
    }

    /// Runs a command's work and turns its failure into what the page gets.
    pub(crate) async fn answer<T>(
        &self,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, error::Fault> {
        work.await.map_err(|fault| error::Fault::logged(&fault, self.language()))
    }
}
