//! IAM's things of the small world: who there is, and what belongs to whom.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use trent_types::{
    AccessKeyUsed, Entity, EntityKind, EntityRecord, IdentityView, IssuedSession, Permit,
    RequestId, SecretBytes, SessionOf, SessionRefused, SessionRequest, SimulatedResult, Simulation,
    Timestamp, User,
};

use super::identity_changes::entity;
use super::ports::ready;
use super::{NOW, World};
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

pub(super) fn folded(entity: &Entity) -> Place {
    (entity.kind, entity.name.to_ascii_lowercase())
}

impl World {
    fn found(&self, entity: &Entity) -> Option<IdentityView> {
        self.people.reads.set(self.people.reads.get() + 1);
        let things = self.people.things.borrow();
        let mut view = things.get(&folded(entity))?.clone();
        let members = self.people.members.borrow();
        let groups = members.iter().filter(|(_, user)| *user == entity.name).map(|(group, _)| {
            let place = (EntityKind::Group, group.to_ascii_lowercase());
            let EntityRecord::Group(group) = &things[&place].record else { panic!("no group") };
            group.clone()
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
    ) -> PortFuture<'a, Result<Option<AccessKeyUse>, Unavailable>> {
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
