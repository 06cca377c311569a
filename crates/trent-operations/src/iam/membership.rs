//! `AddUserToGroup` and `RemoveUserFromGroup`.

use trent_types::IdentityChange;

use crate::error::{AwsError, Fault};
use crate::iam::answers::changed;
use crate::iam::kinds::{Groups, Users, operation};
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::Question;
use crate::query::fields::read;
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// What becomes of a membership.
pub(crate) trait Membership: Sync + 'static {
    /// The permission, on the group.
    const PERMISSION: &'static str;
    /// The change.
    fn change(group: &Subject, user: &Subject, call: &Call<'_>)
    -> Result<IdentityChange, AwsError>;
}

/// A user comes into a group.
pub(crate) struct Add;
/// A user leaves a group.
pub(crate) struct Remove;

impl Membership for Add {
    const PERMISSION: &'static str = "iam:AddUserToGroup";

    fn change(
        group: &Subject,
        user: &Subject,
        call: &Call<'_>,
    ) -> Result<IdentityChange, AwsError> {
        let (account, group) = (call.caller.account, group.entity(call)?.name);
        Ok(IdentityChange::AddToGroup { account, group, user: user.entity(call)?.name })
    }
}

impl Membership for Remove {
    const PERMISSION: &'static str = "iam:RemoveUserFromGroup";

    fn change(
        group: &Subject,
        user: &Subject,
        call: &Call<'_>,
    ) -> Result<IdentityChange, AwsError> {
        let (account, group) = (call.caller.account, group.entity(call)?.name);
        Ok(IdentityChange::RemoveFromGroup { account, group, user: user.entity(call)?.name })
    }
}

/// The operation.
pub(crate) struct ChangeMembership<M>(pub(crate) M);

impl<M: Membership> Steps for ChangeMembership<M> {
    const NAME: &'static str = operation(M::PERMISSION);
    const READ_ONLY: bool = false;
    type Input<'a> = (Subject, Subject);

    fn decode<'a>(request: &Request<'a>) -> Result<(Subject, Subject), AwsError> {
        read(request, |fields| {
            let group = Subject::read::<Groups>(fields);
            let user = Subject::read::<Users>(fields);
            (group, user)
        })
    }

    fn questions<'q>((group, _): &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![group.question(M::PERMISSION)]
    }

    fn parameters((group, user): &Self::Input<'_>, out: &mut Object<'_>) {
        group.show(out);
        user.show(out);
    }

    async fn perform((group, user): &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        Ok(changed(call, Self::NAME, M::change(group, user, call)?))
    }
}
