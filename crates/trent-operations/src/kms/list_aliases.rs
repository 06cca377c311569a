//! `ListAliases`: the aliases of the account in the Region, or of one of its keys.

use trent_types::{KeyArn, KeyId, KeyReference};

use crate::decode::{Integer, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::kms::page::{self, Page};
use crate::ports::{Question, Resource};
use crate::refusals::not_found;
use crate::request::Request;
use crate::rules::{about, no_alias};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct ListAliases;

shape! {
    ListAliasesShape<'a> {
        key_id: "KeyId" => Text<'a>,
        limit: "Limit" => Integer,
        marker: "Marker" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Option<Text<'a>>,
    page: Page<'a>,
}

impl Steps for ListAliases {
    const NAME: &'static str = "ListAliases";
    const READ_ONLY: bool = true;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ListAliasesShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        found.length("keyId", shape.key_id.as_ref(), 1..=2048);
        page::check(&mut found, shape.limit, shape.marker.as_ref());
        found.finish()?;
        shape.key_id.as_deref().map_or(Ok(()), no_alias)?;
        Ok(Input { key_id: shape.key_id, page: Page::new(shape.limit, shape.marker, (50, 100))? })
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("kms:ListAliases", Resource::Arn("*"))]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text_if("keyId", input.key_id.as_deref());
        input.page.parameters(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let target = input.key_id.as_deref().map(|text| target_of(call, text)).transpose()?;
        let filter = target.map(|id| id.to_string()).unwrap_or_default();
        let after = input.page.after(call, Self::NAME, &filter)?;
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let registry = call.ports.registry;
        let page = registry.aliases(id, permit, target, after.as_deref(), input.page.limit).await?;
        let Some((aliases, more)) = page else { return Err(gone(call, target).into()) };
        let last = aliases.last().filter(|_| more).map(|alias| alias.name.as_str());
        Ok(Done::answer(object(64 + aliases.len() * 320, |out| {
            out.list("Aliases", &aliases, |out, alias| {
                let mut entry = Object::begin(out);
                entry.text("AliasName", alias.name.as_str());
                entry.id("AliasArn", &alias.arn());
                entry.id("TargetKeyId", &alias.target);
                entry.epoch_seconds("CreationDate", alias.created_at);
                entry.epoch_seconds("LastUpdatedDate", alias.updated_at);
                entry.end();
            });
            page::finish(out, call, Self::NAME, &filter, last);
        })))
    }
}

/// The key whose aliases are asked for. It must be the caller's own, and in this Region; whether it
/// is there the registry says.
fn target_of(call: &Call<'_>, text: &str) -> Result<KeyId, AwsError> {
    let (account, region) = (call.caller.account, call.request.region);
    match text.parse() {
        Ok(KeyReference::Id(id)) => Ok(id),
        Ok(KeyReference::Arn(arn)) if arn.account == account && arn.region == region => {
            Ok(arn.key_id)
        }
        Ok(KeyReference::Arn(arn)) => Err(not_found(&arn)),
        Ok(KeyReference::Alias(_) | KeyReference::AliasArn(_)) | Err(_) => {
            let code =
                if text.starts_with("arn:") { ErrorCode::InvalidArn } else { ErrorCode::NotFound };
            Err(AwsError::new(code, format!("Invalid keyId '{text}'")))
        }
    }
}

fn gone(call: &Call<'_>, target: Option<KeyId>) -> AwsError {
    let Some(key_id) = target else {
        return AwsError::internal(&"the registry misses a key that nobody asked about");
    };
    not_found(&KeyArn { region: call.request.region, account: call.caller.account, key_id })
}
