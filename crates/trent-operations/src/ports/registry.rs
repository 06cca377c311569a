//! Reads and changes of keys' metadata.

use trent_types::{
    AccountId, AliasRecord, AuditRecord, Change, ChangeRefused, Grant, GrantId, GrantPrincipal,
    KeyArn, KeyId, LastUsage, MaterialId, MaterialRecord, Permit, RequestId, Tag, Timestamp,
};

use super::{PortFuture, Unavailable};

/// Why a change has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Nothing was changed and no record was kept.
    #[error(transparent)]
    Refused(#[from] ChangeRefused),
    /// The registry is away; the change may have been made, and its record with it.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a question was denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// When.
    pub at: Timestamp,
    /// The caller's account.
    pub account: AccountId,
    /// Which statement of which policy decided, and which conditions failed: an object of JSON,
    /// nothing secret in it.
    pub json: String,
}

/// Materials, and whether there are more.
pub type MaterialPage = (Vec<MaterialRecord>, bool);

/// Aliases, and whether there are more.
pub type AliasPage = (Vec<AliasRecord>, bool);

/// Which grants of a key are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct GrantFilter<'a> {
    /// Only the one with this id.
    pub grant_id: Option<GrantId>,
    /// Only those of this grantee.
    pub grantee: Option<&'a GrantPrincipal>,
}

/// Reads and changes of metadata, each with the Permits of its questions.
pub trait Registry {
    /// Commits a change with its finished record and the records of what Trent does by itself with
    /// it. When this returns, every later request anywhere sees the change.
    fn change<'a>(
        &'a self,
        request: RequestId,
        permits: &'a [&'a Permit],
        change: Change,
        record: AuditRecord,
        events: Vec<AuditRecord>,
    ) -> PortFuture<'a, Result<(), ChangeError>>;

    /// A page of keys of the Permit's account and Region, in the order of their ids, and whether
    /// there are more.
    fn keys<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        after: Option<KeyId>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<KeyArn>, bool), Unavailable>>;

    /// A page of aliases of the Permit's account and Region, in the order of their names; `None`
    /// when they shall be those of a key that is not there.
    fn aliases<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        target: Option<KeyId>,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<Option<AliasPage>, Unavailable>>;

    /// The policy of the Permit's key, verbatim; `None` when the key is gone.
    fn key_policy<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
    ) -> PortFuture<'a, Result<Option<String>, Unavailable>>;

    /// The public key of the Permit's key: X.509 SubjectPublicKeyInfo, DER; `None` when the key has
    /// none, or is gone.
    fn public_key<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
    ) -> PortFuture<'a, Result<Option<Vec<u8>>, Unavailable>>;

    /// A page of materials of the Permit's key, oldest first, and whether there are more: only
    /// those that became current by a rotation, or all. `None` when the key is gone.
    fn materials<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        rotations_only: bool,
        after: Option<MaterialId>,
        limit: u32,
    ) -> PortFuture<'a, Result<Option<MaterialPage>, Unavailable>>;

    /// A page of tags of the Permit's key, in the order of their keys, and whether there are more.
    fn tags<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<Tag>, bool), Unavailable>>;

    /// A page of grants of the Permit's key, in the order of their ids, and whether there are more.
    fn grants<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        filter: GrantFilter<'a>,
        after: Option<GrantId>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<Grant>, bool), Unavailable>>;

    /// A page of the grants that the principal of the Permit may retire, in the order of key and
    /// grant ids, and whether there are more.
    fn retirable_grants<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        retiring: &'a str,
        after: Option<(KeyArn, GrantId)>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<Grant>, bool), Unavailable>>;

    /// What the audit trail tells of the use of the Permit's key; `None` when the key is gone.
    fn last_usage<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
    ) -> PortFuture<'a, Result<Option<LastUsage>, Unavailable>>;

    /// Why the questions of a request about the Permit's key were denied, in their order.
    fn explanations<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        denied: RequestId,
    ) -> PortFuture<'a, Result<Vec<Explanation>, Unavailable>>;
}
