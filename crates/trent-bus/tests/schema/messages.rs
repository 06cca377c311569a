//! Every message of the bus, as the generated code reads it.

use prost::{DecodeError, Message};
use trent_bus::messages;

/// Reads a message and writes it again: what this build makes of it.
pub(crate) type Read = fn(&[u8]) -> Result<Vec<u8>, DecodeError>;

fn read<M: Message + Default>(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    M::decode(bytes).map(|message| message.encode_to_vec())
}

macro_rules! table {
    ($($name:ident),* $(,)?) => {
        /// By name; `no_message_is_left_out` compares them with the schemas.
        pub(crate) const MESSAGES: &[(&str, Read)] =
            &[$((stringify!($name), read::<messages::$name>)),*];
    };
}

#[rustfmt::skip]
table! {
    AccessKey, AccessKeyUse, AccessKeyUsed, Account, AccountList, AdminAnswer, AdminRequest,
    AliasArn, AliasPage, AliasRecord, Answer, AnswerFrame, AuditBatch, AuditRecord, AuthorizeAnswer,
    AuthorizeRequest, Authorized, Caller, Change, ChangeAnswer, ChangeRefused, ChangeRequest,
    CiphertextKey, ClaimDueAnswer, ClaimDueRequest, ConditionValue, ContextConstraint, ContextPair,
    ContextValues, CopiedMaterial, CopyMaterialOrder, CostDimension, CostLine, CostLines,
    CreateAccessKey, CreateAccount, CreateKey, CreatePolicy, CreatePolicyVersion, CreateRole,
    CreateService, CreateUser, CreatedAccount, CreatedService, CryptoAnswer, CryptoRequest, DataKey,
    DataKeyPair, DecapsulateOrder, Decision, DecryptOrder, DeleteAccessKey, DeleteAlias,
    DeleteInlinePolicy, DeleteMaterial, Denied, DeriveSharedSecretOrder, DestroyKey, DueDeletion,
    DueExpiry, DueRotation, DueWork, EncapsulateOrder, Encapsulated, EncryptOrder, Entity,
    EntityPage, EntityRecord, EventPlace, Expiration, Explain, Explanation, Explanations,
    GenerateDataKeyOrder, GenerateDataKeyPairOrder, GenerateMacOrder, GenerateMaterialOrder,
    GenerateRandomOrder, Grant, GrantPage, GrantPrincipal, GrantReference, GrantTerms, Granted,
    Group, GroupMembership, Heartbeat, IdentityChange, IdentityView, ImportMaterial,
    ImportMaterialOrder, ImportParameters, InlinePolicy, Invalidate, Invalidation, IssueSession,
    IssuedSession, KeyArn, KeyClock, KeyMaterial, KeyPage, KeyRecord, KeyUse, KeyUsed, LastUsage,
    LimitExceeded, ListAliases, ListEntities, ListGrants, ListGroupMembers, ListKeys, ListMaterials,
    ListPolicyEntities, ListQuotas, ListRetirableGrants, ListTags, ListTrailKeys, LookupEvents,
    MadeMaterial, MakeImportParametersOrder, ManagedPolicy, MatchedStatement, MaterialPage,
    MaterialRecord, Missing, MoveKeyClock, NamedEntity, NewAccessKey, NewGrant, NewKey,
    OpenSecretOrder, Order, OrderFrame, PermitClaims, PolicyAttachment, PolicyEntity,
    PolicyEntityPage, PolicyVersion, PolicyVersionName, PutInlinePolicy, PutKeyPolicy, Question,
    QuotaList, QuotaOverride, QuotaStatus, ReEncryptOrder, ReSealOrder, ReSealed, ReadAnswer,
    ReadCost, ReadKeyPolicy, ReadRequest, ReadUsage, RelatedKey, RemoveGrant, RenameEntity,
    ReplicaMaterial, ReplicateKey, ResetQuota, Role, RoleCaller, RootUser, RotateKey, Rotation,
    SealMaterialOrder, SealSecretOrder, SealedMaterial, SealedSecret, SeedKey, SeedOrder, Seeded,
    ServiceCaller, ServiceList, ServicePrincipal, Session, SessionRefused, SessionRole, SessionTag,
    SessionToken, SessionUser, SetBoundary, SetTrustPolicy, SignOrder, SignatureRefused,
    SignedRequest, Simulate, Simulated, SimulatedResult, SimulationRefused, StoredSecret, Tag,
    TagEntity, TagKey, TagPage, TailEvents, TailedEvents, TrailAnswer, TrailEvent, TrailEvents,
    TrailFilter, TrailKey, TrailKeys, TrailRequest, TrailResource, Unit, UntagEntity, UntagKey,
    UpdateAccessKey, UpdateAlias, UpdateKey, UpdatePrimaryRegion, UpdateRole, UsageDimension,
    UsageFilter, UsageRow, UsageRows, User, UserCaller, VerifyMacOrder, VerifyOrder, ViaService,
}
