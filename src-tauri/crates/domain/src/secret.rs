use std::fmt;

use zeroize::Zeroize;

/// A value that must not be seen: it prints as `[secret]`, cannot be serialised, and is wiped when dropped.
///
/// API keys, the private key, tokens and pass phrases live in here. [`Secret::expose`] is the one way out, so that a
/// search for it finds every place that handles a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps the value.
    pub fn new(value: T) -> Self {
        Secret(value)
    }

    /// The value itself, for the one call that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        let key = Secret::new("192006250b4c09247ec02edce69f6a2d".to_owned());
        assert_eq!(format!("{key:?} {:#?}", Some(&key)).matches("1920").count(), 0);
    }
}
