//! Records of what nobody signed for: what an operator does, and what Trent does by itself
//! (CloudTrail User Guide, "AWS service events").

use trent_types::{
    AccountId, AliasArn, AliasName, AuditRecord, EventId, KeyArn, KeyRecord, MaterialId, Origin,
    Region, RotationType, Tag, Timestamp,
};

use super::resource;
use crate::json::{Object, object};
use crate::kms::tags;
use crate::request::ServiceName;

/// The record of what an operator did by `trent` (`AwsServiceEvent`), as in `SetQuota`: nobody
/// signed it. `parameters` are `requestParameters`, by name.
#[must_use]
pub fn admin_event(
    name: &str,
    account: AccountId,
    region: Region,
    parameters: &[(&'static str, String)],
    event_id: EventId,
    at: Timestamp,
) -> AuditRecord {
    let json = object(640, |record| {
        record.text("eventVersion", "1.11");
        record.object("userIdentity", |identity| {
            identity.text("accountId", account.as_str());
            identity.text("invokedBy", ADMIN);
        });
        record.text("eventTime", &at.iso8601());
        record.text("eventSource", ServiceName::Kms.event_source());
        record.text("eventName", name);
        record.text("awsRegion", region.as_str());
        record.text("sourceIPAddress", ADMIN);
        record.text("userAgent", ADMIN);
        if parameters.is_empty() {
            record.raw("requestParameters", b"null");
        } else {
            record.object("requestParameters", |out| {
                parameters.iter().for_each(|(name, value)| out.text(name, value));
            });
        }
        record.raw("responseElements", b"null");
        record.id("eventID", &event_id);
        record.boolean("readOnly", false);
        record.text("eventType", "AwsServiceEvent");
        record.boolean("managementEvent", true);
        record.text("recipientAccountId", account.as_str());
        record.text("eventCategory", "Management");
    });
    AuditRecord {
        event_id,
        account: Some(account),
        event_time: at,
        cloudtrail_json: json,
        trace: None,
    }
}

/// Who does what no caller can.
const ADMIN: &str = "trent admin";

/// What Trent does to a key by itself (`AwsServiceEvent`; AWS KMS Developer Guide, "Logging with
/// CloudTrail").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceEvent<'a> {
    /// The waiting period is over.
    DeleteKey,
    /// Another material became current.
    RotateKey {
        /// Why.
        kind: RotationType,
        /// Where the material comes from.
        origin: Origin,
        /// The material before.
        previous: Option<MaterialId>,
        /// The material now.
        current: MaterialId,
    },
    /// Imported material came to its end.
    DeleteExpiredKeyMaterial(MaterialId),
    /// What multi-Region keys share was brought from this one, the primary key, to its replicas.
    SynchronizeMultiRegionKey,
    /// A replica was made, in its own Region (`CreateKey`).
    CreateReplica(NewKey<'a>),
    /// The key came from the deployment's seed file. AWS has no such thing.
    ImportSeedKey(NewKey<'a>),
    /// The same of an alias of the key.
    ImportSeedAlias(&'a AliasName),
    /// An AWS managed key was made, because a service or somebody looked for it (`CreateKey`).
    CreateManagedKey(NewKey<'a>),
    /// The alias of such a key (`CreateAlias`).
    CreateManagedAlias(&'a AliasName),
}

/// A key that came to be without a request that describes it. AWS shows less; here usage and cost
/// of a key are found out from records alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewKey<'a> {
    /// The key.
    pub record: &'a KeyRecord,
    /// The tags that it was made with.
    pub tags: &'a [Tag],
}

impl NewKey<'_> {
    fn show(&self, details: &mut Object<'_>) {
        let key = self.record;
        details.id("keyId", &key.key_id);
        details.text("keySpec", key.spec.as_str());
        details.text("keyUsage", key.usage.as_str());
        details.text("origin", key.origin.as_str());
        details.boolean("multiRegion", key.key_id.is_multi_region());
        if !self.tags.is_empty() {
            tags::show(details, self.tags);
        }
    }
}

impl ServiceEvent<'_> {
    const fn name(&self) -> &'static str {
        match self {
            Self::DeleteKey => "DeleteKey",
            Self::RotateKey { .. } => "RotateKey",
            Self::DeleteExpiredKeyMaterial(_) => "DeleteExpiredKeyMaterial",
            Self::SynchronizeMultiRegionKey => "SynchronizeMultiRegionKey",
            Self::CreateReplica(_) => "CreateKey",
            Self::ImportSeedKey(_) => "ImportSeedKey",
            Self::ImportSeedAlias(_) => "ImportSeedAlias",
            Self::CreateManagedKey(_) => "CreateKey",
            Self::CreateManagedAlias(_) => "CreateAlias",
        }
    }

    /// The finished record of the event on this key.
    #[must_use]
    pub fn record(&self, key: &KeyArn, event_id: EventId, at: Timestamp) -> AuditRecord {
        let json = object(768, |record| {
            record.text("eventVersion", "1.11");
            record.object("userIdentity", |identity| {
                identity.text("accountId", key.account.as_str());
                identity.text("invokedBy", "AWS Internal");
            });
            record.text("eventTime", &at.iso8601());
            record.text("eventSource", ServiceName::Kms.event_source());
            record.text("eventName", self.name());
            record.text("awsRegion", key.region.as_str());
            record.text("sourceIPAddress", "AWS Internal");
            record.text("userAgent", "AWS Internal");
            record.raw("requestParameters", b"null");
            if matches!(
                self,
                Self::DeleteKey
                    | Self::SynchronizeMultiRegionKey
                    | Self::CreateReplica(_)
                    | Self::ImportSeedKey(_)
                    | Self::CreateManagedKey(_)
                    | Self::ImportSeedAlias(_)
                    | Self::CreateManagedAlias(_)
            ) {
                record.object("responseElements", |elements| elements.id("keyId", key));
            } else {
                record.raw("responseElements", b"null");
            }
            record.id("eventID", &event_id);
            record.boolean("readOnly", false);
            let resources = record.member("resources");
            resources.push(b'[');
            resource(resources, key.account, key);
            if let Some(alias) = self.alias(key) {
                resource(resources, key.account, &alias);
            }
            resources.push(b']');
            record.text("eventType", "AwsServiceEvent");
            record.boolean("managementEvent", true);
            record.text("recipientAccountId", key.account.as_str());
            self.details(record, key);
            record.text("eventCategory", "Management");
        });
        let account = Some(key.account);
        AuditRecord { event_id, account, event_time: at, cloudtrail_json: json, trace: None }
    }

    /// The alias that the event is about, besides its key.
    fn alias(&self, key: &KeyArn) -> Option<AliasArn> {
        let KeyArn { region, account, .. } = *key;
        match self {
            Self::ImportSeedAlias(name) | Self::CreateManagedAlias(name) => {
                Some(AliasArn { region, account, name: (*name).clone() })
            }
            Self::DeleteKey
            | Self::RotateKey { .. }
            | Self::DeleteExpiredKeyMaterial(_)
            | Self::SynchronizeMultiRegionKey
            | Self::CreateReplica(_)
            | Self::ImportSeedKey(_)
            | Self::CreateManagedKey(_) => None,
        }
    }

    fn details(&self, record: &mut Object<'_>, key: &KeyArn) {
        match self {
            Self::DeleteKey | Self::SynchronizeMultiRegionKey => {}
            Self::CreateReplica(made)
            | Self::CreateManagedKey(made)
            | Self::ImportSeedKey(made) => {
                record.object("serviceEventDetails", |details| made.show(details));
            }
            Self::ImportSeedAlias(alias) | Self::CreateManagedAlias(alias) => {
                record.object("serviceEventDetails", |details| {
                    details.id("keyId", &key.key_id);
                    details.text("aliasName", alias.as_str());
                });
            }
            Self::RotateKey { kind, origin, previous, current } => {
                record.object("serviceEventDetails", |details| {
                    details.text("rotationType", kind.as_str());
                    details.text("keyOrigin", origin.as_str());
                    if let Some(previous) = previous {
                        details.id("previousKeyMaterialId", previous);
                    }
                    details.id("currentKeyMaterialId", current);
                    details.id("keyId", &key.key_id);
                });
            }
            Self::DeleteExpiredKeyMaterial(material) => {
                record.object("serviceEventDetails", |details| {
                    details.id("keyId", &key.key_id);
                    details.id("keyMaterialId", material);
                });
            }
        }
    }
}
