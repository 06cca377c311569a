//! Users, groups, roles, policies and access keys, and their changes.

use trent_types::{
    AccessKey, AccessKeyStatus, AccessKeyUsed, Caller, CallerKind, Entity, EntityKind,
    EntityRecord, Group, IdentityChange, IdentityView, InlinePolicy, ManagedPolicy, PolicyVersion,
    Role, Session, User, ViaService,
};

use super::*;
use crate::convert::entity_kind;

const KINDS: [EntityKind; 4] =
    [EntityKind::User, EntityKind::Group, EntityKind::Role, EntityKind::Policy];

pub(super) fn entity(kind: EntityKind) -> Entity {
    Entity { account: account(), kind, name: "Alice".into() }
}

fn user() -> User {
    User {
        account: account(),
        path: "/team/".into(),
        name: "alice".into(),
        user_id: "AIDAEXAMPLE".into(),
        created_at: Timestamp::from_millis(5),
    }
}

fn group() -> Group {
    Group {
        account: account(),
        path: "/".into(),
        name: "staff".into(),
        group_id: "AGPAEXAMPLE".into(),
        created_at: Timestamp::from_millis(6),
    }
}

fn role() -> Role {
    Role {
        account: account(),
        path: "/service/".into(),
        name: "ops".into(),
        role_id: "AROAEXAMPLE".into(),
        created_at: Timestamp::from_millis(7),
        description: "für Ünicode".into(),
        max_session_seconds: 43_200,
        trust_policy: "{\"trust\":1}".into(),
    }
}

fn policy() -> ManagedPolicy {
    ManagedPolicy {
        account: account(),
        path: "/x/".into(),
        name: "readers".into(),
        policy_id: "ANPAEXAMPLE".into(),
        created_at: Timestamp::from_millis(8),
        updated_at: Timestamp::from_millis(9),
        description: "what for".into(),
        default_version: 2,
        latest_version: 7,
        attachments: 3,
        boundary_of: 4,
    }
}

fn version() -> PolicyVersion {
    PolicyVersion { number: 7, document: "{}".into(), created_at: Timestamp::from_millis(9) }
}

fn access_key(user_name: Option<&str>, status: AccessKeyStatus) -> AccessKey {
    AccessKey {
        access_key_id: "AKIAEXAMPLE".into(),
        account: account(),
        user_name: user_name.map(Into::into),
        status,
        created_at: Timestamp::from_millis(6),
    }
}

/// One of each, and of those with parts that may be missing one without them.
#[expect(clippy::too_many_lines, reason = "one of each change")]
pub(super) fn changes() -> Vec<IdentityChange> {
    let arn = || String::from("arn:aws:iam::123456789012:policy/x/readers");
    let (alice, ops, readers) =
        (entity(EntityKind::User), entity(EntityKind::Role), entity(EntityKind::Policy));
    let text = |text: &str| Some(text.to_owned());
    let (account_id, group_name, user_name) = (account(), "staff", "alice");
    let access_key_id = || String::from("AKIAEXAMPLE");
    vec![
        IdentityChange::CreateUser { user: user(), tags: tags(), boundary: Some(arn()) },
        IdentityChange::CreateUser { user: user(), tags: Vec::new(), boundary: None },
        IdentityChange::CreateGroup(group()),
        IdentityChange::CreateRole { role: role(), tags: tags(), boundary: Some(arn()) },
        IdentityChange::CreateRole { role: role(), tags: Vec::new(), boundary: None },
        IdentityChange::CreatePolicy { policy: policy(), document: "{}".into(), tags: tags() },
        IdentityChange::Rename { entity: alice.clone(), name: text("ann"), path: text("/") },
        IdentityChange::Rename { entity: alice.clone(), name: None, path: None },
        IdentityChange::UpdateRole {
            role: ops.clone(),
            description: text(""),
            max_session_seconds: Some(3_600),
        },
        IdentityChange::UpdateRole {
            role: ops.clone(),
            description: None,
            max_session_seconds: None,
        },
        IdentityChange::SetTrustPolicy { role: ops.clone(), document: "{}".into() },
        IdentityChange::SetBoundary { entity: alice.clone(), policy_arn: Some(arn()) },
        IdentityChange::SetBoundary { entity: ops.clone(), policy_arn: None },
        IdentityChange::Delete(entity(EntityKind::Group)),
        IdentityChange::Tag { entity: readers.clone(), tags: tags() },
        IdentityChange::Untag { entity: alice.clone(), tag_keys: vec!["team".into()] },
        IdentityChange::PutInlinePolicy {
            entity: alice.clone(),
            name: "own".into(),
            document: "{}".into(),
        },
        IdentityChange::DeleteInlinePolicy { entity: ops, name: "own".into() },
        IdentityChange::Attach { entity: alice.clone(), policy_arn: arn() },
        IdentityChange::Detach { entity: alice, policy_arn: arn() },
        IdentityChange::AddToGroup {
            account: account_id,
            group: group_name.into(),
            user: user_name.into(),
        },
        IdentityChange::RemoveFromGroup {
            account: account_id,
            group: group_name.into(),
            user: user_name.into(),
        },
        IdentityChange::CreatePolicyVersion {
            policy: readers.clone(),
            version: version(),
            set_default: true,
        },
        IdentityChange::DeletePolicyVersion { policy: readers.clone(), number: 3 },
        IdentityChange::SetDefaultPolicyVersion { policy: readers, number: 4 },
        IdentityChange::CreateAccessKey {
            access_key: access_key(Some("alice"), AccessKeyStatus::Active),
            sealed_secret: vec![4; 40],
        },
        IdentityChange::UpdateAccessKey {
            account: account_id,
            user_name: text(user_name),
            access_key_id: access_key_id(),
            status: AccessKeyStatus::Inactive,
        },
        IdentityChange::UpdateAccessKey {
            account: account_id,
            user_name: None,
            access_key_id: access_key_id(),
            status: AccessKeyStatus::Active,
        },
        IdentityChange::DeleteAccessKey {
            account: account_id,
            user_name: text(user_name),
            access_key_id: access_key_id(),
        },
        IdentityChange::DeleteAccessKey {
            account: account_id,
            user_name: None,
            access_key_id: access_key_id(),
        },
    ]
}

#[test]
fn every_kind_of_identity_comes_back() {
    for kind in KINDS {
        let named = entity(kind);
        assert_eq!(Entity::try_from(back(&messages::Entity::from(&named))), Ok(named));
        assert_eq!(entity_kind(messages::EntityKind::from(kind).into(), "kind"), Ok(kind));
    }
    assert_eq!(entity_kind(0, "kind"), Err(InvalidField("kind")));
    assert_eq!(entity_kind(9, "kind"), Err(InvalidField("kind")));
    let records = [
        EntityRecord::User(user()),
        EntityRecord::Group(group()),
        EntityRecord::Role(role()),
        EntityRecord::Policy(policy()),
    ];
    for record in records {
        let message = back(&messages::EntityRecord::from(&record));
        assert_eq!(EntityRecord::try_from(message), Ok(record));
    }
    let nothing = EntityRecord::try_from(messages::EntityRecord::default());
    assert_eq!(nothing, Err(InvalidField("record")));
}

#[test]
fn a_view_comes_back_with_all_that_belongs_to_it() {
    let full = IdentityView {
        record: EntityRecord::User(user()),
        tags: tags(),
        boundary: Some("arn:aws:iam::aws:policy/X".into()),
        inline: vec![InlinePolicy { name: "own".into(), document: "{}".into() }],
        attached: vec!["arn:aws:iam::aws:policy/Y".into()],
        groups: vec![group()],
        access_keys: vec![access_key(Some("alice"), AccessKeyStatus::Inactive)],
        versions: vec![version()],
    };
    let bare = IdentityView {
        record: EntityRecord::Policy(policy()),
        tags: Vec::new(),
        boundary: None,
        inline: Vec::new(),
        attached: Vec::new(),
        groups: Vec::new(),
        access_keys: Vec::new(),
        versions: Vec::new(),
    };
    for view in [full, bare] {
        assert_eq!(IdentityView::try_from(back(&messages::IdentityView::from(&view))), Ok(view));
    }
}

#[test]
fn access_keys_and_their_uses_come_back() {
    for (user, status) in [(None, AccessKeyStatus::Inactive), (Some("a"), AccessKeyStatus::Active)]
    {
        let key = access_key(user, status);
        assert_eq!(AccessKey::try_from(back(&messages::AccessKey::from(&key))), Ok(key));
    }
    let used = AccessKeyUsed {
        at: Timestamp::from_millis(-3),
        service: "kms".into(),
        region: "eu-west-1".into(),
    };
    let message = back(&messages::AccessKeyUsed::from(used.clone()));
    assert_eq!(AccessKeyUsed::from(message), used);
}

#[test]
fn callers_of_every_kind_come_back() {
    let named = |name: &str| name.to_owned();
    let arn = || Some(String::from("arn:aws:s3:::bucket"));
    let kinds = [
        CallerKind::Root,
        CallerKind::User { path: named("/"), name: named("ann"), user_id: named("AIDA1") },
        CallerKind::Role {
            path: named("/x/"),
            name: named("ops"),
            role_id: named("AROA1"),
            session_name: named("me"),
        },
        CallerKind::Service {
            name: named("s3.amazonaws.com"),
            source_arn: arn(),
            source_account: Some(account()),
        },
        CallerKind::Service {
            name: named("s3.amazonaws.com"),
            source_arn: None,
            source_account: None,
        },
    ];
    let session = |source_identity: Option<&str>| {
        Box::new(Session {
            issued_at: Timestamp::from_millis(3),
            source_identity: source_identity.map(str::to_owned),
            tags: tags(),
            transitive_tag_keys: vec![named("k")],
        })
    };
    let via = |source_arn| Box::new(ViaService { service: named("s3.amazonaws.com"), source_arn });
    for kind in kinds {
        let plain = Caller::new(account(), named("AKIAEXAMPLE"), kind);
        let (mut known, mut other) = (plain.clone(), plain.clone());
        (known.session, known.via) = (Some(session(Some("ann"))), Some(via(arn())));
        (other.session, other.via) = (Some(session(None)), Some(via(None)));
        for caller in [plain, known, other] {
            assert_eq!(Caller::try_from(back(&messages::Caller::from(&caller))), Ok(caller));
        }
    }
}
