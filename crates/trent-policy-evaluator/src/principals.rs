//! Which principals exist, as policies and grants may name them; and their unique ids, as which
//! policies are stored.
//!
//! A user or role stands in a stored policy by its unique id, so that one that is made later under
//! the same name has nothing of what was its predecessor's (IAM User Guide, "AWS JSON policy
//! elements: Principal"). Whoever reads the policy sees ARNs; the id of one that is gone stays.

use std::collections::HashMap;

use trent_policy::{Principal, PrincipalArn, rewrite_principals};
use trent_types::{Entity, EntityKind, EntityRecord, Partition};

use crate::core::{Core, Unavailable};

/// Whether there is such a principal: accounts, users and roles that are there, sessions of roles
/// that are, everyone, and services, which are taken at their word.
pub(crate) async fn exists(core: &Core, principal: &Principal) -> Result<bool, Unavailable> {
    Ok(match principal {
        Principal::Anyone | Principal::Service(_) => true,
        Principal::Account { account, .. } => core.standing.has_account(*account),
        Principal::User(arn) => id_of(core, arn, EntityKind::User).await?.is_some(),
        Principal::Role(arn) => id_of(core, arn, EntityKind::Role).await?.is_some(),
        Principal::RoleSession(arn) => {
            let (role, _) = arn.split();
            let name = role.trim_matches('/').to_owned();
            let entity = Entity { account: arn.account, kind: EntityKind::Role, name };
            let found = core.principal_now(&entity).await?;
            found.is_some_and(|role| role.record.entity() == entity)
        }
        Principal::UniqueId(id) => {
            let ids = [id.to_string()];
            !core.store.by_unique_ids(&ids).await?.is_empty()
        }
        Principal::FederatedUser(_) | Principal::Federated(_) | Principal::CanonicalUser(_) => {
            false
        }
    })
}

/// The unique id of the user or role that an ARN names exactly, path and case included.
async fn id_of(
    core: &Core,
    arn: &PrincipalArn,
    kind: EntityKind,
) -> Result<Option<String>, Unavailable> {
    let (path, name) = arn.split();
    let entity = Entity { account: arn.account, kind, name: name.to_owned() };
    let found = core.principal_now(&entity).await?;
    // The store finds names without regard to case; a principal's ARN is written exactly.
    let exact = |record: &EntityRecord| record.entity() == entity && record.path() == path;
    Ok(found.filter(|one| exact(&one.record)).map(|one| one.id().to_owned()))
}

/// The policy with users and roles by their unique ids.
pub(crate) async fn with_ids(core: &Core, text: &str) -> Result<String, Unavailable> {
    let mut ids = HashMap::new();
    for named in
        named(text, |principal| matches!(principal, Some(Principal::User(_) | Principal::Role(_))))
    {
        let id = match Principal::from_arn(&named) {
            Some(Principal::User(arn)) => id_of(core, &arn, EntityKind::User).await?,
            Some(Principal::Role(arn)) => id_of(core, &arn, EntityKind::Role).await?,
            _ => None,
        };
        if let Some(id) = id {
            ids.insert(named, id);
        }
    }
    Ok(replaced(text, &ids))
}

/// The policies with the ARNs of users and roles that are still there.
pub(crate) async fn with_arns(
    core: &Core,
    texts: Vec<&mut String>,
    partition: Partition,
) -> Result<(), Unavailable> {
    let mut ids = Vec::new();
    for text in &texts {
        ids.extend(named(text, |principal| matches!(principal, Some(Principal::UniqueId(_)))));
    }
    if ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    ids.dedup();
    let mut arns = HashMap::new();
    for part in ids.chunks(IDS_MAX) {
        for record in core.store.by_unique_ids(part).await? {
            arns.insert(record.id().to_owned(), record.arn(partition));
        }
    }
    for text in texts {
        *text = replaced(text, &arns);
    }
    Ok(())
}

/// Unique ids that are searched for at a time.
const IDS_MAX: usize = 200;

/// The principals of a policy that are of a kind, each once.
fn named(text: &str, is_wanted: impl Fn(Option<Principal>) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    // A text that is no policy names nobody.
    let _ = rewrite_principals(text, |principal| {
        if is_wanted(Principal::aws(principal).ok()) && !found.iter().any(|one| one == principal) {
            found.push(principal.to_owned());
        }
        None
    });
    found
}

fn replaced(text: &str, by: &HashMap<String, String>) -> String {
    if by.is_empty() {
        return text.to_owned();
    }
    rewrite_principals(text, |principal| by.get(principal).cloned())
        .unwrap_or_else(|_| text.to_owned())
}

/// The first principal of a policy that does not exist, as the policy writes it; the outer `None`:
/// all exist.
pub(crate) async fn first_missing(core: &Core, text: &str) -> Result<Option<String>, Unavailable> {
    for named in named(text, |_| true) {
        let exists = match Principal::aws(&named) {
            Ok(principal) => exists(core, &principal).await?,
            Err(_) => false,
        };
        if !exists {
            return Ok(Some(named));
        }
    }
    Ok(None)
}
