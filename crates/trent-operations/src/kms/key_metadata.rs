//! `KeyMetadata`, as answers and as records show it.

use trent_types::{EncryptionAlgorithm, KeyRecord, KeyState, KeyUsage};

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
    out.shown(name("KeyId", "keyId"), &key.key_id);
    out.shown(name("Arn", "arn"), &key.arn());
    moment(out, reader, name("CreationDate", "creationDate"), key.created_at);
    out.boolean(name("Enabled", "enabled"), key.state == KeyState::Enabled);
    out.text(name("Description", "description"), &key.description);
    out.text(name("KeyUsage", "keyUsage"), key.usage.as_str());
    out.text(name("KeyState", "keyState"), key.state.as_str());
    if let (KeyState::PendingDeletion, Some(date)) = (key.state, key.deletion_date) {
        moment(out, reader, name("DeletionDate", "deletionDate"), date);
    }
    out.text(name("Origin", "origin"), key.origin.as_str());
    out.text(name("KeyManager", "keyManager"), key.manager.as_str());
    out.text(name("CustomerMasterKeySpec", "customerMasterKeySpec"), key.spec.as_str());
    out.text(name("KeySpec", "keySpec"), key.spec.as_str());
    match key.usage {
        KeyUsage::EncryptDecrypt => out.list(
            name("EncryptionAlgorithms", "encryptionAlgorithms"),
            [EncryptionAlgorithm::SymmetricDefault],
            |out, algorithm| quote(out, algorithm.as_str()),
        ),
    }
    out.boolean(name("MultiRegion", "multiRegion"), key.key_id.is_multi_region());
    out.shown(name("CurrentKeyMaterialId", "currentKeyMaterialId"), &key.current_material);
}

fn moment(out: &mut Object<'_>, reader: Reader, name: &'static str, at: trent_types::Timestamp) {
    match reader {
        Reader::Caller => out.epoch_seconds(name, at),
        Reader::Trail => out.text(name, &java_date(at)),
    }
}
