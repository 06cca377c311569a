//! `RevokeGrant`: ends a grant, by whom the key policy allows it.

use trent_types::{Change, ChangeRefused, GrantId};

use crate::decode::{Flag, Text, body, shape};
use crate::error::{AwsError, Fault};
use crate::json::Object;
use crate::kms::grant::{grant_id, refused_removal};
use crate::ports::{Question, Resource};
use crate::request::Request;
use crate::rules::{about, check_key_id, end_dry_run, is_set, no_alias, present, show_dry_run};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct RevokeGrant;

shape! {
    RevokeGrantShape<'a> {
        key_id: "KeyId" => Text<'a>,
        grant_id: "GrantId" => Text<'a>,
        dry_run: "DryRun" => Flag,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    grant_id: GrantId,
    dry_run: bool,
}

impl Steps for RevokeGrant {
    const NAME: &'static str = "RevokeGrant";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: RevokeGrantShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.required("grantId", shape.grant_id.as_ref());
        found.length("grantId", shape.grant_id.as_ref(), 1..=128);
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        let grant_id = grant_id(&present(shape.grant_id)?)?;
        Ok(Input { key_id, grant_id, dry_run: is_set(shape.dry_run) })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let resource = Resource::Grant { key: &input.key_id, grant_id: input.grant_id };
        vec![about("kms:RevokeGrant", resource)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.id("grantId", &input.grant_id);
        show_dry_run(out, input.dry_run);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(0)?.record.arn();
        end_dry_run(input.dry_run)?;
        let change = Change::RemoveGrant { key, grant_id: input.grant_id, retired: false };
        Ok(Done::key_changed(&key, Some(change)))
    }

    fn refused(input: &Self::Input<'_>, call: &Call<'_>, reason: ChangeRefused) -> AwsError {
        refused_removal(call, input.grant_id, reason)
    }
}
