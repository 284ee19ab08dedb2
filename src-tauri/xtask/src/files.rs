//! Files of the repository: which there are, and which of them are newer than what was made from them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::step::Failure;

/// Every file and folder below `folder`, itself not included. Those for which `enters` says no are left out,
/// with what is in them.
pub(crate) fn below(folder: &Path, enters: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(at(&folder))? {
            let entry = entry.map_err(at(&folder))?;
            let path = entry.path();
            if !enters(&path) {
                continue;
            }
            if entry.file_type().map_err(at(&path))?.is_dir() {
                folders.push(path.clone());
            }
            found.push(path);
        }
    }
    Ok(found)
}

/// Whether `made` is there and younger than everything in `from`. A folder in `from` tells of files that were
/// added or taken away.
pub(crate) fn is_up_to_date(made: &Path, from: &[PathBuf]) -> Result<bool, Failure> {
    let Some(made) = modified(made)? else { return Ok(false) };
    for path in from {
        if modified(path)?.is_some_and(|time| time >= made) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes a folder away with all that is in it, if it is there.
pub(crate) fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(at(folder)(source)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Turns what the system says about a path into a failure that names it.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> Failure {
    let path = path.to_owned();
    move |source| Failure::File { path: path.clone(), source }
}

fn modified(path: &Path) -> Result<Option<SystemTime>, Failure> {
    match fs::metadata(path).and_then(|metadata| metadata.modified()) {
        Ok(time) => Ok(Some(time)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(at(path)(source)),
    }
}

/// A folder for a test, gone with the value.
#[cfg(test)]
pub(crate) struct Scratch(pub(crate) PathBuf);

#[cfg(test)]
impl Scratch {
    pub(crate) fn new(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        remove(&folder).unwrap();
        fs::create_dir_all(&folder).unwrap();
        Scratch(folder)
    }

    /// A file with its folders, last changed so many seconds after 1970.
    pub(crate) fn file(&self, path: &str, text: &str, seconds: u64) -> PathBuf {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        path
    }
}

#[cfg(test)]
impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind is in the folder for such things.
        let _ = remove(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_one_of_its_sources_is_made_again() {
        let folder = Scratch::new("up-to-date");
        let made = folder.file("dist/index.html", "", 200);
        let old = folder.file("src/old.ts", "", 100);
        let new = folder.file("src/new.ts", "", 300);
        assert!(is_up_to_date(&made, std::slice::from_ref(&old)).unwrap());
        assert!(!is_up_to_date(&made, &[old.clone(), new]).unwrap());
        assert!(!is_up_to_date(&folder.0.join("dist/none.html"), &[old]).unwrap(), "it is not there at all");
    }

    #[test]
    fn folders_that_are_not_entered_are_not_listed_either() {
        let folder = Scratch::new("below");
        let wanted = folder.file("src/deep/a.ts", "", 1);
        folder.file("node_modules/b/c.ts", "", 1);
        let found = below(&folder.0, |path| !path.ends_with("node_modules")).unwrap();
        assert!(found.contains(&wanted) && found.len() == 3, "{found:?}");
    }
}
