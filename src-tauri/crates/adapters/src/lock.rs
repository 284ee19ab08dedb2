use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// Held by the one process that drives refunds and serves in a data folder. The system lets go of it when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct DriverLock {
    _file: File,
}

impl DriverLock {
    /// Takes the lock, or `None` when another process has it.
    pub fn take(data_folder: &Path) -> io::Result<Option<DriverLock>> {
        let path = data_folder.join("driver.lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(DriverLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = DriverLock::take(folder.path()).unwrap();
        assert!(first.is_some());
        assert!(DriverLock::take(folder.path()).unwrap().is_none());
        drop(first);
        assert!(DriverLock::take(folder.path()).unwrap().is_some());
    }
}
