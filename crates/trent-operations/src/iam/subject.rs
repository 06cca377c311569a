//! The user, group, role or policy that a request names.

use std::borrow::Cow;

use trent_types::{Caller, CallerKind, Entity, EntityKind, IdentityView};

use crate::error::{AwsError, ErrorCode};
use crate::iam::kinds::{Kind, Users};
use crate::iam::policy_arn::PolicyArn;
use crate::json::Object;
use crate::ports::{Question, Resource};
use crate::query::fields::Fields;
use crate::query::rule::Rule;
use crate::rules::about;
use crate::steps::Call;

/// What a request names, by its name or, of a policy, by its ARN.
pub(crate) struct Subject {
    kind: EntityKind,
    shown: &'static str,
    named: Named,
}

enum Named {
    Name(String),
    Policy(PolicyArn),
    /// The user who calls, or the root user.
    Caller,
}

impl Subject {
    /// The one that the request must name.
    pub(crate) fn read<K: Kind>(fields: &mut Fields<'_>) -> Self {
        Self::within::<K>(fields, K::MAX)
    }

    /// The same, where its name must be one that could be given to a new one.
    pub(crate) fn read_short<K: Kind>(fields: &mut Fields<'_>) -> Self {
        Self::within::<K>(fields, K::SHORT_MAX)
    }

    /// A user, the caller when none is named.
    pub(crate) fn read_user_or_caller(fields: &mut Fields<'_>) -> Self {
        let name = fields.text(Users::PARAMETER, &Rule::name(Users::MAX));
        let named = name.map_or(Named::Caller, Named::Name);
        Self { kind: Users::KIND, shown: Users::SHOWN, named }
    }

    fn within<K: Kind>(fields: &mut Fields<'_>, max: usize) -> Self {
        let named = match K::KIND {
            EntityKind::Policy => Named::Policy(PolicyArn::required(fields, K::PARAMETER)),
            EntityKind::User | EntityKind::Group | EntityKind::Role => {
                Named::Name(fields.required(K::PARAMETER, &Rule::name(max)))
            }
        };
        Self { kind: K::KIND, shown: K::SHOWN, named }
    }

    /// The question whether the caller may do this with it.
    pub(crate) fn question(&self, permission: &'static str) -> Question<'_> {
        let (kind, new_path) = (self.kind, None);
        let entity = |name| Resource::Entity { kind, name, new_path };
        about(
            permission,
            match &self.named {
                Named::Name(name) => entity(Some(name)),
                Named::Policy(PolicyArn { text, account: None, .. }) => Resource::Arn(text),
                Named::Policy(arn) => entity(Some(&arn.name)),
                Named::Caller => entity(None),
            },
        )
    }

    /// `requestParameters`.
    pub(crate) fn show(&self, out: &mut Object<'_>) {
        match &self.named {
            Named::Name(name) => out.text(self.shown, name),
            Named::Policy(arn) => out.text(self.shown, &arn.text),
            Named::Caller => {}
        }
    }

    /// Whether it is the caller, because the request names no user.
    pub(crate) const fn is_caller(&self) -> bool {
        matches!(self.named, Named::Caller)
    }

    /// Its name, or the ARN of a policy, as the caller wrote it.
    pub(crate) fn given(&self) -> &str {
        match &self.named {
            Named::Name(name) => name,
            Named::Policy(arn) => &arn.text,
            Named::Caller => "",
        }
    }

    /// The policy of AWS's that is named.
    pub(crate) fn of_aws(&self) -> Option<&PolicyArn> {
        match &self.named {
            Named::Policy(arn) => Some(arn).filter(|arn| arn.account.is_none()),
            Named::Name(_) | Named::Caller => None,
        }
    }

    /// Who is no user must name one.
    pub(crate) const fn check_caller(&self, caller: &Caller) -> Result<(), AwsError> {
        match (&self.named, &caller.kind) {
            (Named::Caller, CallerKind::Role { .. } | CallerKind::Service { .. }) => {
                Err(nameless())
            }
            (Named::Caller, CallerKind::Root | CallerKind::User { .. })
            | (Named::Name(_) | Named::Policy(_), _) => Ok(()),
        }
    }

    /// It, in the caller's account. The root user is the one without a name; of other callers only
    /// users can leave the name out.
    pub(crate) fn entity(&self, call: &Call<'_>) -> Result<Entity, AwsError> {
        let account = call.caller.account;
        let name = match &self.named {
            Named::Name(name) => name.clone(),
            Named::Policy(arn) if arn.account == Some(account) => arn.name.clone(),
            Named::Policy(arn) => return Err(not_yours(call, &arn.text)),
            Named::Caller => match &call.caller.kind {
                CallerKind::User { name, .. } => name.clone(),
                CallerKind::Root => String::new(),
                CallerKind::Role { .. } | CallerKind::Service { .. } => return Err(nameless()),
            },
        };
        Ok(Entity { account, kind: self.kind, name })
    }

    /// The user as access keys have it: `None` for the root user.
    pub(crate) fn user_name(&self, call: &Call<'_>) -> Result<Option<String>, AwsError> {
        Ok(Some(self.entity(call)?.name).filter(|name| !name.is_empty()))
    }

    /// It, with everything that belongs to it, read with the first question's Permit.
    pub(crate) async fn view(&self, call: &Call<'_>) -> Result<IdentityView, AwsError> {
        let entity = self.entity(call)?;
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let found = call.ports.identities.identity(id, permit, &entity).await?;
        let found = found.filter(|found| match &self.named {
            // A policy has the one ARN that has its path.
            Named::Policy(arn) => found.record.arn(call.request.region.partition()) == arn.text,
            Named::Name(_) | Named::Caller => true,
        });
        found.ok_or_else(|| self.missing())
    }

    /// It, as a change takes it: a policy must be there under its ARN, of everything else the
    /// registry sees whether it is.
    pub(crate) async fn to_change(&self, call: &Call<'_>) -> Result<Entity, AwsError> {
        match self.kind {
            EntityKind::Policy => Ok(self.view(call).await?.record.entity()),
            EntityKind::User | EntityKind::Group | EntityKind::Role => self.entity(call),
        }
    }

    /// `NoSuchEntity`.
    pub(crate) fn missing(&self) -> AwsError {
        let given = self.given();
        let text = match self.kind {
            EntityKind::Policy => format!("Policy {given} was not found."),
            EntityKind::User | EntityKind::Group | EntityKind::Role => {
                format!("The {} with name {given} cannot be found.", self.kind.as_str())
            }
        };
        AwsError::new(ErrorCode::NoSuchEntity, text)
    }
}

const fn nameless() -> AwsError {
    let text = "Must specify userName when calling with non-User credentials";
    AwsError { code: ErrorCode::Validation, message: Some(Cow::Borrowed(text)), cause: None }
}

/// `AccessDenied` for a policy that another account owns, or AWS: nobody can give a permission on
/// it but its owner.
fn not_yours(call: &Call<'_>, arn: &str) -> AwsError {
    let caller = call.caller.arn_parts(call.request.region.partition());
    let text = format!(
        "User: {caller} is not authorized to perform this action on resource: policy {arn} because \
         no resource-based policy allows it"
    );
    AwsError::new(ErrorCode::AccessDenied, text)
}
