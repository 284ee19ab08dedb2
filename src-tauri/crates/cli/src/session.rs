//! The shop that a command works on, opened as far as the command needs it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adapters::FolderLock;
use adapters::fault::Fault;
use adapters::secrets::{LazySecrets, read_passphrase_file};
use adapters::shop::{Shop, Telling, Wishes};
use domain::{Secret, ShopId, StaffId};
use engine::{Actor, Denied, Engine, Event, Observer, People};
use etcetera::BaseStrategy;

use crate::arguments::Arguments;
use crate::output::Output;
use crate::pins;

/// The data folder of this run.
pub(crate) fn data_folder(arguments: &Arguments) -> Result<PathBuf, Fault> {
    if let Some(folder) = &arguments.data {
        return Ok(folder.clone());
    }
    match etcetera::base_strategy::choose_native_strategy() {
        Ok(folders) => Ok(folders.data_dir().join("zhanggui")),
        Err(error) => Err(Fault::new("data_folder_unusable", vec![("path", "-".to_owned())]).caused(&error)),
    }
}

/// The connected shop. No secret is read.
pub(crate) fn open(arguments: &Arguments) -> Result<Shop, Fault> {
    Ok(Shop::open(&data_folder(arguments)?)?)
}

/// The store of the shop's secrets, opened when the first one is asked for.
pub(crate) fn secrets(arguments: &Arguments, folder: &Path, shop: ShopId) -> Result<LazySecrets, Fault> {
    Ok(LazySecrets::new(folder, shop, passphrase(arguments)?))
}

pub(crate) fn passphrase(arguments: &Arguments) -> Result<Option<Secret<Vec<u8>>>, Fault> {
    let file = arguments.vault_passphrase_file.as_deref();
    Ok(file.map(read_passphrase_file).transpose()?)
}

/// Who acts: `--as`, and a second person where the command has one. Each types a PIN; nobody is asked for one without
/// being named.
pub(crate) async fn actor(
    arguments: &Arguments,
    people: &People,
    second: Option<&str>,
    output: &Output,
) -> Result<Actor, Fault> {
    let Some((first, _)) = first(arguments, people, output).await? else { return Ok(Actor::nobody()) };
    let second = match second {
        Some(second) => {
            let (id, pin) = asked_for_pin(second, people, output).await?;
            Some(people.sign_in_second(&id, &pin).await?)
        }
        None => None,
    };
    Ok(Actor::from(first).with_second(second))
}

/// `--as` signed in, with the PIN that was typed for it.
pub(crate) async fn first(
    arguments: &Arguments,
    people: &People,
    output: &Output,
) -> Result<Option<(engine::Session, Secret<String>)>, Fault> {
    let Some(first) = &arguments.staff else { return Ok(None) };
    let (id, pin) = asked_for_pin(first, people, output).await?;
    Ok(Some((people.sign_in(&id, &pin).await?, pin)))
}

/// Somebody who exists, with the PIN that was typed: a name that nobody has is told before anybody types one.
async fn asked_for_pin(
    typed: &str,
    people: &People,
    output: &Output,
) -> Result<(StaffId, Secret<String>), Fault> {
    let all = people.staff().await?;
    let known = all.into_iter().map(|row| row.staff.id).find(|id| id.as_str() == typed);
    let id = known.ok_or_else(|| Denied::Unknown { id: typed.to_owned() })?;
    let pin = pins::read(typed, "cli.staff.askPin", output)?;
    Ok((id, pin))
}

/// An engine over the shop.
pub(crate) struct Session {
    pub(crate) engine: Engine,
    pub(crate) shop: Shop,
    _serving: Option<FolderLock>,
}

impl Session {
    /// For one command.
    pub(crate) fn start(arguments: &Arguments) -> Result<Session, Fault> {
        let shop = open(arguments)?;
        let engine = engine(arguments, &shop, Telling::Nobody, Arc::new(Deaf), &Wishes::default())?;
        Ok(Session { engine, shop, _serving: None })
    }

    /// For as long as the process lives; one such session per data folder.
    pub(crate) fn serve(
        arguments: &Arguments,
        telling: Telling,
        observer: Arc<dyn Observer>,
        wishes: &Wishes,
    ) -> Result<Session, Fault> {
        let shop = open(arguments)?;
        let lock = FolderLock::serve(shop.folder()).map_err(|error| {
            Fault::new("data_folder_unusable", vec![("path", shop.folder().display().to_string())])
                .caused(&error)
        })?;
        let Some(lock) = lock else { return Err(Fault::new("data_folder_in_use", Vec::new())) };
        let engine = engine(arguments, &shop, telling, observer, wishes)?;
        Ok(Session { engine, shop, _serving: Some(lock) })
    }
}

fn engine(
    arguments: &Arguments,
    shop: &Shop,
    telling: Telling,
    observer: Arc<dyn Observer>,
    wishes: &Wishes,
) -> Result<Engine, Fault> {
    let secrets = secrets(arguments, shop.folder(), shop.settings().shop.id.clone())?;
    Ok(shop.engine(&secrets, telling, observer, wishes)?)
}

struct Deaf;

impl Observer for Deaf {
    fn heard(&self, _event: &Event) {}
}
