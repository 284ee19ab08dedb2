use std::io;
use std::path::Path;

use domain::Secret;
use zeroize::Zeroizing;

use super::SecretError;
use crate::files;

/// More than anybody types, little enough that a wrong path cannot fill the memory.
const LIMIT: u64 = 64 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads the vault's passphrase: the file's bytes without one line end at the end, which editors and `echo` add, and
/// without the byte order mark that Windows editors put in front.
///
/// # Errors
///
/// [`SecretError::PassphraseFile`] if it cannot be read or has more than 64 KiB, [`SecretError::PassphraseEmpty`] if
/// nothing is left.
pub fn read_passphrase_file(path: &Path) -> Result<Secret<Vec<u8>>, SecretError> {
    let failed = |source| SecretError::PassphraseFile { path: path.to_owned(), source };
    let bytes = files::read_limited(path, LIMIT)
        .map_err(failed)?
        .ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    let bytes = Zeroizing::new(bytes);
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let text = text.strip_suffix(b"\n").map_or(text, |line| line.strip_suffix(b"\r").unwrap_or(line));
    if text.is_empty() {
        return Err(SecretError::PassphraseEmpty { path: path.to_owned() });
    }
    Ok(Secret::new(text.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &[u8]) -> Result<Vec<u8>, SecretError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        std::fs::write(&path, content).unwrap();
        read_passphrase_file(&path).map(|secret| secret.expose().clone())
    }

    #[test]
    fn one_line_end_at_the_end_does_not_count() {
        for same in [&b"pass"[..], b"pass\n", b"pass\r\n", b"\xEF\xBB\xBFpass", b"\xEF\xBB\xBFpass\r\n"] {
            assert_eq!(read(same).unwrap(), b"pass", "{same:?}");
        }
        assert_eq!(read(b"pass\n\n").unwrap(), b"pass\n", "only one line end is the editor's");
        assert_eq!(read(b" pass \r").unwrap(), b" pass \r", "a lone CR is no line end");
    }

    #[test]
    fn an_empty_or_missing_file_is_no_passphrase() {
        for empty in [&b""[..], b"\n", b"\r\n", b"\xEF\xBB\xBF\n"] {
            assert_eq!(read(empty).unwrap_err().code(), "passphrase_file_unreadable", "{empty:?}");
        }
        let missing = read_passphrase_file(Path::new("/nowhere/passphrase")).unwrap_err();
        assert_eq!(missing.code(), "passphrase_file_unreadable");
        assert_eq!(read(&vec![b'x'; 70_000]).unwrap_err().code(), "passphrase_file_unreadable");
    }
}
