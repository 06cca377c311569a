//! Permits: what the policy evaluator allowed, with a MAC that only evaluator and worker can make.
//!
//! A Permit on the wire is
//!
//! | bytes | content |
//! |---|---|
//! | 0 | version of the Permit key |
//! | 1..33 | HMAC-SHA-256 under that key over `trent permit v1` ‖ 0 ‖ key version ‖ claims |
//! | 33.. | the claims: an encoded `PermitClaims` |
//!
//! The label in the MAC's input keeps this use of the key apart from any other. The MAC is checked
//! before a byte of the claims is decoded, so whoever cannot make Permits cannot reach the decoder
//! either.

use arc_swap::ArcSwap;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};
use sha2::Sha256;
use trent_types::{
    AccountId, Caller, KeyArn, KeyRing, MaterialId, Permit, Primitives, Region, RequestId,
    Timestamp,
};

use crate::convert::{self, InvalidField};
use crate::messages;

const LABEL: &[u8] = b"trent permit v1\0";
const MAC_BYTES: usize = 32;
const HEADER_BYTES: usize = 1 + MAC_BYTES;
/// Room for the claims about a key.
const CLAIMS_BYTES: usize = 256;

/// What a Permit allows, to whom, for which request and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The one request that the Permit serves.
    pub request_id: RequestId,
    /// The permission that was decided on, as in `kms:Encrypt`.
    pub action: String,
    /// The account of the resource. For a key this is the account in its ARN.
    pub account: AccountId,
    /// The Region of the resource. For a key this is the Region in its ARN.
    pub region: Region,
    /// What the permission is about.
    pub resource: ClaimedResource,
    /// The record version that was decided on; 0 when there is no record.
    pub record_version: u64,
    /// What a worker may do under this Permit.
    pub primitives: Primitives,
    /// The materials that a worker may do it with.
    pub material_ids: Vec<MaterialId>,
    /// `EncryptionContext::digest` of the context, `GrantTerms::digest` or the id of the grant.
    pub context_digest: [u8; 32],
    /// The end of the Permit: from this moment on it is refused.
    pub expires_at: Timestamp,
    /// Who asked.
    pub caller: Caller,
    /// Where something is to be sealed under the domain key: a secret that the deployment's domain
    /// key has sealed, so that no worker with another one seals. Empty otherwise.
    pub domain_key_check: Bytes,
    /// Where an import token is to be used: the key clock, by which the token must still be good.
    pub key_now: Option<Timestamp>,
}

/// What a permission is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimedResource {
    /// A key, existing or assigned.
    Key(KeyArn),
    /// An alias name, any other ARN, or `*`.
    Other(String),
}

impl Claims {
    /// The key that the permission is about, when it is about one.
    #[must_use]
    pub const fn key(&self) -> Option<&KeyArn> {
        match &self.resource {
            ClaimedResource::Key(key) => Some(key),
            ClaimedResource::Other(_) => None,
        }
    }
}

/// Why a Permit was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PermitError {
    /// No evaluator of this deployment made it, or its key is no longer accepted.
    #[error("the Permit is not genuine")]
    Forged,
    /// It was genuine, but its time is over: authorize again.
    #[error("the Permit has expired")]
    Expired,
}

/// Makes and verifies Permits: by the first key of the ring, and by any key of it. The ring can be
/// replaced while this is in use.
pub struct PermitKeys {
    states: ArcSwap<States>,
}

/// HMAC states that have taken the key and the label in already; the current one first.
type States = Vec<(u8, Hmac<Sha256>)>;

impl PermitKeys {
    /// Takes the ring of Permit keys. During a rotation it has two.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self { states: ArcSwap::from_pointee(Self::states(ring)) }
    }

    /// Goes on with another ring. Whoever is at work finishes with the old one, whose keys are
    /// wiped then.
    pub fn replace(&self, ring: KeyRing) {
        self.states.store(Self::states(ring).into());
    }

    fn states(ring: KeyRing) -> States {
        let state = |key: &[u8]| {
            // Cannot fail: HMAC takes keys of any length, and a ring's keys have 32 bytes.
            let mut state = Hmac::<Sha256>::new_from_slice(key).ok()?;
            state.update(LABEL);
            Some(state)
        };
        let states = ring
            .iter()
            .filter_map(|(version, key)| Some((version, state(key.expose())?)))
            .collect();
        // The ring's keys are wiped here.
        drop(ring);
        states
    }

    /// Makes the Permit of these claims.
    #[must_use]
    pub fn mint(&self, claims: &Claims) -> Permit {
        Permit::from_wire(&self.mint_wire(claims))
    }

    /// The Permit of these claims as it travels.
    #[must_use]
    pub fn mint_wire(&self, claims: &Claims) -> Vec<u8> {
        // Cannot be missing: a ring has at least one key.
        let states = self.states.load();
        let Some((version, state)) = states.first() else { return Vec::new() };
        let mut wire = Vec::with_capacity(HEADER_BYTES + CLAIMS_BYTES);
        wire.push(*version);
        wire.extend_from_slice(&[0; MAC_BYTES]);
        encode(claims, &mut wire);
        let mut mac = state.clone();
        mac.update(&[*version]);
        mac.update(wire.get(HEADER_BYTES..).unwrap_or_default());
        if let Some(place) = wire.get_mut(1..HEADER_BYTES) {
            place.copy_from_slice(&mac.finalize().into_bytes());
        }
        wire
    }

    /// Returns what a Permit says, when it is genuine and fresh.
    ///
    /// # Errors
    /// [`PermitError`] says which of the two it is not.
    pub fn verify(&self, permit: &Permit, now: Timestamp) -> Result<Claims, PermitError> {
        self.verify_wire(&convert::bytes(permit.as_wire()), now)
    }

    /// [`Self::verify`] for a Permit as it travels.
    ///
    /// # Errors
    /// As for [`Self::verify`].
    pub fn verify_wire(&self, permit: &Bytes, now: Timestamp) -> Result<Claims, PermitError> {
        let (header, claims) =
            permit.split_first_chunk::<HEADER_BYTES>().ok_or(PermitError::Forged)?;
        let [version, mac @ ..] = header;
        let states = self.states.load();
        let (_, state) =
            states.iter().find(|(known, _)| known == version).ok_or(PermitError::Forged)?;
        let mut expected = state.clone();
        expected.update(&[*version]);
        expected.update(claims);
        // Compares in constant time.
        expected.verify_slice(mac).map_err(|_| PermitError::Forged)?;
        let claims = messages::PermitClaims::decode(permit.slice_ref(claims));
        let claims = Claims::try_from(claims.map_err(|_| PermitError::Forged)?);
        let claims = claims.map_err(|_| PermitError::Forged)?;
        if now < claims.expires_at { Ok(claims) } else { Err(PermitError::Expired) }
    }
}

impl std::fmt::Debug for PermitKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.states.load().iter().map(|(version, _)| version)).finish()
    }
}

/// Appends what `messages::PermitClaims` of these claims encodes to, field by field and without
/// making the message: every request has a Permit made, and the message would own a dozen copies.
fn encode(claims: &Claims, out: &mut Vec<u8>) {
    let (account, region, key, resource) = match &claims.resource {
        ClaimedResource::Key(arn) => (arn.account, arn.region, Some(arn.key_id), ""),
        ClaimedResource::Other(name) => (claims.account, claims.region, None, name.as_str()),
    };
    put_bytes(out, 1, claims.request_id.as_bytes());
    put_bytes(out, 2, claims.action.as_bytes());
    put_bytes(out, 3, account.as_str().as_bytes());
    put_bytes(out, 4, region.as_str().as_bytes());
    if let Some(id) = key {
        put_bytes(out, 5, id.as_bytes());
        put_number(out, 6, u64::from(id.is_multi_region()));
    }
    put_bytes(out, 7, resource.as_bytes());
    put_number(out, 8, claims.record_version);
    put_number(out, 9, u64::from(claims.primitives.bits()));
    for id in &claims.material_ids {
        put_bytes(out, 10, id.as_bytes());
    }
    put_bytes(out, 11, &claims.context_digest);
    // An int64 is a varint of its two's complement.
    put_number(out, 12, claims.expires_at.as_millis().cast_unsigned());
    put_bytes(out, 13, &messages::Caller::from(&claims.caller).encode_to_vec());
    put_bytes(out, 14, &claims.domain_key_check);
    put_number(out, 15, claims.key_now.map_or(0, |now| now.as_millis().cast_unsigned()));
}

/// A length-delimited field, absent when it is empty (Protocol Buffers, "Encoding").
fn put_bytes(out: &mut Vec<u8>, tag: u32, bytes: &[u8]) {
    if !bytes.is_empty() {
        encode_key(tag, WireType::LengthDelimited, out);
        encode_varint(bytes.len() as u64, out);
        out.extend_from_slice(bytes);
    }
}

/// A varint field, absent when it is zero.
fn put_number(out: &mut Vec<u8>, tag: u32, number: u64) {
    if number != 0 {
        encode_key(tag, WireType::Varint, out);
        encode_varint(number, out);
    }
}

impl TryFrom<messages::PermitClaims> for Claims {
    type Error = InvalidField;

    fn try_from(claims: messages::PermitClaims) -> Result<Self, InvalidField> {
        let account = convert::parse(&claims.account, "account")?;
        let region = convert::parse(&claims.region, "region")?;
        let resource = if claims.key_id.is_empty() {
            ClaimedResource::Other(claims.resource)
        } else {
            let key_id = convert::key_id(&claims.key_id, claims.multi_region, "key_id")?;
            ClaimedResource::Key(KeyArn { region, account, key_id })
        };
        let material_ids = claims
            .material_ids
            .iter()
            .map(|id| convert::material_id(id, "material_ids"))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            request_id: convert::request_id(&claims.request_id, "request_id")?,
            action: claims.action,
            account,
            region,
            resource,
            record_version: claims.record_version,
            primitives: Primitives::from_bits(claims.primitives),
            material_ids,
            context_digest: convert::array(&claims.context_digest, "context_digest")?,
            expires_at: Timestamp::from_millis(claims.expires_at_ms),
            caller: convert::required(claims.caller, "caller")?.try_into()?,
            domain_key_check: claims.domain_key_check,
            key_now: Some(Timestamp::from_millis(claims.key_now_ms))
                .filter(|_| claims.key_now_ms != 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use trent_types::{CallerKind, KeyId, Primitive};

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
            ),
            domain_key_check: Bytes::from_static(b"sealed"),
            key_now: Some(Timestamp::from_millis(9)),
        }
    }

    #[test]
    fn a_fresh_permit_says_what_was_claimed() {
        let permit = keys().mint(&claims());
        assert_eq!(keys().verify(&permit, Timestamp::from_millis(1_999)), Ok(claims()));
        let other = Claims { resource: ClaimedResource::Other("*".into()), ..claims() };
        let permit = keys().mint(&other);
        assert_eq!(keys().verify(&permit, Timestamp::from_millis(0)), Ok(other));
    }

    #[test]
    fn claims_are_encoded_as_their_message_is() {
        let before_the_epoch = Timestamp::from_millis(-1);
        let mut root = Caller { kind: CallerKind::Root, ..claims().caller };
        root.access_key_id = "A".repeat(200);
        let other = ClaimedResource::Other("arn:aws:iam::123456789012:user/a".into());
        for claims in [
            claims(),
            Claims { resource: other, expires_at: before_the_epoch, caller: root, ..claims() },
            Claims { material_ids: Vec::new(), record_version: 0, ..claims() },
            Claims { domain_key_check: Bytes::new(), key_now: None, ..claims() },
        ] {
            let mut wire = Vec::new();
            encode(&claims, &mut wire);
            let message = messages::PermitClaims::decode(wire.as_slice()).unwrap();
            assert_eq!(message.encode_to_vec(), wire);
            assert_eq!(Claims::try_from(message), Ok(claims));
        }
    }

    #[test]
    fn a_permit_ends_at_its_last_moment() {
        let permit = keys().mint(&claims());
        let verdict = keys().verify(&permit, Timestamp::from_millis(2_000));
        assert_eq!(verdict, Err(PermitError::Expired));
    }

    #[test]
    fn every_changed_bit_makes_a_forgery() {
        let wire = keys().mint(&claims()).as_wire().to_vec();
        for at in 0..wire.len() {
            let mut changed = wire.clone();
            changed[at] ^= 1;
            let verdict = keys().verify(&Permit::from_wire(&changed), Timestamp::default());
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
            let permit = at_step(maker).mint(&claims());
            let version = if maker < 2 { 1 } else { 2 };
            assert_eq!(permit.as_wire()[0], version, "the first key is used");
            let verdict = at_step(verifier).verify(&permit, Timestamp::default());
            assert!(verdict.is_ok(), "made at step {maker}, verified at {verifier}");
        }
        let verdict = at_step(3).verify(&at_step(1).mint(&claims()), Timestamp::default());
        assert_eq!(verdict, Err(PermitError::Forged), "the old key is gone");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_forgeries(bytes: Vec<u8>) {
            let verdict = keys().verify(&Permit::from_wire(&bytes), Timestamp::default());
            prop_assert_eq!(verdict, Err(PermitError::Forged));
        }

        #[test]
        fn claims_decode_or_are_refused_without_a_panic(bytes: Vec<u8>) {
            if let Ok(claims) = messages::PermitClaims::decode(bytes.as_slice()) {
                let _ = Claims::try_from(claims);
            }
        }
    }
}
