//! Import: what is taken, what is refused, and the ids of what is taken.

use pkcs8::der::{Decode, Encode};
use pkcs8::{PrivateKeyInfoRef, der};
use proptest::prelude::*;
use trent_types::SecretBytes;

use super::*;
use crate::SystemRandom;
use crate::encoding::{P256, P384, write_pkcs8};

macro_rules! key_file {
    ($name:literal) => {
        include_str!(concat!("../../tests/keys/", $name, ".pem"))
    };
}

/// The content of a PEM file, whatever it is.
fn der_of(pem: &str) -> Vec<u8> {
    der::pem::decode_vec(pem.as_bytes()).unwrap().1
}

fn refused(spec: KeySpec, plaintext: &[u8]) {
    let made = KeyMaterial::from_imported(spec, plaintext).map(|_| ());
    assert_eq!(made, Err(CryptoError::InvalidMaterial), "{spec}");
}

fn public_key(material: &KeyMaterial) -> Vec<u8> {
    material.public_key_der().unwrap().unwrap()
}

/// Private keys in PEM with what OpenSSL says is the public key.
const PAIRS: [(KeySpec, &str, &str); 11] = [
    (KeySpec::Rsa2048, key_file!("rsa_2048"), key_file!("rsa_2048.public")),
    (KeySpec::Rsa2048, key_file!("rsa_2048.pkcs1"), key_file!("rsa_2048.public")),
    (KeySpec::EccNistP256, key_file!("p256"), key_file!("p256.public")),
    (KeySpec::EccNistP256, key_file!("p256.sec1"), key_file!("p256.public")),
    (KeySpec::EccNistP256, key_file!("p256.compressed"), key_file!("p256.public")),
    (KeySpec::EccNistP256, key_file!("p256.without_point"), key_file!("p256.public")),
    (KeySpec::EccNistP384, key_file!("p384.sec1"), key_file!("p384.public")),
    (KeySpec::EccNistP521, key_file!("p521"), key_file!("p521.public")),
    (KeySpec::EccSecgP256k1, key_file!("secp256k1"), key_file!("secp256k1.public")),
    (KeySpec::EccNistEdwards25519, key_file!("ed25519"), key_file!("ed25519.public")),
    (KeySpec::Sm2, key_file!("sm2"), key_file!("sm2.public")),
];

#[test]
fn the_keys_of_openssl_are_read_and_written_as_openssl_does() {
    for (spec, private, public) in PAIRS {
        let material = KeyMaterial::from_private_pem(private).unwrap();
        assert_eq!(material.spec(), spec);
        assert_eq!(public_key(&material), der_of(public), "{spec}");
        // Where it is PKCS#8 with an uncompressed point, it comes back to the byte.
        if private.contains("BEGIN PRIVATE KEY") {
            let (again, form) = (material.private_key_der().unwrap(), der_of(private));
            let imported = KeyMaterial::from_imported(spec, &form).unwrap();
            assert_eq!(imported.private_key_der().unwrap(), again, "{spec}");
            let whole = [key_file!("p256.compressed"), key_file!("p256.without_point")];
            assert!(again.expose() == form || whole.contains(&private), "{spec}");
        }
    }
}

#[test]
fn text_around_a_key_and_indentation_do_no_harm() {
    let indented: String =
        key_file!("p256").lines().map(|line| format!("    {line}  \r\n")).collect();
    let material =
        KeyMaterial::from_private_pem(&format!("key: |\n{indented}\nnext: 1\n")).unwrap();
    assert_eq!(public_key(&material), der_of(key_file!("p256.public")));
}

#[test]
fn texts_without_a_usable_private_key_are_refused() {
    for text in [
        "",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        &key_file!("p256").replace("MIGH", "MIG*"),
        key_file!("p256.public"),
        key_file!("p256.encrypted"),
        key_file!("p256.explicit"),
        key_file!("x25519"),
        key_file!("rsa_1024"),
        key_file!("rsa_2048.exponent_3"),
        key_file!("rsa_2048.three_primes"),
        key_file!("rsa_2048.pss_only"),
    ] {
        let made = KeyMaterial::from_private_pem(text).map(|_| ());
        assert_eq!(made, Err(CryptoError::InvalidMaterial), "{text}");
    }
}

#[test]
fn symmetric_and_hmac_keys_have_their_lengths() {
    let taken = |spec| -> Vec<usize> {
        let lengths = 0..=160;
        let fits = |length: &usize| KeyMaterial::from_imported(spec, &vec![7; *length]).is_ok();
        lengths.filter(fits).collect()
    };
    assert_eq!(taken(KeySpec::SymmetricDefault), [32]);
    for (spec, least) in [
        (KeySpec::Hmac224, 28),
        (KeySpec::Hmac256, 32),
        (KeySpec::Hmac384, 48),
        (KeySpec::Hmac512, 64),
    ] {
        assert_eq!(taken(spec), (least..=128).collect::<Vec<_>>(), "{spec}");
    }
}

#[test]
fn a_key_is_imported_as_what_it_is_only() {
    let p256 = der_of(key_file!("p256"));
    for &spec in KeySpec::ALL.iter().filter(|spec| **spec != KeySpec::EccNistP256) {
        refused(spec, &p256);
    }
    let rsa = der_of(key_file!("rsa_2048"));
    refused(KeySpec::Rsa3072, &rsa);
    // PKCS#1 and SEC 1 are not PKCS#8; what AWS does not import is not imported as a seed either.
    refused(KeySpec::Rsa2048, &der_of(key_file!("rsa_2048.pkcs1")));
    refused(KeySpec::EccNistP256, &der_of(key_file!("p256.sec1")));
    refused(KeySpec::MlDsa44, &[7; 32]);
    refused(KeySpec::MlKem512, &[7; 64]);
}

#[test]
fn data_key_pairs_can_be_imported_again_and_cut_off_keys_cannot() {
    for &spec in KeySpec::ALL.iter().filter(|spec| spec.is_asymmetric() && spec.can_be_imported()) {
        let material = KeyMaterial::generate(spec, &SystemRandom).unwrap();
        let pkcs8 = material.private_key_der().unwrap();
        let again = KeyMaterial::from_imported(spec, pkcs8.expose()).unwrap();
        assert_eq!(public_key(&again), public_key(&material), "{spec}");
        refused(spec, &pkcs8.expose()[..pkcs8.len() - 1]);
        refused(spec, &[pkcs8.expose(), &[0]].concat());
    }
}

/// A key in BER: indefinite lengths, and `privateKey` in two pieces.
fn in_ber(pkcs8: &[u8]) -> Vec<u8> {
    let info = PrivateKeyInfoRef::from_der(pkcs8).unwrap();
    let (one, two) = info.private_key.as_bytes().split_at(20);
    let piece = |bytes: &[u8]| der::asn1::OctetStringRef::new(bytes).unwrap().to_der().unwrap();
    let algorithm = info.algorithm.to_der().unwrap();
    [
        &[0x30, 0x80, 0x02, 0x01, 0x00][..],
        &algorithm,
        &[0x24, 0x80],
        &piece(one),
        &piece(two),
        &[0, 0, 0, 0],
    ]
    .concat()
}

#[test]
fn keys_in_ber_are_taken() {
    for (spec, pem, public) in [
        (KeySpec::Rsa2048, key_file!("rsa_2048"), key_file!("rsa_2048.public")),
        (KeySpec::EccNistP521, key_file!("p521"), key_file!("p521.public")),
        (KeySpec::EccNistEdwards25519, key_file!("ed25519"), key_file!("ed25519.public")),
    ] {
        let ber = in_ber(&der_of(pem));
        let material = KeyMaterial::from_imported(spec, &ber).unwrap();
        assert_eq!(public_key(&material), der_of(public), "{spec}");
    }
}

/// A P-256 key in PKCS#8 with what we want inside.
fn ec_key(
    outer_curve: ObjectIdentifier,
    scalar: &[u8],
    inner_curve: Option<ObjectIdentifier>,
    point: Option<&[u8]>,
) -> SecretBytes {
    let parameters = inner_curve.map(sec1::EcParameters::NamedCurve);
    let key = sec1::EcPrivateKey { private_key: scalar, parameters, public_key: point };
    let parameters = Parameters::Curve(outer_curve);
    write_pkcs8(ID_EC_PUBLIC_KEY, &parameters, &key.to_der().unwrap()).unwrap()
}

#[test]
fn curve_point_and_scalar_of_an_ec_key_must_fit_together() {
    let spec = KeySpec::EccNistP256;
    let scalar = [0x11; 32];
    let uncompressed = p256::SecretKey::from_slice(&scalar).unwrap().public_key();
    let point = p256::elliptic_curve::sec1::ToSec1Point::to_sec1_point(&uncompressed, false);
    let compressed = p256::elliptic_curve::sec1::ToSec1Point::to_sec1_point(&uncompressed, true);
    let (point, compressed) = (point.as_bytes(), compressed.as_bytes());
    let fits = |scalar: &[u8], curve, point: Option<&[u8]>| {
        KeyMaterial::from_imported(spec, ec_key(P256, scalar, curve, point).expose()).is_ok()
    };
    assert!(fits(&scalar, None, None) && fits(&scalar, Some(P256), Some(point)));
    assert!(fits(&scalar, None, Some(compressed)));
    assert!(!fits(&scalar, Some(P384), None), "another curve inside");
    let (mut moved, mut other_parity) = (point.to_vec(), compressed.to_vec());
    moved[64] ^= 1;
    other_parity[0] ^= 1;
    assert!(!fits(&scalar, None, Some(&moved)) && !fits(&scalar, None, Some(&other_parity)));
    assert!(!fits(&scalar, None, Some(&[0])) && !fits(&scalar, None, Some(&[])));
    assert!(!fits(&[0x12; 32], None, Some(point)), "the point of another scalar");
    assert!(!fits(&[0; 32], None, None) && !fits(&[0xff; 32], None, None), "no scalars");
    assert!(!fits(&[0x11; 33], None, None) && !fits(&[], None, None), "no lengths");
    // Leading zeros may be missing, or one too many.
    let small = [&[0; 31][..], &[5]].concat();
    assert!(fits(&small, None, None) && fits(&[5], None, None));
    assert!(fits(&[&[0][..], &scalar].concat(), None, None));
    refused(spec, ec_key(P384, &scalar, None, None).expose());
}

#[test]
fn the_parts_of_an_rsa_key_must_fit_together() {
    let pkcs1 = der_of(key_file!("rsa_2048.pkcs1"));
    let import = |pkcs1: &[u8]| {
        let pkcs8 = write_pkcs8(RSA_ENCRYPTION, &Parameters::Null, pkcs1).unwrap();
        KeyMaterial::from_imported(KeySpec::Rsa2048, pkcs8.expose()).map(|_| ())
    };
    assert_eq!(import(&pkcs1), Ok(()));
    // Every part, from the modulus to the coefficient, with one bit changed.
    for at in (16..pkcs1.len()).step_by(67).chain([pkcs1.len() - 1]) {
        let mut changed = pkcs1.clone();
        changed[at] ^= 2;
        assert_eq!(import(&changed), Err(CryptoError::InvalidMaterial), "byte {at}");
    }
}

#[test]
fn the_public_key_in_an_ed25519_key_must_be_its_own() {
    let seed = [3; 32];
    let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    let version_2 = |public: &[u8]| {
        let inner = [&[0x04, 32][..], &seed].concat();
        let mut info = PrivateKeyInfoRef::new(
            pkcs8::AlgorithmIdentifierRef { oid: ED25519, parameters: None },
            der::asn1::OctetStringRef::new(&inner).unwrap(),
        );
        info.public_key = Some(der::asn1::BitStringRef::from_bytes(public).unwrap());
        info.to_der().unwrap()
    };
    let spec = KeySpec::EccNistEdwards25519;
    assert!(KeyMaterial::from_imported(spec, &version_2(&public)).is_ok());
    refused(spec, &version_2(&[7; 32]));
    refused(spec, &version_2(&public[..31]));
}

#[test]
fn the_id_of_imported_material_does_not_change() {
    // Computed with Python's hashlib from the description.
    let id = |multi_region| KeyId::from_bytes([7; 16], multi_region);
    let material = [0xab; 32];
    assert_eq!(imported_material_id(id(false), &material).to_string(), SINGLE_REGION);
    assert_eq!(imported_material_id(id(true), &material).to_string(), MULTI_REGION);
    let other = imported_material_id(KeyId::from_bytes([8; 16], false), &material);
    assert_ne!(other.to_string(), SINGLE_REGION);
}

const SINGLE_REGION: &str = "1d24c998e734650350663d90b9d0c8ca7eacfae21be17fb33152cc0bee19dee0";
const MULTI_REGION: &str = "aa45a89a627a28c134161bd22313abf6d599b9399366c196e9df11cebb8571b5";

proptest! {
    #[test]
    fn bytes_of_anyones_making_become_no_key_pair(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        text: String,
    ) {
        for &spec in KeySpec::ALL.iter().filter(|spec| spec.is_asymmetric()) {
            prop_assert!(KeyMaterial::from_imported(spec, &bytes).is_err());
        }
        prop_assert!(KeyMaterial::from_private_pem(&text).is_err());
    }

    #[test]
    fn a_key_with_a_changed_byte_is_refused_or_is_another_valid_key(
        at in 0_usize..138,
        byte: u8,
    ) {
        let mut pkcs8 = der_of(key_file!("p256"));
        pkcs8[at] = byte;
        // What is taken must fit together: its own encoding is taken as well.
        if let Ok(material) = KeyMaterial::from_imported(KeySpec::EccNistP256, &pkcs8) {
            let again = material.private_key_der().unwrap();
            let again = KeyMaterial::from_imported(KeySpec::EccNistP256, again.expose()).unwrap();
            prop_assert_eq!(public_key(&again), public_key(&material));
        }
    }
}
