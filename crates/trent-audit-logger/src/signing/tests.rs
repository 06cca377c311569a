//! Keys, their file, and signatures.

use std::os::unix::fs::PermissionsExt;

use super::*;

const DAY: i64 = 86_400_000;

fn at(day: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + day * DAY)
}

fn parse(text: &str) -> Result<TrailKeyFile, KeyFileError> {
    TrailKeyFile::parse(&SecretBytes::new(text.as_bytes().to_vec()))
}

#[test]
fn a_file_with_former_keys_comes_back_and_old_signatures_verify() {
    let first = TrailKeyFile::generate(at(0)).unwrap();
    let signature = first.signing().unwrap().sign(b"old").unwrap();
    let old = first.signing().unwrap().fingerprint().to_owned();
    let second = first.rotated(at(30)).unwrap();
    let again = TrailKeyFile::parse(&second.to_text()).unwrap();
    assert_eq!(again.to_text(), second.to_text());
    let keys = again.public_keys();
    keys.verify(&old, b"old", &signature).unwrap();
    assert_eq!(keys.verify(&old, b"other", &signature), Err(SignatureError::Wrong));
    let new = again.signing().unwrap().fingerprint();
    assert_ne!(old, new);
    assert_eq!(keys.verify(new, b"old", &signature), Err(SignatureError::Wrong));
    let unknown = "00".repeat(16);
    assert_eq!(
        keys.verify(&unknown, b"old", &signature),
        Err(SignatureError::UnknownKey(unknown.clone()))
    );
}

#[test]
fn keys_are_listed_for_the_time_in_which_they_were_valid() {
    let first = TrailKeyFile::generate(at(0)).unwrap();
    let keys = first.rotated(at(30)).unwrap().public_keys();
    let valid = |from, to| keys.between(at(from), at(to)).len();
    assert_eq!((valid(-2, -1), valid(0, 0), valid(1, 29), valid(29, 31), valid(31, 99)), {
        (0, 1, 1, 2, 1)
    });
    let [old, new] = keys.as_slice() else { panic!("two keys") };
    assert_eq!((old.from, old.to, new.from, new.to), (at(0), at(30), at(30), NO_END));
    assert_eq!(old.fingerprint.len(), 32);
}

#[test]
fn the_public_file_holds_no_private_key_and_verifies_the_same() {
    let file = TrailKeyFile::generate(at(0)).unwrap().rotated(at(1)).unwrap();
    let text = file.to_public_text();
    assert!(!text.contains("PRIVATE"));
    let public = parse(&text).unwrap();
    assert!(public.signing().is_none());
    assert_eq!(public.public_keys().as_slice(), file.public_keys().as_slice());
}

#[test]
fn what_is_no_key_file_is_refused_with_its_line() {
    let whole = TrailKeyFile::generate(at(0)).unwrap();
    let text = String::from_utf8(whole.to_text().expose().to_vec()).unwrap();
    assert_eq!(parse("").unwrap_err(), KeyFileError::Empty);
    assert_eq!(parse(&text.replace("END", "EN")).unwrap_err(), KeyFileError::Malformed(2));
    assert_eq!(parse("From: today\n").unwrap_err(), KeyFileError::Malformed(1));
    let twice = format!("{text}{text}");
    let line = text.lines().count() + 2;
    assert_eq!(parse(&twice).unwrap_err(), KeyFileError::SecondPrivateKey(line));
    let other = "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n";
    assert_eq!(parse(other).unwrap_err(), KeyFileError::NoRsaKey(1));
}

/// Made with openssl: `genrsa 2048 | pkcs8 -topk8 -nocrypt`, then `dgst -sha256 -sign`.
#[test]
fn a_key_and_a_signature_of_openssl_are_understood() {
    let file = parse(include_str!("testdata/openssl.pem")).unwrap();
    let key = file.signing().unwrap();
    let signature = hex::decode(include_str!("testdata/openssl.signature").trim()).unwrap();
    assert_eq!(key.sign(b"2026-11-30T15:00:00Z\nbucket/object\nab\nnull").unwrap(), signature);
    assert_eq!(file.public_keys().as_slice()[0].from, Timestamp::default());
}

#[test]
fn a_process_follows_its_file_and_keeps_its_keys_while_the_file_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit-signing.key");
    let first = TrailKeyFile::generate(at(0)).unwrap();
    fs::write(&path, first.to_text().expose()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let keys = SigningKeys::open(&path).unwrap();
    let name = |keys: &SigningKeys| keys.present().signing().unwrap().fingerprint().to_owned();
    let old = name(&keys);
    fs::write(&path, "nothing").unwrap();
    assert_eq!(name(&keys), old);
    let second = first.rotated(at(1)).unwrap();
    fs::write(&path, second.to_text().expose()).unwrap();
    assert_eq!(name(&keys), second.signing().unwrap().fingerprint());
    assert_eq!(keys.public_keys(at(0), at(9)).len(), 2);
    fs::write(&path, second.to_public_text()).unwrap();
    assert_eq!(SigningKeys::open(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
}
