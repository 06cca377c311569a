//! Which principals exist, as key policies and grants may name them.

use trent_policy::{Principal, PrincipalArn};

use crate::core::{Core, Unavailable};

/// Whether there is such a principal. Any account may be named, because the other accounts of a
/// partition are not known here; of users only those that are there.
pub(crate) async fn exists(core: &Core, principal: &Principal) -> Result<bool, Unavailable> {
    Ok(match principal {
        Principal::Anyone | Principal::Account { .. } | Principal::Service(_) => true,
        Principal::User(arn) => user_exists(core, arn).await?,
        Principal::Role(_)
        | Principal::RoleSession(_)
        | Principal::FederatedUser(_)
        | Principal::UniqueId(_)
        | Principal::Federated(_)
        | Principal::CanonicalUser(_) => false,
    })
}

async fn user_exists(core: &Core, arn: &PrincipalArn) -> Result<bool, Unavailable> {
    let (path, name) = arn.split();
    let found = core.store.user(arn.account, name).await?;
    // The store finds names without regard to case; a principal's ARN is written exactly.
    Ok(found.is_some_and(|(user, _)| user.name == name && user.path == path))
}
