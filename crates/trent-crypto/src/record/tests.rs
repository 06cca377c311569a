//! Inner records: their bytes do not change.

use proptest::prelude::*;

use super::*;
use crate::SystemRandom;
use crate::random::fixed::Repeating;

fn golden(spec: KeySpec) -> String {
    let material = KeyMaterial::generate(spec, &Repeating(0x5a)).unwrap();
    hex::encode(&*write_record(&material).unwrap())
}

#[test]
fn the_records_of_keys_of_random_bytes_do_not_change() {
    let bytes = |count| "5a".repeat(count);
    let length = |count: usize| format!("{count:02x}");
    let sized = |count| format!("{}{}", length(count), bytes(count));
    assert_eq!(golden(KeySpec::SymmetricDefault), format!("00{}", bytes(32)));
    assert_eq!(golden(KeySpec::Hmac224), format!("0101{}", sized(28)));
    assert_eq!(golden(KeySpec::Hmac256), format!("0102{}", sized(32)));
    assert_eq!(golden(KeySpec::Hmac384), format!("0103{}", sized(48)));
    assert_eq!(golden(KeySpec::Hmac512), format!("0104{}", sized(64)));
    assert_eq!(golden(KeySpec::EccNistP256), format!("0305{}", sized(32)));
    assert_eq!(golden(KeySpec::EccNistP384), format!("0306{}", sized(48)));
    // The first byte of a P-521 scalar is 0 or 1; 5a without all but its last bit is 0.
    assert_eq!(golden(KeySpec::EccNistP521), format!("0307{}00{}", length(66), bytes(65)));
    assert_eq!(golden(KeySpec::EccSecgP256k1), format!("0308{}", sized(32)));
    assert_eq!(golden(KeySpec::EccNistEdwards25519), format!("04{}", bytes(32)));
    assert_eq!(golden(KeySpec::Sm2), format!("05{}", bytes(32)));
    assert_eq!(golden(KeySpec::MlDsa44), format!("0609{}", bytes(32)));
    assert_eq!(golden(KeySpec::MlDsa65), format!("060a{}", bytes(32)));
    assert_eq!(golden(KeySpec::MlDsa87), format!("060b{}", bytes(32)));
    assert_eq!(golden(KeySpec::MlKem512), format!("070c{}", bytes(64)));
    assert_eq!(golden(KeySpec::MlKem768), format!("070d{}", bytes(64)));
    assert_eq!(golden(KeySpec::MlKem1024), format!("070e{}", bytes(64)));
}

#[test]
fn the_record_of_an_rsa_key_is_its_pkcs8_with_the_length_before_it() {
    let material = KeyMaterial::generate(KeySpec::Rsa4096, &SystemRandom).unwrap();
    let record = write_record(&material).unwrap();
    let pkcs8 = material.private_key_der().unwrap();
    let [number, marker, low, high, rest @ ..] = record.as_slice() else { panic!("too short") };
    assert_eq!((*number, *marker), (2, 251));
    assert_eq!(usize::from(u16::from_le_bytes([*low, *high])), pkcs8.len());
    assert_eq!(rest, pkcs8.expose());
    assert!(record.len() < RECORD_BYTES_MAX * 3 / 5, "{}", record.len());
    assert_eq!(read_record(&record).unwrap().private_key_der().unwrap(), pkcs8);
}

#[test]
fn the_record_of_an_import_token_does_not_change() {
    let (algorithm, spec) = (WrappingAlgorithm::RsaAesKeyWrapSha256, WrappingKeySpec::Rsa3072);
    let record = TokenRecord::new(algorithm, spec, 1_000_000, &[0xab, 0xcd]).unwrap();
    // Signed integers are zig-zag encoded: 2,000,000 is 252 and four bytes little-endian.
    let written = record.write().unwrap();
    assert_eq!(hex::encode(&*written), "0402fc80841e0002abcd");
    let read = TokenRecord::read(&written).unwrap();
    assert_eq!((read.algorithm(), read.wrapping_spec()), (Some(algorithm), Some(spec)));
    assert_eq!((read.valid_to, read.wrapping_key.as_slice()), (1_000_000, &[0xab, 0xcd][..]));
    for withdrawn in [WrappingAlgorithm::RsaesPkcs1V15, WrappingAlgorithm::Sm2Pke] {
        let made = TokenRecord::new(withdrawn, spec, 0, &[]).map(|_| ());
        assert_eq!(made, Err(CryptoError::WrongAlgorithm));
    }
}

#[test]
fn every_number_stands_for_one_thing() {
    fn distinct<T>(table: &[(u8, T)]) -> bool {
        let numbers: std::collections::HashSet<u8> =
            table.iter().map(|(number, _)| *number).collect();
        numbers.len() == table.len()
    }
    assert!(distinct(&SPECS) && distinct(&WRAPPING_ALGORITHMS) && distinct(&WRAPPING_SPECS));
}

#[test]
fn a_record_that_is_cut_off_followed_or_of_another_kind_is_refused() {
    for &spec in KeySpec::ALL {
        let material = KeyMaterial::generate(spec, &SystemRandom).unwrap();
        let record = write_record(&material).unwrap();
        assert_eq!(read_record(&record).unwrap().spec(), spec);
        for length in [0, 1, record.len() / 2, record.len() - 1] {
            assert!(read_record(&record[..length]).is_err(), "{spec} {length}");
        }
        let longer = [record.as_slice(), &[0]].concat();
        assert!(read_record(&longer).is_err(), "{spec}");
    }
    // A seed of ML-DSA under the number of an ML-KEM spec, a scalar of zero, one of another curve.
    let foreign = [
        [&[6, 12][..], &[1; 32]].concat(),
        [&[3, 5, 32][..], &[0; 32]].concat(),
        [&[3, 6, 32][..], &[1; 32]].concat(),
        [&[3, 1, 32][..], &[1; 32]].concat(),
        [&[5][..], &[0; 32]].concat(),
        [&[1, 2, 31][..], &[1; 31]].concat(),
        vec![2, 0],
    ];
    for record in foreign {
        let read = read_record(&record).map(|_| ());
        assert_eq!(read, Err(CryptoError::UnreadableRecord), "{record:?}");
    }
}

/// Found by the fuzz target `sealed_material`: such a record was read, and refused only in use.
#[test]
fn an_rsa_key_pair_whose_parts_do_not_fit_together_is_refused_when_it_is_read() {
    let material = KeyMaterial::generate(KeySpec::Rsa2048, &SystemRandom).unwrap();
    let mut record = write_record(&material).unwrap();
    // The last byte belongs to the coefficient of the Chinese remainder theorem.
    *record.last_mut().unwrap() ^= 1;
    assert_eq!(read_record(&record).map(|_| ()), Err(CryptoError::UnreadableRecord));
}

proptest! {
    #[test]
    fn the_record_parser_takes_exactly_what_the_writer_makes(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        number in 0_u8..8,
        spec in 0_u8..16,
    ) {
        let shaped = [&[number, spec][..], &bytes].concat();
        for bytes in [bytes, shaped] {
            if let Ok(material) = read_record(&bytes) {
                prop_assert_eq!(&*write_record(&material).unwrap(), &bytes);
            }
            if let Ok(record) = TokenRecord::read(&bytes) {
                prop_assert_eq!(&*record.write().unwrap(), &bytes);
            }
        }
    }
}
