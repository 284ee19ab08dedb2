//! The keychain where there is none, and where it never answers.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be set up cannot be tested")]

mod private_bus;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use adapters::secrets::{Keychain, LazySecrets, SecretError, SecretName, SecretStore, open_store};
use domain::{Secret, ShopId};
use private_bus::{on_a_private_bus, without_a_bus};
use zbus::{OwnedObjectPath, OwnedVariant, Variant};

fn shop() -> ShopId {
    ShopId::new("s1").unwrap()
}

#[test]
fn without_a_bus_the_way_out_is_named() {
    without_a_bus("without_a_bus_the_way_out_is_named", || {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(folder.path(), &shop(), None).unwrap();
        let secret = Secret::new(b"192006250b4c09247ec02edce69f6a2d".to_vec());
        assert_eq!(store.set(SecretName::ApiV2Key, &secret).unwrap_err().code(), "keychain_unavailable");
        assert_eq!(store.get(SecretName::ApiV2Key).unwrap_err().code(), "keychain_unavailable");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "and nothing is written instead");
        // The vault is that way out.
        let vault = open_store(folder.path(), &shop(), Some(Secret::new(b"pass".to_vec()))).unwrap();
        vault.set(SecretName::ApiV2Key, &secret).unwrap();
        assert_eq!(vault.get(SecretName::ApiV2Key).unwrap(), Some(secret));
    });
}

#[test]
fn a_desktop_without_a_secret_service_has_no_keychain() {
    on_a_private_bus("a_desktop_without_a_secret_service_has_no_keychain", |_| {
        let folder = tempfile::tempdir().unwrap();
        let secrets = LazySecrets::new(folder.path(), shop(), None);
        assert_eq!(secrets.get(SecretName::BackendToken).unwrap_err().code(), "keychain_unavailable");
    });
}

/// A keychain that waits for a person for ever.
struct Silent;

#[zbus::interface(name = "org.freedesktop.Secret.Service")]
impl Silent {
    async fn open_session(&self, _algorithm: String, _input: Variant<'_>) -> (OwnedVariant, OwnedObjectPath) {
        std::future::pending().await
    }

    async fn search_items(
        &self,
        _attributes: HashMap<String, String>,
    ) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        std::future::pending().await
    }
}

#[test]
fn a_keychain_that_never_answers_does_not_stop_the_program() {
    on_a_private_bus("a_keychain_that_never_answers_does_not_stop_the_program", |address| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let _service = runtime
            .block_on(
                zbus::connection::Builder::address(address)
                    .name("org.freedesktop.secrets")
                    .serve_at("/org/freedesktop/secrets", Silent)
                    .build(),
            )
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let keychain =
            Keychain::open(folder.path(), &shop()).unwrap().with_deadline(Duration::from_millis(200));
        let start = Instant::now();
        // More questions than may wait: the last ones are refused at once.
        for _ in 0..12 {
            let error = keychain.get(SecretName::ApiV2Key).unwrap_err();
            assert!(matches!(error, SecretError::KeychainUnresponsive { .. }), "{error:?}");
        }
        assert!(start.elapsed() < Duration::from_secs(10));
    });
}
