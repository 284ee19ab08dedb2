//! PINs by argon2id.

use argon2::password_hash::Error as HashError;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use domain::Secret;
use engine::ports::{PinError, PinHashing};

/// The most memory in KiB that a stored hash may ask for. It names its own cost, so without a limit a forged mirror could
/// take all memory at every sign-in.
const MOST_KIB: u32 = 256 * 1024;

/// The most passes, likewise.
const MOST_PASSES: u32 = 16;

/// Hashes as the vault does: about a tenth of a second on a modest PC.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Argon2id {
    memory_kib: u32,
    passes: u32,
}

impl Argon2id {
    /// Above the least that OWASP's Password Storage Cheat Sheet names for argon2id (19 MiB and 2 passes; read 2026-11).
    pub(crate) const MODEST: Argon2id = Argon2id { memory_kib: 32 * 1024, passes: 3 };

    fn argon2(self) -> Result<Argon2<'static>, PinError> {
        let params = Params::new(self.memory_kib, self.passes, 1, None)
            .map_err(|_| PinError { reason: "the cost is no cost" })?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

impl PinHashing for Argon2id {
    fn hash(&self, pin: &Secret<String>) -> Result<Secret<String>, PinError> {
        let hash = self
            .argon2()?
            .hash_password(pin.expose().as_bytes())
            .map_err(|_| PinError { reason: "no random numbers or no memory" })?;
        Ok(Secret::new(hash.to_string()))
    }

    fn fits(&self, pin: &Secret<String>, kept: &Secret<String>) -> Result<bool, PinError> {
        let kept = argon2::PasswordHash::new(kept.expose())
            .map_err(|_| PinError { reason: "what is kept is no hash" })?;
        let cost = Params::try_from(&kept).map_err(|_| PinError { reason: "what is kept names no cost" })?;
        if cost.m_cost() > MOST_KIB || cost.t_cost() > MOST_PASSES {
            return Err(PinError { reason: "what is kept asks for more than a PIN ever needs" });
        }
        match self.argon2()?.verify_password(pin.expose().as_bytes(), &kept) {
            Ok(()) => Ok(true),
            Err(HashError::PasswordInvalid) => Ok(false),
            Err(_) => Err(PinError { reason: "it cannot be compared" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Argon2id = Argon2id { memory_kib: 8, passes: 1 };

    fn pin(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_hash_fits_its_own_pin_alone_and_never_repeats() {
        let (one, two) = (CHEAP.hash(&pin("2580")).unwrap(), CHEAP.hash(&pin("2580")).unwrap());
        assert_ne!(one, two, "each has a salt of its own");
        assert!(one.expose().starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", one.expose());
        assert!(!one.expose().contains("2580"));
        for kept in [&one, &two] {
            assert_eq!(CHEAP.fits(&pin("2580"), kept), Ok(true));
            assert_eq!(CHEAP.fits(&pin("2581"), kept), Ok(false));
            assert_eq!(CHEAP.fits(&pin(""), kept), Ok(false));
        }
    }

    #[test]
    fn a_hash_made_at_another_cost_is_still_compared() {
        let dear = Argon2id { memory_kib: 64, passes: 2 }.hash(&pin("2580")).unwrap();
        assert_eq!(CHEAP.fits(&pin("2580"), &dear), Ok(true));
    }

    #[test]
    fn the_real_cost_is_as_stated() {
        let kept = Argon2id::MODEST.hash(&pin("2580")).unwrap();
        assert!(kept.expose().starts_with("$argon2id$v=19$m=32768,t=3,p=1$"), "{}", kept.expose());
        assert_eq!(Argon2id::MODEST.fits(&pin("2580"), &kept), Ok(true));
    }

    #[test]
    fn what_is_no_hash_or_too_dear_is_an_error_and_no_answer() {
        let salt = "$c2FsdHNhbHRzYWx0$dG9vIHNob3J0IGZvciBhbiBhbnN3ZXI";
        for kept in ["", "2580", "$argon2id$", &format!("$argon2id$v=19$m=4194304,t=3,p=1{salt}")] {
            assert!(CHEAP.fits(&pin("2580"), &pin(kept)).is_err(), "{kept:?}");
        }
    }
}
