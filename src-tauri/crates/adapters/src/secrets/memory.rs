use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Secret;

use super::{SecretError, SecretName, SecretStore};

/// A store that forgets everything when the program ends, for the built-in demo shop.
///
/// The demo shop's keys are made up anew at each start, belong to a simulated world inside this process, and open
/// nothing; putting them into the owner's keychain would only leave litter there. A real shop's secrets never come
/// here: [`open_store`](super::open_store) and [`LazySecrets`](super::LazySecrets) know the keychain and the vault
/// alone, so whoever wants this store has to name it.
#[derive(Debug, Default)]
pub struct InMemory {
    secrets: Mutex<HashMap<SecretName, Secret<Vec<u8>>>>,
}

impl InMemory {
    fn secrets(&self) -> MutexGuard<'_, HashMap<SecretName, Secret<Vec<u8>>>> {
        // Each use is a single step on the map, so a panic of another thread leaves it whole.
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for InMemory {
    fn get(&self, name: SecretName) -> Result<Option<Secret<Vec<u8>>>, SecretError> {
        Ok(self.secrets().get(&name).cloned())
    }

    fn set(&self, name: SecretName, secret: &Secret<Vec<u8>>) -> Result<(), SecretError> {
        self.secrets().insert(name, secret.clone());
        Ok(())
    }

    fn remove(&self, name: SecretName) -> Result<(), SecretError> {
        self.secrets().remove(&name);
        Ok(())
    }

    fn replace_all(&self, secrets: &[(SecretName, Secret<Vec<u8>>)]) -> Result<(), SecretError> {
        *self.secrets() = secrets.iter().cloned().collect();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<Vec<u8>> {
        Secret::new(text.as_bytes().to_vec())
    }

    #[test]
    fn it_keeps_exactly_what_it_was_given_last() {
        let store = InMemory::default();
        assert_eq!(store.get(SecretName::ApiV2Key).unwrap(), None);
        store.set(SecretName::ApiV2Key, &secret("old")).unwrap();
        store.set(SecretName::BackendToken, &secret("token")).unwrap();
        store.set(SecretName::ApiV2Key, &secret("new")).unwrap();
        assert_eq!(store.get(SecretName::ApiV2Key).unwrap(), Some(secret("new")));
        store.remove(SecretName::ApiV2Key).unwrap();
        store.remove(SecretName::ApiV2Key).unwrap();
        assert!(matches!(store.required(SecretName::ApiV2Key), Err(SecretError::Missing { .. })));

        store.replace_all(&[(SecretName::MerchantKey, secret("key"))]).unwrap();
        assert_eq!(store.get(SecretName::BackendToken).unwrap(), None);
        assert_eq!(store.required_text(SecretName::MerchantKey).unwrap().expose(), "key");
    }

    #[test]
    fn it_does_not_print_what_it_keeps() {
        let store = InMemory::default();
        store.set(SecretName::ApiV2Key, &secret("192006250b4c09247ec02edce69f6a2d")).unwrap();
        let printed = format!("{store:?}");
        // As text and as the numbers of its bytes.
        assert!(!printed.contains("1920") && !printed.contains("49, 57"), "{printed}");
    }
}
