//! Keys, their material, aliases and tags.

use trent_types::{
    AliasArn, AliasRecord, KeyArn, KeyRecord, MultiRegion, Region, Rotation, SealedMaterial, Tag,
    Timestamp,
};

use super::{InvalidField, by_reference, bytes, key_id, material_id, parse, required};
use crate::messages;

by_reference! {
    KeyRecord => messages::KeyRecord,
    SealedMaterial => messages::SealedMaterial,
    KeyArn => messages::KeyArn,
    AliasArn => messages::AliasArn,
    AliasRecord => messages::AliasRecord,
    Tag => messages::Tag,
}

impl From<KeyRecord> for messages::KeyRecord {
    fn from(record: KeyRecord) -> Self {
        let name = |region: &Region| region.as_str().to_owned();
        let family = record.multi_region.as_ref();
        Self {
            primary_region: family.map(|family| name(&family.primary)).unwrap_or_default(),
            replica_regions: family
                .map_or_else(Vec::new, |f| f.replicas.iter().map(name).collect()),
            pending_window_days: record.pending_window_days,
            expiration: record.expiration.map(Into::into),
            rotation: record.rotation.map(Into::into),
            account: record.account.as_str().to_owned(),
            region: record.region.as_str().to_owned(),
            key_id: bytes(record.key_id.as_bytes()),
            multi_region: record.key_id.is_multi_region(),
            created_at_ms: record.created_at.as_millis(),
            spec: record.spec.as_str().to_owned(),
            usage: record.usage.as_str().to_owned(),
            origin: record.origin.as_str().to_owned(),
            manager: record.manager.as_str().to_owned(),
            state: record.state.as_str().to_owned(),
            description: record.description,
            deletion_date_ms: record.deletion_date.map(Timestamp::as_millis),
            current_material: record
                .current_material
                .map_or_else(Default::default, |id| bytes(id.as_bytes())),
            version: record.version,
        }
    }
}

impl TryFrom<messages::KeyRecord> for KeyRecord {
    type Error = InvalidField;

    fn try_from(record: messages::KeyRecord) -> Result<Self, InvalidField> {
        Ok(Self {
            account: parse(&record.account, "account")?,
            region: parse(&record.region, "region")?,
            key_id: key_id(&record.key_id, record.multi_region, "key_id")?,
            created_at: Timestamp::from_millis(record.created_at_ms),
            spec: parse(&record.spec, "spec")?,
            usage: parse(&record.usage, "usage")?,
            origin: parse(&record.origin, "origin")?,
            manager: parse(&record.manager, "manager")?,
            state: parse(&record.state, "state")?,
            description: record.description,
            deletion_date: record.deletion_date_ms.map(Timestamp::from_millis),
            pending_window_days: record.pending_window_days,
            current_material: match record.current_material.as_ref() {
                [] => None,
                id => Some(material_id(id, "current_material")?),
            },
            expiration: record.expiration.map(Into::into),
            multi_region: family(&record.primary_region, &record.replica_regions)?,
            rotation: record.rotation.map(Into::into),
            version: record.version,
        })
    }
}

fn family(primary: &str, replicas: &[String]) -> Result<Option<MultiRegion>, InvalidField> {
    if primary.is_empty() {
        return Ok(None);
    }
    let replicas = replicas.iter().map(|region| parse(region, "replica_regions"));
    Ok(Some(MultiRegion {
        primary: parse(primary, "primary_region")?,
        replicas: replicas.collect::<Result<_, _>>()?,
    }))
}

impl From<Rotation> for messages::Rotation {
    fn from(rotation: Rotation) -> Self {
        Self { period_days: rotation.period_days, next_ms: rotation.next.as_millis() }
    }
}

impl From<messages::Rotation> for Rotation {
    fn from(rotation: messages::Rotation) -> Self {
        let next = Timestamp::from_millis(rotation.next_ms);
        Self { period_days: rotation.period_days, next }
    }
}

/// A key that does not exist yet: its record has nothing but the ARN.
impl From<KeyArn> for messages::KeyRecord {
    fn from(arn: KeyArn) -> Self {
        Self {
            account: arn.account.as_str().to_owned(),
            region: arn.region.as_str().to_owned(),
            key_id: bytes(arn.key_id.as_bytes()),
            multi_region: arn.key_id.is_multi_region(),
            ..Self::default()
        }
    }
}

/// The ARN of a record, whether the key exists already or not.
impl TryFrom<&messages::KeyRecord> for KeyArn {
    type Error = InvalidField;

    fn try_from(record: &messages::KeyRecord) -> Result<Self, InvalidField> {
        Ok(Self {
            region: parse(&record.region, "region")?,
            account: parse(&record.account, "account")?,
            key_id: key_id(&record.key_id, record.multi_region, "key_id")?,
        })
    }
}

impl From<SealedMaterial> for messages::SealedMaterial {
    fn from(material: SealedMaterial) -> Self {
        Self { material_id: bytes(material.material_id.as_bytes()), sealed: material.sealed.into() }
    }
}

impl TryFrom<messages::SealedMaterial> for SealedMaterial {
    type Error = InvalidField;

    fn try_from(material: messages::SealedMaterial) -> Result<Self, InvalidField> {
        if material.sealed.is_empty() {
            return Err(InvalidField("sealed"));
        }
        Ok(Self {
            material_id: material_id(&material.material_id, "material_id")?,
            sealed: material.sealed.into(),
        })
    }
}

impl From<KeyArn> for messages::KeyArn {
    fn from(arn: KeyArn) -> Self {
        Self {
            account: arn.account.as_str().to_owned(),
            region: arn.region.as_str().to_owned(),
            key_id: bytes(arn.key_id.as_bytes()),
            multi_region: arn.key_id.is_multi_region(),
        }
    }
}

impl TryFrom<messages::KeyArn> for KeyArn {
    type Error = InvalidField;

    fn try_from(arn: messages::KeyArn) -> Result<Self, InvalidField> {
        Ok(Self {
            region: parse(&arn.region, "region")?,
            account: parse(&arn.account, "account")?,
            key_id: key_id(&arn.key_id, arn.multi_region, "key_id")?,
        })
    }
}

impl From<AliasArn> for messages::AliasArn {
    fn from(arn: AliasArn) -> Self {
        Self {
            account: arn.account.as_str().to_owned(),
            region: arn.region.as_str().to_owned(),
            name: arn.name.as_str().to_owned(),
        }
    }
}

impl TryFrom<messages::AliasArn> for AliasArn {
    type Error = InvalidField;

    fn try_from(arn: messages::AliasArn) -> Result<Self, InvalidField> {
        Ok(Self {
            region: parse(&arn.region, "region")?,
            account: parse(&arn.account, "account")?,
            name: parse(&arn.name, "name")?,
        })
    }
}

impl From<AliasRecord> for messages::AliasRecord {
    fn from(record: AliasRecord) -> Self {
        Self {
            target: bytes(record.target.as_bytes()),
            target_multi_region: record.target.is_multi_region(),
            created_at_ms: record.created_at.as_millis(),
            updated_at_ms: record.updated_at.as_millis(),
            arn: Some(record.arn().into()),
        }
    }
}

impl TryFrom<messages::AliasRecord> for AliasRecord {
    type Error = InvalidField;

    fn try_from(record: messages::AliasRecord) -> Result<Self, InvalidField> {
        let arn = AliasArn::try_from(required(record.arn, "arn")?)?;
        Ok(Self {
            account: arn.account,
            region: arn.region,
            name: arn.name,
            target: key_id(&record.target, record.target_multi_region, "target")?,
            created_at: Timestamp::from_millis(record.created_at_ms),
            updated_at: Timestamp::from_millis(record.updated_at_ms),
        })
    }
}

impl From<Tag> for messages::Tag {
    fn from(tag: Tag) -> Self {
        Self { key: tag.key, value: tag.value }
    }
}

impl From<messages::Tag> for Tag {
    fn from(tag: messages::Tag) -> Self {
        Self { key: tag.key, value: tag.value }
    }
}
