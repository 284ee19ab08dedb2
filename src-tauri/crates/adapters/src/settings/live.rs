use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::{SETTINGS_FILE, Settings, SettingsError};

/// The settings of a shop as they are now. Clones share them, so that whoever speaks to people or prints follows a
/// change at once, without a restart of the engine.
#[derive(Debug, Clone)]
pub(crate) struct LiveSettings {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    current: RwLock<Arc<Settings>>,
    /// Held from reading the file to writing it: two changes at a time would undo each other.
    changing: Mutex<()>,
}

impl LiveSettings {
    /// The settings that were loaded from the folder.
    pub(crate) fn new(folder: &Path, loaded: Settings) -> LiveSettings {
        let current = RwLock::new(Arc::new(loaded));
        LiveSettings {
            shared: Arc::new(Shared { folder: folder.to_owned(), current, changing: Mutex::default() }),
        }
    }

    /// The settings now. What a caller holds stays as it is when they change.
    pub(crate) fn current(&self) -> Arc<Settings> {
        // A panic while the lock is held leaves the whole old value or the whole new one.
        Arc::clone(&self.shared.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the settings in the file and, if that worked, for everybody who shares them. Returns how they were.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Settings)) -> Result<Settings, SettingsError> {
        let _one_at_a_time = self.shared.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = &self.shared.folder;
        // From the file and not from memory: another program may have connected the shop anew meanwhile, and its
        // change must not be undone. A file that is gone is not made again, because its folder was taken away.
        let mut settings = Settings::load(folder)?.ok_or_else(|| SettingsError::Unreadable {
            path: folder.join(SETTINGS_FILE),
            source: io::ErrorKind::NotFound.into(),
        })?;
        let before = settings.clone();
        change(&mut settings);
        if settings != before {
            settings.save(folder)?;
        }
        *self.shared.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
        Ok(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::example;

    fn saved(folder: &Path) -> LiveSettings {
        example().save(folder).unwrap();
        LiveSettings::new(folder, example())
    }

    #[test]
    fn a_change_is_seen_by_everybody_and_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let live = saved(folder.path());
        let (other, held) = (live.clone(), live.current());
        live.change(|settings| settings.alerts = false).unwrap();
        assert!(!other.current().alerts);
        assert!(!Settings::load(folder.path()).unwrap().unwrap().alerts);
        assert!(held.alerts, "what somebody works with stays as it is");
    }

    #[test]
    fn what_another_program_wrote_is_not_undone() {
        let folder = tempfile::tempdir().unwrap();
        let live = saved(folder.path());
        let mut elsewhere = Settings::load(folder.path()).unwrap().unwrap();
        elsewhere.backend.base_url = "https://new.example/merchant/v1".to_owned();
        elsewhere.save(folder.path()).unwrap();
        live.change(|settings| settings.language = "en".to_owned()).unwrap();
        let now = Settings::load(folder.path()).unwrap().unwrap();
        assert_eq!((now.language.as_str(), &now.backend.base_url), ("en", &elsewhere.backend.base_url));
    }

    #[test]
    fn a_change_that_cannot_be_kept_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let live = saved(folder.path());
        std::fs::write(folder.path().join(SETTINGS_FILE), "{").unwrap();
        assert_eq!(
            live.change(|settings| settings.alerts = false).unwrap_err().code(),
            "settings_unreadable"
        );
        std::fs::remove_file(folder.path().join(SETTINGS_FILE)).unwrap();
        assert_eq!(
            live.change(|settings| settings.alerts = false).unwrap_err().code(),
            "settings_unreadable"
        );
        assert!(live.current().alerts);
        assert!(!folder.path().join(SETTINGS_FILE).exists());
    }

    #[test]
    fn changes_at_the_same_time_all_count() {
        let folder = tempfile::tempdir().unwrap();
        let live = saved(folder.path());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| drop(live.change(|settings| settings.shop.name.push('x')).unwrap()));
            }
        });
        assert!(live.current().shop.name.ends_with("xxxxxxxx"));
        assert_eq!(*live.current(), Settings::load(folder.path()).unwrap().unwrap());
    }
}
