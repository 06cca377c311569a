//! IAM's things in the world of the one key: a user with one of everything, and temporary
//! credentials for whoever asks.

use trent_operations::ports::{
    EntityPage, Identities, PolicyEntity, PortFuture, Simulated, Unavailable,
};
use trent_types::{
    AccessKey, AccessKeyStatus, AccessKeyUsed, Entity, EntityKind, EntityRecord, Group,
    IdentityView, InlinePolicy, IssuedSession, ManagedPolicy, Permit, PolicyVersion, RequestId,
    Role, SecretBytes, SessionOf, SessionRefused, SessionRequest, SimulatedDecision,
    SimulatedResult, Simulation, SimulationRefused, Tag, User,
};

use super::{NOW, World, ready};
use crate::keys::key_arn;

const DOCUMENT: &str = "{\n  \"Version\" : \"2012-10-17\"\n}";

impl Identities for World {
    fn identity<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        entity: &'a Entity,
    ) -> PortFuture<'a, Result<Option<IdentityView>, Unavailable>> {
        ready(Ok((entity.name.len() % 2 == 1).then(|| view(entity.kind, &entity.name))))
    }

    fn entities<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        kind: EntityKind,
        _: &'a str,
        _: Option<&'a str>,
        _: u32,
    ) -> PortFuture<'a, Result<EntityPage, Unavailable>> {
        ready(Ok((vec![record(kind, "ann")], self.more)))
    }

    fn group_members<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: &'a str,
        _: Option<&'a str>,
        _: u32,
    ) -> PortFuture<'a, Result<(Vec<User>, bool), Unavailable>> {
        ready(Ok((vec![user("ann")], self.more)))
    }

    fn policy_entities<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: &'a str,
        _: Option<(&'a Entity, bool)>,
        _: u32,
    ) -> PortFuture<'a, Result<(Vec<PolicyEntity>, bool), Unavailable>> {
        let kinds = [(EntityKind::User, true), (EntityKind::Group, false)];
        let found = kinds.map(|(kind, boundary)| (record(kind, "ann"), boundary));
        ready(Ok((found.to_vec(), self.more)))
    }

    fn access_key_use<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Result<Option<(AccessKey, Option<AccessKeyUsed>)>, Unavailable>> {
        let used =
            AccessKeyUsed { at: NOW, service: "kms".to_owned(), region: "us-east-1".to_owned() };
        let key = (access_key(access_key_id), self.more.then_some(used));
        ready(Ok((access_key_id.len().is_multiple_of(2)).then_some(key)))
    }

    fn simulate<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        simulation: &'a Simulation,
    ) -> PortFuture<'a, Result<Simulated, Unavailable>> {
        if !self.allows {
            return ready(Ok(Err(SimulationRefused::InvalidInput("not so".to_owned()))));
        }
        let decide = |action: &String| SimulatedResult {
            action: action.clone(),
            resource: "*".to_owned(),
            decision: SimulatedDecision::ImplicitDeny,
            matched: Vec::new(),
            missing_context: vec!["aws:SourceIp".to_owned()],
            allowed_by_boundary: self.more.then_some(false),
        };
        ready(Ok(Ok(simulation.actions.iter().map(decide).collect())))
    }

    fn issue_session<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        session: &'a SessionRequest,
    ) -> PortFuture<'a, Result<Result<IssuedSession, SessionRefused>, Unavailable>> {
        if self.fault.is_some() {
            return ready(Ok(Err(SessionRefused::Denied("not so".to_owned()))));
        }
        let role_id = match &session.of {
            SessionOf::Caller => None,
            SessionOf::Role { .. } => Some("AROAAAAAAAAAAAAAAAAAA".to_owned()),
        };
        ready(Ok(Ok(IssuedSession {
            access_key_id: "ASIAAAAAAAAAAAAAAAAA".to_owned(),
            secret: SecretBytes::new(vec![b'x'; 40]),
            token: "token".to_owned(),
            expires_at: NOW,
            role_id,
            packed_policy_percent: self.more.then_some(6),
        })))
    }
}

fn user(name: &str) -> User {
    User {
        account: key_arn().account,
        path: "/team/".to_owned(),
        name: name.to_owned(),
        user_id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
        created_at: NOW,
    }
}

fn group(name: &str) -> Group {
    Group {
        account: key_arn().account,
        path: "/".to_owned(),
        name: name.to_owned(),
        group_id: "AGPAAAAAAAAAAAAAAAAAA".to_owned(),
        created_at: NOW,
    }
}

fn access_key(id: &str) -> AccessKey {
    AccessKey {
        access_key_id: id.to_owned(),
        account: key_arn().account,
        user_name: Some("ann".to_owned()),
        status: AccessKeyStatus::Active,
        created_at: NOW,
    }
}

fn record(kind: EntityKind, name: &str) -> EntityRecord {
    let (account, path, name) = (key_arn().account, "/".to_owned(), name.to_owned());
    match kind {
        EntityKind::User => EntityRecord::User(user(&name)),
        EntityKind::Group => EntityRecord::Group(group(&name)),
        EntityKind::Role => EntityRecord::Role(Role {
            account,
            path,
            name,
            role_id: "AROAAAAAAAAAAAAAAAAAA".to_owned(),
            created_at: NOW,
            description: String::new(),
            max_session_seconds: 3_600,
            trust_policy: DOCUMENT.to_owned(),
        }),
        EntityKind::Policy => EntityRecord::Policy(ManagedPolicy {
            account,
            path,
            name,
            policy_id: "ANPAAAAAAAAAAAAAAAAAA".to_owned(),
            created_at: NOW,
            updated_at: NOW,
            description: "<&>".to_owned(),
            default_version: 1,
            latest_version: 1,
            attachments: 1,
            boundary_of: 1,
        }),
    }
}

fn view(kind: EntityKind, name: &str) -> IdentityView {
    let is_user = kind == EntityKind::User;
    let version = PolicyVersion { number: 1, document: DOCUMENT.to_owned(), created_at: NOW };
    IdentityView {
        record: record(kind, name),
        tags: vec![Tag { key: "team".to_owned(), value: String::new() }],
        boundary: is_user.then(|| "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()),
        inline: vec![InlinePolicy { name: "own".to_owned(), document: DOCUMENT.to_owned() }],
        attached: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
        groups: if is_user { vec![group("staff")] } else { Vec::new() },
        access_keys: if is_user { vec![access_key("AKIAIOSFODNN7EXAMPLE")] } else { Vec::new() },
        versions: if kind == EntityKind::Policy { vec![version] } else { Vec::new() },
    }
}
