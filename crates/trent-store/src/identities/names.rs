//! Names, their folded form, and the refusals that name them.

use trent_types::{ChangeRefused, Entity, EntityKind, IdentityRefused, Partition};

use crate::session::{Param, Stop};

/// Names are ASCII; two that differ in case only are the same name.
pub(super) fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// The parameters that name the owner of something: account, kind, folded name.
pub(super) fn owner_params<'a>(entity: &'a Entity, folded: &'a str) -> [Param<'a>; 3] {
    [Param::Text(entity.account.as_str()), Param::Text(entity.kind.as_str()), Param::Text(folded)]
}

/// As quotas name the kind, in the singular and the plural.
pub(super) const fn of_quota(kind: EntityKind) -> (&'static str, &'static str) {
    match kind {
        EntityKind::User => ("User", "Users"),
        EntityKind::Group => ("Group", "Groups"),
        EntityKind::Role => ("Role", "Roles"),
        EntityKind::Policy => ("Policy", "Policies"),
    }
}

/// There is nothing of this name. Of a policy the store knows neither path nor partition: whoever
/// asked looked the policy up by its ARN before, and says what the ARN was.
pub(super) fn not_found(entity: &Entity) -> Stop {
    let name = &entity.name;
    let text = match entity.kind {
        EntityKind::User => format!("The user with name {name} cannot be found."),
        EntityKind::Group => format!("The group with name {name} cannot be found."),
        EntityKind::Role => format!("The role with name {name} cannot be found."),
        EntityKind::Policy => format!("Policy {} was not found.", likely_arn(entity, "/")),
    };
    refused(IdentityRefused::NoSuchEntity(text))
}

/// The name is taken.
pub(super) fn taken(entity: &Entity) -> Stop {
    let name = &entity.name;
    let text = match entity.kind {
        EntityKind::User => format!("User with name {name} already exists."),
        EntityKind::Group => format!("Group with name {name} already exists."),
        EntityKind::Role => format!("Role with name {name} already exists."),
        EntityKind::Policy => {
            format!("A policy called {name} already exists. Duplicate names are not allowed.")
        }
    };
    refused(IdentityRefused::AlreadyExists(text))
}

/// The ARN in the partition in which most deployments are.
pub(super) fn likely_arn(entity: &Entity, path: &str) -> String {
    entity.arn(Partition::Aws, path)
}

/// Refuses when more than `limit` are there. `what` is counted.
pub(super) fn within(used: u64, limit: u64, what: &str) -> Result<(), Stop> {
    if used <= limit {
        return Ok(());
    }
    let text = format!("Cannot exceed quota for {what}: {limit}");
    Err(refused(IdentityRefused::LimitExceeded(text)))
}

/// The refusal as the end of the work.
pub(super) fn refused(why: IdentityRefused) -> Stop {
    ChangeRefused::from(why).into()
}
