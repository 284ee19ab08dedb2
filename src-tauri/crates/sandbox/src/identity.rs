//! Who the demo shop is: names, numbers and keys, all made from the seed so that the same seed is the same shop.

use domain::{AppId, InvalidId, MchId, Secret, ShopId};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

/// The merchant as WeChat and its own backend know it.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The shop's id in the contract.
    pub(crate) shop_id: ShopId,
    /// What people call the shop.
    pub(crate) shop_name: String,
    /// The mini program.
    pub(crate) app_id: AppId,
    /// The merchant number.
    pub(crate) mch_id: MchId,
    /// The API v2 key, 32 letters and digits.
    pub(crate) api_v2_key: Secret<String>,
    /// The bearer token of the backend.
    pub(crate) token: Secret<String>,
    /// Which HMAC secret is meant (contract R10).
    pub(crate) hmac_key_id: String,
    /// The HMAC secret itself.
    pub(crate) hmac_secret: Secret<String>,
}

/// Streams of chance that must not disturb each other: more orders at the start may not change the keys.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Keys = 0,
    History = 1,
    Life = 2,
    Gateway = 3,
    Times = 4,
}

/// Chance for one purpose, the same for the same seed.
pub(crate) fn chance(seed: u64, stream: Stream) -> ChaCha12Rng {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    rng.set_stream(stream as u64);
    rng
}

impl Identity {
    pub(crate) fn from_seed(seed: u64) -> Result<Identity, InvalidId> {
        let mut rng = chance(seed, Stream::Keys);
        let mut text = |length: usize, alphabet: &[u8]| -> String {
            (0..length).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
        };
        const HEX: &[u8] = b"0123456789abcdef";
        const DIGITS: &[u8] = b"0123456789";
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        Ok(Identity {
            shop_id: ShopId::new(format!("demo-{seed}"))?,
            shop_name: "拾光咖啡 · 示例店".to_owned(),
            app_id: AppId::new(format!("wx{}", text(16, HEX)))?,
            mch_id: MchId::new(format!("19{}", text(8, DIGITS)))?,
            api_v2_key: Secret::new(text(32, LETTERS)),
            token: Secret::new(format!("demo_{}", text(40, LETTERS))),
            hmac_key_id: format!("demo-{}", text(8, HEX)),
            hmac_secret: Secret::new(text(48, LETTERS)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_shop() {
        let (one, same, other) = (
            Identity::from_seed(7).unwrap(),
            Identity::from_seed(7).unwrap(),
            Identity::from_seed(8).unwrap(),
        );
        assert_eq!(one.mch_id, same.mch_id);
        assert_eq!(one.api_v2_key, same.api_v2_key);
        assert_eq!(one.token, same.token);
        assert_ne!(one.api_v2_key, other.api_v2_key);
        assert_ne!(one.shop_id, other.shop_id, "another seed is another shop");
    }

    #[test]
    fn keys_do_not_print() {
        let identity = Identity::from_seed(1).unwrap();
        let printed = format!("{identity:?}");
        for secret in [&identity.api_v2_key, &identity.token, &identity.hmac_secret] {
            assert!(!printed.contains(secret.expose()));
        }
    }
}
