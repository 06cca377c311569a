//! Messages of the bus into nouns: a noun that was read is the same after it was written and read
//! again.

use std::fmt::Debug;
use std::time::Duration;

use prost::Message;
use trent_bus::messages;
use trent_types::{
    AccessKey, AliasArn, AliasRecord, AuditRecord, Caller, CallerKind, Change, ChangeRefused,
    CostDimension, CostQuery, CostReport, EventId, EventPlace, Expiration, Grant, Granularity,
    KeyArn, KeyManager, KeyRecord, KeySpec, KeyState, KeyUpdate, KeyUsage, KeyUsed, LastUsage,
    LookupQuery, MaterialRecord, MaterialState, MultiRegion, NewMaterial, Origin, QuotaOverride,
    RequestId, Rotation, RotationType, SealedMaterial, Tag, TailQuery, TailStart, TrackedOperation,
    TrailAttribute, TrailEvent, TrailFilter, TrailPublicKey, UsageDimension, UsageFilter,
    UsageQuery, User,
};

use crate::keys::{key_arn, material_id};
use crate::world::{NOW, grant};

/// What reads each kind of message.
const READERS: [fn(&[u8]) -> bool; 15] = [
    comes_back::<messages::Change, Change>,
    comes_back::<messages::KeyRecord, KeyRecord>,
    comes_back::<messages::KeyArn, KeyArn>,
    comes_back::<messages::AliasArn, AliasArn>,
    comes_back::<messages::AliasRecord, AliasRecord>,
    comes_back::<messages::Grant, Grant>,
    comes_back::<messages::Caller, Caller>,
    comes_back::<messages::User, User>,
    comes_back::<messages::AccessKey, AccessKey>,
    comes_back::<messages::AuditRecord, AuditRecord>,
    comes_back::<messages::MaterialRecord, MaterialRecord>,
    comes_back::<messages::SealedMaterial, SealedMaterial>,
    comes_back::<messages::ChangeRefused, ChangeRefused>,
    comes_back::<messages::LastUsage, LastUsage>,
    comes_back::<messages::KeyUsed, KeyUsed>,
];

/// What is read by the roles themselves: it must decode, or not, and no more.
const DECODERS: [fn(&[u8]) -> bool; 10] = [
    decodes::<messages::AuthorizeRequest>,
    decodes::<messages::AuthorizeAnswer>,
    decodes::<messages::CryptoRequest>,
    decodes::<messages::CryptoAnswer>,
    decodes::<messages::ReadRequest>,
    decodes::<messages::ReadAnswer>,
    decodes::<messages::ChangeRequest>,
    decodes::<messages::ChangeAnswer>,
    made_material,
    quota_override,
];

/// What the trail is asked, and what it answers.
const OF_TRAIL: [fn(&[u8]) -> bool; 9] = [
    comes_back::<messages::LookupEvents, LookupQuery>,
    comes_back::<messages::TailEvents, TailQuery>,
    comes_back::<messages::TrailEvent, TrailEvent>,
    comes_back::<messages::ReadUsage, UsageQuery>,
    comes_back::<messages::ReadCost, CostQuery>,
    comes_back::<messages::CostLines, CostReport>,
    comes_back::<messages::TrailKey, TrailPublicKey>,
    decodes::<messages::TrailRequest>,
    decodes::<messages::TrailAnswer>,
];

/// A kind of message, then the message.
pub(super) fn run(data: &[u8]) -> bool {
    let Some((kind, message)) = data.split_first() else { return false };
    let readers = READERS.iter().chain(&DECODERS).chain(&OF_TRAIL);
    let kind = usize::from(*kind) % (READERS.len() + DECODERS.len() + OF_TRAIL.len());
    readers.clone().nth(kind).is_some_and(|read| read(message))
}

fn comes_back<M, N>(bytes: &[u8]) -> bool
where
    M: Message + Default + From<N>,
    N: TryFrom<M> + Clone + PartialEq + Debug,
    N::Error: Debug,
{
    let Ok(message) = M::decode(bytes) else { return false };
    let Ok(noun) = N::try_from(message) else { return false };
    let written = M::from(noun.clone()).encode_to_vec();
    let message = M::decode(written.as_slice()).expect("our own message");
    assert_eq!(N::try_from(message).expect("our own message"), noun);
    true
}

fn decodes<M: Message + Default + PartialEq>(bytes: &[u8]) -> bool {
    let Ok(message) = M::decode(bytes) else { return false };
    let again = M::decode(message.encode_to_vec().as_slice()).expect("our own message");
    assert!(again == message, "another message");
    true
}

fn made_material(bytes: &[u8]) -> bool {
    let Ok(message) = messages::MadeMaterial::decode(bytes) else { return false };
    NewMaterial::try_from(message).is_ok()
}

fn quota_override(bytes: &[u8]) -> bool {
    let Ok(message) = messages::QuotaOverride::decode(bytes) else { return false };
    let Ok(quota) = QuotaOverride::try_from(message) else { return false };
    let again = messages::QuotaOverride::from(&quota);
    assert_eq!(QuotaOverride::try_from(again), Ok(quota));
    true
}

/// A message of most kinds.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let arn = key_arn();
    let sealed = SealedMaterial { material_id: material_id(), sealed: vec![1, 2, 3] };
    let record = MaterialRecord {
        material_id: material_id(),
        state: MaterialState::NonCurrent,
        rotated: Some((NOW, RotationType::OnDemand)),
        description: "d".to_owned(),
        expiration: Some(Expiration::Never),
        present: true,
    };
    let used = KeyUsed {
        operation: TrackedOperation::ALL[0],
        at: NOW,
        event_id: EventId::from_bytes([3; 16]),
        request_id: RequestId::from_bytes([4; 16]),
    };
    let last_usage = LastUsage { tracking_start: NOW, used: Some(used) };
    let change = |update| Change::UpdateKey { key: arn, version: 3, update };
    let tags = vec![Tag { key: "a".to_owned(), value: "b".to_owned() }];
    let messages = [
        (0, messages::Change::from(change(KeyUpdate::Enable)).encode_to_vec()),
        (0, messages::Change::from(change(KeyUpdate::Describe("d".to_owned()))).encode_to_vec()),
        (0, messages::Change::from(Change::TagKey { key: arn, version: 3, tags }).encode_to_vec()),
        (1, messages::KeyRecord::from(key()).encode_to_vec()),
        (2, messages::KeyArn::from(arn).encode_to_vec()),
        (5, messages::Grant::from(grant()).encode_to_vec()),
        (6, messages::Caller::from(caller(&user())).encode_to_vec()),
        (7, messages::User::from(user()).encode_to_vec()),
        (10, messages::MaterialRecord::from(record).encode_to_vec()),
        (11, messages::SealedMaterial::from(sealed).encode_to_vec()),
        (13, messages::LastUsage::from(last_usage).encode_to_vec()),
    ];
    let messages = messages.into_iter().chain(of_trail());
    messages.map(|(kind, message)| [&[kind], &*message].concat()).collect()
}

/// Questions to the trail, after all other kinds.
fn of_trail() -> [(u8, Vec<u8>); 4] {
    let first = u8::try_from(READERS.len() + DECODERS.len()).expect("few kinds");
    let attribute = TrailAttribute::EventName;
    let filter = TrailFilter { attribute, value: "Encrypt".to_owned() };
    let place = EventPlace { at: NOW, event_id: EventId::from_bytes([3; 16]) };
    let lookup = LookupQuery {
        filter: Some(filter.clone()),
        from: NOW,
        to: NOW,
        before: Some(place),
        limit: 50,
    };
    let tail = TailQuery {
        start: TailStart::After(7),
        all_regions: true,
        filters: vec![filter],
        limit: 100,
        wait: Duration::from_secs(10),
    };
    let usage = UsageQuery {
        from: NOW,
        to: NOW,
        granularity: Granularity::Daily,
        group_by: vec![UsageDimension::Key, UsageDimension::Tag("a".to_owned())],
        filter: UsageFilter { error: Some(String::new()), ..UsageFilter::default() },
        skip: 1,
        limit: 2,
    };
    let group_by = vec![CostDimension::Region];
    let cost = CostQuery { year: 2026, month: 11, daily: true, group_by };
    [
        (first, messages::LookupEvents::from(lookup).encode_to_vec()),
        (first + 1, messages::TailEvents::from(tail).encode_to_vec()),
        (first + 3, messages::ReadUsage::from(usage).encode_to_vec()),
        (first + 4, messages::ReadCost::from(cost).encode_to_vec()),
    ]
}

fn key() -> KeyRecord {
    let arn = key_arn();
    KeyRecord {
        account: arn.account,
        region: arn.region,
        key_id: arn.key_id,
        created_at: NOW,
        spec: KeySpec::EccNistP256,
        usage: KeyUsage::SignVerify,
        origin: Origin::External,
        manager: KeyManager::Customer,
        state: KeyState::PendingDeletion,
        description: "d".to_owned(),
        deletion_date: Some(NOW),
        pending_window_days: Some(7),
        current_material: Some(material_id()),
        expiration: Some(Expiration::At(NOW)),
        multi_region: Some(MultiRegion { primary: arn.region, replicas: vec![arn.region] }),
        rotation: Some(Rotation { period_days: 365, next: NOW }),
        version: 3,
    }
}

fn user() -> User {
    User {
        account: key_arn().account,
        path: "/".to_owned(),
        name: "ann".to_owned(),
        user_id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
        created_at: NOW,
    }
}

fn caller(user: &User) -> Caller {
    let kind = CallerKind::User {
        path: user.path.clone(),
        name: user.name.clone(),
        user_id: user.user_id.clone(),
    };
    Caller::new(user.account, "AKIAIOSFODNN7EXAMPLE".to_owned(), kind)
}
