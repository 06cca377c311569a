//! `CreateAlias`: a name for a key.

use trent_types::{AliasName, AliasRecord, Change, ChangeRefused};

use crate::decode::{Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::Object;
use crate::key_state::not_pending_deletion;
use crate::ports::{Question, Resource};
use crate::refusals::{not_found, refused_key_change};
use crate::request::Request;
use crate::rules::{about, about_key, customer_alias, names_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::{ALIAS_NAME, Violations};

/// The operation.
pub(crate) struct CreateAlias;

shape! {
    /// What CreateAlias and UpdateAlias take.
    AliasShape<'a> {
        alias_name: "AliasName" => Text<'a>,
        target_key_id: "TargetKeyId" => Text<'a>,
    }
}

/// A validated request of CreateAlias or UpdateAlias.
pub(crate) struct Input<'a> {
    pub(crate) alias: AliasName,
    pub(crate) target: Text<'a>,
}

/// Decodes and validates a request of CreateAlias or UpdateAlias.
pub(crate) fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
    let shape: AliasShape<'a> = body(request.body)?;
    let mut found = Violations::default();
    check_name(&mut found, shape.alias_name.as_ref());
    found.required("targetKeyId", shape.target_key_id.as_ref());
    found.length("targetKeyId", shape.target_key_id.as_ref(), 1..=2048);
    found.finish()?;
    let alias = customer_alias(&present(shape.alias_name)?)?;
    let target = present(shape.target_key_id)?;
    if names_alias(&target) {
        return Err(AwsError::new(
            ErrorCode::Validation,
            "Aliases must refer to keys. Not aliases",
        ));
    }
    Ok(Input { alias, target })
}

/// `AliasName`: required, 1 to 256 of the allowed characters.
pub(crate) fn check_name(found: &mut Violations, name: Option<&Text<'_>>) {
    found.required("aliasName", name);
    found.length("aliasName", name, 1..=256);
    found.pattern("aliasName", name, &ALIAS_NAME);
}

/// `requestParameters` of CreateAlias and UpdateAlias.
pub(crate) fn show(input: &Input<'_>, out: &mut Object<'_>) {
    out.text("aliasName", input.alias.as_str());
    out.text("targetKeyId", &input.target);
}

impl Steps for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        decode(request)
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let action = "kms:CreateAlias";
        vec![about(action, Resource::Alias(&input.alias)), about_key(action, &input.target)]
    }

    const ALIAS_LAST: bool = true;

    fn alias<'q>(input: &'q Self::Input<'_>) -> Option<&'q AliasName> {
        Some(&input.alias)
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        show(input, out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(1)?.record;
        not_pending_deletion(key)?;
        if key.account != call.caller.account || key.region != call.request.region {
            // An alias and its key live together; the key of another account is not there for it.
            return Err(not_found(&key.arn()).into());
        }
        let change = Change::CreateAlias(AliasRecord {
            account: key.account,
            region: key.region,
            name: input.alias.clone(),
            target: key.key_id,
            created_at: call.key_now,
            updated_at: call.key_now,
        });
        Ok(Done::key_changed(&key.arn(), Some(change)))
    }

    fn refused(input: &Self::Input<'_>, call: &Call<'_>, reason: ChangeRefused) -> AwsError {
        match reason {
            ChangeRefused::AlreadyExists => {
                let arn = call.alias_arn(&input.alias);
                let text = format!("An alias with the name {arn} already exists");
                AwsError::new(ErrorCode::AlreadyExists, text)
            }
            ChangeRefused::NotFound => {
                call.key(1).map_or_else(|e| e, |k| not_found(&k.record.arn()))
            }
            ChangeRefused::Conflict
            | ChangeRefused::LimitExceeded { .. }
            | ChangeRefused::IncorrectMaterial
            | ChangeRefused::MalformedPolicy(_)
            | ChangeRefused::Identity(_)
            | ChangeRefused::NotPermitted(_) => refused_key_change(call, reason),
        }
    }
}
