//! Between the messages on the wire and the nouns of `trent-types`.
//!
//! A noun becomes a message by `From`, by value or by reference. A message becomes a noun by
//! `TryFrom`, by value: what came over the wire is checked here and nowhere later.

mod audit;
mod change;
mod entity;
mod grant;
mod identity;
mod identity_change;
mod key;
mod last_usage;
mod material;
mod quota;
mod session;
#[cfg(test)]
mod tests;
mod trail;
mod usage;

use std::str::FromStr;

use bytes::Bytes;
use trent_types::{EncryptionContext, EventId, KeyId, MaterialId, Permit, RequestId};

use crate::messages;

pub use entity::entity_kind;
pub use grant::grant_id;
pub use quota::{quota_scope, scope_fields};

/// A field of a message is missing, or its content is not what the field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("field {0} is missing or malformed")]
pub struct InvalidField(pub &'static str);

/// Lets a noun become its message by reference too.
macro_rules! by_reference {
    ($($noun:ty => $message:ty,)+) => { $(
        impl From<&$noun> for $message {
            fn from(noun: &$noun) -> Self {
                Self::from(noun.clone())
            }
        }
    )+ };
}
use by_reference;

/// A field that is empty where there is nothing.
fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// A copy as the messages hold bytes.
#[must_use]
pub fn bytes(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// The content of a field that must be there.
///
/// # Errors
/// [`InvalidField`] when it is not.
pub fn required<T>(value: Option<T>, field: &'static str) -> Result<T, InvalidField> {
    value.ok_or(InvalidField(field))
}

/// A field of exactly `N` bytes.
///
/// # Errors
/// [`InvalidField`] for another length.
pub fn array<const N: usize>(bytes: &[u8], field: &'static str) -> Result<[u8; N], InvalidField> {
    bytes.try_into().map_err(|_| InvalidField(field))
}

/// A field whose text is an identifier or a wire name.
///
/// # Errors
/// [`InvalidField`] when it does not parse.
pub fn parse<T: FromStr>(text: &str, field: &'static str) -> Result<T, InvalidField> {
    text.parse().map_err(|_| InvalidField(field))
}

/// A key id of 16 bytes.
///
/// # Errors
/// [`InvalidField`] for another length.
pub fn key_id(
    bytes: &[u8],
    multi_region: bool,
    field: &'static str,
) -> Result<KeyId, InvalidField> {
    Ok(KeyId::from_bytes(array(bytes, field)?, multi_region))
}

/// A key-material id of 32 bytes.
///
/// # Errors
/// [`InvalidField`] for another length.
pub fn material_id(bytes: &[u8], field: &'static str) -> Result<MaterialId, InvalidField> {
    array(bytes, field).map(MaterialId::from_bytes)
}

/// A request id of 16 bytes.
///
/// # Errors
/// [`InvalidField`] for another length.
pub fn request_id(bytes: &[u8], field: &'static str) -> Result<RequestId, InvalidField> {
    array(bytes, field).map(RequestId::from_bytes)
}

/// An event id of 16 bytes.
///
/// # Errors
/// [`InvalidField`] for another length.
pub fn event_id(bytes: &[u8], field: &'static str) -> Result<EventId, InvalidField> {
    array(bytes, field).map(EventId::from_bytes)
}

/// A Permit as it came; only its verification tells whether it is one.
///
/// # Errors
/// [`InvalidField`] when there is none.
pub fn permit(bytes: &[u8], field: &'static str) -> Result<Permit, InvalidField> {
    if bytes.is_empty() { Err(InvalidField(field)) } else { Ok(Permit::from_wire(bytes)) }
}

/// The pairs of an encryption context, in its order.
#[must_use]
pub fn context_pairs(context: &EncryptionContext) -> Vec<messages::ContextPair> {
    let pair = |(key, value): (&str, &str)| messages::ContextPair {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    context.iter().map(pair).collect()
}

/// The encryption context of these pairs.
#[must_use]
pub fn encryption_context(pairs: Vec<messages::ContextPair>) -> EncryptionContext {
    pairs.into_iter().map(|pair| (pair.key, pair.value)).collect()
}
