//! IAM's things of the small world: who there is, and what belongs to whom.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use trent_types::{
    AccessKey, AccessKeyUsed, ChangeRefused, Entity, EntityKind, EntityRecord, IdentityChange,
    IdentityRefused, IdentityView, InlinePolicy, IssuedSession, Permit, PolicyVersion, RequestId,
    SecretBytes, SessionOf, SessionRefused, SessionRequest, SimulatedResult, Simulation, Tag,
    Timestamp, User,
};

use super::ports::ready;
use super::{ACCOUNT, NOW, World};
use crate::ports::*;

/// By kind and folded name. The root user is the one without a name.
type Place = (EntityKind, String);

/// Everything that IAM and STS know.
#[derive(Default)]
pub(crate) struct People {
    pub(crate) things: RefCell<BTreeMap<Place, IdentityView>>,
    pub(crate) members: RefCell<Vec<(String, String)>>,
    pub(crate) uses: RefCell<BTreeMap<String, AccessKeyUsed>>,
    /// What sessions were asked for.
    pub(crate) sessions: RefCell<Vec<SessionRequest>>,
    pub(crate) session_refused: RefCell<Option<SessionRefused>>,
    pub(crate) simulations: RefCell<Vec<Simulation>>,
    pub(crate) simulated: RefCell<Option<Simulated>>,
    /// How often the registry was read.
    pub(crate) reads: Cell<usize>,
}

fn folded(entity: &Entity) -> Place {
    (entity.kind, entity.name.to_ascii_lowercase())
}

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
                let entity = change.entity().unwrap_or_else(root);
                self.on(&entity, |user| {
                    if user.access_keys.len() == 2 {
                        let text = "Cannot exceed quota for AccessKeysPerUser: 2";
                        return Err(IdentityRefused::LimitExceeded(text.to_owned()).into());
                    }
                    user.access_keys.push(access_key.clone());
                    Ok(())
                })
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
            | IdentityChange::Detach { .. }
            | IdentityChange::CreatePolicyVersion { .. }
            | IdentityChange::DeletePolicyVersion { .. }
            | IdentityChange::SetDefaultPolicyVersion { .. } => {
                self.on(&change.entity().unwrap(), |view| change_view(view, change))
            }
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

    fn found(&self, entity: &Entity) -> Option<IdentityView> {
        self.people.reads.set(self.people.reads.get() + 1);
        let things = self.people.things.borrow();
        let mut view = things.get(&folded(entity))?.clone();
        let members = self.people.members.borrow();
        let groups =
            members.iter().filter(|(_, user)| *user == entity.name).map(|(group, _)| match &things
                [&(EntityKind::Group, group.to_ascii_lowercase())]
                .record
            {
                EntityRecord::Group(group) => group.clone(),
                _ => panic!("a group is something else"),
            });
        view.groups = groups.collect();
        let arn = view.record.arn(trent_types::Partition::Aws);
        if let EntityRecord::Policy(policy) = &mut view.record {
            let holds = |view: &&IdentityView| view.attached.contains(&arn);
            let bounded = |view: &&IdentityView| view.boundary.as_ref() == Some(&arn);
            policy.attachments = things.values().filter(holds).count() as u32;
            policy.boundary_of = things.values().filter(bounded).count() as u32;
        }
        Some(view)
    }
}

fn root() -> Entity {
    entity(EntityKind::User, "")
}

fn entity(kind: EntityKind, name: &str) -> Entity {
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
        _ => change_versions(view, change)?,
    }
    Ok(())
}

fn change_versions(view: &mut IdentityView, change: &IdentityChange) -> Result<(), ChangeRefused> {
    let EntityRecord::Policy(policy) = &mut view.record else { panic!("not a policy") };
    let there = |number: &u32| view.versions.iter().any(|version| version.number == *number);
    match change {
        IdentityChange::CreatePolicyVersion { version, set_default, .. } => {
            if version.number != policy.latest_version + 1 {
                return Err(ChangeRefused::Conflict);
            }
            policy.latest_version = version.number;
            if *set_default {
                policy.default_version = version.number;
            }
            view.versions.push(version.clone());
        }
        IdentityChange::DeletePolicyVersion { number, .. } if there(number) => {
            if policy.default_version == *number {
                let text = "Cannot delete the default version of a policy.";
                return Err(IdentityRefused::DeleteConflict(text.to_owned()).into());
            }
            view.versions.retain(|version| version.number != *number);
        }
        IdentityChange::SetDefaultPolicyVersion { number, .. } if there(number) => {
            policy.default_version = *number;
        }
        _ => {
            let text = "Policy version does not exist.";
            return Err(IdentityRefused::NoSuchEntity(text.to_owned()).into());
        }
    }
    Ok(())
}

/// The first `limit`, and whether there are more.
fn page<T>(mut all: Vec<T>, limit: u32) -> (Vec<T>, bool) {
    let more = all.len() > limit as usize;
    all.truncate(limit as usize);
    (all, more)
}

impl Identities for World {
    fn identity<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        entity: &'a Entity,
    ) -> PortFuture<'a, Result<Option<IdentityView>, Unavailable>> {
        ready(Ok(self.found(entity)))
    }

    fn entities<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        kind: EntityKind,
        path_prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<EntityPage, Unavailable>> {
        let places: Vec<Entity> =
            self.people.things.borrow().values().map(|view| view.record.entity()).collect();
        let all = places
            .iter()
            .filter(|entity| entity.kind == kind && Some(&*folded(entity).1) > after)
            .filter(|entity| !entity.name.is_empty())
            .filter_map(|entity| self.found(entity).map(|view| view.record))
            .filter(|record| record.path().starts_with(path_prefix))
            .collect();
        ready(Ok(page(all, limit)))
    }

    fn group_members<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        group: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<User>, bool), Unavailable>> {
        let members = self.people.members.borrow();
        let mut names: Vec<&String> =
            members.iter().filter(|(of, _)| of == group).map(|(_, user)| user).collect();
        names.sort();
        let users = names.into_iter().filter(|name| Some(&*name.to_ascii_lowercase()) > after);
        let users = users.map(|name| {
            match self.found(&entity(EntityKind::User, name)).map(|view| view.record) {
                Some(EntityRecord::User(user)) => user,
                _ => panic!("a member is no user"),
            }
        });
        ready(Ok(page(users.collect(), limit)))
    }

    fn policy_entities<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        policy_arn: &'a str,
        after: Option<(&'a Entity, bool)>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<PolicyEntity>, bool), Unavailable>> {
        let things = self.people.things.borrow();
        let attached = things.values().filter(|v| v.attached.iter().any(|arn| arn == policy_arn));
        let bounded = things.values().filter(|v| v.boundary.as_deref() == Some(policy_arn));
        let both = attached.map(|v| (v, false)).chain(bounded.map(|v| (v, true)));
        let after = after.map(|(entity, as_boundary)| (as_boundary, folded(entity)));
        let all = both
            .filter(|(v, as_boundary)| Some((*as_boundary, folded(&v.record.entity()))) > after)
            .map(|(v, as_boundary)| (v.record.clone(), as_boundary))
            .collect();
        ready(Ok(page(all, limit)))
    }

    fn access_key_use<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Result<Option<(AccessKey, Option<AccessKeyUsed>)>, Unavailable>> {
        let things = self.people.things.borrow();
        let mut keys = things.values().flat_map(|view| &view.access_keys);
        let key = keys.find(|key| key.access_key_id == access_key_id).cloned();
        let used = self.people.uses.borrow().get(access_key_id).cloned();
        ready(Ok(key.map(|key| (key, used))))
    }

    fn simulate<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        simulation: &'a Simulation,
    ) -> PortFuture<'a, Result<Simulated, Unavailable>> {
        self.people.simulations.borrow_mut().push(simulation.clone());
        let none: Vec<SimulatedResult> = Vec::new();
        ready(Ok(self.people.simulated.borrow().clone().unwrap_or(Ok(none))))
    }

    fn issue_session<'a>(
        &'a self,
        _: RequestId,
        permit: &'a Permit,
        session: &'a SessionRequest,
    ) -> PortFuture<'a, Result<Result<IssuedSession, SessionRefused>, Unavailable>> {
        let of_role = session.of != SessionOf::Caller;
        let permission: &[u8] = if of_role { b"sts:AssumeRole" } else { b"sts:GetSessionToken" };
        assert_eq!(permit.as_wire(), permission);
        self.people.sessions.borrow_mut().push(session.clone());
        if let Some(refused) = self.people.session_refused.borrow_mut().take() {
            return ready(Ok(Err(refused)));
        }
        let issued = IssuedSession {
            access_key_id: "ASIAAAAAAAAAAAAAAAAA".to_owned(),
            secret: SecretBytes::new(vec![b't'; 40]),
            token: "sealed-token".to_owned(),
            expires_at: Timestamp::from_millis(NOW)
                .plus_millis(i64::from(session.duration_seconds) * 1000),
            role_id: of_role.then(|| "AROAAAAAAAAAAAAAAAAAA".to_owned()),
            packed_policy_percent: session.policy.as_ref().map(|_| 6),
        };
        ready(Ok(Ok(issued)))
    }
}
