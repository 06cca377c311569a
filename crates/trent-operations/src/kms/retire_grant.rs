//! `RetireGrant`: ends a grant, by whom the grant names.

use trent_types::{Change, ChangeRefused, GrantId};

use crate::decode::{Flag, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::Object;
use crate::kms::grant::{grant_id, invalid, refused_removal};
use crate::ports::{Question, Resource};
use crate::record::Additional;
use crate::request::Request;
use crate::rules::{about, end_dry_run, grant_token, is_set, no_alias, show_dry_run};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct RetireGrant;

shape! {
    RetireGrantShape<'a> {
        grant_token: "GrantToken" => Text<'a>,
        key_id: "KeyId" => Text<'a>,
        grant_id: "GrantId" => Text<'a>,
        dry_run: "DryRun" => Flag,
    }
}

/// A validated request.
pub(crate) struct Input {
    /// A key ARN or a key id.
    key: String,
    grant_id: GrantId,
    /// Whether a token named them.
    by_token: bool,
    dry_run: bool,
}

impl Steps for RetireGrant {
    const NAME: &'static str = "RetireGrant";
    const READ_ONLY: bool = false;
    type Input<'a> = Input;

    fn decode(request: &Request<'_>) -> Result<Input, AwsError> {
        let shape: RetireGrantShape<'_> = body(request.body)?;
        let mut found = Violations::default();
        found.length("grantToken", shape.grant_token.as_ref(), 1..=8192);
        found.length("keyId", shape.key_id.as_ref(), 1..=2048);
        found.length("grantId", shape.grant_id.as_ref(), 1..=128);
        found.finish()?;
        let dry_run = is_set(shape.dry_run);
        match (shape.grant_token, shape.key_id, shape.grant_id) {
            (Some(token), None, None) => {
                let token = grant_token(&token)?;
                if token.key.region != request.region {
                    return Err(AwsError::bare(ErrorCode::InvalidGrantToken));
                }
                let (key, grant_id) = (token.key.to_string(), token.grant_id);
                Ok(Input { key, grant_id, by_token: true, dry_run })
            }
            (None, Some(key_id), Some(id)) => {
                no_alias(&key_id)?;
                let (key, grant_id) = (key_id.to_string(), grant_id(&id)?);
                Ok(Input { key, grant_id, by_token: false, dry_run })
            }
            // AWS documents the two ways, not the text.
            (_, _, _) => Err(invalid("Specify either a grant token, or a key ID and a grant ID.")),
        }
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let resource = Resource::Grant { key: &input.key, grant_id: input.grant_id };
        vec![about("kms:RetireGrant", resource)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        if !input.by_token {
            out.text("keyId", &input.key);
            out.id("grantId", &input.grant_id);
        }
        show_dry_run(out, input.dry_run);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record.arn();
        end_dry_run(input.dry_run)?;
        let grant_id = input.grant_id;
        let change = Change::RemoveGrant { key, grant_id, retired: true };
        let additional = Additional::Grant(grant_id);
        Ok(Done { additional, ..Done::key_changed(&key, Some(change)) })
    }

    fn refused(input: &Self::Input<'_>, call: &Call<'_>, reason: ChangeRefused) -> AwsError {
        refused_removal(call, input.grant_id, reason)
    }
}
