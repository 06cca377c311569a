//! Permits that are verified, and all that must be refused.

use proptest::prelude::*;
use trent_types::{
    Caller, CallerKind, KeyArn, KeyId, MaterialId, Primitive, Primitives, RequestId,
};

use super::*;

fn keys() -> PermitKeys {
    PermitKeys::new(KeyRing::parse(&format!("1 {}", "ab".repeat(32))).unwrap())
}

fn claims() -> Claims {
    let (account, region) = ("123456789012".parse().unwrap(), "eu-west-1".parse().unwrap());
    let key_id = KeyId::from_bytes([3; 16], true);
    Claims {
        request_id: RequestId::from_bytes([1; 16]),
        action: "kms:Encrypt".into(),
        account,
        region,
        resource: ClaimedResource::Key(KeyArn { region, account, key_id }),
        record_version: 7,
        primitives: Primitives::only(Primitive::Encrypt),
        material_ids: vec![MaterialId::from_bytes([4; 32])],
        context_digest: [5; 32],
        expires_at: Timestamp::from_millis(2_000),
        caller: Caller::new(
            account,
            "AKIAIOSFODNN7EXAMPLE".into(),
            CallerKind::User {
                path: "/".into(),
                name: "alice".into(),
                user_id: "AIDAEXAMPLE".into(),
            },
        )
        .into(),
        domain_key_check: Bytes::from_static(b"sealed"),
        key_now: Some(Timestamp::from_millis(9)),
    }
}

#[test]
fn a_fresh_permit_says_what_was_claimed() {
    let other = Claims { resource: ClaimedResource::Other("*".into()), ..claims() };
    let own = keys();
    for claims in [claims(), other] {
        let permit = own.mint(claims.clone());
        let travelled = Permit::from_wire(permit.as_wire());
        for (verifier, permit) in [(&own, &permit), (&own, &travelled), (&keys(), &permit)] {
            let verdict = verifier.verify(permit, Timestamp::from_millis(1_999));
            assert_eq!(verdict.map(Cow::into_owned), Ok(claims.clone()));
        }
    }
}

#[test]
fn claims_are_encoded_as_their_message_is() {
    let before_the_epoch = Timestamp::from_millis(-1);
    let mut root = Caller { kind: CallerKind::Root, ..(*claims().caller).clone() };
    root.access_key_id = "A".repeat(200);
    let other = ClaimedResource::Other("arn:aws:iam::123456789012:user/a".into());
    for claims in [
        claims(),
        Claims { resource: other, expires_at: before_the_epoch, caller: root.into(), ..claims() },
        Claims { material_ids: Vec::new(), record_version: 0, ..claims() },
        Claims { domain_key_check: Bytes::new(), key_now: None, ..claims() },
    ] {
        let mut wire = Vec::new();
        super::claims::encode(&claims, &mut wire);
        let message = messages::PermitClaims::decode(wire.as_slice()).unwrap();
        assert_eq!(message.encode_to_vec(), wire);
        assert_eq!(Claims::try_from(message), Ok(claims));
    }
}

#[test]
fn a_permit_ends_at_its_last_moment() {
    let own = keys();
    let permit = own.mint(claims());
    for verifier in [&own, &keys()] {
        let verdict = verifier.verify(&permit, Timestamp::from_millis(2_000));
        assert_eq!(verdict, Err(PermitError::Expired));
    }
}

#[test]
fn a_held_permit_has_the_wire_form_that_is_minted_for_it() {
    let permit = keys().mint(claims());
    assert_eq!(permit.as_wire(), keys().mint_wire(&claims()));
    assert_eq!(permit.as_wire().as_ptr(), permit.clone().as_wire().as_ptr(), "made once");
}

#[test]
fn who_made_a_permit_knows_it_without_its_bytes_and_nobody_else_does() {
    let (own, other) = (keys(), keys());
    let wireless = |permit: &Permit| {
        let held: &dyn Any = permit.as_held().unwrap();
        held.downcast_ref::<Minted>().unwrap().wire.get().is_none()
    };
    let permit = own.mint(claims());
    assert!(matches!(own.verify(&permit, Timestamp::default()), Ok(Cow::Borrowed(_))));
    assert!(wireless(&permit));
    assert!(matches!(other.verify(&permit, Timestamp::default()), Ok(Cow::Owned(_))));
    assert!(!wireless(&permit));
    let foreign = PermitKeys::new(KeyRing::parse(&format!("1 {}", "cd".repeat(32))).unwrap());
    let verdict = own.verify(&foreign.mint(claims()), Timestamp::default()).map(Cow::into_owned);
    assert_eq!(verdict, Err(PermitError::Forged));
}

#[test]
fn an_object_of_another_type_is_believed_by_its_bytes_only() {
    struct Pretender(Vec<u8>);
    impl HeldPermit for Pretender {
        fn wire(&self) -> &[u8] {
            &self.0
        }
    }
    let verdict = |wire: Vec<u8>| {
        let permit = Permit::from_held(Arc::new(Pretender(wire)));
        keys().verify(&permit, Timestamp::default()).map(Cow::into_owned)
    };
    let good = keys().mint_wire(&claims());
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(verdict(good), Ok(claims()));
    for forged in [changed, Vec::new()] {
        assert_eq!(verdict(forged), Err(PermitError::Forged));
    }
}

#[test]
fn a_held_permit_ends_with_its_key() {
    let line = |version: u8, digits: &str| format!("{version} {}\n", digits.repeat(32));
    let (old, new) = (line(1, "ab"), line(2, "cd"));
    let keys = keys();
    let first = keys.mint(claims());
    let verdict = |permit: &Permit| {
        keys.verify(permit, Timestamp::default()).map(|claims| matches!(claims, Cow::Borrowed(_)))
    };
    for ring in [[&*old, &new], [&new, &old]] {
        keys.replace(KeyRing::parse(&ring.concat()).unwrap());
        assert_eq!(verdict(&first), Ok(true), "its key is still there");
    }
    let second = keys.mint(claims());
    keys.replace(KeyRing::parse(&new).unwrap());
    assert_eq!((verdict(&first), verdict(&second)), (Err(PermitError::Forged), Ok(true)));
    // Another key of the same version is another key.
    keys.replace(KeyRing::parse(&line(2, "ef")).unwrap());
    assert_eq!(verdict(&second), Err(PermitError::Forged));
}

#[test]
fn every_changed_bit_makes_a_forgery() {
    let wire = keys().mint_wire(&claims());
    for at in 0..wire.len() {
        let mut changed = wire.clone();
        changed[at] ^= 1;
        let verdict = keys().verify_wire(&changed.into(), Timestamp::default());
        assert_eq!(verdict, Err(PermitError::Forged), "byte {at}");
    }
}

#[test]
fn a_fleet_of_which_each_is_at_another_step_of_a_rotation_agrees() {
    let (old, new) = (format!("1 {}\n", "ab".repeat(32)), format!("2 {}\n", "cd".repeat(32)));
    let steps = [vec![&*old], vec![&old, &new], vec![&new, &old], vec![&new]];
    let at_step = |step: usize| {
        let keys = keys();
        keys.replace(KeyRing::parse(&steps[step].concat()).unwrap());
        keys
    };
    for (maker, verifier) in [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2), (1, 1), (2, 2)] {
        let permit = at_step(maker).mint(claims());
        let version = if maker < 2 { 1 } else { 2 };
        assert_eq!(permit.as_wire()[0], version, "the first key is used");
        let verdict = at_step(verifier).verify(&permit, Timestamp::default());
        assert!(verdict.is_ok(), "made at step {maker}, verified at {verifier}");
    }
    let permit = at_step(1).mint(claims());
    let verdict = at_step(3).verify(&permit, Timestamp::default());
    assert_eq!(verdict, Err(PermitError::Forged), "the old key is gone");
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_forgeries(bytes: Vec<u8>) {
        let verdict = keys().verify_wire(&bytes.into(), Timestamp::default());
        prop_assert_eq!(verdict, Err(PermitError::Forged));
    }

    #[test]
    fn claims_decode_or_are_refused_without_a_panic(bytes: Vec<u8>) {
        if let Ok(claims) = messages::PermitClaims::decode(bytes.as_slice()) {
            let _ = Claims::try_from(claims);
        }
    }
}
