//! What a Permit says, and how that is encoded.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};
use trent_types::{
    AccountId, Caller, KeyArn, MaterialId, Primitives, Region, RequestId, Timestamp,
};

use crate::convert::{self, InvalidField};
use crate::messages;

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
    pub caller: Arc<Caller>,
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

/// Appends what `messages::PermitClaims` of these claims encodes to, field by field and without
/// making the message: every request has a Permit made, and the message would own a dozen copies.
pub(super) fn encode(claims: &Claims, out: &mut Vec<u8>) {
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
    put_bytes(out, 13, &messages::Caller::from(&*claims.caller).encode_to_vec());
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
            caller: Arc::new(convert::required(claims.caller, "caller")?.try_into()?),
            domain_key_check: claims.domain_key_check,
            key_now: Some(Timestamp::from_millis(claims.key_now_ms))
                .filter(|_| claims.key_now_ms != 0),
        })
    }
}
