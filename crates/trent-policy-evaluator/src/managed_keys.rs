//! AWS managed keys: made when a service first needs one, or when somebody looks for one (AWS KMS
//! Developer Guide, "AWS managed keys").
//!
//! A key's id follows from its account, Region and service, so however many evaluators make it at
//! the same moment there is one key, and one alias that names it; whoever comes second finds both.

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use trent_bus::messages::ChangeRequest;
use trent_bus::{ClaimedResource, Claims, convert};
use trent_operations::{NewKey, ServiceEvent};
use trent_types::{
    AliasArn, AliasRecord, AuditRecord, Caller, CallerKind, Change, ChangeRefused, EventId, KeyArn,
    KeyId, KeyManager, KeyRecord, KeySpec, KeyState, KeyUsage, Origin, Primitives, RequestId,
    Rotation,
};

use crate::core::Unavailable;
use crate::registry::{ChangeFault, Changes, MANAGED, Registry};

/// What aliases of AWS managed keys begin with.
const ALIAS: &str = "alias/aws/";
/// AWS rotates its keys every year.
const PERIOD_DAYS: u32 = 365;
/// How long the Permits are good, milliseconds: making a key decides nothing.
const PERMIT_MS: i64 = 2_000;

/// Services that have a managed key, and what it protects, as AWS describes it.
const SERVICES: [(&str, &str); 22] = [
    ("acm", "ACM private keys"),
    ("backup", "Backup data"),
    ("codecommit", "CodeCommit repositories"),
    ("dynamodb", "DynamoDB data"),
    ("ebs", "EBS volumes"),
    ("elasticfilesystem", "EFS filesystems"),
    ("es", "Elasticsearch data"),
    ("fsx", "FSx resources"),
    ("glue", "Glue data"),
    ("kafka", "MSK data"),
    ("kinesis", "Kinesis streams"),
    ("lambda", "Lambda functions"),
    ("logs", "CloudWatch Logs data"),
    ("rds", "RDS database volumes"),
    ("redshift", "Redshift clusters"),
    ("s3", "S3 objects"),
    ("secretsmanager", "Secrets Manager data"),
    ("sns", "SNS data"),
    ("sqs", "SQS messages"),
    ("ssm", "SSM parameters"),
    ("workspaces", "WorkSpaces volumes"),
    ("xray", "X-Ray data"),
];

/// Makes the AWS managed key of an alias that is not there, with the alias. Says whether there is
/// one now: there is none for a service that nobody knows.
pub(crate) async fn make(registry: &Arc<Registry>, alias: &AliasArn) -> Result<bool, Unavailable> {
    let Some(service) = alias.name.as_str().strip_prefix(ALIAS) else { return Ok(false) };
    let core = &registry.core;
    let Some(protects) = protects(registry, service).await? else { return Ok(false) };
    // One at a time here: the others find it.
    let _alone = registry.making.lock().await;
    if core.store.alias(alias).await?.is_some() {
        return Ok(true);
    }
    let key =
        KeyArn { region: alias.region, account: alias.account, key_id: key_id(alias, service) };
    if core.store.key(key.region, key.key_id).await?.is_none() {
        let description =
            format!("Default key that protects my {protects} when no other key is defined");
        let (record, change) = new_key(registry, key, service, description).await?;
        let told = ServiceEvent::CreateManagedKey(NewKey { record: &record, tags: &[] });
        if !changed(registry, key, ClaimedResource::Key(key), change, told).await? {
            return Ok(false);
        }
    }
    let now = core.clock.now();
    let change = Change::CreateAlias(AliasRecord {
        account: alias.account,
        region: alias.region,
        name: alias.name.clone(),
        target: key.key_id,
        created_at: now,
        updated_at: now,
    });
    let told = ServiceEvent::CreateManagedAlias(&alias.name);
    changed(registry, key, ClaimedResource::Other(alias.to_string()), change, told).await
}

/// What a service's key protects: of those that AWS has, and of service principals that an operator
/// has made.
async fn protects(registry: &Registry, service: &str) -> Result<Option<String>, Unavailable> {
    if let Some((_, protects)) = SERVICES.iter().find(|(name, _)| *name == service) {
        return Ok(Some((*protects).to_owned()));
    }
    let principal = [service, ".amazonaws.com"].concat();
    let services = registry.core.store.services().await?;
    let known = services.iter().any(|(known, _)| known.name == principal);
    Ok(known.then(|| format!("{service} data")))
}

fn key_id(alias: &AliasArn, service: &str) -> KeyId {
    let hash = Sha256::new()
        .chain_update(b"trent managed key v1\0")
        .chain_update(alias.account.as_str())
        .chain_update(b"\0")
        .chain_update(alias.region.as_str())
        .chain_update(b"\0")
        .chain_update(service)
        .finalize();
    let mut id = [0; 16];
    id.iter_mut().zip(hash).for_each(|(place, byte)| *place = byte);
    KeyId::from_random(id, false)
}

async fn new_key(
    registry: &Registry,
    key: KeyArn,
    service: &str,
    description: String,
) -> Result<(KeyRecord, Change), Unavailable> {
    let core = &registry.core;
    let now = core.clock.now();
    let made = core.worker.generate_material(key, now.plus_millis(PERMIT_MS)).await;
    let material = made.map_err(|fault| Unavailable(fault.to_string()))?;
    let partition = key.region.partition();
    let days = i64::from(PERIOD_DAYS) * 86_400_000;
    let next = core.key_now().plus_millis(days);
    let record = KeyRecord {
        account: key.account,
        region: key.region,
        key_id: key.key_id,
        created_at: now,
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::AwsKms,
        manager: KeyManager::Aws,
        state: KeyState::Enabled,
        description,
        deletion_date: None,
        pending_window_days: None,
        current_material: Some(material.material_id),
        expiration: None,
        multi_region: None,
        rotation: Some(Rotation { period_days: PERIOD_DAYS, next }),
        version: 1,
    };
    let change = Change::SeedKey {
        record: record.clone(),
        policy: trent_policy::aws_managed_key_policy(service, key.account, key.region, partition),
        tags: Vec::new(),
        materials: vec![material],
        public_key: None,
    };
    Ok((record, change))
}

/// Has the registry make a change like any other, by this evaluator's own Permit and in the name of
/// the account. What is there already is as good as made.
async fn changed(
    registry: &Arc<Registry>,
    key: KeyArn,
    resource: ClaimedResource,
    change: Change,
    told: ServiceEvent<'_>,
) -> Result<bool, Unavailable> {
    let core = &registry.core;
    let request_id = RequestId::from_random(rand::random());
    let now = core.clock.now();
    let record: AuditRecord = told.record(&key, EventId::new(now, rand::random()), now);
    let permit = core.mint(&Claims {
        request_id,
        action: MANAGED.to_owned(),
        account: key.account,
        region: key.region,
        resource,
        record_version: 0,
        primitives: Primitives::NONE,
        material_ids: Vec::new(),
        context_digest: [0; 32],
        expires_at: now.plus_millis(PERMIT_MS),
        caller: Caller::new(key.account, String::new(), CallerKind::Root).into(),
        domain_key_check: Bytes::new(),
        key_now: None,
    });
    let order = ChangeRequest {
        request_id: convert::bytes(request_id.as_bytes()),
        permits: vec![permit],
        change: Some(change.into()),
        record: Some(record.into()),
        attempt: Bytes::new(),
        events: Vec::new(),
    };
    match Changes(Arc::clone(registry)).change(order).await {
        Ok(()) | Err(ChangeFault::Refused(ChangeRefused::AlreadyExists)) => Ok(true),
        Err(ChangeFault::Refused(refused)) => {
            tracing::warn!(key = %key, %refused, "an AWS managed key was not made");
            Ok(false)
        }
        Err(ChangeFault::Unavailable(unavailable)) => Err(unavailable),
    }
}
