//! The shop that a command works on, opened as far as the command needs it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adapters::DriverLock;
use adapters::secrets::{LazySecrets, read_passphrase_file};
use adapters::shop::{Shop, Telling, Wishes};
use domain::{Secret, ShopId};
use engine::{Drive, Engine, Event, Observer};

use crate::arguments::Arguments;
use crate::failure::Failure;

/// The data folder of this run.
pub(crate) fn data_folder(arguments: &Arguments) -> Result<PathBuf, Failure> {
    if let Some(folder) = &arguments.data {
        return Ok(folder.clone());
    }
    dirs::data_dir()
        .map(|folder| folder.join("zhanggui"))
        .ok_or_else(|| Failure::new("data_folder_unusable", vec![("path", "-".to_owned())]))
}

/// The connected shop. No secret is read.
pub(crate) fn open(arguments: &Arguments) -> Result<Shop, Failure> {
    Ok(Shop::open(&data_folder(arguments)?)?)
}

/// The store of the shop's secrets, opened when the first one is asked for.
pub(crate) fn secrets(arguments: &Arguments, folder: &Path, shop: ShopId) -> Result<LazySecrets, Failure> {
    Ok(LazySecrets::new(folder, shop, passphrase(arguments)?))
}

pub(crate) fn passphrase(arguments: &Arguments) -> Result<Option<Secret<Vec<u8>>>, Failure> {
    let file = arguments.vault_passphrase_file.as_deref();
    Ok(file.map(read_passphrase_file).transpose()?)
}

/// An engine over the shop, and whether this process drives its refunds.
pub(crate) struct Session {
    pub(crate) engine: Engine,
    pub(crate) drive: Drive,
    pub(crate) shop: Shop,
    _lock: Option<DriverLock>,
}

impl Session {
    pub(crate) fn start(arguments: &Arguments) -> Result<Session, Failure> {
        Session::with(arguments, Telling::Nobody, Arc::new(Deaf), &Wishes::default())
    }

    pub(crate) fn with(
        arguments: &Arguments,
        telling: Telling,
        observer: Arc<dyn Observer>,
        wishes: &Wishes,
    ) -> Result<Session, Failure> {
        let shop = open(arguments)?;
        let secrets = secrets(arguments, shop.folder(), shop.settings().shop.id.clone())?;
        let engine = shop.engine(&secrets, telling, observer, wishes)?;
        let lock = DriverLock::take(shop.folder()).map_err(|error| Failure::internal(&error))?;
        let drive = if lock.is_some() { Drive::Here } else { Drive::Elsewhere };
        Ok(Session { engine, drive, shop, _lock: lock })
    }
}

struct Deaf;

impl Observer for Deaf {
    fn heard(&self, _event: &Event) {}
}
