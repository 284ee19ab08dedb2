//! Where the shop's secrets live: the operating system's keychain, or a vault file sealed with a passphrase.
//!
//! Nothing else on the disk holds a secret (`product.md` 2.8). Which of the two it is follows from how the program was
//! started: with a passphrase it is the vault in the data folder, without one the keychain. Both say the same of
//! themselves through [`SecretStore`]; [`LazySecrets`] puts off opening until somebody asks, so that a command that
//! needs no secret never meets a locked keychain. [`InMemory`] is for the demo shop alone, whose keys open nothing.

mod error;
mod keychain;
mod lazy;
mod memory;
mod passphrase;
mod sealed;
mod vault;

use std::fmt;
use std::path::Path;

use domain::{Secret, ShopId};

pub use error::SecretError;
pub(crate) use error::unwritable_code;
pub use keychain::Keychain;
pub use lazy::LazySecrets;
pub use memory::InMemory;
pub use passphrase::read_passphrase_file;
pub use vault::{VAULT_FILE, Vault};

use crate::files;

/// A place that keeps the secrets of one shop.
pub trait SecretStore: Send + Sync {
    /// The secret, or `None` if it was never stored.
    fn get(&self, name: SecretName) -> Result<Option<Secret<Vec<u8>>>, SecretError>;

    /// Stores the secret in place of the one before.
    fn set(&self, name: SecretName, secret: &Secret<Vec<u8>>) -> Result<(), SecretError>;

    /// Forgets the secret; one that was never stored is no error.
    fn remove(&self, name: SecretName) -> Result<(), SecretError>;

    /// The secret, without which there is no going on.
    fn required(&self, name: SecretName) -> Result<Secret<Vec<u8>>, SecretError> {
        self.get(name)?.ok_or(SecretError::Missing { name })
    }

    /// The secret as text, as keys and tokens are.
    fn required_text(&self, name: SecretName) -> Result<Secret<String>, SecretError> {
        let secret = self.required(name)?;
        let text = std::str::from_utf8(secret.expose()).map_err(|_| SecretError::Damaged { name })?;
        Ok(Secret::new(text.to_owned()))
    }

    /// Stores exactly these secrets and forgets every other one of the shop.
    ///
    /// A store that can do it in one step does; the keychain goes one by one, and whoever calls must be able to call
    /// again after a crash.
    fn replace_all(&self, secrets: &[(SecretName, Secret<Vec<u8>>)]) -> Result<(), SecretError> {
        for (name, secret) in secrets {
            self.set(*name, secret)?;
        }
        for name in SecretName::ALL {
            if !secrets.iter().any(|(kept, _)| *kept == name) {
                self.remove(name)?;
            }
        }
        Ok(())
    }
}

/// Which secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretName {
    /// WeChat Pay's API v2 key, as its 32 characters.
    ApiV2Key,
    /// WeChat Pay's APIv3 key, as its 32 bytes.
    ApiV3Key,
    /// The private key of the merchant's certificate: PKCS#8, DER. Its certificate is public and stands in the
    /// settings.
    MerchantKey,
    /// The token of the shop's backend.
    BackendToken,
}

impl SecretName {
    /// Every secret that a shop can have.
    pub const ALL: [SecretName; 4] =
        [SecretName::ApiV2Key, SecretName::ApiV3Key, SecretName::MerchantKey, SecretName::BackendToken];

    /// The word that names it in the keychain: stable, since a new word would lose the secret.
    pub fn as_str(self) -> &'static str {
        match self {
            SecretName::ApiV2Key => "api_v2_key",
            SecretName::ApiV3Key => "api_v3_key",
            SecretName::MerchantKey => "merchant_key",
            SecretName::BackendToken => "backend_token",
        }
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Opens the store of the shop in `data_folder`: the vault if a passphrase is given, else the keychain.
///
/// The folder is made if it is not there. The vault's key is derived here, so that a wrong passphrase is told now; the
/// keychain is asked for nothing yet.
///
/// # Errors
///
/// [`SecretError::VaultNeedsPassphrase`] if the folder holds a vault and no passphrase was given: looking into the
/// keychain instead would find nothing, or what an earlier set-up left there. Else as [`Vault::open`] and
/// [`Keychain::open`].
pub fn open_store(
    data_folder: &Path,
    shop: &ShopId,
    passphrase: Option<Secret<Vec<u8>>>,
) -> Result<Box<dyn SecretStore>, SecretError> {
    files::create_private_folder(data_folder)
        .map_err(|source| SecretError::Unwritable { path: data_folder.to_owned(), source })?;
    match passphrase {
        Some(passphrase) => Ok(Box::new(Vault::open(data_folder, passphrase)?)),
        None => {
            let path = data_folder.join(VAULT_FILE);
            if path.exists() {
                return Err(SecretError::VaultNeedsPassphrase { path });
            }
            Ok(Box::new(Keychain::open(data_folder, shop)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_without_its_passphrase_is_not_passed_over_for_the_keychain() {
        let folder = tempfile::tempdir().unwrap();
        let shop = ShopId::new("s1").unwrap();
        let vault = Vault::open_cheaply(folder.path(), b"pass").unwrap();
        vault.set(SecretName::BackendToken, &Secret::new(b"token".to_vec())).unwrap();
        let error = open_store(folder.path(), &shop, None).err().unwrap();
        assert!(matches!(error, SecretError::VaultNeedsPassphrase { .. }));
        assert_eq!(error.code(), "vault_needs_passphrase");
    }

    #[test]
    fn the_folder_is_made_for_the_store() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("new").join("shop");
        let shop = ShopId::new("s1").unwrap();
        open_store(&folder, &shop, Some(Secret::new(b"pass".to_vec()))).unwrap();
        assert!(folder.is_dir());
        assert!(!folder.join(VAULT_FILE).exists(), "nothing is written before there is a secret");
    }
}
