//! SM2: the examples of the standard, and what OpenSSL 3.0.19 made with a key of this file alone.

use trent_types::{EncryptionAlgorithm, MessageType, SigningAlgorithm};

use super::{Tally, unhex};
use crate::engine::sm2::Sm2Material;
use crate::{CryptoError, KeyMaterial};

const SM2DSA: SigningAlgorithm = SigningAlgorithm::Sm2Dsa;

/// d_A and d_B of GB/T 32918.5, annexes A and C.
const SCALAR: &str = "3945208F7B2144B13F36E38AC6D39F9588939369 2860B51A42FB81EF4DF7C5B8";

const OPENSSL_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgxUXxL+lCNh6gYICI
zhmAMI2aSdhY+XnFndQB5xN0NAGhRANCAASRcuWnfOvJMqz3E8A/NMv9jpkbYhpt
JzU44EbsktFBBfAnZOYHBIfQaUYY/ct0ngetZ0FCDB8UXVvxj5POE5Oc
-----END PRIVATE KEY-----";
const OPENSSL_MESSAGE: &[u8] = b"a message that OpenSSL signed";

#[test]
fn the_signature_of_the_standard_verifies() {
    // Annex A.2: message "message digest", identifier 1234567812345678.
    let key = Sm2Material::new(&unhex(SCALAR)).unwrap().prepare().unwrap();
    let signature = unhex(
        "3046
         022100F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
         022100B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA",
    );
    let digest = unhex("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640");
    assert_eq!(key.verify(SM2DSA, MessageType::Raw, b"message digest", &signature), Ok(()));
    assert_eq!(key.verify(SM2DSA, MessageType::Digest, &digest, &signature), Ok(()));
    let other = key.verify(SM2DSA, MessageType::Raw, b"message digesu", &signature);
    assert_eq!(other, Err(CryptoError::InvalidSignature));
    let mut tally = Tally::new("SM2DSA", "GB/T 32918.5 annex A");
    tally.ran();
    tally.finish(1);
}

#[test]
fn the_public_key_of_the_standard_is_met() {
    let spki = Sm2Material::new(&unhex(SCALAR)).unwrap().public_key_der().unwrap();
    let point = unhex(
        "04 09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
            CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13",
    );
    assert!(spki.ends_with(&point));
    let mut tally = Tally::new("SM2", "GB/T 32918.5 annex A, public key");
    tally.ran();
    tally.finish(1);
}

#[test]
fn the_ciphertext_of_the_standard_decrypts() {
    // Annex C.2: C1, C3 and C2 of "encryption standard", as the SEQUENCE of GB/T 35276.
    let key = Sm2Material::new(&unhex(SCALAR)).unwrap().prepare().unwrap();
    let ciphertext = unhex(
        "307C
         022004EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73
         022100E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0
         042059983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766
         041321886CA989CA9C7D58087307CA93092D651EFA",
    );
    let plaintext = key.decrypt(EncryptionAlgorithm::Sm2Pke, &ciphertext).unwrap();
    assert_eq!(plaintext.expose(), b"encryption standard");
    let mut tally = Tally::new("SM2PKE", "GB/T 32918.5 annex C");
    tally.ran();
    tally.finish(1);
}

#[test]
fn what_openssl_signed_and_encrypted_is_understood() {
    let key = KeyMaterial::from_private_pem(OPENSSL_KEY).unwrap().prepare().unwrap();
    let signature = unhex(
        "30450220038175a5bd63757fa42e5b46a0c0611928885030f0249034cc4adfe44dc00b42
         022100f655d17ab7979eca956b91dd30e1c05284e2b12c3023ddad4fed53c396d9bd26",
    );
    assert_eq!(key.verify(SM2DSA, MessageType::Raw, OPENSSL_MESSAGE, &signature), Ok(()));
    let ciphertext = unhex(
        "308185022019aad1ed2e52a9235d66d3c1e8cc5c986daf3882858d799631e607b01ea7c2f9
         02203fe535a9ac9c35bc1ee87971ef627350f0748ffb8f77f98077560086b1fafbe4
         04204329bb359283154e357b359830bfd4782010d23b23bc592cdbf503890e72eaff
         041d8420b437f8953c0b9a464cfe077f84488318bf7cefe7f12cc35faef9df",
    );
    let plaintext = key.decrypt_private(EncryptionAlgorithm::Sm2Pke, &ciphertext).unwrap();
    assert_eq!(plaintext.expose(), OPENSSL_MESSAGE);
    let mut tally = Tally::new("SM2", "OpenSSL 3.0.19");
    tally.ran();
    tally.ran();
    tally.finish(2);
}
