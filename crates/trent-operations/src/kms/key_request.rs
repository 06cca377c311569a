//! Requests that name a key and nothing else.

use crate::decode::{Text, body, shape};
use crate::error::AwsError;
use crate::request::Request;
use crate::rules::{check_key_id, no_alias, present};
use crate::validate::Violations;

shape! {
    /// A key.
    KeyShape<'a> {
        key_id: "KeyId" => Text<'a>,
    }
}

/// The key id or ARN of a request that has nothing else.
pub(crate) fn key_of<'a>(request: &Request<'a>) -> Result<Text<'a>, AwsError> {
    let shape: KeyShape<'a> = body(request.body)?;
    let mut found = Violations::default();
    check_key_id(&mut found, shape.key_id.as_ref());
    found.finish()?;
    let key_id = present(shape.key_id)?;
    no_alias(&key_id)?;
    Ok(key_id)
}
