//! Users, groups, roles, policies and access keys to store.

use trent_store::{Committed, RegistryStore};
use trent_types::{
    AccessKey, AccessKeyStatus, Change, ChangeRefused, Entity, EntityKind, Group, IdentityChange,
    IdentityRefused, IdentityView, ManagedPolicy, PolicyVersion, Role, Tag, User,
};

use super::samples::{NOW, account, commit, make};

pub(crate) const USER: EntityKind = EntityKind::User;
pub(crate) const GROUP: EntityKind = EntityKind::Group;
pub(crate) const ROLE: EntityKind = EntityKind::Role;
pub(crate) const POLICY: EntityKind = EntityKind::Policy;

/// One of AWS's own policies.
pub(crate) const OF_AWS: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

pub(crate) fn user(name: &str) -> User {
    User {
        account: account(),
        path: "/team/".to_owned(),
        name: name.to_owned(),
        user_id: format!("AIDA{name}"),
        created_at: NOW,
    }
}

pub(crate) fn group(name: &str) -> Group {
    Group {
        account: account(),
        path: "/".to_owned(),
        name: name.to_owned(),
        group_id: format!("AGPA{name}"),
        created_at: NOW,
    }
}

pub(crate) fn role(name: &str) -> Role {
    Role {
        account: account(),
        path: "/service/".to_owned(),
        name: name.to_owned(),
        role_id: format!("AROA{name}"),
        created_at: NOW,
        description: "für Ünicode".to_owned(),
        max_session_seconds: 3_600,
        trust_policy: "{\"trust\":1}".to_owned(),
    }
}

pub(crate) fn policy(name: &str) -> ManagedPolicy {
    ManagedPolicy {
        account: account(),
        path: "/".to_owned(),
        name: name.to_owned(),
        policy_id: format!("ANPA{name}"),
        created_at: NOW,
        updated_at: NOW,
        description: "what it is for".to_owned(),
        default_version: 1,
        latest_version: 1,
        attachments: 0,
        boundary_of: 0,
    }
}

pub(crate) fn policy_arn(name: &str) -> String {
    format!("arn:aws:iam::111122223333:policy/{name}")
}

pub(crate) fn access_key(id: &str, user_name: Option<&str>) -> AccessKey {
    AccessKey {
        access_key_id: id.to_owned(),
        account: account(),
        user_name: user_name.map(str::to_owned),
        status: AccessKeyStatus::Active,
        created_at: NOW,
    }
}

pub(crate) fn entity(kind: EntityKind, name: &str) -> Entity {
    Entity { account: account(), kind, name: name.to_owned() }
}

pub(crate) fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

pub(crate) fn create_user(name: &str) -> IdentityChange {
    IdentityChange::CreateUser { user: user(name), tags: Vec::new(), boundary: None }
}

pub(crate) fn create_group(name: &str) -> IdentityChange {
    IdentityChange::CreateGroup(group(name))
}

pub(crate) fn create_role(name: &str) -> IdentityChange {
    IdentityChange::CreateRole { role: role(name), tags: Vec::new(), boundary: None }
}

/// Its document says its name.
pub(crate) fn create_policy(name: &str) -> IdentityChange {
    let document = format!("{{\"of\":\"{name}\"}}");
    IdentityChange::CreatePolicy { policy: policy(name), document, tags: Vec::new() }
}

pub(crate) fn create_access_key(id: &str, user_name: Option<&str>) -> IdentityChange {
    let access_key = access_key(id, user_name);
    IdentityChange::CreateAccessKey { access_key, sealed_secret: b"sealed".to_vec() }
}

pub(crate) fn add_to_group(group: &str, user: &str) -> IdentityChange {
    let (group, user) = (group.to_owned(), user.to_owned());
    IdentityChange::AddToGroup { account: account(), group, user }
}

pub(crate) fn remove_from_group(group: &str, user: &str) -> IdentityChange {
    let (group, user) = (group.to_owned(), user.to_owned());
    IdentityChange::RemoveFromGroup { account: account(), group, user }
}

pub(crate) fn attach(kind: EntityKind, name: &str, policy_arn: &str) -> IdentityChange {
    IdentityChange::Attach { entity: entity(kind, name), policy_arn: policy_arn.to_owned() }
}

pub(crate) fn detach(kind: EntityKind, name: &str, policy_arn: &str) -> IdentityChange {
    IdentityChange::Detach { entity: entity(kind, name), policy_arn: policy_arn.to_owned() }
}

pub(crate) fn bound(kind: EntityKind, name: &str, policy_arn: Option<&str>) -> IdentityChange {
    let policy_arn = policy_arn.map(str::to_owned);
    IdentityChange::SetBoundary { entity: entity(kind, name), policy_arn }
}

pub(crate) fn put_inline(
    kind: EntityKind,
    owner: &str,
    name: &str,
    document: &str,
) -> IdentityChange {
    let (name, document) = (name.to_owned(), document.to_owned());
    IdentityChange::PutInlinePolicy { entity: entity(kind, owner), name, document }
}

pub(crate) fn delete_inline(kind: EntityKind, owner: &str, name: &str) -> IdentityChange {
    IdentityChange::DeleteInlinePolicy { entity: entity(kind, owner), name: name.to_owned() }
}

pub(crate) fn delete(kind: EntityKind, name: &str) -> IdentityChange {
    IdentityChange::Delete(entity(kind, name))
}

pub(crate) fn rename(kind: EntityKind, name: &str, new: &str) -> IdentityChange {
    IdentityChange::Rename { entity: entity(kind, name), name: Some(new.to_owned()), path: None }
}

pub(crate) fn version(number: u32) -> PolicyVersion {
    PolicyVersion { number, document: format!("{{\"v\":{number}}}"), created_at: NOW }
}

pub(crate) fn create_version(policy: &str, number: u32, set_default: bool) -> IdentityChange {
    let policy = entity(POLICY, policy);
    IdentityChange::CreatePolicyVersion { policy, version: version(number), set_default }
}

/// Commits a change of identities as a request of its own.
pub(crate) async fn attempt(store: &impl RegistryStore, change: IdentityChange) -> Committed {
    commit(store, &Change::Identity(change)).await
}

/// Commits changes of identities that must succeed, one after the other.
pub(crate) async fn make_all(
    store: &impl RegistryStore,
    changes: impl IntoIterator<Item = IdentityChange>,
) {
    for change in changes {
        make(store, &Change::Identity(change)).await;
    }
}

pub(crate) fn refused(why: IdentityRefused) -> Committed {
    Committed::Refused(ChangeRefused::Identity(why))
}

pub(crate) fn missing(text: &str) -> Committed {
    refused(IdentityRefused::NoSuchEntity(text.to_owned()))
}

pub(crate) fn exists(text: &str) -> Committed {
    refused(IdentityRefused::AlreadyExists(text.to_owned()))
}

pub(crate) fn in_use(text: &str) -> Committed {
    refused(IdentityRefused::DeleteConflict(text.to_owned()))
}

pub(crate) fn too_many(text: &str) -> Committed {
    refused(IdentityRefused::LimitExceeded(text.to_owned()))
}

/// What there is of this name, which must be there.
pub(crate) async fn view(store: &impl RegistryStore, kind: EntityKind, name: &str) -> IdentityView {
    store.identity(&entity(kind, name)).await.unwrap().unwrap()
}
