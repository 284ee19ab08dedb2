//! The built-in demo shop (`product.md` 2.10): a simulated WeChat and a shop's backend inside this process, spoken to over
//! real sockets like any other.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use adapters::FolderLock;
use adapters::connection::{self, Connection};
use adapters::fault::Fault;
use adapters::secrets::InMemory;
use adapters::settings::PrintTarget;
use domain::time::Timestamp;
use sandbox::{Options, Sandbox};

/// Its key in commands, and its folder's name. No connected shop can have it.
pub(crate) const KEY: &str = "demo";

/// What its printer has printed, byte by byte.
const ROLL: &str = "paper.bin";

/// What the world is to be like.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    /// Orders that were placed in the week before.
    pub(crate) orders: u32,
    /// New orders a minute on average.
    pub(crate) rate_per_minute: f64,
    /// Which shop; another one at each start if absent, so that two demonstrations do not look alike.
    pub(crate) seed: Option<u64>,
    /// A file that is to hold how the world is reached.
    pub(crate) connection_file: Option<PathBuf>,
}

/// The simulated world of the demo shop.
pub(crate) struct Demo {
    sandbox: Sandbox,
    roll: PathBuf,
}

/// A demo shop that was set up, with its keys. They are made up at each start and open nothing.
pub(crate) struct Prepared {
    /// The world.
    pub(crate) demo: Demo,
    /// The keys.
    pub(crate) secrets: InMemory,
}

/// Removes all that a folder holds but the lock on it.
fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == FolderLock::SERVE {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

impl Demo {
    /// Starts the world and connects the folder to it, which must be this process's own. The folder is emptied each time,
    /// because the world's books live only as long as this process.
    pub(crate) async fn prepare(folder: &Path, wishes: &Wishes) -> Result<Prepared, Fault> {
        let unusable = |error: &io::Error| {
            Fault::new("data_folder_unusable", vec![("path", folder.display().to_string())]).caused(error)
        };
        empty(folder).map_err(|error| unusable(&error))?;
        let world = folder.join("world");
        fs::create_dir_all(&world).map_err(|error| unusable(&error))?;
        let options = Options {
            gateway_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: wishes.seed.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0),
            orders: wishes.orders,
            rate_per_minute: wishes.rate_per_minute,
            folder: world,
        };
        let sandbox = Sandbox::start(options).await.map_err(|error| Fault::internal(&error))?;
        let description = sandbox.connection().to_string();
        if let Some(file) = &wishes.connection_file {
            fs::write(file, &description).map_err(|error| unusable(&error))?;
        }
        let described = Connection::read(description.as_bytes(), folder, Timestamp::now())?;
        let secrets = InMemory::default();
        connection::connect(folder, &described, &secrets, None)?;
        let roll = folder.join(ROLL);
        Ok(Prepared { demo: Demo { sandbox, roll }, secrets })
    }

    /// What its printer has printed, byte by byte.
    pub(crate) fn roll(&self) -> &Path {
        &self.roll
    }

    /// A customer buys something and pays.
    pub(crate) async fn customer_buys(&self) -> Result<(), Fault> {
        self.sandbox
            .place_order(sandbox::Wishes::default())
            .await
            .map(drop)
            .map_err(|error| Fault::internal(&error))
    }

    /// A customer asks for money back.
    pub(crate) fn customer_asks_back(&self) -> Result<(), Fault> {
        match self.sandbox.ask_for_refund() {
            Ok(_) => Ok(()),
            Err(sandbox::Error::NothingToRefund) => Err(Fault::new("demo_nothing_to_refund", Vec::new())),
            Err(error) => Err(Fault::internal(&error)),
        }
    }

    /// The printer, as print rules name it.
    pub(crate) fn printer(&self) -> PrintTarget {
        PrintTarget::Printer(receipt::Target::Roll(self.roll.clone()).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_outlives_what_it_guards() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FolderLock::serve(folder.path()).unwrap().unwrap();
        fs::create_dir_all(folder.path().join("world/deep")).unwrap();
        fs::write(folder.path().join("mirror.db"), "old").unwrap();
        empty(folder.path()).unwrap();
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [FolderLock::SERVE]);
        assert!(FolderLock::serve(folder.path()).unwrap().is_none(), "still taken");
        drop(lock);
    }
}
