//! IAM's things, temporary credentials and simulated decisions.

use trent_types::{
    AccessKey, AccessKeyUsed, Entity, EntityKind, EntityRecord, IdentityView, IssuedSession,
    Permit, RequestId, SessionRefused, SessionRequest, SimulatedResult, Simulation,
    SimulationRefused, User,
};

use super::{PortFuture, Unavailable};

/// Users, groups, roles or policies, and whether there are more.
pub type EntityPage = (Vec<EntityRecord>, bool);

/// What simulations come to.
pub type Simulated = Result<Vec<SimulatedResult>, SimulationRefused>;

/// Whom a policy is attached to, or whose permissions boundary it is (`true`).
pub type PolicyEntity = (EntityRecord, bool);

/// An access key and its last use; `None`: never, since this was tracked.
pub type AccessKeyUse = (AccessKey, Option<AccessKeyUsed>);

/// Reads of the Permit's account, each with the Permit of its question.
pub trait Identities {
    /// A user, group, role or policy with everything that belongs to it; `None` when it is not
    /// there. A user without a name is the root user: of it, only the access keys mean anything.
    fn identity<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        entity: &'a Entity,
    ) -> PortFuture<'a, Result<Option<IdentityView>, Unavailable>>;

    /// A page of users, groups, roles or policies whose path begins so, in the order of their
    /// folded names.
    fn entities<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        kind: EntityKind,
        path_prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<EntityPage, Unavailable>>;

    /// A page of the users in a group, in the order of their folded names, and whether there are
    /// more.
    fn group_members<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        group: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<User>, bool), Unavailable>>;

    /// A page of those that a managed policy is attached to or the boundary of, in the order of
    /// their kinds and folded names, attachments first; and whether there are more.
    fn policy_entities<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        policy_arn: &'a str,
        after: Option<(&'a Entity, bool)>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<PolicyEntity>, bool), Unavailable>>;

    /// An access key, of any account, and its last use; `None` when there is no such key.
    fn access_key_use<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Result<Option<AccessKeyUse>, Unavailable>>;

    /// Decides as if somebody asked.
    fn simulate<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        simulation: &'a Simulation,
    ) -> PortFuture<'a, Result<Simulated, Unavailable>>;

    /// Makes temporary credentials for the caller of the Permit, or for the role of the Permit
    /// that the caller assumes.
    fn issue_session<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        session: &'a SessionRequest,
    ) -> PortFuture<'a, Result<Result<IssuedSession, SessionRefused>, Unavailable>>;
}
