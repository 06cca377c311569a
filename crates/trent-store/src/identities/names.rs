//! Names, their folded form, and the refusals that name them.

use trent_types::{ChangeRefused, Entity, EntityKind, IdentityRefused};

use crate::session::Stop;

/// Names are ASCII; two that differ in case only are the same name.
pub(super) fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// There is nothing of this name.
pub(super) fn not_found(entity: &Entity) -> Stop {
    let name = &entity.name;
    let text = match entity.kind {
        EntityKind::User => format!("The user with name {name} cannot be found."),
        EntityKind::Group => format!("The group with name {name} cannot be found."),
        EntityKind::Role => format!("The role with name {name} cannot be found."),
        EntityKind::Policy => format!("Policy {name} was not found."),
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

/// The refusal as the end of the work.
pub(super) fn refused(why: IdentityRefused) -> Stop {
    ChangeRefused::from(why).into()
}
