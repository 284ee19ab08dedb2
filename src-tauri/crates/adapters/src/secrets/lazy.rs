use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Secret, ShopId};

use super::{SecretError, SecretName, SecretStore, open_store};

/// A store that is opened when the first secret is asked for.
///
/// Listing orders or printing a ticket needs no secret, so it must work with a locked keychain, or with none, and
/// must not spend the tenth of a second that a vault's key takes. An opening that failed is tried again at the next
/// question: the keychain may have been unlocked meanwhile.
pub struct LazySecrets {
    data_folder: PathBuf,
    shop: ShopId,
    state: Mutex<State>,
}

enum State {
    /// Not opened yet; the passphrase waits here.
    Closed(Option<Secret<Vec<u8>>>),
    Open(Arc<dyn SecretStore>),
}

impl LazySecrets {
    /// The store as [`open_store`] would open it, but not yet opened.
    pub fn new(data_folder: &Path, shop: ShopId, passphrase: Option<Secret<Vec<u8>>>) -> LazySecrets {
        LazySecrets {
            data_folder: data_folder.to_owned(),
            shop,
            state: Mutex::new(State::Closed(passphrase)),
        }
    }

    fn store(&self) -> Result<Arc<dyn SecretStore>, SecretError> {
        // A panic while the lock is held leaves the state as it was, so the poison says nothing.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passphrase = match &*state {
            State::Open(store) => return Ok(Arc::clone(store)),
            State::Closed(passphrase) => passphrase.clone(),
        };
        let store: Arc<dyn SecretStore> = open_store(&self.data_folder, &self.shop, passphrase)?.into();
        *state = State::Open(Arc::clone(&store));
        Ok(store)
    }
}

impl SecretStore for LazySecrets {
    fn get(&self, name: SecretName) -> Result<Option<Secret<Vec<u8>>>, SecretError> {
        self.store()?.get(name)
    }

    fn set(&self, name: SecretName, secret: &Secret<Vec<u8>>) -> Result<(), SecretError> {
        self.store()?.set(name, secret)
    }

    fn remove(&self, name: SecretName) -> Result<(), SecretError> {
        self.store()?.remove(name)
    }

    fn required(&self, name: SecretName) -> Result<Secret<Vec<u8>>, SecretError> {
        self.store()?.required(name)
    }

    fn replace_all(&self, secrets: &[(SecretName, Secret<Vec<u8>>)]) -> Result<(), SecretError> {
        self.store()?.replace_all(secrets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::{VAULT_FILE, Vault};

    #[test]
    fn nothing_is_touched_before_a_secret_is_asked_for() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("shop");
        let shop = ShopId::new("s1").unwrap();
        let secrets = LazySecrets::new(&folder, shop, Some(Secret::new(b"pass".to_vec())));
        assert!(!folder.exists());
        assert_eq!(secrets.get(SecretName::BackendToken).unwrap(), None);
        assert!(folder.exists());
    }

    #[test]
    fn an_opening_that_failed_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(VAULT_FILE);
        let token = Secret::new(b"token".to_vec());
        let vault = Vault::open_cheaply(folder.path(), b"pass").unwrap();
        vault.set(SecretName::BackendToken, &token).unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..40]).unwrap();

        let shop = ShopId::new("s1").unwrap();
        let secrets = LazySecrets::new(folder.path(), shop, Some(Secret::new(b"pass".to_vec())));
        assert_eq!(secrets.get(SecretName::BackendToken).unwrap_err().code(), "vault_unreadable");
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(secrets.get(SecretName::BackendToken).unwrap(), Some(token));
    }
}
