use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use engine::ports::Seat;

/// A lock on a data folder that one process holds. The system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// The file in the data folder by which the console that serves it is known.
    pub const SERVE: &str = "serve.lock";

    /// Takes the lock of the console that serves the folder: alerts and prints. `None` when another process has it.
    pub fn serve(data_folder: &Path) -> io::Result<Option<FolderLock>> {
        FolderLock::take(&data_folder.join(FolderLock::SERVE))
    }

    fn take(path: &Path) -> io::Result<Option<FolderLock>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(FolderLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// The seat from which the folder's refunds are driven: a lock, taken when it is first needed.
pub(crate) struct DriverSeat {
    path: PathBuf,
    held: Mutex<Option<FolderLock>>,
}

impl DriverSeat {
    pub(crate) fn of(data_folder: &Path) -> DriverSeat {
        DriverSeat { path: data_folder.join("driver.lock"), held: Mutex::new(None) }
    }
}

impl Seat for DriverSeat {
    fn take(&self) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            match FolderLock::take(&self.path) {
                Ok(lock) => *held = lock,
                Err(error) => tracing::error!(%error, "the lock on the data folder cannot be taken"),
            }
        }
        held.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_drives_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (DriverSeat::of(folder.path()), DriverSeat::of(folder.path()));
        assert!(first.take() && first.take());
        assert!(!second.take());
        drop(first);
        assert!(second.take());
    }

    #[test]
    fn one_serves_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::serve(folder.path()).unwrap();
        assert!(first.is_some());
        assert!(FolderLock::serve(folder.path()).unwrap().is_none());
        drop(first);
        assert!(FolderLock::serve(folder.path()).unwrap().is_some());
    }
}
