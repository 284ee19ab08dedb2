//! Tickets in a file, for tests and for programs that print themselves.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::drive::Failed;
use super::{Cause, Sent};
use crate::roll;

/// Puts `bytes` into the file, whole or not at all: it is written beside it and moved over it. Only this user can read
/// it, because a ticket holds names and addresses.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<Sent, Cause> {
    match fs::metadata(path) {
        // Windows would speak of a permission that is missing.
        Ok(existing) if existing.is_dir() => return Err(writing(io::ErrorKind::IsADirectory.into())),
        // Devices and pipes cannot be replaced, and must not be.
        Ok(existing) if !existing.is_file() => {
            let written =
                OpenOptions::new().write(true).open(path).and_then(|mut file| file.write_all(bytes));
            written.map_err(writing)?;
        }
        _ => {
            let part = part_beside(path).map_err(writing)?;
            let moved = write_private(&part, bytes).and_then(|()| fs::rename(&part, path));
            moved.map_err(|error| {
                // It holds part of a ticket, and the error to tell of is the first one.
                let _ = fs::remove_file(&part);
                writing(error)
            })?;
        }
    }
    Ok(Sent { bytes: bytes.len(), trouble: None })
}

/// Adds `bytes` to a roll.
pub(super) fn append(path: &Path, bytes: &[u8]) -> Result<Sent, Failed> {
    match roll::append(path, bytes) {
        Ok(()) => Ok(Sent { bytes: bytes.len(), trouble: None }),
        Err(error) => Err((error.bytes_left, writing(error.source))),
    }
}

/// A name beside `path` that no other job of this or another process uses.
fn part_beside(path: &Path) -> io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Ok(path.with_file_name(format!(".{name}.{}-{count}.part", std::process::id())))
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn writing(source: io::Error) -> Cause {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Cause::opening(source),
        _ => Cause::Write { source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("小票.bin");
        fs::write(&path, b"a longer ticket from before").unwrap();
        assert_eq!(replace(&path, b"\x1b@new").unwrap(), Sent { bytes: 5, trouble: None });
        assert_eq!(fs::read(&path).unwrap(), b"\x1b@new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let cause = replace(&folder.path().join("no/ticket.bin"), b"x").unwrap_err();
        assert_eq!(cause.as_str(), "not_found");
        assert_eq!(replace(folder.path(), b"x").unwrap_err().as_str(), "write", "a folder is no file");
    }
}
