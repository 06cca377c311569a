//! Whether the Permits of a change allow exactly that change.

use trent_bus::{ClaimedResource, Claims};
use trent_types::{
    AliasArn, AliasRecord, AuditRecord, Caller, CallerKind, Change, Grant, KeyArn, KeyId,
    KeyManager, KeyRecord, KeyState, KeyUpdate, MaterialId, RotationType, Tag, Timestamp,
};

use super::fit_identity;

/// The action of the Permits that `claim_due` mints. No policy can grant it and no question can ask
/// it, because no caller can sign for an operation of the `trent` service.
pub(crate) const DESTROY: &str = "trent:DestroyKey";

/// The same for automatic rotation.
pub(crate) const ROTATE: &str = "trent:RotateKey";

/// The same for imported material whose time is over.
pub(crate) const EXPIRE: &str = "trent:ExpireMaterial";

/// The same for keys of the deployment's seed file, which evaluators mint for themselves.
pub(crate) const SEED: &str = "trent:SeedKey";

/// The same for AWS managed keys and their aliases.
pub(crate) const MANAGED: &str = "trent:CreateManagedKey";

/// The refusal that a gateway answers by authorizing again.
pub(super) type Unfit = &'static str;

pub(super) const MISSING: Unfit = "a Permit for the change is missing";

/// Checks that every permission the change needs is among the Permits, each for the change's own
/// resource and, where a version was decided on, for that version. Returns the claims that the
/// change rests on.
pub(crate) fn check<'a>(
    change: &Change,
    permits: &'a [Claims],
    records: &[AuditRecord],
) -> Result<&'a Claims, Unfit> {
    let permits = Permits(permits);
    let main = match change {
        Change::CreateKey { record, tags, material, .. } => {
            if !tags.is_empty() {
                permits.tagging(record.arn())?;
            }
            let given = material.as_ref().map(|material| material.sealed.material_id);
            permits.new_key("kms:CreateKey", record, given)?
        }
        Change::SeedKey { record, materials, .. } => {
            permits.seeded_key(record, materials.last().map(|one| one.material_id))?
        }
        Change::UpdateKey { key, version, update } => {
            permits.version(action_of(update), *key, *version)?
        }
        Change::PutKeyPolicy { key, version, .. } => {
            permits.version("kms:PutKeyPolicy", *key, *version)?
        }
        Change::TagKey { key, version, .. } => {
            permits.version("kms:TagResource", *key, *version)?
        }
        Change::UntagKey { key, version, .. } => {
            permits.version("kms:UntagResource", *key, *version)?
        }
        Change::CreateAlias(alias) => permits.new_alias(alias)?,
        Change::UpdateAlias { alias, from, to, .. } => {
            permits.alias("kms:UpdateAlias", alias, &[*from, *to])?
        }
        Change::DeleteAlias { alias, from } => permits.alias("kms:DeleteAlias", alias, &[*from])?,
        Change::DestroyKey { key, version } => permits.version(DESTROY, *key, *version)?,
        Change::RotateKey { key, version, rotation_type, .. } => {
            let action = match rotation_type {
                RotationType::Automatic => ROTATE,
                RotationType::OnDemand => "kms:RotateKeyOnDemand",
            };
            permits.version(action, *key, *version)?
        }
        Change::ImportMaterial { key, version, .. } => {
            permits.version("kms:ImportKeyMaterial", *key, *version)?
        }
        Change::DeleteMaterial { key, version, material_id, expired } => {
            if *expired {
                permits.expiry(*key, *version, material_id)?
            } else {
                permits.version("kms:DeleteImportedKeyMaterial", *key, *version)?
            }
        }
        Change::ReplicateKey { primary, version, record, tags, .. } => {
            permits.replica(*primary, *version, record, tags)?
        }
        Change::UpdatePrimaryRegion { key, version, to, .. } => {
            let replica = KeyArn { region: *to, ..*key };
            permits.key("kms:UpdatePrimaryRegion", replica)?;
            permits.version("kms:UpdatePrimaryRegion", *key, *version)?
        }
        Change::CreateGrant(grant) => permits.new_grant(grant)?,
        Change::RemoveGrant { key, grant_id, retired } => {
            let action = if *retired { "kms:RetireGrant" } else { "kms:RevokeGrant" };
            permits.bound(action, *key, *grant_id.as_bytes())?
        }
        Change::Identity(change) => fit_identity::check(change, permits.0)?,
    };
    if fit_records(main, records) { Ok(main) } else { Err("the record is for another account") }
}

/// Whether the records are the caller's, and, of a change of another account's key, the owner's:
/// each of the two gets at least one.
fn fit_records(main: &Claims, records: &[AuditRecord]) -> bool {
    let accounts = [Some(main.account), Some(main.caller.account)];
    records.iter().all(|record| accounts.contains(&record.account))
        && accounts.iter().all(|account| records.iter().any(|one| one.account == *account))
}

/// The shortest waiting period that KMS allows, less a minute for clocks and for the way here.
const WAITING_PERIOD_MS: i64 = 7 * 86_400_000 - 60_000;

/// Whether a key would be destroyed before anybody can cancel it: no Permit stands for that,
/// whatever a gateway says.
pub(crate) fn too_soon(change: &Change, key_now: Timestamp) -> bool {
    match change {
        Change::UpdateKey { update: KeyUpdate::ScheduleDeletion { deletion_date }, .. } => {
            *deletion_date < key_now.plus_millis(WAITING_PERIOD_MS)
        }
        Change::UpdateKey { .. }
        | Change::CreateKey { .. }
        | Change::SeedKey { .. }
        | Change::PutKeyPolicy { .. }
        | Change::TagKey { .. }
        | Change::UntagKey { .. }
        | Change::CreateAlias(_)
        | Change::UpdateAlias { .. }
        | Change::DeleteAlias { .. }
        | Change::DestroyKey { .. }
        | Change::RotateKey { .. }
        | Change::ImportMaterial { .. }
        | Change::DeleteMaterial { .. }
        | Change::ReplicateKey { .. }
        | Change::UpdatePrimaryRegion { .. }
        | Change::CreateGrant(_)
        | Change::RemoveGrant { .. }
        | Change::Identity(_) => false,
    }
}

struct Permits<'a>(&'a [Claims]);

impl<'a> Permits<'a> {
    fn find(&self, action: &str, fits: impl Fn(&Claims) -> bool) -> Result<&'a Claims, Unfit> {
        self.0.iter().find(|claims| claims.action == action && fits(claims)).ok_or(MISSING)
    }

    fn key(&self, action: &str, key: KeyArn) -> Result<&'a Claims, Unfit> {
        self.find(action, |claims| claims.resource == ClaimedResource::Key(key))
    }

    /// The Permit for a key that is made with this material.
    fn new_key(
        &self,
        action: &str,
        record: &KeyRecord,
        material: Option<MaterialId>,
    ) -> Result<&'a Claims, Unfit> {
        let claims = self.key(action, record.arn())?;
        if is_new(record) && record.current_material == material {
            Ok(claims)
        } else {
            Err("the record is not a new key's")
        }
    }

    /// The Permit for a key that an evaluator makes by itself.
    fn seeded_key(
        &self,
        record: &KeyRecord,
        current: Option<MaterialId>,
    ) -> Result<&'a Claims, Unfit> {
        let current = current.ok_or("a seeded key has material")?;
        match record.manager {
            KeyManager::Customer => self.new_key(SEED, record, Some(current)),
            KeyManager::Aws => self.managed_key(record, current),
        }
    }

    /// The Permit for a new alias; only an evaluator makes one with a reserved name.
    fn new_alias(&self, alias: &AliasRecord) -> Result<&'a Claims, Unfit> {
        if alias.name.is_reserved() {
            self.managed_alias(&alias.arn())
        } else {
            self.alias("kms:CreateAlias", &alias.arn(), &[alias.target])
        }
    }

    /// The Permit for a key that AWS manages, with this material.
    fn managed_key(&self, record: &KeyRecord, material: MaterialId) -> Result<&'a Claims, Unfit> {
        let claims = self.key(MANAGED, record.arn())?;
        let as_customers = KeyRecord { manager: KeyManager::Customer, ..record.clone() };
        if is_new(&as_customers) && record.current_material == Some(material) {
            Ok(claims)
        } else {
            Err("the record is not a new key's")
        }
    }

    /// The Permit for the alias of such a key.
    fn managed_alias(&self, alias: &AliasArn) -> Result<&'a Claims, Unfit> {
        let arn = alias.to_string();
        self.find(MANAGED, |claims| is_named(claims, &arn) && claims.account == alias.account)
    }

    fn version(&self, action: &str, key: KeyArn, version: u64) -> Result<&'a Claims, Unfit> {
        let claims = self.key(action, key)?;
        if claims.record_version == version {
            Ok(claims)
        } else {
            Err("the Permit is for another version of the record")
        }
    }

    /// The alias's Permit, if there is one for each of these keys too.
    fn alias(&self, action: &str, alias: &AliasArn, keys: &[KeyId]) -> Result<&'a Claims, Unfit> {
        if alias.name.is_reserved() {
            return Err("the alias name is reserved");
        }
        let (account, region) = (alias.account, alias.region);
        for key_id in keys {
            self.key(action, KeyArn { region, account, key_id: *key_id })?;
        }
        let arn = alias.to_string();
        self.find(action, |claims| is_named(claims, &arn) && claims.account == account)
    }

    /// A replica needs a Permit for its primary key, and one for making a key in its Region, which
    /// is decided on `*`, as is tagging it.
    fn replica(
        &self,
        primary: KeyArn,
        version: u64,
        replica: &KeyRecord,
        tags: &[Tag],
    ) -> Result<&'a Claims, Unfit> {
        let arn = replica.arn();
        let of_primary = arn.account == primary.account && arn.key_id == primary.key_id;
        if !of_primary || arn.region == primary.region || !is_new(replica) {
            return Err("the record is not a replica's");
        }
        let anywhere = |claims: &Claims| is_named(claims, "*") && claims.account == arn.account;
        self.find("kms:CreateKey", anywhere)?;
        if !tags.is_empty() {
            self.find("kms:TagResource", anywhere)?;
        }
        self.version("kms:ReplicateKey", primary, version)
    }

    /// A key can be tagged as it is made with a permission for the new key or, as AWS decides it,
    /// for `*`.
    fn tagging(&self, key: KeyArn) -> Result<&'a Claims, Unfit> {
        self.find("kms:TagResource", |claims| {
            claims.account == key.account
                && claims.region == key.region
                && (claims.resource == ClaimedResource::Key(key) || is_named(claims, "*"))
        })
    }

    /// The end of an imported material's time is that of one material.
    fn expiry(
        &self,
        key: KeyArn,
        version: u64,
        material: &MaterialId,
    ) -> Result<&'a Claims, Unfit> {
        let claims = self.version(EXPIRE, key, version)?;
        if claims.material_ids.contains(material) {
            Ok(claims)
        } else {
            Err("the Permit is for another material")
        }
    }

    /// A Permit for a key that is bound to a grant or its terms besides.
    fn bound(&self, action: &str, key: KeyArn, to: [u8; 32]) -> Result<&'a Claims, Unfit> {
        self.find(action, |claims| {
            claims.resource == ClaimedResource::Key(key) && claims.context_digest == to
        })
    }

    /// What the grant allows is what was decided on, and its issuer is the caller's account. A
    /// named grant has the id that follows from its name: no other is found by a retry, or taken
    /// for it.
    fn new_grant(&self, grant: &Grant) -> Result<&'a Claims, Unfit> {
        let Grant { key, grant_id, name, created_at: _, issuing_account, terms } = grant;
        let claims = self.bound("kms:CreateGrant", *key, terms.digest())?;
        let root = Caller::new(claims.caller.account, String::new(), CallerKind::Root);
        if *issuing_account != root.arn(key.region.partition()) {
            return Err("the grant is issued by another account");
        }
        let named = name.as_ref().map(|name| terms.named_id(key, issuing_account, name));
        if named.is_some_and(|id| id != *grant_id) {
            return Err("the grant's id does not follow from its name");
        }
        Ok(claims)
    }
}

fn is_named(claims: &Claims, name: &str) -> bool {
    matches!(&claims.resource, ClaimedResource::Other(claimed) if claimed == name)
}

/// Only a key that a customer makes begins at version 1 without a deletion date.
fn is_new(record: &KeyRecord) -> bool {
    record.version == 1
        && record.deletion_date.is_none()
        && record.manager == KeyManager::Customer
        && (record.state.is_usable() || record.state == KeyState::PendingImport)
}

const fn action_of(update: &KeyUpdate) -> &'static str {
    match update {
        KeyUpdate::Enable => "kms:EnableKey",
        KeyUpdate::Disable => "kms:DisableKey",
        KeyUpdate::Describe(_) => "kms:UpdateKeyDescription",
        KeyUpdate::ScheduleDeletion { .. } | KeyUpdate::ScheduleReplicaDeletion { .. } => {
            "kms:ScheduleKeyDeletion"
        }
        KeyUpdate::CancelDeletion => "kms:CancelKeyDeletion",
        KeyUpdate::EnableRotation(_) => "kms:EnableKeyRotation",
        KeyUpdate::DisableRotation => "kms:DisableKeyRotation",
    }
}
