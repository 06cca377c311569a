//! Sealed key material: any record under a good seal is read or refused; what is read seals to a
//! record that is read as the same material.

use trent_crypto::{CryptoError, KeyMaterial};
use trent_types::KeySpec;

use crate::formats::{self, FRESH_BYTES};
use crate::input::Input;
use crate::keys::{Predictable, domain_keys, key_arn, material, material_id};

const PURPOSE: &[u8] = b"trent sealed key material";
const POOL_PURPOSE: &[u8] = b"trent pooled key";

/// By the first byte: sealed bytes as they come, or a record to be sealed.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    if input.byte().is_multiple_of(2) {
        as_it_comes(input.rest())
    } else {
        with_this_record(input.rest())
    }
}

fn as_it_comes(sealed: &[u8]) -> bool {
    let opened = domain_keys().open_material(&key_arn(), &material_id(), sealed);
    let owner = formats::owner(&key_arn(), Some(&material_id()));
    let record = formats::open(PURPOSE, &owner, sealed);
    match opened {
        Ok(material) => {
            assert_eq!(record, Some(record_of(&material)), "nobody here has sealed this");
            true
        }
        // What opens here and not there holds another record.
        Err(CryptoError::UnreadableRecord) => {
            assert!(record.is_some(), "it was opened, says the error");
            false
        }
        Err(CryptoError::NotSealedHere) => {
            assert_eq!(record, None);
            false
        }
        Err(error) => {
            let version = sealed.get(1).copied().unwrap_or_default();
            assert_eq!(error, CryptoError::UnknownDomainKey(version));
            false
        }
    }
}

fn with_this_record(record: &[u8]) -> bool {
    let owner = formats::owner(&key_arn(), Some(&material_id()));
    let sealed = formats::seal(PURPOSE, &owner, record, &[0x55; FRESH_BYTES]);
    let Ok(opened) = domain_keys().open_material(&key_arn(), &material_id(), &sealed) else {
        return false;
    };
    let written = record_of(&opened);
    let again = formats::seal(PURPOSE, &owner, &written, &[0x55; FRESH_BYTES]);
    let again = domain_keys().open_material(&key_arn(), &material_id(), &again);
    assert_eq!(record_of(&again.expect("our own record")), written);
    assert_eq!(formats::open(POOL_PURPOSE, &owner, &sealed), None, "a seal is for one purpose");
    let pooled = domain_keys().open_pooled(opened.spec(), &sealed);
    assert!(pooled.is_err(), "the material of a key is no pooled key");
    opened.public_key_der().expect("it was checked when it was read");
    true
}

/// The record that Trent seals.
fn record_of(material: &KeyMaterial) -> Vec<u8> {
    let random = Predictable::new("sealed material");
    let sealed = domain_keys().seal_material(&key_arn(), material_id(), material, &random);
    let owner = formats::owner(&key_arn(), Some(&material_id()));
    formats::open(PURPOSE, &owner, &sealed.expect("it seals").sealed).expect("it opens here")
}

/// Sealed material of every spec, and its record.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for spec in KeySpec::ALL {
        let material = material(*spec);
        let random = Predictable::new(spec.as_str());
        let sealed = domain_keys().seal_material(&key_arn(), material_id(), &material, &random);
        seeds.push([&[0], &*sealed.expect("it seals").sealed].concat());
        seeds.push([&[1], &*record_of(&material)].concat());
    }
    seeds
}
