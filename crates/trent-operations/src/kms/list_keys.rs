//! `ListKeys`: every key of the account in the Region.

use trent_types::KeyId;

use crate::decode::{Integer, List, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object, quote};
use crate::kms::page::{self, Page};
use crate::ports::{Question, Resource};
use crate::request::Request;
use crate::rules::{about, not_served};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct ListKeys;

shape! {
    ListKeysShape<'a> {
        limit: "Limit" => Integer,
        marker: "Marker" => Text<'a>,
        resource_owners: "ResourceOwners" => List<Text<'a>>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    page: Page<'a>,
    /// Whether `ResourceOwners` was given; it can only be `SELF`.
    own: bool,
}

/// Keys shared by other accounts are not served.
const FOREIGN: &str = "OTHER_ACCOUNTS_VIA_RAM";

impl Steps for ListKeys {
    const NAME: &'static str = "ListKeys";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ListKeysShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        page::check(&mut found, shape.limit, shape.marker.as_ref());
        let owners = shape.resource_owners.as_ref();
        found.texts("resourceOwners", owners, 1..=2, 0..=usize::MAX);
        found.each_of("resourceOwners", owners, &["SELF", FOREIGN]);
        found.finish()?;
        let mut listed = owners.iter().flat_map(|list| list.0.iter().flatten());
        not_served("ResourceOwners", listed.any(|owner| &**owner == FOREIGN))?;
        let own = owners.is_some();
        Ok(Input { page: Page::new(shape.limit, shape.marker, (100, 1000))?, own })
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("kms:ListKeys", Resource::Arn("*"))]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        input.page.parameters(out);
        if input.own {
            out.list("resourceOwners", ["SELF"], quote);
        }
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let after = input.page.after(call, Self::NAME, "")?;
        let after: Option<KeyId> = after
            .map(|id| id.parse().map_err(|_| AwsError::bare(ErrorCode::InvalidMarker)))
            .transpose()?;
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let (keys, more) = call.ports.registry.keys(id, permit, after, input.page.limit).await?;
        let last = keys.last().filter(|_| more).map(|key| key.key_id.to_string());
        Ok(Done::answer(object(64 + keys.len() * 160, |out| {
            out.list("Keys", &keys, |out, key| {
                let mut entry = Object::begin(out);
                entry.id("KeyId", &key.key_id);
                entry.id("KeyArn", key);
                entry.end();
            });
            page::finish(out, call, Self::NAME, "", last.as_deref());
        })))
    }
}
