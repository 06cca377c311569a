//! Every noun comes back from its message, and no message makes the conversion panic.

mod identities;
mod sessions;

use proptest::prelude::*;
use prost::Message;
use trent_types::{
    AccountId, AliasArn, AliasRecord, AuditRecord, Change, ChangeRefused, EventId, Expiration,
    Grant, GrantConstraints, GrantId, GrantOperation, GrantPrincipal, GrantTerms, IdentityRefused,
    ImportType, KeyArn, KeyId, KeyManager, KeyRecord, KeySpec, KeyState, KeyUpdate, KeyUsage,
    MaterialId, MultiRegion, NewMaterial, Origin, Region, Rotation, RotationType, SealedMaterial,
    Tag, Timestamp,
};

use super::InvalidField;
use crate::messages;

fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

fn region() -> Region {
    "eu-central-1".parse().unwrap()
}

fn other_region() -> Region {
    "us-east-1".parse().unwrap()
}

fn key_arn() -> KeyArn {
    let key_id = KeyId::from_bytes([7; 16], true);
    KeyArn { region: region(), account: account(), key_id }
}

fn key_record() -> KeyRecord {
    KeyRecord {
        account: account(),
        region: region(),
        key_id: key_arn().key_id,
        created_at: Timestamp::from_millis(1),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::AwsKms,
        manager: KeyManager::Customer,
        state: KeyState::PendingDeletion,
        description: "bänk".into(),
        deletion_date: Some(Timestamp::from_millis(-2)),
        pending_window_days: Some(7),
        current_material: Some(MaterialId::from_bytes([8; 32])),
        expiration: Some(Expiration::At(Timestamp::from_millis(10))),
        multi_region: Some(MultiRegion { primary: region(), replicas: vec![other_region()] }),
        rotation: Some(Rotation { period_days: 365, next: Timestamp::from_millis(11) }),
        version: u64::MAX,
    }
}

fn material() -> SealedMaterial {
    SealedMaterial { material_id: MaterialId::from_bytes([8; 32]), sealed: vec![1, 2, 3] }
}

fn new_material() -> NewMaterial {
    NewMaterial { sealed: material(), public_key: Some(vec![0x30, 0]), replicas: Vec::new() }
}

fn grant(grantee: GrantPrincipal, constraints: GrantConstraints) -> Grant {
    Grant {
        key: key_arn(),
        grant_id: GrantId::from_bytes([6; 32]),
        name: Some("reader".into()),
        created_at: Timestamp::from_millis(12),
        issuing_account: "arn:aws:iam::123456789012:root".into(),
        terms: GrantTerms {
            grantee,
            retiring: Some(GrantPrincipal::Arn("arn:aws:iam::123456789012:user/ann".into())),
            operations: vec![GrantOperation::Decrypt, GrantOperation::RetireGrant],
            constraints,
        },
    }
}

fn alias_record() -> AliasRecord {
    AliasRecord {
        account: account(),
        region: region(),
        name: "alias/app".parse().unwrap(),
        target: KeyId::from_bytes([9; 16], false),
        created_at: Timestamp::from_millis(3),
        updated_at: Timestamp::from_millis(4),
    }
}

fn tags() -> Vec<Tag> {
    vec![Tag { key: "team".into(), value: String::new() }]
}

#[expect(clippy::too_many_lines, reason = "one of each change")]
fn changes() -> Vec<Change> {
    let (key, version) = (key_arn(), 3);
    let alias: AliasArn = alias_record().arn();
    let (from, to) = (KeyId::from_bytes([1; 16], true), KeyId::from_bytes([2; 16], false));
    let deletion_date = Timestamp::from_millis(9);
    let updates = [
        KeyUpdate::Enable,
        KeyUpdate::Disable,
        KeyUpdate::Describe("x".into()),
        KeyUpdate::ScheduleDeletion { deletion_date },
        KeyUpdate::ScheduleReplicaDeletion { pending_window_days: 30 },
        KeyUpdate::CancelDeletion,
        KeyUpdate::EnableRotation(Rotation { period_days: 90, next: deletion_date }),
        KeyUpdate::DisableRotation,
    ];
    let policy = String::from("{}");
    let mut changes: Vec<Change> =
        updates.into_iter().map(|update| Change::UpdateKey { key, version, update }).collect();
    changes.extend([
        Change::CreateKey {
            record: key_record(),
            policy: policy.clone(),
            bypass_lockout_check: true,
            tags: tags(),
            material: Some(new_material()),
        },
        Change::RotateKey {
            key,
            version,
            rotation_type: RotationType::OnDemand,
            at: deletion_date,
            material: Some(NewMaterial {
                public_key: None,
                replicas: vec![(other_region(), material())],
                ..new_material()
            }),
        },
        Change::RotateKey {
            key,
            version,
            rotation_type: RotationType::Automatic,
            at: deletion_date,
            material: None,
        },
        Change::ImportMaterial {
            key,
            version,
            material: new_material(),
            expiration: Expiration::Never,
            description: Some(String::new()),
            import_type: ImportType::Existing,
        },
        Change::DeleteMaterial {
            key,
            version,
            material_id: MaterialId::from_bytes([8; 32]),
            expired: true,
        },
        Change::ReplicateKey {
            primary: key,
            version,
            record: KeyRecord { region: other_region(), ..key_record() },
            policy: policy.clone(),
            bypass_lockout_check: true,
            tags: tags(),
            materials: vec![material()],
            creating_until: deletion_date,
        },
        Change::UpdatePrimaryRegion {
            key,
            version,
            to: other_region(),
            updating_until: deletion_date,
        },
        Change::CreateGrant(grant(
            GrantPrincipal::Service("s3.amazonaws.com".into()),
            GrantConstraints {
                context_equals: Some([("a".into(), "b".into())].into()),
                context_subset: Some(std::collections::BTreeMap::new()),
                source_arn: Some("arn:aws:s3:::bucket".into()),
            },
        )),
        Change::RemoveGrant { key, grant_id: GrantId::from_bytes([6; 32]), retired: true },
        Change::PutKeyPolicy { key, version, policy, bypass_lockout_check: false },
        Change::TagKey { key, version, tags: tags() },
        Change::UntagKey { key, version, tag_keys: vec!["team".into()] },
        Change::CreateAlias(alias_record()),
        Change::UpdateAlias { alias: alias.clone(), from, to, updated_at: deletion_date },
        Change::DeleteAlias { alias, from },
        Change::DestroyKey { key, version },
    ]);
    changes.extend(identities::changes().into_iter().map(Change::Identity));
    changes
}

/// Through the wire and back.
fn back<M: Message + Default>(message: &M) -> M {
    M::decode(message.encode_to_vec().as_slice()).unwrap()
}

#[test]
fn every_change_and_refusal_comes_back() {
    for change in changes() {
        assert_eq!(Change::try_from(back(&messages::Change::from(&change))), Ok(change));
    }
    let text = || String::from("because");
    for refused in [
        ChangeRefused::Conflict,
        ChangeRefused::NotFound,
        ChangeRefused::AlreadyExists,
        ChangeRefused::LimitExceeded { what: text(), limit: 1, current: 2 },
        ChangeRefused::MalformedPolicy(text()),
        ChangeRefused::NotPermitted(text()),
        ChangeRefused::IncorrectMaterial,
        IdentityRefused::NoSuchEntity(text()).into(),
        IdentityRefused::AlreadyExists(text()).into(),
        IdentityRefused::DeleteConflict(text()).into(),
        IdentityRefused::LimitExceeded(text()).into(),
        IdentityRefused::InvalidInput(text()).into(),
    ] {
        let message = back(&messages::ChangeRefused::from(&refused));
        assert_eq!(ChangeRefused::try_from(message), Ok(refused));
    }
}

#[test]
fn audit_records_come_back() {
    for account in [None, Some(account())] {
        let record = AuditRecord {
            event_id: EventId::from_bytes([1; 16]),
            account,
            event_time: Timestamp::from_millis(7),
            cloudtrail_json: b"{}".to_vec(),
            trace: None,
        };
        assert_eq!(AuditRecord::try_from(back(&messages::AuditRecord::from(&record))), Ok(record));
    }
}

#[test]
fn a_key_that_does_not_exist_yet_has_an_arn_and_nothing_else() {
    let message = back(&messages::KeyRecord::from(key_arn()));
    assert_eq!(KeyArn::try_from(&message), Ok(key_arn()));
    assert_eq!(KeyRecord::try_from(message), Err(InvalidField("spec")));
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let good = || messages::KeyRecord::from(key_record());
    let refused = |record: messages::KeyRecord| KeyRecord::try_from(record).unwrap_err().0;
    assert_eq!(refused(messages::KeyRecord { account: "1".into(), ..good() }), "account");
    assert_eq!(refused(messages::KeyRecord { region: "mars".into(), ..good() }), "region");
    assert_eq!(refused(messages::KeyRecord { key_id: vec![1].into(), ..good() }), "key_id");
    assert_eq!(refused(messages::KeyRecord { state: "Lost".into(), ..good() }), "state");
    let material = vec![1; 31].into();
    let short = messages::KeyRecord { current_material: material, ..good() };
    assert_eq!(refused(short), "current_material");
    assert_eq!(Change::try_from(messages::Change::default()), Err(InvalidField("change")));
    assert_eq!(super::permit(b"", "permit"), Err(InvalidField("permit")));
}

proptest! {
    #[test]
    fn a_damaged_change_is_a_change_or_refused(
        which in 0..changes().len(),
        at: prop::sample::Index,
        byte: u8,
        cut: prop::sample::Index,
    ) {
        let mut wire = messages::Change::from(&changes()[which]).encode_to_vec();
        let at = at.index(wire.len());
        wire[at] = byte;
        wire.truncate(cut.index(wire.len() + 1));
        if let Ok(message) = messages::Change::decode(wire.as_slice()) {
            let _ = Change::try_from(message);
        }
    }

    #[test]
    fn arbitrary_bytes_are_records_or_refused(bytes: Vec<u8>) {
        if let Ok(batch) = messages::AuditBatch::decode(bytes.as_slice()) {
            for record in batch.records {
                let _ = AuditRecord::try_from(record);
            }
        }
    }
}
