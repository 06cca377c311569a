//! Claiming work whose time has come, so that one lifecycle process at a time has it.

use trent_types::{Expiration, KeyId, KeyRecord, MaterialId, MaterialRecord, Region, Timestamp};

use crate::keys;
use crate::session::{Param, Session, Stop};

/// What is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueKind {
    /// Keys in `PendingDeletion` whose deletion date has come.
    Deletion,
    /// Enabled keys whose next rotation has come; of a multi-Region family the primary key.
    Rotation,
    /// Imported material whose time is over.
    Expiry,
}

/// Claimed work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The key.
    pub key: KeyRecord,
    /// [`DueKind::Expiry`]: the material.
    pub material: Option<MaterialId>,
}

/// Who claims, for how long and how much; times are the wall clock's.
#[derive(Debug, Clone, Copy)]
pub struct Claimant<'a> {
    /// Names the claimant.
    pub name: &'a str,
    /// Claims that end at this moment or earlier are over.
    pub now: Timestamp,
    /// When these claims end, unless their change comes first.
    pub until: Timestamp,
    /// The most that is claimed.
    pub limit: u32,
}

/// The statements that claim; they differ in what keeps two claimants from waiting for each other.
pub(crate) struct ClaimStatements {
    deletion: &'static str,
    rotation: &'static str,
    expiry: &'static str,
}

/// Claims the keys that `$due` selects; parameters are the key clock, the wall clock, the limit,
/// the claimant and the end of the claim.
macro_rules! claim {
    ($due:literal, $order:literal, $lock:literal) => {
        concat!(
            "WITH due AS MATERIALIZED (SELECT k.region AS due_region, k.key_id AS due_id, ",
            "k.multi_region AS due_multi_region FROM ",
            $due,
            " AND (k.claimed_until IS NULL OR k.claimed_until <= $2) ORDER BY ",
            $order,
            " LIMIT $3 ",
            $lock,
            ") UPDATE kms_key AS c SET claimed_by = $4, claimed_until = $5 FROM due ",
            "WHERE c.region = due_region AND c.key_id = due_id ",
            "AND c.multi_region = due_multi_region ",
            "RETURNING region, key_id, multi_region",
        )
    };
}

macro_rules! claims {
    ($lock:literal) => {
        ClaimStatements {
            deletion: claim!(
                "kms_key k WHERE k.state = 'PendingDeletion' AND k.deletion_date <= $1",
                "k.deletion_date",
                $lock
            ),
            rotation: claim!(
                "kms_key k WHERE k.next_rotation <= $1 AND k.state = 'Enabled' \
                 AND (k.primary_region IS NULL OR k.primary_region = k.region)",
                "k.next_rotation",
                $lock
            ),
            expiry: claim!(
                "key_material_record m JOIN kms_key k \
                 ON k.region = m.region AND k.key_id = m.key_id \
                 AND k.multi_region = m.multi_region WHERE m.valid_to <= $1",
                "m.valid_to",
                $lock
            ),
        }
    };
}

/// In Postgres, rows that another claimant has locked are passed over.
pub(crate) const SKIPPING_LOCKED: ClaimStatements = claims!("FOR UPDATE OF k SKIP LOCKED");

/// In SQLite there is one writer, which is alone from BEGIN IMMEDIATE on.
pub(crate) const ALONE: ClaimStatements = claims!("");

/// See [`crate::RegistryStore::claim_due`].
pub(crate) async fn claim_due<S: Session>(
    session: &S,
    kind: DueKind,
    key_now: Timestamp,
    claimant: Claimant<'_>,
) -> Result<Vec<Due>, Stop> {
    let statements = &S::DIALECT.claims;
    let statement = match kind {
        DueKind::Deletion => statements.deletion,
        DueKind::Rotation => statements.rotation,
        DueKind::Expiry => statements.expiry,
    };
    let params = [
        Param::Int(key_now.as_millis()),
        Param::Int(claimant.now.as_millis()),
        Param::Int(i64::from(claimant.limit)),
        Param::Text(claimant.name),
        Param::Int(claimant.until.as_millis()),
    ];
    let mut claimed = Vec::new();
    for mut row in session.query(statement, &params).await? {
        let region: Region = row.parsed()?;
        let id = KeyId::from_bytes(row.array()?, row.truth()?);
        // It was there a moment ago; if it is gone by now there is nothing to do.
        let Some(stored) = keys::key(session, region, id).await? else { continue };
        let over = |one: &&MaterialRecord| {
            one.expiration.and_then(Expiration::valid_to).is_some_and(|end| end <= key_now)
        };
        // Of two materials that end together one comes now, the other next time.
        let material = match kind {
            DueKind::Expiry => stored.material_records.iter().find(over).map(|m| m.material_id),
            DueKind::Deletion | DueKind::Rotation => None,
        };
        claimed.push(Due { key: stored.record, material });
    }
    Ok(claimed)
}
