//! `KeyMetadata`, as answers and as records show it.

use trent_types::{
    EncapsulationAlgorithm, KeyAgreementAlgorithm, KeyArn, KeyFamily, KeyRecord, KeyState,
    KeyUsage, MultiRegion, Region,
};

use crate::json::{Object, quote};
use crate::record::java_date;

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The caller: names as in the service model, moments in seconds.
    Caller,
    /// The audit trail: names in camel case, moments in words.
    Trail,
}

/// Writes the members that a key's kind and state call for (KMS API Reference, `KeyMetadata`).
pub(crate) fn write(out: &mut Object<'_>, key: &KeyRecord, reader: Reader) {
    let name = |for_caller: &'static str, for_trail: &'static str| match reader {
        Reader::Caller => for_caller,
        Reader::Trail => for_trail,
    };
    out.text(name("AWSAccountId", "aWSAccountId"), key.account.as_str());
    out.id(name("KeyId", "keyId"), &key.key_id);
    out.id(name("Arn", "arn"), &key.arn());
    moment(out, reader, name("CreationDate", "creationDate"), key.created_at);
    out.boolean(name("Enabled", "enabled"), key.state == KeyState::Enabled);
    out.text(name("Description", "description"), &key.description);
    out.text(name("KeyUsage", "keyUsage"), key.usage.as_str());
    out.text(name("KeyState", "keyState"), key.state.as_str());
    match (key.state, key.deletion_date, key.pending_window_days) {
        (KeyState::PendingDeletion, Some(date), _) => {
            moment(out, reader, name("DeletionDate", "deletionDate"), date);
        }
        (KeyState::PendingReplicaDeletion, _, Some(days)) => out.number(
            name("PendingDeletionWindowInDays", "pendingDeletionWindowInDays"),
            days.into(),
        ),
        _ => {}
    }
    if let Some(expiration) = key.expiration {
        out.text(name("ExpirationModel", "expirationModel"), expiration.model());
        if let Some(end) = expiration.valid_to() {
            moment(out, reader, name("ValidTo", "validTo"), end);
        }
    }
    out.text(name("Origin", "origin"), key.origin.as_str());
    out.text(name("KeyManager", "keyManager"), key.manager.as_str());
    out.text(name("CustomerMasterKeySpec", "customerMasterKeySpec"), key.spec.as_str());
    out.text(name("KeySpec", "keySpec"), key.spec.as_str());
    write_algorithms(out, key, reader);
    out.boolean(name("MultiRegion", "multiRegion"), key.key_id.is_multi_region());
    if let Some(family) = &key.multi_region {
        let member = name("MultiRegionConfiguration", "multiRegionConfiguration");
        out.object(member, |out| write_family(out, key, family, reader));
    }
    // The materials of other keys never change, and have no ids at AWS.
    if let (KeyFamily::Symmetric, Some(id)) = (key.spec.family(), &key.current_material) {
        out.id(name("CurrentKeyMaterialId", "currentKeyMaterialId"), id);
    }
}

/// The one list of algorithms that a key's usage calls for.
pub(crate) fn write_algorithms(out: &mut Object<'_>, key: &KeyRecord, reader: Reader) {
    let spec = key.spec;
    let name = |for_caller: &'static str, for_trail: &'static str| match reader {
        Reader::Caller => for_caller,
        Reader::Trail => for_trail,
    };
    match key.usage {
        KeyUsage::EncryptDecrypt => out.list(
            name("EncryptionAlgorithms", "encryptionAlgorithms"),
            spec.encryption_algorithms(),
            |out, algorithm| quote(out, algorithm.as_str()),
        ),
        KeyUsage::SignVerify => out.list(
            name("SigningAlgorithms", "signingAlgorithms"),
            spec.signing_algorithms(),
            |out, algorithm| quote(out, algorithm.as_str()),
        ),
        KeyUsage::GenerateVerifyMac => out.list(
            name("MacAlgorithms", "macAlgorithms"),
            spec.mac_algorithm(),
            |out, algorithm| quote(out, algorithm.as_str()),
        ),
        KeyUsage::KeyAgreement => out.list(
            name("KeyAgreementAlgorithms", "keyAgreementAlgorithms"),
            [KeyAgreementAlgorithm::Ecdh],
            |out, algorithm| quote(out, algorithm.as_str()),
        ),
        KeyUsage::EncapsulateDecapsulate => out.list(
            name("EncapsulationAlgorithms", "encapsulationAlgorithms"),
            [EncapsulationAlgorithm::MlKem],
            |out, algorithm| quote(out, algorithm.as_str()),
        ),
    }
}

/// `MultiRegionConfiguration`.
fn write_family(out: &mut Object<'_>, key: &KeyRecord, family: &MultiRegion, reader: Reader) {
    let (kind, primary, replicas) = match reader {
        Reader::Caller => ("MultiRegionKeyType", "PrimaryKey", "ReplicaKeys"),
        Reader::Trail => ("multiRegionKeyType", "primaryKey", "replicaKeys"),
    };
    out.text(kind, if key.is_primary() { "PRIMARY" } else { "REPLICA" });
    let member = |out: &mut Object<'_>, region: Region| {
        let arn = KeyArn { region, ..key.arn() };
        match reader {
            Reader::Caller => {
                out.id("Arn", &arn);
                out.text("Region", region.as_str());
            }
            Reader::Trail => {
                out.id("arn", &arn);
                out.text("region", region.as_str());
            }
        }
    };
    out.object(primary, |out| member(out, family.primary));
    out.list(replicas, &family.replicas, |out, region| {
        let mut one = Object::begin(out);
        member(&mut one, *region);
        one.end();
    });
}

fn moment(out: &mut Object<'_>, reader: Reader, name: &'static str, at: trent_types::Timestamp) {
    match reader {
        Reader::Caller => out.epoch_seconds(name, at),
        Reader::Trail => out.text(name, &java_date(at)),
    }
}
