use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::SecretName;

/// A secret could not be read or stored. No variant holds any part of a secret.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The secret is not in the store: the shop was connected with another store, or its folder was moved.
    #[error("{name} is not in the store of secrets")]
    Missing {
        /// Which secret.
        name: SecretName,
    },
    /// What is stored is not what was stored.
    #[error("{name} is damaged in the store of secrets")]
    Damaged {
        /// Which secret.
        name: SecretName,
    },
    /// There is no keychain to ask: no D-Bus session, no Secret Service. The way out is a vault
    /// (`--vault-passphrase-file`).
    #[error("this system offers no keychain")]
    KeychainUnavailable {
        /// What the system said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The keychain is locked and was not unlocked.
    #[error("the keychain is locked")]
    KeychainLocked {
        /// What the system said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The keychain did not answer in time; perhaps it still asks somebody for a password.
    #[error("the keychain did not answer within {} s", .waited.as_secs())]
    KeychainUnresponsive {
        /// How long it was given.
        waited: Duration,
    },
    /// The keychain refused or failed.
    #[error("the keychain failed over {name}")]
    KeychainFailed {
        /// Which secret.
        name: SecretName,
        /// What the system said, if that holds no part of the secret.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The secret is too long for the keychain of this system.
    #[error("{name} has {bytes} bytes, the keychain takes {limit}")]
    KeychainTooSmall {
        /// Which secret.
        name: SecretName,
        /// Its length.
        bytes: usize,
        /// What the system takes.
        limit: usize,
    },
    /// The folder holds a vault, and no passphrase was given.
    #[error("{} is sealed with a passphrase, and none was given", .path.display())]
    VaultNeedsPassphrase {
        /// The vault.
        path: PathBuf,
    },
    /// The vault is whole, but the passphrase does not open it (or somebody forged the file).
    #[error("the passphrase does not open {}", .path.display())]
    VaultPassphraseWrong {
        /// The vault.
        path: PathBuf,
    },
    /// The vault's file is not as it was written.
    #[error("{} is damaged: {reason}", .path.display())]
    VaultDamaged {
        /// The vault.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A passphrase was given, and the folder holds no vault.
    #[error("there is no vault at {}", .path.display())]
    VaultMissing {
        /// Where it would be.
        path: PathBuf,
    },
    /// The vault's file cannot be read.
    #[error("{} cannot be read", .path.display())]
    VaultUnreadable {
        /// The vault.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Sealing failed: the system gave no memory or no random numbers.
    #[error("the vault could not be sealed or opened: {reason}")]
    VaultSealing {
        /// What was missing.
        reason: &'static str,
    },
    /// The file with the passphrase cannot be read.
    #[error("the passphrase file {} cannot be read", .path.display())]
    PassphraseFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file with the passphrase holds none.
    #[error("the passphrase file {} is empty", .path.display())]
    PassphraseEmpty {
        /// The file.
        path: PathBuf,
    },
    /// The vault or its folder cannot be written.
    #[error("{} cannot be written", .path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl SecretError {
    /// The stable word by which the catalogues have a text and a hint. Errors with the same cure share a word.
    pub fn code(&self) -> &'static str {
        match self {
            SecretError::Missing { .. } | SecretError::Damaged { .. } => "secret_missing",
            SecretError::KeychainUnavailable { .. }
            | SecretError::KeychainLocked { .. }
            | SecretError::KeychainUnresponsive { .. }
            | SecretError::KeychainFailed { .. }
            | SecretError::KeychainTooSmall { .. } => "keychain_unavailable",
            SecretError::VaultMissing { .. } => "vault_missing",
            SecretError::VaultNeedsPassphrase { .. } => "vault_needs_passphrase",
            SecretError::VaultPassphraseWrong { .. } => "vault_passphrase_wrong",
            SecretError::VaultDamaged { .. } | SecretError::VaultUnreadable { .. } => "vault_unreadable",
            SecretError::Unwritable { source, .. } => unwritable_code(source),
            SecretError::VaultSealing { .. } => "internal",
            SecretError::PassphraseFile { .. } | SecretError::PassphraseEmpty { .. } => {
                "passphrase_file_unreadable"
            }
        }
    }

    /// What fills the placeholders of the text: safe to show, never a secret.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            SecretError::KeychainUnavailable { .. }
            | SecretError::KeychainLocked { .. }
            | SecretError::KeychainUnresponsive { .. }
            | SecretError::VaultSealing { .. } => Vec::new(),
            SecretError::Missing { name }
            | SecretError::Damaged { name }
            | SecretError::KeychainFailed { name, .. }
            | SecretError::KeychainTooSmall { name, .. } => vec![("name", name.to_string())],
            SecretError::VaultMissing { path }
            | SecretError::VaultNeedsPassphrase { path }
            | SecretError::VaultPassphraseWrong { path }
            | SecretError::VaultDamaged { path, .. }
            | SecretError::VaultUnreadable { path, .. }
            | SecretError::Unwritable { path, .. }
            | SecretError::PassphraseFile { path, .. }
            | SecretError::PassphraseEmpty { path } => vec![("path", path.display().to_string())],
        }
    }
}

/// A full disk has a cure of its own.
pub(crate) fn unwritable_code(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "disk_full",
        _ => "output_unwritable",
    }
}
