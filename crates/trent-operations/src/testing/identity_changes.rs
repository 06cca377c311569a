//! Changes of the small world's users, groups, roles and policies, and why some are refused.

use trent_types::{
    AccessKey, ChangeRefused, Entity, EntityKind, EntityRecord, IdentityChange, IdentityRefused,
    IdentityView, InlinePolicy, ManagedPolicy, PolicyVersion, Tag,
};

use super::identities::folded;
use super::{ACCOUNT, World};

fn view(record: EntityRecord, tags: Vec<Tag>, boundary: Option<String>) -> IdentityView {
    IdentityView {
        record,
        tags,
        boundary,
        inline: Vec::new(),
        attached: Vec::new(),
        groups: Vec::new(),
        access_keys: Vec::new(),
        versions: Vec::new(),
    }
}

fn missing(entity: &Entity) -> ChangeRefused {
    let (kind, name) = (entity.kind.as_str(), &entity.name);
    IdentityRefused::NoSuchEntity(format!("The {kind} with name {name} cannot be found.")).into()
}

impl World {
    /// Makes a change of IAM's things, or says why not.
    pub(super) fn change_identity(&self, change: &IdentityChange) -> Result<(), ChangeRefused> {
        match change {
            IdentityChange::CreateUser { user, tags, boundary } => {
                let record = EntityRecord::User(user.clone());
                self.add(view(record, tags.clone(), boundary.clone()))
            }
            IdentityChange::CreateGroup(group) => {
                self.add(view(EntityRecord::Group(group.clone()), Vec::new(), None))
            }
            IdentityChange::CreateRole { role, tags, boundary } => {
                let record = EntityRecord::Role(role.clone());
                self.add(view(record, tags.clone(), boundary.clone()))
            }
            IdentityChange::CreatePolicy { policy, document, tags } => {
                let (document, created_at) = (document.clone(), policy.created_at);
                let mut new = view(EntityRecord::Policy(policy.clone()), tags.clone(), None);
                new.versions.push(PolicyVersion { number: 1, document, created_at });
                self.add(new)
            }
            IdentityChange::Delete(entity) => self.delete(entity),
            IdentityChange::Rename { entity, name, path } => self.rename(entity, name, path),
            IdentityChange::AddToGroup { group, user, .. } => {
                self.group(group, user, |members, pair| members.push(pair))
            }
            IdentityChange::RemoveFromGroup { group, user, .. } => {
                self.group(group, user, |members, pair| members.retain(|one| *one != pair))
            }
            IdentityChange::CreateAccessKey { access_key, .. } => {
                self.on(&change.entity().unwrap_or_else(root), |user| add_key(user, access_key))
            }
            IdentityChange::UpdateAccessKey { access_key_id, status, .. } => {
                let entity = change.entity().unwrap_or_else(root);
                self.on_key(&entity, access_key_id, |keys, at| keys[at].status = *status)
            }
            IdentityChange::DeleteAccessKey { access_key_id, .. } => {
                let entity = change.entity().unwrap_or_else(root);
                self.on_key(&entity, access_key_id, |keys, at| drop(keys.remove(at)))
            }
            IdentityChange::UpdateRole { .. }
            | IdentityChange::SetTrustPolicy { .. }
            | IdentityChange::SetBoundary { .. }
            | IdentityChange::Tag { .. }
            | IdentityChange::Untag { .. }
            | IdentityChange::PutInlinePolicy { .. }
            | IdentityChange::DeleteInlinePolicy { .. }
            | IdentityChange::Attach { .. }
            | IdentityChange::Detach { .. } => {
                self.on(&change.entity().unwrap(), |view| change_view(view, change))
            }
            IdentityChange::CreatePolicyVersion { policy, version, set_default } => {
                self.on(policy, |view| add_version(view, version, *set_default))
            }
            IdentityChange::DeletePolicyVersion { policy, number } => self.on(policy, |view| {
                if policy_with(view, *number)?.default_version == *number {
                    let text = "Cannot delete the default version of a policy.";
                    return Err(IdentityRefused::DeleteConflict(text.to_owned()).into());
                }
                view.versions.retain(|version| version.number != *number);
                Ok(())
            }),
            IdentityChange::SetDefaultPolicyVersion { policy, number } => self.on(policy, |view| {
                policy_with(view, *number)?.default_version = *number;
                Ok(())
            }),
        }
    }

    fn add(&self, new: IdentityView) -> Result<(), ChangeRefused> {
        let entity = new.record.entity();
        if self.people.things.borrow().contains_key(&folded(&entity)) {
            let kind = match entity.kind {
                EntityKind::User => "User",
                EntityKind::Group => "Group",
                EntityKind::Role => "Role",
                EntityKind::Policy => "Policy",
            };
            let text = format!("{kind} with name {} already exists.", entity.name);
            return Err(IdentityRefused::AlreadyExists(text).into());
        }
        self.people.things.borrow_mut().insert(folded(&entity), new);
        Ok(())
    }

    fn delete(&self, entity: &Entity) -> Result<(), ChangeRefused> {
        self.on(entity, |view| {
            let left = if !view.attached.is_empty() {
                "must detach all policies first"
            } else if !view.inline.is_empty() {
                "must delete policies first"
            } else if !view.access_keys.is_empty() {
                "must delete access keys first"
            } else {
                return Ok(());
            };
            let text = format!("Cannot delete entity, {left}.");
            Err(IdentityRefused::DeleteConflict(text).into())
        })?;
        self.people.things.borrow_mut().remove(&folded(entity));
        Ok(())
    }

    fn rename(
        &self,
        entity: &Entity,
        name: &Option<String>,
        path: &Option<String>,
    ) -> Result<(), ChangeRefused> {
        self.on(entity, |_| Ok(()))?;
        let mut view = self.people.things.borrow_mut().remove(&folded(entity)).unwrap();
        let (old_name, old_path) = match &mut view.record {
            EntityRecord::User(user) => (&mut user.name, &mut user.path),
            EntityRecord::Group(group) => (&mut group.name, &mut group.path),
            EntityRecord::Role(_) | EntityRecord::Policy(_) => panic!("it keeps its name"),
        };
        if let Some(name) = name {
            old_name.clone_from(name);
        }
        if let Some(path) = path {
            old_path.clone_from(path);
        }
        self.add(view)
    }

    fn group(
        &self,
        group: &str,
        user: &str,
        change: impl FnOnce(&mut Vec<(String, String)>, (String, String)),
    ) -> Result<(), ChangeRefused> {
        for (kind, name) in [(EntityKind::Group, group), (EntityKind::User, user)] {
            self.on(&entity(kind, name), |_| Ok(()))?;
        }
        change(&mut self.people.members.borrow_mut(), (group.to_owned(), user.to_owned()));
        Ok(())
    }

    fn on(
        &self,
        entity: &Entity,
        change: impl FnOnce(&mut IdentityView) -> Result<(), ChangeRefused>,
    ) -> Result<(), ChangeRefused> {
        let mut things = self.people.things.borrow_mut();
        change(things.get_mut(&folded(entity)).ok_or_else(|| missing(entity))?)
    }

    fn on_key(
        &self,
        entity: &Entity,
        id: &str,
        change: impl FnOnce(&mut Vec<AccessKey>, usize),
    ) -> Result<(), ChangeRefused> {
        self.on(entity, |user| {
            let Some(at) = user.access_keys.iter().position(|key| key.access_key_id == id) else {
                let text = format!("The Access Key with id {id} cannot be found");
                return Err(IdentityRefused::NoSuchEntity(text).into());
            };
            change(&mut user.access_keys, at);
            Ok(())
        })
    }
}

fn root() -> Entity {
    entity(EntityKind::User, "")
}

pub(super) fn entity(kind: EntityKind, name: &str) -> Entity {
    Entity { account: ACCOUNT.parse().unwrap(), kind, name: name.to_owned() }
}

fn change_view(view: &mut IdentityView, change: &IdentityChange) -> Result<(), ChangeRefused> {
    match change {
        IdentityChange::UpdateRole { description, max_session_seconds, .. } => {
            let EntityRecord::Role(role) = &mut view.record else { panic!("not a role") };
            if let Some(text) = description {
                role.description.clone_from(text);
            }
            role.max_session_seconds = max_session_seconds.unwrap_or(role.max_session_seconds);
        }
        IdentityChange::SetTrustPolicy { document, .. } => {
            let EntityRecord::Role(role) = &mut view.record else { panic!("not a role") };
            role.trust_policy.clone_from(document);
        }
        IdentityChange::SetBoundary { policy_arn, .. } => view.boundary.clone_from(policy_arn),
        IdentityChange::Tag { tags, .. } => {
            view.tags.retain(|old| !tags.iter().any(|new| new.key == old.key));
            view.tags.extend(tags.iter().cloned());
            view.tags.sort_by(|a, b| a.key.cmp(&b.key));
        }
        IdentityChange::Untag { tag_keys, .. } => {
            view.tags.retain(|tag| !tag_keys.contains(&tag.key));
        }
        IdentityChange::PutInlinePolicy { name, document, .. } => {
            view.inline.retain(|policy| policy.name != *name);
            view.inline.push(InlinePolicy { name: name.clone(), document: document.clone() });
        }
        IdentityChange::DeleteInlinePolicy { name, .. } => {
            let before = view.inline.len();
            view.inline.retain(|policy| policy.name != *name);
            if view.inline.len() == before {
                let kind = view.record.entity().kind.as_str();
                let text = format!("The {kind} policy with name {name} cannot be found.");
                return Err(IdentityRefused::NoSuchEntity(text).into());
            }
        }
        IdentityChange::Attach { policy_arn, .. } => view.attached.push(policy_arn.clone()),
        IdentityChange::Detach { policy_arn, .. } => {
            let before = view.attached.len();
            view.attached.retain(|arn| arn != policy_arn);
            if view.attached.len() == before {
                let text = format!("Policy {policy_arn} was not found.");
                return Err(IdentityRefused::NoSuchEntity(text).into());
            }
        }
        IdentityChange::CreateUser { .. }
        | IdentityChange::CreateGroup(_)
        | IdentityChange::CreateRole { .. }
        | IdentityChange::CreatePolicy { .. }
        | IdentityChange::Rename { .. }
        | IdentityChange::Delete(_)
        | IdentityChange::AddToGroup { .. }
        | IdentityChange::RemoveFromGroup { .. }
        | IdentityChange::CreateAccessKey { .. }
        | IdentityChange::UpdateAccessKey { .. }
        | IdentityChange::DeleteAccessKey { .. }
        | IdentityChange::CreatePolicyVersion { .. }
        | IdentityChange::DeletePolicyVersion { .. }
        | IdentityChange::SetDefaultPolicyVersion { .. } => panic!("another kind of change"),
    }
    Ok(())
}

fn add_version(
    view: &mut IdentityView,
    version: &PolicyVersion,
    set_default: bool,
) -> Result<(), ChangeRefused> {
    let EntityRecord::Policy(policy) = &mut view.record else { panic!("not a policy") };
    if version.number != policy.latest_version + 1 {
        return Err(ChangeRefused::Conflict);
    }
    policy.latest_version = version.number;
    if set_default {
        policy.default_version = version.number;
    }
    view.versions.push(version.clone());
    Ok(())
}

fn add_key(user: &mut IdentityView, key: &AccessKey) -> Result<(), ChangeRefused> {
    if user.access_keys.len() == 2 {
        let text = "Cannot exceed quota for AccessKeysPerUser: 2";
        return Err(IdentityRefused::LimitExceeded(text.to_owned()).into());
    }
    user.access_keys.push(key.clone());
    Ok(())
}

/// The policy, where it has the version.
fn policy_with(view: &mut IdentityView, number: u32) -> Result<&mut ManagedPolicy, ChangeRefused> {
    let EntityRecord::Policy(policy) = &mut view.record else { panic!("not a policy") };
    if view.versions.iter().any(|version| version.number == number) {
        return Ok(policy);
    }
    let text = "Policy version does not exist.";
    Err(IdentityRefused::NoSuchEntity(text.to_owned()).into())
}
