//! `DeleteAlias`: removes a name; the key stays.

use trent_types::{AliasArn, AliasName, Change, ChangeRefused};

use crate::decode::{Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::Object;
use crate::kms::create_alias::check_name;
use crate::ports::{Question, Resource};
use crate::refusals::refused_key_change;
use crate::request::Request;
use crate::rules::{about, about_key, customer_alias, present};
use crate::steps::{Call, Done, Steps};
use crate::validate::Violations;

/// The operation.
pub(crate) struct DeleteAlias;

shape! {
    DeleteAliasShape<'a> {
        alias_name: "AliasName" => Text<'a>,
    }
}

/// `NotFoundException` for an alias.
pub(crate) fn alias_not_found(alias: &AliasArn) -> AwsError {
    AwsError::new(ErrorCode::NotFound, format!("Alias {alias} is not found."))
}

impl Steps for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    const READ_ONLY: bool = false;
    type Input<'a> = AliasName;

    fn decode<'a>(request: &Request<'a>) -> Result<AliasName, AwsError> {
        let shape: DeleteAliasShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_name(&mut found, shape.alias_name.as_ref());
        found.finish()?;
        customer_alias(&present(shape.alias_name)?)
    }

    fn questions<'q>(alias: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let action = "kms:DeleteAlias";
        vec![about(action, Resource::Alias(alias)), about_key(action, alias.as_str())]
    }

    fn alias<'q>(alias: &'q Self::Input<'_>) -> Option<&'q AliasName> {
        Some(alias)
    }

    fn parameters(alias: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("aliasName", alias.as_str());
    }

    async fn perform(alias: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let key = call.key(1)?.record;
        let change = Change::DeleteAlias { alias: call.alias_arn(alias), from: key.key_id };
        Ok(Done::key_changed(&key.arn(), Some(change)))
    }

    fn refused(alias: &Self::Input<'_>, call: &Call<'_>, reason: ChangeRefused) -> AwsError {
        match reason {
            ChangeRefused::NotFound => alias_not_found(&call.alias_arn(alias)),
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
