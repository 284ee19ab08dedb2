//! The operating system's keychain: the Secret Service on Linux, the Credential Manager on Windows.
//!
//! A keychain may ask a person for a password before it answers, and then waits as long as that person does. So every
//! question goes to one thread of this process, and whoever asks waits for a limited time only. One thread and not one
//! per question: behind a prompt that nobody answers the questions would pile up.

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::{Secret, ShopId};
use keyring::{Entry, Error as KeyringError};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{SecretError, SecretName, SecretStore};

/// Under this name a person finds the entries in the system's own window.
const SERVICE: &str = "zhanggui";

/// Long enough to find the keychain's window and type its password.
const DEADLINE: Duration = Duration::from_secs(60);

/// Questions that may wait behind one that waits for a person.
const QUEUE: usize = 8;

/// `CRED_MAX_CREDENTIAL_BLOB_SIZE` of the Windows Credential Manager, in bytes (wincred.h).
const WINDOWS_LIMIT: usize = 2560;

/// The secrets of one shop in the keychain, each an entry of its own.
///
/// An entry is named by the shop's id, the secret's word and a mark of the data folder. So two shops never mix, nor do
/// the demo shop or a copied folder and the real one. A folder that was moved is another folder: its shop has to be
/// connected again.
pub struct Keychain {
    prefix: String,
    deadline: Duration,
}

impl Keychain {
    /// The keychain's part for one shop in one data folder, which must exist. The keychain itself is not asked yet.
    ///
    /// # Errors
    ///
    /// [`SecretError::Unwritable`] if the folder cannot be found.
    pub fn open(data_folder: &Path, shop: &ShopId) -> Result<Keychain, SecretError> {
        // Another spelling of the same folder has to find the same entries.
        let folder = data_folder
            .canonicalize()
            .map_err(|source| SecretError::Unwritable { path: data_folder.to_owned(), source })?;
        let mark = Sha256::new()
            .chain_update(b"keychain/1\n")
            .chain_update(shop.as_str())
            .chain_update(b"\n")
            .chain_update(folder.as_os_str().as_encoded_bytes())
            .finalize();
        Ok(Keychain { prefix: format!("{shop}/{}", hex::encode(&mark[..8])), deadline: DEADLINE })
    }

    /// The same with another patience, for programs that have nobody in front of them.
    pub fn with_deadline(self, deadline: Duration) -> Keychain {
        Keychain { deadline, ..self }
    }

    /// Does the work with the entry on the keychain's thread.
    fn ask<T: Send + 'static>(
        &self,
        name: SecretName,
        work: impl FnOnce(&Entry) -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let user = format!("{}/{name}", self.prefix);
        let (answer, answered) = mpsc::sync_channel(1);
        let job = Box::new(move || {
            // Nobody hears the answer if the deadline has passed; then it is dropped, and a secret in it is wiped.
            let _ = answer.send(with_entry(&user, name, work));
        });
        let unresponsive = || SecretError::KeychainUnresponsive { waited: self.deadline };
        submit(job).map_err(|refusal| match refusal {
            Refusal::Full => unresponsive(),
            Refusal::NoThread(source) => SecretError::KeychainUnavailable { source: Some(source.into()) },
        })?;
        answered.recv_timeout(self.deadline).map_err(|error| match error {
            RecvTimeoutError::Timeout => unresponsive(),
            // The work ended without an answer, so it panicked inside the keychain's own code.
            RecvTimeoutError::Disconnected => SecretError::KeychainFailed { name, source: None },
        })?
    }
}

impl SecretStore for Keychain {
    fn get(&self, name: SecretName) -> Result<Option<Secret<Vec<u8>>>, SecretError> {
        let stored = self.ask(name, |entry| match entry.get_secret() {
            Ok(stored) => Ok(Some(Zeroizing::new(stored))),
            Err(KeyringError::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })?;
        stored.map(|stored| decode(&stored).ok_or(SecretError::Damaged { name })).transpose()
    }

    fn set(&self, name: SecretName, secret: &Secret<Vec<u8>>) -> Result<(), SecretError> {
        let stored = encode(secret);
        if cfg!(windows) && stored.len() > WINDOWS_LIMIT {
            return Err(SecretError::KeychainTooSmall { name, bytes: stored.len(), limit: WINDOWS_LIMIT });
        }
        self.ask(name, move |entry| entry.set_secret(&stored))
    }

    fn remove(&self, name: SecretName) -> Result<(), SecretError> {
        self.ask(name, |entry| match entry.delete_credential() {
            Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }
}

/// KDE's wallet, one of the Secret Services, keeps text only, so there a secret is stored as base64. Windows keeps
/// bytes and few of them: a 4096-bit key fits only as it is.
fn encode(secret: &Secret<Vec<u8>>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(if cfg!(windows) {
        secret.expose().clone()
    } else {
        BASE64.encode(secret.expose()).into_bytes()
    })
}

fn decode(stored: &[u8]) -> Option<Secret<Vec<u8>>> {
    if cfg!(windows) { Some(stored.to_vec()) } else { BASE64.decode(stored).ok() }.map(Secret::new)
}

fn with_entry<T>(
    user: &str,
    name: SecretName,
    work: impl FnOnce(&Entry) -> Result<T, KeyringError>,
) -> Result<T, SecretError> {
    // The system's keychain is sought once per process: an attempt that failed stays failed, and its reason is text
    // only, since the error itself cannot be copied.
    if let Err(error) = Entry::store_status() {
        return Err(SecretError::KeychainUnavailable { source: Some(error.to_string().into()) });
    }
    Entry::new(SERVICE, user).and_then(|entry| work(&entry)).map_err(|error| explain(name, error))
}

/// Turns the library's error into ours. Those that carry what was read are dropped: it is the secret.
fn explain(name: SecretName, error: KeyringError) -> SecretError {
    match error {
        KeyringError::NoDefaultStore => SecretError::KeychainUnavailable { source: None },
        KeyringError::NoStorageAccess(source) => SecretError::KeychainLocked { source: Some(source) },
        KeyringError::PlatformFailure(source) => SecretError::KeychainFailed { name, source: Some(source) },
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => SecretError::Damaged { name },
        other => SecretError::KeychainFailed { name, source: Some(Box::new(other)) },
    }
}

type Job = Box<dyn FnOnce() + Send>;

enum Refusal {
    Full,
    NoThread(std::io::Error),
}

/// Hands the job to the keychain's thread, which is started with the first job.
fn submit(job: Job) -> Result<(), Refusal> {
    static THREAD: Mutex<Option<SyncSender<Job>>> = Mutex::new(None);

    let mut thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    let job = match &*thread {
        Some(queue) => match queue.try_send(job) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Full(_)) => return Err(Refusal::Full),
            // The thread is gone, because a job panicked: the next one takes its place.
            Err(TrySendError::Disconnected(job)) => job,
        },
        None => job,
    };
    let (queue, jobs) = mpsc::sync_channel::<Job>(QUEUE);
    thread::Builder::new()
        .name("keychain".to_owned())
        .spawn(move || jobs.into_iter().for_each(|job| job()))
        .map_err(Refusal::NoThread)?;
    // The queue is new and has room.
    let _ = queue.try_send(job);
    *thread = Some(queue);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(folder: &Path, shop: &str) -> String {
        Keychain::open(folder, &ShopId::new(shop).unwrap()).unwrap().prefix
    }

    #[test]
    fn folders_and_shops_have_entries_of_their_own() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mine = prefix(one.path(), "s1");
        assert!(mine.starts_with("s1/"), "a person has to recognise it");
        assert_eq!(prefix(&one.path().join("."), "s1"), mine, "another spelling, the same folder");
        assert_ne!(prefix(two.path(), "s1"), mine);
        assert_ne!(prefix(one.path(), "S1").to_lowercase(), mine, "Windows does not tell cases apart");
    }

    #[test]
    fn what_is_stored_is_read_back_and_a_2048_bit_key_fits_windows() {
        let key = Secret::new((0..1218).map(|at| at as u8).collect::<Vec<u8>>());
        let stored = encode(&key);
        assert!(stored.len() <= WINDOWS_LIMIT);
        assert_eq!(decode(&stored), Some(key));
        if !cfg!(windows) {
            assert!(stored.is_ascii(), "KDE's wallet keeps text only");
        }
    }

    #[test]
    fn an_error_that_carries_the_secret_is_not_passed_on() {
        let key = b"192006250b4c09247ec02edce69f6a2d".to_vec();
        let printed_key = format!("{key:?}");
        let errors =
            [KeyringError::BadEncoding(key.clone()), KeyringError::BadDataFormat(key, "malformed".into())];
        for error in errors {
            let error = explain(SecretName::ApiV2Key, error);
            let printed = format!("{error:?} {error}");
            assert!(!printed.contains(&printed_key) && !printed.contains("1920"), "{printed}");
            assert_eq!(error.code(), "secret_missing");
        }
    }
}
