//! Whose a data folder is, by its mirror.
//!
//! The settings are a file beside it that anybody may move away. A mirror without them is still one shop's: another shop
//! must not be connected over it, and whoever works there still has a say in who connects.

use std::path::Path;
use std::sync::Arc;

use domain::{ShopId, TerminalId};
use engine::People;
use mirror::Mirror;

use crate::clock::SystemClock;
use crate::pins::Argon2id;
use crate::shop::{MIRROR_FILE, Shop};

/// What a mirror knows of its folder; a new one knows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Home {
    pub(crate) shop: Option<ShopId>,
    pub(crate) terminal: Option<TerminalId>,
}

impl Home {
    pub(crate) fn of(mirror: &Mirror) -> Result<Home, mirror::Error> {
        mirror.write_blocking(|tx| Ok(Home { shop: tx.shop()?, terminal: tx.terminal()? }))
    }
}

/// Who works in a folder, also where its shop cannot be opened, its settings being gone or damaged; `None`: it has no mirror.
/// Errors: the mirror cannot be read, so that nobody can be asked.
pub fn people_of(folder: &Path) -> Result<Option<People>, mirror::Error> {
    if let Ok(shop) = Shop::open(folder) {
        return Ok(Some(shop.people().clone()));
    }
    let file = folder.join(MIRROR_FILE);
    if !file.exists() {
        return Ok(None);
    }
    let mirror = Mirror::open(&file)?;
    // Nobody's name is looked for under it: it only stands in the log, as the place where somebody signed in.
    let Some(terminal) = Home::of(&mirror)?.terminal else { return Ok(None) };
    Ok(Some(People::new(mirror, Arc::new(SystemClock), Arc::new(Argon2id::MODEST), terminal)))
}
