//! What is known of key material, and new material on its way to the registry.

use trent_types::{Expiration, MaterialRecord, NewMaterial, Region, SealedMaterial, Timestamp};

use super::{InvalidField, by_reference, bytes, material_id, parse, required};
use crate::messages;

by_reference! {
    MaterialRecord => messages::MaterialRecord,
}

impl From<Expiration> for messages::Expiration {
    fn from(expiration: Expiration) -> Self {
        Self { valid_to_ms: expiration.valid_to().map(Timestamp::as_millis) }
    }
}

impl From<messages::Expiration> for Expiration {
    fn from(expiration: messages::Expiration) -> Self {
        Self::from_valid_to(expiration.valid_to_ms.map(Timestamp::from_millis))
    }
}

impl From<MaterialRecord> for messages::MaterialRecord {
    fn from(record: MaterialRecord) -> Self {
        let (rotated_at, rotation_type) = record.rotated.unzip();
        Self {
            material_id: bytes(record.material_id.as_bytes()),
            state: record.state.as_str().to_owned(),
            rotated_at_ms: rotated_at.map(Timestamp::as_millis),
            rotation_type: rotation_type.map_or("", |kind| kind.as_str()).to_owned(),
            description: record.description,
            expiration: record.expiration.map(Into::into),
            present: record.present,
        }
    }
}

impl TryFrom<messages::MaterialRecord> for MaterialRecord {
    type Error = InvalidField;

    fn try_from(record: messages::MaterialRecord) -> Result<Self, InvalidField> {
        let rotated = match record.rotated_at_ms {
            None => None,
            Some(at) => {
                let kind = parse(&record.rotation_type, "rotation_type")?;
                Some((Timestamp::from_millis(at), kind))
            }
        };
        Ok(Self {
            material_id: material_id(&record.material_id, "material_id")?,
            state: parse(&record.state, "state")?,
            rotated,
            description: record.description,
            expiration: record.expiration.map(Into::into),
            present: record.present,
        })
    }
}

/// New material as a worker answers it.
impl TryFrom<messages::MadeMaterial> for NewMaterial {
    type Error = InvalidField;

    fn try_from(made: messages::MadeMaterial) -> Result<Self, InvalidField> {
        new_material(made.material, made.replicas, made.public_key.into())
    }
}

pub(super) fn new_material(
    material: Option<messages::SealedMaterial>,
    replicas: Vec<messages::ReplicaMaterial>,
    public_key: Vec<u8>,
) -> Result<NewMaterial, InvalidField> {
    Ok(NewMaterial {
        sealed: required(material, "material")?.try_into()?,
        public_key: Some(public_key).filter(|key| !key.is_empty()),
        replicas: replicas.into_iter().map(replica).collect::<Result<_, _>>()?,
    })
}

pub(super) fn replica_materials(
    replicas: Vec<(Region, SealedMaterial)>,
) -> Vec<messages::ReplicaMaterial> {
    let replica = |(region, material): (Region, SealedMaterial)| messages::ReplicaMaterial {
        region: region.as_str().to_owned(),
        material: Some(material.into()),
    };
    replicas.into_iter().map(replica).collect()
}

fn replica(material: messages::ReplicaMaterial) -> Result<(Region, SealedMaterial), InvalidField> {
    let region = parse(&material.region, "region")?;
    Ok((region, required(material.material, "material")?.try_into()?))
}
