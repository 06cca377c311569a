//! Users, groups, roles and policies in memory.

use async_trait::async_trait;
use trent_store::{
    AccessKeyOwner, IdentityStore, StoreError, StoredExplanation, StoredPolicy, StoredPrincipal,
};
use trent_types::{
    AccessKey, AccessKeyUsed, Account, AccountId, ChangeRefused, Entity, EntityKind, EntityRecord,
    IdentityChange, IdentityRefused, IdentityView, InlinePolicy, PolicyVersion, RequestId, Service,
    Tag, Timestamp, User,
};

use super::changes::keep_key;
use super::{FakeStore, State};

/// One of IAM's things with what belongs to it.
#[derive(Clone)]
pub(in crate::tests) struct FakeThing {
    pub(in crate::tests) record: EntityRecord,
    pub(in crate::tests) tags: Vec<Tag>,
    pub(in crate::tests) boundary: Option<String>,
    pub(in crate::tests) inline: Vec<InlinePolicy>,
    pub(in crate::tests) attached: Vec<String>,
    pub(in crate::tests) groups: Vec<String>,
    pub(in crate::tests) versions: Vec<PolicyVersion>,
}

impl FakeThing {
    pub(in crate::tests) const fn new(record: EntityRecord) -> Self {
        Self {
            record,
            tags: Vec::new(),
            boundary: None,
            inline: Vec::new(),
            attached: Vec::new(),
            groups: Vec::new(),
            versions: Vec::new(),
        }
    }

    /// The same with an inline policy of this name.
    pub(in crate::tests) fn with(mut self, name: &str, document: &str) -> Self {
        self.inline.push(InlinePolicy { name: name.into(), document: document.into() });
        self
    }
}

fn is(thing: &FakeThing, entity: &Entity) -> bool {
    let own = thing.record.entity();
    own.account == entity.account
        && own.kind == entity.kind
        && own.name.eq_ignore_ascii_case(&entity.name)
}

impl State {
    pub(in crate::tests) fn thing(&mut self, entity: &Entity) -> Option<&mut FakeThing> {
        self.things.iter_mut().find(|thing| is(thing, entity))
    }

    fn managed(&self, arn: &str) -> StoredPolicy {
        let found = self.things.iter().find(|thing| {
            thing.record.entity().kind == EntityKind::Policy
                && thing.record.arn(trent_types::Partition::Aws) == arn
        });
        let document =
            found.and_then(|thing| thing.versions.last()).map(|one| one.document.clone());
        StoredPolicy { source: arn.to_owned(), document }
    }
}

fn missing() -> ChangeRefused {
    ChangeRefused::Identity(IdentityRefused::NoSuchEntity("cannot be found".to_owned()))
}

fn rename(state: &mut State, entity: &Entity, name: &str) -> Option<()> {
    if let EntityRecord::User(user) = &mut state.thing(entity)?.record {
        user.name = name.to_owned();
    }
    let keys = state.access_keys.values_mut();
    for key in keys.filter(|key| key.access_key.user_name.as_ref() == Some(&entity.name)) {
        key.access_key.user_name = Some(name.to_owned());
        if let AccessKeyOwner::User(user) = &mut key.owner {
            user.name = name.to_owned();
        }
    }
    Some(())
}

fn apply_to_key(state: &mut State, change: &IdentityChange) -> Result<(), ChangeRefused> {
    match change {
        IdentityChange::CreateAccessKey { access_key, sealed_secret } => {
            let owner = match &access_key.user_name {
                None => AccessKeyOwner::Root,
                Some(name) => {
                    let account = access_key.account;
                    let user = Entity { account, kind: EntityKind::User, name: name.clone() };
                    match &state.thing(&user).ok_or_else(missing)?.record {
                        EntityRecord::User(user) => AccessKeyOwner::User(user.clone()),
                        _ => return Err(missing()),
                    }
                }
            };
            keep_key(state, access_key, owner, sealed_secret);
        }
        IdentityChange::UpdateAccessKey { access_key_id, status, .. } => {
            let key = state.access_keys.get_mut(access_key_id).ok_or_else(missing)?;
            key.access_key.status = *status;
        }
        IdentityChange::DeleteAccessKey { access_key_id, .. } => {
            state.access_keys.remove(access_key_id).ok_or_else(missing)?;
        }
        other => panic!("it is about no access key: {other:?}"),
    }
    Ok(())
}

fn add(state: &mut State, record: EntityRecord, tags: &[Tag], boundary: Option<&String>) {
    let mut thing = FakeThing::new(record);
    thing.tags = tags.to_vec();
    thing.boundary = boundary.cloned();
    state.things.push(thing);
}

pub(super) fn apply(state: &mut State, change: &IdentityChange) -> Result<(), ChangeRefused> {
    match change {
        IdentityChange::CreateUser { user, tags, boundary } => {
            add(state, EntityRecord::User(user.clone()), tags, boundary.as_ref());
        }
        IdentityChange::CreateGroup(group) => {
            add(state, EntityRecord::Group(group.clone()), &[], None);
        }
        IdentityChange::CreateRole { role, tags, boundary } => {
            add(state, EntityRecord::Role(role.clone()), tags, boundary.as_ref());
        }
        IdentityChange::CreatePolicy { policy, document, tags } => {
            add(state, EntityRecord::Policy(policy.clone()), tags, None);
            let (number, document) = (1, document.clone());
            let version = PolicyVersion { number, document, created_at: policy.created_at };
            state.things.last_mut().unwrap().versions.push(version);
        }
        IdentityChange::Rename { entity, name, .. } => {
            rename(state, entity, name.as_deref().unwrap()).ok_or_else(missing)?;
        }
        IdentityChange::Delete(entity) => {
            let before = state.things.len();
            state.things.retain(|thing| !is(thing, entity));
            if state.things.len() == before {
                return Err(missing());
            }
            state
                .access_keys
                .retain(|_, key| key.access_key.user_name.as_ref() != Some(&entity.name));
        }
        IdentityChange::SetTrustPolicy { role, document } => {
            let thing = state.thing(role).ok_or_else(missing)?;
            let EntityRecord::Role(role) = &mut thing.record else { return Err(missing()) };
            role.trust_policy.clone_from(document);
        }
        IdentityChange::SetBoundary { entity, policy_arn } => {
            state.thing(entity).ok_or_else(missing)?.boundary.clone_from(policy_arn);
        }
        IdentityChange::PutInlinePolicy { entity, name, document } => {
            let thing = state.thing(entity).ok_or_else(missing)?;
            thing.inline.retain(|one| one.name != *name);
            let (name, document) = (name.clone(), document.clone());
            thing.inline.push(InlinePolicy { name, document });
        }
        IdentityChange::DeleteInlinePolicy { entity, name } => {
            state.thing(entity).ok_or_else(missing)?.inline.retain(|one| one.name != *name);
        }
        IdentityChange::Attach { entity, policy_arn } => {
            state.thing(entity).ok_or_else(missing)?.attached.push(policy_arn.clone());
        }
        IdentityChange::Detach { entity, policy_arn } => {
            state.thing(entity).ok_or_else(missing)?.attached.retain(|one| one != policy_arn);
        }
        IdentityChange::AddToGroup { account, group, user } => {
            let user = Entity { account: *account, kind: EntityKind::User, name: user.clone() };
            state.thing(&user).ok_or_else(missing)?.groups.push(group.clone());
        }
        IdentityChange::CreateAccessKey { .. }
        | IdentityChange::UpdateAccessKey { .. }
        | IdentityChange::DeleteAccessKey { .. } => return apply_to_key(state, change),
        IdentityChange::UpdateRole { .. }
        | IdentityChange::Tag { .. }
        | IdentityChange::Untag { .. }
        | IdentityChange::RemoveFromGroup { .. }
        | IdentityChange::CreatePolicyVersion { .. }
        | IdentityChange::DeletePolicyVersion { .. }
        | IdentityChange::SetDefaultPolicyVersion { .. } => {}
    }
    Ok(())
}

#[async_trait]
impl IdentityStore for FakeStore {
    async fn identity(&self, entity: &Entity) -> Result<Option<IdentityView>, StoreError> {
        self.with(|state| {
            let thing = state.thing(entity)?.clone();
            Some(IdentityView {
                record: thing.record,
                tags: thing.tags,
                boundary: thing.boundary,
                inline: thing.inline,
                attached: thing.attached,
                groups: Vec::new(),
                access_keys: Vec::new(),
                versions: thing.versions,
            })
        })
    }

    async fn entities(
        &self,
        account: AccountId,
        kind: EntityKind,
        path_prefix: &str,
        _after: Option<&str>,
        _limit: u32,
    ) -> Result<(Vec<EntityRecord>, bool), StoreError> {
        self.with(|state| {
            let own = |record: &&EntityRecord| {
                let entity = record.entity();
                entity.account == account
                    && entity.kind == kind
                    && record.path().starts_with(path_prefix)
            };
            (state.things.iter().map(|thing| &thing.record).filter(own).cloned().collect(), false)
        })
    }

    async fn group_members(
        &self,
        account: AccountId,
        group: &str,
        _after: Option<&str>,
        _limit: u32,
    ) -> Result<(Vec<User>, bool), StoreError> {
        self.with(|state| {
            let members = state.things.iter().filter(|one| one.groups.iter().any(|g| g == group));
            let user = |thing: &FakeThing| match &thing.record {
                EntityRecord::User(user) if user.account == account => Some(user.clone()),
                _ => None,
            };
            (members.filter_map(user).collect(), false)
        })
    }

    async fn policy_entities(
        &self,
        account: AccountId,
        policy_arn: &str,
        _after: Option<(&Entity, bool)>,
        _limit: u32,
    ) -> Result<(Vec<(EntityRecord, bool)>, bool), StoreError> {
        self.with(|state| {
            let of = |thing: &&FakeThing| {
                thing.record.entity().account == account
                    && thing.attached.iter().any(|arn| arn == policy_arn)
            };
            let found = state.things.iter().filter(of);
            (found.map(|thing| (thing.record.clone(), false)).collect(), false)
        })
    }

    async fn principal(&self, entity: &Entity) -> Result<Option<StoredPrincipal>, StoreError> {
        self.with(|state| {
            state.principal_reads += 1;
            let thing = state.thing(entity)?.clone();
            let mut policies: Vec<StoredPolicy> = Vec::new();
            let inline = |prefix: &str, one: &InlinePolicy| StoredPolicy {
                source: [prefix, &one.name].concat(),
                document: Some(one.document.clone()),
            };
            policies.extend(thing.inline.iter().map(|one| inline("", one)));
            let mut attached = thing.attached.clone();
            for name in &thing.groups {
                let account = entity.account;
                let group = Entity { account, kind: EntityKind::Group, name: name.clone() };
                let Some(group) = state.thing(&group).cloned() else { continue };
                let prefix = [name, "/"].concat();
                policies.extend(group.inline.iter().map(|one| inline(&prefix, one)));
                attached.extend(group.attached);
            }
            policies.extend(attached.iter().map(|arn| state.managed(arn)));
            Some(StoredPrincipal {
                boundary: thing.boundary.as_ref().map(|arn| state.managed(arn)),
                record: thing.record,
                tags: thing.tags,
                policies,
            })
        })
    }

    async fn by_unique_ids(&self, ids: &[String]) -> Result<Vec<EntityRecord>, StoreError> {
        self.with(|state| {
            let records = state.things.iter().map(|thing| &thing.record);
            records.filter(|one| ids.iter().any(|id| id == one.id())).cloned().collect()
        })
    }

    async fn access_key_use(
        &self,
        id: &str,
    ) -> Result<Option<(AccessKey, Option<AccessKeyUsed>)>, StoreError> {
        self.with(|state| {
            let key = state.access_keys.get(id)?;
            Some((key.access_key.clone(), state.key_uses.get(id).cloned()))
        })
    }

    async fn note_access_key_uses(
        &self,
        uses: &[(String, AccessKeyUsed)],
    ) -> Result<(), StoreError> {
        self.with(|state| state.key_uses.extend(uses.iter().cloned()))
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.with(|state| state.accounts.clone())
    }

    async fn ensure_account(&self, account: &Account) -> Result<(), StoreError> {
        self.with(|state| {
            if !state.accounts.iter().any(|known| known.id == account.id) {
                state.accounts.push(account.clone());
            }
        })
    }

    async fn services(&self) -> Result<Vec<(Service, Vec<AccessKey>)>, StoreError> {
        self.with(|state| {
            let with_keys = |service: &Service| {
                let owner = AccessKeyOwner::Service(service.name.clone());
                let own = state.access_keys.values().filter(|key| key.owner == owner);
                (service.clone(), own.map(|key| key.access_key.clone()).collect())
            };
            state.services.iter().map(with_keys).collect()
        })
    }

    async fn put_explanations(
        &self,
        explanations: &[StoredExplanation],
        forget_before: Timestamp,
    ) -> Result<(), StoreError> {
        self.with(|state| {
            state.explanations.retain(|one| one.at >= forget_before);
            state.explanations.extend_from_slice(explanations);
        })
    }

    async fn explanations(&self, request: RequestId) -> Result<Vec<StoredExplanation>, StoreError> {
        self.with(|state| {
            let of = |one: &&StoredExplanation| one.request_id == request;
            state.explanations.iter().filter(of).cloned().collect()
        })
    }
}
