use super::*;

const CERTIFICATE: &[u8] = include_bytes!("../../tests/data/apiclient_cert.pem");
const KEY: &[u8] = include_bytes!("../../tests/data/apiclient_key.pem");
const LEGACY: &[u8] = include_bytes!("../../tests/data/legacy.p12");
const AES: &[u8] = include_bytes!("../../tests/data/aes.p12");
const PASSWORD: &str = "1900000109";

fn pair() -> ClientCertificate {
    ClientCertificate::from_pem(CERTIFICATE, KEY).unwrap()
}

fn refusal(result: Result<ClientCertificate, CertificateError>) -> CertificateError {
    result.unwrap_err()
}

#[test]
fn a_pem_pair_and_both_kinds_of_p12_give_the_same_certificate() {
    let pair = pair();
    for file in [LEGACY, AES] {
        let opened = ClientCertificate::from_p12(file, PASSWORD).unwrap();
        assert_eq!(opened.summary(), pair.summary());
        assert_eq!(opened.chain_der(), pair.chain_der(), "the root in the file is left out");
        assert_eq!(opened.key_der(), pair.key_der());
    }
}

#[test]
fn a_bare_rsa_key_is_wrapped_to_the_same_pkcs8() {
    let bare = include_bytes!("../../tests/data/pkcs1_key.pem");
    assert_eq!(ClientCertificate::from_pem(CERTIFICATE, bare).unwrap().key_der(), pair().key_der());
}

#[test]
fn what_was_stored_can_be_put_together_again() {
    let pair = pair();
    let again = ClientCertificate::from_der(pair.chain_der().to_vec(), pair.key_der().clone()).unwrap();
    assert_eq!(again.summary(), pair.summary());
}

#[test]
fn the_summary_names_merchant_serial_and_validity() {
    let pair = pair();
    let summary = pair.summary();
    assert_eq!(summary.serial, "5157F09EFDC096DE15EBE81A47057A7232F1B8E1");
    assert_eq!(summary.common_name.as_deref(), Some("1900000109"));
    assert_eq!(summary.organisation.as_deref(), Some("微信商户系统"));
    assert_eq!(summary.not_after.as_second() - summary.not_before.as_second(), 1825 * 86_400);
}

#[test]
fn validity_is_asked_with_the_time_and_never_refuses_loading() {
    let pair = pair();
    let CertificateSummary { not_before, not_after, .. } = pair.summary().clone();
    assert!(pair.check_validity(not_before).is_ok());
    assert!(pair.check_validity(not_after).is_ok());
    let later = domain::time::plus_seconds(not_after, 1);
    assert!(matches!(pair.check_validity(later), Err(CertificateError::Expired { .. })));
    let earlier = domain::time::plus_seconds(not_before, -1);
    assert!(matches!(pair.check_validity(earlier), Err(CertificateError::NotYetValid { .. })));
}

#[test]
fn a_p12_in_place_of_a_pem_is_named_and_the_reverse() {
    for file in [LEGACY, AES] {
        assert!(matches!(
            refusal(ClientCertificate::from_pem(file, KEY)),
            CertificateError::Pkcs12InsteadOfPem { file: CertificateFile::Certificate }
        ));
        assert!(matches!(
            refusal(ClientCertificate::from_pem(CERTIFICATE, file)),
            CertificateError::Pkcs12InsteadOfPem { file: CertificateFile::PrivateKey }
        ));
    }
    assert!(matches!(
        refusal(ClientCertificate::from_p12(CERTIFICATE, PASSWORD)),
        CertificateError::PemInsteadOfPkcs12
    ));
}

#[test]
fn an_empty_or_damaged_file_is_named() {
    assert!(matches!(
        refusal(ClientCertificate::from_pem(b" \n", KEY)),
        CertificateError::Empty { file: CertificateFile::Certificate }
    ));
    assert!(matches!(
        refusal(ClientCertificate::from_pem(CERTIFICATE, b"")),
        CertificateError::Empty { file: CertificateFile::PrivateKey }
    ));
    assert!(matches!(
        refusal(ClientCertificate::from_p12(b"", PASSWORD)),
        CertificateError::Empty { file: CertificateFile::Pkcs12 }
    ));
    let cut = &AES[..AES.len() / 2];
    assert!(matches!(
        refusal(ClientCertificate::from_p12(cut, PASSWORD)),
        CertificateError::NotPkcs12 { .. }
    ));
    assert!(matches!(
        refusal(ClientCertificate::from_pem(b"not a certificate", KEY)),
        CertificateError::NoCertificate { .. }
    ));
}

#[test]
fn a_wrong_password_is_told_from_a_damaged_file() {
    for file in [LEGACY, AES] {
        assert!(matches!(
            refusal(ClientCertificate::from_p12(file, "wrong")),
            CertificateError::WrongPassword
        ));
        assert!(matches!(refusal(ClientCertificate::from_p12(file, "")), CertificateError::WrongPassword));
    }
}

#[test]
fn a_key_that_does_not_fit_is_refused() {
    let other = include_bytes!("../../tests/data/other_key.pem");
    assert!(matches!(
        refusal(ClientCertificate::from_pem(CERTIFICATE, other)),
        CertificateError::KeyMismatch
    ));
}

#[test]
fn a_key_with_a_pass_phrase_is_named() {
    for key in [
        &include_bytes!("../../tests/data/encrypted_key.pem")[..],
        include_bytes!("../../tests/data/encrypted_pkcs1_key.pem"),
    ] {
        assert!(matches!(
            refusal(ClientCertificate::from_pem(CERTIFICATE, key)),
            CertificateError::EncryptedPrivateKey
        ));
    }
}

#[test]
fn files_without_key_or_certificate_are_named() {
    assert!(matches!(
        refusal(ClientCertificate::from_pem(CERTIFICATE, CERTIFICATE)),
        CertificateError::NoPrivateKey { file: CertificateFile::PrivateKey }
    ));
    assert!(matches!(
        refusal(ClientCertificate::from_pem(KEY, KEY)),
        CertificateError::NoCertificate { file: CertificateFile::Certificate }
    ));
    let no_key = include_bytes!("../../tests/data/no_key.p12");
    assert!(matches!(
        refusal(ClientCertificate::from_p12(no_key, PASSWORD)),
        CertificateError::NoPrivateKey { file: CertificateFile::Pkcs12 }
    ));
}

#[test]
fn a_p12_with_a_cipher_that_nobody_supports_says_so() {
    let rc4 = include_bytes!("../../tests/data/rc4.p12");
    assert!(matches!(
        refusal(ClientCertificate::from_p12(rc4, PASSWORD)),
        CertificateError::UnsupportedEncryption
    ));
}

#[test]
fn debug_shows_no_key() {
    let pair = pair();
    let key = pair.key_der().expose();
    let shown = format!("{pair:?}");
    assert!(shown.contains("1900000109"));
    assert!(!shown.contains(&format!("{}, {}, {}", key[100], key[101], key[102])), "{shown}");
}
