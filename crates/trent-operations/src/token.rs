//! Tokens by which lists go on: good for one operation, account, Region and set of parameters only.
//!
//! Nothing in them is trusted: whoever writes one by hand sees what the caller may see anyway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::decode::{Text, body, shape};
use crate::json::{Object, object};
use crate::steps::Call;

shape! {
    /// What a token holds: the list it belongs to, and where that goes on.
    TokenShape<'a> {
        operation: "o" => Text<'a>,
        account: "a" => Text<'a>,
        region: "r" => Text<'a>,
        parameters: "f" => Text<'a>,
        place: "k" => Text<'a>,
    }
}

/// The place in a token, if it belongs to this list.
pub(crate) fn read(
    token: &str,
    call: &Call<'_>,
    operation: &str,
    parameters: &str,
) -> Option<String> {
    let bytes = STANDARD.decode(token).ok()?;
    let shape: TokenShape<'_> = body(&bytes).ok()?;
    let is = |member: &Option<Text<'_>>, value: &str| member.as_deref() == Some(value);
    let ours = is(&shape.operation, operation)
        && is(&shape.account, call.caller.account.as_str())
        && is(&shape.region, call.request.region.as_str())
        && is(&shape.parameters, parameters);
    shape.place.filter(|_| ours).map(|place| place.0.into_owned())
}

/// Writes the token of this list for a place.
pub(crate) fn write(
    out: &mut Object<'_>,
    name: &'static str,
    call: &Call<'_>,
    (operation, parameters): (&str, &str),
    place: &str,
) {
    let token = object(256 + parameters.len(), |token| {
        token.text("o", operation);
        token.text("a", call.caller.account.as_str());
        token.text("r", call.request.region.as_str());
        token.text("f", parameters);
        token.text("k", place);
    });
    out.blob(name, &token);
}
