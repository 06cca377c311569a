//! `UpdateAlias`: points an alias at another key of the same kind and usage.

use trent_types::{AliasName, Change, ChangeRefused, KeyRecord};

use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::Object;
use crate::key_state::not_pending_deletion;
use crate::kms::create_alias::{Input, decode, show};
use crate::kms::delete_alias::alias_not_found;
use crate::ports::{Question, Resource};
use crate::refusals::{not_found, refused_key_change};
use crate::request::Request;
use crate::rules::{about, about_key};
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct UpdateAlias;

impl Steps for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        decode(request)
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let action = "kms:UpdateAlias";
        vec![
            about(action, Resource::Alias(&input.alias)),
            about_key(action, input.alias.as_str()),
            about_key(action, &input.target),
        ]
    }

    fn alias<'q>(input: &'q Self::Input<'_>) -> Option<&'q AliasName> {
        Some(&input.alias)
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        show(input, out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let (old, new) = (call.key(1)?.record, call.key(2)?.record);
        if new.account != call.caller.account || new.region != call.request.region {
            return Err(not_found(&new.arn()).into());
        }
        // Only the new key's state counts.
        not_pending_deletion(new)?;
        // Symmetric, asymmetric or HMAC; these have a usage of their own.
        let kind = |key: &KeyRecord| (key.spec.is_asymmetric(), key.usage);
        if kind(old) != kind(new) {
            // AWS states the rule, not the text.
            let text = "The current and new KMS key must be the same type and have the same usage.";
            return Err(AwsError::new(ErrorCode::Validation, text).into());
        }
        let change = Change::UpdateAlias {
            alias: call.alias_arn(&input.alias),
            from: old.key_id,
            to: new.key_id,
            updated_at: call.key_now,
        };
        Ok(Done::key_changed(&new.arn(), Some(change)))
    }

    fn refused(input: &Self::Input<'_>, call: &Call<'_>, reason: ChangeRefused) -> AwsError {
        match reason {
            ChangeRefused::NotFound => alias_not_found(&call.alias_arn(&input.alias)),
            ChangeRefused::AlreadyExists
            | ChangeRefused::Conflict
            | ChangeRefused::LimitExceeded { .. }
            | ChangeRefused::IncorrectMaterial
            | ChangeRefused::MalformedPolicy(_)
            | ChangeRefused::Identity(_)
            | ChangeRefused::NotPermitted(_) => refused_key_change(call, reason),
        }
    }
}
