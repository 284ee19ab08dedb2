use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Secret;
use zeroize::Zeroizing;

use super::sealed::{Cost, DerivedKey, Sealed, Unopened, seal};
use super::{SecretError, SecretName, SecretStore};
use crate::files;

/// The vault's name in the data folder.
pub const VAULT_FILE: &str = "vault.zgv";

/// Four secrets take 2 KiB; a file beyond this is no vault.
const LIMIT: u64 = 1024 * 1024;

/// The secrets in one file of the data folder, sealed with a passphrase (argon2id and XChaCha20-Poly1305).
///
/// The secrets stay sealed: each question reads the file and opens it with the key derived before, so that no secret
/// lies in memory longer than its user keeps it, and what another program wrote meanwhile is seen. Only passphrase and
/// key stay, wiped when the vault is dropped. Every writing takes a fresh salt and nonce and replaces the file as a
/// whole.
pub struct Vault {
    path: PathBuf,
    passphrase: Secret<Vec<u8>>,
    cost: Cost,
    key: Mutex<Option<DerivedKey>>,
}

impl Vault {
    /// Opens the vault of the folder, or prepares one that is written with its first secret.
    ///
    /// # Errors
    ///
    /// [`SecretError::VaultPassphraseWrong`], [`SecretError::VaultDamaged`], [`SecretError::VaultUnreadable`].
    pub fn open(data_folder: &Path, passphrase: Secret<Vec<u8>>) -> Result<Vault, SecretError> {
        Vault::open_at_cost(data_folder, passphrase, Cost::MODEST)
    }

    /// A vault that costs nothing to open, for tests of what uses one.
    #[cfg(test)]
    pub(crate) fn open_cheaply(data_folder: &Path, passphrase: &[u8]) -> Result<Vault, SecretError> {
        const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
        Vault::open_at_cost(data_folder, Secret::new(passphrase.to_vec()), CHEAP)
    }

    fn open_at_cost(
        data_folder: &Path,
        passphrase: Secret<Vec<u8>>,
        cost: Cost,
    ) -> Result<Vault, SecretError> {
        let path = data_folder.join(VAULT_FILE);
        let vault = Vault { path, passphrase, cost, key: Mutex::new(None) };
        vault.contents(&mut vault.key())?;
        Ok(vault)
    }

    fn key(&self) -> MutexGuard<'_, Option<DerivedKey>> {
        // The lock guards a cache: whatever a panic left there is checked against the file before it is used.
        self.key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the file holds now; nothing if there is none yet.
    fn contents(&self, cached: &mut Option<DerivedKey>) -> Result<Contents, SecretError> {
        let file = files::read_limited(&self.path, LIMIT).map_err(|source| self.unreadable(source))?;
        let Some(bytes) = file else {
            return Ok(Contents::default());
        };
        let refused = |reason| self.refused(reason);
        let sealed = Sealed::parse(&bytes).map_err(refused)?;
        let key = match cached.take() {
            Some(key) if sealed.is_for(&key) => key,
            _ => sealed.derive(self.passphrase.expose()).map_err(refused)?,
        };
        let contents = Contents::decode(&sealed.open(&key).map_err(refused)?)
            .ok_or_else(|| self.refused(Unopened::Damaged("its content has no known form")))?;
        *cached = Some(key);
        Ok(contents)
    }

    fn change(&self, change: impl FnOnce(&mut Contents)) -> Result<(), SecretError> {
        let mut cached = self.key();
        let mut contents = self.contents(&mut cached)?;
        change(&mut contents);
        let (bytes, key) = seal(contents.encode(), self.passphrase.expose(), self.cost)
            .map_err(|reason| self.refused(reason))?;
        files::replace_private_file(&self.path, &bytes)
            .map_err(|source| SecretError::Unwritable { path: self.path.clone(), source })?;
        *cached = Some(key);
        Ok(())
    }

    fn refused(&self, reason: Unopened) -> SecretError {
        let path = self.path.clone();
        match reason {
            Unopened::Damaged(reason) => SecretError::VaultDamaged { path, reason },
            Unopened::WrongKey => SecretError::VaultPassphraseWrong { path },
            Unopened::System(reason) => SecretError::VaultSealing { reason },
        }
    }

    fn unreadable(&self, source: std::io::Error) -> SecretError {
        SecretError::VaultUnreadable { path: self.path.clone(), source }
    }
}

impl SecretStore for Vault {
    fn get(&self, name: SecretName) -> Result<Option<Secret<Vec<u8>>>, SecretError> {
        Ok(self.contents(&mut self.key())?.take(name.as_str()))
    }

    fn set(&self, name: SecretName, secret: &Secret<Vec<u8>>) -> Result<(), SecretError> {
        self.change(|contents| contents.put(name.as_str(), secret.clone()))
    }

    fn remove(&self, name: SecretName) -> Result<(), SecretError> {
        if self.get(name)?.is_none() {
            return Ok(());
        }
        self.change(|contents| drop(contents.take(name.as_str())))
    }

    fn required(&self, name: SecretName) -> Result<Secret<Vec<u8>>, SecretError> {
        match self.get(name)? {
            Some(secret) => Ok(secret),
            // Then the option on the command line is the mistake, and not the secret.
            None if !self.path.exists() => Err(SecretError::VaultMissing { path: self.path.clone() }),
            None => Err(SecretError::Missing { name }),
        }
    }

    fn replace_all(&self, secrets: &[(SecretName, Secret<Vec<u8>>)]) -> Result<(), SecretError> {
        self.change(|contents| {
            for name in SecretName::ALL {
                contents.take(name.as_str());
            }
            for (name, secret) in secrets {
                contents.put(name.as_str(), secret.clone());
            }
        })
    }
}

/// The opened content: for each secret its word's length (1 byte), its word, its length (4 bytes, little-endian), and
/// itself. A word that this version does not know is kept, so that an older program does not lose a newer one's secret.
#[derive(Default)]
struct Contents(Vec<(String, Secret<Vec<u8>>)>);

impl Contents {
    fn take(&mut self, name: &str) -> Option<Secret<Vec<u8>>> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1)
    }

    fn put(&mut self, name: &str, secret: Secret<Vec<u8>>) {
        self.take(name);
        self.0.push((name.to_owned(), secret));
    }

    fn decode(mut bytes: &[u8]) -> Option<Contents> {
        let mut contents = Contents::default();
        while let Some((name_length, rest)) = bytes.split_first() {
            let (name, rest) = rest.split_at_checked(usize::from(*name_length))?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (secret, rest) = rest.split_at_checked(length)?;
            contents.put(std::str::from_utf8(name).ok()?, Secret::new(secret.to_vec()));
            bytes = rest;
        }
        Some(contents)
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let length = self.0.iter().map(|(name, secret)| 5 + name.len() + secret.expose().len()).sum();
        // Room for all at once: a vector that grows leaves copies of secrets behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        for (name, secret) in &self.0 {
            // Both fit: words are ours, and a file's size is limited far below 4 GiB when it is read.
            bytes.push(u8::try_from(name.len()).unwrap_or_default());
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(&u32::try_from(secret.expose().len()).unwrap_or_default().to_le_bytes());
            bytes.extend_from_slice(secret.expose());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<Vec<u8>> {
        Secret::new(text.as_bytes().to_vec())
    }

    fn vault(folder: &Path, passphrase: &str) -> Result<Vault, SecretError> {
        Vault::open_cheaply(folder, passphrase.as_bytes())
    }

    #[test]
    fn secrets_come_back_after_closing() {
        let folder = tempfile::tempdir().unwrap();
        let open = || vault(folder.path(), "pass").unwrap();
        assert_eq!(open().get(SecretName::ApiV2Key).unwrap(), None);
        assert_eq!(open().required(SecretName::ApiV2Key).unwrap_err().code(), "vault_missing");
        open().set(SecretName::ApiV2Key, &secret("key one")).unwrap();
        open().set(SecretName::BackendToken, &secret("token")).unwrap();
        open().set(SecretName::ApiV2Key, &secret("key two")).unwrap();
        assert_eq!(open().get(SecretName::ApiV2Key).unwrap(), Some(secret("key two")));
        open().remove(SecretName::ApiV2Key).unwrap();
        open().remove(SecretName::ApiV2Key).unwrap();
        assert_eq!(open().get(SecretName::ApiV2Key).unwrap(), None);
        let missing = open().required(SecretName::ApiV2Key).unwrap_err();
        assert_eq!(
            (missing.code(), missing.parameters()),
            ("secret_missing", vec![("name", "api_v2_key".into())])
        );
        assert_eq!(open().required_text(SecretName::BackendToken).unwrap().expose(), "token");
    }

    #[test]
    fn the_standard_cost_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Vault::open(folder.path(), secret("口令")).unwrap();
        open().set(SecretName::ApiV3Key, &secret("key")).unwrap();
        assert_eq!(open().get(SecretName::ApiV3Key).unwrap(), Some(secret("key")));
    }

    #[test]
    fn replacing_all_forgets_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path(), "pass").unwrap();
        vault.set(SecretName::ApiV3Key, &secret("old")).unwrap();
        vault.replace_all(&[(SecretName::ApiV2Key, secret("new"))]).unwrap();
        assert_eq!(vault.get(SecretName::ApiV3Key).unwrap(), None);
        assert_eq!(vault.get(SecretName::ApiV2Key).unwrap(), Some(secret("new")));
    }

    #[test]
    fn a_wrong_passphrase_opens_nothing_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        vault(folder.path(), "pass").unwrap().set(SecretName::ApiV2Key, &secret("key")).unwrap();
        let before = std::fs::read(folder.path().join(VAULT_FILE)).unwrap();
        assert_eq!(vault(folder.path(), "other").err().unwrap().code(), "vault_passphrase_wrong");
        assert_eq!(std::fs::read(folder.path().join(VAULT_FILE)).unwrap(), before);
    }

    #[test]
    fn what_another_program_wrote_meanwhile_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (vault(folder.path(), "pass").unwrap(), vault(folder.path(), "pass").unwrap());
        one.set(SecretName::ApiV2Key, &secret("key")).unwrap();
        two.set(SecretName::BackendToken, &secret("token")).unwrap();
        assert_eq!(one.get(SecretName::BackendToken).unwrap(), Some(secret("token")));
        assert_eq!(two.get(SecretName::ApiV2Key).unwrap(), Some(secret("key")));
    }

    #[test]
    fn damage_is_an_error_and_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(VAULT_FILE);
        let open = vault(folder.path(), "pass").unwrap();
        open.set(SecretName::ApiV2Key, &secret("key")).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(vault(folder.path(), "pass").err().unwrap().code(), "vault_unreadable");
        assert_eq!(open.set(SecretName::ApiV3Key, &secret("x")).unwrap_err().code(), "vault_unreadable");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        std::fs::write(&path, vec![0; 2 << 20]).unwrap();
        assert_eq!(vault(folder.path(), "pass").err().unwrap().code(), "vault_unreadable", "too large");
    }

    #[test]
    fn no_secret_stands_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let key = "192006250b4c09247ec02edce69f6a2d";
        vault(folder.path(), "pass").unwrap().set(SecretName::ApiV2Key, &secret(key)).unwrap();
        let bytes = std::fs::read(folder.path().join(VAULT_FILE)).unwrap();
        for text in [key, "pass", "api_v2_key"] {
            assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_secret_of_a_newer_version_is_kept() {
        let mut contents = Contents::default();
        contents.put("of_tomorrow", secret("x"));
        contents.put("api_v2_key", secret("key"));
        let mut again = Contents::decode(&contents.encode()).unwrap();
        assert_eq!(again.take("of_tomorrow"), Some(secret("x")));
        assert!(Contents::decode(b"\x05abc").is_none());
        assert!(Contents::decode(b"\x01a\xff\xff\xff\xffx").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_vault() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        vault(folder.path(), "pass").unwrap().set(SecretName::ApiV2Key, &secret("key")).unwrap();
        let mode = std::fs::metadata(folder.path().join(VAULT_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
