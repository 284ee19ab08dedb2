//! The vault's file format: what is sealed, with which key, and how damage is told from a wrong passphrase.
//!
//! ```text
//! offset  bytes  what
//!      0      6  "ZGVAUL"
//!      6      2  version, 1
//!      8      4  argon2id memory in KiB         numbers are little-endian
//!     12      4  argon2id passes
//!     16      4  argon2id lanes
//!     20     16  salt                            fresh at every writing
//!     36     24  nonce of XChaCha20-Poly1305     fresh at every writing
//!     60      n  the sealed content and its tag of 16 bytes; offsets 0 to 59 are its associated data
//!   60+n     32  SHA-256 of everything before
//! ```
//!
//! The sum at the end guards nothing, anybody can compute it. It tells a file that decayed or was cut off, where no
//! passphrase will ever help, from a file that is whole and does not open. Without it a flipped bit in the salt would
//! be called a wrong passphrase, and somebody would try for an evening.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use domain::Secret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const MAGIC: &[u8; 6] = b"ZGVAUL";
const VERSION: u16 = 1;
const SALT: usize = 16;
const NONCE: usize = 24;
const HEADER: usize = 20 + SALT + NONCE;
const TAG: usize = 16;
const SUM: usize = 32;

/// What a guess of the passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Cost {
    /// About a tenth of a second on a modest PC, and above the least that OWASP's Password Storage Cheat Sheet names
    /// for argon2id (19 MiB and 2 passes; read 2026-11).
    pub(super) const MODEST: Cost = Cost { memory_kib: 32 * 1024, passes: 3, lanes: 1 };

    /// The most that a file may ask of this PC. It names its own cost, so without a limit a forged file could take
    /// all memory or an hour.
    const MOST: Cost = Cost { memory_kib: 256 * 1024, passes: 16, lanes: 4 };

    fn is_bearable(self) -> bool {
        (1..=Cost::MOST.lanes).contains(&self.lanes)
            && (8 * self.lanes..=Cost::MOST.memory_kib).contains(&self.memory_kib)
            && (1..=Cost::MOST.passes).contains(&self.passes)
    }
}

/// Why a vault does not open.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unopened {
    /// The file is not as it was written.
    Damaged(&'static str),
    /// The file is whole, the key does not fit.
    WrongKey,
    /// The system gave no memory or no random numbers.
    System(&'static str),
}

/// A key that was derived once, with what it was derived for.
pub(super) struct DerivedKey {
    cost: Cost,
    salt: [u8; SALT],
    key: Secret<[u8; 32]>,
}

/// A vault's file whose form and sum are right.
pub(super) struct Sealed<'a> {
    header: &'a [u8; HEADER],
    content: &'a [u8],
    tag: &'a [u8; TAG],
    cost: Cost,
    salt: [u8; SALT],
    nonce: [u8; NONCE],
}

impl<'a> Sealed<'a> {
    /// Reads the file's form; no key is needed, and no memory beyond the file's.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Sealed<'a>, Unopened> {
        let cut_off = Unopened::Damaged("it is cut off");
        let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
            return Err(cut_off);
        };
        if !header.starts_with(MAGIC) {
            return Err(Unopened::Damaged("it is not a vault"));
        }
        // Before the sum: a later version may be laid out differently from here on.
        if u16::from_le_bytes([header[6], header[7]]) != VERSION {
            return Err(Unopened::Damaged("its version is unknown; a newer program may have written it"));
        }
        let Some((rest, sum)) = rest.split_last_chunk::<SUM>() else {
            return Err(cut_off);
        };
        let Some((content, tag)) = rest.split_last_chunk::<TAG>() else {
            return Err(cut_off);
        };
        if Sha256::digest(&bytes[..bytes.len() - SUM])[..] != sum[..] {
            return Err(Unopened::Damaged("its check sum does not fit"));
        }
        let number = |at: usize| {
            let mut four = [0; 4];
            four.copy_from_slice(&header[at..at + 4]);
            u32::from_le_bytes(four)
        };
        let cost = Cost { memory_kib: number(8), passes: number(12), lanes: number(16) };
        if !cost.is_bearable() {
            return Err(Unopened::Damaged("it asks for more memory or time than a vault ever needs"));
        }
        let (mut salt, mut nonce) = ([0; SALT], [0; NONCE]);
        salt.copy_from_slice(&header[20..20 + SALT]);
        nonce.copy_from_slice(&header[20 + SALT..]);
        Ok(Sealed { header, content, tag, cost, salt, nonce })
    }

    /// Whether the key was derived for this very file.
    pub(super) fn is_for(&self, key: &DerivedKey) -> bool {
        (self.cost, self.salt) == (key.cost, key.salt)
    }

    /// Derives this file's key.
    pub(super) fn derive(&self, passphrase: &[u8]) -> Result<DerivedKey, Unopened> {
        derive(passphrase, self.cost, self.salt)
    }

    /// The content.
    pub(super) fn open(&self, key: &DerivedKey) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        let mut content = Zeroizing::new(self.content.to_vec());
        cipher(key)
            .decrypt_inout_detached(
                &XNonce::from(self.nonce),
                self.header,
                content.as_mut_slice().into(),
                &Tag::from(*self.tag),
            )
            .map_err(|_| Unopened::WrongKey)?;
        Ok(content)
    }
}

/// Seals the content under a fresh salt and nonce, and gives the key back so that it need not be derived again.
pub(super) fn seal(
    mut content: Zeroizing<Vec<u8>>,
    passphrase: &[u8],
    cost: Cost,
) -> Result<(Vec<u8>, DerivedKey), Unopened> {
    let (mut salt, mut nonce) = ([0; SALT], [0; NONCE]);
    let no_chance = |_| Unopened::System("no random numbers");
    getrandom::fill(&mut salt).map_err(no_chance)?;
    getrandom::fill(&mut nonce).map_err(no_chance)?;
    let key = derive(passphrase, cost, salt)?;

    let mut bytes = Vec::with_capacity(HEADER + content.len() + TAG + SUM);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    for number in [cost.memory_kib, cost.passes, cost.lanes] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&salt);
    bytes.extend_from_slice(&nonce);
    let tag = cipher(&key)
        .encrypt_inout_detached(&XNonce::from(nonce), &bytes, content.as_mut_slice().into())
        .map_err(|_| Unopened::System("too much to seal"))?;
    bytes.extend_from_slice(&content);
    bytes.extend_from_slice(&tag);
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    Ok((bytes, key))
}

fn cipher(key: &DerivedKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key.key.expose()))
}

fn derive(passphrase: &[u8], cost: Cost, salt: [u8; SALT]) -> Result<DerivedKey, Unopened> {
    let refused = |_| Unopened::System("the key cannot be derived");
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(refused)?;
    // Our own memory, for two reasons: a PC without room is an error and not the program's end, and it is wiped.
    let mut memory = Zeroizing::new(Vec::new());
    memory.try_reserve_exact(params.block_count()).map_err(|_| Unopened::System("not enough memory"))?;
    memory.resize(params.block_count(), Block::default());
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, &salt, key.as_mut_slice(), memory.as_mut_slice())
        .map_err(refused)?;
    Ok(DerivedKey { cost, salt, key: Secret::new(*key) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    fn sealed(content: &[u8]) -> Vec<u8> {
        seal(Zeroizing::new(content.to_vec()), b"pass", CHEAP).unwrap().0
    }

    fn opened(bytes: &[u8], passphrase: &[u8]) -> Result<Vec<u8>, Unopened> {
        let sealed = Sealed::parse(bytes)?;
        sealed.open(&sealed.derive(passphrase)?).map(|content| content.to_vec())
    }

    /// The file as somebody would write it who knows the format: with a sum that fits.
    fn with_new_sum(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.truncate(bytes.len() - SUM);
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
        bytes
    }

    #[test]
    fn what_was_sealed_is_opened() {
        for content in [&b""[..], b"x", &[7; 5000]] {
            assert_eq!(opened(&sealed(content), b"pass").unwrap(), content);
        }
    }

    #[test]
    fn no_two_files_share_salt_or_nonce() {
        let (one, two) = (sealed(b"same"), sealed(b"same"));
        assert_ne!(one[20..36], two[20..36]);
        assert_ne!(one[36..60], two[36..60]);
    }

    #[test]
    fn a_wrong_passphrase_is_told_from_damage() {
        let whole = sealed(b"content");
        assert_eq!(opened(&whole, b"other"), Err(Unopened::WrongKey));
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            assert!(matches!(opened(&flipped, b"pass"), Err(Unopened::Damaged(_))), "byte {at}");
        }
        for length in 0..whole.len() {
            assert!(matches!(opened(&whole[..length], b"pass"), Err(Unopened::Damaged(_))), "{length} bytes");
        }
    }

    #[test]
    fn every_byte_before_the_sum_is_authenticated() {
        let whole = sealed(b"content");
        for at in 0..whole.len() - SUM {
            let mut forged = whole.clone();
            forged[at] ^= 1;
            assert!(opened(&with_new_sum(forged), b"pass").is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_cost_beyond_reason_is_refused_before_it_is_paid() {
        let whole = sealed(b"content");
        let absurd = [(8, u32::MAX), (8, 256 * 1024 + 1), (8, 7), (12, 0), (12, 17), (16, 0), (16, 5)];
        for (at, number) in absurd {
            let mut forged = whole.clone();
            forged[at..at + 4].copy_from_slice(&number.to_le_bytes());
            let error = Sealed::parse(&with_new_sum(forged)).err();
            assert!(matches!(error, Some(Unopened::Damaged(_))), "{number} at {at}: {error:?}");
        }
        assert!(Cost::MODEST.is_bearable() && CHEAP.is_bearable());
    }
}
