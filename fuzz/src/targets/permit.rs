//! Permits: nobody makes one without the key, and whatever claims a good MAC covers are read or
//! refused.

use std::sync::OnceLock;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use trent_bus::{ClaimedResource, Claims, PermitError, PermitKeys};
use trent_types::{
    Caller, CallerKind, KeyRing, Primitive, Primitives, RequestId, SecretBytes, Timestamp,
};

use crate::input::Input;
use crate::keys::{key_arn, material_id};

const KEY: [u8; 32] = [0x9E; 32];
/// The earliest moment: no Permit has expired.
const NOW: Timestamp = Timestamp::from_millis(i64::MIN);

/// By the first byte: a Permit as it comes, or claims under a good MAC.
pub(super) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    let good_mac = !input.byte().is_multiple_of(2);
    let rest = input.rest();
    let wire = if good_mac { with_mac(rest) } else { rest.to_vec() };
    let claims = match keys().verify_wire(&wire.clone().into(), NOW) {
        Ok(claims) => claims,
        Err(PermitError::Forged) => return false,
        Err(PermitError::Expired) => {
            assert!(good_mac, "expired, and so genuine");
            return false;
        }
    };
    let (_, covered) = wire.split_at(33);
    assert_eq!(with_mac(covered), wire, "made without the key");
    let again = keys().verify_wire(&keys().mint_wire(&claims).into(), NOW);
    assert_eq!(again, Ok(claims.clone()));
    let late = keys().verify_wire(&wire.into(), claims.expires_at);
    assert_eq!(late, Err(PermitError::Expired));
    true
}

fn keys() -> &'static PermitKeys {
    static KEYS: OnceLock<PermitKeys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let ring = KeyRing::single(SecretBytes::new(KEY.to_vec()));
        PermitKeys::new(ring.expect("32 bytes"))
    })
}

/// Claims with their header (`trent-bus/src/permit.rs`).
fn with_mac(claims: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&KEY).expect("any length");
    mac.update(b"trent permit v1\0\x01");
    mac.update(claims);
    [&[1][..], &mac.finalize().into_bytes(), claims].concat()
}

/// Permits, and their claims.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let arn = key_arn();
    let user = CallerKind::User {
        path: "/".to_owned(),
        name: "ann".to_owned(),
        user_id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
    };
    let mut seeds = Vec::new();
    for (kind, resource) in [
        (CallerKind::Root, ClaimedResource::Key(arn)),
        (user, ClaimedResource::Other("*".to_owned())),
    ] {
        let claims = Claims {
            request_id: RequestId::from_bytes([1; 16]),
            action: "kms:Encrypt".to_owned(),
            account: arn.account,
            region: arn.region,
            resource,
            record_version: 3,
            primitives: Primitives::only(Primitive::Encrypt),
            material_ids: vec![material_id()],
            context_digest: [5; 32],
            expires_at: Timestamp::from_millis(1_672_628_645_678),
            caller: Caller::new(arn.account, "AKIAIOSFODNN7EXAMPLE".to_owned(), kind).into(),
            domain_key_check: Bytes::from_static(b"sealed"),
            key_now: Some(Timestamp::from_millis(9)),
        };
        let wire = keys().mint_wire(&claims);
        seeds.push([&[0], &*wire].concat());
        seeds.push([&[1], &wire[33..]].concat());
    }
    seeds
}
